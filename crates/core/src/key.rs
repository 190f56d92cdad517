//! Keys on the card: where they lie, and their retry counters.

use sscard_apdu::StatusWord;
use sscard_crypto::{Key, Suite, proves};
use zeroize::Zeroizing;

use crate::access::KeyId;
use crate::channel::Channel;
use crate::nvm::Nvm;
use crate::profile::{KeyPurpose, KeySlot, Profile};

/// A key found for a command.
#[derive(Clone, Copy)]
pub(crate) struct FoundKey {
    pub(crate) slot: KeySlot,
    /// The recipes of its algorithm; `None` when it is not available (SSF33).
    pub(crate) suite: Option<Suite>,
    address: usize,
}

/// The key `id` as seen from `df`: a global identifier means the environment's key. Without a
/// version the current one counts, which is the first until a management of keys changes it.
///
/// # Errors
/// 6A88 when there is none.
pub(crate) fn find(
    profile: &Profile,
    df: u8,
    id: KeyId,
    version: Option<u8>,
) -> Result<FoundKey, StatusWord> {
    if !profile.is_in_environment(df) {
        return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
    }
    let owner = if id.is_global() { profile.environment() } else { Some(df) };
    let owner = owner.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    let df = profile.df(owner).ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    df.keys
        .iter()
        .enumerate()
        .find(|(_, slot)| slot.id == id && version.is_none_or(|version| version == slot.version))
        .map(|(position, slot)| FoundKey {
            slot: *slot,
            suite: profile.key_suite(df.fid, slot),
            address: profile.layout().key(owner, position),
        })
        .ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)
}

impl FoundKey {
    pub(crate) fn value(&self, nvm: &Nvm) -> Key {
        let bytes = Zeroizing::new(nvm.array::<16>(self.address.saturating_add(1)));
        Key::new(*bytes)
    }

    fn is_locked(&self, nvm: &Nvm) -> bool {
        nvm.tries(self.address) == 0
    }

    /// Counts a try before it is looked at; the block key counts none.
    fn count_try(&self, nvm: &mut Nvm) -> Result<u8, StatusWord> {
        if self.slot.purpose == KeyPurpose::Block {
            return Ok(self.slot.tries);
        }
        let tries = nvm.tries(self.address);
        let left = tries.checked_sub(1).ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
        nvm.write_through(self.address, left)?;
        Ok(left)
    }

    /// Gives all tries back after success.
    fn reset_tries(&self, nvm: &mut Nvm) -> Result<(), StatusWord> {
        Ok(nvm.write_through(self.address, self.slot.tries)?)
    }

    /// EXTERNAL AUTHENTICATE under the latest challenge, which is used up; the try is counted before the
    /// comparison.
    ///
    /// # Errors
    /// 63Cx wrong, x tries left; 6983 locked; 6984 no challenge; 6A81 the card's algorithm is not
    /// available; 6A88 a key for something else.
    pub(crate) fn authenticate(
        &self,
        nvm: &mut Nvm,
        channel: &mut Channel,
        [authentication, original]: [&[u8; 8]; 2],
    ) -> Result<(), StatusWord> {
        let purpose = self.slot.purpose;
        if !matches!(
            purpose,
            KeyPurpose::ExternalAuthentication | KeyPurpose::Block | KeyPurpose::Lock
        ) {
            return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
        }
        if self.is_locked(nvm) {
            return Err(StatusWord::AUTHENTICATION_METHOD_BLOCKED);
        }
        let suite = self.suite.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
        let challenge = channel.challenge.take().ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
        let left = self.count_try(nvm)?;
        let session = suite.session_key(&self.value(nvm), challenge.given());
        if !proves(&session.authentication_data(original), authentication) {
            return Err(StatusWord::with_tries_left(left));
        }
        self.reset_tries(nvm)
    }
}
