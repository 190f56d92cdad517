//! What a handle stands for: a card, and the reader that may misbehave.

use std::thread;
use std::time::Duration;

use sscard_core::{Card, Interface};

use crate::reader::Reader;
use crate::refusal::Refusal;

/// Bytes of the longest answer to a command whose lengths take one byte each.
const LONGEST_SHORT: usize = 258;
/// Bytes of the longest answer to any command.
const LONGEST: usize = 65_538;

/// A card behind a handle.
pub(crate) struct Held {
    card: Card,
    /// Faults, once there were any. They are the reader's: neither clone nor restore takes them
    /// along.
    reader: Option<Box<Reader>>,
    answer: Vec<u8>,
    /// What a command that may not fit is tried from.
    before: Option<Box<Card>>,
    /// A call on it has panicked.
    pub(crate) is_broken: bool,
}

impl Held {
    pub(crate) fn new(card: Card) -> Self {
        let answer = Vec::with_capacity(LONGEST_SHORT);
        Self { card, reader: None, answer, before: None, is_broken: false }
    }

    /// The card, to be looked at.
    pub(crate) fn card(&self) -> Result<&Card, Refusal> {
        if self.is_broken { Err(broken()) } else { Ok(&self.card) }
    }

    /// The card, to be changed.
    pub(crate) fn card_mut(&mut self) -> Result<&mut Card, Refusal> {
        if self.is_broken { Err(broken()) } else { Ok(&mut self.card) }
    }

    /// The answer to reset as the reader sees it.
    pub(crate) fn atr(&self) -> Result<Vec<u8>, Refusal> {
        let card = self.card()?;
        let bent = self.reader.as_ref().filter(|_| card.is_powered()).map(|reader| reader.atr());
        Ok(bent.map_or_else(|| card.atr().to_vec(), <[u8]>::to_vec))
    }

    /// Another card's state in the place of this one's, without an allocation where both are of one
    /// profile.
    pub(crate) fn restore(&mut self, from: &Card) {
        self.card.restore(from);
        self.is_broken = false;
        // A card that a fault took away is in the reader again, unless the fault still stands.
        if self.reader.as_ref().is_some_and(|reader| reader.is_clear()) {
            self.reader = None;
        }
    }

    /// Gives the card power, on this side.
    pub(crate) fn power_on(&mut self, interface: Interface) -> Result<(), Refusal> {
        self.card_mut()?;
        if let Some(reader) = &mut self.reader {
            reader.insert()?;
        }
        let started = match interface {
            Interface::Contact => self.card.power_on(),
            Interface::Contactless => self.card.enter_field(),
        };
        let atr = started.map_err(|_| Refusal::power_lost())?;
        if let Some(reader) = &mut self.reader {
            reader.powered(&atr);
        }
        Ok(())
    }

    /// Resets the card, which has power.
    pub(crate) fn reset(&mut self) -> Result<(), Refusal> {
        // A card that a fault took away comes back by a reset, too.
        let returns = self.reader.as_ref().is_some_and(|reader| !reader.is_inside());
        if !self.card_mut()?.is_powered() && !returns {
            return Err(Refusal::no_power());
        }
        self.power_on(self.card.interface())
    }

    /// Sends a command and gives the answer; one that is longer than `capacity` is given all the
    /// same, but the command was not carried out.
    #[inline(always)]
    pub(crate) fn transmit(&mut self, command: &[u8], capacity: usize) -> Result<&[u8], Refusal> {
        if self.is_broken || self.reader.is_some() || !fits(command, capacity) {
            return self.transmit_with_care(command, capacity);
        }
        if !self.card.is_powered() {
            return Err(Refusal::no_power());
        }
        self.card.transmit(command, &mut self.answer);
        if self.answer.is_empty() {
            return Err(Refusal::power_lost());
        }
        Ok(&self.answer)
    }

