//! Runs a checked program on a card.
//!
//! What enters: a program, a transport, whoever looks on. What leaves: how it ended. It stops at
//! the first failed expectation, or goes on with the next case where `@on-error continue` says so;
//! a card that is gone ends everything. Raw unless `@mode auto`: no exchange that the script does
//! not ask for.

mod composite;
mod judge;
mod send;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sscard_host::{Follow, Recorder, Secrets, Transport, TransportError};
use sscard_lexicon::Application;
use sscard_terminal::SecurityModule;

use crate::ast::{Bound, Directive, Item, Kind, Mode, OnError, Protocol, Span, SwPattern};
use crate::check::Target;
use crate::eval::{Binding, Fault, Known, Latest, Scope};
use crate::functions::Context;
use crate::golden::Golden;
use crate::program::{File, Program};
use crate::report::{Failure, Observer, Place};
use crate::value::Datum;
use crate::{ScriptError, Source};

/// Seed of random numbers when the script says none.
const SEED: u64 = 1;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options<'o> {
    /// Whether observers see PINs.
    pub secrets: Secrets,
    /// What the card is.
    pub target: Target,
    /// What every exchange has to be.
    pub golden: Option<&'o Golden>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Summary {
    /// Commands that were sent.
    pub commands: usize,
    /// Expectations that were looked at.
    pub expectations: usize,
    /// What did not hold, each with its place.
    pub failures: Vec<ScriptError>,
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

/// Runs a program, which was checked before.
pub fn run<T: Transport>(
    program: &Program,
    card: T,
    options: Options<'_>,
    observer: &mut dyn Observer,
) -> Summary {
    let began = Instant::now();
    let seed = program.settings.seed.unwrap_or(SEED);
    let mut context = Context::new(seed);
    context.is_live = true;
    context.atr = card.atr().to_vec();
    let mut runner = Runner {
        program,
        card: Follow::new(Recorder::new(card, options.secrets)),
        options,
        observer,
        scope: Scope::default(),
        context,
        module: SecurityModule::test(seed),
        learnt: Learnt::default(),
        application: Application::default(),
        spoken_to: (Application::default(), 0),
        response: Vec::new(),
        command: Vec::new(),
        exchanges: 0,
        summary: Summary {
            commands: 0,
            expectations: 0,
            failures: Vec::new(),
            broken: None,
            duration: Duration::ZERO,
        },
    };
    runner.whole();
    let mut summary = runner.summary;
    summary.duration = began.elapsed();
    summary
}

/// Why statements are not gone on with.
enum Stop {
    Broken,
    Exit,
    Failed,
}

/// What directives have said, for the block they stand in.
#[derive(Clone, Copy, Default)]
struct State<'p> {
    mode: Mode,
    on_error: OnError,
    expected: Option<&'p [SwPattern]>,
}

/// What a card has told of its keys: its FCI and its identification code.
#[derive(Default)]
struct Learnt {
    control_information: Vec<u8>,
    code: Vec<u8>,
}

struct Runner<'p, 'o, T> {
    program: &'p Program,
    card: Follow<Recorder<T>>,
    options: Options<'o>,
    observer: &'o mut dyn Observer,
    scope: Scope,
    context: Context,
    module: SecurityModule,
    learnt: Learnt,
    application: Application,
    /// Application and instruction of the latest command.
    spoken_to: (Application, u8),
    response: Vec<u8>,
    command: Vec<u8>,
    exchanges: usize,
    summary: Summary,
}

