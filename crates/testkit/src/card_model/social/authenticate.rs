//! GET CHALLENGE, EXTERNAL and INTERNAL AUTHENTICATE.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5, part 4 §9.3, part 7 §13; spec/social-security.md §2.6 to §2.8; spec/real-cards.md A3; invariant I-5.

use sscard_apdu::StatusWord;
use sscard_core::{KeyId, KeyPurpose};
use sscard_crypto::proves;

use super::form::when;
use crate::card_model::answer::{Answer, Unknown};
use crate::card_model::stand::{Outcome, Plain, Stand};

/// Bytes of authentication data, of original information, of a process factor.
pub(super) const PART: usize = 8;

/// GET CHALLENGE: random bytes, of use once in the current application.
pub(in crate::card_model) fn challenge(
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    stand.channel.challenge = None;
    answer.hole(plain.ne, Unknown::Challenge);
    Ok(StatusWord::SUCCESS)
}

/// What was computed, what of, and perhaps the key's version.
type Parts = ([u8; PART], [u8; PART], Option<u8>);

/// Two parts and perhaps a version.
fn parts(data: &[u8]) -> Result<Parts, StatusWord> {
    let (chunks, rest) = data.as_chunks::<PART>();
    match (chunks, rest) {
        ([first, second], []) => Ok((*first, *second, None)),
        ([first, second], [version]) => Ok((*first, *second, Some(*version))),
        _ => Err(StatusWord::WRONG_LENGTH),
    }
}

/// EXTERNAL AUTHENTICATE: the try is counted before the comparison; the block key never locks and answers 63CF.
pub(super) fn external(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let (shown, original, version) = parts(plain.data)?;
    let plan = stand.plan;
    let key = plan.social.key(stand.channel.social.df, plain.p2, version);
    let key = key.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    let counts = match key.slot.purpose {
        KeyPurpose::ExternalAuthentication | KeyPurpose::Lock => true,
        KeyPurpose::Block => false,
        _ => return Err(StatusWord::REFERENCED_DATA_NOT_FOUND),
    };
    let tries = stand.lasting.social.key_tries[key.index];
    when(tries > 0, StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
    let suite = key.suite.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
    let challenge = stand.channel.challenge.take().ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let left = if counts { tries - 1 } else { key.slot.tries };
    if counts {
        stand.at_once(|lasting| lasting.social_mut().key_tries[key.index] = left);
    }
    let right = suite.session_key(&key.key, &challenge).authentication_data(&original);
    when(proves(&right, &shown), StatusWord::with_tries_left(left))?;
    stand.at_once(|lasting| lasting.social_mut().key_tries[key.index] = key.slot.tries);
    stand.channel.social.prove(KeyId(plain.p2));
    Ok(StatusWord::SUCCESS)
}

/// INTERNAL AUTHENTICATE: authentication data under IRK and the terminal's process factor.
pub(super) fn internal(plain: Plain<'_>, stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    let (factor, original, version) = parts(plain.data)?;
    let key = stand.plan.social.key(stand.channel.social.df, KeyId::IRK.0, version);
    let key = key.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    let suite = key.suite.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
    answer.extend(&suite.session_key(&key.key, &factor).authentication_data(&original));
    Ok(StatusWord::SUCCESS)
}
