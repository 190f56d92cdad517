//! The two PINs: VERIFY by challenge, CHANGE PIN, PIN UNBLOCK and RELOAD PIN.

use sscard_apdu::{CommandApdu, StatusWord};
use sscard_crypto::pki::pin_proof;
use sscard_crypto::{Key, Suite, proves};

use super::lasting::Pin;
use super::{Needs, admit};
use crate::card_model::stand::{Outcome, Plain, Stand};

/// Which PIN: its place among the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whose {
    User = 0,
    Administrator = 1,
}

impl Whose {
    /// P2: 81 the user's, 00 the administrator's.
    pub(super) const fn reference(self) -> u8 {
        match self {
            Self::User => 0x81,
            Self::Administrator => 0x00,
        }
    }

    fn of(plain: Plain<'_>) -> Result<Self, StatusWord> {
        match (plain.p1, plain.p2) {
            (0x01, 0x81) => Ok(Self::User),
            (0x01, 0x00) => Ok(Self::Administrator),
            (0x01, _) => Err(StatusWord::REFERENCED_DATA_NOT_FOUND),
            _ => Err(StatusWord::INCORRECT_P1_P2),
        }
    }
}

fn most_tries(whose: Whose, stand: &Stand<'_>) -> u8 {
    stand.plan.pki.as_ref().map_or(0, |plan| plan.tries[whose as usize])
}

/// VERIFY: what SM4 under the PIN's key makes of the latest challenge; without data the tries are asked for.
pub(super) fn verify(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let whose = Whose::of(plain)?;
    if !matches!(plain.data.len(), 0 | 16) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    admit(Needs::Nobody, stand)?;
    let place = whose as usize;
    let pin = stand.lasting.pki.pins[place];
    if plain.data.is_empty() {
        return if stand.channel.pki.verified[place] {
            Ok(StatusWord::SUCCESS)
        } else {
            Err(StatusWord::with_tries_left(pin.tries))
        };
    }
    let left = pin.tries.checked_sub(1).ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
    let challenge = stand.channel.challenge.take().filter(|challenge| challenge.len() >= 8);
    let challenge = challenge.ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    stand.at_once(|lasting| lasting.pki_mut().pins[place].tries = left);
    let is_right = proves(&pin_proof(&Key::new(pin.key), &challenge), plain.data);
    stand.channel.pki.verified[place] = is_right;
    if !is_right {
        return Err(StatusWord::with_tries_left(left));
    }
    let most = most_tries(whose, stand);
    stand.at_once(|lasting| lasting.pki_mut().pins[place].tries = most);
    Ok(StatusWord::SUCCESS)
}

/// CHANGE PIN: each after its own VERIFY and under its own key; the new one has to be verified anew.
pub(super) fn change(apdu: &CommandApdu<'_>, plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let whose = Whose::of(plain)?;
    let needs = [Needs::User, Needs::Administrator][whose as usize];
    admit(needs, stand)?;
    if plain.data.len() != 16 + 4 {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let new = uncover(apdu, plain, whose, stand)?;
    set(whose, &new, stand)
}

/// PIN UNBLOCK, and RELOAD PIN where it brings a new one: the user's, by the administrator and under the administrator's key.
pub(super) fn unblock(apdu: &CommandApdu<'_>, plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    if Whose::of(plain)? == Whose::Administrator {
        return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
    }
    admit(Needs::Administrator, stand)?;
    if !matches!(plain.data.len(), 4 | 20) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let new = uncover(apdu, plain, Whose::Administrator, stand)?;
    if new.is_empty() { give_tries_back(Whose::User, stand) } else { set(Whose::User, &new, stand) }
}

/// Takes the protection off: MAC and encipherment under a session key of the PIN's key and the challenge, which is used up.
fn uncover(
    apdu: &CommandApdu<'_>,
    plain: Plain<'_>,
    by: Whose,
    stand: &mut Stand<'_>,
) -> Result<Vec<u8>, StatusWord> {
    let (body, mac) = plain.data.split_at(plain.data.len() - 4);
    let challenge = stand.channel.challenge.take();
    let challenge = challenge.ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let key = Key::new(stand.lasting.pki.pins[by as usize].key);
    let session = Suite::Sm4.session_key(&key, &challenge);
    let lc = u8::try_from(plain.data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let header = [apdu.class.byte(), plain.ins, plain.p1, plain.p2, lc];
    if !proves(&session.mac_parts(&[&header, body]), mac) {
        return Err(StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS);
    }
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let new = session.decipher(body).map(|new| new.to_vec());
    // An empty one deciphers, and is no PIN.
    new.filter(|new| is_pin(new)).ok_or(StatusWord::INCORRECT_DATA)
}

/// 4 to 16 digits, two to a byte, an odd one filled with F.
fn is_pin(pin: &[u8]) -> bool {
    let Some((last, before)) = pin.split_last() else { return false };
    let digit = |nibble: u8| nibble <= 9;
    (2..=8).contains(&pin.len())
        && before.iter().all(|byte| digit(byte >> 4) && digit(byte & 0x0F))
        && digit(last >> 4)
        && (digit(last & 0x0F) || last & 0x0F == 0x0F)
}

fn set(whose: Whose, new: &[u8], stand: &mut Stand<'_>) -> Outcome {
    stand.lasting.pki_mut().pins[whose as usize].key = Pin::key_of(new);
    give_tries_back(whose, stand)
}

fn give_tries_back(whose: Whose, stand: &mut Stand<'_>) -> Outcome {
    let most = most_tries(whose, stand);
    stand.lasting.pki_mut().pins[whose as usize].tries = most;
    stand.channel.pki.verified[whose as usize] = false;
    Ok(StatusWord::SUCCESS)
}
