//! Secure messaging: a MAC of four bytes at the end of the data, under a session key of the messaging key and the latest challenge; a PIN
//! before it is enciphered.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 4 §8; docs/decisions.md: 6985 → 6982 → 6984 → 6988 → 6A80; the attempt uses the challenge up (I-11).

use std::borrow::Cow;

use sscard_apdu::{CommandApdu, StatusWord};
use sscard_commands::ins;
use sscard_core::KeyId;
use sscard_crypto::proves;

use super::form::{MAC, when};
use super::plan::KnownKey;
use super::{Plan, files, states};
use crate::card_model::stand::{Plain, Stand};

/// The data of a protected command without its protection.
pub(super) fn open<'a>(
    apdu: &CommandApdu<'_>,
    plain: Plain<'a>,
    stand: &mut Stand<'_>,
) -> Result<Cow<'a, [u8]>, StatusWord> {
    let plan = &stand.plan.social;
    let key = messaging_key(plan, stand.channel.social.df, plain.ins);
    let suite = key.map_or(plan.suite, |key| key.suite);
    let suite = suite.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
    authorised(plain, stand)?;
    let key = key.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    let challenge = stand.channel.challenge.take().ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let session = suite.session_key(&key.key, &challenge);
    let (body, mac) = plain.data.split_last_chunk::<MAC>().ok_or(StatusWord::WRONG_LENGTH)?;
    let lc = u8::try_from(plain.data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let header = [apdu.class.byte(), plain.ins, plain.p1, plain.p2, lc];
    let is_right = proves(&session.mac_parts(&[&header, body]), mac);
    when(is_right, StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS)?;
    if plain.ins == ins::PIN_UNBLOCK && !body.is_empty() {
        let deciphered = session.decipher(body).ok_or(StatusWord::INCORRECT_DATA)?;
        return Ok(Cow::Owned(deciphered.to_vec()));
    }
    Ok(Cow::Borrowed(body))
}

/// STK of the environment; of a DF its own, for UPDATE and APPLICATION BLOCK in it.
pub(super) fn messaging_key(plan: &Plan, df: u8, ins: u8) -> Option<&KnownKey> {
    let is_own = plan.environment() != Some(df)
        && matches!(ins, ins::UPDATE_BINARY | ins::UPDATE_RECORD | ins::APPLICATION_BLOCK);
    let id = if is_own { KeyId::STK_OF_APPLICATION } else { KeyId::STK };
    plan.key(df, id.0, None)
}

/// Whether the terminal may do what it asks for; only then is the MAC looked at.
fn authorised(plain: Plain<'_>, stand: &Stand<'_>) -> Result<(), StatusWord> {
    let session = &stand.channel.social;
    let is_met = match plain.ins {
        ins::UPDATE_BINARY => {
            let (_, file) = files::of_binary_command(plain, stand)?;
            files::size(file)?;
            session.satisfies(file.update)
        }
        ins::UPDATE_RECORD => {
            let (_, file) = files::of_record_command(plain, stand)?;
            files::require_records(file)?;
            session.satisfies(file.update)
        }
        ins::APPLICATION_BLOCK => session.has_proved(states::blocking_key(stand)?),
        ins::CARD_BLOCK => session.has_proved(KeyId::BK),
        _ => session.has_proved(KeyId::PUK),
    };
    when(is_met, StatusWord::SECURITY_STATUS_NOT_SATISFIED)
}
