//! `sscard trace replay`: the same commands to a card, up to the first response that differs.

use std::io::Write;
use std::path::Path;

use sscard_host::{Redactor, Transport};
use sscard_script::verbs::is_destructive;
use sscard_trace::{Comparison, ResetKind, TraceEvent};

use super::super::side_by_side;
use super::diff::document;
use super::input::Input;
use crate::args::{CardArgs, ModuloArgs, TraceInput};
use crate::documents;
use crate::failure::Failure;
use crate::source::Source;

pub(super) fn run(
    args: &TraceInput,
    card: &CardArgs,
    contactless: bool,
    destructive: bool,
    modulo: &ModuloArgs,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let harmful = check(args)?;
    let mut input = Input::open(&args.file, &args.reading)?;
    let mut source = Source::open_on(card, contactless)?;
    if let (Some(number), None, false) = (harmful, source.card_mut(), destructive) {
        source.close()?;
        let place = args.file.display().to_string();
        let reason = format!(
            "event {number} may use up tries of the card in the reader or block it; say --destructive \
             when that is meant"
        );
        return Err(Failure::Input { place, reason });
    }
    let replayed = replay(&mut input, &mut source, Comparison::new(modulo.into()));
    let closed = source.close();
    super::super::both(tell(replayed, json, out), closed)
}

/// How far it went, and the verdict.
fn tell(
    replayed: Result<(u64, Found), Failure>,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (number, difference) = replayed?;
    match difference {
        None if json => {
            documents::print(out, &document(number, None))?;
        }
        None => writeln!(out, "{} replayed, no difference", super::diff::events(number))?,
        Some((recorded, found, difference)) => {
            let events = [&recorded, &found];
            if json {
                let difference = side_by_side::document(number, events, &difference);
                documents::print(out, &document(number, Some(difference)))?;
            } else {
                let what = difference.what.words();
                writeln!(out, "event {number}: {what} differs; nothing was sent after it")?;
                side_by_side::print(out, ["recorded", "the card"], events, &difference)?;
            }
            return Err(Failure::Differs("the card answers differently from the trace"));
        }
    }
    Ok(())
}

/// Looks through the whole trace before anything is sent; the first event that may use up tries or
/// block a card.
fn check(args: &TraceInput) -> Result<Option<u64>, Failure> {
    let refuse = |reason: String| Failure::Input { place: args.file.display().to_string(), reason };
    if args.file == Path::new("-") {
        let reason = "-: a replay looks through the trace first: it needs a file";
        return Err(Failure::Usage(reason.to_owned()));
    }
    let mut input = Input::open(&args.file, &args.reading)?;
    let mut readers = Vec::new();
    let mut number = 0_u64;
    let mut harmful = None;
    while let Some(event) = input.next()? {
        number += 1;
        let TraceEvent::Exchange(exchange) = event else { continue };
        if exchange.redacted.is_some() {
            return Err(refuse(format!(
                "event {number} is redacted and cannot be sent; record with --unsafe-show-secrets"
            )));
        }
        if harmful.is_none() && is_destructive(&exchange.command) {
            harmful = Some(number);
        }
        if !readers.contains(&exchange.reader) {
            readers.push(exchange.reader);
            if readers.len() > 1 {
                return Err(refuse(format!(
                    "event {number} is of another reader or thread; one card is replayed at a time"
                )));
            }
        }
    }
    Ok(harmful)
}

/// Both events, redacted, and where they differ.
type Found = Option<(TraceEvent, TraceEvent, sscard_trace::Difference)>;

/// How many events were replayed, and the first difference.
fn replay(
    input: &mut Input,
    source: &mut Source,
    mut comparison: Comparison,
) -> Result<(u64, Found), Failure> {
    let mut number = 0;
    let mut response = Vec::new();
    // Before anything of it can be shown.
    let mut redactors = <[Redactor; 2]>::default();
    let [of_recorded, of_found] = &mut redactors;
    while let Some(recorded) = input.next()? {
        number += 1;
        let TraceEvent::Exchange(exchange) = &recorded else {
            // The card has its power from the beginning on; when it went, the next event gives it back.
            let is_done = match &recorded {
                TraceEvent::Reset(reset) => match reset.kind {
                    ResetKind::PowerOff => true,
                    ResetKind::PowerOn => number == 1,
                    _ => false,
                },
                TraceEvent::Exchange(_) => false,
            };
            if !is_done {
                source.reset()?;
            }
            // Another card of the same kind has another ATR.
            comparison.compare(&recorded, &recorded);
            continue;
        };
        source.transmit(&exchange.command, &mut response)?;
        // Where no response was recorded there is nothing to compare.
        let mut found = exchange.clone();
        found.response = Ok(response.clone());
        let mut shown = [exchange.clone(), found.clone()];
        let [recorded_shown, found_shown] = &mut shown;
        of_recorded.redact(recorded_shown);
        of_found.redact(found_shown);
        let found = TraceEvent::Exchange(found);
        let known = if exchange.response.is_ok() { &recorded } else { &found };
        if let Some(difference) = comparison.compare(known, &found) {
            let [recorded, found] = shown.map(TraceEvent::Exchange);
            return Ok((number, Some((recorded, found, difference))));
        }
    }
    Ok((number, None))
}
