//! `sscard soak`: random operations on cards, each answer held against the model's.

mod starts;

use std::io::Write;
use std::num::NonZero;
use std::panic;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sscard_core::Card;
use sscard_host::whole_file::Audience;
use sscard_lexicon::counted;
use sscard_testkit::soak::ledger::{LedgerError, LedgerLine, SoakLedger};
use sscard_testkit::soak::recipe::SoakRecipe;
use sscard_testkit::soak::{CellSet, Finding, SoakProgress, script};
use sscard_testkit::{CardModel, Soak};

use self::starts::StartCard;
use super::progress::Progress;
use crate::args::SoakArgs;
use crate::documents::soak::{FoundViolation, LedgerSum, SoakCoverage, SoakDocument};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::{read_file, signals};

/// Time without --seconds and --operations.
const SECONDS: u64 = 10;
/// So often the ledger is kept.
const STRETCH: Duration = Duration::from_secs(60);
/// The same in operations, where time sets no end.
const STRETCH_OPERATIONS: u64 = 10_000_000;
/// So often signals are looked for.
const MOMENT: Duration = Duration::from_millis(20);

/// What was done so far.
#[derive(Default)]
struct Sum {
    operations: u64,
    time: Duration,
    states: CellSet,
    findings: Vec<Finding>,
    ledger: Option<SoakLedger>,
}

pub(crate) fn run(args: &SoakArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = &args.replay {
        return replay(args, path, out);
    }
    let starts = starts::starts(args)?;
    let threads = args
        .threads
        .map_or_else(|| thread::available_parallelism().map_or(1, NonZero::get), usize::from);
    let panics = Panics::watch();
    let mut sum = soak(args, &starts, threads)?;
    let begun = soak_of(args.seed, &starts);
    let goes_on = || signals::caught().is_none();
    for finding in &mut sum.findings {
        *finding = begun.shrink(finding, goes_on);
    }
    panics.end(&sum.findings);
    tell(args, threads, &sum, &starts, out)?;
    match signals::caught() {
        _ if !sum.findings.is_empty() => Err(Failure::Violated),
        Some(signal) => {
            Err(Failure::Interrupted { signal, note: "; what was done until then is said" })
        }
        None => Ok(()),
    }
}

fn soak_of(seed: u64, starts: &[StartCard]) -> Soak<Card, CardModel> {
    starts.iter().fold(Soak::new(seed), |soak, start| {
        let make = Arc::clone(&start.make);
        soak.start(&start.name, move || sscard_testkit::starting_card::powered(make()))
    })
}

/// Stretch after stretch, each kept in the ledger.
fn soak(args: &SoakArgs, starts: &[StartCard], threads: usize) -> Result<Sum, Failure> {
    let mut sum = Sum::default();
    let mut next_run = match &args.ledger {
        Some(path) => {
            SoakLedger::read(path).map_err(|error| of_ledger(path, error))?.next_run(args.seed)
        }
        None => 0,
    };
    let seconds = args.seconds.or(args.operations.is_none().then_some(SECONDS));
    let whole = seconds.map(Duration::from_secs);
    let progress = SoakProgress::default();
    let (what, total) = match (seconds, args.operations) {
        (Some(seconds), _) => ("seconds", usize::try_from(seconds).ok()),
        (None, operations) => ("operations", operations.and_then(|all| usize::try_from(all).ok())),
    };
    let bar = Progress::start(what, total);
    let is_done = AtomicBool::new(false);
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            let begun = std::time::Instant::now();
            while !is_done.load(Ordering::Relaxed) {
                if signals::caught().is_some() {
                    progress.end();
                }
                bar.set(if seconds.is_some() {
                    begun.elapsed().as_secs()
                } else {
                    progress.operations()
                });
                thread::sleep(MOMENT);
            }
        });
        let mut stretches = || {
            while !progress.is_ended() {
                let time_left = whole.map(|whole| whole.saturating_sub(sum.time));
                let left = args.operations.map(|all| all.saturating_sub(sum.operations));
                if time_left == Some(Duration::ZERO) || left == Some(0) {
                    break;
                }
                let soak = soak_of(args.seed, starts).first_run(next_run).threads(threads);
                let soak = soak.time(time_left.map(|left| left.min(STRETCH)));
                let soak = soak.operations(left.map(|left| left.min(STRETCH_OPERATIONS)));
                let done = soak.run_watched(&progress);
                next_run = done.next_run;
                sum.operations += done.operations;
                sum.time += done.time;
                sum.states.add(&done.states);
                if let Some(path) = &args.ledger {
                    let line = LedgerLine {
                        runs: next_run,
                        operations: done.operations,
                        seconds: (done.time + Duration::from_millis(500)).as_secs(),
                        violations: u64::from(!done.findings.is_empty()),
                        ..LedgerLine::new(args.seed)
                    };
                    sum.ledger = Some(
                        SoakLedger::keep(path, &line).map_err(|error| of_ledger(path, error))?,
                    );
                }
                sum.findings = done.findings;
            }
            Ok(())
        };
        let outcome = stretches();
        is_done.store(true, Ordering::Relaxed);
        outcome
    });
    bar.finish();
    outcome.map(|()| sum)
}

fn of_ledger(path: &Path, error: LedgerError) -> Failure {
    let path = path.to_owned();
    match error {
        LedgerError::Line(_) => {
            Failure::Input { place: path.display().to_string(), reason: error.to_string() }
        }
        LedgerError::Unreadable(source) => Failure::Unreadable { path, source },
        LedgerError::Unwritable(source) => Failure::Unwritable { path, source },
    }
}

