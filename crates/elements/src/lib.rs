//! The dictionary of data elements: the one home of what a tag is.
//!
//! What enters: a tag, or an abbreviation. What leaves: its [`Element`] (names, source, format, length, templates, what
//! the value is); every tag as a constant in [`tag`] and [`social`]; bit fields as types, whose bits have names.
//!
//! ```
//! use sscard_elements::{TerminalVerificationResults as Tvr, element, tag};
//!
//! let amount = element(tag::AMOUNT_AUTHORISED).unwrap();
//! assert_eq!((amount.en, amount.zh), ("amount, authorised", "授权金额"));
//!
//! let mut results = Tvr::default();
//! results.set(Tvr::NEW_CARD);
//! assert_eq!(results.bytes(), [0x00, 0x08, 0x00, 0x00, 0x00]);
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )
)]

#[cfg(test)]
extern crate alloc;

mod bits;
mod element;
mod pki_table;
mod social_table;
mod table;

pub use bits::{
    ApplicationDefaultAction, ApplicationInterchangeProfile, ApplicationUsageControl, Bit,
    CardAdditionalProcesses, CardTransactionQualifiers, CardVerificationResults,
    CryptogramInformationData, IssuerAuthenticationIndicator, TerminalCapabilities,
    TerminalTransactionQualifiers, TerminalVerificationResults, TransactionStatusInformation,
};
pub use element::{Content, Element, Format, Length, Source, Volatility};
pub use pki_table::{PKI, pki};
pub use social_table::{SOCIAL, social};
pub use table::{ALL, tag};

use sscard_apdu::tlv::Tag;

/// The data element of a tag, when EMV or PBOC name one.
#[must_use]
pub fn element(tag: Tag) -> Option<&'static Element> {
    find(ALL, tag)
}

/// The data element of an abbreviation, in any case: `tvr`, `AIP`, `iad`.
#[must_use]
pub fn element_named(abbreviation: &str) -> Option<&'static Element> {
    ALL.iter().find(|element| {
        element.abbreviation.is_some_and(|known| known.eq_ignore_ascii_case(abbreviation))
    })
}

/// The data element of a tag in the social security application's file control information and DIR file.
#[must_use]
pub fn social_element(tag: Tag) -> Option<&'static Element> {
    find(SOCIAL, tag)
}

/// The data element of a tag in commands of the PKI application.
#[must_use]
pub fn pki_element(tag: Tag) -> Option<&'static Element> {
    find(PKI, tag)
}

fn find(table: &'static [Element], tag: Tag) -> Option<&'static Element> {
    let position = table.binary_search_by_key(&tag, |element| element.tag).ok()?;
    table.get(position)
}

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests;
