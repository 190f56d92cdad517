//! Data fields of fixed layout: authentication, secure messaging, the medical purse.

use sscard_apdu::CommandApdu;
use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_commands::{class, ins};

use crate::financial::{Explained, Node};
use crate::{Meaning, Volatility};

/// How a field is read.
#[derive(Clone, Copy)]
enum Form {
    /// Cents in binary.
    Cents,
    Digits,
    Hex,
    Number,
}

/// One field; length 0 is all that is left.
#[derive(Clone, Copy)]
struct Field {
    length: usize,
    form: Form,
    zh: &'static str,
    en: &'static str,
    volatility: Volatility,
}

const fn field(length: usize, form: Form, zh: &'static str, en: &'static str) -> Field {
    Field { length, form, zh, en, volatility: Volatility::Fixed }
}

const fn random(length: usize, zh: &'static str, en: &'static str) -> Field {
    Field { length, form: Form::Hex, zh, en, volatility: Volatility::Random }
}

const fn counter(length: usize, zh: &'static str, en: &'static str) -> Field {
    Field { length, form: Form::Number, zh, en, volatility: Volatility::Counter }
}

const CHALLENGE: &[Field] = &[random(0, "随机数", "challenge")];
const CRYPTOGRAM: &[Field] = &[random(0, "鉴别数据", "authentication data")];
const ENCIPHERED: &[Field] = &[random(0, "加密数据和MAC", "enciphered data and MAC")];
const ISSUER_AUTHENTICATION: &[Field] =
    &[random(8, "授权响应密文", "ARPC"), field(0, Form::Hex, "授权响应码", "response code")];

const INDEX: Field = field(1, Form::Number, "密钥索引", "key index");
const BALANCE: Field = field(4, Form::Cents, "余额", "balance");
const AMOUNT: Field = field(4, Form::Cents, "金额", "amount");
const TERMINAL: Field = field(6, Form::Digits, "终端机编号", "terminal number");
const TIME: Field = field(7, Form::Digits, "交易时间", "time");
const COUNT: Field = counter(2, "交易序号", "transaction counter");
const VERSION: Field = field(1, Form::Number, "密钥版本", "key version");
const ALGORITHM: Field = field(1, Form::Hex, "算法标识", "algorithm identifier");
const RANDOM: Field = random(4, "随机数", "random number");
const MAC1: Field = random(4, "MAC1", "MAC1");
const MAC2: Field = random(4, "MAC2", "MAC2");
const TAC: Field = random(4, "TAC", "TAC");
const PAID: [Field; 3] = [
    field(4, Form::Cents, "个人账户交易金额", "paid from the personal account"),
    field(4, Form::Cents, "个人自付金额", "paid by the holder"),
    field(4, Form::Cents, "统筹基金支付金额", "paid by the pooled fund"),
];
const LOAD: &[Field] = &[INDEX, field(4, Form::Cents, "交易金额", "amount"), TERMINAL];
const LOAD_ANSWER: &[Field] = &[BALANCE, COUNT, VERSION, ALGORITHM, RANDOM, MAC1];
const PURCHASE: &[Field] = &[INDEX, PAID[0], PAID[1], PAID[2], TERMINAL];
const PURCHASE_ANSWER: &[Field] = &[
    BALANCE,
    field(4, Form::Cents, "个人自付累计", "paid by the holder so far"),
    field(4, Form::Cents, "统筹支付累计", "paid by the pooled fund so far"),
    YEAR,
    COUNT,
    VERSION,
    ALGORITHM,
    RANDOM,
];
/// Of the sums: the insurance year they are of.
const YEAR: Field = field(2, Form::Digits, "医保年度", "insurance year");
const SEQUENCE: Field = counter(4, "终端交易序号", "the terminal's counter");

const CARD: Field = field(8, Form::Hex, "卡分散因子", "factor of the card");
const CITY: Field = field(8, Form::Hex, "地市分散因子", "factor of the city");
const PROVINCE: Field = field(8, Form::Hex, "省分散因子", "factor of the province");
const FACTORS: [Field; 3] = [CARD, CITY, PROVINCE];
/// What a security module gets of a purchase, in front of the factors.
const SAM_PURCHASE: [Field; 8] = [
    RANDOM,
    COUNT,
    PAID[0],
    PAID[1],
    PAID[2],
    field(1, Form::Hex, "交易类型", "type of transaction"),
    TIME,
    VERSION,
];

