//! One script on two cards in step: the first card's answer, the second one's, side by side.

use std::io::{self, Write};
use std::thread;

use sscard_host::{Exchange as Seen, Redactor, TransportError};
use sscard_lexicon::{Session, Vocabulary, shown};
use sscard_script::report::{Failure as Unmet, Observer, ScriptPlace as At};
use sscard_script::{ScriptError, Summary};
use sscard_trace::{Gate, Steps, StepsEnd as End, TraceEvent, What, in_step, is_stop};

use super::{Place, Ready, course, diagnostics, options};
use crate::args::RunArgs;
use crate::commands::side_by_side;
use crate::documents::run::outcome::fault;
use crate::documents::run::{CompareDocument, ComparedScript};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;
use crate::misbehaviour::Misbehaviour;

const TITLES: [&str; 2] = ["first card", "second card"];

/// What a script did on one card, and how it ended.
#[derive(Default)]
struct Side {
    summary: Summary,
    /// The places of its exchanges.
    places: Vec<String>,
    /// Expectations that did not hold, line by line.
    failed: Vec<String>,
}

impl Side {
    /// Why there was no answer; not of a card whose turn only did not come.
    fn broken(&self) -> Option<&(TransportError, ScriptError)> {
        self.summary.broken.as_ref().filter(|(error, _)| !is_stop(error))
    }
}

impl Observer for Side {
    fn exchange(&mut self, _: &Seen, _: Vocabulary, place: At<'_>) {
        self.places.push(place.name());
    }

    fn expectation(&mut self, failure: Option<&Unmet>, place: At<'_>) {
        self.failed.extend(failure.into_iter().flat_map(|failure| course::unmet(failure, place)));
    }
}

pub(super) fn run(
    scripts: &[Ready],
    first: &Place,
    other: &str,
    args: &RunArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let second = Place::named(other);
    let mut compared = Vec::new();
    let mut outcome = Ok(());
    for script in scripts {
        let name = &script.program().source().name;
        if !args.json {
            writeln!(out, "# {}", shown(name))?;
        }
        let (course, sides) = on_both(script, [first, &second], args, out)?;
        if args.json {
            compared.push(document(name, &course, &sides));
        } else {
            tell_failed(out, &sides)?;
            tell(out, name, &course, &sides)?;
            out.flush()?;
        }
        outcome = ended(&course, sides, !args.json);
        if outcome.is_err() {
            break;
        }
    }
    if args.json {
        let passed = outcome.is_ok();
        documents::print(out, &CompareDocument { schema: SCHEMA, passed, compared })?;
    }
    outcome
}

