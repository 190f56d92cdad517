//! What a card holds, as a document.

use std::borrow::Cow;

use sscard_core::catalogue::{self, Edition, key_name};
use sscard_core::inspect::{DirectoryView, FileView, directory_name, rule_text};
use sscard_core::{Card, Structure};
use sscard_lexicon::{item_text, shown};

use super::{
    InspectDocument, InspectedFile, InspectedPurse, InspectedRecord, PinCounter, RevealedKey, bank,
    pki, psam,
};
use crate::SCHEMA;
use crate::unit::{Fen, Hex};

/// Everything on a card; its keys where they are wanted.
#[must_use]
pub fn document(card: &Card, keys: bool) -> InspectDocument {
    let directories = card.inspect();
    let files = directories.iter().flat_map(|directory| {
        directory.files.iter().map(|file| file_document(card, directory, file))
    });
    InspectDocument {
        schema: SCHEMA,
        kind: if card.inspect_psam().is_some() { "psam" } else { "card" },
        profile: card.profile().blueprint().name.to_string(),
        algorithm: card.profile().algorithm().name(),
        atr: Hex::of(&*card.atr()),
        life_cycle: card.life_cycle().name(),
        pins: pin_documents(card),
        accounts: bank::accounts(card),
        payment_directories: bank::directories(card),
        medical_purse: card.inspect_purse().map(|purse| InspectedPurse {
            balance_cents: Fen::of(purse.balance),
            self_paid_cents: Fen::of(purse.self_paid),
            pooled_cents: Fen::of(purse.pooled),
            year: Hex::of(purse.year),
            start_day: Hex::of(purse.start_day),
            loads: purse.loads,
            purchases: purse.purchases,
        }),
        pki: pki::document(card),
        security_module: psam::document(card),
        files: files.chain(bank::files(card)).collect(),
        keys: keys.then(|| key_documents(card)),
    }
}

fn pin_documents(card: &Card) -> Vec<PinCounter> {
    // A security module has no holder, and so no PIN.
    if card.inspect_psam().is_some() {
        return Vec::new();
    }
    let social = ("SSSE".to_owned(), card.inspect_pin());
    let accounts = card.inspect_accounts();
    let of_banks = accounts.iter().map(|account| (hex::encode_upper(&account.aid), account.pin));
    let of_pki = pki::pins(card);
    std::iter::once(social)
        .chain(of_banks)
        .chain(of_pki)
        .map(|(path, pin)| PinCounter {
            path,
            tries_left: pin.tries_left,
            tries_max: pin.tries_max,
        })
        .collect()
}

/// A name that a profile gives, in whatever language.
fn owned(name: &str) -> Cow<'static, str> {
    shown(name).into_owned().into()
}

fn file_document(card: &Card, directory: &DirectoryView, file: &FileView) -> InspectedFile {
    let entry = catalogue::file(&file.path);
    let own = card.profile().blueprint().names.file(directory.fid, file.fid);
    let edition = Edition::of(&card.profile().blueprint().version);
    let record = |(number, record): (u32, &[u8])| {
        let (tag, value) = split(file.structure, record);
        let meaning = entry.zip(tag).and_then(|(entry, tag)| edition.meaning(entry, tag, value));
        let item = meaning.map(|(item, _)| item);
        InspectedRecord {
            number,
            tag: tag.map(|tag| Hex::of([tag])),
            depth: None,
            name: item.map(|item| item.name_en.into()),
            name_zh: item.map(|item| item.name_zh.into()),
            value: Hex::of(value),
            text: meaning.map(|(item, value)| item_text(item, value)),
        }
    };
    InspectedFile {
        path: file.path.clone(),
        name: own.map(owned).or(entry.map(|entry| entry.name_en.into())),
        name_zh: own.map(owned).or(entry.map(|entry| entry.name_zh.into())),
        sfi: file.sfi,
        structure: structure_name(file.structure),
        size: size(file.structure),
        read: rule_text(&directory.name, file.read),
        update: rule_text(&directory.name, file.update),
        bytes: (!file.bytes.is_empty()).then(|| Hex::of(&file.bytes)),
        records: (1..).zip(file.records.iter().map(Vec::as_slice)).map(record).collect(),
    }
}

fn key_documents(card: &Card) -> Vec<RevealedKey> {
    let blueprint = card.profile().blueprint();
    let keys = card.reveal_keys();
    let keys = keys.iter().map(|key| {
        let application = directory_name(key.application);
        let own = card.profile().blueprint().names.key(key.application, key.id);
        RevealedKey {
            name: own.map(owned).or(key_name(&application, key.id).map(Cow::from)),
            application,
            id: Some(Hex::of([key.id.0])),
            version: Some(key.version),
            algorithm: if card.shown_key(key).len() == 8 {
                "DES"
            } else {
                blueprint.key_algorithm(key.application, key.id, key.version).name()
            },
            value: Hex::of(card.shown_key(key)),
        }
    });
    keys.chain(bank::keys(card)).chain(psam::keys(card)).chain(pki::keys(card)).collect()
}

/// Tag and value of a record; a cyclic record has no tag.
#[must_use]
pub fn split(structure: Structure, record: &[u8]) -> (Option<u8>, &[u8]) {
    match (structure, record) {
        (
            Structure::LinearFixed { .. } | Structure::LinearVariable { .. },
            [tag, _, value @ ..],
        ) => (Some(*tag), value),
        _ => (None, record),
    }
}

/// What a file is made of.
#[must_use]
pub const fn structure_name(structure: Structure) -> &'static str {
    match structure {
        Structure::Cyclic { .. } => "cyclic",
        Structure::LinearFixed { .. } => "linear fixed",
        Structure::LinearVariable { .. } => "linear variable",
        Structure::Transparent { .. } => "transparent",
    }
}

/// Bytes, or records × bytes.
#[must_use]
pub fn size(structure: Structure) -> String {
    match structure {
        Structure::Cyclic { records, length } | Structure::LinearFixed { records, length } => {
            format!("{records} × {length}")
        }
        Structure::LinearVariable { capacity } => capacity.to_string(),
        Structure::Transparent { size } => size.to_string(),
    }
}
