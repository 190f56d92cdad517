//! Logs of `pcscd --apdu`: `<delta> APDU: 00 A4 …`, `<delta> SW: … 90 00`.
//!
//! An `SW:` line follows even a failed exchange, with nothing or with stale bytes; `Card not
//! transacted` after it says so. Colours and `[thread]` are those of the colour mode. Source:
//! docs/standards/pcsc.md §5.2. Other lines are passed over; their deltas count.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sscard_host::TransportError;

use super::{Lines, bytes, bytes_or_none};
use crate::{Exchange, Header, TraceEvent};

/// So many threads have an exchange under way at most; the oldest is given up.
const THREADS: usize = 256;

#[derive(Default)]
pub(super) struct Parser {
    under_way: VecDeque<(Option<Arc<str>>, Under)>,
    t_us: u64,
}

/// An exchange that is not complete: what follows may say that it failed.
struct Under {
    exchange: Exchange,
    answered: bool,
}

impl Lines for Parser {
    fn line(
        &mut self,
        text: &str,
        _header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        let text = without_colours(text);
        let delta: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
        if delta.len() >= 8 {
            // Digits that are too many are the latest time that there is.
            self.t_us = self.t_us.saturating_add(delta.parse().unwrap_or(u64::MAX));
        }
        if let Some((before, command)) = after_word(&text, "APDU:") {
            let thread = thread(before);
            self.complete(&thread, events);
            let command = bytes(command)?;
            let t_ns = self.t_us.saturating_mul(1000);
            let none = TransportError::told("no SW: line");
            let mut exchange = Exchange::new(command, Err(none)).at(t_ns);
            exchange.reader.clone_from(&thread);
            if self.under_way.len() >= THREADS
                && let Some((_, oldest)) = self.under_way.pop_front()
            {
                events.push_back(oldest.event());
            }
            self.under_way.push_back((thread, Under { exchange, answered: false }));
            return Ok(());
        }
        if let Some((before, bytes)) = after_word(&text, "SW:") {
            return self.answered(&thread(before), bytes);
        }
        if let Some((before, reason)) = text.split_once("Card not transacted") {
            let thread = thread(before);
            if let Some(at) = self.position(&thread)
                && let Some((_, mut failed)) = self.under_way.remove(at)
            {
                let reason = reason.trim_start_matches(':').trim();
                let reason = format!("card not transacted: {reason}");
                failed.exchange.response = Err(TransportError::told(reason));
                events.push_back(TraceEvent::Exchange(failed.exchange));
            }
        }
        Ok(())
    }

    fn end(&mut self, events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        events.extend(self.under_way.drain(..).map(|(_, under)| under.event()));
        Ok(())
    }
}

impl Parser {
    fn position(&self, thread: &Option<Arc<str>>) -> Option<usize> {
        self.under_way.iter().position(|(known, _)| known == thread)
    }

    fn complete(&mut self, thread: &Option<Arc<str>>, events: &mut VecDeque<TraceEvent>) {
        if let Some(at) = self.position(thread)
            && let Some((_, under)) = self.under_way.remove(at)
        {
            events.push_back(under.event());
        }
    }

    fn answered(&mut self, thread: &Option<Arc<str>>, text: &str) -> Result<(), String> {
        let t_us = self.t_us;
        let at = self.position(thread).ok_or("SW: without an APDU: before it")?;
        let Some((_, under)) = self.under_way.get_mut(at) else { return Ok(()) };
        if under.answered {
            return Err("a second SW: for one APDU:".to_owned());
        }
        let response = bytes_or_none(text)?;
        if response.len() == 1 {
            return Err("a response has at least two bytes".to_owned());
        }
        under.answered = true;
        let took = t_us.saturating_sub(under.exchange.t_ns / 1000);
        under.exchange.duration = Some(Duration::from_micros(took));
        let empty = || TransportError::told("an empty SW: line");
        under.exchange.response =
            Some(response).filter(|bytes| !bytes.is_empty()).ok_or_else(empty);
        Ok(())
    }
}

impl Under {
    fn event(self) -> TraceEvent {
        TraceEvent::Exchange(self.exchange)
    }
}

/// What stands before and behind a word, which may end the line.
fn after_word<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let (before, after) = text.split_once(word)?;
    before.chars().next_back().is_none_or(|c| !c.is_alphanumeric()).then_some((before, after))
}

/// `[140215]` before the message.
fn thread(before: &str) -> Option<Arc<str>> {
    let (_, rest) = before.split_once('[')?;
    let (number, _) = rest.split_once(']')?;
    let plausible = !number.is_empty() && number.len() <= 20;
    let plausible =
        plausible && number.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'x');
    plausible.then(|| format!("thread {number}").into())
}

/// Without `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1B}[") {
        plain.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        rest = rest.strip_prefix('m').unwrap_or(rest);
    }
    plain.push_str(rest);
    plain
}
