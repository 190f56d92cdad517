//! What has to be done before a command can succeed, one command at a time: open the channel, stand in the environment, wake it, prove.

use sscard_commands::ins;
use sscard_core::{AccessRule, KeyId, KeyPurpose, LifeCycle};

use super::pen::{NO_LE, Pen};
use super::{Act, SocialPlace, Truth};
use crate::card_model::channel::Selected;

impl Pen<'_> {
    /// Writes the next step towards a command, if one is missing.
    pub(super) fn first_needs(&mut self, act: Act) -> bool {
        if self.open.is_none() {
            self.plain(0x00, ins::MANAGE_CHANNEL, [0, self.number], &[], NO_LE);
            return true;
        }
        if let Act::Directory(_) | Act::Challenge(_) | Act::Tries = act {
            return false;
        }
        let Some(environment) = self.plan.environment() else { return false };
        let is_in_files = self.open.is_some_and(|channel| channel.selected == Selected::Files);
        if !is_in_files || !self.plan.is_in_environment(self.session.df) {
            self.select_directory(environment);
            return true;
        }
        if self.lasting.environment == LifeCycle::Deactivated {
            return self.wake(environment);
        }
        if let Act::Change(..) = act
            && self.session.df != environment
        {
            self.select_directory(environment);
            return true;
        }
        match act {
            Act::Verify(_) | Act::Change(..) if self.lasting.pin_tries < 2 => {
                self.prove_key(KeyId::PUK) || self.unblock()
            }
            Act::ReadRecord(place, _) => self.reach(place, true, false),
            Act::ReadBinary(place, _) => self.reach(place, false, false),
            Act::UpdateRecord(place, ..) => self.reach(place, true, true),
            Act::UpdateBinary(place, ..) => self.reach(place, false, true),
            Act::Prove(..) => self.ask_challenge(),
            Act::Unblock(_) | Act::Reload(..) => self.prove_key(KeyId::PUK) || self.ask_challenge(),
            Act::BlockCard(_) => self.prove_key(KeyId::BK) || self.ask_challenge(),
            Act::BlockApplication(_) => {
                let lock = self.plan.lock(self.session.df);
                let needed = if self.session.df == environment { Some(KeyId::BK) } else { lock };
                needed.is_some_and(|key| self.prove_key(key)) || self.ask_challenge()
            }
            Act::Turn(_) => self.prove_key(KeyId::UK_SSSE),
            _ => false,
        }
    }

    /// A current file, and what its rule asks for.
    fn reach(&mut self, place: SocialPlace, records: bool, update: bool) -> bool {
        let Some(file) = self.meant(place, records) else {
            let files = self.plan.files(self.session.df);
            let is_none = !place.short && !files.is_empty();
            if is_none {
                self.select_file(place.file, 2);
            }
            return is_none;
        };
        self.satisfy(if update { file.update } else { file.read })
    }

    fn wake(&mut self, environment: u8) -> bool {
        if self.session.df != environment {
            self.select_directory(environment);
        } else if !self.prove_key(KeyId::UK_SSSE) {
            self.plain(0x00, ins::ACTIVATE_FILE, [0, 0], &[], NO_LE);
        }
        true
    }

    fn satisfy(&mut self, rule: AccessRule) -> bool {
        if self.session.satisfies(rule) {
            return false;
        }
        match rule {
            AccessRule::Free | AccessRule::Never => false,
            AccessRule::Key(key) => self.prove_key(key),
            AccessRule::Pin => self.show_pin(),
            // One way or the other.
            AccessRule::PinOrKey(key) if self.challenge().is_some() => self.prove_key(key),
            AccessRule::PinOrKey(_) => self.show_pin(),
            AccessRule::PinAndKey(key) => self.prove_key(key) || self.show_pin(),
        }
    }

    fn show_pin(&mut self) -> bool {
        if self.session.pin {
            return false;
        }
        if self.lasting.pin_tries < 2 {
            return self.prove_key(KeyId::PUK) || self.unblock();
        }
        self.verify(Truth::Right);
        true
    }

    fn unblock(&mut self) -> bool {
        if !self.ask_challenge() {
            self.protected(0x80, ins::PIN_UNBLOCK, [0, 0], &[], Truth::Right);
        }
        true
    }

    fn ask_challenge(&mut self) -> bool {
        let is_missing = self.challenge().is_none();
        if is_missing {
            self.plain(0x00, ins::GET_CHALLENGE, [0, 0], &[], 8);
        }
        is_missing
    }

    /// Proves a key by a version that is not locked.
    fn prove_key(&mut self, id: KeyId) -> bool {
        if self.session.has_proved(id) {
            return false;
        }
        let versions = [0, 1, 2, 3].into_iter();
        let known = versions.filter_map(|version| {
            let named = (version != 0).then_some(version);
            Some((version, self.plan.key(self.session.df, id.0, named)?))
        });
        let usable = known.into_iter().find(|(_, key)| {
            let opens = matches!(
                key.slot.purpose,
                KeyPurpose::ExternalAuthentication | KeyPurpose::Block | KeyPurpose::Lock
            );
            opens && self.lasting.key_tries[key.index] > 0
        });
        let Some((version, key)) = usable else { return false };
        if !self.ask_challenge() {
            self.prove(id, version, Some(key), Truth::Right);
        }
        true
    }

    /// EXTERNAL AUTHENTICATE with the key at a place: of the current DF, or of the environment.
    pub(super) fn prove_by_place(&mut self, place: u8, version: u8, truth: Truth) {
        let environment = self.plan.environment().unwrap_or(0);
        let df = if place & 1 == 0 { self.session.df } else { environment };
        let keys = self.plan.keys(df);
        if keys.is_empty() {
            return self.prove(KeyId(place), version, None, truth);
        }
        let id = keys[usize::from(place >> 1) % keys.len()].slot.id;
        let named = (version != 0).then_some(version);
        let key = self.plan.key(self.session.df, id.0, named);
        self.prove(id, version, key, truth);
    }
}
