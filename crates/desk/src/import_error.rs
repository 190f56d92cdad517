//! Why residents are not imported: every bad row with its line and its reason.

use std::fmt;

use sscard_lexicon::shown;

/// A row that does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowError {
    /// Line in the file.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// So many wrong rows are kept; more are counted.
const KEPT: usize = 1_000;
/// So many of them are told in words.
pub(crate) const TOLD: usize = 20;

/// Rows that do not fit: the first ones, and how many there are.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowErrors {
    kept: Vec<RowError>,
    count: u64,
}

impl RowErrors {
    pub(crate) fn add(&mut self, line: u64, reason: String) {
        self.count = self.count.saturating_add(1);
        if self.kept.len() < KEPT {
            self.kept.push(RowError { line, reason });
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many rows do not fit.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl std::ops::Deref for RowErrors {
    type Target = [RowError];

    /// The first of them.
    fn deref(&self) -> &[RowError] {
        &self.kept
    }
}

/// Why residents cannot be imported.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ImportError {
    /// The text is not in the encoding.
    Encoding(&'static str),
    /// A column is missing, or there twice, or unknown.
    Columns(String),
    /// Rows that do not fit.
    Rows(RowErrors),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(encoding) => {
                write!(f, "the text is not {encoding}; nobody was imported")
            }
            Self::Columns(reason) => {
                write!(f, "line 1: {}; nobody was imported", shown(reason))
            }
            Self::Rows(rows) => {
                let (count, fit) = (rows.count, if rows.count == 1 { "does" } else { "do" });
                write!(f, "{count} of the rows {fit} not fit; nobody was imported")?;
                let told = rows.iter().take(TOLD);
                for row in told.clone() {
                    write!(f, "\n  line {}: {}", row.line, shown(&row.reason))?;
                }
                match count.saturating_sub(told.len() as u64) {
                    0 => Ok(()),
                    more => write!(f, "\n  ... and {} more", grouped(more)),
                }
            }
        }
    }
}

/// `999,980`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (left, digit) in (1..=digits.len()).rev().zip(digits.chars()) {
        if left < digits.len() && left.is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

impl std::error::Error for ImportError {}
