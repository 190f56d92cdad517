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

    /// The same with advice.
    #[must_use]
    pub fn with_advice(mut self: Box<Self>, advice: impl Into<String>) -> Box<Self> {
        self.advice = Some(advice.into());
        self
    }
}