/// The fields of a command's data that a security module takes: factors, and what stands around them.
fn of_module<'a>(apdu: &CommandApdu<'a>) -> Vec<Node<'a>> {
    let factors = |levels: u8| FACTORS.get(..usize::from(levels)).unwrap_or(&FACTORS);
    let mut fields = Vec::new();
    if apdu.ins == ins::INIT_SAM_FOR_PURCHASE {
        let levels = apdu.data.len().saturating_sub(28) / 8;
        fields.extend(SAM_PURCHASE);
        fields.push(ALGORITHM);
        fields.extend(factors(u8::try_from(levels).unwrap_or(3)));
    } else {
        fields.extend(factors(apdu.p1 >> 5));
        if apdu.ins == ins::LOAD_SESSION_KEY {
            let random = apdu.data.len().saturating_sub(fields.len().saturating_mul(8)) & !7;
            fields.push(Field { length: random, ..RANDOM });
        }
        if !apdu.data.len().is_multiple_of(8) {
            fields.push(VERSION);
        }
    }
    split(&fields, apdu.data)
}

/// The fields of a command's data; empty when its layout is not fixed.
pub(crate) fn of_command<'a>(apdu: &CommandApdu<'a>, financial: bool) -> Vec<Node<'a>> {
    let data = apdu.data;
    let fields = match (apdu.class.base(), apdu.ins, apdu.p1) {
        (0x00, ins::EXTERNAL_AUTHENTICATE, _) if financial => ISSUER_AUTHENTICATION,
        (0x00, ins::EXTERNAL_AUTHENTICATE | ins::INTERNAL_AUTHENTICATE, _) if !financial => {
            CRYPTOGRAM
        }
        (0x80, ins::PIN_UNBLOCK, _) => ENCIPHERED,
        (0xB0, ins::INITIALIZE, 0x00) => LOAD,
        (0xB0, ins::INITIALIZE, 0x01) => PURCHASE,
        (0xB0, ins::CREDIT_LOAD, _) => &[TIME, MAC2],
        (0xB0, ins::DEBIT, _) => &[SEQUENCE, TIME, MAC1],
        (0xB0, ins::GET_TRANSACTION_PROOF, _) => &[COUNT],
        (0xB0, ins::START_DAY, 0x00) => &[field(2, Form::Hex, "起始日", "start day")],
        (class::PSAM, ins::LOAD_KEY | ins::LOAD_SESSION_KEY, _)
        | (0x80, ins::INIT_SAM_FOR_PURCHASE, _) => return of_module(apdu),
        (0x80, ins::CREDIT_SAM_FOR_PURCHASE, _) => &[MAC2],
        (0x80, ins::WRITE_KEY, _) => ENCIPHERED,
        _ => return Vec::new(),
    };
    split(fields, data)
}

/// The four bytes of a MAC at the end of a protected command.
pub(crate) fn mac(bytes: &[u8]) -> Node<'_> {
    node(&random(0, "MAC", "MAC"), bytes)
}

/// The fields of an answer; empty when its layout is not fixed.
pub(crate) fn of_answer<'a>(
    apdu: &CommandApdu<'_>,
    financial: bool,
    data: &'a [u8],
) -> Vec<Node<'a>> {
    let fields: &[Field] = match (apdu.class.base(), apdu.ins, apdu.p1) {
        (0x00, ins::GET_CHALLENGE, _) => CHALLENGE,
        (0x00, ins::INTERNAL_AUTHENTICATE, _) if !financial => CRYPTOGRAM,
        (0xB0, ins::GET_BALANCE, _) if apdu.p2 == 0x01 => &[AMOUNT],
        (0xB0, ins::GET_BALANCE, _) => &[AMOUNT, YEAR],
        (0xB0, ins::INITIALIZE, 0x00) => LOAD_ANSWER,
        (0xB0, ins::INITIALIZE, 0x01) => PURCHASE_ANSWER,
        (0xB0, ins::CREDIT_LOAD, _) => &[TAC],
        (0xB0, ins::DEBIT, _) => &[TAC, MAC2],
        (0xB0, ins::GET_TRANSACTION_PROOF, _) => &[MAC2, TAC],
        (0xB0, ins::START_DAY, 0x01) => &[field(2, Form::Hex, "起始日", "start day")],
        (0x80, ins::CIPHER, 0x00 | 0x02) => &[random(0, "密文", "enciphered blocks")],
        (0x80, ins::CIPHER, _) => &[random(0, "MAC", "MAC")],
        (0x80, ins::INIT_SAM_FOR_PURCHASE, _) => &[SEQUENCE, MAC1],
        _ => return Vec::new(),
    };
    split(fields, data)
}

