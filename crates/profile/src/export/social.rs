//! DFs, files and keys of a card as tables of a profile.

use std::fmt::Write as _;

use sscard_apdu::FileId;
use sscard_apdu::simple_tlv::SimpleTlv;
use sscard_core::catalogue;
use sscard_core::inspect::{FileView, directory_name};
use sscard_core::{Card, KeyPurpose, Structure};
use sscard_crypto::Key;

use super::{hex, line, quoted};
use crate::rules::rule_text;

/// The keys, a line each; they stand before the first table of the text.
///
/// A key that is derived from the TEST keys as any other has no value: it follows a serial that an option says.
pub(super) fn keys(out: &mut String, card: &Card) {
    let derived = super::test_keys_of(card);
    let names = &card.profile().blueprint().names;
    let values = card.reveal_keys();
    let _ = writeln!(out, "keys = [");
    for df in &card.profile().blueprint().dfs {
        let owner = directory_name(df.fid);
        let mut named = Vec::new();
        for slot in &df.keys {
            let value = values.iter().find(|key| {
                (key.application, key.id, key.version) == (df.fid, slot.id, slot.version)
            });
            let test = derived.find(df.fid, slot.id, slot.version);
            let own = value.filter(|key| test.map(Key::expose) != Some(key.key.expose()));
            let value = own.map(|key| format!(", value = {}", hex(key.key.expose())));
            let value = value.unwrap_or_default();
            // One name for all versions.
            let name = names.key(df.fid, slot.id).filter(|_| !named.contains(&slot.id));
            named.push(slot.id);
            let name = name.map_or(String::new(), |name| format!(", name = {}", quoted(name)));
            let usage = match slot.purpose {
                KeyPurpose::Block => "block",
                KeyPurpose::ExternalAuthentication => "external",
                KeyPurpose::InternalAuthentication => "internal",
                KeyPurpose::SecureMessaging => "mac",
                KeyPurpose::Purchase => "purchase",
                KeyPurpose::Load => "load",
                KeyPurpose::TransactionCertificate => "certificate",
                KeyPurpose::Lock => "lock",
            };
            let blueprint = card.profile().blueprint();
            let algorithm = blueprint.key_algorithm(df.fid, slot.id, slot.version);
            let other = algorithm != blueprint.algorithm;
            let algorithm = if other {
                format!(", algorithm = \"{}\"", algorithm.name())
            } else {
                String::new()
            };
            let known = catalogue::key_name(&owner, slot.id);
            let remark = known.map_or(String::new(), |name| format!(" # {name}"));
            let _ = writeln!(
                out,
                "  {{ df = \"{owner}\", id = \"{:02X}\", version = {}{algorithm}{value}, use = \"{usage}\", tries = {}{name} }},{remark}",
                slot.id.0, slot.version, slot.tries
            );
        }
    }
    let _ = writeln!(out, "]");
}

/// The DFs behind the MF.
pub(super) fn applications(out: &mut String, card: &Card) {
    let blueprint = card.profile().blueprint();
    for df in blueprint.dfs.iter().skip(1) {
        let _ = writeln!(out, "\n[[applications]]");
        line(out, "df", &quoted(&directory_name(df.fid)));
        if !df.name.is_empty() {
            line(out, "aid", &hex(&df.name));
        }
        let parent = df.parent.and_then(|parent| blueprint.dfs.get(usize::from(parent)));
        if let Some(parent) = parent {
            line(out, "parent", &quoted(&directory_name(parent.fid)));
        }
        if let Some(label) = blueprint.names.application(df.fid) {
            line(out, "label", &quoted(label));
        }
    }
}

/// The files with what lies in them; returns the paths of those whose content is no string of records.
pub(super) fn files(out: &mut String, card: &Card) -> Vec<(FileId, FileId)> {
    let names = &card.profile().blueprint().names;
    let mut raw = Vec::new();
    for directory in card.inspect() {
        for file in &directory.files {
            let _ = writeln!(out, "\n[[files]]");
            let entry = catalogue::file(&file.path);
            let known = entry
                .map_or(String::new(), |file| format!(" # {} ({})", file.name_zh, file.name_en));
            line(out, "df", &quoted(&directory.name));
            line(out, "id", &format!("\"{}\"{known}", file.fid));
            if let Some(name) = names.file(directory.fid, file.fid) {
                line(out, "name", &quoted(name));
            }
            line(out, "sfi", &file.sfi);
            line(out, "read", &quoted(&rule_text(file.read)));
            line(out, "update", &quoted(&rule_text(file.update)));
            if !content(out, file) {
                raw.push((directory.fid, file.fid));
            }
        }
    }
    raw
}

/// Structure and content; `false` when the records are none that a profile could write so.
fn content(out: &mut String, file: &FileView) -> bool {
    let structure = match file.structure {
        Structure::Transparent { size } => {
            line(out, "structure", &"\"transparent\"");
            line(out, "size", &size);
            let used = file.bytes.iter().rposition(|byte| *byte != 0);
            let used = used.map_or(0, |last| last.saturating_add(1));
            line(out, "data", &hex(file.bytes.get(..used).unwrap_or_default()));
            return true;
        }
        Structure::LinearVariable { capacity } => {
            line(out, "structure", &"\"variable\"");
            line(out, "size", &capacity);
            None
        }
        Structure::LinearFixed { records, length } => Some(("\"fixed\"", records, length)),
        Structure::Cyclic { records, length } => Some(("\"cyclic\"", records, length)),
    };
    if let Some((name, records, length)) = structure {
        line(out, "structure", &name);
        line(out, "record_length", &length);
        line(out, "records_max", &records);
    }
    let is_cyclic = matches!(file.structure, Structure::Cyclic { .. });
    let is_record = |record: &Vec<u8>| is_cyclic || SimpleTlv::parse_exact(record).is_ok();
    if !file.records.iter().all(is_record) {
        return false;
    }
    let entry = catalogue::file(&file.path);
    let _ = writeln!(out, "records = [");
    for record in &file.records {
        let tag = record.first().filter(|_| !is_cyclic);
        let item = tag.and_then(|tag| entry.and_then(|entry| entry.item(*tag)));
        let remark =
            item.map_or(String::new(), |item| format!(" # {} ({})", item.name_zh, item.name_en));
        let _ = writeln!(out, "  {},{remark}", hex(record));
    }
    let _ = writeln!(out, "]");
    true
}
