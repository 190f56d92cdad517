//! What a card is made from: profiles as TOML, built-in profiles, test master keys, holders.
//!
//! ```text
//! gen3.toml ──► load ──► Profile ─┐
//! seed, --set ─► holder ─► Holder ─┼─► issue ──► Card
//! division ──► MasterKeys ─► Keys ─┘
//! ```
#![forbid(unsafe_code)]

mod account;
mod bank;
pub mod fields;
mod file;
pub mod gbk;
mod holder;
mod master_keys;
mod purse;
mod signatures;
mod test_keys;

pub use account::{
    INITIAL_BANK_PIN, SEQUENCE_NUMBER, account_keys, account_number, bank_master_key, with_accounts,
};
pub use file::{BUILT_IN, LoadError, built_in, load};
pub use holder::{INITIAL_PIN, synthetic_holder};
pub use master_keys::MasterKeys;
pub use test_keys::{AUTHORITY_1408, AUTHORITY_1984, AUTHORITY_SM2, RID, RsaPair, TestKeys};

use sscard_core::{Card, Holder, PersonalisationError, Profile, personalise};

/// Makes a card with the keys that `masters` gives it, and with accounts of the test bank where the
/// holder has none.
///
/// # Errors
/// What does not fit, by [`PersonalisationError`].
pub fn issue(
    profile: &Profile,
    holder: &Holder,
    masters: &MasterKeys,
) -> Result<Card, PersonalisationError> {
    let keys = masters.keys_of(profile, holder).with_accounts(account_keys(profile, holder));
    personalise(profile, &with_accounts(profile, holder), &keys)
}

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
