//! What is individual to one account of the financial function: records, PIN, balance, keys.

use alloc::string::String;
use alloc::vec::Vec;

use sscard_crypto::Key;
use sscard_crypto::financial::format_2_block;
use zeroize::Zeroizing;

use crate::nvm::Nvm;
use crate::personalise::PersonalisationError;
use crate::profile::{Area, DataObject, FinancialApplication, FinancialLayout};

/// The individual data of one payment application; for its keys see [`AccountKeys`].
#[derive(Clone, Default)]
pub struct Account {
    /// Records that differ from the plan's.
    pub records: Vec<AccountRecord>,
    /// Data objects that differ from the plan's.
    pub objects: Vec<DataObject>,
    /// Offline PIN, 4 to 12 digits.
    pub pin: Zeroizing<String>,
    /// Whether the application is handed over blocked: it works after APPLICATION UNBLOCK.
    pub blocked: bool,
}

/// The content of one record of SFI 1…10.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRecord {
    /// Short file identifier.
    pub sfi: u8,
    /// Record number.
    pub number: u8,
    /// Value of its template 70.
    pub content: Vec<u8>,
}

/// Card keys of one family of algorithms.
#[derive(Clone)]
pub struct TransactionKeys {
    /// For cryptograms (UDK-AC).
    pub cryptogram: Key,
    /// For MACs (UDK-MAC).
    pub mac: Key,
    /// For encipherment (UDK-ENC).
    pub encipherment: Key,
}

/// The keys of one payment application.
#[derive(Clone)]
pub struct AccountKeys {
    /// Triple DES.
    pub triple_des: TransactionKeys,
    /// SM4.
    pub sm4: TransactionKeys,
    /// Private RSA key: p, q, d mod p-1, d mod q-1, q⁻¹ mod p, half a modulus each; empty for the
    /// plan's.
    pub rsa: Zeroizing<Vec<u8>>,
    /// Private SM2 key, 32 bytes; `None` for the plan's.
    pub sm2: Option<Zeroizing<[u8; 32]>>,
}

/// Writes one account into the memory of a card that is being made.
pub(crate) fn write(
    nvm: &mut Nvm,
    plan: &FinancialApplication,
    place: &FinancialLayout,
    account: &Account,
    keys: &AccountKeys,
) -> Result<(), PersonalisationError> {
    let misfit = |what| PersonalisationError::Account(what);
    let at = |offset: usize| place.base.saturating_add(offset);
    let mut put = |address: usize, bytes: &[u8]| {
        nvm.preset(address, bytes).map_err(|_| misfit("the memory is too small"))
    };
    let block = format_2_block(&account.pin).ok_or(misfit("the PIN must be 4 to 12 digits"))?;
    put(at(Area::PIN), &*block)?;
    put(at(Area::STATE), &[u8::from(account.blocked)])?;
    let families = [&keys.triple_des, &keys.sm4];
    let all =
        families.iter().flat_map(|family| [&family.cryptogram, &family.mac, &family.encipherment]);
    for (position, key) in all.enumerate() {
        put(at(Area::KEYS).saturating_add(position.saturating_mul(16)), key.expose())?;
    }
    if let Some(key) = &keys.sm2 {
        put(at(Area::SM2), &**key)?;
    }
    let half = usize::from(plan.rsa_modulus).div_ceil(2);
    if !keys.rsa.is_empty() {
        if keys.rsa.len() != half.saturating_mul(5) {
            return Err(misfit("the RSA key has another length than the profile says"));
        }
        put(at(Area::RSA), &keys.rsa)?;
    }
    for object in &account.objects {
        match place.object(object.tag) {
            Some((address, length)) if length == object.value.len() => {
                put(address, &object.value)?;
            }
            _ => return Err(misfit("a data object is not on the card, or has another length")),
        }
    }
    for record in &account.records {
        let position = plan
            .records
            .iter()
            .position(|planned| (planned.sfi, planned.number) == (record.sfi, record.number))
            .ok_or(misfit("a record is not in the profile"))?;
        let capacity = plan.records.get(position).map_or(0, |planned| planned.capacity);
        let length = u8::try_from(record.content.len())
            .ok()
            .filter(|length| u16::from(*length) <= capacity)
            .ok_or(misfit("a record is longer than the profile says"))?;
        let address = place.record(position).ok_or(misfit("a record is not in the profile"))?;
        put(address, &[length])?;
        put(address.saturating_add(1), &record.content)?;
    }
    Ok(())
}
