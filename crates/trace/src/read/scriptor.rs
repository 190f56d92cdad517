//! What scriptor of pcsc-tools prints: `> command`, `< response : words`, 16 bytes a row.
//!
//! Source: docs/standards/pcsc.md §2.1. Lines of the script itself, which scriptor repeats when it
//! reads a file, are passed over.

use std::collections::VecDeque;

use sscard_host::TransportError;

use super::jsonl::{COMMENT, Line, Own, protocol};
use super::{Lines, bytes, bytes_or_none, response};
use crate::model::with_command;
use crate::{Exchange, Header, Reset, TraceEvent};

/// A response of an extended APDU in rows, and some.
const LONGEST_RESPONSE: usize = 0x4_0000;

#[derive(Default)]
pub(super) struct Parser {
    announced: Option<Exchange>,
    waiting: Waiting,
    /// The rows of a response that is not complete.
    rows: String,
}

#[derive(Default)]
enum Waiting {
    #[default]
    Nothing,
    Reset,
    Response(Vec<u8>),
}

impl Lines for Parser {
    fn line(
        &mut self,
        text: &str,
        header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        if let Some(own) = text.strip_prefix(COMMENT) {
            let line = Line::parse(own)?;
            if line.ev == "trace" {
                return line.header(header);
            }
            match line.event(header)? {
                Own::Whole(event) => events.push_back(event),
                Own::Next(exchange) => self.announced = Some(exchange),
            }
            return Ok(());
        }
        if let Some(command) = text.strip_prefix('>') {
            return self.command(command.trim(), events);
        }
        if let Some(row) = text.strip_prefix('<') {
            return self.answer(row.trim(), events);
        }
        if !self.rows.is_empty() {
            return self.row(text, events);
        }
        if let Some(name) =
            text.strip_prefix("Using ").and_then(|rest| rest.strip_suffix(" protocol"))
        {
            // `Using an unknown protocol (not T=0 or T=1)` does not end so.
            header.protocol = Some(protocol(name)?);
            return Ok(());
        }
        self.echo(text)
    }

    fn end(&mut self, events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        let unfinished = !self.rows.is_empty();
        self.without_response(events);
        if unfinished { Err("the last response has no end".to_owned()) } else { Ok(()) }
    }
}

impl Parser {
    fn command(&mut self, text: &str, events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        self.without_response(events);
        self.waiting = Waiting::Nothing;
        if text == "RESET" {
            self.waiting = Waiting::Reset;
            return Ok(());
        }
        self.waiting = Waiting::Response(bytes(text)?);
        Ok(())
    }

    /// scriptor ends without a response line when an exchange fails.
    fn without_response(&mut self, events: &mut VecDeque<TraceEvent>) {
        self.rows.clear();
        if let Waiting::Response(command) = std::mem::take(&mut self.waiting) {
            let none = TransportError::told("no response in the transcript");
            events.push_back(TraceEvent::Exchange(self.exchange(command, Err(none))));
        }
    }

    fn answer(&mut self, row: &str, events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        match &self.waiting {
            Waiting::Nothing => Err("a response without a command".to_owned()),
            Waiting::Reset => {
                self.waiting = Waiting::Nothing;
                let atr = match row.strip_prefix("OK:") {
                    Some(atr) => bytes_or_none(atr)?,
                    None if row.starts_with("KO:") => Vec::new(),
                    None => return Err("a reset is answered by OK: or KO:".to_owned()),
                };
                let t_ns = self.announced.take().map_or(0, |announced| announced.t_ns);
                events.push_back(TraceEvent::Reset(Reset { t_ns, atr, ..Reset::default() }));
                Ok(())
            }
            Waiting::Response(_) => self.row(row, events),
        }
    }

    fn row(&mut self, text: &str, events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        let (row, ended) = match text.split_once(':') {
            Some((row, _words)) => (row, true),
            None => (text, false),
        };
        self.rows.push_str(row.trim());
        self.rows.push(' ');
        if !ended {
            let fits = self.rows.len() <= LONGEST_RESPONSE;
            let checked = bytes(row).map(|_| ());
            if !fits || checked.is_err() {
                self.rows.clear();
                self.waiting = Waiting::Nothing;
            }
            return if fits { checked } else { Err("a response without end".to_owned()) };
        }
        let rows = std::mem::take(&mut self.rows);
        let Waiting::Response(command) = std::mem::take(&mut self.waiting) else {
            return Err("a response without a command".to_owned());
        };
        let response = response(&rows)?;
        events.push_back(TraceEvent::Exchange(self.exchange(command, Ok(response))));
        Ok(())
    }

    fn exchange(
        &mut self,
        command: Vec<u8>,
        response: Result<Vec<u8>, TransportError>,
    ) -> Exchange {
        match self.announced.take() {
            Some(announced) => with_command(announced, command, response),
            None => Exchange::new(command, response),
        }
    }

    /// Lines of the script: hexadecimal, comments, `reset`, `exit`.
    fn echo(&self, text: &str) -> Result<(), String> {
        let line = text.trim_end_matches('\\').trim();
        let lower = line.to_ascii_lowercase();
        let known = line.is_empty()
            || line.starts_with('#')
            || lower.contains("exit")
            || lower.contains("reset")
            || lower.starts_with("using ")
            || line.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b' ');
        if known {
            Ok(())
        } else {
            Err("neither a command, a response nor a line of a script".to_owned())
        }
    }
}
