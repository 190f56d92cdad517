//! The data elements of one transaction, by tag.

use std::collections::BTreeMap;

use sscard_apdu::dol::{self, Alignment};
use sscard_apdu::tlv::{Reader, Tag, TlvError};
use sscard_elements::{element, tag};

use crate::padding::without_padding;

/// What is the terminal's own to say: a card that sends one of these is not listened to.
const OF_TERMINAL: [Tag; 21] = [
    tag::RESPONSE_CODE,
    tag::ISSUER_AUTHENTICATION_DATA,
    tag::TERMINAL_VERIFICATION_RESULTS,
    tag::TRANSACTION_DATE,
    tag::TRANSACTION_STATUS_INFORMATION,
    tag::TRANSACTION_TYPE,
    tag::TRANSACTION_CURRENCY,
    tag::AMOUNT_AUTHORISED,
    tag::AMOUNT_OTHER,
    tag::TERMINAL_COUNTRY,
    tag::TRANSACTION_TIME,
    tag::TERMINAL_CAPABILITIES,
    tag::CVM_RESULTS,
    tag::TERMINAL_TYPE,
    tag::UNPREDICTABLE_NUMBER,
    tag::ICC_DYNAMIC_NUMBER,
    tag::MERCHANT_NAME,
    tag::TERMINAL_QUALIFIERS,
    tag::CASH_SUPPORT_INDICATOR,
    tag::ISSUER_SCRIPT_RESULTS,
    tag::SM_SUPPORT_INDICATOR,
];

/// Data elements of card and terminal.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct DataStore(BTreeMap<Tag, Vec<u8>>);

impl DataStore {
    /// A data element.
    #[must_use]
    pub fn value(&self, tag: Tag) -> Option<&[u8]> {
        self.0.get(&tag).map(Vec::as_slice)
    }

    /// A data element of exactly `N` bytes.
    #[must_use]
    pub fn array<const N: usize>(&self, tag: Tag) -> Option<[u8; N]> {
        self.value(tag)?.try_into().ok()
    }

    /// Sets a data element.
    pub fn set(&mut self, tag: Tag, value: impl Into<Vec<u8>>) {
        self.0.insert(tag, value.into());
    }

    /// Takes a data element out.
    pub(super) fn forget(&mut self, tag: Tag) {
        self.0.remove(&tag);
    }

    /// All of them, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (Tag, &[u8])> {
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
        for object in Reader::new(without_padding(bytes)) {
            let object = object?;
            if object.tag.is_constructed() && depth < 8 {
                self.take_at(object.value, depth.saturating_add(1))?;
            } else if !OF_TERMINAL.contains(&object.tag) {
                self.set(object.tag, object.value);
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
        let lookup = |tag: Tag| self.value(tag).map(|value| (value, alignment(tag)));
        dol::fill(list, lookup, &mut out)?;
        Ok(out)
    }
}

/// By the format of the element.
fn alignment(tag: Tag) -> Alignment {
    element(tag).map_or(Alignment::Other, |element| element.format.alignment())
}
