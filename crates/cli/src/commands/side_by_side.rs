//! Two exchanges in two columns.

use std::io::{self, Write};
use std::ops::Range;

use sscard_lexicon::shown;
use sscard_trace::{Difference, TraceEvent, What};

use crate::documents::trace::{DifferentEvent, EndDifference, EventDifference, FoundDifference};
use crate::documents::unit::Hex;

const ROW: usize = 16;
/// Sixteen bytes with spaces, and the prompt before them.
const COLUMN: usize = ROW * 3 + 3;

/// Prints both, rows that differ with `!`, bytes that were passed over as dots.
pub(super) fn print(
    out: &mut dyn Write,
    titles: [&str; 2],
    events: [&TraceEvent; 2],
    difference: &Difference,
) -> io::Result<()> {
    let titles = titles.map(shown);
    line(out, ' ', titles.each_ref().map(|title| &**title))?;
    let words = difference.words.each_ref().map(|words| shown(words));
    let words = words.each_ref().map(|words| &**words);
    line(out, if words[0] == words[1] { ' ' } else { '!' }, words)?;
    let none: &[Range<usize>] = &[];
    let ignored = match difference.what {
        What::Command => [&difference.ignored[..], none],
        _ => [none, &difference.ignored[..]],
    };
    exchanges(out, '!', events, ignored)
}

/// Prints both, rows that differ with a mark. `ignored`: what is passed over in commands and in
/// responses.
pub(super) fn exchanges(
    out: &mut dyn Write,
    mark: char,
    events: [&TraceEvent; 2],
    ignored: [&[Range<usize>]; 2],
) -> io::Result<()> {
    let commands = events.map(|event| cells(command_of(event), redacted_of(event)[0], ignored[0]));
    rows(out, ('>', mark), &commands)?;
    let responses =
        events.map(|event| cells(response_of(event), redacted_of(event)[1], ignored[1]));
    rows(out, ('<', mark), &responses)
}

/// Two characters a byte.
fn cells(bytes: &[u8], redacted: Option<&Range<usize>>, ignored: &[Range<usize>]) -> Vec<String> {
    let cell = |(at, byte): (usize, &u8)| {
        if redacted.is_some_and(|range| range.contains(&at)) {
            "**".to_owned()
        } else if ignored.iter().any(|range| range.contains(&at)) {
            "··".to_owned()
        } else {
            format!("{byte:02X}")
        }
    };
    bytes.iter().enumerate().map(cell).collect()
}

fn rows(
    out: &mut dyn Write,
    (prompt, mark): (char, char),
    cells: &[Vec<String>; 2],
) -> io::Result<()> {
    let longest = cells.iter().map(Vec::len).max().unwrap_or(0);
    for start in (0..longest).step_by(ROW) {
        let prompt = if start == 0 { prompt } else { ' ' };
        let row = |cells: &Vec<String>| {
            let end = cells.len().min(start + ROW);
            format!("{prompt} {}", cells.get(start..end).unwrap_or(&[]).join(" "))
        };
        let pair = cells.each_ref().map(row);
        let mark = if pair[0] == pair[1] { ' ' } else { mark };
        line(out, mark, pair.each_ref().map(String::as_str))?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, mark: char, columns: [&str; 2]) -> io::Result<()> {
    let [left, right] = columns;
    // Chinese characters take two columns.
    let width = |c: char| if u32::from(c) >= 0x1100 { 2 } else { 1 };
    let mut shown = String::new();
    let mut used = 0;
    for c in left.chars() {
        if used + width(c) >= COLUMN - 1 {
            shown.push('…');
            used += 1;
            break;
        }
        shown.push(c);
        used += width(c);
    }
    let gap = " ".repeat(COLUMN.saturating_sub(used));
    writeln!(out, "{}", format!("{mark} {shown}{gap}{right}").trim_end())
}

/// What of command and response is hidden.
fn redacted_of(event: &TraceEvent) -> [Option<&Range<usize>>; 2] {
    match event {
        TraceEvent::Exchange(exchange) => {
            [exchange.redacted.as_ref(), exchange.redacted_response.as_ref()]
        }
        TraceEvent::Reset(_) => [None, None],
    }
}

fn command_of(event: &TraceEvent) -> &[u8] {
    match event {
        TraceEvent::Exchange(exchange) => &exchange.command,
        TraceEvent::Reset(_) => &[],
    }
}

fn response_of(event: &TraceEvent) -> &[u8] {
    match event {
        TraceEvent::Exchange(exchange) => exchange.response.as_deref().unwrap_or_default(),
        TraceEvent::Reset(reset) => &reset.atr,
    }
}

/// A difference as a document.
pub(super) fn document(
    number: u64,
    events: [&TraceEvent; 2],
    difference: &Difference,
) -> FoundDifference {
    let side = |at: usize| DifferentEvent {
        meaning: difference.words[at].clone(),
        command: Hex::of(command_of(events[at])),
        response: Hex::of(response_of(events[at])),
    };
    FoundDifference::Event(EventDifference {
        n: number,
        what: difference.what.words(),
        offset: difference.offset,
        a: side(0),
        b: side(1),
    })
}

/// A session that has ended before the other one, as a document.
pub(super) fn end_document(number: u64, ended: &str) -> FoundDifference {
    FoundDifference::End(EndDifference { n: number, what: "end", ended: ended.to_owned() })
}
