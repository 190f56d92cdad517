//! The cases that are not run: those behind a failure, and those of a script that is not begun.

use std::sync::Arc;

use sscard_host::{Secrets, Transport};

use super::{Runner, Stop};
use crate::ast::{Statement, StatementKind, Text, TextPart};
use crate::eval::{Binding, Scope};
use crate::program::{File, Program, Table};
use crate::report::{ScriptPlace, Skipped};

/// The cases of a program of which nothing is run, in its order.
#[must_use]
pub fn skipped(program: &Program) -> Vec<Skipped> {
    let main = program.main();
    let mut scope = Scope::default();
    cases(program, main, &main.script.items, &mut scope)
}

impl<'p, T: Transport> Runner<'p, '_, T> {
    /// Tells of the cases in items that are not gone on with. What `exit` leaves out is meant.
    pub(super) fn skip(&mut self, stop: &Stop, file: &'p File, items: &'p [Statement]) {
        if matches!(stop, Stop::Exit) {
            return;
        }
        let depth = self.session.scope.depth();
        for case in cases(self.program, file, items, &mut self.session.scope) {
            self.observer.skipped(&case);
        }
        self.session.scope.forget(depth);
    }

    /// The same for the rows of a table from `first` on.
    pub(super) fn skip_rows(
        &mut self,
        stop: &Stop,
        file: &'p File,
        (variable, body): (&'p str, &'p [Statement]),
        (table, first): (&'p Arc<Table>, usize),
    ) {
        for row in first..table.rows.len() {
            let depth = self.session.scope.depth();
            self.session.scope.bind(variable, Binding::Row(Arc::clone(table), row));
            self.skip(stop, file, body);
            self.session.scope.forget(depth);
        }
    }
}

fn cases(program: &Program, file: &File, items: &[Statement], scope: &mut Scope) -> Vec<Skipped> {
    let mut found = Vec::new();
    for item in items {
        match &item.kind {
            StatementKind::Case { name, body } => {
                let name = match scope.text(name, item.span) {
                    Ok(Some(name)) => name,
                    // What it stands for would have been known later.
                    Ok(None) | Err(_) => written(name),
                };
                let secrets = Secrets::Redacted;
                let place = ScriptPlace { source: &file.source, span: item.span, secrets }.name();
                found.push(Skipped { name, place, cases: cases(program, file, body, scope) });
            }
            StatementKind::For { variable, body, .. } => {
                let Some(table) = file.table(item.span) else { continue };
                for row in 0..table.rows.len() {
                    let depth = scope.depth();
                    scope.bind(variable, Binding::Row(Arc::clone(table), row));
                    found.extend(cases(program, file, body, scope));
                    scope.forget(depth);
                }
            }
            StatementKind::Include { .. } => {
                if let Some(included) = program.included(file, item.span) {
                    found.extend(cases(program, included, &included.script.items, scope));
                }
            }
            _ => {}
        }
    }
    found
}

/// A name with its variables as they are written.
fn written(name: &Text) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Literal(literal) => literal.clone(),
        TextPart::Variable(path) => format!("${{{}}}", path.join(".")),
    };
    name.parts.iter().map(part).collect()
}
