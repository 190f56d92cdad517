//! Records every exchange that passes, without PINs and keys unless asked to.
//!
//! Invariant owned here: I-9 for what is recorded.

use std::time::Instant;

use crate::{Disposition, Exchange, Layer, Redactor, Transport, TransportError};

/// Whether a trace holds PINs and keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Secrets {
    /// They are overwritten before they are stored.
    Redacted,
    /// They are stored as they are.
    Shown,
}

/// A transport that remembers what passes.
pub struct Recorder<T> {
    inner: T,
    secrets: Secrets,
    exchanges: Vec<Exchange>,
    begun: Instant,
    redactor: Redactor,
}

impl<T: Transport> Recorder<T> {
    /// Wraps a transport.
    pub fn new(inner: T, secrets: Secrets) -> Self {
        Self {
            inner,
            secrets,
            exchanges: Vec::new(),
            begun: Instant::now(),
            redactor: Redactor::default(),
        }
    }

    /// What has passed since the last [`Recorder::take`].
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// Takes what has passed and begins anew.
    pub fn take(&mut self) -> Vec<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    /// Takes the transport out.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: Transport> Layer for Recorder<T> {
    type Inner = T;

    fn below(&self) -> &T {
        &self.inner
    }

    fn below_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let sent = Instant::now();
        let outcome = self.inner.transmit(command, response);
        let duration = sent.elapsed();
        let since = u64::try_from(sent.duration_since(self.begun).as_nanos()).unwrap_or(u64::MAX);
        let kept = outcome.clone().map(|()| response.clone());
        let mut exchange = Exchange::new(command, kept).at(since).took(duration);
        if self.secrets == Secrets::Redacted {
            self.redactor.redact(&mut exchange);
        }
        self.exchanges.push(exchange);
        outcome
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.inner).close(disposition)
    }
}

#[cfg(test)]
mod tests;
