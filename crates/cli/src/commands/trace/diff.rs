//! `sscard trace diff`.

use std::io::Write;
use std::path::PathBuf;

use sscard_host::Redactor;
use sscard_lexicon::shown;
use sscard_trace::{Comparison, TraceEvent};

use super::super::side_by_side;
use super::input::Input;
use crate::args::{ModuloArgs, TraceReading};
use crate::documents::trace::{DiffDocument, FoundDifference};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;

const DIFFER: Failure = Failure::Differs("the traces differ");

pub(super) fn run(
    files: [&PathBuf; 2],
    reading: &TraceReading,
    modulo: &ModuloArgs,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let [mut left, mut right] = [Input::open(files[0], reading)?, Input::open(files[1], reading)?];
    let names = files.map(|file| file.display().to_string());
    let mut comparison = Comparison::new(modulo.into());
    let mut redactors = <[Redactor; 2]>::default();
    let mut number = 0_u64;
    loop {
        let pair = [next(&mut left, &mut redactors[0])?, next(&mut right, &mut redactors[1])?];
        number += 1;
        match pair {
            [None, None] => {
                let compared = number - 1;
                if json {
                    documents::print(out, &document(compared, None))?;
                } else {
                    writeln!(out, "{}, no difference", events(compared))?;
                }
                return Ok(());
            }
            [Some(a), Some(b)] => {
                let Some(difference) = comparison.compare(&a, &b) else { continue };
                let events = [&a, &b];
                if json {
                    let difference = side_by_side::document(number, events, &difference);
                    documents::print(out, &document(number, Some(difference)))?;
                } else {
                    let what = difference.what.words();
                    match difference.offset {
                        Some(at) => {
                            writeln!(out, "event {number}: {what} differs, byte {}", at + 1)?;
                        }
                        None => writeln!(out, "event {number}: {what} differs")?,
                    }
                    let titles = names.each_ref().map(String::as_str);
                    side_by_side::print(out, titles, events, &difference)?;
                }
                return Err(DIFFER);
            }
            [a, _] => {
                let ended = if a.is_none() { &names[0] } else { &names[1] };
                if json {
                    let difference = side_by_side::end_document(number, ended);
                    documents::print(out, &document(number, Some(difference)))?;
                } else {
                    let ended = shown(ended);
                    writeln!(out, "event {number}: {ended} has ended; the other continues")?;
                }
                return Err(DIFFER);
            }
        }
    }
}

/// What was found, as a document.
pub(super) fn document(events: u64, difference: Option<FoundDifference>) -> DiffDocument {
    DiffDocument { schema: SCHEMA, equal: difference.is_none(), events, difference }
}

/// Redacted before anything of it can be shown.
fn next(input: &mut Input, redactor: &mut Redactor) -> Result<Option<TraceEvent>, Failure> {
    let mut event = input.next()?;
    if let Some(TraceEvent::Exchange(exchange)) = &mut event {
        redactor.redact(exchange);
    }
    Ok(event)
}

/// `1 event`, `2 events`.
pub(super) fn events(count: u64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} event{plural}")
}
