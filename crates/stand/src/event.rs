//! What happens, for whoever listens.
//!
//! What enters: events of all slots. What leaves: each to a witness at once, and to each listener, in order. Who listens slowly loses
//! the oldest and is told how many; nobody waits for a listener.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sscard_faults::Fired;
use tokio::sync::watch;

/// Events that a listener can be behind.
const KEPT: usize = 4_096;

/// Who sent a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A program of the machine, through the reader's driver.
    Driver,
    /// The API.
    Api,
}

impl Origin {
    /// Its name, as the API gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Api => "api",
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoAnswer {
    /// The card says nothing.
    Mute,
    /// Its power failed, or it had none.
    Unpowered,
    /// It was reset instead.
    Reset,
    /// It was taken away.
    Removed,
}

impl NoAnswer {
    /// What there is to say of it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Mute => "the card does not answer",
            Self::Unpowered => "the card has no power, or it failed",
            Self::Reset => "the card was reset in the place of an answer",
            Self::Removed => "the card was removed",
        }
    }
}

/// A command and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchanged {
    /// Counted from 1 in the slot, together with what happened to the card's power.
    pub n: u64,
    /// Its number since the card was inserted.
    pub command_number: u64,
    /// Who sent it.
    pub origin: Origin,
    /// The command, as it was sent.
    pub command: Vec<u8>,
    /// The answer, as it goes back.
    pub response: Result<Vec<u8>, NoAnswer>,
    /// How long it took, delays that were asked for included.
    pub took: Duration,
}

/// What happened to a card's power.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Powered {
    /// Counted from 1 in the slot, together with exchanges.
    pub n: u64,
    /// What it was.
    pub change: PowerChange,
    /// The answer to reset; empty when the power went.
    pub atr: Vec<u8>,
}

/// Power comes, goes, or is interrupted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PowerChange {
    /// The card got power.
    On,
    /// The card was reset.
    Reset,
    /// The card lost its power.
    Off,
}

impl PowerChange {
    /// Its name, as the API gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Reset => "reset",
            Self::Off => "off",
        }
    }
}

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub struct StandEvent {
    /// Counted from 1 over all slots.
    pub number: u64,
    /// The slot.
    pub slot: usize,
    /// Since the stand was set up.
    pub at: Duration,
    /// What it was.
    pub what: Happening,
}

/// Kinds of events.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Happening {
    /// A command and its answer.
    Exchange(Exchanged),
    /// The card got power, was reset, or lost its power.
    Power(Powered),
    /// A card was inserted, by this name.
    Inserted(String),
    /// The card left.
    Removed,
    /// A fault struck.
    Fault(Fired),
}

impl Happening {
    /// The name of its kind, as a live stream has it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Exchange(_) => "exchange",
            Self::Power(_) => "power",
            Self::Inserted(_) => "inserted",
            Self::Removed => "removed",
            Self::Fault(_) => "fault",
        }
    }
}

/// Is told of each event when it happens, in order; the slot waits for it.
pub type Witness = Box<dyn Fn(&StandEvent) + Send + Sync>;

#[derive(Default)]
struct Ring {
    events: VecDeque<Arc<StandEvent>>,
    number: u64,
}

/// All events of a stand.
#[derive(Clone)]
pub struct Events {
    ring: Arc<Mutex<Ring>>,
    witness: Option<Arc<Witness>>,
    /// The number of the latest event.
    latest: watch::Sender<u64>,
    /// Held by each live stream, too.
    places: Arc<()>,
}

impl Events {
    /// None yet.
    #[must_use]
    pub fn new(witness: Option<Witness>) -> Self {
        let latest = watch::Sender::new(0);
        Self {
            ring: Arc::default(),
            witness: witness.map(Arc::new),
            latest,
            places: Arc::default(),
        }
    }

    /// Tells of an event.
    pub(crate) fn tell(&self, slot: usize, at: Duration, what: Happening) -> Arc<StandEvent> {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.number = ring.number.saturating_add(1);
        let event = Arc::new(StandEvent { number: ring.number, slot, at, what });
        if ring.events.len() >= KEPT {
            ring.events.pop_front();
        }
        ring.events.push_back(Arc::clone(&event));
        drop(ring);
        if let Some(witness) = &self.witness {
            witness(&event);
        }
        self.latest.send_replace(event.number);
        event
    }

    pub(crate) const fn places(&self) -> &Arc<()> {
        &self.places
    }

    /// The number of the latest event; 0 before the first.
    #[must_use]
    pub fn latest(&self) -> u64 {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).number
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.listen_after(self.latest())
    }

    /// Listens to what came after the event of this number, as far as it is still known.
    #[must_use]
    pub fn listen_after(&self, number: u64) -> Listener {
        let next = number.min(self.latest()).saturating_add(1);
        Listener { events: self.clone(), next, latest: self.latest.subscribe() }
    }
}

/// Somebody who listens.
pub struct Listener {
    events: Events,
    next: u64,
    latest: watch::Receiver<u64>,
}

impl Listener {
    /// Events that are there, and how many were lost before them.
    pub fn take(&mut self) -> (Vec<Arc<StandEvent>>, u64) {
        let ring = self.events.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let first = ring.events.front().map_or(self.next, |event| event.number);
        let lost = first.saturating_sub(self.next);
        let skipped = usize::try_from(self.next.saturating_sub(first)).unwrap_or(usize::MAX);
        let taken: Vec<Arc<StandEvent>> = ring.events.iter().skip(skipped).cloned().collect();
        if let Some(last) = taken.last() {
            self.next = last.number.saturating_add(1);
        }
        (taken, lost)
    }

    /// Waits until there is an event.
    pub async fn wait(&mut self) {
        let next = self.next;
        // The sender lives as long as this listener does.
        let _ = self.latest.wait_for(|latest| *latest >= next).await;
    }
}
