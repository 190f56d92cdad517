//! `sscard run`: scripts on a card.
//!
//! Everything is read, parsed and checked before the first card is opened. Results on stdout;
//! errors, with the place in the script, on stderr.

mod card;
mod compare;
mod course;
pub(super) mod diagnostics;
mod junit;
mod text;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use sscard_host::Secrets;
use sscard_host::whole_file::{self, Audience, WholeFile};
use sscard_profile::SocialKeys;
use sscard_script::golden::{Golden, GoldenRecording};
use sscard_script::report::Observer;
use sscard_script::{Checked, Options, Program, ScriptError, SourceText as Text, Target, check};
use sscard_trace::Mode;

use crate::args::{RecordArgs, RunArgs};
use crate::documents;
use crate::documents::run::{ScriptOutcome as Done, outcome};
use crate::failure::Failure;
use crate::misbehaviour::Misbehaviour;
use crate::outside::shown_path;
use crate::read_file;
use crate::source::Source;
use card::Place;
use course::Course;

/// A script that was checked, and what its exchanges have to be.
struct Ready {
    checked: Checked,
    golden: Option<Golden>,
    golden_path: PathBuf,
    /// Keys that count before the TEST keys.
    keys: Option<SocialKeys>,
}

impl Ready {
    fn program(&self) -> &Program {
        self.checked.program()
    }
}

pub(crate) fn run(args: &RunArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.golden.is_some() && args.scripts.len() > 1 {
        return Err(Failure::Usage("--golden: one golden file belongs to one script".to_owned()));
    }
    if args.trace.is_some() && args.scripts.len() > 1 {
        return Err(Failure::Usage("--trace: one trace belongs to one script".to_owned()));
    }
    if args.compare.is_none() && (args.modulo.exact || !args.modulo.ignore.is_empty()) {
        return Err(Failure::Usage("--ignore and --exact belong to --compare".to_owned()));
    }
    if args.faults.fault_log.is_some() && args.scripts.len() > 1 {
        return Err(Failure::Usage("--fault-log: one recipe belongs to one script".to_owned()));
    }
    check_outputs(args)?;
    let keys = args.keys.social()?;
    let place = Place::of(args);
    let faults = args.faults.misbehaviour(matches!(place, Place::Reader(_)))?;
    let looked_at = args.scripts.iter().map(|path| ready(path, &place, args));
    let looked_at: Vec<Result<Ready, Vec<ScriptError>>> = looked_at.collect();
    if looked_at.iter().any(Result::is_err) {
        let name = |path: &Path| path.to_string_lossy().into_owned();
        let unused = args.scripts.iter().zip(looked_at).map(|(path, script)| match script {
            Ok(script) => Done::skipped(name(path), Some(script.program())),
            Err(errors) => Done { name: name(path), errors, ..Done::default() },
        });
        let unused: Vec<Done> = unused.collect();
        let errors = || unused.iter().flat_map(|script| &script.errors);
        diagnostics::print(errors());
        let told = if args.json {
            documents::print(out, &outcome::errors(errors(), &unused)).map_err(Failure::Output)
        } else {
            Ok(())
        };
        return super::both(Err(Failure::Script), told.and(write_report(args, &unused)));
    }
    let with_keys = |script| Ready { keys: keys.clone(), ..script };
    let scripts: Vec<Ready> = looked_at.into_iter().flatten().map(with_keys).collect();
    if let Some(other) = &args.compare {
        return compare::run(&scripts, &place, other, args, out);
    }
    let mut done = Vec::new();
    let mut outcome = Ok(());
    for script in &scripts {
        let name = script.program().source().name.to_string();
        if outcome.is_err() {
            done.push(Done::skipped(name, Some(script.program())));
            continue;
        }
        let mut ran = Done { name, ..Done::default() };
        let trouble = one(script, &place, (args, &faults), out, &mut ran);
        if let Err(failure) = &trouble {
            ran.trouble = Some(failure.to_string());
            let is_begun = !ran.report.steps.is_empty();
            if !is_begun {
                let cases = sscard_script::skipped(script.program());
                cases.iter().for_each(|case| ran.report.skipped(case));
            }
        }
        // The verdict of the script comes first, whatever failed beside it.
        outcome = super::both(finish(&ran, !args.json), trouble);
        done.push(ran);
    }
    let told = if args.json {
        documents::print(out, &outcome::runs(&done)).map_err(Failure::Output)
    } else {
        Ok(())
    };
    let reported = write_report(args, &done);
    super::both(outcome, told.and(reported))
}

/// Whether the card is in a reader.
pub(crate) fn is_in_reader(args: &RunArgs) -> bool {
    matches!(Place::of(args), Place::Reader(_))
}

