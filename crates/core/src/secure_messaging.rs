//! Secure messaging of the social security card: a 4-byte MAC at the end of the data field, under
//! a session key of the secure messaging key and the latest challenge; the data before it plain or
//! enciphered (《社会保障（个人）卡规范》 part 4 §8).
//!
//! What enters: a command of class 04 or 84. What leaves: its plain data, or 6984 (no challenge),
//! 6700 (no room for a MAC), 6988 (wrong MAC). The challenge is used up by the attempt, so a replay
//! gets 6984. Invariant owned here: I-11.

use alloc::vec::Vec;

use sscard_apdu::{CommandApdu, StatusWord};
use sscard_crypto::{Key, Suite};
use zeroize::Zeroizing;

use crate::channel::Channel;

/// Bytes of the MAC at the end of the data.
pub(crate) const MAC_LENGTH: usize = 4;

/// How a command is protected.
pub enum Protection {
    /// By a session key of a card key and the latest challenge.
    Challenge(ChallengeProtection),
    /// By the applet's own rules; it gets the data as they came and takes the protection off itself.
    OfApplet,
}

/// The key of a protection by challenge, and whether the data is enciphered.
pub struct ChallengeProtection {
    pub(crate) suite: Suite,
    pub(crate) key: Key,
    pub(crate) enciphered: bool,
    /// Whether what is enciphered may be nothing: an empty PIN is one of the holder's card and none of the PKI application.
    pub(crate) may_be_empty: bool,
}

/// The data field without its protection.
pub(crate) enum Unwrapped<'a> {
    Plain(&'a [u8]),
    Deciphered(Zeroizing<Vec<u8>>),
}

impl Unwrapped<'_> {
    pub(crate) fn data(&self) -> &[u8] {
        match self {
            Self::Plain(data) => data,
            Self::Deciphered(data) => data,
        }
    }
}

/// Checks the MAC of `apdu` (whose data is `data` when it was chained) and deciphers.
pub(crate) fn unwrap<'a>(
    apdu: &CommandApdu<'_>,
    data: &'a [u8],
    protection: &ChallengeProtection,
    channel: &mut Channel,
) -> Result<Unwrapped<'a>, StatusWord> {
    let lc = u8::try_from(data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let (body, mac) = data.split_last_chunk::<MAC_LENGTH>().ok_or(StatusWord::WRONG_LENGTH)?;
    let challenge = channel.challenge.take().ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let session = protection.suite.session_key(&protection.key, challenge.given());
    let header = [apdu.class.byte(), apdu.ins, apdu.p1, apdu.p2, lc];
    if !session.verify_mac(&[&header, body], mac) {
        return Err(StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS);
    }
    if protection.enciphered && !body.is_empty() {
        let plain = session.decipher(body);
        let plain = plain.filter(|plain| protection.may_be_empty || !plain.is_empty());
        let plain = plain.ok_or(StatusWord::INCORRECT_DATA)?;
        Ok(Unwrapped::Deciphered(plain))
    } else {
        Ok(Unwrapped::Plain(body))
    }
}
