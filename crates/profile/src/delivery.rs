//! The tables `[holder]` and `[state]` of a profile: who holds the card, and in what state it is handed over.

mod accounts;
mod psam;
mod tables;
#[cfg(test)]
mod tests;

use sscard_apdu::simple_tlv::SimpleTlvReader;
use sscard_apdu::{FileId, bcd};
use sscard_core::catalogue::SSSE;
use sscard_core::{
    Blueprint, DeliveryState, FileState, Holder, ItemOverride, KeyId, KeyState, LifeCycle,
    Structure,
};
use zeroize::Zeroizing;

pub(crate) use tables::{
    AccountStateTable, HolderTable, LifeCycleName, PurseStateTable, StateTable,
};

use accounts::{account, read_account, read_purse};

use crate::fields;
use crate::refusal::LoadError;
use crate::rules::{byte, bytes, directory, identifier};
use crate::social::{contradiction, value};
use crate::synthetic_holder;

/// Record identifiers of EF05 and EF06 that are the holder's and the card's own.
const PERSONAL: [(u16, [u8; 7]); 2] = [
    (0xEF05, [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07]),
    (0xEF06, [0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D]),
];
pub(crate) const EXPIRY: u8 = 0x06;
/// Two PINs, two pairs, two certificates.
const LONGEST_PKI: usize = 2274;
/// Last day of a card that has expired, whatever the day it is used on: BCD YYYYMMDD.
pub const LONG_AGO: [u8; 4] = [0x20, 0x19, 0x12, 0x31];

/// What a profile says of holder and state.
#[derive(Clone, Default)]
pub(crate) struct Delivery {
    seed: Option<u64>,
    division: Option<[u8; 6]>,
    serial: Option<[u8; 4]>,
    pin: Option<Zeroizing<Vec<u8>>>,
    items: Vec<ItemOverride>,
    pub(crate) expired: bool,
    pub(crate) life_cycle: Option<LifeCycle>,
    pub(crate) state: DeliveryState,
}

impl Delivery {
    /// The holder: who the profile says, unless a seed is given.
    pub(crate) fn holder(&self, seed: Option<u64>) -> Holder {
        let mut holder = synthetic_holder(seed.or(self.seed).unwrap_or(1));
        if seed.is_none() {
            if let Some(division) = self.division {
                (holder.division, holder.initialised_in) = (division, division);
            }
            holder.serial = self.serial.unwrap_or(holder.serial);
            holder.overrides.clone_from(&self.items);
        }
        if let Some(pin) = &self.pin {
            holder.pin = pin.to_vec();
        }
        if self.expired {
            holder.overrides.push(ItemOverride { tag: EXPIRY, value: LONG_AGO.to_vec() });
        }
        holder.life_cycle = self.life_cycle.unwrap_or(holder.life_cycle);
        holder
    }
}

/// Reads both tables against the plan that they stand beside. `personal` are the records of EF05 and EF06 that
/// the profile gives, by their files.
pub(crate) fn delivery(
    holder: Option<&HolderTable>,
    state: Option<&StateTable>,
    atr: Option<&str>,
    blueprint: &Blueprint,
    personal: &[FileId],
) -> Result<Delivery, LoadError> {
    let items = personal_records(blueprint, personal);
    let mut delivery = Delivery { items, ..Delivery::default() };
    if let Some(table) = holder {
        read_holder(table, blueprint, &mut delivery)?;
    }
    if let Some(text) = atr {
        let wanted = "an ATR of 2 to 33 bytes in hexadecimal";
        let atr = bytes(text).filter(|atr| (2..=33).contains(&atr.len()));
        delivery.state.atr = Some(atr.ok_or_else(|| value("atr", text, wanted))?);
    }
    if let Some(table) = state {
        read_state(table, blueprint, &mut delivery)?;
    }
    Ok(delivery)
}

