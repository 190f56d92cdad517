//! Happening happens, for whoever listens.
//!
//! Happening enters: events of all slots. Happening leaves: each to each listener, in order. Who does not listen costs a slot nothing; who
//! listens slowly loses the oldest and is told how many.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::slot::Exchanged;

/// Events that a slow listener can be behind.
const KEPT: usize = 4_096;

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub struct StandEvent {
    /// Counted from 1.
    pub number: u64,
    /// The slot.
    pub slot: usize,
    /// Since the stand was set up.
    pub at: Duration,
    /// Happening it was.
    pub what: Happening,
}

/// Kinds of events.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Happening {
    /// A command and its answer.
    Exchange(Arc<Exchanged>),
    /// The card was powered or reset (`true`), or lost its power.
    Power(bool),
    /// A card was inserted, by this name.
    Inserted(String),
    /// The card left.
    Removed,
    /// A fault struck, at the command of this number.
    Fault {
        /// The fault, with all that was drawn decided.
        fault: String,
        /// The command since insertion; 0 for an answer to reset.
        command: u64,
    },
}

#[derive(Default)]
struct Ring {
    events: VecDeque<Arc<StandEvent>>,
    number: u64,
    listeners: usize,
}

/// All events of a stand.
#[derive(Clone)]
pub struct Events {
    ring: Arc<Mutex<Ring>>,
    /// The number of the latest event.
    latest: watch::Sender<u64>,
}

impl Default for Events {
    fn default() -> Self {
        Self { ring: Arc::default(), latest: watch::Sender::new(0) }
    }
}

impl Events {
    /// Tells of an event. Without a listener nothing is kept of it.
    pub fn tell(&self, slot: usize, at: Duration, what: Happening) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.number = ring.number.saturating_add(1);
        if ring.listeners == 0 {
            return;
        }
        let number = ring.number;
        ring.events.push_back(Arc::new(StandEvent { number, slot, at, what }));
        if ring.events.len() > KEPT {
            ring.events.pop_front();
        }
        drop(ring);
        self.latest.send_replace(number);
    }

    /// Whether somebody listens.
    #[must_use]
    pub fn are_heard(&self) -> bool {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).listeners > 0
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.listeners = ring.listeners.saturating_add(1);
        let next = ring.number.saturating_add(1);
        drop(ring);
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
        let taken: Vec<Arc<StandEvent>> =
            ring.events.iter().filter(|event| event.number >= self.next).cloned().collect();
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

impl Drop for Listener {
    fn drop(&mut self) {
        let mut ring = self.events.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.listeners = ring.listeners.saturating_sub(1);
        if ring.listeners == 0 {
            ring.events.clear();
        }
    }
}
