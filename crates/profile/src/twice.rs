//! Things that a profile names in two places: refused, since one of the two would be lost in silence.
//!
//! What one table names twice is looked at where the table is read; here are the pairs of tables.

use sscard_apdu::simple_tlv::SimpleTlvReader;
use sscard_core::catalogue::SSSE;
use sscard_core::{Blueprint, KeyId};

use crate::bank::Recipes;
use crate::delivery::HolderTable;
use crate::fields;
use crate::file::ProfileFile;
use crate::own::FileTable;
use crate::pki::PkiFile;
use crate::refusal::LoadError;
use crate::rules::{byte, bytes, directory, identifier};
use crate::social::contradiction;

/// The day until which a card is valid, in EF05.
const EXPIRY: u8 = 0x06;

pub(crate) fn check(
    file: &ProfileFile,
    blueprint: &Blueprint,
    recipes: &Recipes,
) -> Result<(), LoadError> {
    with_and_without(file)?;
    rules_of_missing_files(file, blueprint)?;
    names(file, blueprint)?;
    items(file)?;
    life_cycle(file)?;
    files(file)?;
    keys(file, blueprint)?;
    accounts(file, blueprint, recipes)?;
    pki(file)
}

fn refuse(setting: impl Into<String>, other: &str) -> LoadError {
    contradiction(setting.into(), format!("{other} says it, too: leave one out"))
}

fn with_and_without(file: &ProfileFile) -> Result<(), LoadError> {
    let without = file.without.as_deref().unwrap_or_default();
    let with = file.with.as_deref().unwrap_or_default();
    match with.iter().position(|path| without.contains(path)) {
        Some(place) => {
            let reason = "without leaves it out again: leave one of the two";
            Err(contradiction(format!("with[{place}]"), reason))
        }
        None => Ok(()),
    }
}

/// A DF whose name is that of a payment application: one of the two could not be selected.
fn names(file: &ProfileFile, blueprint: &Blueprint) -> Result<(), LoadError> {
    let applications = &blueprint.financial.applications;
    let is_taken = |name: &[u8]| applications.iter().any(|one| one.aid.as_bytes() == name);
    for (place, table) in file.applications.iter().flatten().enumerate() {
        if table.aid.as_deref().and_then(bytes).is_some_and(|name| is_taken(&name)) {
            let reason = "a payment application of the card has this AID already";
            return Err(contradiction(format!("applications[{place}].aid"), reason));
        }
    }
    Ok(())
}

/// A rule of a file that the card does not have.
fn rules_of_missing_files(file: &ProfileFile, blueprint: &Blueprint) -> Result<(), LoadError> {
    if blueprint.psam.is_some() {
        return Ok(());
    }
    for path in &file.own_access {
        let place = path_of(path);
        let mut files =
            blueprint.dfs.iter().flat_map(|df| df.files.iter().map(|file| (df.fid, file.fid)));
        if place.is_some_and(|place| !files.any(|known| known == place)) {
            let reason = "this card has no such file: take it in, or leave the rule out";
            return Err(contradiction(format!("access.\"{path}\""), reason));
        }
    }
    Ok(())
}

/// DF and file of a path.
fn path_of(path: &str) -> Option<(sscard_apdu::FileId, sscard_apdu::FileId)> {
    let (df, file) = path.split_once('/')?;
    directory(df).zip(identifier(file))
}

