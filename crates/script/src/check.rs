//! Everything that can be wrong with a script, before the first byte is sent.
//!
//! What enters: a program, and whether a real card is at stake. What leaves: a [`Checked`] program
//! with its warnings, or all errors, each with its place. Statements under `for` are checked with every row's cells.

use std::collections::BTreeSet;
use std::sync::Arc;

use sscard_apdu::CommandApdu;
use sscard_core::Protocol;

use crate::ast::{
    Bound, CommandText, Directive, Expect, Expr, FaultRequest, Pieces, Span, Statement,
    StatementKind, Value,
};
use crate::error::MOST_ERRORS;
use crate::eval::{Binding, Fault, Known, Latest, Scope};
use crate::functions::FunctionContext;
use crate::program::{File, Program, Target};
use crate::quote::quoted;
use crate::verbs::{Action, is_destructive};
use crate::{ScriptError, SourceText};

const DESTRUCTIVE: &str = "this may use up tries or block a card in a reader: write @destructive at the \
script's beginning when that is meant";

/// A script that has more, with its rows and what it includes, is a mistake or a trap.
const MOST_STATEMENTS: usize = 10_000_000;

/// A program in which nothing is wrong: what alone is run.
#[derive(Debug)]
pub struct Checked {
    program: Program,
    warnings: Vec<ScriptError>,
}

impl Checked {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What is unusual in it, each with its place.
    #[must_use]
    pub fn warnings(&self) -> &[ScriptError] {
        &self.warnings
    }
}

/// Checks a program.
///
/// # Errors
/// Everything that is wrong, at most [`MOST_ERRORS`].
pub fn check(program: Program, target: Target) -> Result<Checked, Vec<ScriptError>> {
    let is_destructive = program.settings.destructive;
    check_among(program, target, is_destructive, Scope::default())
}

/// Checks a program that is carried out where these names are there already.
pub(crate) fn check_among(
    program: Program,
    target: Target,
    is_destructive: bool,
    scope: Scope,
) -> Result<Checked, Vec<ScriptError>> {
    let mut checker = Checker {
        program: &program,
        must_say: target == Target::Reader && !is_destructive,
        in_reader: target == Target::Reader,
        scope,
        context: FunctionContext::new(0),
        errors: Vec::new(),
        warnings: Vec::new(),
        budget: MOST_STATEMENTS,
        said: Vec::new(),
        seen: BTreeSet::new(),
    };
    checker.block(program.main(), &program.main().script.items, ScriptPlace::Top);
    let Checker { errors, warnings, .. } = checker;
    if errors.is_empty() { Ok(Checked { program, warnings }) } else { Err(errors) }
}

/// Where statements stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ScriptPlace {
    Block,
    Included,
    Top,
}

struct Checker<'p> {
    program: &'p Program,
    /// Whether destructive commands have to be announced, and are not.
    must_say: bool,
    /// Whether the card is in a reader.
    in_reader: bool,
    scope: Scope,
    context: FunctionContext,
    errors: Vec<ScriptError>,
    warnings: Vec<ScriptError>,
    /// Statements that may still be looked at.
    budget: usize,
    /// Directives of the whole run that were said.
    said: Vec<(&'static str, &'p Directive)>,
    /// What was reported: the rows of a table repeat it.
    seen: BTreeSet<(String, usize, usize, String)>,
}

impl<'p> Checker<'p> {
    fn report(&mut self, source: &SourceText, fault: Fault, is_error: bool) {
        let kept = if is_error { &mut self.errors } else { &mut self.warnings };
        if kept.len() >= MOST_ERRORS {
            return;
        }
        let error = fault.error(source);
        if self.seen.insert((error.name.clone(), error.line, error.column, error.message.clone())) {
            kept.push(*error);
        }
    }

    fn wrong(&mut self, file: &File, fault: Fault) {
        self.report(&file.source, fault, true);
    }

    fn block(&mut self, file: &'p File, items: &'p [Statement], place: ScriptPlace) {
        for item in items {
            if self.errors.len() >= MOST_ERRORS || !self.has_budget(file, item.span) {
                return;
            }
            self.item(file, item, place);
        }
    }

