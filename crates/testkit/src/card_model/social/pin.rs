//! The holder's PIN: VERIFY, CHANGE PIN, PIN UNBLOCK, RELOAD PIN.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5 §6.14 and tables 25, 26, part 7 §5; spec/social-security.md §2.9 to §2.11; docs/decisions.md "a wrong PIN",
//! "CHANGE PIN", "RELOAD PIN"; invariant I-5.

use std::sync::Arc;

use sscard_apdu::StatusWord;
use sscard_core::PinDigits;

use super::form::{SEPARATOR, when};
use crate::card_model::stand::{Outcome, Plain, Stand};

/// VERIFY: presents the PIN, or asks for the tries.
pub(super) fn verify(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let is_here = stand.plan.social.is_in_environment(stand.channel.social.df);
    when(is_here, StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    let social = &stand.lasting.social;
    if !plain.data.is_empty() {
        compare(plain.data, stand)?;
    } else if !social.pin.is_empty() {
        return Err(StatusWord::with_tries_left(social.pin_tries));
    }
    stand.channel.social.pin = true;
    Ok(StatusWord::SUCCESS)
}

/// CHANGE PIN: does not count as a verification.
pub(super) fn change(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let plan = &stand.plan.social;
    let is_environment = plan.environment() == Some(stand.channel.social.df);
    when(is_environment, StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
    let separator = plain.data.iter().position(|byte| *byte == SEPARATOR);
    let (old, new) = plain.data.split_at(separator.ok_or(StatusWord::INCORRECT_DATA)?);
    when(is_pin(&new[1..], plan.pin_digits), StatusWord::INCORRECT_DATA)?;
    compare(old, stand)?;
    set(&new[1..], stand);
    Ok(StatusWord::SUCCESS)
}

/// PIN UNBLOCK gives the tries back, RELOAD PIN a new PIN as well, which has to be verified anew.
pub(super) fn unblock_or_reload(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    if plain.p2 == 0 {
        stand.lasting.social_mut().pin_tries = stand.plan.social.pin_tries;
        return Ok(StatusWord::SUCCESS);
    }
    when(is_pin(plain.data, stand.plan.social.pin_digits), StatusWord::INCORRECT_DATA)?;
    set(plain.data, stand);
    stand.channel.social.pin = false;
    Ok(StatusWord::SUCCESS)
}

/// Counts a try, then compares; a wrong PIN takes back an earlier verification.
fn compare(presented: &[u8], stand: &mut Stand<'_>) -> Result<(), StatusWord> {
    let tries = stand.lasting.social.pin_tries;
    let most = stand.plan.social.pin_tries;
    let verified = std::mem::take(&mut stand.channel.social.pin);
    when(tries > 0, StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
    stand.at_once(|lasting| lasting.social_mut().pin_tries = tries - 1);
    when(*stand.lasting.social.pin == *presented, StatusWord::with_tries_left(tries - 1))?;
    stand.at_once(|lasting| lasting.social_mut().pin_tries = most);
    stand.channel.social.pin = verified;
    Ok(())
}

fn set(pin: &[u8], stand: &mut Stand<'_>) {
    let social = stand.lasting.social_mut();
    social.pin = Arc::from(pin);
    social.pin_tries = stand.plan.social.pin_tries;
}

/// No PIN, or decimal digits two to a byte, as many as the card admits, an odd one filled with F.
fn is_pin(pin: &[u8], digits: PinDigits) -> bool {
    let mut nibbles: Vec<u8> = pin.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).collect();
    if nibbles.last() == Some(&0x0F) {
        nibbles.pop();
    }
    pin.is_empty()
        || nibbles.iter().all(|digit| *digit <= 9)
            && (digits.min.into()..=digits.max.into()).contains(&nibbles.len())
}
