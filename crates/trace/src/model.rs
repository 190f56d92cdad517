//! What a trace is.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use sscard_apdu::StatusWord;
use sscard_core::Protocol;
use sscard_host::secret_part;

/// Version of the JSONL format.
pub const SCHEMA: u32 = 1;

/// How a session was run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Every exchange was asked for.
    Raw,
    /// 61xx and 6Cxx were followed; the exchanges that this took are in the trace too.
    Auto,
}

/// What holds for the whole trace. What a format does not say is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
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
pub enum Event {
    /// A command and its response.
    Exchange(Exchange),
    /// The card was reset.
    Reset(Reset),
}

/// A command and its response.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// When the command was sent, in nanoseconds of the trace's time.
    pub t_ns: u64,
    /// The reader, where it is not the header's.
    pub reader: Option<Arc<str>>,
    /// The command, at least one byte; redacted bytes are 00.
    pub command: Vec<u8>,
    /// The part of the command that was redacted.
    pub redacted: Option<Range<usize>>,
    /// The response, at least two bytes.
    pub response: Option<Vec<u8>>,
    /// Why there is no response.
    pub error: Option<String>,
    /// How long the exchange took.
    pub duration_us: Option<u64>,
    /// A remark.
    pub note: Option<String>,
}

/// A reset of the card.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reset {
    /// When, in nanoseconds of the trace's time.
    pub t_ns: u64,
    /// The reader, where it is not the header's.
    pub reader: Option<Arc<str>>,
    /// The answer; empty when it is not known.
    pub atr: Vec<u8>,
}

impl fmt::Debug for Exchange {
    /// Without PINs and keys, also where the trace holds them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = self.redacted.clone().or_else(|| secret_part(&self.command));
        f.debug_struct("Exchange")
            .field("t_ns", &self.t_ns)
            .field("reader", &self.reader)
            .field("command", &command_hex(&self.command, redacted.as_ref()))
            .field("redacted", &self.redacted)
            .field("response", &self.response.as_ref().map(hex::encode_upper))
            .field("error", &self.error)
            .field("duration_us", &self.duration_us)
            .field("note", &self.note)
            .finish()
    }
}

/// A command in upper-case hexadecimal, a part of it as `**`.
fn command_hex(command: &[u8], hidden: Option<&Range<usize>>) -> String {
    let is_hidden = |at: usize| hidden.is_some_and(|hidden| hidden.contains(&at));
    let byte = |(at, byte): (usize, &u8)| {
        if is_hidden(at) { "**".to_owned() } else { format!("{byte:02X}") }
    };
    command.iter().enumerate().map(byte).collect()
}

impl Exchange {
    /// Overwrites PINs and keys with 00.
    pub fn redact(&mut self) {
        if self.redacted.is_none()
            && let Some(hidden) = secret_part(&self.command)
        {
            if let Some(secret) = self.command.get_mut(hidden.clone()) {
                secret.fill(0);
            }
            self.redacted = Some(hidden);
        }
    }

    /// The command in upper-case hexadecimal, redacted bytes as `**`.
    #[must_use]
    pub fn command_hex(&self) -> String {
        command_hex(&self.command, self.redacted.as_ref())
    }

    /// Status word of the response.
    #[must_use]
    pub fn status(&self) -> Option<StatusWord> {
        self.response.as_ref()?.last_chunk::<2>().map(|bytes| StatusWord::from_bytes(*bytes))
    }

    /// What was announced of an exchange, with its command.
    pub(super) fn with_command(mut self, command: Vec<u8>) -> Self {
        self.command = command;
        if self.redacted.is_some() {
            self.mark_redacted();
        }
        self
    }

    /// The part that a reader takes for redacted, when a line says that something is: what holds a
    /// secret, else everything after the header.
    pub(super) fn mark_redacted(&mut self) {
        let all = self.command.len().min(4)..self.command.len();
        self.redacted = Some(secret_part(&self.command).unwrap_or(all));
    }
}

impl Event {
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