    fn item(&mut self, file: &'p File, item: &'p Statement, place: ScriptPlace) {
        match &item.kind {
            StatementKind::Directive(directive) => {
                self.directive(file, item.span, directive, place);
            }
            StatementKind::Reset | StatementKind::Exit => {}
            StatementKind::Fault(request) => self.fault(file, item.span, request),
            StatementKind::Command(command) => self.command(file, item.span, command),
            StatementKind::Expect(expect) => self.expect(file, item.span, expect),
            StatementKind::Let { name, value } => {
                let known = match value {
                    Bound::Command(command) => {
                        self.command(file, item.span, command);
                        Known::Later(None)
                    }
                    Bound::Expr(expr) => self.value(file, expr).unwrap_or(Known::Later(None)),
                };
                self.scope.bind(name, Binding::Value(known));
            }
            StatementKind::Print(expr) => {
                self.value(file, expr);
            }
            StatementKind::Case { name, body } => {
                if let Err(fault) = self.scope.text(name, item.span) {
                    self.wrong(file, fault);
                }
                let depth = self.scope.depth();
                self.block(file, body, ScriptPlace::Block);
                self.scope.forget(depth);
            }
            StatementKind::For { variable, body, .. } => {
                let Some(table) = file.table(item.span) else { return };
                // Without rows the statements are checked all the same.
                for row in 0..table.rows.len().max(1) {
                    if self.errors.len() >= MOST_ERRORS || !self.has_budget(file, item.span) {
                        return;
                    }
                    let depth = self.scope.depth();
                    self.scope.bind(variable, Binding::Row(Arc::clone(table), row));
                    self.block(file, body, ScriptPlace::Block);
                    self.scope.forget(depth);
                }
            }
            StatementKind::Include { .. } => {
                if let Some(included) = self.program.included(file, item.span) {
                    self.block(included, &included.script.items, ScriptPlace::Included);
                }
            }
        }
    }

    /// A reader cannot do everything that a virtual card can.
    fn fault(&mut self, file: &File, span: Span, request: &FaultRequest) {
        let (FaultRequest::Set(faults), true) = (request, self.in_reader) else { return };
        for text in faults {
            let fault: Option<sscard_faults::Fault> = text.parse().ok();
            if let Some(reason) = fault.and_then(|fault| fault.not_in_a_reader()) {
                self.wrong(file, Fault::new(span, format!("{text}: {reason}")));
            }
        }
    }

    /// Whether one more statement or row may be looked at.
    fn has_budget(&mut self, file: &File, span: Span) -> bool {
        let budget = self.budget.checked_sub(1);
        if budget.is_none() {
            let message =
                format!("more than {MOST_STATEMENTS} statements, rows and includes counted");
            self.wrong(file, Fault::new(span, message));
        }
        self.budget = budget.unwrap_or(0);
        budget.is_some()
    }

    /// A directive of the whole run is said once; an image is what it is.
    fn contradiction(&mut self, file: &File, span: Span, directive: &'p Directive) {
        let (name, excluded): (_, &[&str]) = match directive {
            Directive::Card(_) => ("@card", &["@card", "@profile", "@state"]),
            Directive::Profile(_) => ("@profile", &["@card", "@profile"]),
            Directive::Protocol(_) => ("@protocol", &["@protocol"]),
            Directive::Psam(_) => ("@psam", &["@psam"]),
            Directive::Seed(_) => ("@seed", &["@seed"]),
            Directive::State(_) => ("@state", &["@card", "@state"]),
            Directive::Timeout(_) => ("@timeout", &["@timeout"]),
            Directive::Contactless
            | Directive::Destructive
            | Directive::Expect(_)
            | Directive::Mode(_)
            | Directive::OnError(_)
            | Directive::Slot(_) => return,
        };
        // The same once more, as importers say it, contradicts nothing.
        let contradicts =
            |(other, said): &&(&str, &Directive)| excluded.contains(other) && *said != directive;
        if let Some((other, _)) = self.said.iter().find(contradicts) {
            let message = if *other == name {
                format!("'{name}' is given twice with different values")
            } else {
                format!("'{name}' has no effect beside '{other}'")
            };
            self.wrong(file, Fault::new(span, message));
        }
        self.said.push((name, directive));
    }

