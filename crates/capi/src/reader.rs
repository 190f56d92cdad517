//! A reader that misbehaves: what faults do to one card.
//!
//! What enters: each command and each power-on, and the card. What leaves: the answer, bent or not, after how long, or what happened
//! instead.

use std::time::{Duration, Instant};

use sscard_core::Card;
use sscard_faults::{After, Before, Fault, Faults};

use crate::refusal::{Refusal, sscard_error};

#[derive(Clone)]
pub(crate) struct Reader {
    faults: Faults,
    place: Place,
    inserted: Instant,
    atr: Vec<u8>,
    /// Whether a fault lets the card's power fail.
    has_armed_cut: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    /// A fault took it away.
    Outside,
    /// The faults were cleared: power puts it in again.
    Returning,
}

impl Reader {
    /// The reader that a card is in, inserted now.
    pub(crate) fn new(card: &Card) -> Self {
        Self {
            faults: Faults::default().attentive(),
            place: Place::Inside,
            inserted: Instant::now(),
            atr: card.atr().to_vec(),
            has_armed_cut: false,
        }
    }

    pub(crate) fn atr(&self) -> &[u8] {
        &self.atr
    }

    pub(crate) fn is_inside(&self) -> bool {
        self.place == Place::Inside
    }

    /// Whether no fault is set.
    pub(crate) fn is_clear(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn set(&mut self, fault: &str) -> Result<(), Refusal> {
        let fault: Fault = fault.parse().map_err(|error: sscard_faults::SpecError| {
            Refusal::new(sscard_error::SSCARD_E_FAULT, error.to_string())
        })?;
        self.faults.arm(fault);
        Ok(())
    }

    /// No fault any more; whether a cut is taken back.
    pub(crate) fn clear(&mut self) -> bool {
        self.faults.clear();
        if self.place == Place::Outside {
            self.place = Place::Returning;
        }
        std::mem::take(&mut self.has_armed_cut)
    }

    /// Before the card gets power.
    pub(crate) fn insert(&mut self) -> Result<(), Refusal> {
        match self.place {
            Place::Inside => Ok(()),
            Place::Outside => Err(removed()),
            Place::Returning => {
                self.place = Place::Inside;
                self.faults.insert();
                self.inserted = Instant::now();
                Ok(())
            }
        }
    }

    /// The card has power, and this answer to reset.
    pub(crate) fn powered(&mut self, atr: &[u8]) {
        atr.clone_into(&mut self.atr);
        self.faults.power(&mut self.atr);
    }

    /// One command and what comes of it; how long the answer takes.
    pub(crate) fn exchange(
        &mut self,
        card: &mut Card,
        command: &[u8],
        answer: &mut Vec<u8>,
    ) -> Result<Duration, Refusal> {
        answer.clear();
        if self.place != Place::Inside {
            return Err(removed());
        }
        let mut sent = command.to_vec();
        // What is no command is for the card alone.
        if command.len() >= 4 {
            match self.faults.command(&mut sent, self.inserted.elapsed()) {
                Before::Removed => return Err(self.remove(card)),
                Before::Mute(_) => return Err(mute()),
                Before::Answer { answer: other, delay } => {
                    *answer = other;
                    return Ok(delay);
                }
                Before::Reset => {
                    let atr = card.reset().map_err(|_| Refusal::power_lost())?;
                    self.powered(&atr);
                    let text = "a fault reset the card; the command was not sent";
                    return Err(Refusal::new(sscard_error::SSCARD_E_RESET, text));
                }
                Before::Send { cut } => {
                    if let Some(written) = cut {
                        card.cut_power_after(written);
                        self.has_armed_cut = true;
                    }
                }
            }
        }
        card.transmit(&sent, answer);
        if answer.is_empty() || command.len() < 4 {
            return Ok(Duration::ZERO);
        }
        match self.faults.answer(&sent, answer) {
            After::Answer { delay, removed } => {
                if removed {
                    self.remove(card);
                }
                Ok(delay)
            }
            After::Removed => Err(self.remove(card)),
            After::Mute { delay, .. } => {
                std::thread::sleep(delay);
                Err(mute())
            }
        }
    }

    fn remove(&mut self, card: &mut Card) -> Refusal {
        card.power_off();
        self.place = Place::Outside;
        removed()
    }
}

#[cold]
fn removed() -> Refusal {
    let text =
        "a fault took the card away; after sscard_clear_faults, sscard_power_on puts it in again";
    Refusal::new(sscard_error::SSCARD_E_REMOVED, text)
}

#[cold]
fn mute() -> Refusal {
    Refusal::new(sscard_error::SSCARD_E_MUTE, "no answer in time: a fault made the card mute")
}
