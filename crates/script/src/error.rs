//! Errors that point into the user's file.

use std::sync::{Arc, OnceLock};

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::ast::Span;

/// A script's text and its name.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name: a path, or `<shell>`.
    pub name: Arc<str>,
    /// Text.
    pub text: Arc<str>,
    /// Where its lines begin, once somebody asks.
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.text) == (&other.name, &other.text)
    }
}

impl Eq for Source {}

impl Source {
    /// A text with its name.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into(), lines: Arc::default() }
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
        (line, column)
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
    text: NamedSource<Arc<str>>,
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
            text: NamedSource::new(&source.name, Arc::clone(&source.text)),
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