    fn directive(&mut self, file: &File, span: Span, directive: &'p Directive, place: ScriptPlace) {
        let of_the_whole_run = match directive {
            Directive::Mode(_)
            | Directive::OnError(_)
            | Directive::Expect(_)
            | Directive::Slot(_) => false,
            Directive::Card(_)
            | Directive::Contactless
            | Directive::Destructive
            | Directive::Profile(_)
            | Directive::Protocol(_)
            | Directive::Psam(_)
            | Directive::Seed(_)
            | Directive::State(_)
            | Directive::Timeout(_) => true,
        };
        self.contradiction(file, span, directive);
        if of_the_whole_run && place != ScriptPlace::Top {
            let message = format!("'{directive}' applies to the whole run");
            let mut fault = Fault::new(span, message);
            fault.advice =
                Some("it stands in the script that is run, outside of blocks".to_owned());
            self.wrong(file, fault);
        }
    }

    fn value(&mut self, file: &File, expr: &Expr) -> Option<Known> {
        match self.scope.value(expr, &mut self.context) {
            Ok(known) => Some(known),
            Err(fault) => {
                self.wrong(file, fault);
                None
            }
        }
    }

    fn mask(&mut self, file: &File, pieces: &Pieces) {
        if let Err(fault) = self.scope.pieces(pieces, &mut self.context) {
            self.wrong(file, fault);
        }
    }

    fn command(&mut self, file: &File, span: Span, command: &CommandText) {
        match command {
            CommandText::Raw(pieces) => self.raw(file, pieces),
            CommandText::Verb(written) => match self.scope.arguments(written, &mut self.context) {
                Err(fault) => self.wrong(file, fault),
                Ok((verb, arguments, all_known)) => {
                    if verb.is_dangerous(&arguments) {
                        self.dangerous(file, span);
                    }
                    if let (Action::One(build), true) = (&verb.action, all_known) {
                        let built = build(&arguments)
                            .and_then(|plain| plain.emit(Protocol::T1, &mut Vec::new()));
                        if let Err(message) = built {
                            let values = written.arguments.iter().map(|written| &written.value);
                            let mut fault =
                                Fault::new(span, message).of_cell(self.scope.only_cell(values));
                            fault.advice = Some(verb.usage());
                            self.wrong(file, fault);
                        }
                    }
                }
            },
        }
        self.scope.latest = Latest::Later;
    }

    fn dangerous(&mut self, file: &File, span: Span) {
        if self.must_say {
            let mut fault = Fault::new(span, "a destructive command without @destructive");
            fault.advice = Some(DESTRUCTIVE.to_owned());
            self.wrong(file, fault);
        }
    }

    fn raw(&mut self, file: &File, pieces: &Pieces) {
        let beginning = match self.scope.beginning(pieces, &mut self.context) {
            Ok(beginning) => beginning,
            Err(fault) => return self.wrong(file, fault),
        };
        let bytes = &beginning.bytes;
        if is_destructive(bytes) || (!beginning.is_all && bytes.len() < 4) {
            self.dangerous(file, pieces.span);
        }
        if !beginning.is_all {
            return;
        }
        if bytes.len() < 4 {
            let found = sscard_lexicon::these_are(bytes.len(), "byte");
            let message = format!("a command has at least CLA INS P1 P2, {found}");
            self.wrong(file, Fault::new(pieces.span, message));
        } else if let Err(error) = CommandApdu::parse(bytes) {
            let message = format!("no command of the four cases: {error}; it is sent as it is");
            self.report(&file.source, Fault::new(pieces.span, message), false);
        }
    }

    fn expect(&mut self, file: &File, span: Span, expect: &Expect) {
        if matches!(self.scope.latest, Latest::None) && !matches!(expect, Expect::Equal { .. }) {
            let message = "there is no response yet: no command precedes this";
            self.wrong(file, Fault::new(span, message));
        }
        match expect {
            Expect::Sw(_) | Expect::Len { .. } => {}
            Expect::Data(pieces) | Expect::Tlv { value: pieces, .. } => self.mask(file, pieces),
            Expect::Equal { found, wanted } => {
                if let Value::Literal(word) = &found.value {
                    let word = quoted(word);
                    let message = format!("{word} is a word: a name wants a $, a function its (…)");
                    self.wrong(file, Fault::new(found.span, message));
                    return;
                }
                if let Err(fault) = self.scope.bytes(found, &mut self.context) {
                    self.wrong(file, fault);
                }
                self.mask(file, wanted);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
