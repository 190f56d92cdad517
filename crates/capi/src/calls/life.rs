//! Cards come and go.

use std::ffi::{c_char, c_int};
use std::ptr;

use crate::boundary::{bytes, text};
use crate::held::Held;
use crate::last_error::{code_of, value_of};
use crate::making;
use crate::refusal::Refusal;
use crate::table::{self, sscard_card};

fn card_of(card: impl FnOnce() -> Result<sscard_core::Card, Refusal>) -> *mut sscard_card {
    value_of(ptr::null_mut(), || table::insert(Box::new(Held::new(card()?))))
}

/// A new card with TEST keys, without power: the one that `sscard new --profile PROFILE --seed
/// SEED` makes.
///
/// `profile` is the name of a built-in profile (`gen1`, `gen2`, `gen3`, `psam-3des`, `psam-sm4`) or
/// the path of a TOML file. The same profile and seed give the same card.
///
/// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_ARGUMENT (not UTF-8), SSCARD_E_PROFILE,
/// SSCARD_E_FILE, SSCARD_E_TOO_MANY.
///
/// # Safety
/// `profile` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_card_new(profile: *const c_char, seed: u64) -> *mut sscard_card {
    card_of(|| {
        // SAFETY: the caller's word.
        making::issue(unsafe { text(profile, "profile") }?, seed)
    })
}

/// The card of an image that is in memory, without power.
///
/// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_ARGUMENT, SSCARD_E_IMAGE,
/// SSCARD_E_TOO_MANY.
///
/// # Safety
/// `image` is NULL or points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_card_from_image(
    image: *const u8,
    length: usize,
) -> *mut sscard_card {
    card_of(|| {
        // SAFETY: the caller's word.
        making::of_image(unsafe { bytes(image, length, "image") }?)
    })
}

/// The card of an image in a file, without power. The file is read and stays as it is, whatever
/// becomes of the card.
///
/// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_ARGUMENT (not UTF-8), SSCARD_E_FILE,
/// SSCARD_E_IMAGE, SSCARD_E_TOO_MANY.
///
/// # Safety
/// `path` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_card_from_file(path: *const c_char) -> *mut sscard_card {
    card_of(|| {
        // SAFETY: the caller's word.
        making::of_file(unsafe { text(path, "path") }?)
    })
}

/// A card of its own that is as this one is now: memory, power, session, a power cut that is armed.
/// It serves as a snapshot as well, for sscard_restore. Faults are the reader's; a clone has none.
///
/// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY,
/// SSCARD_E_TOO_MANY, SSCARD_E_INTERNAL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_card_clone(card: *const sscard_card) -> *mut sscard_card {
    card_of(|| Ok(table::look(card)?.card()?.clone()))
}

/// Frees a card; NULL is harmless. A card that was freed already is left alone, and so is one that
/// another thread is using, which stays: then sscard_last_code says SSCARD_E_HANDLE or
/// SSCARD_E_BUSY.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_card_free(card: *mut sscard_card) {
    if !card.is_null() {
        code_of(|| table::remove(card));
    }
}

/// Puts the state of `from` in the place of that of `into`: memory, power, session, an armed power
/// cut or none. Nothing is allocated where both come from one card by sscard_card_clone. Faults of
/// `into` stay. A card whose call panicked is usable again.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, or SSCARD_E_INTERNAL when
/// `from` is broken.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_restore(into: *mut sscard_card, from: *const sscard_card) -> c_int {
    code_of(|| {
        if into.cast_const() == from {
            return table::look(from)?.card().map(|_| ());
        }
        let from = table::look(from)?;
        let from = from.card()?;
        table::change(into, |held| {
            held.restore(from);
            Ok(())
        })
    })
}
