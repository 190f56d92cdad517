//! `sscard shell`: a card, line by line.
//!
//! ```text
//! lines ─► Lines ─► a word of the shell │ statements ─► Session ─► Screen
//! ```
//! A terminal gets line editing; a pipe is read as it is and ends at the first statement that fails.

mod complete;
mod help;
mod history;
mod screen;
mod terminal;
mod words;

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;

use sscard_core::Card;
use sscard_lexicon::Session as Said;
use sscard_profile::{MasterKeys, SocialKeys, issue};
use sscard_script::{Lines, Mark, Program, ScriptSession, SourceText as Text, Summary, Target};
use sscard_trace::Mode;

use super::{new, run::diagnostics};
use crate::args::{RecordArgs, ShellArgs, secrets};
use crate::failure::Failure;
use crate::misbehaviour::Misbehaviour;
use crate::read_file;
use crate::source::{self, Source};
use history::History;
use screen::Screen;

/// Seed of random numbers until `@seed` says another.
const SEED: u64 = 1;

/// Exit code of what cannot be used; lines before it were sent.
const SCRIPT: u8 = 3;

/// Why a line did not do what it asked for.
struct Trouble {
    failure: Failure,
    /// Whether stderr shows it already.
    is_shown: bool,
}

impl<F: Into<Failure>> From<F> for Trouble {
    fn from(failure: F) -> Self {
        Self { failure: failure.into(), is_shown: false }
    }
}

impl Trouble {
    fn shown(failure: Failure) -> Self {
        Self { failure, is_shown: true }
    }
}

/// Whether another line is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    End,
    Line,
}

/// A card, and what was said of it.
struct Shell<'o> {
    session: ScriptSession<Source>,
    /// What the card was asked, for whoever explains the next answer.
    said: Said,
    out: &'o mut dyn Write,
    snapshots: BTreeMap<String, (Card, Mark, Said)>,
    history: History,
    /// Keys that count before the TEST keys.
    keys: Option<SocialKeys>,
}

pub(crate) fn run(args: &ShellArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let record =
        RecordArgs { trace: args.trace.clone(), unsafe_show_secrets: args.unsafe_show_secrets };
    let keys = args.keys.social()?;
    let misbehaviour = args.faults.misbehaviour(is_in_reader(args))?;
    let faults = misbehaviour.open();
    let mut source = open(args, &faults)?.traced(&record, Mode::Raw)?;
    let sync = args.card.sync.into();
    let psam = args.psam.as_deref().map(|which| Source::open_module(which, sync, &faults));
    let mut psam = psam.transpose()?.map(|psam| psam.traced_beside(&source));
    let is_virtual =
        source.card_mut().is_some() && psam.as_mut().is_none_or(|psam| psam.card_mut().is_some());
    let target = if is_virtual { Target::Virtual } else { Target::Reader };
    let secrets = secrets(args.unsafe_show_secrets);
    let mut session = ScriptSession::with_psam(source, psam, SEED, secrets, target);
    if let Some(keys) = &keys {
        session = session.with_keys(keys.clone());
    }
    let history = History::open(history::path());
    let mut shell =
        Shell { session, said: Said::default(), out, snapshots: BTreeMap::new(), history, keys };
    let ended = if io::stdin().is_terminal() {
        let ended = shell.converse();
        ended.and(shell.history.close().map_err(Failure::Output))
    } else {
        shell.read_pipe(io::stdin().lock(), args.keep_going)
    };
    let (card, psam) = shell.session.into_cards();
    let closed = super::both(psam.map_or(Ok(()), Source::close), card.close());
    ended.and(closed)
}

/// A line of a pipe, without a carriage return and the mark that a file may begin with.
fn utf8(line: &[u8], is_first: bool) -> Result<&str, String> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = str::from_utf8(line).map_err(|error| {
        format!("is not UTF-8 text: byte {} of the line", error.valid_up_to() + 1)
    })?;
    Ok(text.strip_prefix('\u{FEFF}').filter(|_| is_first).unwrap_or(text))
}

/// Whether a card is made for this session.
fn makes_card(args: &ShellArgs) -> bool {
    args.profile.is_some() || args.state.is_some()
}

/// Whether the card is in a reader.
pub(crate) fn is_in_reader(args: &ShellArgs) -> bool {
    source::is_in_reader(&args.card) && !makes_card(args)
}

fn open(args: &ShellArgs, faults: &Misbehaviour) -> Result<Source, Failure> {
    if !makes_card(args) {
        return Source::open_for(&args.card, args.contactless, faults);
    }
    faults.say_card_stays();
    let name = args.profile.as_deref().unwrap_or("gen3");
    let profile = new::profile(name)?;
    let holder = new::holder(&profile, None, args.state);
    let card = issue(&profile, &holder, &MasterKeys::test());
    let card = card.map_err(|error| Failure::Input {
        place: format!("--profile {name}"),
        reason: error.to_string(),
    })?;
    Ok(Source::of_card(card, args.contactless)?.misbehaving(faults))
}