/// Records of these files of the environment that are the holder's, the first of each identifier.
fn personal_records(blueprint: &Blueprint, given: &[FileId]) -> Vec<ItemOverride> {
    let mut items: Vec<ItemOverride> = Vec::new();
    let environment = blueprint.dfs.iter().find(|df| df.fid == SSSE);
    let files = environment.map_or(&[][..], |df| &df.files);
    for file in files.iter().filter(|file| given.contains(&file.fid)) {
        let Some((_, tags)) = PERSONAL.iter().find(|(fid, _)| *fid == file.fid.value()) else {
            continue;
        };
        let records = SimpleTlvReader::new(&file.content);
        for record in records.map_while(Result::ok) {
            let is_new = !items.iter().any(|item| item.tag == record.tag);
            if tags.contains(&record.tag) && is_new {
                items.push(ItemOverride { tag: record.tag, value: record.value.to_vec() });
            }
        }
    }
    items
}

fn read_holder(
    table: &HolderTable,
    blueprint: &Blueprint,
    delivery: &mut Delivery,
) -> Result<(), LoadError> {
    delivery.seed = table.seed;
    if let Some(text) = &table.division {
        let digits = text.bytes().all(|digit| digit.is_ascii_digit());
        let division = digits.then(|| text.as_bytes().try_into().ok()).flatten();
        let wanted = "a division of six digits such as 999900";
        delivery.division = Some(division.ok_or_else(|| value("holder.division", text, wanted))?);
    }
    if let Some(text) = &table.serial {
        let serial = bytes(text).and_then(|bytes| bytes.try_into().ok());
        let wanted = "a serial of four bytes in hexadecimal";
        delivery.serial = Some(serial.ok_or_else(|| value("holder.serial", text, wanted))?);
    }
    if let Some(pin) = &table.pin {
        let digits = blueprint.pin_digits;
        let packed = packed(pin.expose()).filter(|_| digits.admit(pin.expose().len()));
        let reason = || format!("the PIN has {} to {} digits on this card", digits.min, digits.max);
        let packed = packed.ok_or_else(|| contradiction("holder.pin".to_owned(), reason()))?;
        delivery.pin = Some(packed);
    }
    let mut scratch = synthetic_holder(1);
    let has = |tag: u8| {
        let environment = blueprint.dfs.iter().find(|df| df.fid == SSSE);
        let files = environment.map_or(&[][..], |df| &df.files);
        let mut files =
            files.iter().filter(|file| PERSONAL.iter().any(|(fid, _)| *fid == file.fid.value()));
        files.any(|file| {
            let mut records = SimpleTlvReader::new(&file.content).map_while(Result::ok);
            records.any(|record| record.tag == tag)
        })
    };
    let absent = |setting: String, tag: u8| {
        contradiction(setting, format!("this card has no item {tag:02X} in EF05 or EF06"))
    };
    for (name, text) in table.named() {
        let setting = || format!("holder.{name}");
        let before = scratch.overrides.len();
        fields::set(&mut scratch, &format!("{name}={text}"))
            .map_err(|error| contradiction(setting(), error.to_string()))?;
        let new = scratch.overrides.get(before..).unwrap_or_default();
        if let Some(item) = new.iter().find(|item| !has(item.tag)) {
            return Err(absent(setting(), item.tag));
        }
    }
    delivery.items.append(&mut scratch.overrides);
    for (name, text) in table.items.iter().flatten() {
        let setting = format!("holder.items.{name}");
        let wanted = "an item of EF05 or EF06 by its tag, such as 09";
        let tag = byte(name).filter(|tag| PERSONAL.iter().any(|(_, tags)| tags.contains(tag)));
        let tag = tag.ok_or_else(|| value(&setting, name, wanted))?;
        let bytes = bytes(text).ok_or_else(|| value(&setting, text, "bytes in hexadecimal"))?;
        if !has(tag) {
            return Err(absent(setting, tag));
        }
        delivery.items.push(ItemOverride { tag, value: bytes });
    }
    Ok(())
}

/// Digits two to a byte, an odd one filled with F.
fn packed(digits: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; digits.len().div_ceil(2)]);
    bcd::encode(digits, &mut bytes).ok().map(|()| bytes)
}