/// All fields, or none when the bytes are too few or too many.
fn split<'a>(fields: &[Field], data: &'a [u8]) -> Vec<Node<'a>> {
    let mut rest = data;
    let mut nodes = Vec::new();
    for field in fields {
        let length = if field.length == 0 { rest.len() } else { field.length };
        let Some((value, after)) = rest.split_at_checked(length) else { return Vec::new() };
        if !value.is_empty() {
            nodes.push(node(field, value));
        }
        rest = after;
    }
    if rest.is_empty() { nodes } else { Vec::new() }
}

fn node<'a>(field: &Field, value: &'a [u8]) -> Node<'a> {
    let number = || value.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let text = match field.form {
        Form::Cents => Some(format!("{}.{:02}", number() / 100, number() % 100)),
        Form::Digits => bcd::digits(value).ok().map(|digits| digits.to_string()),
        Form::Hex => None,
        Form::Number => Some(number().to_string()),
    };
    Node {
        depth: 0,
        tag: Tag::from_number(0),
        name: Some(Meaning::new(field.zh, field.en)),
        value,
        template: false,
        explained: Explained { text, notes: Vec::new() },
        volatility: field.volatility,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(nodes: &[Node<'_>]) -> Vec<String> {
        let line = |node: &Node<'_>| {
            let name = node.name.as_ref().map(|name| name.en.clone()).unwrap_or_default();
            format!("{name}: {}", node.explained.text.as_deref().unwrap_or("-"))
        };
        nodes.iter().map(line).collect()
    }

    #[test]
    fn the_purse_s_fields_are_told_apart() {
        let command = [
            0xB0, 0x28, 0x00, 0x01, 0x0B, 0x01, 0, 0, 0x04, 0xD2, 0x12, 0x34, 0x56, 0x78, 0x90,
            0x12,
        ];
        let apdu = CommandApdu::parse(&command).unwrap();
        assert_eq!(
            outline(&of_command(&apdu, false)),
            ["key index: 1", "amount: 12.34", "terminal number: 123456789012"]
        );
        let answer = [0, 0, 0, 0x64, 0, 1, 1, 3, 9, 9, 9, 9, 8, 8, 8, 8];
        let nodes = of_answer(&apdu, false, &answer);
        assert_eq!(outline(&nodes)[..2], ["balance: 1.00", "transaction counter: 1"]);
        assert_eq!(nodes[5].volatility, Volatility::Random);
        assert_eq!(of_answer(&apdu, false, &answer[1..]), []);
    }

    #[test]
    fn a_module_s_fields_are_told_apart() {
        let mut load = vec![0xBF, 0xDE, 0x48, 0x12, 0x19];
        load.extend([0x11; 24]);
        load.push(2);
        let nodes = outline(&of_command(&CommandApdu::parse(&load).unwrap(), false));
        let expected = [
            "factor of the card: -",
            "factor of the city: -",
            "random number: -",
            "key version: 2",
        ];
        assert_eq!(nodes, expected);
        let mut init = vec![0x80, 0x70, 0x00, 0x00, 0x34];
        init.extend([0; 0x34]);
        let apdu = CommandApdu::parse(&init).unwrap();
        assert_eq!(of_command(&apdu, false).len(), 12);
        let answer = [0, 0, 0, 7, 1, 2, 3, 4];
        assert_eq!(
            outline(&of_answer(&apdu, false, &answer)),
            ["the terminal's counter: 7", "MAC1: -"]
        );
    }

    #[test]
    fn challenges_and_cryptograms_are_random() {
        let challenge = [0x00, 0x84, 0, 0, 4];
        let apdu = CommandApdu::parse(&challenge).unwrap();
        let nodes = of_answer(&apdu, true, &[1, 2, 3, 4]);
        assert_eq!(outline(&nodes), ["challenge: -"]);
        assert_eq!(nodes[0].volatility, Volatility::Random);
    }
}
