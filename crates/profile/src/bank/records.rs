//! Records: what a profile says of them, and the plan of those that every card has.

use sscard_apdu::tlv::Tag;
use sscard_apdu::{Sfi, dol};
use sscard_core::{FinancialApplication, FinancialRecord, Path};
use sscard_elements::tag;

use super::MOST_DATA;
use super::file::{BankFile, RecordTable};
use super::recipe::{AccountRecipe, RecordContent, RecordRecipe};
use super::values::{
    any_bytes, contradiction, cvm_list, hexadecimal, objects_of, tag as tag_of, value,
};
use crate::LoadError;
use crate::account::{Draft, RecordPlace, afl_places, packed};
use crate::icc_keys::IccKeys;
use crate::synthetic_holder;

/// Settings that name what a record may name, too.
const IN_RECORDS: [(&str, Tag); 19] = [
    ("pan", tag::PRIMARY_ACCOUNT_NUMBER),
    ("pan_sequence", tag::SEQUENCE_NUMBER),
    ("holder_name", tag::CARDHOLDER_NAME),
    ("service_code", tag::SERVICE_CODE),
    ("track_2_discretionary", tag::TRACK_2_EQUIVALENT_DATA),
    ("effective_date", tag::EFFECTIVE_DATE),
    ("expiry_date", tag::EXPIRATION_DATE),
    ("country", tag::ISSUER_COUNTRY),
    ("usage_control", tag::USAGE_CONTROL),
    ("application_version", tag::APPLICATION_VERSION),
    ("cvm_list", tag::CVM_LIST),
    ("action_code_default", tag::ISSUER_ACTION_CODE_DEFAULT),
    ("action_code_denial", tag::ISSUER_ACTION_CODE_DENIAL),
    ("action_code_online", tag::ISSUER_ACTION_CODE_ONLINE),
    ("cdol1", tag::CDOL1),
    ("cdol2", tag::CDOL2),
    ("ddol", tag::DDOL),
    ("tdol", tag::TDOL),
    ("aip", tag::INTERCHANGE_PROFILE),
];

pub(super) fn records(file: &BankFile) -> Result<Vec<RecordRecipe>, LoadError> {
    let mut records: Vec<RecordRecipe> = Vec::new();
    let mut places: Vec<(RecordPlace, &RecordTable)> = Vec::new();
    for table in &file.records.0 {
        let at = &table.at;
        if !(1..=10).contains(&table.sfi) {
            let wanted = "a short file identifier of records, 1 to 10";
            return Err(value(&format!("{at}.sfi"), &table.sfi.to_string(), wanted));
        }
        if table.record == 0 {
            return Err(value(&format!("{at}.record"), "0", "a record number, 1 to 255"));
        }
        let place = (table.sfi, table.record);
        let list = at.rsplit_once('[').map(|(list, _)| list);
        let again = places.iter().find(|(known, other)| {
            *known == place && other.at.rsplit_once('[').map(|(list, _)| list) == list
        });
        if again.is_some() {
            let (sfi, record) = place;
            let reason = format!("record {record} of SFI {sfi} is named in two places");
            return Err(contradiction(at, reason));
        }
        places.push((place, table));
        let content = content(table)?;
        for tag in content.tags() {
            let named =
                IN_RECORDS.iter().find(|(setting, known)| *known == tag && file.says(setting));
            let Some((setting, _)) = named else { continue };
            // The same value twice contradicts nothing.
            if said(file, tag).is_none_or(|said| content.value(tag) != Some(said)) {
                let reason = format!(
                    "tag {tag} is named here and, with another value, as financial.{setting}"
                );
                return Err(contradiction(&tag_path(table, tag), reason));
            }
        }
        // What an application's own table says of a place replaces what [financial] says of it.
        records.retain(|record| (record.sfi, record.number) != place);
        records.push(RecordRecipe { sfi: table.sfi, number: table.record, content });
    }
    Ok(records)
}

