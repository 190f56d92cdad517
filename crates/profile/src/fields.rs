//! The items of EF05 and EF06 under the names that programs use (`--set`, `read --json`).

use sscard_apdu::bcd;
use sscard_core::catalogue::{self, Coding, Item};
use sscard_core::identifiers::card_number_check;
use sscard_core::{Holder, ItemOverride};

use crate::gbk;

/// Names of EF05's items in the order of their records.
pub const CARD: [(&str, u8); 7] = [
    ("identification_code", 0x01),
    ("class", 0x02),
    ("version", 0x03),
    ("initialisation_organisation", 0x04),
    ("issue_date", 0x05),
    ("expiry_date", 0x06),
    ("number", 0x07),
];

/// Names of EF06's items in the order of their records.
pub const HOLDER: [(&str, u8); 7] = [
    ("social_security_number", 0x08),
    ("name", 0x09),
    ("name_extension", 0x4E),
    ("sex", 0x0A),
    ("ethnicity", 0x0B),
    ("birthplace", 0x0C),
    ("birth_date", 0x0D),
];

/// Why an item cannot be set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetError {
    /// Not `key=value`.
    #[error("'{0}' is not KEY=VALUE; for example name=李测甲")]
    Form(String),
    /// No item of that name.
    #[error("there is no item '{0}'; the items are {names}", names = names())]
    UnknownKey(String),
    /// A character that GBK lacks.
    #[error("{key}: {source}")]
    NotInGbk {
        /// Item.
        key: String,
        /// Character.
        source: gbk::NotInGbk,
    },
    /// Too many bytes.
    #[error("{key}: {found} byte{}, but the record holds {limit}", if *found == 1 { "" } else { "s" })]
    TooLong {
        /// Item.
        key: String,
        /// Bytes of the value.
        found: usize,
        /// Bytes of the record.
        limit: usize,
    },
    /// Not digits where digits are wanted.
    #[error(
        "{key}: '{value}' must be up to {digits} digits (a date as YYYYMMDD), or {digits} hexadecimal digits"
    )]
    NotDigits {
        /// Item.
        key: String,
        /// Value.
        value: String,
        /// Digits the record holds.
        digits: usize,
    },
}

fn names() -> String {
    let names: Vec<_> = CARD.iter().chain(&HOLDER).map(|(name, _)| *name).collect();
    names.join(", ")
}

/// The item with this name, or with this tag in two hex digits.
fn item(key: &str) -> Option<&'static Item> {
    let by_name = CARD.iter().chain(&HOLDER).find(|(name, _)| *name == key).map(|(_, tag)| *tag);
    let by_tag = || u8::from_str_radix(key, 16).ok().filter(|_| key.len() == 2);
    let tag = by_name.or_else(by_tag)?;
    catalogue::files().filter(|file| file.application == "SSSE").find_map(|file| file.item(tag))
}

/// Sets an item from `key=value`.
///
/// The check character of an eight-character card number is added; a name that does not fit goes
/// on in the name extension.
///
/// # Errors
/// What is wrong with the key or the value.
pub fn set(holder: &mut Holder, assignment: &str) -> Result<(), SetError> {
    let (key, value) =
        assignment.split_once('=').ok_or_else(|| SetError::Form(assignment.to_owned()))?;
    let (key, value) = (key.trim(), value.trim());
    let item = item(key).ok_or_else(|| SetError::UnknownKey(key.to_owned()))?;
    let bytes = match item.coding {
        Coding::Cn => digits(key, value, item)?,
        _ => text(key, value, item, holder)?,
    };
    holder.overrides.push(ItemOverride { tag: item.tag, value: bytes });
    Ok(())
}

fn text(key: &str, value: &str, item: &Item, holder: &mut Holder) -> Result<Vec<u8>, SetError> {
    let not_in_gbk = |source| SetError::NotInGbk { key: key.to_owned(), source };
    let limit = usize::from(item.length);
    let too_long = |found, limit| SetError::TooLong { key: key.to_owned(), found, limit };
    if item.tag == 0x09 {
        let (name, extension) = gbk::encode_split(value, limit).map_err(not_in_gbk)?;
        let extra = catalogue::file("SSSE/EF06")
            .and_then(|file| file.item(0x4E))
            .map_or(0, |item| usize::from(item.length));
        if extension.len() > extra {
            let found = name.len().saturating_add(extension.len());
            return Err(too_long(found, limit.saturating_add(extra)));
        }
        if !extension.is_empty() {
            holder.overrides.push(ItemOverride { tag: 0x4E, value: extension });
        }
        return Ok(name);
    }
    let mut bytes = gbk::encode(value).map_err(not_in_gbk)?;
    if item.tag == 0x07
        && let Ok(body) = bytes.as_slice().try_into()
    {
        bytes.extend(card_number_check(body));
    }
    if bytes.len() > limit { Err(too_long(bytes.len(), limit)) } else { Ok(bytes) }
}

fn digits(key: &str, value: &str, item: &Item) -> Result<Vec<u8>, SetError> {
    let length = usize::from(item.length);
    let bad =
        || SetError::NotDigits { key: key.to_owned(), value: value.to_owned(), digits: 2 * length };
    let plain: String = value.chars().filter(|c| *c != '-').collect();
    let mut bytes = vec![0; length];
    if bcd::encode(&plain, &mut bytes).is_ok() {
        return Ok(bytes);
    }
    hex::decode(&plain).ok().filter(|bytes| bytes.len() == length).ok_or_else(bad)
}
