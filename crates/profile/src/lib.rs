//! What a card is made from: profiles as TOML, built-in profiles, test master keys, holders.
//!
//! ```text
//! gen3.toml ──► load ──► Profile ─┐
//! seed, --set ─► holder ─► Holder ─┼─► issue ──► Card
//! division ──► MasterKeys ─► Keys ─┘
//! ```
#![forbid(unsafe_code)]

pub mod fields;
mod file;
pub mod gbk;
mod holder;
mod master_keys;

pub use file::{BUILT_IN, LoadError, built_in, load};
pub use holder::{INITIAL_PIN, synthetic_holder};
pub use master_keys::MasterKeys;

use sscard_core::{Card, Holder, PersonalisationError, Profile, personalise};

/// Makes a card with the keys that `masters` gives it.
///
/// # Errors
/// What does not fit, by [`PersonalisationError`].
pub fn issue(
    profile: &Profile,
    holder: &Holder,
    masters: &MasterKeys,
) -> Result<Card, PersonalisationError> {
    personalise(profile, holder, &masters.keys_of(profile, holder))
}

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
