//! Scripts of other programs as scripts of ours.
//!
//! ```text
//! text ─► Dialect: told, or seen from name and content ─► importer ─► Script + notes by line
//! ```
//!
//! What enters: a text in another program's language. What leaves: a script, and what is to know of its lines.
//!
//! Invariant owned here: //! What cannot be expressed is never dropped: the import fails with all such lines, or goes on without
//! them and says so. Items keep their places in the imported text, so errors point into it.
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

mod detect;
mod gpshell;
mod javacard;
mod scriptor;
mod transcript;

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use sscard_lexicon::{is_order, shown};
use sscard_script::ast::{
    CommandText, Expect, Piece, Pieces, Script, Span, Statement, StatementKind, SwPattern,
};
use sscard_script::{ScriptError, SourceText, blank, parse};

/// What a text is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Dialect {
    /// Our own language.
    Apdu,
    /// `scriptor` of pcsc-tools; `exit` and `reset` are whole words.
    Scriptor,
    /// The same as that program reads it, substrings and all.
    ScriptorCompat,
    /// What `scriptor` prints.
    Transcript,
    /// `apdutool` of the Java Card kits: `.scr`.
    JavaCard,
    /// GPShell.
    GpShell,
}

impl Dialect {
    /// Every dialect with its name.
    pub const ALL: [(&'static str, Self); 6] = [
        ("apdu", Self::Apdu),
        ("scriptor", Self::Scriptor),
        ("scriptor-compat", Self::ScriptorCompat),
        ("transcript", Self::Transcript),
        ("javacard", Self::JavaCard),
        ("gpshell", Self::GpShell),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, dialect)| *dialect == self).map_or("", |(name, _)| name)
    }
}

/// What becomes of the Le that `apdutool` always writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Le {
    /// It is sent as it is written.
    #[default]
    Keep,
    /// It is left out behind data.
    Drop,
    /// It becomes 00: as much as there is.
    Zero,
}

/// How to import.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct ImportOptions {
    /// What the text is written in; seen from name and content without it.
    pub dialect: Option<Dialect>,
    /// What becomes of Le in Java Card scripts.
    pub le: Le,
    /// Comments of Java Card scripts that look like answers become expectations.
    pub adopt_comments: bool,
    /// Unsupported lines are noted and left out instead of failing the import.
    pub keep_going: bool,
    /// What `${NAME}` stands for in GPShell scripts.
    pub environment: BTreeMap<String, String>,
}

impl ImportOptions {
    /// A text in this dialect.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        Self { dialect: Some(dialect), ..Self::default() }
    }

    /// The same, with what becomes of Le in Java Card scripts.
    #[must_use]
    pub fn with_le(self, le: Le) -> Self {
        Self { le, ..self }
    }

    /// The same; comments that look like answers become expectations.
    #[must_use]
    pub fn adopting_comments(self) -> Self {
        Self { adopt_comments: true, ..self }
    }

    /// The same; unsupported lines are noted and left out.
    #[must_use]
    pub fn keeping_going(self) -> Self {
        Self { keep_going: true, ..self }
    }

    /// The same, with what `${NAME}` stands for.
    #[must_use]
    pub fn with_environment(self, environment: BTreeMap<String, String>) -> Self {
        Self { environment, ..self }
    }
}

/// How grave a note is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// The script may do something else than its author meant.
    Warning,
    /// The line is not in the script.
    Unsupported,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Unsupported => "unsupported",
        })
    }
}

/// Something to know about a line.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LineNote {
    /// The line, from 1.
    pub line: usize,
    /// How grave it is.
    pub level: Level,
    /// What it is.
    pub message: String,
}

impl fmt::Display for LineNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.level, shown(&self.message))
    }
}

/// An imported script.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The script.
    pub script: Script,
    /// What it was written in.
    pub dialect: Dialect,
    /// What is to know, by line.
    pub notes: Vec<LineNote>,
}

/// Why a text cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialectError {
    /// Our own language, with an error in it.
    #[error(transparent)]
    Script(#[from] Box<ScriptError>),
    /// Lines that cannot be expressed; the notes hold all of them.
    #[error("{}: {}", shown(name), Refused(.notes))]
    Unsupported {
        /// The text's name.
        name: String,
        /// All notes, those of unsupported lines among them.
        notes: Vec<LineNote>,
    },
}

/// An error says no more lines than this, and counts the rest.
const SAID: usize = 20;
/// More notes are not kept: nobody reads them, and a text has millions of lines.
const MOST_NOTES: usize = 10_000;

struct Refused<'a>(&'a [LineNote]);

impl fmt::Display for Refused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || self.0.iter().filter(|note| note.level == Level::Unsupported);
        let count = lines().count();
        let what = if count == 1 { "line" } else { "lines" };
        write!(f, "{count} {what} cannot be imported")?;
        lines()
            .take(SAID)
            .try_for_each(|note| write!(f, "\n  line {}: {}", note.line, shown(&note.message)))?;
        match count.saturating_sub(SAID) {
            0 => Ok(()),
            more => write!(f, "\n  … and {more} more"),
        }
    }
}

