//! What a channel remembers of the file system.

use sscard_core::{AccessRule, KeyId};

/// Where a channel stands, and what was proved on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Session {
    /// Current DF by its place in the plan; 0 is the MF.
    pub(super) df: u8,
    /// Current EF by its place in the DF.
    pub(super) ef: Option<u8>,
    /// Current record, from 1; 0 for none.
    pub(super) record: u8,
    /// The holder's PIN was verified since power-on.
    pub(super) pin: bool,
    /// Keys of the environment that were proved, a bit for each number.
    global: u128,
    /// Those of the current application.
    own: u128,
}

impl Session {
    pub(crate) fn df(&self) -> u8 {
        self.df
    }

    pub(crate) fn is_pin_verified(&self) -> bool {
        self.pin
    }

    pub(super) fn prove(&mut self, key: KeyId) {
        let keys = if key.0 & 0x80 == 0 { &mut self.global } else { &mut self.own };
        *keys |= 1 << (key.0 & 0x7F);
    }

    pub(crate) fn has_proved(&self, key: KeyId) -> bool {
        let keys = if key.0 & 0x80 == 0 { self.global } else { self.own };
        keys >> (key.0 & 0x7F) & 1 != 0
    }

    /// How many keys are proved.
    pub(super) fn proofs(&self) -> u32 {
        self.global.count_ones() + self.own.count_ones()
    }

    pub(crate) fn satisfies(&self, rule: AccessRule) -> bool {
        match rule {
            AccessRule::Free => true,
            AccessRule::Never => false,
            AccessRule::Pin => self.pin,
            AccessRule::Key(key) => self.has_proved(key),
            AccessRule::PinOrKey(key) => self.pin || self.has_proved(key),
            AccessRule::PinAndKey(key) => self.pin && self.has_proved(key),
        }
    }

    /// Stands in another DF: what keys of the old one proved is gone, and outside the environment all keys; the PIN lasts until the power
    /// goes (part 5 §6.11, part 7 §5.8 and §6.6).
    pub(super) fn enter(&mut self, df: u8, in_environment: bool) {
        let global = if in_environment { self.global } else { 0 };
        *self = Self { df, pin: self.pin, global, ..Self::default() };
    }

    /// Another application than the file system's is selected.
    pub(crate) fn leave(&mut self) {
        self.enter(0, false);
    }

    /// An EF becomes the current one; the same again keeps its record.
    pub(super) fn enter_file(&mut self, ef: u8) {
        if self.ef != Some(ef) {
            self.ef = Some(ef);
            self.record = 0;
        }
    }
}
