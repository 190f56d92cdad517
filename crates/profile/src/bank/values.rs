//! Values of settings: hexadecimal bytes, digits, lists of data objects, CVM lists.
//!
//! Every error names its setting below `financial`.

use sscard_apdu::dol;
use sscard_apdu::tlv::{Reader, Tag};

use crate::LoadError;

/// A value that a setting does not admit.
pub(super) fn value(setting: &str, value: &str, wanted: &'static str) -> LoadError {
    LoadError::Value { setting: path(setting), value: value.to_owned(), wanted }
}

/// Settings that cannot stand together, or one that is missing.
pub(super) fn contradiction(setting: &str, reason: impl Into<String>) -> LoadError {
    LoadError::Contradiction { setting: path(setting), reason: reason.into() }
}

fn path(setting: &str) -> String {
    format!("financial.{setting}")
}

/// So many bytes as hexadecimal digits.
pub(super) fn bytes<const N: usize>(
    setting: &str,
    text: &str,
    wanted: &'static str,
) -> Result<[u8; N], LoadError> {
    let decoded = hexadecimal(text).and_then(|bytes| bytes.try_into().ok());
    decoded.ok_or_else(|| value(setting, text, wanted))
}

/// Bytes as hexadecimal digits, between which spaces may stand.
pub(super) fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.split_whitespace().collect::<String>()).ok()
}

/// Any number of bytes.
pub(super) fn any_bytes(setting: &str, text: &str) -> Result<Vec<u8>, LoadError> {
    hexadecimal(text).ok_or_else(|| value(setting, text, "an even number of hexadecimal digits"))
}

/// Decimal digits, so many.
pub(super) fn digits(
    setting: &str,
    text: &str,
    count: std::ops::RangeInclusive<usize>,
    wanted: &'static str,
) -> Result<String, LoadError> {
    let fits = count.contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err(value(setting, text, wanted)) }
}

/// A date YYMMDD as three bytes.
pub(super) fn date(setting: &str, text: &str) -> Result<Vec<u8>, LoadError> {
    let wanted = "a date as YYMMDD";
    let digits = digits(setting, text, 6..=6, wanted)?;
    let part = |from: usize| {
        digits.get(from..from.saturating_add(2)).and_then(|part| part.parse::<u8>().ok())
    };
    let is_date = part(2).is_some_and(|month| (1..=12).contains(&month))
        && part(4).is_some_and(|day| (1..=31).contains(&day));
    if is_date { any_bytes(setting, text) } else { Err(value(setting, text, wanted)) }
}

/// A data object list: tags and lengths, together not more than so many bytes of data.
pub(super) fn list(setting: &str, text: &str, most: usize) -> Result<Vec<u8>, LoadError> {
    let wanted = "a list of tags and lengths in hexadecimal, such as 9F0206 5F2A02";
    let list = hexadecimal(text).ok_or_else(|| value(setting, text, wanted))?;
    let length = dol::total_length(&list).map_err(|_| value(setting, text, wanted))?;
    if length > most {
        let reason =
            format!("it asks for {length} bytes, and a command has room for {most} of them");
        return Err(contradiction(setting, reason));
    }
    if list.len() > 252 {
        return Err(contradiction(setting, "it is longer than a record"));
    }
    Ok(list)
}

/// Tag 8E: amounts X and Y and then rules of two bytes, or the rules alone.
pub(super) fn cvm_list(text: &str) -> Result<Vec<u8>, LoadError> {
    let wanted = "a CVM list: rules of two bytes such as 4203 1E03 1F00, or eight bytes of amounts before them";
    let refuse = || value("cvm_list", text, wanted);
    let list = hexadecimal(text).ok_or_else(refuse)?;
    if list.is_empty() || !list.len().is_multiple_of(2) || list.len() > 250 {
        return Err(refuse());
    }
    // EMV Book 3 annex C3: conditions 00 to 09, and codes that PBOC and EMV know.
    let are_rules = |rules: &[u8]| {
        let known = |[code, condition]: &[u8; 2]| {
            *condition <= 0x09
                && matches!(code & 0x3F, 0x00..=0x05 | 0x1E..=0x20)
                && code & 0x80 == 0
        };
        rules.as_chunks::<2>().0.iter().all(known)
    };
    // A rule that fails at once is the first of no list: zeros there are amounts.
    let alone = list.first() != Some(&0) && are_rules(&list);
    match list.split_at_checked(8) {
        _ if alone => Ok([&[0; 8][..], &list].concat()),
        Some((_, [])) | None => Err(refuse()),
        Some(_) => Ok(list),
    }
}

/// The objects of a record's content, one after another; `None` when it cannot be read so.
pub(super) fn objects_of(content: &[u8]) -> Option<Vec<(Tag, Vec<u8>)>> {
    Reader::new(content)
        .map(|object| object.ok().map(|object| (object.tag, object.value.to_vec())))
        .collect()
}

/// A tag as hexadecimal digits.
pub(super) fn tag(text: &str) -> Option<Tag> {
    let bytes = hexadecimal(text)?;
    match Tag::parse(&bytes) {
        Ok((tag, [])) => Some(tag),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cvm_list_is_tag_8e_or_its_rules_alone() {
        let rules = "42031E031F00";
        let whole = format!("0000000000000000{rules}");
        for (text, list) in [
            (rules, whole.as_str()),
            ("4203 1E03 1F00", &whole),
            (&whole, &whole),
            ("1F00", "00000000000000001F00"),
            ("4203 4103 1E03 1F00", "00000000000000004203410 31E031F00"),
            ("000003E8 00000000 4206 1F00", "000003E80000000042061F00"),
            ("5E0342031F00", "00000000000000005E0342031F00"),
        ] {
            assert_eq!(cvm_list(text).unwrap(), hexadecimal(list).unwrap(), "{text}");
        }
        for text in ["", "42", "420", "0000000000000000", "FF01", "xx"] {
            assert!(cvm_list(text).is_err(), "{text}");
        }
    }
}
