//! The tables `[[keys]]`.

use sscard_core::catalogue;
use sscard_core::{KeyAlgorithm, KeyId, KeyPurpose, KeySlot};
use sscard_crypto::{Algorithm, Key};
use zeroize::Zeroizing;

use super::{BLOCK_KEY_TRIES, OwnKey, Social, contradiction, value};
use crate::file::ProfileFile;
use crate::own::{KeyTable, KeyUse};
use crate::refusal::LoadError;
use crate::rules::{byte, directory};

/// A key of single DES.
const SINGLE: usize = 8;

/// Adds keys, and gives those that are there the values that the profile says.
pub(super) fn add(
    social: &mut Social,
    file: &ProfileFile,
    algorithm: Algorithm,
) -> Result<(), LoadError> {
    let tables = file.keys.as_deref().unwrap_or_default();
    let default_tries = file.key_tries.unwrap_or(3);
    let mut said = Vec::new();
    for (place, table) in tables.iter().enumerate() {
        let setting = |what: &str| format!("keys[{place}].{what}");
        let df = directory(&table.df)
            .and_then(|fid| social.dfs.iter_mut().find(|df| df.fid == fid))
            .ok_or_else(|| {
                let reason = format!("this card has no DF '{}'", table.df);
                contradiction(setting("df"), reason)
            })?;
        let is_environment = df.fid == catalogue::SSSE;
        let wanted = "a key identifier: 00 to 0F in SSSE, 80 to 8F in another DF";
        let id = byte(&table.id)
            .map(KeyId)
            .filter(|id| id.is_global() == is_environment && id.0 & 0x70 == 0);
        let id = id.ok_or_else(|| value(&setting("id"), &table.id, wanted))?;
        let version = table.version.unwrap_or(1);
        if version == 0 {
            return Err(value(&setting("version"), "0", "a version from 1 to 255"));
        }
        if said.contains(&(df.fid, id, version)) {
            let reason =
                format!("key {:02X} of {}, version {version}, stands here twice", id.0, table.df);
            return Err(contradiction(setting("id"), reason));
        }
        said.push((df.fid, id, version));
        let fid = df.fid;
        let slot = df.keys.iter_mut().find(|slot| slot.id == id && slot.version == version);
        match slot {
            Some(slot) => {
                slot.tries = table.tries.unwrap_or(slot.tries);
                slot.purpose = table.usage.map_or(slot.purpose, purpose);
            }
            None => {
                let slot = new_slot(table, id, version, default_tries);
                if df.keys.len() >= MOST_KEYS {
                    return Err(contradiction(setting("id"), "a DF has at most 254 keys"));
                }
                df.keys.push(slot);
            }
        }
        if let Some(tries) = table.tries.filter(|tries| !(1..=15).contains(tries)) {
            return Err(value(
                &setting("tries"),
                &tries.to_string(),
                "a number of tries from 1 to 15",
            ));
        }
        let (own, length) = match table.algorithm.as_deref() {
            None => (algorithm, Key::LENGTH),
            Some("DES") => (Algorithm::TripleDes, SINGLE),
            Some(name) => {
                let wanted = "3DES, SM4 or DES, or SSF33 on a card of SSF33";
                let known = [algorithm, Algorithm::TripleDes, Algorithm::Sm4]
                    .into_iter()
                    .find(|known| known.name() == name);
                (known.ok_or_else(|| value(&setting("algorithm"), name, wanted))?, Key::LENGTH)
            }
        };
        if own != algorithm {
            let application = fid;
            social.algorithms.push(KeyAlgorithm { application, id, version, algorithm: own });
        }
        if let Some(text) = &table.value {
            let wrong = || {
                let name = table.algorithm.as_deref().unwrap_or(algorithm.name());
                let reason = format!("a key of {name} has {length} bytes in hexadecimal");
                contradiction(setting("value"), reason)
            };
            let bytes = text.bytes().filter(|bytes| bytes.len() == length).ok_or_else(wrong)?;
            // Single DES is 3DES with one half twice.
            let whole = Zeroizing::new(bytes.repeat(if length == SINGLE { 2 } else { 1 }));
            let key = <[u8; Key::LENGTH]>::try_from(&whole[..]).map(Zeroizing::new);
            let key = Key::new(*key.map_err(|_| wrong())?);
            social.keys.push(OwnKey { application: fid, id, version, key });
        }
        if let Some(name) = &table.name {
            let known = social.names.key(fid, id).is_some_and(|known| known != name);
            if known {
                let reason = "the versions of a key have one name";
                return Err(contradiction(setting("name"), reason));
            }
            if social.names.key(fid, id).is_none() {
                social.names.name_key(fid, id, name.clone());
            }
        }
    }
    Ok(())
}

const MOST_KEYS: usize = 254;

fn new_slot(table: &KeyTable, id: KeyId, version: u8, tries: u8) -> KeySlot {
    let known = catalogue::all_keys()
        .find(|key| key.application == table.df && key.id == id)
        .map(|key| key.purpose);
    let default = known.unwrap_or(match id {
        KeyId::STK | KeyId::STK_OF_APPLICATION => KeyPurpose::SecureMessaging,
        KeyId::IRK => KeyPurpose::InternalAuthentication,
        KeyId::BK => KeyPurpose::Block,
        _ => KeyPurpose::ExternalAuthentication,
    });
    let purpose = table.usage.map_or(default, purpose);
    let tries = if purpose == KeyPurpose::Block { BLOCK_KEY_TRIES } else { tries };
    KeySlot { id, version, purpose, tries: table.tries.unwrap_or(tries) }
}

const fn purpose(usage: KeyUse) -> KeyPurpose {
    match usage {
        KeyUse::External => KeyPurpose::ExternalAuthentication,
        KeyUse::Internal => KeyPurpose::InternalAuthentication,
        KeyUse::Mac => KeyPurpose::SecureMessaging,
        KeyUse::Block => KeyPurpose::Block,
        KeyUse::Load => KeyPurpose::Load,
        KeyUse::Purchase => KeyPurpose::Purchase,
        KeyUse::Certificate => KeyPurpose::TransactionCertificate,
        KeyUse::Lock => KeyPurpose::Lock,
    }
}
