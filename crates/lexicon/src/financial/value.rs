//! A value of a data element as a person reads it.

use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;

use super::{Note, bits, lists};
use crate::{Meaning, text};
use sscard_elements::{Content, element};

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// The data element of a tag.
    Element(Tag),
    /// Card verification results, four bytes, which stand inside tag 9F10.
    CardVerificationResults,
}

/// A value explained.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Explained {
    /// The value as text: digits, an amount in yuan, a date, a name. `None` when its bytes in
    /// hexadecimal say as much.
    pub text: Option<String>,
    /// What it says, one statement each.
    pub notes: Vec<Note>,
}

impl Explained {
    fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), notes: Vec::new() }
    }

    fn notes(notes: Vec<Note>) -> Self {
        Self { text: None, notes }
    }
}

/// Reads a value. A value that does not have the element's form is not explained.
///
/// Source: EMV 4.3 book 3 annexes A and C; JR/T 0025.5 annex A, .12 annex C.
#[must_use]
pub fn explain(subject: Subject, value: &[u8]) -> Explained {
    let tag = match subject {
        Subject::CardVerificationResults if value.len() != 4 => return Explained::default(),
        Subject::CardVerificationResults => {
            return Explained::notes(lists::card_verification_results(value));
        }
        Subject::Element(tag) => tag,
    };
    let Some(element) = element(tag) else { return Explained::default() };
    if !element.length.admits(value.len()) {
        return Explained::default();
    }
    by_content(element.content, value).unwrap_or_default()
}

fn by_content(content: Content, value: &[u8]) -> Option<Explained> {
    let explained = match content {
        Content::Bytes | Content::Template => return None,
        Content::Secret => Explained::text("not shown"),
        Content::FileLocator => Explained::notes(lists::file_locator(value)?),
        Content::Bits(table) => Explained::notes(bits::notes(table, value)),
        Content::CvmList => Explained::notes(lists::verification_methods(value)?),
        Content::CvmResults => Explained::notes(lists::verification_results(value)?),
        Content::ObjectList => Explained::notes(lists::object_list(value)?),
        Content::TagList => Explained::notes(lists::tag_list(value)?),
        Content::IssuerData => Explained::notes(lists::issuer_data(value)?),
        Content::LogEntry => Explained::notes(lists::log_entry(value)?),
        Content::ScriptResult => Explained::notes(lists::script_result(value)?),
        Content::Amount => Explained::text(amount(value)?),
        Content::Country => Explained::text(country(value)?),
        Content::Currency => Explained::text(currency(value)?),
        Content::Date => Explained::text(date(value)?),
        Content::Time => Explained::text(time(value)?),
        Content::Digits | Content::Padded => Explained::text(digits(value)?),
        Content::Track2 => Explained::text(track2(value)?),
        Content::Gbk => Explained::text(text(value).trim_end()),
        Content::Text => Explained::text(printable(value)?),
        Content::Number => Explained::text(number(value)?),
        Content::Priority => Explained::notes(vec![priority(value)?]),
        Content::IdentityType => Explained::notes(vec![one_of(IDENTITY_TYPES, value)?]),
        Content::TransactionType => Explained::notes(vec![one_of(TRANSACTION_TYPES, value)?]),
    };
    Some(explained)
}

/// Type of the holder's identity document, tag 9F62 (JR/T 0025.5 annex A).
const IDENTITY_TYPES: &[(u8, &str, &str)] = &[
    (0x00, "身份证", "resident identity card"),
    (0x01, "军官证", "officer's identity card"),
    (0x02, "护照", "passport"),
    (0x03, "入境证", "entry permit"),
    (0x04, "临时身份证", "temporary identity card"),
    (0x05, "其他", "other"),
];

/// Transaction type, tag 9C (ISO 8583, the first two digits of the processing code).
const TRANSACTION_TYPES: &[(u8, &str, &str)] = &[
    (0x00, "消费", "purchase"),
    (0x01, "取现", "cash withdrawal"),
    (0x09, "返现消费", "purchase with cashback"),
    (0x20, "退货", "refund"),
    (0x21, "存款", "deposit"),
    (0x31, "余额查询", "balance inquiry"),
    (0x40, "转账", "transfer"),
    (0x60, "指定账户圈存", "load from the linked account"),
    (0x62, "非指定账户圈存", "load from another account"),
    (0x63, "现金充值", "load with cash"),
];