/// What is written at the end can be written, and is nothing that is read here.
fn check_outputs(args: &RunArgs) -> Result<(), Failure> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let inputs: Vec<_> =
        args.scripts.iter().chain(&args.card).filter_map(|path| real(path)).collect();
    for (option, path) in [("--report", &args.report), ("--trace", &args.trace)] {
        let Some(path) = path else { continue };
        super::refuse_card(path)?;
        if real(path).is_some_and(|path| inputs.contains(&path)) {
            let reason = "this file is read here, and would be overwritten: choose another file";
            return Err(Failure::Usage(format!("{option} {}: {reason}", shown_path(path))));
        }
    }
    if let Some(path) = &args.report {
        let unwritable = |source| Failure::Unwritable { path: path.clone(), source };
        // A pipe is opened once.
        if whole_file::regular(path).map_err(unwritable)?.is_some() {
            // Nobody sees it before it is whole, and this one never is.
            WholeFile::create(path, Audience::Owner).map_err(unwritable)?;
        }
    }
    Ok(())
}

fn write_report(args: &RunArgs, done: &[Done]) -> Result<(), Failure> {
    args.report.as_ref().map_or(Ok(()), |path| junit::write(path, done))
}

/// Reads and checks one script.
fn ready(path: &Path, place: &Place, args: &RunArgs) -> Result<Ready, Vec<ScriptError>> {
    let mut program = text::program(path, args)?;
    program.settings.destructive |= args.destructive;
    let checked = check(program, place.target(args))?;
    place.check(checked.program(), args)?;
    diagnostics::print_warnings(checked.warnings());
    let golden_path = args.golden.clone().unwrap_or_else(|| beside(path));
    let golden = match read_file::text(&golden_path) {
        Ok(text) => {
            let source = Text::new(&golden_path.to_string_lossy(), &text);
            Some(Golden::parse(&source).map_err(|error| vec![*error])?)
        }
        // It is written now, or nobody asked for it.
        Err(error)
            if error.kind() == ErrorKind::NotFound && (args.bless || args.golden.is_none()) =>
        {
            None
        }
        Err(error) => return Err(unreadable(&golden_path, &error)),
    };
    Ok(Ready { checked, golden, golden_path, keys: None })
}

fn unreadable(path: &Path, error: &io::Error) -> Vec<ScriptError> {
    let source = Text::new(&path.to_string_lossy(), "");
    vec![*ScriptError::new(&source, Default::default(), format!("cannot be read: {error}"))]
}

/// `tour.apdu` → `tour.apdu.golden`
fn beside(script: &Path) -> PathBuf {
    let mut name = OsString::from(script);
    name.push(".golden");
    PathBuf::from(name)
}

fn options<'r>(script: &'r Ready, target: Target, args: &RunArgs) -> Options<'r> {
    let secrets = if args.unsafe_show_secrets { Secrets::Shown } else { Secrets::Redacted };
    let mut options = Options::new(secrets, target);
    options.golden = script.golden.as_ref().filter(|_| !args.bless);
    options.keys = script.keys.as_ref();
    options
}

/// Runs one script, and notes in `done` how it went: its course on the screen unless one document is
/// asked for.
fn one(
    script: &Ready,
    place: &Place,
    (args, faults): (&RunArgs, &Misbehaviour),
    out: &mut dyn Write,
    done: &mut Done,
) -> Result<(), Failure> {
    let record =
        RecordArgs { trace: args.trace.clone(), unsafe_show_secrets: args.unsafe_show_secrets };
    let mut faults = faults.clone();
    if script.program().sets_faults() {
        faults = faults.open();
    }
    let source = place.open(&script.program().settings, args, &faults)?.misbehaving(&faults);
    let mut source = source.traced(&record, Mode::Raw)?;
    let psam = card::module(&script.program().settings, args)?;
    let mut psam = psam.map(|psam| psam.traced_beside(&source));
    let options = options(script, place.target(args), args);
    let mut recording = GoldenRecording::default();
    let mut course = Course::new(out);
    let name = done.name.clone();
    if !args.json {
        course.begins(&name);
    }
    let keeps_report = args.json || args.report.is_some();
    done.summary = {
        let mut nobody = ();
        let on_screen: &mut dyn Observer = if args.json { &mut nobody } else { &mut course };
        let mut nobody = ();
        let kept: &mut dyn Observer = if keeps_report { &mut done.report } else { &mut nobody };
        let mut nobody = ();
        let recorded: &mut dyn Observer = if args.bless { &mut recording } else { &mut nobody };
        sscard_script::run_with(
            &script.checked,
            &mut source,
            psam.as_mut(),
            options,
            &mut ((on_screen, kept), recorded),
        )
    };
    if !args.json {
        course.ends(&name, &done.summary);
    }
    let shown = course.into_result();
    let closed = super::both(source.close(), psam.map_or(Ok(()), Source::close));
    shown?;
    if done.summary.broken.is_none() {
        // A card that is gone cannot be left in order.
        closed?;
    }
    if args.bless && done.summary.passed() {
        let text = recording.text(&name, script.golden.as_ref());
        super::write_file(&script.golden_path, text.as_bytes(), Audience::Everybody)?;
    }
    Ok(())
}

/// What a run's end means for the program.
fn finish(done: &Done, is_in_course: bool) -> Result<(), Failure> {
    diagnostics::print_unmet(&done.summary.failures, is_in_course);
    if let Some((error, at)) = &done.summary.broken {
        diagnostics::print(std::slice::from_ref(at));
        return Err(Failure::shown(Failure::Transport(error.clone())));
    }
    match done.summary.failures.len() {
        0 => Ok(()),
        count => Err(Failure::Expectation { count }),
    }
}
