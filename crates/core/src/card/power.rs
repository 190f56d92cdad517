//! Power: how a card gets it, what it says then, how it loses it.

use core::fmt;
use core::ops::Deref;

use zeroize::Zeroize;

use super::Card;
use crate::drbg::Drbg;
use crate::interface::Interface;
use crate::manage_channel::Channels;
use crate::nvm::Torn;
use crate::profile::CardArea;

/// What a card says when it is powered: 2 to 33 bytes (ISO/IEC 7816-3 §8).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AnswerToReset {
    bytes: [u8; 33],
    length: usize,
}

/// Power failed, as [`Card::cut_power_after`] asked for, before the card could answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PowerLost;

impl Card {
    /// Powers the card: recovers its memory, draws a new session, answers with the ATR.
    ///
    /// # Errors
    /// [`PowerLost`] when power fails again on the way.
    pub fn power_on(&mut self) -> Result<AnswerToReset, PowerLost> {
        self.start(Interface::Contact)
    }

    /// Powers the card by a contactless reader's field; the ATR is the one such a reader makes up
    /// (PC/SC part 3 §3.1.3.2.3).
    ///
    /// # Errors
    /// [`PowerLost`] when power fails on the way.
    pub fn enter_field(&mut self) -> Result<AnswerToReset, PowerLost> {
        self.start(Interface::Contactless)
    }

    fn start(&mut self, interface: Interface) -> Result<AnswerToReset, PowerLost> {
        self.power_off();
        self.interface = interface;
        self.nvm.restore_power();
        let started = self.nvm.roll_back().and_then(|()| {
            let mut state = self.nvm.array::<32>(CardArea::GENERATOR);
            let (mut successor, session) = Drbg::next_session(state);
            self.nvm.begin();
            let written = self.nvm.write(CardArea::GENERATOR, &successor);
            state.zeroize();
            successor.zeroize();
            self.session = session;
            written.and_then(|()| self.nvm.commit())
        });
        started.map_err(|_| PowerLost)?;
        self.powered = true;
        Ok(self.atr())
    }

    /// Resets the card with power staying on: everything volatile is gone, as at power-on.
    ///
    /// # Errors
    /// [`PowerLost`] when power fails on the way.
    pub fn reset(&mut self) -> Result<AnswerToReset, PowerLost> {
        self.start(self.interface)
    }

    /// Takes the power away between two commands.
    pub fn power_off(&mut self) {
        self.powered = false;
        self.channels = Channels::new();
        self.session = Drbg::from_seed([0; 32]);
    }

    /// Lets the power fail before the `bytes + 1`-th byte written to memory from now on.
    ///
    /// The armed cut is part of the card's value: a clone or a snapshot has it with what is left of it, and
    /// counts on its own; restoring a snapshot brings back the supply as it was then, armed or not. It is not
    /// part of an image, nor of [`Card::digest`].
    pub fn cut_power_after(&mut self, bytes: u64) {
        self.tear_power_after(bytes, Torn::Old);
    }

    /// As [`Card::cut_power_after`], and says what becomes of the byte under way.
    pub fn tear_power_after(&mut self, bytes: u64, torn: Torn) {
        self.nvm.fail_after(bytes, torn);
    }

    /// Takes back what [`Card::cut_power_after`] asked for: the power stays. A cut that has struck already is
    /// not undone; the card wants [`Card::power_on`].
    pub fn disarm_cut(&mut self) {
        self.nvm.hold_power();
    }

    /// How many bytes may still be written until the cut; `None` when no cut is armed.
    #[must_use]
    pub fn bytes_until_cut(&self) -> Option<u64> {
        self.nvm.allowance()
    }

    /// Whether the card has power.
    #[must_use]
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// The ATR, powered or not.
    #[must_use]
    pub fn atr(&self) -> AnswerToReset {
        if self.interface.is_contactless() {
            return AnswerToReset::contactless();
        }
        let length = usize::from(self.nvm.byte(CardArea::ATR)).min(33);
        AnswerToReset { bytes: self.nvm.array(CardArea::ATR.saturating_add(1)), length }
    }
}

impl AnswerToReset {
    /// `3B 88 80 01`, the eight bytes of an ISO/IEC 14443 type A card without historical bytes of
    /// its own, TCK.
    fn contactless() -> Self {
        let mut bytes = [0; 33];
        let answer = [0x3B, 0x80, 0x80, 0x01, 0x01];
        for (place, byte) in bytes.iter_mut().zip(answer) {
            *place = byte;
        }
        Self { bytes, length: answer.len() }
    }
}

impl Deref for AnswerToReset {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

impl fmt::Debug for AnswerToReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Display for PowerLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("power failed before the card could answer")
    }
}

impl core::error::Error for PowerLost {}