fn replay(args: &SoakArgs, path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let text = read_file::text(path)
        .map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    let input = |reason: String| Failure::Lines { place: path.display().to_string(), reason };
    let recipe = SoakRecipe::parse(&text).map_err(|error| input(error.to_string()))?;
    let start = starts::named(args, &recipe.start)?;
    if recipe.version != env!("CARGO_PKG_VERSION") {
        complain!(
            "sscard: the recipe is of version {}; its bytes may mean something else now",
            sscard_lexicon::shown(&recipe.version)
        );
    }
    let starts = [start];
    let panics = Panics::watch();
    let begun = std::time::Instant::now();
    let violation = soak_of(args.seed, &starts).replay(&recipe.start, &recipe.records);
    let findings: Vec<Finding> = violation
        .into_iter()
        .map(|violation| Finding {
            start: recipe.start.clone(),
            seed: args.seed,
            run: 0,
            records: recipe.records.clone(),
            violation,
        })
        .collect();
    panics.end(&findings);
    let sum = Sum {
        operations: recipe.records.len() as u64,
        time: begun.elapsed(),
        findings,
        ..Sum::default()
    };
    tell(args, 1, &sum, &starts, out)?;
    if sum.findings.is_empty() { Ok(()) } else { Err(Failure::Violated) }
}

fn tell(
    args: &SoakArgs,
    threads: usize,
    sum: &Sum,
    starts: &[StartCard],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let seconds = sum.time.as_secs_f64();
    let document = SoakDocument {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        seed: args.seed,
        threads: threads as u64,
        seconds: (seconds * 1000.0).round() / 1000.0,
        operations: sum.operations,
        operations_per_second: a_second(sum.operations, sum.time),
        coverage: SoakCoverage { states: sum.states.len() as u64 },
        violations: sum.findings.iter().map(|finding| found(finding, starts)).collect(),
        ledger: sum.ledger.as_ref().map(|ledger| LedgerSum {
            operations: ledger.operations(),
            violations: ledger.violations(),
        }),
    };
    if let (Some(folder), Some(first)) = (&args.output, document.violations.first()) {
        write_found(folder, first)?;
    }
    if args.json {
        return Ok(documents::print(out, &document)?);
    }
    let SoakDocument { operations, operations_per_second, seed, .. } = &document;
    let (states, time) = (counted(sum.states.len(), "state"), counted(threads, "thread"));
    writeln!(
        out,
        "{operations} operations in {seconds:.1} s, {operations_per_second}/s; {states}; seed {seed}, {time}; {}",
        match document.violations.len() {
            0 => "no violation".to_owned(),
            count => counted(count, "violation"),
        }
    )?;
    if let Some(ledger) = &document.ledger {
        let violations = usize::try_from(ledger.violations).unwrap_or(usize::MAX);
        writeln!(
            out,
            "in all {} operations, {}",
            ledger.operations,
            counted(violations, "violation")
        )?;
    }
    for violation in &document.violations {
        let FoundViolation { rust, script, recipe, .. } = violation;
        writeln!(out, "\nRust:\n\n{rust}\nScript:\n\n{script}\nRecipe:\n\n{recipe}")?;
    }
    Ok(())
}

fn a_second(operations: u64, time: Duration) -> u64 {
    let rate = u128::from(operations) * 1_000_000 / time.as_micros().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

fn found(finding: &Finding, starts: &[StartCard]) -> FoundViolation {
    let start = starts.iter().find(|start| start.name == finding.start);
    let violation = &finding.violation;
    let script =
        start.map_or_else(String::new, |start| script(&(start.make)(), &start.head, finding));
    FoundViolation {
        card: finding.start.clone(),
        run: finding.run,
        command: super::hex(&violation.command),
        answered: super::hex(&violation.answered),
        expected: super::hex(&violation.expected),
        what: violation.what.clone(),
        operations: finding.operations::<CardModel>(),
        rust: match start {
            Some(start) if start.is_listed => finding.rust_test::<CardModel>(),
            _ => finding.rust::<CardModel>(),
        },
        script,
        recipe: finding.recipe::<CardModel>(),
    }
}

fn write_found(folder: &Path, found: &FoundViolation) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|source| Failure::Unwritable { path: folder.to_owned(), source })?;
    for (name, text) in
        [("found.rs", &found.rust), ("found.apdu", &found.script), ("found.toml", &found.recipe)]
    {
        super::write_file(&folder.join(name), text.as_bytes(), Audience::Everybody)?;
    }
    complain!("sscard: written to {}", shown_path(folder));
    Ok(())
}

/// Panics of cards and models are findings, and say nothing before their time.
struct Panics(Arc<Mutex<Option<String>>>);

impl Panics {
    fn watch() -> Self {
        let last = Arc::new(Mutex::new(None));
        let seen = Arc::clone(&last);
        panic::set_hook(Box::new(move |panic| {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic.to_string());
        }));
        Self(last)
    }

    /// Panics are the program's own again; the last one is said where it is a finding.
    fn end(self, findings: &[Finding]) {
        let _ = panic::take_hook();
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(last) = last
            && findings.iter().any(|finding| finding.violation.command.is_empty())
        {
            complain!("sscard: {}", sscard_lexicon::shown(&last));
        }
    }
}
