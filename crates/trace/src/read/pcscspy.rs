//! Logs of libpcscspy, before pcsc-spy makes them pretty.
//!
//! `THREAD@>|sec|usec|SCardTransmit`, a line `THREAD@…` for each argument, `THREAD@<|sec|usec|
//! SCardTransmit|0xRV`. Threads are interleaved; calls of other functions are passed over. Source:
//! docs/standards/pcsc.md §5.2.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sscard_host::TransportError;

use super::{Lines, bytes, bytes_or_none};
use crate::{Exchange, Header, TraceEvent};

/// So many threads are told apart; the oldest call is given up for a new one.
const THREADS: usize = 256;
/// More arguments than SCardTransmit has lines.
const ARGUMENTS: usize = 16;

#[derive(Default)]
pub(super) struct Parser {
    calls: VecDeque<Call>,
    first_us: Option<u64>,
}

/// A call under way; `None` arguments for a function that is not SCardTransmit.
struct Call {
    thread: Arc<str>,
    begun_us: u64,
    arguments: Option<Vec<String>>,
}

impl Lines for Parser {
    fn line(
        &mut self,
        text: &str,
        header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        let Some((thread, rest)) = text.split_once('@') else {
            return if text.is_empty() { Ok(()) } else { Err("no thread before @".to_owned()) };
        };
        if thread.is_empty() || !thread.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("the thread before @ is not a hexadecimal number".to_owned());
        }
        if let Some(call) = rest.strip_prefix(">|") {
            return self.begin(thread, call, header);
        }
        if let Some(call) = rest.strip_prefix("<|") {
            return self.finish(thread, call, events);
        }
        // Arguments of a call that began before the log did belong to nobody.
        if let Some(call) = self.calls.iter_mut().find(|call| *call.thread == *thread)
            && let Some(arguments) = &mut call.arguments
        {
            if arguments.len() >= ARGUMENTS {
                return Err("more arguments than SCardTransmit has".to_owned());
            }
            arguments.push(rest.trim().to_owned());
        }
        Ok(())
    }

    fn end(&mut self, events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        while let Some(call) = self.calls.pop_front() {
            let Some(arguments) = &call.arguments else { continue };
            let mut exchange = self.exchange(&call, arguments)?;
            exchange.response = Err(TransportError::told("the log ends before the call does"));
            events.push_back(TraceEvent::Exchange(exchange));
        }
        Ok(())
    }
}

impl Parser {
    fn begin(&mut self, thread: &str, call: &str, header: &mut Header) -> Result<(), String> {
        let (begun_us, function, _) = head(call)?;
        if self.first_us.is_none() {
            self.first_us = Some(begun_us);
            header.start_ms = Some(begun_us / 1000);
        }
        self.calls.retain(|call| *call.thread != *thread);
        if self.calls.len() >= THREADS {
            self.calls.pop_front();
        }
        let arguments = (function == "SCardTransmit").then(Vec::new);
        self.calls.push_back(Call { thread: thread.into(), begun_us, arguments });
        Ok(())
    }

    fn finish(
        &mut self,
        thread: &str,
        call: &str,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        let (ended_us, function, value) = head(call)?;
        let Some(at) = self.calls.iter().position(|call| *call.thread == *thread) else {
            // Its beginning is not in the log.
            return Ok(());
        };
        let Some(call) = self.calls.remove(at) else { return Ok(()) };
        let Some(arguments) = call.arguments.as_deref() else { return Ok(()) };
        if function != "SCardTransmit" {
            return Err(format!("{function} ends where SCardTransmit began"));
        }
        let mut exchange = self.exchange(&call, arguments)?;
        exchange.duration = Some(Duration::from_micros(ended_us.saturating_sub(call.begun_us)));
        let value = number(value.ok_or("no result after SCardTransmit")?)?;
        if value == 0 {
            let [.., length, data] = arguments else {
                return Err("no response among the arguments".to_owned());
            };
            let response = counted(length, data)?;
            if arguments.len() < 9 || response.len() < 2 {
                return Err("a response has at least two bytes".to_owned());
            }
            exchange.response = Ok(response);
        } else {
            let reason = format!("SCardTransmit returned 0x{value:08X}");
            exchange.response = Err(TransportError::told(reason));
        }
        events.push_back(TraceEvent::Exchange(exchange));
        Ok(())
    }

    /// Handle, protocol and length of the PCI, then the command.
    fn exchange(&self, call: &Call, arguments: &[String]) -> Result<Exchange, String> {
        let [handle, _protocol, _length, length, data, ..] = arguments else {
            return Err("too few arguments of SCardTransmit".to_owned());
        };
        let command = counted(length, data)?;
        bytes(data)?;
        let handle = number(handle)?;
        let since = call.begun_us.saturating_sub(self.first_us.unwrap_or(call.begun_us));
        let exchange = Exchange::new(command, Err(TransportError::told("the call goes on")));
        let reader = format!("card handle {handle:08X}");
        Ok(exchange.at(since.saturating_mul(1000)).in_reader(reader))
    }
}

/// Time in microseconds, function, result.
fn head(call: &str) -> Result<(u64, &str, Option<&str>), String> {
    let mut fields = call.split('|');
    let mut time = || fields.next().and_then(|field| field.trim().parse::<u64>().ok());
    let times = (time(), time());
    let (Some(seconds), Some(micros)) = times else {
        return Err("a call has seconds and microseconds".to_owned());
    };
    let function = fields.next().filter(|name| !name.is_empty()).ok_or("a call has a function")?;
    Ok((seconds.saturating_mul(1_000_000).saturating_add(micros), function, fields.next()))
}

/// `0x…` in hexadecimal, or decimal.
fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| format!("'{}' is not a number", text.chars().take(40).collect::<String>()))
}

fn counted(length: &str, data: &str) -> Result<Vec<u8>, String> {
    let length = number(length)?;
    let bytes = bytes_or_none(data)?;
    if length == bytes.len() as u64 {
        Ok(bytes)
    } else {
        Err({
            // What is longer than memory is plural too.
            let announced = usize::try_from(length).unwrap_or(usize::MAX);
            format!(
                "{} announced, {} {} there",
                sscard_lexicon::counted_is(announced, "byte"),
                bytes.len(),
                sscard_lexicon::is_are(bytes.len())
            )
        })
    }
}
