//! `sscard inspect`: everything on a card, without powering it.

mod bank;
mod pki;
mod psam;

use std::io::{self, Write};

use sscard_core::catalogue::{self, Edition, FileEntry, key_name};
use sscard_core::inspect::{DirectoryView, FileView, rule_text};
use sscard_core::{Card, KeyId};
use sscard_host::CardFile;
use sscard_lexicon::{counted, item_text, shown};

use super::hex;
use crate::args::InspectArgs;
use crate::documents;
use crate::documents::inspect::{document, size, split, structure_name};
use crate::failure::Failure;
use crate::source::built_in_card;

pub(crate) fn run(args: &InspectArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let card = match &args.card {
        Some(path) => CardFile::read(path)?,
        None => built_in_card()?,
    };
    show(&card, args.keys, args.json, out)
}

/// A card as text or as one JSON object.
pub(super) fn show(
    card: &Card,
    keys: bool,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if json {
        documents::print(out, &document(card, keys))?;
    } else {
        print_tree(out, card, keys)?;
    }
    Ok(())
}

/// The first part of the document, keys included, in which two cards differ.
pub(super) fn difference(left: &Card, right: &Card) -> Result<Option<String>, Failure> {
    let value = |card| serde_json::to_value(document(card, true)).map_err(io::Error::from);
    let (left, right) = (value(left)?, value(right)?);
    let fields = left.as_object().into_iter().flatten();
    let differs = fields.filter(|(name, value)| right.get(name) != Some(value));
    Ok(differs.map(|(name, _)| name.clone()).next())
}

/// A card as the value of its JSON object.
pub(super) fn value(card: &Card, keys: bool) -> serde_json::Value {
    serde_json::to_value(document(card, keys)).unwrap_or_default()
}

pub(super) fn print_tree(out: &mut dyn Write, card: &Card, keys: bool) -> io::Result<()> {
    let pin = card.inspect_pin();
    writeln!(out, "profile    {}", shown(&card.profile().blueprint().name))?;
    writeln!(out, "ATR        {}", hex(&card.atr()))?;
    writeln!(out, "algorithm  {}", card.profile().algorithm().name())?;
    if psam::print_head(out, card)? {
        // A security module has neither a holder nor a function that waits for its activation.
    } else {
        writeln!(out, "life cycle {}", card.life_cycle().name())?;
        writeln!(out, "PIN        {} of {} tries left", pin.tries_left, pin.tries_max)?;
    }
    for account in card.inspect_accounts() {
        let state = if account.blocked { "blocked" } else { "usable" };
        write!(
            out,
            "account    {} {state}, PIN {} of {} tries left, counter {}, last online {}",
            hex(&account.aid),
            account.pin.tries_left,
            account.pin.tries_max,
            account.atc,
            account.last_online_atc
        )?;
        match account.balance {
            Some(cents) => writeln!(out, ", e-cash {}.{:02}", cents / 100, cents % 100)?,
            None => writeln!(out)?,
        }
    }
    if let Some(purse) = card.inspect_purse() {
        let yuan = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
        writeln!(
            out,
            "purse      medical, balance {}, year {}: {} paid by the holder, {} by the pooled fund; \
             {}, {}",
            yuan(purse.balance),
            hex(&purse.year),
            yuan(purse.self_paid),
            yuan(purse.pooled),
            counted(purse.loads.into(), "load"),
            counted(purse.purchases.into(), "purchase")
        )?;
    }
    for directory in card.inspect() {
        writeln!(out)?;
        let label = match psam::label(card, &directory) {
            Some(label) => label,
            None => catalogue::applications()
                .find(|application| application.name == directory.name)
                .map_or("", |application| application.label_zh),
        };
        let label = card.profile().blueprint().names.application(directory.fid).unwrap_or(label);
        let label = shown(label);
        writeln!(
            out,
            "{}{} {} {label}",
            "  ".repeat(directory.depth),
            directory.name,
            hex(&directory.df_name)
        )?;
        print_keys(out, card, &directory, keys)?;
        for file in &directory.files {
            print_file(out, card, &directory, file)?;
        }
    }
    psam::print_keys(out, card, keys)?;
    bank::print_tree(out, card, keys)?;
    pki::print(out, card, keys)
}

fn print_keys(
    out: &mut dyn Write,
    card: &Card,
    directory: &DirectoryView,
    reveal: bool,
) -> io::Result<()> {
    let indent = "  ".repeat(directory.depth + 1);
    if directory.keys.is_empty() {
        return Ok(());
    }
    let values = if reveal { card.reveal_keys() } else { Vec::new() };
    let test = reveal.then(|| sscard_profile::test_keys_of(card));
    for (slot, tries) in &directory.keys {
        let own = card.profile().blueprint().names.key(directory.fid, slot.id);
        let name = own.or(key_name(&directory.name, slot.id)).map_or("".into(), shown);
        let value = values.iter().find(|key| {
            (key.application, key.id, key.version) == (directory.fid, slot.id, slot.version)
        });
        let value = value.map(|key| {
            let test =
                test.as_ref().and_then(|keys| keys.find(key.application, key.id, key.version));
            let is_test = test.is_some_and(|test| test.expose() == key.key.expose());
            format!("  {}{}", hex(card.shown_key(key)), if is_test { " (TEST key)" } else { "" })
        });
        let value = value.unwrap_or_default();
        let KeyId(id) = slot.id;
        writeln!(
            out,
            "{indent}key {id:02X} v{} {name:<9} {tries} of {} tries left{value}",
            slot.version, slot.tries
        )?;
    }
    Ok(())
}

fn print_file(
    out: &mut dyn Write,
    card: &Card,
    directory: &DirectoryView,
    file: &FileView,
) -> io::Result<()> {
    let indent = "  ".repeat(directory.depth + 1);
    let entry = catalogue::file(&file.path);
    let own = card.profile().blueprint().names.file(directory.fid, file.fid);
    let own = own.map(|name| format!("  {}", shown(name)));
    let names =
        entry.map_or(String::new(), |entry| format!("  {} ({})", entry.name_zh, entry.name_en));
    let names = own.unwrap_or(names);
    let edition = Edition::of(&card.profile().blueprint().version);
    writeln!(
        out,
        "{indent}{}{names}: {} {}, read {}, update {}",
        file.fid,
        structure_name(file.structure),
        size(file.structure),
        rule_text(&directory.name, file.read),
        rule_text(&directory.name, file.update),
    )?;
    for record in &file.records {
        let (tag, value) = split(file.structure, record);
        writeln!(out, "{indent}  {}", record_line(edition, entry, tag, value))?;
    }
    if file.bytes.iter().any(|byte| *byte != 0) {
        writeln!(out, "{indent}  {}", hex(&file.bytes))?;
    }
    Ok(())
}

fn record_line(
    edition: Edition,
    entry: Option<&'static FileEntry>,
    tag: Option<u8>,
    value: &[u8],
) -> String {
    let Some(tag) = tag else { return hex(value) };
    match entry.and_then(|entry| edition.meaning(entry, tag, value)) {
        Some((item, meant)) => {
            let text = item_text(item, meant);
            format!("{tag:02X} {} ({}): {} {text}", item.name_zh, item.name_en, hex(value))
                .trim_end()
                .to_owned()
        }
        None => format!("{tag:02X} {}", hex(value)),
    }
}