/// The value that a setting gives a tag.
fn said(file: &BankFile, wanted: Tag) -> Option<Vec<u8>> {
    let text = match wanted {
        tag::PRIMARY_ACCOUNT_NUMBER => return file.pan.as_deref().map(packed),
        tag::CARDHOLDER_NAME => {
            return file.holder_name.as_ref().map(|name| name.as_bytes().to_vec());
        }
        tag::SERVICE_CODE => return hexadecimal(&format!("0{}", file.service_code.as_deref()?)),
        tag::CVM_LIST => return cvm_list(file.cvm_list.as_deref()?).ok(),
        tag::SEQUENCE_NUMBER => &file.pan_sequence,
        tag::EFFECTIVE_DATE => &file.effective_date,
        tag::EXPIRATION_DATE => &file.expiry_date,
        tag::ISSUER_COUNTRY => &file.country,
        tag::USAGE_CONTROL => &file.usage_control,
        tag::APPLICATION_VERSION => &file.application_version,
        tag::ISSUER_ACTION_CODE_DEFAULT => &file.action_code_default,
        tag::ISSUER_ACTION_CODE_DENIAL => &file.action_code_denial,
        tag::ISSUER_ACTION_CODE_ONLINE => &file.action_code_online,
        tag::CDOL1 => &file.cdol1,
        tag::CDOL2 => &file.cdol2,
        tag::DDOL => &file.ddol,
        tag::TDOL => &file.tdol,
        tag::INTERCHANGE_PROFILE => &file.aip,
        _ => return None,
    };
    hexadecimal(text.as_deref()?)
}

/// Where a file names a tag of a record.
fn tag_path(table: &RecordTable, wanted: Tag) -> String {
    let names = table.tags.iter().flatten();
    let name = names.map(|(name, _)| name).find(|name| tag_of(name) == Some(wanted));
    match name {
        Some(name) => format!("{}.tags.\"{name}\"", table.at),
        None => format!("{}.data", table.at),
    }
}

fn content(table: &RecordTable) -> Result<RecordContent, LoadError> {
    let at = &table.at;
    match (&table.data, &table.tags) {
        (Some(_), Some(_)) => Err(contradiction(
            &format!("{at}.tags"),
            "data is the whole record: leave one of the two out",
        )),
        (None, None) => Err(contradiction(at, "data or tags is missing")),
        (Some(text), None) => {
            let setting = format!("{at}.data");
            let data = any_bytes(&setting, text)?;
            let wanted = "a template 70 with its length, as long as it says and at most 255 bytes";
            let refuse = || value(&setting, text, wanted);
            let objects = objects_of(&data).ok_or_else(refuse)?;
            match <[(Tag, Vec<u8>); 1]>::try_from(objects) {
                Ok([(tag::RECORD_TEMPLATE, content)]) if content.len() <= 253 => {
                    let objects = objects_of(&content).unwrap_or_default();
                    Ok(RecordContent::Whole(content, objects))
                }
                _ => Err(refuse()),
            }
        }
        (None, Some(tags)) => {
            let mut read: Vec<(Tag, Option<Vec<u8>>)> = Vec::new();
            for (name, text) in tags {
                let setting = format!("{at}.tags.\"{name}\"");
                let tag = tag_of(name)
                    .ok_or_else(|| value(&setting, name, "a tag as hexadecimal digits"))?;
                if read.iter().any(|(known, _)| *known == tag) {
                    return Err(contradiction(
                        &setting,
                        format!("tag {tag} is named in two places"),
                    ));
                }
                let bytes = if text == "absent" { None } else { Some(any_bytes(&setting, text)?) };
                read.push((tag, bytes));
            }
            Ok(RecordContent::Tags(read))
        }
    }
}

/// Capacities of the default records; those individual to a card come first.
const CAPACITIES: [(RecordPlace, u16); 12] = [
    ((1, 1), 128),
    ((1, 2), 64),
    ((2, 3), 190),
    ((2, 4), 240),
    ((3, 1), 220),
    ((8, 2), 80),
    ((8, 3), 160),
    ((2, 1), 253),
    ((2, 2), 64),
    ((4, 1), 16),
    ((5, 1), 24),
    ((8, 1), 160),
];

