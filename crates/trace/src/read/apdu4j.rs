//! Dumps of apdu4j: a command line and a response line in turn, comments between them.
//!
//! Old: `# Sent`, `# Received in 40ms`; new: `# 24ms`. Our own comments carry what the format has no
//! place for. Source: docs/standards/pcsc.md §5.2.

use std::collections::VecDeque;

use super::jsonl::{COMMENT, Line, protocol};
use super::{Lines, bytes, response};
use crate::{Event, Exchange, Header};

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
        events: &mut VecDeque<Event>,
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
        let mut exchange = self
            .announced
            .take()
            .unwrap_or_else(|| Exchange { t_ns: self.t_ns, ..Exchange::default() });
        let redacted = exchange.redacted.is_some();
        exchange.command = command;
        if redacted {
            exchange.mark_redacted();
        }
        exchange.response = Some(response(text)?);
        let milliseconds = self.milliseconds.take();
        if exchange.duration_us.is_none() {
            exchange.duration_us = milliseconds.map(|ms| ms.saturating_mul(1000));
        }
        let took = exchange.duration_us.unwrap_or(0).saturating_mul(1000);
        self.t_ns = exchange.t_ns.saturating_add(took);
        events.push_back(Event::Exchange(exchange));
        Ok(())
    }

    fn end(&mut self, _events: &mut VecDeque<Event>) -> Result<(), String> {
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
        events: &mut VecDeque<Event>,
    ) -> Result<(), String> {
        let line = Line::parse(text)?;
        if line.ev == "trace" {
            return line.header(header);
        }
        if self.command.is_some() {
            return Err("a response line is expected".to_owned());
        }
        self.begun = true;
        match own_event(line, header)? {
            Own::Whole(event) => events.push_back(event),
            Own::Next(exchange) => self.announced = Some(exchange),
        }
        Ok(())
    }
}

/// What one of our comments says.
pub(super) enum Own {
    /// Something that the format has no lines for.
    Whole(Event),
    /// What there is to know about the exchange that follows.
    Next(Exchange),
}

pub(super) fn own_event(line: Line, header: &Header) -> Result<Own, String> {
    Ok(match line.event(header)? {
        Event::Exchange(exchange) if exchange.command.is_empty() => {
            if exchange.response.is_some() || exchange.error.is_some() {
                return Err("an exchange has a command in cmd".to_owned());
            }
            Own::Next(exchange)
        }
        Event::Exchange(exchange) if exchange.response.is_some() == exchange.error.is_some() => {
            return Err("an exchange has either rsp or err".to_owned());
        }
        event => Own::Whole(event),
    })
}

/// `24ms`, `Received in 40ms`.
fn milliseconds(comment: &str) -> Option<u64> {
    comment.strip_prefix("Received in ").unwrap_or(comment).strip_suffix("ms")?.trim().parse().ok()
}
