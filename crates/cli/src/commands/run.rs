//! `sscard run`: scripts on a card.
//!
//! Everything is read, parsed and checked before the first card is opened. Results on stdout;
//! errors, with the place in the script, on stderr.

mod card;
mod compare;
mod course;
pub(super) mod diagnostics;
mod json;
mod junit;
mod text;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use sscard_host::Secrets;
use sscard_host::whole_file::Audience;
use sscard_script::golden::{Golden, Recording};
use sscard_script::report::{Observer, Report};
use sscard_script::trace::Mode;
use sscard_script::{Options, Program, ScriptError, Source as Text, Summary, Target, check};

use crate::args::{RecordArgs, RunArgs};
use crate::failure::Failure;
use crate::read_file;
use card::Place;
use course::Course;

/// A script that was checked, and what its exchanges have to be.
struct Ready {
    program: Program,
    golden: Option<Golden>,
    golden_path: PathBuf,
}

/// A script that has run.
struct Done {
    name: String,
    report: Report,
    summary: Summary,
}

pub(crate) fn run(args: &RunArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.golden.is_some() && args.scripts.len() > 1 {
        let reason = "one golden file belongs to one script".to_owned();
        return Err(Failure::Input { place: "--golden".to_owned(), reason });
    }
    if args.trace.is_some() && args.scripts.len() > 1 {
        let reason = "one trace belongs to one script".to_owned();
        return Err(Failure::Input { place: "--trace".to_owned(), reason });
    }
    if args.compare.is_none() && (args.modulo.exact || !args.modulo.ignore.is_empty()) {
        return Err(Failure::Usage("--ignore and --exact belong to --compare".to_owned()));
    }
    let place = Place::of(args);
    let mut errors = Vec::new();
    let mut scripts = Vec::new();
    for path in &args.scripts {
        match ready(path, &place, args) {
            Ok(script) => scripts.push(script),
            Err(found) => errors.extend(found),
        }
    }
    if !errors.is_empty() {
        diagnostics::print(&errors);
        if args.json {
            super::print_json(out, &json::errors(&errors))?;
        }
        return Err(Failure::Script);
    }
    if let Some(other) = &args.compare {
        return compare::run(&scripts, &place, other, args, out);
    }
    let mut done = Vec::new();
    let mut outcome = Ok(());
    for script in &scripts {
        let ran = one(script, &place, args, out)?;
        let ended = finish(&ran);
        done.push(ran);
        if ended.is_err() {
            outcome = ended;
            break;
        }
    }
    if args.json {
        super::print_json(out, &json::runs(&done))?;
    }
    if let Some(path) = &args.report {
        junit::write(path, &done, super::audience(args.unsafe_show_secrets))?;
    }
    outcome
}

/// Reads and checks one script.
fn ready(path: &Path, place: &Place, args: &RunArgs) -> Result<Ready, Vec<ScriptError>> {
    let mut program = text::program(path, args)?;
    program.settings.destructive |= args.destructive;
    let warnings = check(&program, place.target(args))?;
    place.check(&program)?;
    diagnostics::print_warnings(&warnings);
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
    Ok(Ready { program, golden, golden_path })
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
    Options {
        secrets: if args.unsafe_show_secrets { Secrets::Shown } else { Secrets::Redacted },
        target,
        golden: script.golden.as_ref().filter(|_| !args.bless),
    }
}

/// Runs one script: its course on the screen unless one document is asked for.
fn one(
    script: &Ready,
    place: &Place,
    args: &RunArgs,
    out: &mut dyn Write,
) -> Result<Done, Failure> {
    let record =
        RecordArgs { trace: args.trace.clone(), unsafe_show_secrets: args.unsafe_show_secrets };
    let source = place.open(&script.program.settings, args)?;
    let mut source = source.traced(&record, Mode::Raw)?;
    let options = options(script, place.target(args), args);
    let (mut report, mut recording) = (Report::default(), Recording::default());
    let mut course = Course::new(out);
    let name = script.program.source().name.to_string();
    if !args.json {
        course.begins(&name);
    }
    let keeps_report = args.json || args.report.is_some();
    let summary = {
        let mut nobody = ();
        let on_screen: &mut dyn Observer = if args.json { &mut nobody } else { &mut course };
        let mut nobody = ();
        let kept: &mut dyn Observer = if keeps_report { &mut report } else { &mut nobody };
        let mut nobody = ();
        let recorded: &mut dyn Observer = if args.bless { &mut recording } else { &mut nobody };
        sscard_script::run(
            &script.program,
            &mut source,
            options,
            &mut ((on_screen, kept), recorded),
        )
    };
    if !args.json {
        course.ends(&name, &summary);
    }
    let shown = course.into_result();
    let closed = source.close();
    shown?;
    if summary.broken.is_none() {
        // A card that is gone cannot be left in order.
        closed?;
    }
    if args.bless && summary.passed() {
        let text = recording.text(&name, script.golden.as_ref());
        super::write_file(&script.golden_path, text.as_bytes(), Audience::Everybody)?;
    }
    Ok(Done { name, report, summary })
}

/// What a run's end means for the program.
fn finish(done: &Done) -> Result<(), Failure> {
    diagnostics::print(&done.summary.failures);
    if let Some((error, at)) = &done.summary.broken {
        diagnostics::print(std::slice::from_ref(at));
        return Err(Failure::Transport(error.clone()));
    }
    match done.summary.failures.len() {
        0 => Ok(()),
        count => Err(Failure::Expectation { count }),
    }
}
