//! A transport that fails on purpose, to test what stands on it (I-19).

use crate::transport::check_length;
use crate::{Disposition, Layer, Transport, TransportError};

/// Which exchange fails, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct FaultPlan {
    /// Exchanges that pass before it fails.
    pub after: usize,
    /// What the failing one returns.
    pub error: TransportError,
    /// Whether the card still carries the command out: the answer is lost, not the command.
    pub executes: bool,
    /// Whether every later exchange fails too.
    pub stays: bool,
}

impl FaultPlan {
    /// So many exchanges pass, the next one fails before the card sees it, and later ones pass again.
    #[must_use]
    pub const fn new(after: usize, error: TransportError) -> Self {
        Self { after, error, executes: false, stays: false }
    }

    /// Whether the card still carries the command out.
    #[must_use]
    pub fn executing(self, executes: bool) -> Self {
        Self { executes, ..self }
    }

    /// Whether every later exchange fails too.
    #[must_use]
    pub fn staying(self, stays: bool) -> Self {
        Self { stays, ..self }
    }
}

/// Wraps a transport and lets exchanges fail by plan.
pub struct FaultInjector<T> {
    inner: T,
    plan: FaultPlan,
    passed: usize,
    keeps_stale: bool,
}

impl<T: Transport> FaultInjector<T> {
    /// Wraps a transport.
    pub fn new(inner: T, plan: FaultPlan) -> Self {
        Self { inner, plan, passed: 0, keeps_stale: false }
    }

    /// A failing exchange leaves the caller's buffer as it was, as `SCardTransmit` does: who uses one buffer
    /// for all exchanges finds the answer before this one in it, and must not take it for this one's.
    #[must_use]
    pub fn keeping_stale_answers(self) -> Self {
        Self { keeps_stale: true, ..self }
    }

    /// Takes the transport out.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: Transport> Layer for FaultInjector<T> {
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
        // Too short to be sent, so that nothing can fail on the way.
        if let Err(refused) = check_length(command) {
            response.clear();
            return Err(refused);
        }
        let number = self.passed;
        self.passed = number.saturating_add(1);
        let fails = number == self.plan.after || (self.plan.stays && number > self.plan.after);
        if !fails {
            return self.inner.transmit(command, response);
        }
        if !self.keeps_stale {
            response.clear();
        }
        if self.plan.executes {
            self.inner.transmit(command, &mut Vec::new())?;
        }
        Err(self.plan.error.clone())
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.inner).close(disposition)
    }
}
