//! Accounts of the test bank: records, certificates and keys of one card.
//!
//! What enters: the profile's plan and a holder. What leaves: [`Account`] and [`AccountKeys`].
//! Account numbers begin with 999999, which is no bank's.

mod chain;
mod defaults;
mod draft;

use sscard_core::{
    Account, AccountKeys, AccountRecord, FinancialApplication, Holder, LifeCycle, Profile,
    TransactionKeys,
};
use sscard_crypto::Key;
use sscard_crypto::financial::{Cipher, DerivationOption, card_key};
use zeroize::Zeroizing;

use crate::bank::{AccountRecipe, BankKeyUse, hex_constant, recipe};
use crate::icc_keys::{IccKeys, IccPairs};
pub(crate) use chain::{Chain, OwnChain};
pub(crate) use draft::{Draft, RecordPlace, afl_places};

/// Offline PIN of the built-in card's bank account.
pub const INITIAL_BANK_PIN: &str = "123456";
/// Offline plaintext PIN, else online PIN, else signature, else nothing.
const CVM_LIST: &str = "00000000000000004103420 31E031F00";

/// Master keys of an issuer, for all its accounts.
#[derive(Clone, Debug)]
pub struct IssuerMasterKeys {
    /// For application cryptograms and their responses.
    pub cryptogram: Key,
    /// For the MACs of scripts and discretionary data.
    pub mac: Key,
    /// For what scripts encipher.
    pub encipherment: Key,
}

impl IssuerMasterKeys {
    /// The test bank's: readable, and marked as test keys.
    #[must_use]
    pub fn test() -> Self {
        let [cryptogram, mac, encipherment] = ["AC", "MAC", "ENC"].map(bank_master_key);
        Self { cryptogram, mac, encipherment }
    }

    /// The keys of a holder's accounts under this issuer; the ICC keys are the shared ones. What a profile
    /// says of master keys does not count here.
    #[must_use]
    pub fn account_keys(&self, profile: &Profile, holder: &Holder) -> Vec<AccountKeys> {
        let of = |cipher, _: &AccountRecipe, pan: &str, sequence: &str| {
            // An account number is 19 digits at most and the sequence number two: always fit for it.
            let derive = |master: &Key| {
                card_key(cipher, DerivationOption::A, master, pan, sequence)
                    .unwrap_or_else(|_| master.clone())
            };
            TransactionKeys {
                cryptogram: derive(&self.cryptogram),
                mac: derive(&self.mac),
                encipherment: derive(&self.encipherment),
            }
        };
        keys_by(of, profile, holder, IccKeys::Shared)
    }
}

/// Master keys of the test bank by their use: readable, and marked as test keys.
#[must_use]
pub fn bank_master_key(usage: &str) -> Key {
    let mut bytes = [b' '; Key::LENGTH];
    let text = format!("TEST BANK {usage:3} v1");
    for (place, byte) in bytes.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    Key::new(bytes)
}

/// The account number of a holder's card: 999999, the application, the card's serial, a check digit.
#[must_use]
pub fn account_number(holder: &Holder, application: u8) -> String {
    let serial = u32::from_be_bytes(holder.serial);
    let body = format!("999999{application:02}{serial:010}");
    format!("{body}{}", luhn(&body))
}

/// Sequence number of every test account.
pub const SEQUENCE_NUMBER: &str = "01";

/// The holder with an account for each payment application of the profile that has none yet. Their
/// certificates are for the shared ICC keys.
#[must_use]
pub fn with_accounts(profile: &Profile, holder: &Holder) -> Holder {
    complete(profile, holder, IccKeys::Shared)
}

/// The same with certificates for these ICC keys.
pub(crate) fn complete(profile: &Profile, holder: &Holder, icc_keys: IccKeys) -> Holder {
    complete_signed(profile, holder, icc_keys).0
}

