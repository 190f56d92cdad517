//! A card that this process holds, as a slot: what it answered is kept before the answer leaves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use sscard_faults::{Faults, Misbehaving};
use sscard_host::{InProcess, Layer, NotKept, Transport, TransportError};

use crate::icc_slot::{IccOutcome, IccSlot, PowerUp};

/// The number of the one card that is ever in.
const CARD: u64 = 1;

/// CLA INS P1 P2: faults know nothing shorter.
const SHORTEST_COMMAND: usize = 4;

enum Inside {
    Sound(Box<InProcess>),
    Misbehaving(Box<Misbehaving<InProcess>>),
}

/// A card that this process holds. It stays in unless a fault takes it away.
pub struct HeldCard {
    inside: Mutex<Inside>,
    is_in: AtomicBool,
}

impl HeldCard {
    /// A powered card.
    #[must_use]
    pub fn new(card: InProcess) -> Self {
        Self { inside: Mutex::new(Inside::Sound(Box::new(card))), is_in: AtomicBool::new(true) }
    }

    /// A card with faults.
    #[must_use]
    pub fn misbehaving(card: InProcess, faults: Faults) -> Self {
        let cut = |card: &mut InProcess, written| match written {
            Some(written) => card.card_mut().cut_power_after(written),
            None => card.card_mut().disarm_cut(),
        };
        let card = Misbehaving::new(card, faults).cutting(cut);
        let inside = Inside::Misbehaving(Box::new(card));
        Self { inside: Mutex::new(inside), is_in: AtomicBool::new(true) }
    }

    /// Writes the card's file anew, where there is one.
    ///
    /// # Errors
    /// [`NotKept`].
    pub fn settle(&self) -> Result<(), NotKept> {
        self.lock().card().settle()
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn card(&mut self) -> &mut InProcess {
        match self {
            Self::Sound(card) => card,
            Self::Misbehaving(card) => Layer::below_mut(card.as_mut()),
        }
    }

    fn transport(&mut self) -> &mut dyn Transport {
        match self {
            Self::Sound(card) => card.as_mut(),
            Self::Misbehaving(card) => card.as_mut(),
        }
    }
}

impl IccSlot for HeldCard {
    fn card(&self) -> Option<u64> {
        self.is_in.load(Ordering::Acquire).then_some(CARD)
    }

    fn power_up(&self, _how: PowerUp) -> Option<Vec<u8>> {
        let mut inside = self.lock();
        let card = inside.transport();
        match card.reset() {
            Ok(()) => Some(card.atr().to_vec()),
            Err(error) => {
                complain(&error);
                None
            }
        }
    }

    fn power_down(&self) {
        self.lock().card().card_mut().power_off();
    }

    fn transmit(&self, command: &[u8], answer: &mut Vec<u8>) -> IccOutcome {
        let mut inside = self.lock();
        answer.clear();
        // What is too short to be a command is the card's to refuse.
        let sent = match &mut *inside {
            Inside::Sound(card) => card.as_mut().exchange(command, answer),
            Inside::Misbehaving(card) if command.len() < SHORTEST_COMMAND => {
                Layer::below_mut(card.as_mut()).exchange(command, answer)
            }
            Inside::Misbehaving(card) => card.exchange(command, answer),
        };
        match sent {
            Ok(()) => IccOutcome::Answered,
            // A card whose power fails is in the reader still.
            Err(TransportError::Removed) if inside.card().card().is_powered() => {
                self.is_in.store(false, Ordering::Release);
                IccOutcome::Removed
            }
            Err(error) => {
                complain(&error);
                IccOutcome::Silent
            }
        }
    }

    fn wait_for_change(&self, known: Option<u64>, patience: Duration) -> Option<u64> {
        if self.card() == known {
            thread::sleep(patience);
        }
        self.card()
    }
}

/// Says that an answer could not be kept: the program hears only that there is none.
fn complain(error: &TransportError) {
    if let TransportError::NotKept(refusal) = error {
        eprintln!("sscard: NOT KEPT: {refusal}");
    }
}
