//! Every instruction that a card, a reader or a script of this workspace knows.

mod financial;
mod pki;
mod psam;

use crate::Application::{Card, Financial, Foreign, Pki, Psam, Purse, SocialSecurity};
use crate::instruction::{Application, Danger, Instruction, Parameters, Secrecy};
use crate::{class, ins};

const fn at(p1: u8, p2: u8, meaning: &'static str) -> Parameters {
    Parameters { p1: (p1, p1), p2: (p2, p2), meaning }
}

const fn any(meaning: &'static str) -> Parameters {
    Parameters { p1: (0x00, 0xFF), p2: (0x00, 0xFF), meaning }
}

const fn second(p1: u8, p2: (u8, u8), meaning: &'static str) -> Parameters {
    Parameters { p1: (p1, p1), p2, meaning }
}

const NONE: &[Parameters] = &[at(0x00, 0x00, "none")];
const RECORD: &[Parameters] =
    &[any("P1: number or tag; P2: short file identifier and order, ISO/IEC 7816-4 table 49")];
const BINARY: &[Parameters] = &[any("offset, or bit 8 of P1: short file identifier and offset")];

const I: u8 = class::INTERINDUSTRY;
const P: u8 = class::PROPRIETARY;
const B: u8 = class::PURSE;

/// Status words that any command may get: transport, class, life cycle, memory.
pub const GENERAL_STATUS: &[u16] =
    &[0x9000, 0x6700, 0x6881, 0x6882, 0x6884, 0x6985, 0x6A81, 0x6A86, 0x6D00, 0x6E00, 0x9303];

const MAC_FAULTS: &[u16] = &[0x6982, 0x6984, 0x6988, 0x6A80];
const PURSE: &[u16] =
    &[0x6901, 0x6982, 0x6A80, 0x6A82, 0x6A88, 0x9302, 0x9401, 0x9402, 0x9403, 0x9406];

