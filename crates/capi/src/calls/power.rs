//! Power, and how it fails.

use std::ffi::c_int;

use sscard_core::{Card, Interface};

use crate::held::Held;
use crate::last_error::code_of;
use crate::table::{self, sscard_card};

/// Gives the card power by its contacts; one that has power gets it anew. sscard_atr tells the
/// answer to reset.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_POWER_LOST,
/// SSCARD_E_REMOVED, SSCARD_E_INTERNAL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_power_on(card: *mut sscard_card) -> c_int {
    code_of(|| table::change(card, |held| held.power_on(Interface::Contact)))
}

/// Puts the card into the field of a contactless reader, which gives it power.
///
/// Returns what sscard_power_on does.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_enter_field(card: *mut sscard_card) -> c_int {
    code_of(|| table::change(card, |held| held.power_on(Interface::Contactless)))
}

/// Takes the power away: the session ends. A card without power stays as it is.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_power_off(card: *mut sscard_card) -> c_int {
    code_of(|| table::change(card, |held| held.card_mut().map(Card::power_off)))
}

/// Resets a card that has power: the session ends, and the card answers to reset on the side that
/// it was on.
///
/// Returns what sscard_power_on does, and SSCARD_E_NO_POWER.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_reset(card: *mut sscard_card) -> c_int {
    code_of(|| table::change(card, Held::reset))
}

/// Lets the power fail before the byte after so many more bytes are written to the card's memory:
/// with 0 before the next byte. A power-on writes, too. The call in which it fails gives
/// SSCARD_E_POWER_LOST; the next sscard_power_on finds what a real card would. UINT64_MAX takes
/// back what was asked for.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_power_cut(card: *mut sscard_card, bytes: u64) -> c_int {
    code_of(|| table::change(card, |held| held.card_mut().map(|card| card.cut_power_after(bytes))))
}