/// Reads a script in any dialect.
///
/// # Errors
/// [`DialectError`]: an error of our own language, or lines that cannot be expressed unless
/// [`ImportOptions::keep_going`].
pub fn read(name: &str, text: &str, options: &ImportOptions) -> Result<Imported, DialectError> {
    SourceText::new(name, text).has_fitting_lines()?;
    let dialect = options.dialect.unwrap_or_else(|| detect::dialect(name, text));
    if dialect == Dialect::Apdu {
        let script = parse(&SourceText::new(name, text))?;
        return Ok(Imported { script, dialect, notes: Vec::new() });
    }
    let mut import = Import::default();
    match dialect {
        Dialect::Scriptor => scriptor::ordinary(text, &mut import),
        Dialect::ScriptorCompat => scriptor::compat(text, &mut import),
        Dialect::Transcript => transcript::import(text, &mut import),
        Dialect::JavaCard => javacard::import(text, options, &mut import),
        Dialect::GpShell | Dialect::Apdu => gpshell::import(text, options, &mut import),
    }
    let Import { items, mut notes } = import;
    notes.sort_by_key(|note| note.line);
    if !options.keep_going && notes.iter().any(|note| note.level == Level::Unsupported) {
        return Err(DialectError::Unsupported { name: name.to_owned(), notes });
    }
    Ok(Imported { script: Script { items }, dialect, notes })
}

impl Imported {
    /// The script in our language, with every note as a comment where it belongs; `source` is what
    /// was imported.
    #[must_use]
    pub fn to_apdu(&self, source: &SourceText) -> String {
        if self.dialect == Dialect::Apdu {
            return self.script.to_string();
        }
        let mut text =
            format!("# Imported from {} ({}).\n", one_line(&source.name), self.dialect.name());
        let mut notes = self.notes.iter().peekable();
        let mut lines = Lines::of(&source.text);
        let mut said = |text: &mut String, line: usize| {
            while let Some(note) = notes.next_if(|note| note.line <= line) {
                let _ = writeln!(text, "# {}", one_line(&note.to_string()));
            }
        };
        for item in &self.script.items {
            said(&mut text, lines.line_at(item.span.start));
            let _ = writeln!(text, "{}", item.kind);
        }
        said(&mut text, usize::MAX);
        text
    }
}

fn one_line(text: &str) -> String {
    text.replace(is_order, " ")
}

/// Line numbers of offsets that grow.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    fn line_at(&mut self, offset: usize) -> usize {
        if let Some(passed) = self.text.as_bytes().get(self.offset..offset) {
            let ends = passed.iter().filter(|byte| **byte == b'\n').count();
            self.line = self.line.saturating_add(ends);
            self.offset = offset;
        }
        self.line
    }
}

/// What is being imported.
#[derive(Default)]
struct Import {
    items: Vec<Statement>,
    notes: Vec<LineNote>,
}

impl Import {
    fn note(&mut self, line: usize, level: Level, message: impl Into<String>) {
        match self.notes.len().checked_sub(MOST_NOTES) {
            // It quotes the line, which may hold a PIN.
            None => self.notes.push(LineNote { line, level, message: blank(&message.into()) }),
            Some(0) => {
                let message = "what there is to say of this line and of later ones is left out: it \
                               is too much";
                self.notes.push(LineNote { line, level, message: message.to_owned() });
            }
            Some(_) => {
                if let Some(last) = self.notes.last_mut() {
                    last.level = last.level.max(level);
                }
            }
        }
    }

    fn push(&mut self, span: Span, kind: StatementKind) {
        self.items.push(Statement { span, kind });
    }

    /// A command as it is sent.
    fn command(&mut self, span: Span, bytes: &[u8]) {
        self.push(span, StatementKind::Command(CommandText::Raw(pieces(span, bytes))));
    }

    fn expect_sw(&mut self, span: Span, status: [u8; 2]) {
        self.push(span, StatementKind::Expect(Expect::Sw(vec![status_word(status)])));
    }
}

fn pieces(span: Span, bytes: &[u8]) -> Pieces {
    Pieces { span, pieces: vec![Piece::Nibbles(nibbles(bytes))], open: false }
}

fn nibbles(bytes: &[u8]) -> Vec<Option<u8>> {
    bytes.iter().flat_map(|byte| [Some(byte >> 4), Some(byte & 0xF)]).collect()
}

fn status_word([high, low]: [u8; 2]) -> SwPattern {
    SwPattern([Some(high >> 4), Some(high & 0xF), Some(low >> 4), Some(low & 0xF)])
}

/// A line with its number and place; without its end.
struct Line<'t> {
    number: usize,
    start: usize,
    text: &'t str,
}

impl Line<'_> {
    fn span(&self) -> Span {
        Span { start: self.start, end: self.start.saturating_add(self.text.len()) }
    }
}

/// Lines as they end in LF; a CR in front of it stays.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0_usize;
    text.split_inclusive('\n').zip(1..).map(move |(line, number)| {
        let at = start;
        start = start.saturating_add(line.len());
        Line { number, start: at, text: line.strip_suffix('\n').unwrap_or(line) }
    })
}

/// Bytes of hex digits in pairs, without anything between them.
fn bytes_of_hex(digits: &str) -> Option<Vec<u8>> {
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(value(*high)? << 4 | value(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests;