/// Items of EF05 and EF06: by name, by tag, as records, as whole files, as a day long ago.
fn items(file: &ProfileFile) -> Result<(), LoadError> {
    let tag_of = |name: &str| {
        let known = fields::CARD.iter().chain(&fields::HOLDER);
        known.clone().find(|(known, _)| *known == name).map(|(_, tag)| *tag)
    };
    let holder = file.holder.as_ref();
    let named = holder.into_iter().flat_map(HolderTable::named);
    let named: Vec<(String, u8)> =
        named.filter_map(|(name, _)| Some((format!("holder.{name}"), tag_of(name)?))).collect();
    let by_tag = holder.and_then(|holder| holder.items.as_ref());
    let by_tag: Vec<(String, u8)> = (by_tag.into_iter().flatten())
        .filter_map(|(name, _)| Some((format!("holder.items.{name}"), byte(name)?)))
        .collect();
    for (place, (setting, tag)) in by_tag.iter().enumerate() {
        let earlier = by_tag.iter().take(place).chain(&named);
        if let Some((other, _)) = earlier.clone().find(|(_, known)| known == tag) {
            return Err(refuse(setting, other));
        }
    }
    let all: Vec<&(String, u8)> = named.iter().chain(&by_tag).collect();
    for (place, table) in file.files.iter().flatten().enumerate() {
        let records = records_of(table);
        if let Some((setting, _)) = all.iter().find(|(_, tag)| records.contains(tag)) {
            return Err(refuse(setting, &format!("files[{place}].records")));
        }
    }
    let Some(state) = &file.state else { return Ok(()) };
    if state.expired == Some(true) {
        if let Some((other, _)) = all.iter().find(|(_, tag)| *tag == EXPIRY) {
            return Err(refuse("state.expired", other));
        }
        let mut tables = file.files.iter().flatten();
        if let Some(place) = tables.position(|table| records_of(table).contains(&EXPIRY)) {
            return Err(refuse("state.expired", &format!("files[{place}].records")));
        }
    }
    for (path, _) in state.files.iter().flatten() {
        let Some((SSSE, fid)) = path_of(path) else { continue };
        let tags = match fid.value() {
            0xEF05 => &fields::CARD,
            0xEF06 => &fields::HOLDER,
            _ => continue,
        };
        let whole = format!("state.files.\"{path}\"");
        let is_in = |tag: u8| tags.iter().any(|(_, known)| *known == tag);
        if let Some((setting, _)) = all.iter().find(|(_, tag)| is_in(*tag)) {
            return Err(refuse(setting, &whole));
        }
        if state.expired == Some(true) && is_in(EXPIRY) {
            return Err(refuse("state.expired", &whole));
        }
    }
    Ok(())
}

/// Tags of the records that a table gives EF05 or EF06 of the environment.
fn records_of(table: &FileTable) -> Vec<u8> {
    let is_personal = matches!(table.id.to_ascii_uppercase().as_str(), "EF05" | "EF06");
    if directory(&table.df) != Some(SSSE) || !is_personal {
        return Vec::new();
    }
    let records = table.records.iter().flatten().filter_map(|text| bytes(text));
    let tags = records.filter_map(|record| {
        SimpleTlvReader::new(&record).next().and_then(Result::ok).map(|record| record.tag)
    });
    tags.collect()
}

/// The environment is deactivated, or blocked.
fn life_cycle(file: &ProfileFile) -> Result<(), LoadError> {
    let Some(state) = &file.state else { return Ok(()) };
    let mut blocked = state.blocked.iter().flatten().enumerate();
    match (state.life_cycle, blocked.find(|(_, name)| *name == "SSSE")) {
        (Some(_), Some((place, _))) => {
            Err(refuse("state.life_cycle", &format!("state.blocked[{place}]")))
        }
        _ => Ok(()),
    }
}

/// Files of `[state.files]`.
fn files(file: &ProfileFile) -> Result<(), LoadError> {
    let paths: Vec<&String> = file
        .state
        .iter()
        .flat_map(|state| state.files.iter().flatten())
        .map(|(path, _)| path)
        .collect();
    for (number, path) in paths.iter().enumerate() {
        let Some(place) = path_of(path) else { continue };
        let setting = format!("state.files.\"{path}\"");
        let same = paths.iter().take(number).find(|other| path_of(other) == Some(place));
        if let Some(other) = same {
            return Err(refuse(setting, &format!("state.files.\"{other}\"")));
        }
        let gives = |table: &FileTable| {
            let here = directory(&table.df).zip(identifier(&table.id)) == Some(place);
            here && (table.records.is_some() || table.data.is_some())
        };
        if let Some(table) = file.files.iter().flatten().position(gives) {
            return Err(refuse(setting, &format!("files[{table}]")));
        }
    }
    Ok(())
}

