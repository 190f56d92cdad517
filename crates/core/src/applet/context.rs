//! What an applet may use while it works on one command.

use core::any::Any;
use core::hash::Hash;

use sscard_apdu::StatusWord;
use sscard_crypto::{Key, Suite};

use super::Reply;
use super::memory::Memory;
use crate::access::{AccessRule, KeyId};
use crate::channel::{Challenge, Channel, State};
use crate::drbg::Drbg;
use crate::interface::Interface;
use crate::key;
use crate::nvm::{Nvm, Region};
use crate::pin;
use crate::profile::Profile;
use crate::secure_messaging::{ChallengeProtection, Protection};

/// What an applet may use while it works on one command: the card's memory, PIN, keys and random
/// numbers, and what it keeps on the channel.
pub struct Context<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) nvm: &'a mut Nvm,
    pub(crate) channel: &'a mut Channel,
    pub(crate) random: &'a mut Drbg,
    pub(crate) interface: Interface,
    /// Number of the logical channel.
    pub(crate) number: u8,
    /// Memory of the applet that works.
    pub(crate) region: Region,
    /// What the command before this one left on the channel.
    pub(crate) left: State,
}

impl Context<'_> {
    /// Whether an application of the environment was blocked by itself, for good.
    #[inline]
    pub(crate) fn is_blocked(&self, df: u8) -> bool {
        self.profile.layout().state(df).is_some_and(|state| self.nvm.byte(state) == 0)
    }

    /// Fills `bytes` from the card's own generator.
    pub fn random(&mut self, bytes: &mut [u8]) {
        self.random.fill(bytes);
    }

    /// Which side of the card the reader talks to.
    #[must_use]
    pub fn interface(&self) -> Interface {
        self.interface
    }

    /// Number of the logical channel the command came on, 0…19 (ISO/IEC 7816-4 §5.4.1).
    #[must_use]
    pub fn channel_number(&self) -> u8 {
        self.number
    }

    /// What the applet keeps on this channel, in a type of its own: `T::default()` after each SELECT.
    /// It is gone when another application is selected, when the channel closes, at reset and without
    /// power. An error answer does not undo it.
    ///
    /// # Errors
    /// 6F00, which cannot happen: a value of this type was just put there.
    pub fn state<T: Any + Clone + Default + Hash + Send + Sync>(
        &mut self,
    ) -> Result<&mut T, StatusWord> {
        self.channel.state.get_or_default().ok_or(StatusWord::NO_PRECISE_DIAGNOSIS)
    }

    /// The applet's own memory, of the size that [`Applet::memory`](super::Applet::memory) asked for.
    pub fn memory(&mut self) -> Memory<'_> {
        Memory::new(self.nvm, self.region)
    }

    /// Presents the holder's PIN of the card. The try is counted before the comparison, whatever becomes
    /// of the command; the right PIN counts as verified until the card is reset.
    ///
    /// # Errors
    /// 63Cx wrong, x tries left; 6983 locked; 6700 no length that the profile admits.
    pub fn verify_pin(&mut self, presented: &[u8]) -> Result<(), StatusWord> {
        let pin = pin::Pin::of_card(self.profile);
        if !pin.has_length(presented) {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let compared = pin.verify(self.nvm, presented);
        self.channel.security.set_pin(compared.is_ok());
        compared
    }

    /// Whether the holder's PIN was verified on this channel.
    #[must_use]
    pub fn is_pin_verified(&self) -> bool {
        self.channel.security.satisfies(AccessRule::Pin)
    }

    /// Tries that the holder's PIN has left.
    #[must_use]
    pub fn pin_tries_left(&self) -> u8 {
        pin::Pin::of_card(self.profile).tries_left(self.nvm)
    }

    /// The recipes of the card's algorithm; `None` when it is not available (SSF33).
    #[must_use]
    pub fn suite(&self) -> Option<Suite> {
        self.profile.suite()
    }

    /// GET CHALLENGE: a random number of 4, 8 or 16 bytes goes into the reply, and can be used once on this
    /// channel while the applet stays selected.
    ///
    /// # Errors
    /// 6700 another length.
    pub fn challenge(&mut self, length: usize, reply: &mut Reply<'_>) -> Result<(), StatusWord> {
        let mut bytes = [0; 16];
        let given = bytes.get_mut(..length).filter(|_| matches!(length, 4 | 8 | 16));
        let given = given.ok_or(StatusWord::WRONG_LENGTH)?;
        self.random.fill(given);
        reply.extend(given);
        self.channel.challenge = Some(Challenge { bytes, length });
        Ok(())
    }

    /// A key of the social security environment, first version.
    ///
    /// # Errors
    /// 6A88 the card has no such key.
    pub fn card_key(&self, id: KeyId) -> Result<Key, StatusWord> {
        Ok(self.find_key(id)?.value(self.nvm))
    }

    /// EXTERNAL AUTHENTICATE with a key of the environment: eight bytes of authentication data over the
    /// original information, under the key and the latest challenge, which is used up. The try is counted
    /// before the comparison. What was proved holds until another application is selected.
    ///
    /// # Errors
    /// 63Cx wrong, x tries left; 6983 the key is locked; 6984 no challenge; 6A81 the card's algorithm is
    /// not available; 6A88 no such key, or one for something else.
    pub fn external_authenticate(
        &mut self,
        id: KeyId,
        authentication: &[u8; 8],
        original: &[u8; 8],
    ) -> Result<(), StatusWord> {
        let found = self.find_key(id)?;
        found.authenticate(self.nvm, self.channel, [authentication, original])?;
        self.channel.security.grant(id);
        Ok(())
    }

    /// Whether this key was proved while the applet has been selected.
    #[must_use]
    pub fn has_authenticated(&self, id: KeyId) -> bool {
        self.channel.security.has(id)
    }

    /// Secure messaging as the card's own commands have it: a MAC of four bytes at the end of the data
    /// field, under a session key of `key` and the latest challenge, which is used up.
    ///
    /// # Errors
    /// 6A81 the card's algorithm is not available.
    pub fn protection_by(&self, key: Key, enciphered: bool) -> Result<Protection, StatusWord> {
        let suite = self.profile.suite().ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
        Ok(Protection::Challenge(ChallengeProtection {
            suite,
            key,
            enciphered,
            may_be_empty: true,
        }))
    }

    fn find_key(&self, id: KeyId) -> Result<key::FoundKey, StatusWord> {
        let environment = self.profile.environment().filter(|_| id.is_global());
        let environment = environment.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
        key::find(self.profile, environment, id, None)
    }
}
