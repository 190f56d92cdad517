//! Errors that point into the user's file.

use std::sync::{Arc, OnceLock};

use miette::{Diagnostic, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::ast::Span;

/// A script's text and its name.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name: a path, or `<shell>`.
    pub name: Arc<str>,
    /// Text.
    pub text: Arc<str>,
    /// Number of its first line, where it is a piece of a longer text.
    pub first_line: usize,
    /// Where its lines begin, once somebody asks.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text, self.first_line) == (&other.name, &other.text, other.first_line)
    }
}

impl Eq for Source {}

impl Source {
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

    /// Line and column of an offset, counted from 1; columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.match_indices('\n').map(|(end, _)| end + 1);
            std::iter::once(0).chain(ends).collect()
        });
        let offset = if self.text.is_char_boundary(offset) { offset } else { self.text.len() };
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..offset).unwrap_or("").chars().count() + 1;
        (line.saturating_sub(1).saturating_add(self.first_line), column)
    }
}

/// A source that is shown with its own numbers of lines.
#[derive(Clone, Debug)]
struct Numbered(Source);

impl SourceCode for Numbered {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        behind: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let found = self.0.text.read_span(span, before, behind)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.name.to_string(),
            found.data(),
            *found.span(),
            found.line() + self.0.first_line.saturating_sub(1),
            found.column(),
            found.line_count(),
        )))
    }
}

/// Characters of a line that an error shows when it shows not all of it.
const SHOWN: usize = 80;

/// A line that is longer, with those that `\\` adds to it, is nothing that somebody wrote: it costs
/// many times its length to read.
const LONGEST_LINE: usize = 0x10_0000;

/// Whether every line of a text can be read.
///
/// # Errors
/// The first line that is too long.
pub(crate) fn fitting(source: &Source) -> Result<(), Box<ScriptError>> {
    let mut length = 0_usize;
    let mut first = source.first_line;
    for (number, line) in (source.first_line..).zip(source.text.split('\n')) {
        if length == 0 {
            first = number;
        }
        length += line.len() + 1;
        if length > LONGEST_LINE {
            let beginning: String = line.chars().take(SHOWN).collect();
            let piece = Source::at_line(&source.name, &beginning, first);
            let message = format!("this line has more than {} MiB", LONGEST_LINE >> 20);
            return Err(ScriptError::new(&piece, Span::default(), message));
        }
        if !line.trim_end().ends_with('\\') {
            length = 0;
        }
    }
    Ok(())
}

/// What is wrong with a script, and where.
#[derive(Clone, Debug, thiserror::Error, Diagnostic)]
#[error("{name}:{line}:{column}: {message}")]
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
    #[help]
    pub advice: Option<String>,
    #[source_code]
    text: Numbered,
    #[label("here")]
    span: SourceSpan,
}

impl ScriptError {
    /// An error at a place.
    #[must_use]
    pub fn new(source: &Source, span: Span, message: impl Into<String>) -> Box<Self> {
        let (line, column) = source.position(span.start);
        let length = span.end.saturating_sub(span.start);
        Box::new(Self {
            name: source.name.to_string(),
            line,
            column,
            message: message.into(),
            advice: None,
            text: Numbered(source.clone()),
            span: (span.start, length).into(),
        })
    }

    /// The same, of a text whose line is shown by its length alone: it may hold a PIN or a key.
    pub(crate) fn hidden(source: &Source, span: Span, message: impl Into<String>) -> Box<Self> {
        let (line, column) = source.position(span.start);
        let before = source.text.get(..span.start).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |end| end + 1);
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
        let from = (column - 1).min(hidden.len());
        let end = column.saturating_sub(1).saturating_add(marked).min(hidden.len());
        Box::new(Self {
            name: source.name.to_string(),
            line,
            column,
            message: message.into(),
            advice: None,
            text: Numbered(Source::at_line(&source.name, &hidden, line)),
            span: (from, end.saturating_sub(from)).into(),
        })
    }

    /// The same with advice.
    #[must_use]
    pub fn with_advice(mut self: Box<Self>, advice: impl Into<String>) -> Box<Self> {
        self.advice = Some(advice.into());
        self
    }
}
