//! Values with an inner structure: lists, locators, issuer application data.

use sscard_apdu::dol;
use sscard_apdu::hex::encode as hex;
use sscard_apdu::tlv::Tag;

use super::value::digits;
use super::{Note, bits};
use crate::Meaning;
use sscard_elements::{CardVerificationResults, element};

/// Tag 94: short file identifier, first and last record, number of records that are signed.
pub(super) fn file_locator(value: &[u8]) -> Option<Vec<Note>> {
    let (entries, rest) = value.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let note = |[sfi, first, last, signed]: &[u8; 4]| {
        let file = sfi >> 3;
        let zh = format!("文件 {file}，记录 {first} 至 {last}，其中 {signed} 条参与脱机数据认证");
        let en = format!("file {file}, records {first} to {last}, {signed} of them signed");
        Note::new("", Meaning::new(zh, en))
    };
    Some(entries.iter().map(note).collect())
}

/// A data object list: every tag with its length.
pub(super) fn object_list(value: &[u8]) -> Option<Vec<Note>> {
    dol::DolReader::new(value)
        .map(|entry| {
            let entry = entry.ok()?;
            let length = entry.length;
            let (zh, en) = named(entry.tag);
            Some(Note::new(
                entry.tag.to_string(),
                Meaning::new(
                    format!("{zh}，{length} 字节"),
                    format!("{en}, {length} {}", if length == 1 { "byte" } else { "bytes" }),
                ),
            ))
        })
        .collect()
}

/// Tags one after another.
pub(super) fn tag_list(value: &[u8]) -> Option<Vec<Note>> {
    let mut rest = value;
    let mut notes = Vec::new();
    while !rest.is_empty() {
        let (tag, after) = Tag::parse(rest).ok()?;
        let (zh, en) = named(tag);
        notes.push(Note::new(tag.to_string(), Meaning::new(zh, en)));
        rest = after;
    }
    Some(notes)
}

fn named(tag: Tag) -> (&'static str, &'static str) {
    element(tag).map_or(("未知标签", "unknown tag"), |element| (element.zh, element.en))
}

/// Tag 8E: amounts X and Y, then rules of two bytes (EMV 4.3 book 3 annex C.3; JR/T 0025.6 §9).
pub(super) fn verification_methods(value: &[u8]) -> Option<Vec<Note>> {
    let (amounts, rules) = value.split_first_chunk::<8>()?;
    let (rules, rest) = rules.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let [x, y] = [amounts.first_chunk::<4>()?, amounts.last_chunk::<4>()?];
    let mut notes = Vec::new();
    for (name, bytes) in [("X", x), ("Y", y)] {
        let cents = u32::from_be_bytes(*bytes);
        if cents != 0 {
            let amount = format!("{}.{:02}", cents / 100, cents % 100);
            notes.push(Note::new(name, Meaning::new(amount.clone(), amount)));
        }
    }
    if rules.is_empty() {
        notes.push(Note::new("", Meaning::new("无规则", "no rules")));
    }
    for (number, [method, condition]) in rules.iter().enumerate() {
        let (method_zh, method_en) = verification_method(*method);
        let (when_zh, when_en) = verification_condition(*condition);
        let (else_zh, else_en) = if method & 0x40 == 0 {
            ("失败则结束", "failing ends it")
        } else {
            ("失败则用下一条", "failing goes on to the next")
        };
        notes.push(Note::new(
            number.saturating_add(1).to_string(),
            Meaning::new(
                format!("{method_zh}，{when_zh}；{else_zh}"),
                format!("{method_en}, {when_en}; {else_en}"),
            ),
        ));
    }
    Some(notes)
}

/// Tag 9F34: method, condition, result.
pub(super) fn verification_results(value: &[u8]) -> Option<Vec<Note>> {
    let [method, condition, result] = *value else { return None };
    let (method_zh, method_en) =
        if method == 0x3F { ("未执行", "none performed") } else { verification_method(method) };
    let (when_zh, when_en) = verification_condition(condition);
    let (result_zh, result_en) = match result {
        0 => ("未知", "unknown"),
        1 => ("失败", "failed"),
        2 => ("成功", "successful"),
        _ => return None,
    };
    Some(vec![
        Note::new("B1", Meaning::new(method_zh, method_en)),
        Note::new("B2", Meaning::new(when_zh, when_en)),
        Note::new("B3", Meaning::new(result_zh, result_en)),
    ])
}

const fn verification_method(code: u8) -> (&'static str, &'static str) {
    match code & 0x3F {
        0x00 => ("验证失败", "fail"),
        0x01 => ("卡片验证明文PIN", "plaintext PIN checked by the card"),
        0x02 => ("联机PIN", "enciphered PIN checked by the issuer"),
        0x03 => ("卡片验证明文PIN并签名", "plaintext PIN checked by the card, and signature"),
        0x04 => ("卡片验证密文PIN", "enciphered PIN checked by the card"),
        0x05 => ("卡片验证密文PIN并签名", "enciphered PIN checked by the card, and signature"),
        0x1E => ("签名", "signature"),
        0x1F => ("无需持卡人验证", "no verification needed"),
        0x20 => ("持卡人证件出示", "identity document shown"),
        _ => ("未知方法", "unknown method"),
    }
}