/// The table.
pub const ALL: &[Instruction] = &[
    Instruction::new(
        Card,
        [I, ins::SELECT],
        ["SELECT", "选择"],
        &[
            second(0x00, (0x00, 0x0C), "by file identifier"),
            second(0x04, (0x00, 0x02), "by DF name, first or next"),
        ],
        &[0x6283, 0x6A82],
    )
    .chained()
    .public(),
    Instruction::new(
        Card,
        [I, ins::MANAGE_CHANNEL],
        ["MANAGE CHANNEL", "管理通道"],
        &[second(0x00, (0x00, 0x13), "open"), second(0x80, (0x00, 0x13), "close")],
        &[],
    )
    .public(),
    Instruction::new(Card, [I, ins::GET_RESPONSE], ["GET RESPONSE", "取响应"], NONE, &[0x6F00])
        .public(),
    Instruction::new(
        SocialSecurity,
        [I, ins::READ_BINARY],
        ["READ BINARY", "读二进制文件"],
        BINARY,
        &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6B00],
    )
    .public(),
    Instruction::new(
        SocialSecurity,
        [I, ins::READ_RECORD],
        ["READ RECORD", "读记录"],
        RECORD,
        &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6A83],
    )
    .public(),
    Instruction::new(
        SocialSecurity,
        [I, ins::UPDATE_BINARY],
        ["UPDATE BINARY", "修改二进制文件"],
        BINARY,
        &[0x6981, 0x6982, 0x6984, 0x6986, 0x6988, 0x6A82, 0x6B00],
    )
    .chained(),
    Instruction::new(
        SocialSecurity,
        [I, ins::UPDATE_RECORD],
        ["UPDATE RECORD", "修改记录"],
        RECORD,
        &[0x6981, 0x6982, 0x6984, 0x6986, 0x6988, 0x6A80, 0x6A82, 0x6A83, 0x6A84, 0x6A85],
    )
    .chained(),
    Instruction::new(
        SocialSecurity,
        [I, ins::GET_CHALLENGE],
        ["GET CHALLENGE", "取随机数"],
        NONE,
        &[],
    )
    .public(),
    Instruction::new(
        SocialSecurity,
        [I, ins::EXTERNAL_AUTHENTICATE],
        ["EXTERNAL AUTHENTICATE", "外部认证"],
        &[second(0x00, (0x00, 0xFF), "P2: key")],
        &[0x63C0, 0x6983, 0x6984, 0x6A88],
    )
    .chained()
    .danger(Danger::Always),
    Instruction::new(
        SocialSecurity,
        [I, ins::INTERNAL_AUTHENTICATE],
        ["INTERNAL AUTHENTICATE", "内部认证"],
        &[second(0x00, (0x00, 0xFF), "P2: key")],
        &[0x6A88],
    )
    .chained(),
    Instruction::new(
        SocialSecurity,
        [I, ins::VERIFY],
        ["VERIFY", "校验"],
        &[second(0x00, (0x00, 0xFF), "P2: PIN, 00 alone exists")],
        &[0x63C0, 0x6983, 0x6984, 0x6A88],
    )
    .chained()
    .secret()
    .danger(Danger::WithData),
    Instruction::new(
        SocialSecurity,
        [P, ins::CHANGE_PIN],
        ["CHANGE PIN", "修改密码"],
        &[at(0x01, 0x00, "old FF new")],
        &[0x63C0, 0x6983, 0x6A80],
    )
    .chained()
    .secret()
    .danger(Danger::Always),
    Instruction::new(
        SocialSecurity,
        [P, ins::PIN_UNBLOCK],
        ["PIN UNBLOCK", "密码解锁"],
        &[at(0x00, 0x00, "all tries back"), at(0x00, 0x01, "with a new PIN")],
        MAC_FAULTS,
    )
    .secret()
    .danger(Danger::Always),
    Instruction::new(
        SocialSecurity,
        [I, ins::ACTIVATE_FILE],
        ["ACTIVATE FILE", "激活文件"],
        NONE,
        &[0x6982],
    ),
    Instruction::new(
        SocialSecurity,
        [I, ins::DEACTIVATE_FILE],
        ["DEACTIVATE FILE", "停用文件"],
        NONE,
        &[0x6982],
    )
    .danger(Danger::Always),
    Instruction::new(
        SocialSecurity,
        [P, ins::APPLICATION_BLOCK],
        ["APPLICATION BLOCK", "应用锁定"],
        &[at(0x00, 0x01, "for good")],
        MAC_FAULTS,
    )
    .danger(Danger::Always),
    Instruction::new(
        SocialSecurity,
        [P, ins::CARD_BLOCK],
        ["CARD BLOCK", "卡片锁定"],
        NONE,
        MAC_FAULTS,
    )
    .danger(Danger::Always),
    Instruction::new(
        Purse,
        [B, ins::GET_BALANCE],
        ["GET BALANCE", "读余额"],
        &[second(0x00, (0x01, 0x03), "P2: account, paid by the holder, paid by the fund")],
        PURSE,
    ),
    Instruction::new(
        Purse,
        [B, ins::INITIALIZE],
        ["INITIALIZE", "交易初始化"],
        &[at(0x00, 0x01, "load"), at(0x01, 0x01, "purchase")],
        PURSE,
    )
    .once(),
    Instruction::new(Purse, [B, ins::CREDIT_LOAD], ["CREDIT LOAD", "圈存"], NONE, PURSE).once(),
    Instruction::new(
        Purse,
        [B, ins::DEBIT],
        ["DEBIT", "扣款"],
        &[at(0x01, 0x00, "purchase")],
        PURSE,
    )
    .once(),
    Instruction::new(
        Purse,
        [B, ins::GET_TRANSACTION_PROOF],
        ["GET TRANSACTION PROOF", "取交易认证"],
        &[second(0x00, (0x00, 0xFF), "P2: type of transaction")],
        PURSE,
    ),
    Instruction::new(
        Purse,
        [B, ins::START_DAY],
        ["START DAY", "起始日"],
        &[at(0x00, 0x00, "set"), at(0x01, 0x00, "read")],
        PURSE,
    ),
    financial::GET_PROCESSING_OPTIONS,
    financial::READ_RECORD,
    financial::GET_DATA,
    financial::GET_CHALLENGE,
    financial::VERIFY,
    financial::INTERNAL_AUTHENTICATE,
    financial::EXTERNAL_AUTHENTICATE,
    financial::GENERATE_AC,
    financial::APPLICATION_BLOCK,
    financial::APPLICATION_UNBLOCK,
    financial::CARD_BLOCK,
    financial::PIN_UNBLOCK,
    financial::PUT_DATA,
    financial::UPDATE_RECORD,
    pki::READ_BINARY,
    pki::UPDATE_BINARY,
    pki::GET_CHALLENGE,
    pki::VERIFY,
    pki::SECURITY_OPERATION,
    pki::CHANGE_PIN,
    pki::PIN_UNBLOCK,
    pki::GENERATE_KEY_PAIR,
    pki::GET_PUBLIC_KEY,
    pki::OPEN_ENVELOPE,
    pki::IMPORT_SESSION_KEY,
    pki::IMPORT_KEY,
    pki::HASH,
    psam::READ_BINARY,
    psam::READ_RECORD,
    psam::GET_CHALLENGE,
    psam::LOAD_SESSION_KEY,
    psam::LOAD_KEY,
    psam::CIPHER,
    psam::INIT_SAM_FOR_PURCHASE,
    psam::CREDIT_SAM_FOR_PURCHASE,
    psam::WRITE_KEY,
    foreign(ins::VERIFY_TLV, ["VERIFY", "校验"]).secret().danger(Danger::WithData),
    foreign(ins::CHANGE_REFERENCE_DATA_TLV, ["CHANGE REFERENCE DATA", "修改引用数据"]).secret(),
    foreign(ins::RESET_RETRY_COUNTER, ["RESET RETRY COUNTER", "重置重试计数器"])
        .secret()
        .danger(Danger::Always),
    foreign(ins::RESET_RETRY_COUNTER_TLV, ["RESET RETRY COUNTER", "重置重试计数器"]).secret(),
    foreign(ins::UPDATE_KEY, ["UPDATE KEY", "更新密钥"]).secret(),
    foreign(ins::PUT_KEY, ["PUT KEY", "写入密钥"]).secret(),
    foreign(ins::PUT_DATA_TLV, ["PUT DATA", "设置数据"]).danger(Danger::Always),
    foreign(ins::STORE_DATA, ["STORE DATA", "存储数据"]).secret(),
    foreign(ins::ENVELOPE, ["ENVELOPE", "封装"]).secret().danger(Danger::WithData),
];