/// Records with what every card has; the rest is written when a card is made. Before that, what the
/// records say is compared with what refers to them.
pub(super) fn add_records(
    file: &BankFile,
    plan: &mut FinancialApplication,
    recipe: &AccountRecipe,
) -> Result<(), LoadError> {
    let pairs = IccKeys::Shared.pairs(plan, recipe);
    let draft = Draft::new(recipe, plan, &synthetic_holder(0), 0, &pairs);
    check_lists(file, plan, &draft)?;
    let lengths = draft.lengths(recipe, &pairs);
    let contents = draft.shared(recipe);
    let mut records = Vec::new();
    for ((record, length), content) in draft.records.iter().zip(lengths).zip(contents) {
        let (sfi, number) = record.place;
        let usual = CAPACITIES.iter().find(|(place, _)| *place == record.place);
        let needed = u16::try_from(length).unwrap_or(u16::MAX);
        let capacity = usual.map_or(needed, |(_, usual)| needed.max(*usual));
        if needed > 253 {
            let own = file.records.0.iter().rfind(|own| (own.sfi, own.record) == record.place);
            let reason = format!(
                "record {number} of SFI {sfi} has {length} bytes, and a record holds at most 253"
            );
            let setting = own.map_or("records", |own| &own.at);
            return Err(contradiction(setting, reason));
        }
        records.push(FinancialRecord {
            // It was looked at when it was read.
            sfi: Sfi::new(sfi)
                .ok_or_else(|| contradiction("records", "no short file identifier"))?,
            number,
            capacity,
            content: content.unwrap_or_default(),
        });
    }
    let place = |record: &FinancialRecord| {
        let place = (record.sfi.number(), record.number);
        CAPACITIES.iter().position(|(known, _)| *known == place).unwrap_or(CAPACITIES.len())
    };
    records.sort_by_key(place);
    plan.records = records;
    Ok(())
}

/// The lists of the plan are those of the records, and every AFL leads to records.
fn check_lists(
    file: &BankFile,
    plan: &mut FinancialApplication,
    draft: &Draft,
) -> Result<(), LoadError> {
    let in_records = |tag: Tag| draft.value(tag).map(<[u8]>::to_vec);
    for (setting, tag, said, list) in [
        ("cdol1", tag::CDOL1, file.cdol1.is_some(), &mut plan.cdol1),
        ("cdol2", tag::CDOL2, file.cdol2.is_some(), &mut plan.cdol2),
        ("ddol", tag::DDOL, file.ddol.is_some(), &mut plan.ddol),
    ] {
        match in_records(tag) {
            Some(found) => {
                let length = dol::total_length(&found);
                if !length.is_ok_and(|length| length <= MOST_DATA) {
                    let reason =
                        format!("tag {tag} in the records is no list that fits into a command");
                    return Err(contradiction("records", reason));
                }
                *list = found;
            }
            None if said => {
                let reason = format!(
                    "no record holds it: the record in which tag {tag} would stand is replaced"
                );
                return Err(contradiction(setting, reason));
            }
            None => {}
        }
    }
    for options in &plan.processing_options {
        let setting = match (options.path, options.sm) {
            (Path::Standard, false) => "afl",
            (Path::Standard, true) => "afl_sm",
            (Path::ElectronicCash, false) => "afl_e_cash",
            (Path::ElectronicCash, true) => "afl_e_cash_sm",
            (Path::Qpboc, false) => "afl_qpboc",
            (Path::Qpboc, true) => "afl_qpboc_sm",
        };
        if let Some((sfi, number)) = afl_places(&options.afl).find(|place| !draft.has(*place)) {
            let reason =
                format!("it leads to record {number} of SFI {sfi}, which is not on the card");
            return Err(contradiction(setting, reason));
        }
    }
    Ok(())
}
