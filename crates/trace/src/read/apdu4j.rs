//! Dumps of apdu4j: a command line and a response line in turn, comments between them.
//!
//! Old: `# Sent`, `# Received in 40ms`; new: `# 24ms`. Our own comments carry what the format has no
//! place for. Source: docs/standards/pcsc.md §5.2.

use std::collections::VecDeque;
use std::time::Duration;

use super::jsonl::{COMMENT, Line, Own, protocol};
use super::{Lines, bytes, response};
use crate::model::{nanoseconds, with_command};
use crate::{Exchange, Header, TraceEvent};

#[derive(Default)]
pub(super) struct Parser {
    /// What a comment of ours said of the next exchange.
    announced: Option<Exchange>,
    command: Option<Vec<u8>>,
    milliseconds: Option<u64>,
    t_ns: u64,
    begun: bool,
}

impl Lines for Parser {
    fn line(
        &mut self,
        text: &str,
        header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        if let Some(own) = text.strip_prefix(COMMENT) {
            return self.own(own, header, events);
        }
        if let Some(comment) = text.strip_prefix('#') {
            return self.comment(comment.trim(), header);
        }
        if text.is_empty() {
            return Ok(());
        }
        self.begun = true;
        let Some(command) = self.command.take() else {
            self.command = Some(bytes(text)?);
            return Ok(());
        };
        let announced = self.announced.take();
        let response = Ok(response(text)?);
        let mut exchange = match announced {
            Some(announced) => with_command(announced, command, response),
            None => Exchange::new(command, response).at(self.t_ns),
        };
        let milliseconds = self.milliseconds.take();
        if exchange.duration.is_none() {
            exchange.duration =
                milliseconds.map(|ms| Duration::from_micros(ms.saturating_mul(1000)));
        }
        self.t_ns = exchange.t_ns.saturating_add(nanoseconds(exchange.duration));
        events.push_back(TraceEvent::Exchange(exchange));
        Ok(())
    }

    fn end(&mut self, _events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        match self.command.take() {
            Some(_) => Err("the last command has no response line".to_owned()),
            None => Ok(()),
        }
    }
}

impl Parser {
    fn comment(&mut self, comment: &str, header: &mut Header) -> Result<(), String> {
        let before = !self.begun;
        if let Some(atr) = comment.strip_prefix("ATR:").filter(|_| before) {
            header.atr = bytes(atr)?;
        } else if let Some(name) = comment.strip_prefix("PROTOCOL:").filter(|_| before) {
            header.protocol = Some(protocol(name)?);
        } else if let Some(ms) = milliseconds(comment) {
            self.milliseconds = Some(ms);
        }
        Ok(())
    }

    fn own(
        &mut self,
        text: &str,
        header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        let line = Line::parse(text)?;
        if line.ev == "trace" {
            return line.header(header);
        }
        if self.command.is_some() {
            return Err("a response line is expected".to_owned());
        }
        self.begun = true;
        match line.event(header)? {
            Own::Whole(event) => events.push_back(event),
            Own::Next(exchange) => self.announced = Some(exchange),
        }
        Ok(())
    }
}

/// `24ms`, `Received in 40ms`.
fn milliseconds(comment: &str) -> Option<u64> {
    comment.strip_prefix("Received in ").unwrap_or(comment).strip_suffix("ms")?.trim().parse().ok()
}
