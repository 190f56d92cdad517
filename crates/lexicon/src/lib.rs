//! What bytes mean to a person, in Chinese and English.
//!
//! ```text
//! status word, command, tag, item ─► Meaning {zh, en}
//!                 catalogue of core ──┘
//! data element, TLV answer ─► financial ─► names, notes, trees
//!  dictionary of elements ──┘
//! a whole session ─► Session::annotate ─► Annotation of each exchange
//! ```
//!
//! What enters: status words, commands, tags, items. What leaves: text. Names, lengths and types of
//! files and items come from the card's own catalogue, those of data elements from their dictionary.
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

mod application;
mod blank;
mod codes;
mod command;
mod count;
mod fields;
pub mod financial;
mod item;
mod outline;
pub mod pki;
mod psam;
mod session;
mod shown;
mod social;
mod status;

pub use application::Vocabulary;
pub use blank::blank;
pub use command::{command_name, describe_command};
pub use count::{counted, counted_is, is_are, these_are};
pub use item::{is_day, item_faults, item_text, text};
pub use outline::{label, outline};
pub use session::{Annotation, Place, Session};
pub use shown::{is_order, push_shown, shown, shown_lines};
pub use sscard_elements::Volatility;
pub use status::status_meaning;

use sscard_apdu::tlv::Tag;
use sscard_elements::{Element, social_element};

/// A name in both languages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Meaning {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Meaning {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

impl From<&Element> for Meaning {
    fn from(element: &Element) -> Self {
        Self::new(element.zh, element.en)
    }
}

/// Name of a tag in the social security application's file control information and DIR file, if it is known.
#[must_use]
pub fn tag_name(tag: Tag) -> Option<Meaning> {
    social_element(tag).map(Meaning::from)
}

impl std::fmt::Display for Meaning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.en, self.zh)
    }
}

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