impl<'p, T: Transport> Runner<'p, '_, T> {
    fn whole(&mut self) {
        let main = self.program.main();
        self.observer.reset(&self.context.atr);
        if let Some(wanted) = self.program.settings.protocol {
            let wanted = match wanted {
                Protocol::T0 => sscard_core::Protocol::T0,
                Protocol::T1 => sscard_core::Protocol::T1,
            };
            if self.card.protocol() != wanted {
                let reason = format!(
                    "the card speaks {:?}, the script wants {wanted:?}",
                    self.card.protocol()
                );
                let place = Place { source: &main.source, span: Span::default() };
                let _ = self.broken(TransportError::Protocol(reason), place);
                return;
            }
        }
        let mut state = State::default();
        let stopped = self.block(main, &main.script.items, &mut state);
        if let (Ok(()) | Err(Stop::Exit), Some(golden)) = (stopped, self.options.golden)
            && let Some(failure) = golden.rest(self.exchanges)
        {
            let end = main.source.text.len();
            let place = Place { source: &main.source, span: Span { start: end, end } };
            self.summary.expectations += 1;
            let _ = self.failed(failure, place);
        }
    }

    fn block(
        &mut self,
        file: &'p File,
        items: &'p [Item],
        state: &mut State<'p>,
    ) -> Result<(), Stop> {
        let mut rest = items;
        while let [item, behind @ ..] = rest {
            self.item(file, item, behind, state)?;
            rest = behind;
        }
        Ok(())
    }

    fn item(
        &mut self,
        file: &'p File,
        item: &'p Item,
        behind: &[Item],
        state: &mut State<'p>,
    ) -> Result<(), Stop> {
        let place = Place { source: &file.source, span: item.span };
        match &item.kind {
            Kind::Directive(Directive::Mode(mode)) => state.mode = *mode,
            Kind::Directive(Directive::OnError(on_error)) => state.on_error = *on_error,
            Kind::Directive(Directive::Expect(patterns)) => state.expected = Some(patterns),
            Kind::Directive(_) => {}
            Kind::Reset => self.reset(place)?,
            Kind::Exit => return Err(Stop::Exit),
            Kind::Command(command) => self.command(command, behind, *state, place)?,
            Kind::Expect(expect) => self.expect(expect, place)?,
            Kind::Let { name, value } => {
                let known = match value {
                    Bound::Command(command) => {
                        self.command(command, behind, *state, place)?;
                        let data = match &self.scope.latest {
                            Latest::Now(data, _) => data.clone(),
                            Latest::Later | Latest::None => Vec::new(),
                        };
                        Known::Now(Datum::Bytes(data))
                    }
                    Bound::Expr(expr) => {
                        let value = self.scope.value(expr, &mut self.context);
                        self.or_failed(value, &file.source)?
                    }
                };
                self.scope.bind(name, Binding::Value(known));
            }
            Kind::Print(expr) => {
                let value = self.scope.value(expr, &mut self.context);
                if let Known::Now(datum) = self.or_failed(value, &file.source)? {
                    self.observer.print(&datum.text(), place);
                }
            }
            Kind::Case { name, body } => {
                let name = self.scope.text(name, item.span);
                let name = self.or_failed(name, &file.source)?.unwrap_or_default();
                self.case(&name, file, body, *state, place)?;
            }
            Kind::For { variable, body, .. } => {
                let Some(table) = file.table(item.span) else { return Ok(()) };
                for row in 0..table.rows.len() {
                    let depth = self.scope.depth();
                    self.scope.bind(variable, Binding::Row(Arc::clone(table), row));
                    let done = self.block(file, body, &mut state.clone());
                    self.scope.forget(depth);
                    done?;
                }
            }
            Kind::Include { .. } => {
                if let Some(included) = self.program.included(file, item.span) {
                    self.block(included, &included.script.items, &mut state.clone())?;
                }
            }
        }
        Ok(())
    }

    fn case(
        &mut self,
        name: &str,
        file: &'p File,
        body: &'p [Item],
        mut state: State<'p>,
        place: Place<'p>,
    ) -> Result<(), Stop> {
        let (began, failures) = (Instant::now(), self.summary.failures.len());
        self.observer.case_begins(name, place);
        let depth = self.scope.depth();
        let done = self.block(file, body, &mut state);
        self.scope.forget(depth);
        let passed = self.summary.failures.len() == failures && !matches!(done, Err(Stop::Broken));
        self.observer.case_ends(passed, began.elapsed());
        match done {
            Err(Stop::Failed) if state.on_error == OnError::Continue => Ok(()),
            done => done,
        }
    }

    fn reset(&mut self, place: Place<'p>) -> Result<(), Stop> {
        if let Err(error) = self.card.reset() {
            return self.broken(error, place);
        }
        self.context.atr = self.card.atr().to_vec();
        self.application = Application::default();
        self.observer.reset(&self.context.atr);
        Ok(())
    }

    fn or_failed<V>(&mut self, value: Result<V, Fault>, source: &'p Source) -> Result<V, Stop> {
        match value {
            Ok(value) => Ok(value),
            Err(fault) => {
                let place = Place { source, span: fault.span };
                let failure = Failure { message: fault.message, difference: String::new() };
                self.failed(failure, place)?;
                Err(Stop::Failed)
            }
        }
    }

    fn failed(&mut self, failure: Failure, place: Place<'p>) -> Result<(), Stop> {
        self.observer.expectation(Some(&failure), place);
        self.summary.failures.push(*ScriptError::new(place.source, place.span, failure.message));
        Err(Stop::Failed)
    }

    fn broken(&mut self, error: TransportError, place: Place<'p>) -> Result<(), Stop> {
        let at = ScriptError::new(place.source, place.span, error.to_string());
        self.summary.broken = Some((error, *at));
        Err(Stop::Broken)
    }
}

#[cfg(test)]
mod tests;