fn one_of(list: &[(u8, &str, &str)], value: &[u8]) -> Option<Note> {
    // The identity document's type is an ASCII digit.
    let [byte] = *value else { return None };
    let wanted =
        if byte.is_ascii_digit() && byte >= 0x30 && list.len() < 10 { byte & 0x0F } else { byte };
    let (_, zh, en) = list.iter().find(|(known, ..)| *known == wanted)?;
    Some(Note::new("", Meaning::new(*zh, *en)))
}

pub(super) fn digits(value: &[u8]) -> Option<String> {
    bcd::digits(value).ok().map(|digits| digits.to_string())
}

/// n12 in yuan, or the currency's unit with two decimals.
fn amount(value: &[u8]) -> Option<String> {
    if value.len() != 6 {
        return None;
    }
    lists::yuan(value)
}

fn number(value: &[u8]) -> Option<String> {
    let fits = (1..=8).contains(&value.len());
    fits.then(|| value.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)).to_string())
}

/// ISO 3166 numeric.
fn country(value: &[u8]) -> Option<String> {
    let name = match value {
        [0x01, 0x56] => "CN",
        [0x03, 0x44] => "HK",
        [0x04, 0x46] => "MO",
        [0x08, 0x40] => "US",
        _ => return digits(value).filter(|digits| digits.len() == 4),
    };
    Some(name.to_owned())
}

/// ISO 4217 numeric.
fn currency(value: &[u8]) -> Option<String> {
    let name = match value {
        [0x01, 0x56] => "CNY",
        [0x03, 0x44] => "HKD",
        [0x04, 0x46] => "MOP",
        [0x08, 0x40] => "USD",
        [0x09, 0x78] => "EUR",
        [0x03, 0x92] => "JPY",
        _ => return digits(value).filter(|digits| digits.len() == 4),
    };
    Some(name.to_owned())
}

/// BCD YYMMDD.
fn date(value: &[u8]) -> Option<String> {
    let date = bcd::full_date(value.try_into().ok()?);
    let digits = digits(&date).filter(|digits| digits.len() == 8)?;
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some(format!("{year}-{month}-{day}"))
}

/// BCD HHMMSS.
fn time(value: &[u8]) -> Option<String> {
    let digits = digits(value).filter(|digits| digits.len() == 6)?;
    let (hour, rest) = digits.split_at(2);
    let (minute, second) = rest.split_at(2);
    Some(format!("{hour}:{minute}:{second}"))
}

/// Account number, D, expiry YYMM, service code, discretionary data.
fn track2(value: &[u8]) -> Option<String> {
    let text: String = value
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F])
        .map(|nibble| match nibble {
            0..=9 => char::from(b'0' | nibble),
            0x0D => '=',
            _ => 'F',
        })
        .collect();
    let text = text.trim_end_matches('F');
    (text.matches('=').count() == 1 && !text.contains('F')).then(|| text.to_owned())
}

fn printable(value: &[u8]) -> Option<String> {
    let plain = value.iter().all(|byte| (0x20..0x7F).contains(byte));
    plain.then(|| String::from_utf8_lossy(value).trim_end().to_owned())
}

