//! Faults around a transport.

use std::thread;
use std::time::Instant;

use sscard_host::{Disposition, Layer, Transport, TransportError};

use crate::engine::{After, Before, Faults};
use crate::spec::Buffer;

/// What a power cut needs beyond a transport: a card whose supply fails after so many bytes written.
type Cut<T> = Box<dyn FnMut(&mut T, u64) + Send>;

/// A transport whose card, or whose channel, misbehaves.
///
/// A mute card is a time-out at once; a slow one takes its time.
pub struct Misbehaving<T> {
    inner: T,
    faults: Faults,
    atr: Vec<u8>,
    inserted: Instant,
    is_removed: bool,
    cut: Option<Cut<T>>,
    command: Vec<u8>,
}

impl<T: Transport> Misbehaving<T> {
    /// Lets faults at a transport whose card has just been powered.
    pub fn new(inner: T, mut faults: Faults) -> Self {
        let mut atr = inner.atr().to_vec();
        faults.power(&mut atr);
        let inserted = Instant::now();
        Self { inner, faults, atr, inserted, is_removed: false, cut: None, command: Vec::new() }
    }

    /// How the card's power is made to fail; without it a cut only takes the answer and the power away, as a reader can.
    #[must_use]
    pub fn cutting(self, cut: impl FnMut(&mut T, u64) + Send + 'static) -> Self {
        Self { cut: Some(Box::new(cut)), ..self }
    }

    /// The faults, and what of them has struck.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The faults, to be changed.
    pub fn faults_mut(&mut self) -> &mut Faults {
        &mut self.faults
    }

    fn exchange_with_faults(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        command.clone_into(&mut self.command);
        let before = self.faults.command(&mut self.command, self.inserted.elapsed());
        match before {
            Before::Removed => {
                self.is_removed = true;
                response.clear();
                return Err(TransportError::Removed);
            }
            Before::Reset => {
                response.clear();
                self.inner.reset()?;
                self.powered();
                return Err(TransportError::Reset);
            }
            Before::Mute(buffer) => return Err(silence(buffer, response)),
            Before::Answer { answer, delay } => {
                thread::sleep(delay);
                *response = answer;
                return Ok(());
            }
            Before::Send { cut: Some(written) } => match &mut self.cut {
                Some(cut) => cut(&mut self.inner, written),
                None => {
                    // A channel cannot count what a card writes.
                    response.clear();
                    self.is_removed = true;
                    return Err(TransportError::Removed);
                }
            },
            Before::Send { cut: None } => {}
        }
        let mut answer = Vec::new();
        self.inner.transmit(&self.command, &mut answer).inspect_err(|_| response.clear())?;
        match self.faults.answer(&self.command, &mut answer) {
            After::Answer { delay, removed } => {
                thread::sleep(delay);
                self.is_removed = removed;
                *response = answer;
                Ok(())
            }
            After::Mute { buffer, delay } => {
                thread::sleep(delay);
                Err(silence(buffer, response))
            }
            After::Removed => {
                self.is_removed = true;
                response.clear();
                Err(TransportError::Removed)
            }
        }
    }

    fn powered(&mut self) {
        self.inner.atr().clone_into(&mut self.atr);
        self.faults.power(&mut self.atr);
    }
}

fn silence(buffer: Buffer, response: &mut Vec<u8>) -> TransportError {
    if buffer == Buffer::Cleared {
        response.clear();
    }
    TransportError::Timeout { milliseconds: None }
}

impl<T: Transport> Layer for Misbehaving<T> {
    type Inner = T;

    fn below(&self) -> &T {
        &self.inner
    }

    fn below_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    fn own_atr(&self) -> &[u8] {
        &self.atr
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        if self.is_removed {
            response.clear();
            return Err(TransportError::Removed);
        }
        // What is not sent cannot fail on its way.
        if self.faults.is_empty() || command.len() < 4 {
            return self.inner.transmit(command, response);
        }
        self.exchange_with_faults(command, response)
    }

    fn on_reset(&mut self) -> Result<(), TransportError> {
        if self.is_removed {
            return Err(TransportError::Removed);
        }
        self.inner.reset()?;
        self.powered();
        Ok(())
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.inner).close(disposition)
    }
}
