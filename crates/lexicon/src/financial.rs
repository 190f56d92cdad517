//! The financial application in words: EMV and PBOC data elements, commands, status words.
//!
//! ```text
//! elements.tsv, bits.tsv ─► element, bit notes ─► value ─► tree of an answer
//! command ─► its name, what it addresses, the status word's meaning
//! ```
//!
//! What enters: tags and values, commands, answers. What leaves: names, notes and trees.

mod bits;
mod command;
mod element;
mod length;
mod lists;
mod status;
mod tree;
mod value;

pub use command::describe_command;
pub use element::{DataElement, element, element_named, tags};
pub use status::status_meaning;
pub(crate) use tree::answer_tree;
pub use tree::{Node, of_answer, of_list, of_objects};
pub use value::{Explained, Subject, explain};

use crate::Meaning;

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

/// Non-comment lines of a table, split at tabs.
fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('\t');
        let row = std::array::from_fn(|_| fields.next().unwrap_or_default());
        fields.next().is_none().then_some(row)
    })
}
