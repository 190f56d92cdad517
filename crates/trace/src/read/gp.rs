//! Logs of `gp -d`: `A>> T=1 (4+0008) 80500000 08 … 00`, `A<< (0028+2) (117ms) … 9000`.
//!
//! Source: docs/standards/pcsc.md §5.2. Other lines are passed over.

use std::collections::VecDeque;
use std::time::Duration;

use sscard_host::TransportError;
use sscard_lexicon::{counted, is_are};

use super::jsonl::protocol;
use super::{Lines, bytes, response};
use crate::model::nanoseconds;
use crate::{Exchange, Header, TraceEvent};

#[derive(Default)]
pub(super) struct Parser {
    command: Option<Vec<u8>>,
    t_ns: u64,
}

impl Lines for Parser {
    fn line(
        &mut self,
        text: &str,
        header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        if let Some((_, sent)) = text.split_once("A>>") {
            self.without_response(events);
            return self.sent(sent.trim(), header);
        }
        if let Some((_, received)) = text.split_once("A<<") {
            let command = self.command.take().ok_or("a response without a command")?;
            let exchange = received_by(command, received.trim(), self.t_ns)?;
            self.t_ns = self.t_ns.saturating_add(nanoseconds(exchange.duration));
            events.push_back(TraceEvent::Exchange(exchange));
        }
        Ok(())
    }

    fn end(&mut self, events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        self.without_response(events);
        Ok(())
    }
}

impl Parser {
    fn without_response(&mut self, events: &mut VecDeque<TraceEvent>) {
        if let Some(command) = self.command.take() {
            let none = TransportError::told("no response in the log");
            let exchange = Exchange::new(command, Err(none)).at(self.t_ns);
            events.push_back(TraceEvent::Exchange(exchange));
        }
    }

    fn sent(&mut self, text: &str, header: &mut Header) -> Result<(), String> {
        let (before, after) = lengths(text)?;
        let ((head, data), rest) = after;
        if head != 4 {
            return Err(format!("a command has 4 bytes before its data, not {head}"));
        }
        let command = bytes(rest)?;
        if command.len() < data.saturating_add(4) {
            return Err(format!(
                "{} of data {} announced, the command has {}",
                counted(data, "byte"),
                is_are(data),
                counted(command.len(), "byte")
            ));
        }
        if header.protocol.is_none() && before.starts_with("T=") {
            header.protocol = protocol(before).ok();
        }
        self.command = Some(command);
        Ok(())
    }
}

fn received_by(command: Vec<u8>, text: &str, t_ns: u64) -> Result<Exchange, String> {
    let (_, ((data, status), rest)) = lengths(text)?;
    let (duration, rest) = match rest.split_once("ms)") {
        Some((ms, rest)) => {
            let ms = ms.trim().trim_start_matches('(').parse::<u64>();
            let ms = ms.map_err(|_| "a duration is written (117ms)".to_owned())?;
            (Some(Duration::from_micros(ms.saturating_mul(1000))), rest)
        }
        None => (None, rest),
    };
    let bytes = response(rest)?;
    if status != 2 || bytes.len() != data.saturating_add(2) {
        return Err(format!(
            "{data}+{status} bytes are announced, {} {} there",
            bytes.len(),
            is_are(bytes.len())
        ));
    }
    let mut exchange = Exchange::new(command, Ok(bytes)).at(t_ns);
    exchange.duration = duration;
    Ok(exchange)
}

/// What stands before `(a+b)`, the two numbers, and what stands behind.
#[allow(clippy::type_complexity, reason = "taken apart at once")]
fn lengths(text: &str) -> Result<(&str, ((usize, usize), &str)), String> {
    let parse = || {
        let (before, rest) = text.split_once('(')?;
        let (numbers, rest) = rest.split_once(')')?;
        let (first, second) = numbers.split_once('+')?;
        Some((before.trim(), ((first.parse().ok()?, second.parse().ok()?), rest)))
    };
    parse().ok_or_else(|| "the lengths are written (4+0008)".to_owned())
}