fn read_state(
    table: &StateTable,
    blueprint: &Blueprint,
    delivery: &mut Delivery,
) -> Result<(), LoadError> {
    psam::fits(table, blueprint)?;
    delivery.life_cycle = table.life_cycle.map(|name| match name {
        LifeCycleName::Activated => LifeCycle::Activated,
        LifeCycleName::Deactivated => LifeCycle::Deactivated,
    });
    delivery.expired = table.expired.unwrap_or(false);
    let state = &mut delivery.state;
    if let Some(left) = table.pin_tries_left {
        set_pin_tries_left(state, blueprint, left)
            .map_err(|reason| contradiction("state.pin_tries_left".to_owned(), reason))?;
    }
    if let Some(text) = &table.random {
        let random = bytes(text.expose()).and_then(|bytes| bytes.try_into().ok());
        let reason = "the state of the generator has 32 bytes in hexadecimal";
        let random = random.ok_or_else(|| contradiction("state.random".to_owned(), reason))?;
        state.random = Some(Zeroizing::new(random));
    }
    for (place, name) in table.blocked.iter().flatten().enumerate() {
        block(state, blueprint, name)
            .map_err(|reason| contradiction(format!("state.blocked[{place}]"), reason))?;
    }
    for (path, left) in table.keys.iter().flatten() {
        let key = key(blueprint, path, *left)
            .map_err(|reason| contradiction(format!("state.keys.\"{path}\""), reason))?;
        state.keys.push(key);
    }
    for (path, text) in table.files.iter().flatten() {
        let setting = || format!("state.files.\"{path}\"");
        let content =
            bytes(text).ok_or_else(|| contradiction(setting(), "its bytes are hexadecimal"))?;
        set_file(state, blueprint, path, content)
            .map_err(|reason| contradiction(setting(), reason))?;
    }
    if let Some(purse) = &table.purse {
        state.purse = read_purse(purse, blueprint)?;
    }
    if let Some(text) = &table.pki {
        let reason = if blueprint.pki.is_none() {
            Some("this card has no PKI application".to_owned())
        } else {
            state.pki = text.bytes().filter(|bytes| bytes.len() <= LONGEST_PKI);
            let reason = format!("it has at most {LONGEST_PKI} bytes in hexadecimal");
            state.pki.is_none().then_some(reason)
        };
        if let Some(reason) = reason {
            return Err(contradiction("state.pki".to_owned(), reason));
        }
    }
    state.psam = psam::read(table, blueprint)?;
    for (place, account) in table.accounts.iter().flatten().enumerate() {
        read_account(state, blueprint, account, place)?;
    }
    Ok(())
}

/// Sets the tries that the holder's PIN has left.
///
/// # Errors
/// Why it cannot be so.
pub fn set_pin_tries_left(
    state: &mut DeliveryState,
    blueprint: &Blueprint,
    left: u8,
) -> Result<(), String> {
    if blueprint.psam.is_some() {
        return Err("a security module (PSAM) has no PIN".to_owned());
    }
    let most = blueprint.pin_tries;
    if left > most {
        return Err(format!("the PIN has {most} tries in all; 0 is a locked PIN"));
    }
    state.pin_tries_left = Some(left);
    Ok(())
}

/// Blocks a DF of the environment by itself: its secure messaging key has no tries left then, which is how the
/// card keeps it. Whether there is such a DF.
fn block_application(state: &mut DeliveryState, blueprint: &Blueprint, name: &str) -> bool {
    let df = directory(name).filter(|fid| *fid != SSSE);
    let df = df.and_then(|fid| blueprint.dfs.iter().find(|df| df.fid == fid));
    let id = KeyId::STK_OF_APPLICATION;
    let slot = df.and_then(|df| Some((df.fid, df.keys.iter().find(|slot| slot.id == id)?)));
    let Some((application, slot)) = slot else { return false };
    let version = slot.version;
    state.keys.retain(|key| (key.application, key.id, key.version) != (application, id, version));
    state.keys.push(KeyState { application, id, version, tries_left: 0 });
    true
}

