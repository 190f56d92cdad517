//! The financial application in words: EMV and PBOC data elements, commands, status words.
//!
//! ```text
//! dictionary of elements ─► value ─► tree of an answer
//! command ─► its name, what it addresses, the status word's meaning
//! ```
//!
//! What enters: tags and values, commands, answers. What leaves: names, notes and trees.

mod bits;
mod command;
mod lists;
mod status;
mod tree;
mod value;

pub use command::describe_command;
pub use status::status_meaning;
pub(crate) use tree::answer_tree;
pub use tree::{Node, of_answer, of_list, of_objects};
pub use value::{Explained, Subject, explain};

use sscard_apdu::tlv::Tag;
pub use sscard_elements::{Element, element, element_named};

use crate::Meaning;

/// Tags of all data elements.
pub fn tags() -> impl Iterator<Item = Tag> {
    sscard_elements::ALL.iter().map(|element| element.tag)
}

/// One statement about a value: a bit that is set, a rule of a list, a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Where it stands: `B3b5` for byte 3 bit 5, counted from 1 as the standards do; the number of a
    /// rule, or empty.
    pub place: String,
    /// What it says.
    pub meaning: Meaning,
}

impl Note {
    fn new(place: impl Into<String>, meaning: Meaning) -> Self {
        Self { place: place.into(), meaning }
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.place.is_empty() {
            write!(f, "{}", self.meaning)
        } else {
            write!(f, "{} {}", self.place, self.meaning)
        }
    }
}
