//! `sscard trace show`.

use std::io::{self, Write};

use serde::Serialize;
use sscard_core::Protocol;
use sscard_host::Redactor;
use sscard_lexicon::{Annotation, Vocabulary, shown};
use sscard_trace::{Exchange, Header, Mode, Reset, ResetKind, Sessions, TraceEvent};

use super::super::{exchange, hex, tree};
use super::input::Input;
use crate::args::TraceInput;
use crate::documents::trace::{ShownExchange, ShownHeader, ShownPlace, ShownReset};
use crate::documents::unit::Hex;
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

const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::T0 => "T=0",
        Protocol::T1 => "T=1",
    }
}

pub(crate) fn header_document(header: &Header) -> ShownHeader {
    ShownHeader {
        tool: header.tool.clone(),
        atr: Hex::of(&header.atr),
        protocol: header.protocol.map(protocol),
        mode: header.mode.map(|mode| match mode {
            Mode::Raw => "raw",
            Mode::Auto => "auto",
        }),
        reader: header.reader.as_deref().map(str::to_owned),
        start_ms: header.start_ms,
    }
}

pub(crate) fn exchange_document(
    number: u64,
    exchange: &Exchange,
    annotation: &Annotation<'_>,
) -> ShownExchange {
    let status = annotation.status.as_ref();
    ShownExchange {
        n: number,
        ev: "apdu",
        t_ns: exchange.t_ns,
        us: exchange.duration.and_then(|took| u64::try_from(took.as_micros()).ok()),
        reader: exchange.reader.as_deref().map(str::to_owned),
        command: Hex::of(&exchange.command),
        response: exchange.response.as_deref().ok().map(Hex::of),
        error: exchange.response.as_ref().err().map(ToString::to_string),
        redacted: exchange.redacted.is_some(),
        redacted_response: exchange.redacted_response.is_some(),
        note: exchange.note.clone(),
        case: annotation.case,
        application: match annotation.application {
            Vocabulary::Financial => "financial",
            Vocabulary::SocialSecurity => "social_security",
            Vocabulary::Pki => "pki",
        },
        meaning: annotation.command.clone(),
        sw: status.map(|(status, _)| Hex::written(status)),
        status: status.map(|(_, words)| tree::both_languages(words)),
        place: annotation.place.as_ref().map(|place| ShownPlace {
            directory: place.directory.clone(),
            file: place.file.clone(),
            name: place.name.as_ref().map(tree::both_languages),
            part: place.part.clone(),
        }),
        asked: tree::documents(&annotation.asked),
        objects: tree::documents(&annotation.answer),
    }
}

pub(crate) fn reset_document(number: u64, reset: &Reset) -> ShownReset {
    ShownReset {
        n: number,
        ev: reset.kind.name(),
        t_ns: reset.t_ns,
        reader: reset.reader.as_deref().map(str::to_owned),
        atr: Hex::of(&reset.atr),
    }
}
