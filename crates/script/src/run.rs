//! Runs a checked program on a card.
//!
//! What enters: a program, a transport, whoever looks on. What leaves: how it ended. It stops at
//! the first failed expectation, or goes on with the next case where `@on-error continue` says so;
//! a card that is gone ends everything. Raw unless `@mode auto`: no exchange that the script does
//! not ask for.

mod composite;
mod judge;
mod send;
mod session;
mod skip;
mod slots;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sscard_host::{Secrets, Transport, TransportError};
use sscard_profile::SocialKeys;

use crate::ast::{
    Bound, Directive, FaultRequest, OnError, ScriptSlot, Span, Statement, StatementKind,
};
use crate::check::{Checked, check_among};
use crate::eval::{Binding, Fault, Known, Latest};
use crate::golden::Golden;
use crate::program::{File, Program, Target};
use crate::report::{Failure, Observer, ScriptPlace};
use crate::value::Datum;
use crate::{ScriptError, SourceText};
use session::{Learnt, State};
pub use session::{Mark, ScriptSession};
pub use skip::skipped;
pub use slots::Slots;

/// Seed of random numbers when the script says none.
const SEED: u64 = 1;

/// How to run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Options<'o> {
    /// Whether observers see PINs.
    pub secrets: Secrets,
    /// What the card is.
    pub target: Target,
    /// What every exchange has to be.
    pub golden: Option<&'o Golden>,
    /// Keys that count before the TEST keys.
    pub keys: Option<&'o SocialKeys>,
}

impl<'o> Options<'o> {
    /// How to run on such a card.
    #[must_use]
    pub const fn new(secrets: Secrets, target: Target) -> Self {
        Self { secrets, target, golden: None, keys: None }
    }

    /// The same, with what every exchange has to be.
    #[must_use]
    pub const fn golden(self, golden: &'o Golden) -> Self {
        Self { golden: Some(golden), ..self }
    }
}

/// How a run ended.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Commands that were sent.
    pub commands: usize,
    /// Expectations that were looked at.
    pub expectations: usize,
    /// What did not hold, each with its place.
    pub failures: Vec<ScriptError>,
    /// Whether it was ended by `exit`.
    pub exited: bool,
    /// Why there was no answer, when that ended it.
    pub broken: Option<(TransportError, ScriptError)>,
    /// How long it took.
    pub duration: Duration,
}

impl Summary {
    /// Whether everything held.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty() && self.broken.is_none()
    }
}

/// Runs a checked program.
pub fn run<T: Transport>(
    checked: &Checked,
    card: T,
    options: Options<'_>,
    observer: &mut dyn Observer,
) -> Summary {
    run_with(checked, card, None, options, observer)
}

/// The same with a security module (PSAM) in a second slot, which `@slot psam` speaks to.
pub fn run_with<T: Transport>(
    checked: &Checked,
    card: T,
    psam: Option<T>,
    options: Options<'_>,
    observer: &mut dyn Observer,
) -> Summary {
    let began = Instant::now();
    let program = checked.program();
    let seed = program.settings.seed.unwrap_or(SEED);
    let mut session = ScriptSession::with_psam(card, psam, seed, options.secrets, options.target);
    if let Some(keys) = options.keys {
        session = session.with_keys(keys.clone());
    }
    session.is_destructive = program.settings.destructive;
    let mut runner = Runner::new(&mut session, program, options.golden, observer);
    runner.whole();
    let mut summary = runner.summary;
    summary.duration = began.elapsed();
    summary
}

impl<T: Transport> ScriptSession<T> {
    /// Checks what is carried out next, with the names and the response that are there.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(&self, program: Program) -> Result<Checked, Vec<ScriptError>> {
        let is_destructive = self.is_destructive || program.settings.destructive;
        check_among(program, self.target, is_destructive, self.scope.clone())
    }

    /// Carries out a checked program's statements behind those of earlier ones.
    pub fn execute(&mut self, checked: &Checked, observer: &mut dyn Observer) -> Summary {
        let began = Instant::now();
        let program = checked.program();
        self.is_destructive |= program.settings.destructive;
        if let Some(seed) = program.settings.seed {
            self.seed(seed);
        }
        let depth = self.scope.depth();
        let mut runner = Runner::new(self, program, None, observer);
        // Why it stopped is in the summary.
        let _ = runner.statements();
        let mut summary = runner.summary;
        self.scope.compact(depth);
        summary.duration = began.elapsed();
        summary
    }
}

/// Why statements are not gone on with.
enum Stop {
    Broken,
    Exit,
    Failed,
}

struct Runner<'p, 'o, T> {
    program: &'p Program,
    golden: Option<&'o Golden>,
    observer: &'o mut dyn Observer,
    session: &'o mut ScriptSession<T>,
    exchanges: usize,
    summary: Summary,
}

