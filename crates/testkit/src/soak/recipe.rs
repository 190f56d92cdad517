//! A finding as a file that is carried out again.
//!
//! ```toml
//! # gen3, activated, holder 7, seed 1, run 9: 0084000004 got 6D00, expected 9000
//! sscard = "0.1.0"
//! card = "gen3, activated, holder 7"
//! operations = [
//!     "00 00 04 00 00 00 00 00 00 00 00 00", # Send { channel: 0, … }
//! ]
//! ```
//!
//! What enters: what a soak has found. What leaves: text, and out of text what to do again.

use std::fmt::{self, Write};

use serde::Deserialize;

use super::finding::Finding;
use crate::model::Model;
use crate::op::{OpRecord, RECORD};

/// Operations to carry out again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SoakRecipe {
    /// Version of the program that wrote it; bytes may mean something else to another one.
    pub version: String,
    /// What the operations begin with.
    pub start: String,
    /// The operations.
    pub records: Vec<OpRecord>,
}

/// A text that is no recipe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecipeRefusal(String);

impl fmt::Display for RecipeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecipeRefusal {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    sscard: String,
    card: String,
    operations: Vec<String>,
}

impl SoakRecipe {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, RecipeRefusal> {
        let refuse = |reason: String| RecipeRefusal(reason);
        let written: Written = toml::from_str(text)
            .map_err(|error| refuse(error.to_string().trim_end().to_owned()))?;
        let record = |(number, text): (usize, &String)| {
            let bytes = sscard_apdu::hex::decode(text).ok();
            let record = bytes.and_then(|bytes| OpRecord::try_from(bytes).ok());
            record.ok_or_else(|| {
                refuse(format!("operation {number}: '{text}' is not {RECORD} bytes in hexadecimal"))
            })
        };
        let records = (1..).zip(&written.operations).map(record).collect::<Result<_, _>>()?;
        Ok(Self { version: written.sscard, start: written.card, records })
    }
}

impl Finding {
    /// The recipe, as the text of a file.
    #[must_use]
    pub fn recipe<M: Model>(&self) -> String {
        let Self { start, seed, run, records, violation } = self;
        let mut text = String::new();
        let one_line = |text: String| text.replace(char::is_control, " ");
        let _ = writeln!(
            text,
            "# {}",
            one_line(format!("{start}, seed {seed}, run {run}: {violation}"))
        );
        let _ = writeln!(text, "sscard = \"{}\"", env!("CARGO_PKG_VERSION"));
        let _ = writeln!(text, "card = {}", toml::Value::from(start.as_str()));
        text.push_str("operations = [\n");
        for (record, operation) in records.iter().zip(self.operations::<M>()) {
            let bytes: Vec<String> = record.iter().map(|byte| format!("{byte:02X}")).collect();
            let _ = writeln!(text, "    \"{}\", # {}", bytes.join(" "), one_line(operation));
        }
        text.push_str("]\n");
        text
    }
}
