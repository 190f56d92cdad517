//! What is wrong with a piece of a script, and whose fault it is.

use sscard_lexicon::shown;

use crate::ast::Span;
use crate::program::Cell;
use crate::{ScriptError, SourceText};

/// What is wrong with a piece of a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) advice: Option<String>,
    /// The cell that it is the fault of.
    pub(crate) cell: Option<Box<Cell>>,
}

impl Fault {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), advice: None, cell: None }
    }

    /// The same, the fault of a cell if there is one and no other is known.
    pub(crate) fn of_cell(self, cell: Option<Cell>) -> Self {
        Self { cell: self.cell.or_else(|| cell.map(Box::new)), ..self }
    }

    /// The error, in the cell that is at fault, else in the script.
    pub(crate) fn error(self, source: &SourceText) -> Box<ScriptError> {
        let Some(cell) = self.cell else {
            let mut error = ScriptError::new(source, self.span, self.message);
            error.advice = self.advice;
            return error;
        };
        let (line, column) = source.position(self.span.start);
        let used = format!("the cell is used at {}:{line}:{column}", shown(&source.name));
        let advice = self.advice.map(|advice| format!("{used}; {advice}"));
        cell.error(self.message).with_advice(advice.unwrap_or(used))
    }

    pub(super) fn with_advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}