/// Runs a script on both cards, each in a thread that waits for its turns.
fn on_both(
    script: &Ready,
    places: [&Place; 2],
    args: &RunArgs,
    out: &mut dyn Write,
) -> Result<(Steps, [Side; 2]), Failure> {
    thread::scope(|scope| {
        let (turns, [first, second]) = in_step();
        let [place, other] = places;
        let sides = [(place, first), (other, second)]
            .map(|(place, gate)| scope.spawn(move || on_card(script, place, args, gate)));
        let mut said = Session::default();
        let mut redactors = <[Redactor; 2]>::default();
        let course = turns.compare((&args.modulo).into(), |events| {
            let hidden = redacted(&mut redactors, events.clone());
            if args.json {
                return Ok(());
            }
            show(out, &mut said, if args.unsafe_show_secrets { events } else { hidden })
        });
        let [one, two] = sides.map(|side| match side.join() {
            Ok(side) => side,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        let sides = [one?, two?];
        let mut course = course?;
        if let End::Differs(events, _) = &mut course.end {
            **events = redacted(&mut redactors, <[TraceEvent; 2]>::clone(events));
        }
        let is_over = matches!(course.end, End::Alike | End::Ended(_));
        if is_over && sides.iter().any(|side| side.broken().is_some()) {
            course.end = End::Broken;
        }
        Ok((course, sides))
    })
}

/// A script on one card.
fn on_card(script: &Ready, place: &Place, args: &RunArgs, gate: Gate) -> Result<Side, Failure> {
    let source = place.open(&script.program().settings, args, &Misbehaviour::default())?;
    let mut side = Side::default();
    // Nothing is sent to one card before the other one is there.
    if gate.ready(source.reader()).is_err() {
        return Ok(side);
    }
    let mut card = gate.before(source);
    let options = options(script, place.target(args), args);
    side.summary = sscard_script::run(&script.checked, &mut card, options, &mut side);
    let closed = card.into_inner().close();
    if side.summary.broken.is_none() {
        closed?;
    }
    Ok(side)
}

/// Both exchanges; rows that may differ and do are marked with `~`.
fn show(out: &mut dyn Write, said: &mut Session, events: [TraceEvent; 2]) -> io::Result<()> {
    let TraceEvent::Exchange(exchange) = &events[0] else {
        *said = Session::default();
        return writeln!(out, "# reset");
    };
    let words = said.annotate(&exchange.command, exchange.response.as_deref().ok());
    match &words.status {
        Some((status, meaning)) => writeln!(out, "# {}: {status} {meaning}", words.command)?,
        None => writeln!(out, "# {}", words.command)?,
    }
    side_by_side::exchanges(out, '~', events.each_ref(), [&[], &[]])
}

/// Both without PINs and keys.
fn redacted(redactors: &mut [Redactor; 2], mut events: [TraceEvent; 2]) -> [TraceEvent; 2] {
    for (redactor, event) in redactors.iter_mut().zip(&mut events) {
        if let TraceEvent::Exchange(exchange) = event {
            redactor.redact(exchange);
        }
    }
    events
}

/// Says how it ended.
fn tell(out: &mut dyn Write, name: &str, course: &Steps, sides: &[Side; 2]) -> io::Result<()> {
    let Steps { number, end } = course;
    let name = shown(name);
    match end {
        End::Alike => {
            let plural = if *number == 1 { "" } else { "s" };
            let failed = sides.each_ref().map(|side| !side.failed.is_empty());
            let but = match failed {
                [false, false] => "",
                [true, true] => ", and the script fails on both",
                [true, false] => ", but the script fails on the first card",
                [false, true] => ", but the script fails on the second card",
            };
            writeln!(out, "{name}: {number} exchange{plural}, both cards answer alike{but}")
        }
        End::Differs(events, difference) => {
            let (what, at) = (difference.what.words(), place(sides, *number));
            let at = shown(&at);
            let sent = match difference.what {
                // What both are about to be asked is looked at before.
                What::Command | What::Kind => "sent to neither",
                _ => "nothing was sent after it",
            };
            writeln!(out, "exchange {number} differs ({at}): {what}; {sent}")?;
            side_by_side::print(out, TITLES, events.each_ref(), difference)
        }
        End::Ended(which) => {
            let (ended, at) = (TITLES[*which], place(sides, *number));
            let at = shown(&at);
            writeln!(
                out,
                "after exchange {number} ({at}) the {ended} has finished but the other continues"
            )
        }
        End::Broken | End::SameReader => Ok(()),
    }
}

/// Expectations that did not hold; both cards' once when they are the same.
fn tell_failed(out: &mut dyn Write, sides: &[Side; 2]) -> io::Result<()> {
    let [one, two] = sides;
    if one.failed == two.failed {
        return one.failed.iter().try_for_each(|line| writeln!(out, "{line}"));
    }
    for (side, title) in sides.iter().zip(TITLES).filter(|(side, _)| !side.failed.is_empty()) {
        writeln!(out, "on the {title}:")?;
        side.failed.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(())
}

/// The same as a document.
fn document(name: &str, course: &Steps, sides: &[Side; 2]) -> ComparedScript {
    let Steps { number, end } = course;
    let difference = match end {
        End::Alike | End::Broken | End::SameReader => None,
        End::Differs(events, difference) => {
            Some(side_by_side::document(*number as u64, events.each_ref(), difference))
        }
        End::Ended(which) => Some(side_by_side::end_document(*number as u64, TITLES[*which])),
    };
    let failures = |side: &Side| side.summary.failures.iter().map(fault).collect();
    let broken = |side: &Side| side.broken().map(|(_, at)| fault(at));
    ComparedScript {
        script: name.to_owned(),
        exchanges: *number,
        equal: matches!(end, End::Alike),
        difference,
        failures: sides.each_ref().map(failures),
        broken: sides.each_ref().map(broken),
    }
}

/// Where an exchange stands in the script.
fn place(sides: &[Side; 2], number: usize) -> String {
    let known = sides.iter().find_map(|side| side.places.get(number.checked_sub(1)?));
    let stopped = || {
        let (_, at) = sides.iter().find_map(|side| side.summary.broken.as_ref())?;
        Some(format!("{}:{}:{}", at.name, at.line, at.column))
    };
    known.cloned().or_else(stopped).unwrap_or_default()
}

/// What it means for the program.
fn ended(course: &Steps, sides: [Side; 2], is_shown: bool) -> Result<(), Failure> {
    match course.end {
        End::Differs(..) => return Err(Failure::Compared),
        End::SameReader => {
            let reason = "both names mean the same reader: one card would be asked twice";
            return Err(Failure::Usage(format!("--compare: {reason}")));
        }
        End::Alike | End::Broken | End::Ended(_) => {}
    }
    if let Some((error, at)) = sides.iter().find_map(Side::broken) {
        diagnostics::print(std::slice::from_ref(at));
        return Err(Failure::shown(Failure::Transport(error.clone())));
    }
    let failures = sides.iter().map(|side| side.summary.failures.as_slice());
    let failures = failures.max_by_key(|failures| failures.len()).unwrap_or_default();
    diagnostics::print_unmet(failures, is_shown);
    match (&course.end, failures.len()) {
        (End::Ended(_), _) => Err(Failure::Compared),
        (_, 0) => Ok(()),
        (_, count) => Err(Failure::Expectation { count }),
    }
}
