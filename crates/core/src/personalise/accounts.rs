//! Accounts and their keys into the memory of a card that is being made.

use sscard_crypto::financial::format_2_block;

use super::PersonalisationError;
use crate::account::{Account, AccountKeys};
use crate::nvm::Nvm;
use crate::profile::{Area, FinancialApplication, FinancialLayout};

/// Writes one account into the memory of a card that is being made.
pub(super) fn write(
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
    put(at(Area::ATC), &account.counter.to_be_bytes())?;
    put(at(Area::LAST_ONLINE_ATC), &account.last_online_counter.to_be_bytes())?;
    if let Some(left) = account.pin_tries_left {
        put(at(Area::PIN_TRIES), &[left.min(plan.pin_tries)])?;
    }
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
            .position(|planned| {
                (planned.sfi.number(), planned.number) == (record.sfi, record.number)
            })
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