const fn foreign(ins: u8, names: [&'static str; 2]) -> Instruction {
    Instruction::new(Foreign, [I, ins], names, &[], &[])
}

/// The instruction of an application, or of the card itself; `class` is without channel, chaining and secure
/// messaging.
#[must_use]
pub fn instruction(application: Application, class: u8, ins: u8) -> Option<&'static Instruction> {
    ALL.iter().find(|known| {
        (known.application == application || known.application == Card)
            && (known.class, known.ins) == (class, ins)
    })
}

/// The instruction of the social security function: the application's, its purse's, the card's, or that of the
/// security module which works for it.
#[must_use]
pub fn social(class: u8, ins: u8) -> Option<&'static Instruction> {
    instruction(SocialSecurity, class, ins)
        .or_else(|| instruction(Purse, class, ins))
        .or_else(|| instruction(Psam, class, ins))
}

/// The entries a command of any class may mean: those of the purse in its class, else all others.
fn meant(cla: u8, ins: u8) -> impl Iterator<Item = &'static Instruction> {
    let is_purse = cla & 0xF0 == class::PURSE
        && ALL.iter().any(|known| known.application == Purse && known.ins == ins);
    ALL.iter().filter(move |known| known.ins == ins && (known.application == Purse) == is_purse)
}

/// What a command to the reader itself ([`class::READER`]) may say in the clear: the reader's own commands that hold neither a
/// key nor another command. All else there is LOAD KEYS, a direct transmission or a maker's own.
const READER_SHOWN: [u8; 5] =
    [ins::GENERAL_AUTHENTICATE, ins::SELECT, ins::READ_BINARY, ins::GET_RESPONSE, ins::GET_DATA];