impl Shell<'_> {
    /// Reads a pipe to its end, to `exit`, or to the first line that fails.
    fn read_pipe(&mut self, input: impl BufRead, keep_going: bool) -> Result<(), Failure> {
        let mut lines = Lines::default();
        let mut first = 1;
        let mut outcome = Ok(());
        for (number, line) in (1..).zip(input.split(b'\n')) {
            let place = || format!("<stdin>:{number}");
            let line = line
                .map_err(|source| Failure::Input { place: place(), reason: source.to_string() })?;
            if lines.is_empty() {
                first = number;
            }
            let done = match utf8(&line, number == 1) {
                Ok(line) => match self.complete(&mut lines, line) {
                    Some(text) => self.obey(&text, "<stdin>", first),
                    None => continue,
                },
                Err(reason) => {
                    // What it belonged to is not complete without it.
                    lines.take();
                    Err(Failure::Input { place: place(), reason }.into())
                }
            };
            match done {
                Ok(Next::Line) => {}
                Ok(Next::End) => return outcome,
                Err(trouble) => outcome = outcome.and(Err(self.failed(trouble, keep_going)?)),
            }
        }
        match lines.take().map(|text| self.obey(&text, "<stdin>", first)) {
            None | Some(Ok(_)) => outcome,
            Some(Err(trouble)) => outcome.and(Err(self.failed(trouble, keep_going)?)),
        }
    }

    /// What a statement that failed means for a pipe: its end, or an exit code for later.
    fn failed(&mut self, trouble: Trouble, keep_going: bool) -> Result<Failure, Failure> {
        if matches!(trouble.failure, Failure::Output(_)) || !keep_going {
            // A failed expectation is counted, what was shown with its place is not repeated.
            let is_repeated = trouble.is_shown && matches!(trouble.failure, Failure::Transport(_));
            let failure = trouble.failure;
            return Err(if is_repeated { Failure::shown(failure) } else { failure });
        }
        self.tell(&trouble.failure, trouble.is_shown);
        Ok(Failure::Told { exit_code: trouble.failure.exit_code() })
    }

    /// Adds a line; the text when it is complete. A word of the shell stands on a line of its own.
    fn complete(&self, lines: &mut Lines, line: &str) -> Option<String> {
        if lines.is_empty() && words::of(line).is_some() {
            return Some(line.to_owned());
        }
        lines.push(line)
    }

    fn tell(&mut self, failure: &Failure, is_shown: bool) {
        // What came before it on stdout stands before it on a screen too.
        let _ = self.out.flush();
        let text = failure.to_string();
        if !is_shown && !text.is_empty() {
            complain!("sscard: {text}");
        }
    }

    /// Does what a line, or the lines of a block, ask for.
    fn obey(&mut self, text: &str, name: &str, first_line: usize) -> Result<Next, Trouble> {
        if let Some((word, rest)) = words::of(text) {
            return self.word(word, &rest);
        }
        self.statements(Text::at_line(name, text, first_line))
    }

    fn statements(&mut self, text: Text) -> Result<Next, Trouble> {
        let read = |path: &Path| read_file::read(path).map_err(|error| error.to_string());
        let program = Program::parse(text, &read);
        let checked = match program.and_then(|program| self.session.check(program)) {
            Ok(checked) => checked,
            Err(errors) => {
                self.out.flush()?;
                diagnostics::print(&errors);
                return Err(Trouble::shown(Failure::Told { exit_code: SCRIPT }));
            }
        };
        let settings = &checked.program().settings;
        let names_card =
            settings.card.is_some() || settings.profile.is_some() || settings.state.is_some();
        if names_card || settings.contactless || settings.timeout.is_some() {
            let reason = "the card is there already: @card, @profile, @state and @contactless are \
                          options of sscard shell, @timeout is for sscard run";
            return Err(Failure::Usage(reason.to_owned()).into());
        }
        diagnostics::print_warnings(checked.warnings());
        let mut screen = Screen::new(self.out, &mut self.said);
        let summary = self.session.execute(&checked, &mut screen);
        screen.into_result()?;
        self.ended(summary)
    }

    fn ended(&mut self, summary: Summary) -> Result<Next, Trouble> {
        self.out.flush()?;
        diagnostics::print_unmet(&summary.failures, true);
        if let Some((error, at)) = summary.broken {
            diagnostics::print(&[at]);
            return Err(Trouble::shown(Failure::Transport(error)));
        }
        match summary.failures.len() {
            0 if summary.exited => Ok(Next::End),
            0 => Ok(Next::Line),
            count => Err(Trouble::shown(Failure::Expectation { count })),
        }
    }
}
