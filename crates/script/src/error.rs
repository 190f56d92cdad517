//! Errors that point into the user's file.

mod excerpt;

use std::fmt;
use std::sync::{Arc, OnceLock};

use miette::{Diagnostic, LabeledSpan, SourceCode};
use sscard_host::Secrets;
use sscard_lexicon::{shown, shown_lines};

use crate::ast::Span;
use excerpt::Excerpt;

/// A script's text and its name.
#[derive(Clone)]
pub struct SourceText {
    /// Name: a path, or `<shell>`.
    pub name: Arc<str>,
    /// Text.
    pub text: Arc<str>,
    /// Number of its first line, where it is a piece of a longer text.
    pub first_line: usize,
    /// Where its lines begin, once somebody asks.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl fmt::Debug for SourceText {
    /// Its name alone: a script may hold PINs and keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)
    }
}

impl PartialEq for SourceText {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text, self.first_line) == (&other.name, &other.text, other.first_line)
    }
}

impl Eq for SourceText {}

impl SourceText {
    /// A text with its name.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        Self::at_line(name, text, 1)
    }

    /// A piece of a longer text, with the number of its first line.
    #[must_use]
    pub fn at_line(name: &str, text: &str, first_line: usize) -> Self {
        Self { name: name.into(), text: text.into(), first_line, lines: Arc::default() }
    }

    /// Whether every line can be read.
    ///
    /// # Errors
    /// The first line that is too long.
    pub fn has_fitting_lines(&self) -> Result<(), Box<ScriptError>> {
        let mut length = 0_usize;
        let mut first = self.first_line;
        for (number, line) in (self.first_line..).zip(self.text.split('\n')) {
            if length == 0 {
                first = number;
            }
            length = length.saturating_add(line.len()).saturating_add(1);
            if length > LONGEST_LINE {
                let beginning: String = line.chars().take(SHOWN).collect();
                let piece = Self::at_line(&self.name, &beginning, first);
                let message = format!("this line has more than {} MiB", LONGEST_LINE >> 20);
                return Err(ScriptError::new(&piece, Span::default(), message));
            }
            if !line.trim_end().ends_with('\\') {
                length = 0;
            }
        }
        Ok(())
    }

    /// Line and column of an offset, counted from 1; columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.match_indices('\n').map(|(end, _)| end.saturating_add(1));
            std::iter::once(0).chain(ends).collect()
        });
        let offset = if self.text.is_char_boundary(offset) { offset } else { self.text.len() };
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or("");
        let column = before.chars().count().saturating_add(1);
        (line.saturating_sub(1).saturating_add(self.first_line), column)
    }
}

/// What is wrong with a script is looked for until there is so much of it.
pub const MOST_ERRORS: usize = 1000;

/// Characters of a line that an error shows when it shows not all of it.
const SHOWN: usize = 80;

/// A line that is longer, with those that `\\` adds to it, is nothing that somebody wrote: it costs
/// many times its length to read.
const LONGEST_LINE: usize = 0x10_0000;

/// What is wrong with a script, and where.
///
/// Its words are shown in one line, its excerpt without PINs, keys and what a terminal obeys.
#[derive(Clone, thiserror::Error)]
#[error("{}:{line}:{column}: {}", shown(name), shown(message))]
#[non_exhaustive]
pub struct ScriptError {
    /// The script's name.
    pub name: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    source_text: SourceText,
    span: Span,
    shows_secrets: bool,
    /// Made when somebody looks.
    excerpt: OnceLock<Excerpt>,
}

impl fmt::Debug for ScriptError {
    /// Without the script.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Diagnostic for ScriptError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.advice.as_deref().map(|advice| Box::new(shown_lines(advice)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.excerpt())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let here = LabeledSpan::new_with_span(Some("here".to_owned()), self.excerpt().span);
        Some(Box::new(std::iter::once(here)))
    }
}

impl ScriptError {
    /// An error at a place.
    #[must_use]
    pub fn new(source: &SourceText, span: Span, message: impl Into<String>) -> Box<Self> {
        let (line, column) = source.position(span.start);
        Box::new(Self {
            name: source.name.to_string(),
            line,
            column,
            message: message.into(),
            advice: None,
            source_text: source.clone(),
            span,
            shows_secrets: false,
            excerpt: OnceLock::new(),
        })
    }

    /// The same, of a text whose line is shown by its length alone: it may hold a PIN or a key.
    pub(crate) fn hidden(source: &SourceText, span: Span, message: impl Into<String>) -> Box<Self> {
        let (line, column) = source.position(span.start);
        let before = source.text.get(..span.start).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let hidden: String = source
            .text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or("")
            .chars()
            .take(SHOWN)
            .map(|c| if matches!(c, ',' | '"' | ' ') { c } else { '*' })
            .collect();
        let marked = source.text.get(span.start..span.end).unwrap_or("").chars().count();
        // Every character is one byte here.
        let from = column.saturating_sub(1).min(hidden.len());
        let end = column.saturating_sub(1).saturating_add(marked).min(hidden.len());
        Box::new(Self {
            source_text: SourceText::at_line(&source.name, &hidden, line),
            span: Span { start: from, end: end.max(from) },
            ..*Self::new(source, span, message)
        })
    }

    /// The same with advice.
    #[must_use]
    pub fn with_advice(mut self: Box<Self>, advice: impl Into<String>) -> Box<Self> {
        self.advice = Some(advice.into());
        self
    }

    /// The same; whether its excerpt shows PINs and keys.
    #[must_use]
    pub(crate) fn with_secrets(mut self: Box<Self>, secrets: Secrets) -> Box<Self> {
        self.shows_secrets = secrets == Secrets::Shown;
        self
    }

    fn excerpt(&self) -> &Excerpt {
        let new = || Excerpt::new(&self.source_text, self.span, self.shows_secrets);
        self.excerpt.get_or_init(new)
    }
}

#[cfg(test)]
mod tests;