/// Keys of `[state.keys]`, among them those by which an application is blocked.
fn keys(file: &ProfileFile, blueprint: &Blueprint) -> Result<(), LoadError> {
    let Some(state) = &file.state else { return Ok(()) };
    let key = |path: &str| {
        let mut parts = path.split('/');
        let (df, id) = (directory(parts.next()?)?, byte(parts.next()?)?);
        let version = parts.next().map_or(Some(1), |text| text.parse::<u8>().ok())?;
        Some((df, KeyId(id), version))
    };
    let paths: Vec<&String> = state.keys.iter().flatten().map(|(path, _)| path).collect();
    for (number, path) in paths.iter().enumerate() {
        let Some((df, id, version)) = key(path) else { continue };
        let setting = format!("state.keys.\"{path}\"");
        let same = paths.iter().take(number).find(|other| key(other) == Some((df, id, version)));
        if let Some(other) = same {
            return Err(refuse(setting, &format!("state.keys.\"{other}\"")));
        }
        if id != KeyId::STK_OF_APPLICATION || !blueprint.dfs.iter().any(|known| known.fid == df) {
            continue;
        }
        let mut blocked = state.blocked.iter().flatten();
        if let Some(place) = blocked.position(|name| directory(name) == Some(df)) {
            return Err(refuse(setting, &format!("state.blocked[{place}]")));
        }
    }
    Ok(())
}

/// Payment applications: by `[financial.objects]`, by `[state]`, by their tables in it.
fn accounts(file: &ProfileFile, blueprint: &Blueprint, recipes: &Recipes) -> Result<(), LoadError> {
    let Some(state) = &file.state else { return Ok(()) };
    let mut said: Vec<Vec<u8>> = Vec::new();
    for (place, table) in state.accounts.iter().flatten().enumerate() {
        let setting = |what: &str| format!("state.accounts[{place}].{what}");
        let Some(aid) = bytes(&table.aid) else { continue };
        if said.contains(&aid) {
            return Err(contradiction(setting("aid"), format!("{} stands here twice", table.aid)));
        }
        let mut blocked = state.blocked.iter().flatten();
        if table.blocked.is_some()
            && let Some(other) = blocked.position(|name| bytes(name).as_ref() == Some(&aid))
        {
            return Err(refuse(setting("blocked"), &format!("state.blocked[{other}]")));
        }
        let applications = &blueprint.financial.applications;
        let index = applications.iter().position(|one| one.aid.as_bytes() == aid);
        let recipe = index.and_then(|index| recipes.0.get(index));
        let counters = recipe.map(|recipe| recipe.counters).unwrap_or_default();
        let objects = "[financial.objects]";
        if table.pin_tries_left.is_some() && counters.pin_tries.is_some() {
            return Err(refuse(setting("pin_tries_left"), &format!("9F17 of {objects}")));
        }
        if table.atc.is_some() && counters.transactions.is_some() {
            return Err(refuse(setting("atc"), "[financial]"));
        }
        if table.last_online_atc.is_some() && counters.last_online.is_some() {
            return Err(refuse(setting("last_online_atc"), &format!("9F13 of {objects}")));
        }
        if table.risk.is_some() && counters.last_online.is_some() {
            return Err(refuse(setting("risk"), &format!("9F13 of {objects}")));
        }
        if table.risk.is_some() && table.last_online_atc.is_some() {
            return Err(refuse(setting("last_online_atc"), &setting("risk")));
        }
        said.push(aid);
    }
    Ok(())
}

fn pki(file: &ProfileFile) -> Result<(), LoadError> {
    let is_set = file.state.as_ref().is_some_and(|state| state.pki.is_some());
    match file.pki.as_ref().and_then(PkiFile::of_state) {
        Some(setting) if is_set => Err(refuse(setting, "state.pki")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
