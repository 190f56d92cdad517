//! Commands on the holder's PIN.

use sscard_apdu::StatusWord;

use crate::applet::Context;
use crate::pin::{self, Pin};

/// VERIFY (INS 20): presents the PIN; without data it asks for the tries left.
///
/// The query answers 9000 only when no PIN is set, which also counts as verified.
///
/// # Status
/// `9000`; `63Cx` wrong (or the query's answer), x tries left; `6700` no length of the profile's; `6983`
/// locked; `6A86`; `6A88` no PIN here or P2 not 00; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5 §6.14, part 7 §5.
pub(super) fn verify(
    context: &mut Context<'_>,
    presented: &[u8],
) -> Result<StatusWord, StatusWord> {
    if !context.profile.is_in_environment(context.channel.cursor.df) {
        return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
    }
    let pin = Pin::of_card(context.profile);
    if presented.is_empty() && pin.is_set(context.nvm) {
        return Err(StatusWord::with_tries_left(pin.tries_left(context.nvm)));
    }
    if !presented.is_empty() {
        compare(context, presented)?;
    }
    context.channel.security.set_pin(true);
    Ok(StatusWord::SUCCESS)
}

/// CHANGE PIN (`80 5E 01 00`): old PIN, FF, new PIN; either may be empty.
///
/// Success gives all tries back.
///
/// # Status
/// `9000`; `63Cx` the old PIN is wrong; `6700` shorter or longer than two PINs can be; `6983` locked; `6985` the
/// environment itself is not selected \[choice\]; `6A80` no FF, or the new PIN is none as the profile
/// has them; `6A86`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
pub(super) fn change(
    context: &mut Context<'_>,
    old: &[u8],
    new: &[u8],
) -> Result<StatusWord, StatusWord> {
    if context.profile.environment() != Some(context.channel.cursor.df) {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    if !pin::is_well_formed(new, context.profile.blueprint().pin_digits) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    compare(context, old)?;
    Pin::of_card(context.profile).set(context.nvm, new)?;
    Ok(StatusWord::SUCCESS)
}

/// PIN UNBLOCK (`84 24 00 00`): gives all tries back; the PIN stays.
///
/// # Status
/// `9000`; `6700` more than a MAC; `6982` not authenticated with PUK; `6984` no challenge; `6988`
/// wrong MAC; `6A86`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5 tables 25 and 26.
pub(super) fn unblock(context: &mut Context<'_>) -> Result<StatusWord, StatusWord> {
    Pin::of_card(context.profile).unblock(context.nvm)?;
    Ok(StatusWord::SUCCESS)
}

/// RELOAD PIN (`84 24 00 01`): sets a new PIN (none when the data is a MAC alone) and gives all
/// tries back. The PIN has to be verified anew \[choice\].
///
/// # Status
/// As [`unblock`]; `6A80` the deciphered block is no PIN.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5 tables 25 and 26.
pub(super) fn reload(context: &mut Context<'_>, new: &[u8]) -> Result<StatusWord, StatusWord> {
    if !pin::is_well_formed(new, context.profile.blueprint().pin_digits) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    Pin::of_card(context.profile).set(context.nvm, new)?;
    context.channel.security.set_pin(false);
    Ok(StatusWord::SUCCESS)
}

/// A wrong PIN also takes back an earlier verification.
fn compare(context: &mut Context<'_>, presented: &[u8]) -> Result<(), StatusWord> {
    let compared = Pin::of_card(context.profile).verify(context.nvm, presented);
    if compared.is_err() {
        context.channel.security.set_pin(false);
    }
    compared
}
