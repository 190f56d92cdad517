//! Errors that point into the user's file.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::ast::Span;

/// A script's text and its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Name: a path, or `<shell>`.
    pub name: Arc<str>,
    /// Text.
    pub text: Arc<str>,
}

impl Source {
    /// A text with its name.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// Line and column of an offset, counted from 1; columns in characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
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
