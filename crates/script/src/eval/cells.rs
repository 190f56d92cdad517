//! Which cell of a table a value is, or comes from.

use std::sync::Arc;

use super::{Binding, Scope};
use crate::ast::{Expr, Value};
use crate::program::Cell;

impl Scope {
    /// The cell that a value is.
    pub(crate) fn cell(&self, expr: &Expr) -> Option<Cell> {
        let Value::Variable(path) = &expr.value else { return None };
        let [name, column, ..] = &path[..] else { return None };
        let (_, binding) = self.names.iter().rev().find(|(bound, _)| bound == name)?;
        let Binding::Row(table, row) = binding else { return None };
        let column = table.columns.iter().position(|known| known == column)?;
        table.rows.get(*row)?.get(column)?;
        Some(Cell { table: Arc::clone(table), row: *row, column })
    }

    /// The first cell among values that are all cells or written out: nothing else can be wrong.
    pub(crate) fn only_cell<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Option<Cell> {
        let mut first = None;
        for expr in exprs {
            match (self.cell(expr), &expr.value) {
                (Some(cell), _) => first = first.or(Some(cell)),
                (None, Value::Literal(_)) => {}
                (None, _) => return None,
            }
        }
        first
    }
}

/// The values right inside a value.
pub(super) fn operands(expr: &Expr) -> &[Expr] {
    match &expr.value {
        Value::Slice { of, .. } | Value::Tlv { of: Some(of), .. } => std::slice::from_ref(of),
        Value::Call { arguments, .. } => arguments,
        Value::Concat(operands) | Value::Xor(operands) => operands,
        Value::Literal(_)
        | Value::Response
        | Value::Status
        | Value::Text(_)
        | Value::Tlv { of: None, .. }
        | Value::Variable(_) => &[],
    }
}
