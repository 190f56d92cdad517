//! What a trace is.

use std::sync::Arc;
use std::time::Duration;

use sscard_commands::secret_part;
use sscard_core::Protocol;
use sscard_host::{Exchange, TransportError};

/// Version of the JSONL format.
pub const SCHEMA: u32 = 1;

/// How a session was run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// Every exchange was asked for.
    #[default]
    Raw,
    /// 61xx and 6Cxx were followed; the exchanges that this took are in the trace too.
    Auto,
}

/// What holds for the whole trace. What a format does not say is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Header {
    /// The program that recorded it.
    pub tool: String,
    /// Answer to reset.
    pub atr: Vec<u8>,
    /// Transmission protocol.
    pub protocol: Option<Protocol>,
    /// How 61xx and 6Cxx were treated.
    pub mode: Option<Mode>,
    /// The reader's name.
    pub reader: Option<Arc<str>>,
    /// Milliseconds since 1970 in UTC at the trace's time 0.
    pub start_ms: Option<u64>,
}

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TraceEvent {
    /// A command and its response.
    Exchange(Exchange),
    /// The card was reset.
    Reset(Reset),
}

/// A reset of the card.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Reset {
    /// When, in nanoseconds of the trace's time.
    pub t_ns: u64,
    /// The reader, where it is not the header's.
    pub reader: Option<Arc<str>>,
    /// The answer; empty when it is not known.
    pub atr: Vec<u8>,
    /// How it came about.
    pub kind: ResetKind,
}

/// How a card lost what it had in mind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum ResetKind {
    /// It was reset, or it is not known that it was not.
    #[default]
    Reset,
    /// It got power.
    PowerOn,
    /// Its power went; there is no answer.
    PowerOff,
}

impl ResetKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reset, Self::PowerOn, Self::PowerOff];

    /// What `ev` of a line says.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::PowerOn => "power_on",
            Self::PowerOff => "power_off",
        }
    }
}

/// The part that a reader takes for redacted, when a line says that something is: what holds a secret, else everything
/// after the header.
pub(crate) fn mark_redacted(exchange: &mut Exchange) {
    let all = exchange.command.len().min(4)..exchange.command.len();
    exchange.redacted = Some(secret_part(&exchange.command).unwrap_or(all));
}

/// The part of a response that a reader takes for redacted: all but its status word.
pub(crate) fn mark_redacted_response(exchange: &mut Exchange) {
    let length = exchange.response.as_ref().map_or(0, Vec::len);
    exchange.redacted_response = Some(0..length.saturating_sub(2));
}

/// What was announced of an exchange, with its command and what came of it.
pub(crate) fn with_command(
    announced: Exchange,
    command: Vec<u8>,
    response: Result<Vec<u8>, TransportError>,
) -> Exchange {
    let mut exchange = announced;
    exchange.command = command;
    exchange.response = response;
    if exchange.redacted.is_some() {
        mark_redacted(&mut exchange);
    }
    if exchange.redacted_response.is_some() {
        mark_redacted_response(&mut exchange);
    }
    exchange
}

impl TraceEvent {
    /// When it happened.
    #[must_use]
    pub fn t_ns(&self) -> u64 {
        match self {
            Self::Exchange(exchange) => exchange.t_ns,
            Self::Reset(reset) => reset.t_ns,
        }
    }

    /// The reader, where it is not the header's.
    #[must_use]
    pub fn reader(&self) -> Option<&Arc<str>> {
        match self {
            Self::Exchange(exchange) => exchange.reader.as_ref(),
            Self::Reset(reset) => reset.reader.as_ref(),
        }
    }
}

/// Nanoseconds of a duration; none when it is not known.
pub(crate) fn nanoseconds(duration: Option<Duration>) -> u64 {
    duration.map_or(0, |duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

impl From<Exchange> for TraceEvent {
    fn from(exchange: Exchange) -> Self {
        Self::Exchange(exchange)
    }
}
