//! A card that this process holds, as a slot: what it answered is kept before the answer leaves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use sscard_faults::{Faults, Misbehaving};
use sscard_host::{InProcess, Layer, NotKept, SmartCard, Transport, TransportError};

use crate::complaint::complain;
use crate::icc_slot::{IccOutcome, IccSlot, PowerUp};

/// The number of the one card that is ever in.
const CARD: u64 = 1;

/// CLA INS P1 P2: faults know nothing shorter.
const SHORTEST_COMMAND: usize = 4;

/// What a card says to less.
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

enum Inside {
    Sound(Box<InProcess>),
    Misbehaving(Box<Misbehaving<InProcess>>),
    /// Somebody's own, and whether it has power.
    Own(Box<dyn SmartCard>, bool),
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

    /// A card of anybody's; it gets power when it is asked for.
    #[must_use]
    pub fn own(card: impl SmartCard + 'static) -> Self {
        let inside = Inside::Own(Box::new(card), false);
        Self { inside: Mutex::new(inside), is_in: AtomicBool::new(true) }
    }

    /// Writes the card's file anew, where there is one.
    ///
    /// # Errors
    /// [`NotKept`].
    pub fn settle(&self) -> Result<(), NotKept> {
        self.lock().card().map_or(Ok(()), InProcess::settle)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// One of ours.
    fn card(&mut self) -> Option<&mut InProcess> {
        match self {
            Self::Sound(card) => Some(card),
            Self::Misbehaving(card) => Some(Layer::below_mut(card.as_mut())),
            Self::Own(..) => None,
        }
    }

    fn power_up(&mut self) -> Result<Vec<u8>, TransportError> {
        let card: &mut dyn Transport = match self {
            Self::Sound(card) => card.as_mut(),
            Self::Misbehaving(card) => card.as_mut(),
            Self::Own(card, powered) => {
                let up = if *powered { card.reset() } else { card.power_on() };
                *powered = up.is_ok();
                return up.map(|()| card.atr());
            }
        };
        card.reset().map(|()| card.atr().to_vec())
    }

    fn is_powered(&mut self) -> bool {
        match self {
            Self::Own(_, powered) => *powered,
            ours => ours.card().is_some_and(|card| card.card().is_powered()),
        }
    }

    fn exchange(&mut self, command: &[u8], answer: &mut Vec<u8>) -> Result<(), TransportError> {
        // What is too short to be a command is our cards' to refuse; faults and cards of others know nothing of the kind.
        match self {
            Self::Sound(card) => card.as_mut().exchange(command, answer),
            Self::Misbehaving(card) if command.len() < SHORTEST_COMMAND => {
                Layer::below_mut(card.as_mut()).exchange(command, answer)
            }
            Self::Misbehaving(card) => card.exchange(command, answer),
            Self::Own(..) if command.len() < SHORTEST_COMMAND => {
                answer.extend_from_slice(&WRONG_LENGTH);
                Ok(())
            }
            Self::Own(_, false) => Err(TransportError::Removed),
            Self::Own(card, powered) => {
                let sent = card.transmit(command, answer);
                *powered = !matches!(sent, Err(TransportError::Removed));
                sent
            }
        }
    }
}

impl IccSlot for HeldCard {
    fn card(&self) -> Option<u64> {
        self.is_in.load(Ordering::Acquire).then_some(CARD)
    }

    fn power_up(&self, _how: PowerUp) -> Option<Vec<u8>> {
        self.lock().power_up().inspect_err(say_if_not_kept).ok()
    }

    fn power_down(&self) {
        match &mut *self.lock() {
            Inside::Own(card, powered) => {
                card.power_off();
                *powered = false;
            }
            ours => {
                if let Some(card) = ours.card() {
                    card.card_mut().power_off();
                }
            }
        }
    }

    fn transmit(&self, command: &[u8], answer: &mut Vec<u8>) -> IccOutcome {
        let mut inside = self.lock();
        answer.clear();
        match inside.exchange(command, answer) {
            Ok(()) if answer.len() >= WRONG_LENGTH.len() => IccOutcome::Answered,
            Ok(()) => IccOutcome::Silent,
            // A card whose power fails is in the reader still.
            Err(TransportError::Removed) if inside.is_powered() => {
                self.is_in.store(false, Ordering::Release);
                IccOutcome::Removed
            }
            Err(error) => {
                say_if_not_kept(&error);
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
fn say_if_not_kept(error: &TransportError) {
    if let TransportError::NotKept(refusal) = error {
        complain(&format!("NOT KEPT: {refusal}"));
    }
}
