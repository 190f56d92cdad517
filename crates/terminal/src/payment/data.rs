//! The data elements of one transaction, by tag.

use std::collections::BTreeMap;

use sscard_apdu::dol::{self, Alignment};
use sscard_apdu::tlv::{Reader, Tag, TlvError};

/// What is the terminal's own to say: a card that sends one of these is not listened to.
const OF_TERMINAL: [u32; 21] = [
    0x8A, 0x91, 0x95, 0x9A, 0x9B, 0x9C, 0x5F2A, 0x9F02, 0x9F03, 0x9F1A, 0x9F21, 0x9F33, 0x9F34,
    0x9F35, 0x9F37, 0x9F4C, 0x9F4E, 0x9F66, 0x9F7A, 0xDF31, 0xDF69,
];

/// Data elements of card and terminal.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct DataStore(BTreeMap<u32, Vec<u8>>);

impl DataStore {
    /// A data element.
    #[must_use]
    pub fn value(&self, tag: u32) -> Option<&[u8]> {
        self.0.get(&tag).map(Vec::as_slice)
    }

    /// A data element of exactly `N` bytes.
    #[must_use]
    pub fn array<const N: usize>(&self, tag: u32) -> Option<[u8; N]> {
        self.value(tag)?.try_into().ok()
    }

    /// Sets a data element.
    pub fn set(&mut self, tag: u32, value: impl Into<Vec<u8>>) {
        self.0.insert(tag, value.into());
    }

    /// Takes a data element out.
    pub(super) fn forget(&mut self, tag: u32) {
        self.0.remove(&tag);
    }

    /// All of them, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.0.iter().map(|(tag, value)| (*tag, value.as_slice()))
    }

    /// Takes every primitive object of a card's BER-TLV string, templates opened; those of the
    /// terminal stay as they are.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), TlvError> {
        self.take_at(bytes, 0)
    }

    fn take_at(&mut self, bytes: &[u8], depth: usize) -> Result<(), TlvError> {
        for object in Reader::new(bytes) {
            let object = object?;
            if object.tag.is_constructed() && depth < 8 {
                self.take_at(object.value, depth + 1)?;
            } else if !OF_TERMINAL.contains(&object.tag.number()) {
                self.set(object.tag.number(), object.value);
            }
        }
        Ok(())
    }

    /// The values that a data object list asks for, one after another.
    ///
    /// # Errors
    /// A list that cannot be read.
    pub fn answer(&self, list: &[u8]) -> Result<Vec<u8>, TlvError> {
        let mut out = Vec::new();
        let lookup = |tag: Tag| self.value(tag.number()).map(|value| (value, alignment(tag)));
        dol::fill(list, lookup, &mut out)?;
        Ok(out)
    }
}

/// Amounts, currencies, dates and counters are numeric.
fn alignment(tag: Tag) -> Alignment {
    match tag.number() {
        0x9F02 | 0x9F03 | 0x5F2A | 0x9F1A | 0x9A | 0x9C | 0x9F21 => Alignment::Numeric,
        _ => Alignment::Other,
    }
}