impl<'p, 'o, T: Transport> Runner<'p, 'o, T> {
    fn new(
        session: &'o mut ScriptSession<T>,
        program: &'p Program,
        golden: Option<&'o Golden>,
        observer: &'o mut dyn Observer,
    ) -> Self {
        let summary = Summary::default();
        Self { program, golden, observer, session, exchanges: 0, summary }
    }

    fn whole(&mut self) {
        self.observer.reset(&self.session.context.atr);
        let stopped = self.statements();
        if let (Ok(()) | Err(Stop::Exit), Some(golden)) = (stopped, self.golden)
            && let Some(failure) = golden.rest(self.exchanges)
        {
            let source = self.program.source();
            let end = source.text.len();
            self.summary.expectations = self.summary.expectations.saturating_add(1);
            let place = ScriptPlace {
                source,
                span: Span { start: end, end },
                secrets: self.session.secrets,
            };
            // Nothing stands behind the end that could be stopped.
            let _ = self.failed(failure, place);
        }
    }

    /// The program's own statements; what their directives say stays for the session.
    fn statements(&mut self) -> Result<(), Stop> {
        let main = self.program.main();
        if let Some(wanted) = self.program.settings.protocol {
            let spoken = self.session.card.protocol();
            if spoken != wanted {
                let reason = format!("the card speaks {spoken:?}, the script wants {wanted:?}");
                let span = self.program.directive(|said| matches!(said, Directive::Protocol(_)));
                let place =
                    ScriptPlace { source: &main.source, span, secrets: self.session.secrets };
                let stopped = self.broken(TransportError::Protocol(reason), place);
                self.skip(&Stop::Broken, main, &main.script.items);
                return stopped;
            }
        }
        let mut state = self.session.state.clone();
        let stopped = self.block(main, &main.script.items, &mut state);
        self.session.state = state;
        self.summary.exited = matches!(stopped, Err(Stop::Exit));
        stopped
    }

    fn block(
        &mut self,
        file: &'p File,
        items: &'p [Statement],
        state: &mut State,
    ) -> Result<(), Stop> {
        let mut rest = items;
        while let [item, behind @ ..] = rest {
            if let Err(stop) = self.item(file, item, behind, state) {
                self.skip(&stop, file, behind);
                return Err(stop);
            }
            rest = behind;
        }
        Ok(())
    }

    fn item(
        &mut self,
        file: &'p File,
        item: &'p Statement,
        behind: &[Statement],
        state: &mut State,
    ) -> Result<(), Stop> {
        let place =
            ScriptPlace { source: &file.source, span: item.span, secrets: self.session.secrets };
        match &item.kind {
            StatementKind::Directive(Directive::Mode(mode)) => state.mode = *mode,
            StatementKind::Directive(Directive::OnError(on_error)) => state.on_error = *on_error,
            StatementKind::Directive(Directive::Expect(patterns)) => {
                state.expected = Some(patterns.as_slice().into());
            }
            StatementKind::Directive(Directive::Slot(slot)) => {
                self.slot(*slot, place)?;
                state.slot = *slot;
            }
            StatementKind::Directive(_) => {}
            StatementKind::Reset => self.reset(place)?,
            StatementKind::Fault(request) => self.fault(request, place)?,
            StatementKind::Exit => return Err(Stop::Exit),
            StatementKind::Command(command) => self.command(command, behind, state, place)?,
            StatementKind::Expect(expect) => self.expect(expect, place)?,
            StatementKind::Let { name, value } => {
                let known = match value {
                    Bound::Command(command) => {
                        self.command(command, behind, state, place)?;
                        let data = match &self.session.scope.latest {
                            Latest::Now(data, _) => data.clone(),
                            Latest::Later | Latest::None => Vec::new(),
                        };
                        Known::Now(Datum::Bytes(data))
                    }
                    Bound::Expr(expr) => {
                        let value = self.session.scope.value(expr, &mut self.session.context);
                        self.or_failed(value, &file.source)?
                    }
                };
                self.session.scope.bind(name, Binding::Value(known));
            }
            StatementKind::Print(expr) => {
                let value = self.session.scope.value(expr, &mut self.session.context);
                if let Known::Now(datum) = self.or_failed(value, &file.source)? {
                    self.observer.print(&datum.text(), place);
                }
            }
            StatementKind::Case { name, body } => {
                let name = self.session.scope.text(name, item.span);
                // While a script runs every value is known.
                let name = self.or_failed(name, &file.source)?.unwrap_or_default();
                let done = self.case(&name, file, body, state.clone(), place);
                self.slot(state.slot, place)?;
                done?;
            }
            StatementKind::For { variable, body, .. } => {
                let Some(table) = file.table(item.span) else { return Ok(()) };
                for row in 0..table.rows.len() {
                    let depth = self.session.scope.depth();
                    self.session.scope.bind(variable, Binding::Row(Arc::clone(table), row));
                    let done = self.block(file, body, &mut state.clone());
                    self.session.scope.forget(depth);
                    self.slot(state.slot, place)?;
                    if let Err(stop) = done {
                        self.skip_rows(
                            &stop,
                            file,
                            (variable, body),
                            (table, row.saturating_add(1)),
                        );
                        return Err(stop);
                    }
                }
            }
            StatementKind::Include { .. } => {
                if let Some(included) = self.program.included(file, item.span) {
                    self.block(included, &included.script.items, &mut state.clone())?;
                    self.slot(state.slot, place)?;
                }
            }
        }
        Ok(())
    }

