//! Faults around a transport.

use std::thread;
use std::time::{Duration, Instant};

use sscard_host::{Disposition, Layer, TakesFaults, Transport, TransportError};

use crate::engine::{After, Before, Faults};
use crate::spec::{Buffer, Fault};

/// What a power cut needs beyond a transport: a card whose supply fails after so many bytes written, or no more.
type Cut<T> = Box<dyn FnMut(&mut T, Option<u64>) + Send>;

/// How time passes; an error ends the exchange.
type Wait = fn(Duration) -> Result<(), TransportError>;

/// A transport whose card, or whose channel, misbehaves.
///
/// A mute card is a time-out at once; a slow one takes its time.
pub struct Misbehaving<T> {
    inner: T,
    faults: Faults,
    atr: Vec<u8>,
    inserted: Instant,
    place: Place,
    cut: Option<Cut<T>>,
    wait: Wait,
    /// The command and the answer on their way.
    command: Vec<u8>,
    answer: Vec<u8>,
}

/// Where the card is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Inside,
    /// A fault took it away.
    Outside,
    /// The faults were cleared: a reset puts it in again.
    Returning,
}

impl<T: Transport> Misbehaving<T> {
    /// Lets faults at a transport whose card has just been powered.
    pub fn new(inner: T, mut faults: Faults) -> Self {
        let mut atr = inner.atr().to_vec();
        faults.power(&mut atr);
        Self {
            inner,
            faults,
            atr,
            inserted: Instant::now(),
            place: Place::Inside,
            cut: None,
            wait: |time| {
                thread::sleep(time);
                Ok(())
            },
            command: Vec::new(),
            answer: Vec::new(),
        }
    }

    /// How the card's power is made to fail after so many bytes written, or, with none, to last; without it no fault `cut` is taken, and one that was given before only takes the
    /// answer and the power away, as a reader can.
    #[must_use]
    pub fn cutting(self, cut: impl FnMut(&mut T, Option<u64>) + Send + 'static) -> Self {
        Self { cut: Some(Box::new(cut)), ..self }
    }

    /// How a slow card's time passes: asleep without this. What it fails with is what the exchange fails with.
    #[must_use]
    pub fn waiting(self, wait: Wait) -> Self {
        Self { wait, ..self }
    }

    /// Other faults, as if the card had been inserted and powered with them just now.
    #[must_use]
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self.take_back_cut();
        self.inserted = Instant::now();
        self.powered();
        self
    }

    /// The card is put in, once more or after a fault took it away: the next reset powers it, and its commands are counted anew.
    pub fn put_in(&mut self) {
        self.place = Place::Returning;
    }

    /// The faults, and what of them has struck.
    #[must_use]
    pub const fn at_work(&self) -> &Faults {
        &self.faults
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
                response.clear();
                return Err(self.removed());
            }
            Before::Reset => {
                response.clear();
                self.inner.reset()?;
                self.powered();
                return Err(TransportError::Reset);
            }
            Before::Mute(buffer) => return Err(silence(buffer, response)),
            Before::Answer { answer, delay } => {
                self.pass(delay).inspect_err(|_| response.clear())?;
                *response = answer;
                return Ok(());
            }
            Before::Send { cut: Some(written) } => match &mut self.cut {
                Some(cut) => cut(&mut self.inner, Some(written)),
                None => {
                    // A channel cannot count what a card writes.
                    response.clear();
                    return Err(self.removed());
                }
            },
            Before::Send { cut: None } => {}
        }
        let sent = self.inner.transmit(&self.command, &mut self.answer);
        sent.inspect_err(|_| response.clear())?;
        match self.faults.answer(&self.command, &mut self.answer) {
            After::Answer { delay, removed } => {
                self.pass(delay).inspect_err(|_| response.clear())?;
                if removed {
                    self.place = Place::Outside;
                }
                std::mem::swap(response, &mut self.answer);
                Ok(())
            }
            After::Mute { buffer, delay } => {
                self.pass(delay).inspect_err(|_| response.clear())?;
                Err(silence(buffer, response))
            }
            After::Removed => {
                response.clear();
                Err(self.removed())
            }
        }
    }

    fn removed(&mut self) -> TransportError {
        self.place = Place::Outside;
        TransportError::Removed
    }

    /// A cut that waits for the card to write strikes no more.
    fn take_back_cut(&mut self) {
        if let Some(cut) = &mut self.cut {
            cut(&mut self.inner, None);
        }
    }

    fn pass(&self, time: Duration) -> Result<(), TransportError> {
        if time.is_zero() { Ok(()) } else { (self.wait)(time) }
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
        if self.place != Place::Inside {
            response.clear();
            return Err(TransportError::Removed);
        }
        // What is not sent cannot fail on its way.
        if command.len() < 4 {
            return self.inner.transmit(command, response);
        }
        if self.faults.is_empty() {
            let sent = self.inner.transmit(command, response);
            self.faults.passed(command, response);
            return sent;
        }
        self.exchange_with_faults(command, response)
    }

    fn on_reset(&mut self) -> Result<(), TransportError> {
        match self.place {
            Place::Inside => {}
            Place::Outside => return Err(TransportError::Removed),
            Place::Returning => {
                self.place = Place::Inside;
                self.faults.insert();
                self.inserted = Instant::now();
            }
        }
        self.inner.reset()?;
        self.powered();
        Ok(())
    }

    fn own_faults(&mut self) -> Option<&mut dyn TakesFaults> {
        Some(self)
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        Box::new(self.inner).close(disposition)
    }
}

impl<T: Transport> TakesFaults for Misbehaving<T> {
    fn set_fault(&mut self, text: &str) -> Result<(), String> {
        let fault: Fault = text.parse().map_err(|error: crate::SpecError| error.to_string())?;
        if let (None, Some(reason)) = (&self.cut, fault.not_in_a_reader()) {
            return Err(format!("{fault}: {reason}"));
        }
        self.faults.arm(fault);
        Ok(())
    }

    fn clear_faults(&mut self) {
        self.faults.clear();
        self.take_back_cut();
        // Whoever replays a run has them cleared where they were cleared then.
        if self.place == Place::Outside && (self.faults.is_empty() || self.faults.is_replay()) {
            self.place = Place::Returning;
        }
    }

    fn set_faults(&self) -> Vec<String> {
        self.faults.faults().map(ToString::to_string).collect()
    }
}