/// The same, and whether everything could be signed that should be.
pub(crate) fn complete_signed(
    profile: &Profile,
    holder: &Holder,
    icc_keys: IccKeys,
) -> (Holder, bool) {
    let mut complete = holder.clone();
    let mut signed = true;
    let plan = &profile.blueprint().financial;
    for (index, application) in (0_u8..).zip(&plan.applications).skip(holder.accounts.len()) {
        let recipe = recipe(profile, index);
        let pairs = icc_keys.pairs(application, recipe);
        let records = records(recipe, application, holder, index, &pairs);
        signed &= records.is_some();
        let pin = recipe.pin.clone();
        complete.accounts.push(Account {
            records: records.unwrap_or_default(),
            objects: Vec::new(),
            pin: pin.unwrap_or_else(|| Zeroizing::new(INITIAL_BANK_PIN.to_owned())),
            counter: recipe.counters.transactions.unwrap_or(0),
            last_online_counter: recipe.counters.last_online.unwrap_or(0),
            pin_tries_left: recipe.counters.pin_tries,
            // A card that is only produced pays nothing yet.
            blocked: holder.life_cycle == LifeCycle::Deactivated,
        });
    }
    (complete, signed)
}

fn records(
    recipe: &AccountRecipe,
    plan: &FinancialApplication,
    holder: &Holder,
    index: u8,
    pairs: &IccPairs,
) -> Option<Vec<AccountRecord>> {
    let draft = Draft::new(recipe, plan, holder, index, pairs);
    let records = draft.individual(recipe, plan, pairs)?.into_iter();
    Some(records.map(|((sfi, number), content)| AccountRecord { sfi, number, content }).collect())
}

/// The keys of a holder's accounts; the ICC keys are the shared ones.
#[must_use]
pub fn account_keys(profile: &Profile, holder: &Holder) -> Vec<AccountKeys> {
    keys_with(profile, holder, IccKeys::Shared)
}

/// The same with these ICC keys for the accounts that [`complete`] adds: those that the holder
/// brings have certificates already.
pub(crate) fn keys_with(profile: &Profile, holder: &Holder, icc_keys: IccKeys) -> Vec<AccountKeys> {
    let of = |cipher, recipe: &AccountRecipe, pan: &str, sequence: &str| {
        // The profile's account number was looked at when it was read, the test bank's is 19 digits.
        let key = |usage| recipe.keys.card(cipher, usage, pan, sequence);
        let key = |usage| key(usage).unwrap_or_else(|_| recipe.keys.master(cipher, usage));
        TransactionKeys {
            cryptogram: key(BankKeyUse::Cryptogram),
            mac: key(BankKeyUse::Mac),
            encipherment: key(BankKeyUse::Encipherment),
        }
    };
    keys_by(of, profile, holder, icc_keys)
}

fn keys_by(
    of: impl Fn(Cipher, &AccountRecipe, &str, &str) -> TransactionKeys,
    profile: &Profile,
    holder: &Holder,
    icc_keys: IccKeys,
) -> Vec<AccountKeys> {
    let plan = &profile.blueprint().financial;
    (0_u8..)
        .zip(&plan.applications)
        .map(|(index, application)| {
            let recipe = recipe(profile, index);
            let (pan, sequence) = (recipe.number(holder, index), recipe.sequence_number());
            let is_brought = usize::from(index) < holder.accounts.len();
            let icc_keys = if is_brought { IccKeys::Shared } else { icc_keys };
            let pairs = icc_keys.pairs(application, recipe);
            AccountKeys {
                triple_des: of(Cipher::TripleDes, recipe, &pan, sequence),
                sm4: of(Cipher::Sm4, recipe, &pan, sequence),
                rsa: pairs.own_rsa(),
                sm2: pairs.own_sm2(),
            }
        })
        .collect()
}

/// An account number, or track 2 with its separator, filled with F.
pub(crate) fn packed(digits: &str) -> Vec<u8> {
    let even =
        if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("{digits}F") };
    hex_constant(&even)
}

fn ten_bytes(pan: &str) -> Option<[u8; 10]> {
    let mut bytes = [0xFF; 10];
    let digits = packed(pan);
    bytes.get_mut(..digits.len())?.copy_from_slice(&digits);
    Some(bytes)
}

/// Check digit by ISO/IEC 7812-1 annex B.
fn luhn(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(position, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            let weighed = if position.is_multiple_of(2) { digit.saturating_mul(2) } else { digit };
            (weighed / 10).saturating_add(weighed % 10)
        })
        .sum();
    10_u32.saturating_sub(sum % 10) % 10
}