/// Blocks the card, the environment `SSSE`, a DF in it, or a payment application by its AID.
///
/// # Errors
/// Why it cannot be so.
pub fn block(state: &mut DeliveryState, blueprint: &Blueprint, name: &str) -> Result<(), String> {
    match name {
        "card" => state.card_blocked = Some(true),
        _ if blueprint.psam.is_some() => {
            return Err("of a security module (PSAM) the card alone can be blocked".to_owned());
        }
        "SSSE" => state.environment = Some(LifeCycle::ApplicationBlocked),
        name if block_application(state, blueprint, name) => {}
        name => {
            let aid = bytes(name);
            let applications = &blueprint.financial.applications;
            let found = applications
                .iter()
                .position(|one| aid.as_deref() == Some(one.aid.as_bytes()))
                .ok_or_else(|| {
                    format!("'{name}' is not card, SSSE, a DF such as DF04 or the AID of a payment application of this card")
                })?;
            account(state, found, |account| account.blocked = Some(true));
        }
    }
    Ok(())
}

/// Sets what lies in a file, `SSSE/EF08`, whatever it is.
///
/// # Errors
/// Why it cannot be so.
pub fn set_file(
    state: &mut DeliveryState,
    blueprint: &Blueprint,
    path: &str,
    content: Vec<u8>,
) -> Result<(), String> {
    let missing = || format!("there is no file '{path}' on this card; a path is SSSE/EF08");
    let (df, file) = path.split_once('/').ok_or_else(missing)?;
    let (df, fid) = directory(df).zip(identifier(file)).ok_or_else(missing)?;
    let file = blueprint.dfs.iter().find(|known| known.fid == df);
    let file =
        file.and_then(|df| df.files.iter().find(|file| file.fid == fid)).ok_or_else(missing)?;
    let (most, part) = match file.structure {
        Structure::Transparent { size } => (usize::from(size), 1),
        Structure::LinearVariable { capacity } => (usize::from(capacity), 1),
        Structure::LinearFixed { records, length } | Structure::Cyclic { records, length } => {
            (usize::from(records).saturating_mul(length.into()), usize::from(length))
        }
    };
    if content.len() > most {
        return Err(format!("{path} holds {most} bytes, this is {}", content.len()));
    }
    if !content.len().is_multiple_of(part) {
        return Err(format!("{path} holds records of {part} bytes, this is {}", content.len()));
    }
    state.files.retain(|known| (known.application, known.file) != (df, fid));
    state.files.push(FileState { application: df, file: fid, content });
    Ok(())
}

/// A key's counter by its path, `SSSE/0A` or `SSSE/0A/2`.
fn key(blueprint: &Blueprint, path: &str, left: u8) -> Result<KeyState, String> {
    let missing = || {
        format!(
            "there is no key '{path}' on this card; a path is SSSE/0A, or SSSE/0A/2 of version 2"
        )
    };
    let mut parts = path.split('/');
    let df: FileId = parts.next().and_then(directory).ok_or_else(missing)?;
    let id = parts.next().and_then(byte).map(KeyId).ok_or_else(missing)?;
    let version = parts.next().map_or(Ok(1), str::parse).map_err(|_| missing())?;
    let keys = blueprint.dfs.iter().find(|known| known.fid == df).map_or(&[][..], |df| &df.keys);
    let slot = keys.iter().find(|slot| (slot.id, slot.version) == (id, version));
    let slot = slot.filter(|_| parts.next().is_none()).ok_or_else(missing)?;
    if left > slot.tries {
        return Err(format!("this key has {} tries in all; 0 is a locked key", slot.tries));
    }
    Ok(KeyState { application: df, id, version, tries_left: left })
}

/// What of an own ATR a terminal takes otherwise than the card has it: the key factor, its last eight
/// historical bytes.
pub(crate) fn atr_warning(state: &DeliveryState, factor: &[u8]) -> Option<String> {
    let atr = state.atr.as_deref()?;
    let historical =
        sscard_apdu::atr::Atr::parse(atr).ok().map(|atr| atr.historical_bytes().to_vec());
    match historical {
        None => Some("atr: it is no ATR of ISO/IEC 7816-3; readers may refuse the card".to_owned()),
        Some(bytes) if bytes.ends_with(factor) => None,
        Some(_) => Some(format!(
            "atr: its historical bytes do not end in {}, the factor that the card's keys are diversified by: \
             terminals that take it from the ATR compute other keys",
            hex::encode_upper(factor)
        )),
    }
}
