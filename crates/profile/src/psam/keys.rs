//! The tables `[[psam.keys]]`: keys of a security module by their addresses.

use serde::Deserialize;
use sscard_core::PsamKeySlot;
use sscard_core::catalogue::{PSAM_KEYS, PsamKeyEntry, psam_key_of};
use sscard_crypto::Key;
use zeroize::Zeroizing;

use crate::own::SecretText;
use crate::refusal::LoadError;
use crate::rules::{byte, bytes};
use crate::social::{contradiction, value};

/// A table `[[psam.keys]]`: a key of one's own, or a key of the standard that is otherwise.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ModuleKeyTable {
    /// Its address, four hexadecimal digits.
    address: String,
    /// Usage byte, P1 of the commands that load it: levels in bits 8 to 6, class in the others.
    usage: Option<String>,
    /// Identifier, P2 of those commands.
    id: Option<String>,
    /// Version; that of the standard's address, else 1.
    version: Option<u8>,
    /// The key as it lies in the module, 16 bytes in hexadecimal. Without it the key is derived from the TEST keys; of a
    /// key that the standard does not know the place is free.
    value: Option<SecretText>,
    /// The place is there and free, to be filled by WRITE KEY.
    free: Option<bool>,
}

/// What a profile says of one place.
#[derive(Clone)]
pub(crate) enum ModuleKey {
    /// The key that lies there.
    Held(Key),
    /// None lies there.
    Free,
}

/// Keys of a module by value.
#[derive(Clone, Default)]
pub(crate) struct OwnModuleKeys {
    pub(crate) master: Option<Key>,
    /// By address.
    pub(crate) keys: Vec<(u16, ModuleKey)>,
}

impl OwnModuleKeys {
    /// What the profile says of the place with this address.
    pub(crate) fn at(&self, address: u16) -> Option<&ModuleKey> {
        self.keys.iter().find(|(known, _)| *known == address).map(|(_, key)| key)
    }
}

/// Adds places, and changes those of the standard that are named; returns what lies in them.
pub(super) fn add(
    slots: &mut Vec<PsamKeySlot>,
    tables: &[ModuleKeyTable],
    leaves_out: impl Fn(&PsamKeyEntry) -> bool,
) -> Result<Vec<(u16, ModuleKey)>, LoadError> {
    let mut said = Vec::new();
    let mut keys = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let setting = |what: &str| format!("psam.keys[{place}].{what}");
        let wanted = "an address of four hexadecimal digits, such as 0094";
        let address = bytes(&table.address).and_then(|bytes| bytes.try_into().ok());
        let address = address.map(u16::from_be_bytes);
        let address = address.ok_or_else(|| value(&setting("address"), &table.address, wanted))?;
        if said.contains(&address) {
            let reason = format!("address {address:04X} stands here twice");
            return Err(contradiction(setting("address"), reason));
        }
        said.push(address);
        let known = PSAM_KEYS.iter().find(|entry| entry.has(address));
        if let Some(entry) = known.filter(|entry| leaves_out(entry)) {
            let reason = format!("psam.without leaves {} out: name it in one place", entry.name);
            return Err(contradiction(setting("address"), reason));
        }
        let position = slots.iter().position(|slot| slot.address == address);
        let slot = table.slot(&setting, address, position.and_then(|at| slots.get(at)), known)?;
        let name = |slot: &PsamKeySlot| (slot.usage & 0x1F, slot.id, slot.version);
        let same = |other: &&PsamKeySlot| other.address != address && name(other) == name(&slot);
        if let Some(other) = slots.iter().find(same) {
            let reason = format!("the key at {:04X} has this name already", other.address);
            return Err(contradiction(setting("id"), reason));
        }
        if let Some(known) = position.and_then(|position| slots.get_mut(position)) {
            *known = slot;
        } else if slots.len() >= MOST {
            let reason = format!("a module has places for {MOST} keys");
            return Err(contradiction(setting("address"), reason));
        } else {
            slots.push(slot);
        }
        match (&table.value, table.free) {
            (Some(_), Some(true)) => {
                let reason = "a place is free, or a key lies there: leave one out";
                return Err(contradiction(setting("free"), reason));
            }
            (Some(text), _) => {
                let reason = "a key has 16 bytes in hexadecimal";
                let key = key(text).ok_or_else(|| contradiction(setting("value"), reason))?;
                keys.push((address, ModuleKey::Held(key)));
            }
            (None, Some(true)) => keys.push((address, ModuleKey::Free)),
            (None, Some(false)) if psam_key_of(slot.usage, slot.id).is_none() => {
                let reason = "the standard knows no such key: say its value";
                return Err(contradiction(setting("free"), reason));
            }
            (None, _) => {}
        }
    }
    Ok(keys)
}

/// Places that a module has at most.
const MOST: usize = 1024;

impl ModuleKeyTable {
    fn slot(
        &self,
        setting: &dyn Fn(&str) -> String,
        address: u16,
        before: Option<&PsamKeySlot>,
        known: Option<&PsamKeyEntry>,
    ) -> Result<PsamKeySlot, LoadError> {
        let two_digits = |what: &str, text: &Option<String>, before: Option<u8>, wanted| {
            let missing = "a key of one's own says it: the standard has none at this address";
            match text {
                Some(text) => byte(text).ok_or_else(|| value(&setting(what), text, wanted)),
                None => before.ok_or_else(|| contradiction(setting(what), missing)),
            }
        };
        // Where the standard's key would lie, in as many steps as it usually takes.
        let standard = known.map(|entry| entry.slot(address));
        let before = before.copied().or(standard);
        let wanted = "a usage byte of two hexadecimal digits with 1, 2 or 3 steps, such as 67";
        let usage = two_digits("usage", &self.usage, before.map(|slot| slot.usage), wanted)?;
        if !(1..=3).contains(&(usage >> 5)) {
            return Err(value(&setting("usage"), &format!("{usage:02X}"), wanted));
        }
        let wanted = "an identifier of two hexadecimal digits";
        let id = two_digits("id", &self.id, before.map(|slot| slot.id), wanted)?;
        let version = self.version.or(before.map(|slot| slot.version)).unwrap_or(1);
        if version == 0 {
            return Err(value(&setting("version"), "0", "a version from 1 to 255"));
        }
        Ok(PsamKeySlot { address, usage, id, version })
    }
}

/// A key of 16 bytes.
pub(super) fn key(text: &SecretText) -> Option<Key> {
    let bytes = text.bytes()?;
    let key = <[u8; Key::LENGTH]>::try_from(&bytes[..]).map(Zeroizing::new).ok()?;
    Some(Key::new(*key))
}