    /// The same where the answer may not fit, or faults may bend it: the card as it was is there
    /// until it is known.
    #[cold]
    fn transmit_with_care(&mut self, command: &[u8], capacity: usize) -> Result<&[u8], Refusal> {
        let card = self.card()?;
        let is_inside = self.reader.as_ref().is_none_or(|reader| reader.is_inside());
        if is_inside && !card.is_powered() {
            return Err(Refusal::no_power());
        }
        match &mut self.before {
            Some(before) => before.restore(&self.card),
            None => self.before = Some(Box::new(self.card.clone())),
        }
        let reader_before = self.reader.clone();
        let delay = match &mut self.reader {
            Some(reader) => reader.exchange(&mut self.card, command, &mut self.answer)?,
            None => {
                self.card.transmit(command, &mut self.answer);
                Duration::ZERO
            }
        };
        if self.answer.is_empty() && !self.card.is_powered() {
            return Err(Refusal::power_lost());
        }
        if self.answer.len() > capacity {
            self.reader = reader_before;
            self.go_back();
        } else if !delay.is_zero() {
            thread::sleep(delay);
        }
        Ok(&self.answer)
    }

    fn go_back(&mut self) {
        if let Some(before) = &self.before {
            self.card.restore(before);
        }
    }

    /// One more fault.
    pub(crate) fn set_fault(&mut self, fault: &str) -> Result<(), Refusal> {
        self.card()?;
        self.reader.get_or_insert_with(|| Box::new(Reader::new(&self.card))).set(fault)
    }

    /// No fault any more.
    pub(crate) fn clear_faults(&mut self) -> Result<(), Refusal> {
        self.card()?;
        let Some(mut reader) = self.reader.take() else { return Ok(()) };
        if reader.clear() {
            self.card.disarm_cut();
        }
        // One that took the card away is kept until power puts it in again.
        self.reader = Some(reader).filter(|reader| !reader.is_inside());
        Ok(())
    }
}

#[cold]
fn broken() -> Refusal {
    Refusal::internal(
        "a call on this card panicked; sscard_restore puts another state in its place",
    )
}

/// Whether the answer to a command, whatever it is, has room in so many bytes.
#[inline(always)]
fn fits(command: &[u8], capacity: usize) -> bool {
    match command {
        [_, _, _, _, 0, _, ..] => capacity >= LONGEST,
        _ if capacity >= LONGEST_SHORT => true,
        // Case 2 with a Le: the answer has at most so many bytes, or is a status word.
        [_, _, _, _, le] if *le != 0 => capacity >= usize::from(*le).max(2).saturating_add(2),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};

    use super::*;

    fn card(profile: &str) -> Card {
        let profile = built_in(profile).or_else(|| load(profile).ok()).expect("a profile");
        let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
        card.power_on().expect("power");
        card
    }

    /// Beginnings of commands that have long answers, and any.
    fn command() -> impl Strategy<Value = Vec<u8>> {
        let known: &[&[u8]] = &[
            b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF",
            b"\x00\xA4\x04\x00\x08\xA0\x00\x00\x03\x33\x01\x01\x01",
            &[0x00, 0xA4, 0x00, 0x00, 0x02, 0xEF, 0x06],
            &[0x00, 0xB2, 0x01, 0x04],
            &[0x00, 0xB2, 0x09, 0x00],
            &[0x00, 0xB0, 0x85, 0x00],
            &[0x00, 0xC0, 0x00, 0x00],
            &[0x00, 0x84, 0x00, 0x00],
            &[0x00, 0x70, 0x00, 0x00],
            &[0x80, 0xCA, 0x9F, 0x36],
            &[],
        ];
        let tail = proptest::collection::vec(any::<u8>(), 0..6);
        (proptest::sample::select(known), tail).prop_map(|(head, tail)| [head, &tail].concat())
    }

    proptest! {
        #[test]
        fn no_answer_is_longer_than_what_was_said_to_fit(
            profile in proptest::sample::select(&["gen1", "gen2", "gen3", "base = \"gen2\"\nprotocol = \"T=1\"\nextended_length = true"][..]),
            commands in proptest::collection::vec(command(), 1..24),
        ) {
            let mut card = card(profile);
            let mut answer = Vec::new();
            for command in commands {
                card.transmit(&command, &mut answer);
                for capacity in (0..answer.len()).rev().take(300) {
                    prop_assert!(!fits(&command, capacity), "{command:02X?}: {} bytes", answer.len());
                }
            }
        }
    }
}
