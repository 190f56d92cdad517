//! A card behind a lock: what Python drives and what a server's thread serves.

use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use sscard_core::{Card, Interface};
use sscard_faults::{Faults, Misbehaving};
use sscard_host::{
    CardFile, Disposition, InProcess, Layer, SmartCard, TakesFaults, Transport, TransportError,
};

use crate::trace::Log;

/// How long a slow card's time is waited for at a stretch: so fast a signal is noticed.
const NAP: Duration = Duration::from_millis(20);

/// The card and what stands around it.
pub(crate) struct Held {
    link: Misbehaving<InProcess>,
    /// Whether it is kept in a file.
    is_kept: bool,
    /// Whether it was put away: it gets no power any more.
    is_closed: bool,
    log: Option<Log>,
    /// The answer on its way, so that none is allocated.
    pub(crate) response: Vec<u8>,
}

thread_local! {
    /// Whether this thread came from Python, and has let go of its lock.
    static IS_OF_PYTHON: Cell<bool> = const { Cell::new(false) };
}

/// A slow card's time, unless a signal asks for the end. A server's thread hears no signals, and wants no lock for them: who waits
/// for its answer may hold it.
fn nap(mut time: Duration) -> Result<(), TransportError> {
    let hears = IS_OF_PYTHON.get();
    while !time.is_zero() {
        let heard = |py: Python<'_>| py.check_signals().map_err(|error| error.restore(py));
        if hears && Python::attach(heard).is_err() {
            return Err(TransportError::Interrupted);
        }
        let nap = time.min(NAP);
        std::thread::sleep(nap);
        time = time.saturating_sub(nap);
    }
    Ok(())
}

impl Held {
    /// A card without power, kept in its file where it has one.
    pub(crate) fn new(card: Card, file: Option<CardFile>) -> Result<Self, TransportError> {
        let mut card = InProcess::as_it_is(card);
        let is_kept = file.is_some();
        if let Some(file) = file {
            card = card.keep_in(file)?;
        }
        let cut = |card: &mut InProcess, written| match written {
            Some(written) => card.card_mut().cut_power_after(written),
            None => card.card_mut().disarm_cut(),
        };
        let link = Misbehaving::new(card, Faults::default().attentive()).cutting(cut).waiting(nap);
        Ok(Self { link, is_kept, is_closed: false, log: None, response: Vec::new() })
    }

    /// The card.
    pub(crate) fn card(&self) -> &Card {
        self.link.below().card()
    }

    /// The card, to cut its power or take it back to a snapshot; then it is kept.
    pub(crate) fn change<R>(
        &mut self,
        change: impl FnOnce(&mut Card) -> R,
    ) -> Result<R, TransportError> {
        self.is_open()?;
        let card = self.link.below_mut();
        let done = change(card.card_mut());
        card.keep(None)?;
        Ok(done)
    }

    /// Powers the card by its contacts or in a field.
    pub(crate) fn power_by(&mut self, interface: Interface) -> Result<(), TransportError> {
        self.link.below_mut().power_by(interface);
        Transport::reset(self)
    }

    /// The card is put into a reader, by its contacts or in a field: the next reset powers it.
    pub(crate) fn put_in(&mut self, interface: Interface) {
        self.power_off();
        self.link.below_mut().power_by(interface);
        self.link.put_in();
    }

    pub(crate) fn power_off(&mut self) {
        self.link.below_mut().card_mut().power_off();
    }

    /// Writes the image anew where changes follow it.
    pub(crate) fn settle(&mut self) -> Result<(), TransportError> {
        self.link.below_mut().settle().map_err(TransportError::NotKept)
    }

    /// Puts the card away, once: without power, its file whole and let go of.
    pub(crate) fn close(&mut self) -> Result<(), TransportError> {
        if std::mem::replace(&mut self.is_closed, true) {
            return Ok(());
        }
        self.link.below_mut().put_away().map_err(TransportError::NotKept)
    }

    fn is_open(&self) -> Result<(), TransportError> {
        let said = "the card was put away by close(): Card.open takes it out again";
        if self.is_closed { Err(TransportError::told(said)) } else { Ok(()) }
    }

    /// Where faults are set.
    pub(crate) fn faults(&mut self) -> &mut dyn TakesFaults {
        &mut self.link
    }

    /// Whether nothing can make an exchange slow.
    pub(crate) fn is_quick(&self) -> bool {
        self.link.at_work().is_empty() && !self.is_kept
    }

    /// Records what passes from now on, or no more.
    pub(crate) fn record(&mut self, log: Option<Log>) -> Option<Log> {
        std::mem::replace(&mut self.log, log)
    }

    /// One exchange; the answer is in `response` of this value.
    pub(crate) fn exchange_here(&mut self, command: &[u8]) -> Result<(), TransportError> {
        let mut response = std::mem::take(&mut self.response);
        let sent = Transport::transmit(self, command, &mut response);
        self.response = response;
        sent
    }
}

impl Layer for Held {
    type Inner = Misbehaving<InProcess>;

    fn below(&self) -> &Self::Inner {
        &self.link
    }

    fn below_mut(&mut self) -> &mut Self::Inner {
        &mut self.link
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let Some(log) = &self.log else { return self.link.transmit(command, response) };
        let (log, sent) = (log.clone(), Instant::now());
        let outcome = self.link.transmit(command, response);
        log.exchange(sent, command, outcome.as_ref().map(|()| &response[..]));
        outcome
    }

    fn on_reset(&mut self) -> Result<(), TransportError> {
        self.is_open()?;
        self.link.reset()?;
        if let Some(log) = &self.log {
            log.reset(self.link.atr());
        }
        Ok(())
    }

    /// Python's object decides what becomes of the card.
    fn on_close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}

/// A card that several own.
#[derive(Clone)]
pub(crate) struct SharedCard(Arc<Mutex<Held>>);

impl SharedCard {
    pub(crate) fn new(held: Held) -> Self {
        Self(Arc::new(Mutex::new(held)))
    }

    /// The card for this thread, which holds nothing that others wait for.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses the card for a moment, with Python's lock in hand.
    pub(crate) fn briefly<R: Send>(
        &self,
        py: Python<'_>,
        using: impl FnOnce(&mut Held) -> R + Send,
    ) -> R {
        match self.free() {
            Some(mut held) => using(&mut held),
            // Another thread has it, and may want Python's lock.
            None => self.at_length(py, using),
        }
    }

    /// The card, unless another thread has it.
    pub(crate) fn free(&self) -> Option<MutexGuard<'_, Held>> {
        match self.0.try_lock() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Uses the card while other threads of Python run.
    pub(crate) fn at_length<R: Send>(
        &self,
        py: Python<'_>,
        using: impl FnOnce(&mut Held) -> R + Send,
    ) -> R {
        py.detach(|| {
            let before = IS_OF_PYTHON.replace(true);
            let used = using(&mut self.lock());
            IS_OF_PYTHON.set(before);
            used
        })
    }
}

impl SmartCard for SharedCard {
    fn power_on(&mut self) -> Result<(), TransportError> {
        Transport::reset(&mut *self.lock())
    }

    fn power_off(&mut self) {
        self.lock().power_off();
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Transport::reset(&mut *self.lock())
    }

    fn atr(&self) -> Vec<u8> {
        self.lock().atr().to_vec()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        Transport::transmit(&mut *self.lock(), command, response)
    }

    fn protocol(&self) -> sscard_core::Protocol {
        self.lock().card().protocol()
    }
}
