//! The formats of other programs that are text. What they have no place for stands in comments of
//! ours, so that nothing is lost on the way back.

use std::io::{self, Write};

use super::super::read::jsonl::{COMMENT, Line, name};
use super::super::sessions::Sessions;
use super::{Header, Sink, TraceEvent, jsonl};
use crate::ResetKind;

fn comment(out: &mut dyn Write, line: &Line) -> io::Result<()> {
    out.write_all(COMMENT.as_bytes())?;
    jsonl::line(out, line)
}

/// What the format itself has no lines for: all of an event, or all but command and response.
fn extra(event: &TraceEvent, has_lines: bool) -> Line {
    let mut line = Line::of_event(event, None);
    if has_lines {
        line.cmd = None;
        line.rsp = None;
    }
    line
}

/// Dump of apdu4j, new form.
pub(super) struct Apdu4j<W> {
    out: W,
}

impl<W: Write> Apdu4j<W> {
    pub(super) fn begin(mut out: W, header: &Header) -> io::Result<Self> {
        if !header.atr.is_empty() {
            writeln!(out, "# ATR: {}", hex::encode_upper(&header.atr))?;
        }
        if let Some(protocol) = header.protocol {
            writeln!(out, "# PROTOCOL: {}", name(protocol))?;
        }
        comment(&mut out, &Line::of_header(header))?;
        Ok(Self { out })
    }
}

impl<W: Write> Sink for Apdu4j<W> {
    fn event(&mut self, event: &TraceEvent) -> io::Result<()> {
        let out = &mut self.out;
        let (exchange, response) = match event {
            TraceEvent::Exchange(exchange) => (exchange, exchange.response.as_ref().ok()),
            TraceEvent::Reset(_) => return comment(out, &extra(event, false)),
        };
        // The format has no line for a response without a status word.
        let Some(response) = response.filter(|response| response.len() >= 2) else {
            return comment(out, &extra(event, false));
        };
        comment(out, &extra(event, true))?;
        writeln!(out, "{}", hex::encode_upper(&exchange.command))?;
        if let Some(duration) = exchange.duration {
            writeln!(out, "# {}ms", duration.as_millis())?;
        }
        writeln!(out, "{}", hex::encode_upper(response))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What scriptor prints, with our words behind the responses.
pub(super) struct Scriptor<W> {
    out: W,
    sessions: Sessions,
}

impl<W: Write> Scriptor<W> {
    pub(super) fn begin(mut out: W, header: &Header) -> io::Result<Self> {
        comment(&mut out, &Line::of_header(header))?;
        if let Some(protocol) = header.protocol {
            writeln!(out, "Using {} protocol", name(protocol))?;
        }
        Ok(Self { out, sessions: Sessions::default() })
    }
}

impl<W: Write> Sink for Scriptor<W> {
    fn event(&mut self, event: &TraceEvent) -> io::Result<()> {
        let out = &mut self.out;
        let exchange = match event {
            TraceEvent::Exchange(exchange) => exchange,
            TraceEvent::Reset(reset) => {
                self.sessions.note(event);
                // The transcript has no place for a reader's name, nor for power.
                if reset.reader.is_some() || reset.kind != ResetKind::Reset {
                    return comment(out, &extra(event, false));
                }
                comment(out, &Line::at(reset.t_ns))?;
                return writeln!(out, "> RESET\n< OK: {}", spaced(&reset.atr));
            }
        };
        let annotation = self.sessions.annotate(exchange);
        let (Ok(response), Some((_, meaning))) = (&exchange.response, annotation.status) else {
            return comment(out, &extra(event, false));
        };
        comment(out, &extra(event, true))?;
        writeln!(out, "> {}", spaced(&exchange.command))?;
        write!(out, "< ")?;
        let rows = response.chunks(16).map(spaced).collect::<Vec<_>>();
        writeln!(out, "{} : {}", rows.join(" \n"), meaning.en.replace(':', ","))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}
