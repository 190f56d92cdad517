//! Items of the card as text and back, by their coding in the catalogue.
//!
//! What enters: an item and its bytes, or its text. What leaves: the other. `an` is text without its filling, `cn` its digits
//! (the card identification code, which has letters, its hexadecimal digits), `b` hexadecimal digits; the parts of a template
//! and the fields of a cyclic record stand between commas \[choice\].

use sscard_apdu::{bcd, hex, simple_tlv};
use sscard_core::catalogue::{Coding, FileEntry, Item};

use crate::code::{DriverCode, DriverError};
use crate::text;

/// Length of the card identification code, the one item of this coding with letters.
const IDENTIFICATION_CODE: u8 = 16;

/// An item's bytes as text.
pub(crate) fn shown(item: &Item, value: &[u8]) -> String {
    match item.coding {
        Coding::An => text::of_card(value),
        Coding::Cn => match bcd::digits(value) {
            Ok(digits) => digits.to_string(),
            Err(_) => hex::encode(value),
        },
        Coding::Binary => hex::encode(value),
        Coding::Template => {
            let objects: Result<Vec<_>, _> = simple_tlv::SimpleTlvReader::new(value).collect();
            match objects {
                Ok(objects) if objects.len() == item.parts.len() => {
                    let parts = item.parts.iter().zip(objects);
                    let parts: Vec<_> = parts.map(|(part, o)| shown(part, o.value)).collect();
                    parts.join(",")
                }
                _ => hex::encode(value),
            }
        }
    }
}

/// The fields of a cyclic record as text.
pub(crate) fn record_shown(entry: &FileEntry, record: &[u8]) -> String {
    split(entry, record).map_or_else(
        || hex::encode(record),
        |fields| {
            let texts: Vec<String> =
                fields.into_iter().map(|(item, value)| shown(item, value)).collect();
            texts.join(",")
        },
    )
}

/// The fields of a cyclic record; `None` when they do not fit it.
pub(crate) fn split<'r>(
    entry: &FileEntry,
    record: &'r [u8],
) -> Option<Vec<(&'static Item, &'r [u8])>> {
    let mut rest = record;
    let mut fields = Vec::new();
    for item in entry.items {
        let (value, behind) = rest.split_at_checked(item.length.into())?;
        fields.push((item, value));
        rest = behind;
    }
    Some(fields)
}

/// Text as an item's bytes, filled to its length; nothing is an unset item.
pub(crate) fn parsed(item: &Item, given: &str) -> Result<Vec<u8>, DriverError> {
    let length = usize::from(item.length);
    let named = |code, reason: &dyn std::fmt::Display| {
        DriverError::new(code, format!("item {:02X} ({}): {reason}", item.tag, item.name_en))
    };
    let fill = |mut value: Vec<u8>, with: u8| {
        if value.len() > length {
            let reason = format!("{} bytes, and it has room for {length}", value.len());
            return Err(named(DriverCode::Length, &reason));
        }
        value.resize(length, with);
        Ok(value)
    };
    match item.coding {
        Coding::An => {
            let encoded = sscard_profile::gbk::encode(given);
            fill(encoded.map_err(|error| named(DriverCode::Character, &error))?, 0x00)
        }
        Coding::Cn if given.bytes().all(|digit| digit.is_ascii_digit()) => {
            let packed = bcd::packed(given);
            fill(packed.map_err(|error| named(DriverCode::Character, &error))?, 0xFF)
        }
        Coding::Cn if item.length != IDENTIFICATION_CODE => {
            Err(named(DriverCode::Character, &"it is written in digits"))
        }
        Coding::Cn | Coding::Binary => {
            let value = text::hexadecimal(given);
            let value = value.map_err(|error| named(error.code, &error.detail))?;
            if value.len() == length || value.is_empty() {
                fill(value, 0x00)
            } else {
                let reason = format!("it has {length} bytes");
                let is_digits = item.coding == Coding::Cn;
                let code = if is_digits { DriverCode::Character } else { DriverCode::Length };
                Err(named(code, &reason))
            }
        }
        Coding::Template => {
            let mut value = Vec::new();
            for (part, given) in parts(item.parts, given)? {
                let part_value = parsed(part, given)?;
                value.extend([part.tag, part.length]);
                value.extend(part_value);
            }
            Ok(value)
        }
    }
}

/// Text between commas as the fields of a cyclic record.
pub(crate) fn record_parsed(entry: &FileEntry, given: &str) -> Result<Vec<u8>, DriverError> {
    let mut record = Vec::new();
    for (item, given) in parts(entry.items, given)? {
        record.extend(parsed(item, given)?);
    }
    Ok(record)
}

fn parts<'i, 't>(
    items: &'i [Item],
    given: &'t str,
) -> Result<Vec<(&'i Item, &'t str)>, DriverError> {
    let texts: Vec<&str> = given.split(',').collect();
    if texts.len() != items.len() {
        let detail =
            format!("{} parts stand between commas, {} are wanted", texts.len(), items.len());
        return Err(DriverError::new(DriverCode::Unlawful, detail));
    }
    Ok(items.iter().zip(texts).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sscard_core::catalogue::file;

    fn item(path: &str, tag: u8) -> &'static Item {
        file(path).expect("a file").item(tag).expect("an item")
    }

    #[test]
    fn an_is_text_filled_with_00() {
        let name = item("SSSE/EF06", 0x09);
        let mut value = b"\xD5\xC5\xC8\xFD".to_vec();
        value.resize(0x1E, 0);
        assert_eq!(parsed(name, "张三"), Ok(value.clone()));
        assert_eq!(shown(name, &value), "张三");
        assert_eq!(shown(name, &[0; 0x1E]), "");
        let code = |text: &str| parsed(name, text).map_err(|error| error.code);
        assert_eq!(code("𠮷"), Err(DriverCode::Character));
        assert_eq!(code(&"张".repeat(16)), Err(DriverCode::Length));
    }

    #[test]
    fn cn_is_digits_filled_with_f_and_the_code_is_hexadecimal() {
        let day = item("SSSE/EF06", 0x0D);
        assert_eq!(parsed(day, "19810101"), Ok(vec![0x19, 0x81, 0x01, 0x01]));
        assert_eq!(parsed(day, ""), Ok(vec![0xFF; 4]));
        assert_eq!(shown(day, &[0xFF; 4]), "");
        let code = item("SSSE/EF05", 0x01);
        let text = "639900D15600000500BF7C7A48FB4966";
        assert_eq!(shown(code, &parsed(code, text).expect("bytes")), text);
        let refused = |text: &str| parsed(day, text).map_err(|error| error.code);
        assert_eq!(refused("2000ab01"), Err(DriverCode::Character), "a day has no letters");
        assert_eq!(refused("1981010"), Ok(vec![0x19, 0x81, 0x01, 0x0F]));
        assert_eq!(refused("1981-1-1"), Err(DriverCode::Character));
        assert_eq!(refused("198101011"), Err(DriverCode::Length));
        assert_eq!(refused("1981A"), Err(DriverCode::Character), "a letter");
    }

    #[test]
    fn a_template_s_parts_stand_between_commas() {
        let study = item("DF01/EF15", 0x40);
        let value = parsed(study, "101,080601,测试大学").expect("bytes");
        assert_eq!(value.len(), usize::from(study.length));
        assert_eq!(shown(study, &value), "101,080601,测试大学");
        let refused = parsed(study, "101,080601").map_err(|error| error.code);
        assert_eq!(refused, Err(DriverCode::Unlawful));
        assert_eq!(shown(study, &[0x57, 0x03, 0x31]), "570331", "no template");
    }
}
