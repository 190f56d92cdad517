//! Records every exchange that passes, without PINs and keys unless asked to.
//!
//! Invariant owned here: I-9 for traces.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

use sscard_apdu::{CommandApdu, StatusWord};
use sscard_core::Protocol;

use crate::{Disposition, Transport, TransportError};

/// Whether a trace holds PINs and keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Secrets {
    /// They are overwritten before they are stored.
    Redacted,
    /// They are stored as they are.
    Shown,
}

/// One exchange as it was recorded.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The command; redacted bytes are 00.
    pub command: Vec<u8>,
    /// The part of the command that was redacted.
    pub redacted: Option<Range<usize>>,
    /// The response, or why there is none.
    pub response: Result<Vec<u8>, TransportError>,
    /// How long the exchange took.
    pub duration: Duration,
}

impl Exchange {
    /// The command in upper-case hex, redacted bytes as `**`.
    #[must_use]
    pub fn command_hex(&self) -> String {
        let hidden = self.redacted.clone().unwrap_or(0..0);
        let bytes = self.command.iter().enumerate();
        bytes
            .map(
                |(at, byte)| {
                    if hidden.contains(&at) { "**".to_owned() } else { format!("{byte:02X}") }
                },
            )
            .collect()
    }

    /// The response in upper-case hex, or the reason in words.
    #[must_use]
    pub fn response_hex(&self) -> String {
        match &self.response {
            Ok(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
            Err(error) => error.to_string(),
        }
    }

    /// Status word of the response, if there is one.
    #[must_use]
    pub fn status(&self) -> Option<StatusWord> {
        let bytes = self.response.as_ref().ok()?;
        bytes.last_chunk::<2>().map(|status| StatusWord::from_bytes(*status))
    }
}

impl fmt::Debug for Exchange {
    /// Without PINs and keys, also where they were recorded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let redacted = self.redacted.clone().or_else(|| secret_part(&self.command));
        let hidden = Self { redacted, ..self.clone() };
        write!(f, "> {} < {}", hidden.command_hex(), hidden.response_hex())
    }
}

/// Whether the data of an instruction hold a PIN or a key, by the table of instructions, in every class: those of
/// chained and of protected commands too.
#[must_use]
pub fn is_secret(cla: u8, ins: u8) -> bool {
    sscard_commands::is_secret(cla, ins)
}

/// The bytes of a command that hold a PIN or a key, by [`is_secret`].
#[must_use]
pub fn secret_part(command: &[u8]) -> Option<Range<usize>> {
    let [cla, ins] = *command.first_chunk()?;
    if !is_secret(cla, ins) {
        return None;
    }
    let data = match CommandApdu::parse(command) {
        Ok(apdu) => {
            let start = if apdu.extended { 7 } else { 5 };
            start..start + apdu.data.len()
        }
        // Malformed: better too much than too little.
        Err(_) => 4..command.len(),
    };
    (!data.is_empty() && data.end <= command.len()).then_some(data)
}

/// A transport that remembers what passes.
pub struct Recorder<T> {
    inner: T,
    secrets: Secrets,
    exchanges: Vec<Exchange>,
}

impl<T: Transport> Recorder<T> {
    /// Wraps a transport.
    pub fn new(inner: T, secrets: Secrets) -> Self {
        Self { inner, secrets, exchanges: Vec::new() }
    }

    /// What has passed since the last [`Recorder::take`].
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Takes what has passed and begins anew.
    pub fn take(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    /// The transport inside.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// The transport inside.
    pub fn inner_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Takes the transport out.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: Transport> Transport for Recorder<T> {
    fn atr(&self) -> &[u8] {
        self.inner.atr()
    }

    fn protocol(&self) -> Protocol {
        self.inner.protocol()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        let started = Instant::now();
        let outcome = self.inner.transmit(command, response);
        let duration = started.elapsed();
        let redacted = match self.secrets {
            Secrets::Redacted => secret_part(command),
            Secrets::Shown => None,
        };
        let mut command = command.to_vec();
        if let Some(hidden) = redacted.clone() {
            command[hidden].fill(0);
        }
        let kept = outcome.clone().map(|()| response.clone());
        self.exchanges.push(Exchange { command, redacted, response: kept, duration });
        outcome
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.inner.reset()
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        self.inner.begin()
    }

    fn end(&mut self) -> Result<(), TransportError> {
        self.inner.end()
    }

    fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.inner).close(disposition)
    }
}

#[cfg(test)]
mod tests;
