//! What a card is made from: profiles as TOML, built-in profiles, test master keys, holders.
//!
//! ```text
//! gen3.toml ──► load ──► Profile ─┐
//! seed, --set ─► holder ─► Holder ─┼─► issue ──► Card
//! division ──► MasterKeys ─► Keys ─┤
//! IccKeys: shared, or of the pool ─┘
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )
)]

mod account;
mod bank;
mod change;
mod companion;
mod delivery;
mod dgi;
mod export;
pub mod fields;
mod file;
pub mod gbk;
mod holder;
mod icc_keys;
mod master_keys;
mod named;
mod own;
mod pki;
mod place;
mod psam;
mod purse;
mod refusal;
mod rules;
mod schema;
mod signatures;
mod social;
mod social_keys;
mod test_keys;
mod twice;

pub use account::{
    INITIAL_BANK_PIN, IssuerMasterKeys, SEQUENCE_NUMBER, account_keys, account_number,
    bank_master_key, with_accounts,
};
pub use bank::{BankKeyUse, BankKeys, KnownLists, ProfileAuthority, authorities, bank_keys};
pub use change::{change_card, check_state};
pub use delivery::{LONG_AGO, block, set_file, set_pin_tries_left};
pub use dgi::load_dgi;
pub use export::{export, test_keys_of};
pub use file::{BUILT_IN, BUILT_IN_MODULES, built_in, load, load_beside};
pub use holder::{INITIAL_PIN, initial_pin, synthetic_holder};
pub use icc_keys::IccKeys;
pub use master_keys::MasterKeys;
pub use named::{NamedProfileError, from_file, named};
pub use pki::{
    CardCertificate, CardCertificateError, CertificateUse, PKI_ADMINISTRATOR_PIN, PKI_USER_PIN,
    pki_authority, signature_from_der, signature_to_der,
};
pub use refusal::{LoadError, ProfileRefusal, refusal_of};
pub use schema::SCHEMA;
pub use social_keys::{SocialKeys, social_keys};
pub use test_keys::{AUTHORITY_1408, AUTHORITY_1984, AUTHORITY_SM2, RID, RsaPair, TestKeys};

use sscard_core::{
    Card, DeliveryState, Holder, PersonalisationError, Profile, historical_bytes, personalise_in,
};

use crate::companion::Companion;

/// Makes a card with the keys that `masters` gives it, and with accounts of the test bank where the
/// holder has none. All such cards share their ICC keys. A holder with [`INITIAL_PIN`] gets
/// [`initial_pin`].
///
/// # Errors
/// What does not fit, by [`PersonalisationError`].
pub fn issue(
    profile: &Profile,
    holder: &Holder,
    masters: &MasterKeys,
) -> Result<Card, PersonalisationError> {
    issue_with(profile, holder, masters, IccKeys::Shared)
}

/// Makes a card as [`issue`] does, with ICC keys of one's choice: the certificates of the accounts
/// that are added are signed for them. An account that the holder brings keeps its certificates and
/// so the shared keys.
///
/// # Errors
/// What does not fit, by [`PersonalisationError`]; a pair that the pool does not have.
pub fn issue_with(
    profile: &Profile,
    holder: &Holder,
    masters: &MasterKeys,
    icc_keys: IccKeys,
) -> Result<Card, PersonalisationError> {
    issue_in(profile, holder, masters, icc_keys, &state_of(profile))
}

/// Makes a card as [`issue_with`] does, in a state of one's choice instead of the profile's; [`state_of`] is
/// where to begin.
///
/// # Errors
/// What does not fit, by [`PersonalisationError`].
pub fn issue_in(
    profile: &Profile,
    holder: &Holder,
    masters: &MasterKeys,
    icc_keys: IccKeys,
    state: &DeliveryState,
) -> Result<Card, PersonalisationError> {
    if !icc_keys.exist() {
        return Err(PersonalisationError::Account("the card pool has the pairs 0 to 15"));
    }
    let keys = account::keys_with(profile, holder, icc_keys);
    let keys = masters.keys_of(profile, holder).with_accounts(keys);
    let keys = match pki::own_pairs(profile, holder) {
        Some(pairs) => keys.with_pki(pairs),
        None => keys,
    };
    let keys = match masters.psam_keys(profile, holder) {
        Some(psam) => keys.with_psam(psam),
        None => keys,
    };
    let (mut complete, signed) = account::complete_signed(profile, holder, icc_keys);
    if holder.pin == INITIAL_PIN {
        complete.pin = initial_pin(profile);
    }
    if !signed {
        return Err(PersonalisationError::Account("its certificates cannot be signed"));
    }
    personalise_in(profile, &complete, &keys, state)
}

/// The holder that a profile names: its own, or the synthetic one of a seed, which is given or the profile's.
#[must_use]
pub fn holder_of(profile: &Profile, seed: Option<u64>) -> Holder {
    match Companion::of(profile) {
        Some(companion) => companion.delivery.holder(seed),
        None => synthetic_holder(seed.unwrap_or(1)),
    }
}

/// The state in which a profile hands its cards over.
#[must_use]
pub fn state_of(profile: &Profile) -> DeliveryState {
    Companion::of(profile).map(|companion| companion.delivery.state.clone()).unwrap_or_default()
}

/// What a profile says that works, but that may not be meant: an ATR of its own whose key factor is not that
/// of the card's keys.
#[must_use]
pub fn warnings(profile: &Profile, holder: &Holder, state: &DeliveryState) -> Vec<String> {
    let historical = historical_bytes(profile, holder);
    let factor = sscard_crypto::factor::card(&historical);
    factor.and_then(|factor| delivery::atr_warning(state, &factor)).into_iter().collect()
}

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
