//! What bytes mean to a person, in Chinese and English.
//!
//! ```text
//! status word, command, tag, item ─► Meaning {zh, en}
//!                 catalogue of core ──┘
//! data element, TLV answer ─► financial ─► names, notes, trees
//! a whole session ─► Session::annotate ─► Annotation of each exchange
//! ```
//!
//! What enters: status words, commands, tags, items. What leaves: text. Names, lengths and types of
//! files and items come from the card's own catalogue.
#![forbid(unsafe_code)]

mod application;
mod blank;
mod codes;
mod command;
mod count;
mod fields;
pub mod financial;
mod item;
mod outline;
mod session;
mod shown;
mod social;
mod status;
mod tag;
mod volatility;

pub use application::Application;
pub use blank::blank;
pub use command::{command_name, describe_command};
pub use count::{counted, counted_is, is_are, these_are};
pub use item::{is_day, item_faults, item_text, text};
pub use outline::{label, outline};
pub use session::{Annotation, Place, Session};
pub use shown::{is_order, push_shown, shown, shown_lines};
pub use status::status_meaning;
pub use tag::tag_name;
pub use volatility::Volatility;

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

impl std::fmt::Display for Meaning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.en, self.zh)
    }
}

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