const fn verification_condition(code: u8) -> (&'static str, &'static str) {
    match code {
        0x00 => ("总是", "always"),
        0x01 => ("无人值守取现时", "for unattended cash"),
        0x02 => (
            "不是取现和返现时",
            "when neither unattended cash, manual cash nor purchase with cashback",
        ),
        0x03 => ("终端支持时", "when the terminal supports it"),
        0x04 => ("人工取现时", "for manual cash"),
        0x05 => ("返现消费时", "for purchase with cashback"),
        0x06 => ("应用货币且低于X", "in the application's currency and under X"),
        0x07 => ("应用货币且超过X", "in the application's currency and over X"),
        0x08 => ("应用货币且低于Y", "in the application's currency and under Y"),
        0x09 => ("应用货币且超过Y", "in the application's currency and over Y"),
        _ => ("未知条件", "under an unknown condition"),
    }
}

/// Card verification results: the bits, and the number of script commands (JR/T 0025.5 table A.1).
pub(super) fn card_verification_results(value: &[u8]) -> Vec<Note> {
    // The first byte is a length, and half of the last one a count.
    let mut body = value.to_vec();
    if let [first, .., last] = &mut body[..] {
        *first = 0;
        *last &= 0x0F;
    }
    let mut notes = bits::notes(CardVerificationResults::BITS, &body);
    if let Some(count) = value.get(3).map(|byte| byte >> 4).filter(|count| *count != 0) {
        let meaning = Meaning::new(
            format!("上次交易收到 {count} 条脚本命令"),
            format!("{count} script commands in the last transaction"),
        );
        notes.push(Note::new("B4b8-5", meaning));
    }
    notes
}

/// Tag 9F10: `07 | key index | version | CVR 4 | algorithm [| length | data]` (JR/T 0025.5 annex A).
pub(super) fn issuer_data(value: &[u8]) -> Option<Vec<Note>> {
    let (head, rest) = value.split_first_chunk::<8>()?;
    let [0x07, index, version, cvr @ .., algorithm] = head else { return None };
    let mut notes = vec![
        field("密钥索引", "derivation key index", &format!("{index:02X}")),
        field("密文版本", "cryptogram version", &format!("{version:02X}")),
        field("卡片验证结果", "card verification results", &hex(cvr)),
    ];
    notes.extend(card_verification_results(cvr).into_iter().map(|mut note| {
        note.place = format!("CVR {}", note.place);
        note
    }));
    let algorithm = match algorithm {
        0x01 => "3DES",
        0x04 => "SM4",
        _ => "?",
    };
    notes.push(field("算法", "algorithm", algorithm));
    if let [length, data @ ..] = rest {
        if usize::from(*length) != data.len() {
            return None;
        }
        notes.extend(discretionary(data));
    }
    Some(notes)
}

/// Issuer discretionary data: an identifier, one or two amounts of 5 bytes, a MAC of 4.
fn discretionary(data: &[u8]) -> Vec<Note> {
    let amounts: &[(&str, &str)] = match data.first() {
        Some(1) => &[("电子现金余额", "e-cash balance")],
        Some(2) => &[("累计脱机交易金额", "cumulative offline amount")],
        Some(3) => {
            &[("电子现金余额", "e-cash balance"), ("累计脱机交易金额", "cumulative offline amount")]
        }
        Some(4) => &[
            ("累计脱机交易金额", "cumulative offline amount"),
            ("累计脱机交易金额限制", "cumulative offline amount limit"),
        ],
        Some(5) => &[("可用脱机消费金额", "available offline spending amount")],
        _ => return vec![field("自定义数据", "discretionary data", &hex(data))],
    };
    let expected = amounts.len().saturating_mul(5).saturating_add(5);
    let Some(body) = data.get(1..).filter(|_| data.len() == expected) else {
        return vec![field("自定义数据", "discretionary data", &hex(data))];
    };
    let (values, mac) = body.as_chunks::<5>();
    let mut notes: Vec<Note> = amounts
        .iter()
        .zip(values)
        .map(|((zh, en), value)| field(zh, en, &yuan(value).unwrap_or_else(|| hex(value))))
        .collect();
    notes.push(field("MAC", "MAC", &hex(mac)));
    notes
}

/// Tags 9F4D and DF4D: file and number of records.
pub(super) fn log_entry(value: &[u8]) -> Option<Vec<Note>> {
    let [file, records] = *value else { return None };
    let meaning = Meaning::new(
        format!("文件 {file}，{records} 条"),
        format!("file {file}, {}", crate::counted(records.into(), "record")),
    );
    Some(vec![Note::new("", meaning)])
}

/// Tag DF31: result and number of the last command, and the script's identifier.
pub(super) fn script_result(value: &[u8]) -> Option<Vec<Note>> {
    let [byte, identifier @ ..] = value else { return None };
    let (zh, en) = match byte >> 4 {
        0 => ("脚本未执行", "script not performed"),
        1 => ("脚本失败", "script failed"),
        2 => ("脚本成功", "script successful"),
        _ => return None,
    };
    let number = byte & 0x0F;
    Some(vec![
        Note::new(
            "B1",
            Meaning::new(format!("{zh}，命令 {number}"), format!("{en}, command {number}")),
        ),
        field("脚本标识", "script identifier", &hex(identifier)),
    ])
}

fn field(zh: &str, en: &str, value: &str) -> Note {
    Note::new("", Meaning::new(format!("{zh} {value}"), format!("{en} {value}")))
}

/// BCD cents as yuan with two decimals.
pub(super) fn yuan(value: &[u8]) -> Option<String> {
    let digits = digits(value).filter(|digits| digits.len() == value.len().saturating_mul(2))?;
    let (whole, cents) = digits.split_at_checked(digits.len().checked_sub(2)?)?;
    let whole = whole.trim_start_matches('0');
    Some(format!("{}.{cents}", if whole.is_empty() { "0" } else { whole }))
}

#[cfg(test)]
mod tests;
