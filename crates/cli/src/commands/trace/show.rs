//! `sscard trace show`.

use std::io::{self, Write};

use serde::Serialize;
use sscard_host::Redactor;
use sscard_lexicon::{Annotation, shown};
use sscard_trace::{Exchange, Header, ResetKind, Sessions, TraceEvent};

use super::super::{exchange, hex};
use super::input::Input;
use crate::args::TraceInput;
use crate::documents::trace::{exchange_document, header_document, protocol, reset_document};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;

pub(super) fn run(
    args: &TraceInput,
    show_secrets: bool,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut input = Input::open(&args.file, &args.reading)?;
    // Lines leave one by one; a trace may be long.
    let mut out = io::BufWriter::new(out);
    if json {
        let header = in_line(&header_document(input.header()))?;
        let format = input.format().name();
        write!(out, "{{\n\"schema\": {SCHEMA},\n\"format\": \"{format}\",\n")?;
        write!(out, "\"header\": {header},\n\"events\": [")?;
    } else {
        print_header(&mut out, input.header())?;
    }
    let mut sessions = Sessions::default();
    let mut redactor = Redactor::default();
    let mut number = 0_u64;
    let mut ended = Ok(());
    loop {
        let mut event = match input.next() {
            Ok(Some(event)) => event,
            Ok(None) => break,
            // What was read until there is a whole document all the same.
            Err(error) => {
                ended = Err(error);
                break;
            }
        };
        sessions.note(&event);
        number += 1;
        if let (TraceEvent::Exchange(exchange), false) = (&mut event, show_secrets) {
            redactor.redact(exchange);
        }
        match &event {
            TraceEvent::Exchange(exchange) => {
                let annotation = sessions.annotate(exchange);
                if json {
                    let object = in_line(&exchange_document(number, exchange, &annotation))?;
                    write!(out, "{}\n{object}", if number == 1 { "" } else { "," })?;
                } else {
                    print_exchange(&mut out, number, exchange, &annotation)?;
                }
            }
            TraceEvent::Reset(reset) if json => {
                let object = in_line(&reset_document(number, reset))?;
                write!(out, "{}\n{object}", if number == 1 { "" } else { "," })?;
            }
            TraceEvent::Reset(reset) => {
                let what = match reset.kind {
                    ResetKind::PowerOn => "power on (上电)",
                    ResetKind::PowerOff => "power off (断电)",
                    _ => "reset (复位)",
                };
                let line = format!("# {number}  {}  {what} {}", time(reset.t_ns), hex(&reset.atr));
                writeln!(out, "\n{}", line.trim_end())?;
            }
        }
    }
    if json {
        writeln!(out, "\n]\n}}")?;
    }
    out.flush()?;
    ended
}

fn print_header(out: &mut dyn Write, header: &Header) -> io::Result<()> {
    let protocol = header.protocol.map(protocol).unwrap_or_default();
    let facts = [
        ("tool", header.tool.clone()),
        ("reader", header.reader.as_deref().unwrap_or_default().to_owned()),
        ("ATR", hex(&header.atr)),
        ("protocol", protocol.to_owned()),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "# {name} {}", shown(value))?;
    }
    Ok(())
}

fn print_exchange(
    out: &mut dyn Write,
    number: u64,
    exchange: &Exchange,
    annotation: &Annotation<'_>,
) -> io::Result<()> {
    write!(out, "\n# {number}  {}", time(exchange.t_ns))?;
    if let Some(duration) = exchange.duration {
        write!(out, "  {} µs", duration.as_micros())?;
    }
    if let Some(case) = annotation.case {
        write!(out, "  case {case}")?;
    }
    if let Some(reader) = &exchange.reader {
        write!(out, "  {}", shown(reader))?;
    }
    if let Some(place) = annotation.place.as_ref().filter(|place| !place.directory.is_empty()) {
        write!(out, "  in {}", shown(&place.directory))?;
        if let Some(file) = &place.file {
            write!(out, " / {file}")?;
        }
        if let Some(name) = &place.name {
            write!(out, " {name}")?;
        }
    }
    writeln!(out)?;
    if let Some(note) = &exchange.note {
        writeln!(out, "# note: {}", shown(note))?;
    }
    exchange::print(out, exchange, annotation)?;
    if let Err(error) = &exchange.response {
        let error = error.to_string();
        let error = shown(&error);
        writeln!(out, "# {}: no response (无响应): {error}", annotation.command)?;
    }
    Ok(())
}

/// A document in one line.
fn in_line(document: &impl Serialize) -> io::Result<String> {
    String::from_utf8(documents::line(document)?).map_err(io::Error::other)
}

fn time(t_ns: u64) -> String {
    format!("{}.{:06} s", t_ns / 1_000_000_000, t_ns / 1000 % 1_000_000)
}