fn priority(value: &[u8]) -> Option<Note> {
    let [byte] = *value else { return None };
    let rank = byte & 0x0F;
    let (zh, en) = match (byte & 0x80 != 0, rank) {
        (true, _) => (
            format!("优先级 {rank}，需持卡人确认"),
            format!("rank {rank}, only when the holder agrees"),
        ),
        (false, 0) => ("无优先级".to_owned(), "no rank".to_owned()),
        (false, _) => (format!("优先级 {rank}"), format!("rank {rank}")),
    };
    Some(Note::new("", Meaning::new(zh, en)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(tag: u32, value: &[u8]) -> Option<String> {
        explain(Subject::Element(Tag::from_number(tag)), value).text
    }

    fn notes(tag: u32, value: &[u8]) -> Vec<String> {
        let explained = explain(Subject::Element(Tag::from_number(tag)), value);
        explained.notes.iter().map(|note| format!("{} {}", note.place, note.meaning.en)).collect()
    }

    #[test]
    fn values_read_as_their_form_says() {
        let is = |tag, value: &[u8], wanted: &str| {
            assert_eq!(says(tag, value).as_deref(), Some(wanted), "{tag:X}");
        };
        is(0x9F02, &[0, 0, 0, 0, 0x12, 0x34], "12.34");
        is(0x9F79, &[0, 0, 0, 0x10, 0, 0], "1000.00");
        is(0x5F2A, &[0x01, 0x56], "CNY");
        is(0x9F1A, &[0x01, 0x56], "CN");
        is(0x9A, &[0x26, 0x11, 0x24], "2026-11-24");
        is(0x5F24, &[0x49, 0x12, 0x31], "2049-12-31");
        is(0x5F25, &[0x50, 0x01, 0x01], "1950-01-01");
        is(0x9F21, &[0x12, 0x30, 0x59], "12:30:59");
        is(0x9F36, &[0x01, 0x00], "256");
        is(
            0x5A,
            &[0x99, 0x99, 0x99, 0x00, 0x20, 0x30, 0x53, 0x22, 0x63, 0x2F],
            "9999990020305322632",
        );
        is(0x57, &[0x12, 0x34, 0xD3, 0x40, 0x12, 0x2F], "1234=340122");
        is(0x50, b"PBOC DEBIT", "PBOC DEBIT");
        is(0x9F12, b"\xBD\xE8\xBC\xC7\xD3\xA6\xD3\xC3", "借记应用");
    }

    #[test]
    fn a_value_of_another_form_is_not_explained() {
        assert_eq!(says(0x9F02, &[0x12]), None);
        assert_eq!(says(0x9F02, &[0xAA; 6]), None);
        assert_eq!(says(0x9A, &[0x26, 0x11]), None);
        assert_eq!(says(0x50, &[0x00, 0x80]), None);
        assert_eq!(says(0xDF7F, &[0x00]), None);
        assert_eq!(says(0x9F36, &[0x01]), None);
        assert!(notes(0x95, &[0x80]).is_empty());
        assert!(notes(0x9F07, &[0xFF, 0x00, 0x00]).is_empty());
    }

    #[test]
    fn bits_are_named_with_their_place() {
        assert_eq!(
            notes(0x95, &[0x00, 0x08, 0x00, 0x80, 0x00]),
            ["B2b4 new card", "B4b8 transaction exceeds the floor limit"]
        );
        assert_eq!(
            notes(0x82, &[0x7D, 0x00]).len(),
            6,
            "SDA, DDA, CVM, TRM, issuer authentication, CDA"
        );
        assert_eq!(notes(0x9F27, &[0x80]), ["B1b8-7 ARQC: the issuer is to decide"]);
        assert_eq!(
            notes(0x9F0E, &[0x00, 0x10, 0x00, 0x00, 0x00]),
            ["B2b5 service not allowed for this card"]
        );
        assert_eq!(
            notes(0x9F52, &[0xC0, 0x00]),
            [
                "B1b8 issuer authentication failed: next transaction online",
                "B1b7 issuer authentication performed and failed: decline"
            ]
        );
    }

    #[test]
    fn single_values_are_named() {
        assert_eq!(notes(0x9C, &[0x00]), [" purchase"]);
        assert_eq!(notes(0x9F62, &[0x00]), [" resident identity card"]);
        assert_eq!(notes(0x9F62, b"2"), [" passport"]);
        assert_eq!(notes(0x9C, &[0x31]), [" balance inquiry"]);
        assert_eq!(notes(0x87, &[0x01]), [" rank 1"]);
        assert_eq!(notes(0x87, &[0x82]), [" rank 2, only when the holder agrees"]);
    }
}