/// Whether a command goes to the reader and may carry a key, or another command with one.
fn is_wrapped(cla: u8, ins: u8) -> bool {
    cla == class::READER && !READER_SHOWN.contains(&ins)
}

/// Whether the data of an instruction hold a PIN or a key, whatever its channel, chaining and secure messaging; what a command
/// carries that is not known counts as one.
#[must_use]
pub fn is_secret(cla: u8, ins: u8) -> bool {
    is_wrapped(cla, ins) || meant(cla, ins).any(|known| known.secrecy == Secrecy::Secret)
}

/// Whether the answer to an instruction with these parameters holds a PIN's hash, a key or what was enciphered, whatever
/// its channel and chaining.
#[must_use]
pub fn is_answer_secret(cla: u8, ins: u8, p1: u8, p2: u8) -> bool {
    meant(cla, ins).any(|known| known.secret_answer.iter().any(|pair| pair.hold(p1, p2)))
}

/// Whether an instruction, in every class it is known in, never holds a PIN or a key.
#[must_use]
pub fn is_public(ins: u8) -> bool {
    let mut known = ALL.iter().filter(|known| known.ins == ins).peekable();
    known.peek().is_some() && known.all(|known| known.secrecy == Secrecy::Public)
}

/// Whether an instruction may use up tries or block something, the worst of what it may mean.
#[must_use]
pub fn danger(cla: u8, ins: u8) -> Danger {
    let carried = if is_wrapped(cla, ins) { Danger::WithData } else { Danger::Never };
    meant(cla, ins).fold(carried, |worst, known| match (worst, known.danger) {
        (Danger::Always, _) | (_, Danger::Always) => Danger::Always,
        (Danger::WithData, _) | (_, Danger::WithData) => Danger::WithData,
        (Danger::Never, Danger::Never) => Danger::Never,
    })
}

/// Whether the answer to an instruction of an application cannot be given a second time.
#[must_use]
#[inline]
pub const fn answers_once(application: Application, ins: u8) -> bool {
    // Bits by instruction: computed when this is compiled, since the card asks at every answer.
    const FINANCIAL: [u128; 2] = once(Financial);
    const MEDICAL: [u128; 2] = once(Purse);
    const MODULE: [u128; 2] = once(Psam);
    let [low, high] = match application {
        Financial => FINANCIAL,
        Purse => MEDICAL,
        Psam => MODULE,
        Card | SocialSecurity | Pki | Foreign => return false,
    };
    let half = if ins & 0x80 == 0 { low } else { high };
    half & (1 << (ins & 0x7F)) != 0
}

#[allow(clippy::arithmetic_side_effects, reason = "the compiler evaluates it: a constant")]
const fn once(application: Application) -> [u128; 2] {
    let (mut low, mut high) = (0, 0);
    let mut rest = ALL;
    while let [known, tail @ ..] = rest {
        if known.application as u8 == application as u8 && !known.repeatable {
            let bit = 1_u128 << (known.ins & 0x7F);
            if known.ins & 0x80 == 0 { low |= bit } else { high |= bit }
        }
        rest = tail;
    }
    [low, high]
}

#[cfg(test)]
mod tests;