    fn case(
        &mut self,
        name: &str,
        file: &'p File,
        body: &'p [Statement],
        mut state: State,
        place: ScriptPlace<'p>,
    ) -> Result<(), Stop> {
        let (began, failures) = (Instant::now(), self.summary.failures.len());
        self.observer.case_begins(name, place);
        let depth = self.session.scope.depth();
        let done = self.block(file, body, &mut state);
        self.session.scope.forget(depth);
        let passed = self.summary.failures.len() == failures && !matches!(done, Err(Stop::Broken));
        self.observer.case_ends(passed, began.elapsed());
        match done {
            Err(Stop::Failed) if state.on_error == OnError::Continue => Ok(()),
            done => done,
        }
    }

    /// Speaks to this slot from now on.
    fn slot(&mut self, slot: ScriptSlot, place: ScriptPlace<'p>) -> Result<(), Stop> {
        if self.session.slot() == slot {
            return Ok(());
        }
        if self.session.choose(slot) {
            self.observer.slot(slot);
            return Ok(());
        }
        let message =
            "there is no security module in a second slot: @psam NAME puts one there, and so does \
                       run --psam"
                .to_owned();
        self.failed(Failure { message, difference: String::new() }, place)
    }

    fn reset(&mut self, place: ScriptPlace<'p>) -> Result<(), Stop> {
        if let Err(error) = self.session.reset() {
            return self.broken(error, place);
        }
        self.observer.reset(&self.session.context.atr);
        Ok(())
    }

    fn fault(&mut self, request: &FaultRequest, place: ScriptPlace<'p>) -> Result<(), Stop> {
        let Some(faults) = self.session.card.faults() else {
            let message =
                "nothing here misbehaves on command: the card has no faults around it".to_owned();
            return self.failed(Failure { message, difference: String::new() }, place);
        };
        match request {
            FaultRequest::Set(texts) => {
                for text in texts {
                    if let Err(message) = faults.set_fault(text) {
                        return self.failed(Failure { message, difference: String::new() }, place);
                    }
                }
            }
            FaultRequest::Clear => faults.clear_faults(),
            FaultRequest::List => {
                for text in faults.set_faults() {
                    let hidden = text.parse().map(|fault: sscard_faults::Fault| fault.redacted());
                    match (self.session.secrets, hidden) {
                        (Secrets::Redacted, Ok(hidden)) => self.observer.print(&hidden, place),
                        _ => self.observer.print(&text, place),
                    }
                }
            }
        }
        Ok(())
    }

    fn or_failed<V>(&mut self, value: Result<V, Fault>, source: &'p SourceText) -> Result<V, Stop> {
        match value {
            Ok(value) => Ok(value),
            Err(fault) => {
                let place = ScriptPlace { source, span: fault.span, secrets: self.session.secrets };
                let is_of_cell = fault.cell.is_some();
                let error = fault.error(source);
                let message = if is_of_cell { error.to_string() } else { error.message.clone() };
                let failure = Failure { message, difference: String::new() };
                self.observer.expectation(Some(&failure), place);
                self.summary.failures.push(*error);
                Err(Stop::Failed)
            }
        }
    }

    fn failed(&mut self, failure: Failure, place: ScriptPlace<'p>) -> Result<(), Stop> {
        self.observer.expectation(Some(&failure), place);
        let error = ScriptError::new(place.source, place.span, failure.message);
        self.summary.failures.push(*error.with_secrets(place.secrets));
        Err(Stop::Failed)
    }

    fn broken(&mut self, error: TransportError, place: ScriptPlace<'p>) -> Result<(), Stop> {
        let at = ScriptError::new(place.source, place.span, error.to_string());
        self.summary.broken = Some((error, *at.with_secrets(place.secrets)));
        Err(Stop::Broken)
    }
}

#[cfg(test)]
mod tests;
