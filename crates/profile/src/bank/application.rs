//! One payment application: its plan, and what its accounts are made of beside it.

use sscard_apdu::tlv::Tag;
use sscard_apdu::{Aid, Sfi, dol};
use sscard_core::{
    FinancialApplication, FinancialRecord, Path, ProcessingOptions, SharedKeys, SmSupport,
};
use sscard_crypto::financial::CryptogramScheme;
use sscard_elements::tag;
use zeroize::Zeroizing;

use super::file::{BankFile, Counter, RecordTable};
use super::key_pairs;
use super::keys::KnownLists;
use super::recipe::{AccountRecipe, Counters, RecordContent, RecordRecipe};
use super::scheme;
use super::values::{
    any_bytes, bytes, contradiction, cvm_list, date, digits, hexadecimal, list, objects_of,
    tag as tag_of, value,
};
use super::{
    AIDS, AIP, CDOL1, CDOL2, CONTACTLESS_PDOL, DDOL, PDOL, hex_constant, log, objects, options,
};
use crate::LoadError;
use crate::account::{Chain, Draft, RecordPlace, afl_places};
use crate::gbk;
use crate::icc_keys::IccKeys;
use crate::synthetic_holder;
use crate::test_keys::TestKeys;

/// Bytes of data for which a command of GENERATE AC or INTERNAL AUTHENTICATE has room.
const MOST_DATA: usize = 252;

/// The plan of an application, and what its accounts are made of.
pub(super) fn application(
    file: &BankFile,
    index: usize,
) -> Result<(FinancialApplication, AccountRecipe), LoadError> {
    let card_key = file.card_key.unwrap_or(1152);
    if !matches!(card_key, 0 | 768 | 1024 | 1152) {
        return Err(value("card_key", &card_key.to_string(), "0, 768, 1024 or 1152 bits"));
    }
    let recipe = recipe_of(file)?;
    let keys = TestKeys::get();
    // A pair of the card's own is written when it is made.
    let own_rsa = recipe.icc_rsa.as_ref();
    let modulus =
        own_rsa.map(|pair| u16::try_from(pair.public.modulus().len()).unwrap_or(u16::MAX));
    let shared = own_rsa.is_none().then_some(());
    let mut plan = FinancialApplication {
        rsa_modulus: modulus.unwrap_or(card_key / 8),
        keys: SharedKeys {
            rsa: shared
                .and_then(|()| keys.rsa(&format!("card-{card_key}")))
                .map(|pair| pair.private.to_bytes().to_vec())
                .unwrap_or_default(),
            sm2: keys.sm2_private("card").map(|key| key.to_vec()).unwrap_or_default(),
        },
        ..plan_of(file, index)?
    };
    add_records(file, &mut plan, &recipe)?;
    Ok((plan, recipe))
}

/// The plan without its records and keys.
fn plan_of(file: &BankFile, index: usize) -> Result<FinancialApplication, LoadError> {
    let (aid, label, name) = names(file, index)?;
    let aip = match &file.aip {
        Some(text) => bytes("aip", text, "two bytes as four hexadecimal digits")?,
        None => AIP,
    };
    let cryptogram = scheme::cryptogram(file)?;
    let is_pboc = cryptogram.scheme == CryptogramScheme::Pboc;
    let sm = match file.sm.as_deref().unwrap_or(if is_pboc { "both" } else { "no" }) {
        "both" => SmSupport::Both,
        "no" => SmSupport::InternationalOnly,
        "only" => SmSupport::SmOnly,
        other => return Err(value("sm", other, "both, no or only")),
    };
    let own = |setting: &str, text: &Option<String>, default: &[(Tag, u8)]| match text {
        Some(text) => list(setting, text, MOST_DATA),
        None => Ok(dol::list(default)),
    };
    // The terminal's support of the SM algorithms comes last, where the card has them.
    let default_pdol = |entries: &[(Tag, u8)]| match sm {
        SmSupport::InternationalOnly => entries.to_vec(),
        _ => [entries, &[(tag::SM_SUPPORT_INDICATOR, 1)]].concat(),
    };
    let own_objects = objects::objects(file)?;
    let usual = u8::from(file.discretionary_data_static.is_none() && is_pboc);
    let discretionary_data = file.discretionary_data.unwrap_or(usual);
    if discretionary_data != 0 && !is_pboc {
        let reason = "amounts in 9F10 are PBOC's, and this profile names another scheme";
        return Err(contradiction("discretionary_data", reason));
    }
    let qpboc_version = file.qpboc_cryptogram_version.as_deref().unwrap_or("01");
    let place = u8::try_from(index).unwrap_or(u8::MAX);
    Ok(FinancialApplication {
        aid,
        label,
        preferred_name: name,
        priority: file.priority.unwrap_or(place.saturating_add(1)),
        pdol: own("pdol", &file.pdol, &default_pdol(PDOL))?,
        contactless_pdol: own(
            "pdol_contactless",
            &file.pdol_contactless,
            &default_pdol(CONTACTLESS_PDOL),
        )?,
        cdol1: own("cdol1", &file.cdol1, CDOL1)?,
        cdol2: own("cdol2", &file.cdol2, CDOL2)?,
        ddol: own("ddol", &file.ddol, DDOL)?,
        processing_options: processing_options(file, aip)?,
        sm,
        qpboc: has_qpboc(file)?,
        records: Vec::new(),
        objects: own_objects.objects,
        transaction_log: log(11, own_objects.transaction_log),
        load_log: log(12, own_objects.load_log).filter(|_| is_pboc),
        key_index: file.key_index.unwrap_or(0x01),
        qpboc_cryptogram_version: match qpboc_version {
            "01" => 0x01,
            "17" => 0x17,
            other => return Err(value("qpboc_cryptogram_version", other, "\"01\" or \"17\"")),
        },
        discretionary_data,
        pin_tries: file.pin_tries.unwrap_or(3),
        rsa_modulus: 0,
        keys: SharedKeys::default(),
        options: options(file)?,
        cryptogram,
        control_information: scheme::control_information(file)?,
    })
}

/// Whether there is the path of qPBOC; other schemes have it when a profile says so.
fn has_qpboc(file: &BankFile) -> Result<bool, LoadError> {
    let is_usual = file.defaults != Some(false) || file.afl_qpboc.is_some();
    Ok(file.qpboc.unwrap_or(is_usual && scheme::scheme(file)? == CryptogramScheme::Pboc))
}

/// Whether there is the e-cash path over contacts, likewise.
fn has_e_cash(file: &BankFile) -> Result<bool, LoadError> {
    Ok(file.e_cash.unwrap_or(scheme::scheme(file)? == CryptogramScheme::Pboc))
}

/// AID, label and preferred name.
fn names(file: &BankFile, index: usize) -> Result<(Aid, Vec<u8>, Vec<u8>), LoadError> {
    let known = AIDS.get(index);
    let aid = match (&file.aid, known) {
        (Some(text), _) => {
            let wanted = "an application identifier: 5 to 16 bytes as hexadecimal digits";
            let bytes = hexadecimal(text).filter(|bytes| (5..=16).contains(&bytes.len()));
            bytes.and_then(|bytes| Aid::new(&bytes)).ok_or_else(|| value("aid", text, wanted))?
        }
        (None, Some((aid, ..))) => {
            aid.parse().map_err(|_| value("aid", aid, "an application identifier"))?
        }
        (None, None) => {
            return Err(contradiction("aid", "a third application needs an AID of its own"));
        }
    };
    let label = file.label.as_deref().or(known.map(|(_, label, _)| *label)).unwrap_or_default();
    if !(1..=16).contains(&label.len()) || !label.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return Err(value("label", label, "1 to 16 ASCII characters"));
    }
    // The default name is that of the default label.
    let is_default = file.aid.is_none() && file.label.is_none();
    let default = known.filter(|_| is_default).map(|(_, _, name)| *name).unwrap_or_default();
    let name = file.preferred_name.as_deref().unwrap_or(default);
    let wanted = "at most 16 bytes in GBK";
    let encoded = gbk::encode(name).ok().filter(|name| name.len() <= 16);
    let encoded = encoded.ok_or_else(|| value("preferred_name", name, wanted))?;
    Ok((aid, label.as_bytes().to_vec(), encoded))
}

fn processing_options(file: &BankFile, aip: [u8; 2]) -> Result<Vec<ProcessingOptions>, LoadError> {
    let has_cash = has_e_cash(file)?;
    let is_pboc = scheme::scheme(file)? == CryptogramScheme::Pboc;
    let has_qpboc = has_qpboc(file)?;
    let has_sm = is_pboc || file.sm.as_deref().is_some_and(|sm| sm != "no");
    let all = [
        (Path::Standard, false, "afl", &file.afl, "08010200100104001801010120010100"),
        (Path::Standard, true, "afl_sm", &file.afl_sm, "08010200400103001801010120010100"),
        (
            Path::ElectronicCash,
            false,
            "afl_e_cash",
            &file.afl_e_cash,
            "08010100100104001801010128010100",
        ),
        (
            Path::ElectronicCash,
            true,
            "afl_e_cash_sm",
            &file.afl_e_cash_sm,
            "08010100400103001801010128010100",
        ),
        (Path::Qpboc, false, "afl_qpboc", &file.afl_qpboc, "100104001801010128010100"),
        (Path::Qpboc, true, "afl_qpboc_sm", &file.afl_qpboc_sm, "400103001801010128010100"),
    ];
    let mut made = Vec::new();
    for (path, sm, setting, own, default) in all {
        let offered = match path {
            Path::Standard => true,
            Path::ElectronicCash => has_cash,
            // Its AFLs stay where the path is not offered: images of old cards have them.
            Path::Qpboc => has_qpboc || own.is_none() && is_pboc,
        } && (!sm || has_sm)
            // Without default records there is what an own AFL leads to.
            && (file.defaults != Some(false) || own.is_some());
        let afl = match own {
            Some(_) if !offered => {
                return Err(contradiction(setting, "this path is switched off in this profile"));
            }
            Some(text) => afl(setting, text)?,
            None => hex_constant(default),
        };
        if offered {
            made.push(ProcessingOptions { path, sm, aip, afl });
        }
    }
    if made.iter().all(|options| options.path != Path::Standard) {
        return Err(contradiction(
            "afl",
            "it is missing: without default records there is no default AFL",
        ));
    }
    Ok(made)
}

/// Entries of four bytes: the file, first and last record, how many of them are signed.
fn afl(setting: &str, text: &str) -> Result<Vec<u8>, LoadError> {
    let wanted = "entries of four bytes as hexadecimal digits: 08 for SFI 1, first record, last, how many are signed";
    let refuse = || value(setting, text, wanted);
    let afl = hexadecimal(text).ok_or_else(refuse)?;
    let (entries, rest) = afl.as_chunks::<4>();
    let fits = |[sfi, first, last, signed]: &[u8; 4]| {
        sfi & 0x07 == 0
            && (1..=30).contains(&(sfi >> 3))
            && *first > 0
            && first <= last
            && *signed <= last.saturating_sub(*first).saturating_add(1)
    };
    if !rest.is_empty() || !(1..=60).contains(&entries.len()) || !entries.iter().all(fits) {
        return Err(refuse());
    }
    Ok(afl)
}

/// What the accounts are made of.
fn recipe_of(file: &BankFile) -> Result<AccountRecipe, LoadError> {
    let records = records(file)?;
    let pan_wanted = "an account number of 8 to 19 digits";
    let pan = file.pan.as_deref();
    let mut pan = pan.map(|pan| digits("pan", pan, 8..=19, pan_wanted)).transpose()?;
    let sequence = file.pan_sequence.as_deref();
    let mut sequence =
        sequence.map(|number| digits("pan_sequence", number, 2..=2, "two digits")).transpose()?;
    // Keys and certificates go by what the records say.
    let in_records = |wanted: Tag| records.iter().find_map(|record| record.content.value(wanted));
    if let Some(number) = in_records(tag::PRIMARY_ACCOUNT_NUMBER) {
        let number = hex::encode_upper(number);
        pan = Some(digits("records", number.trim_end_matches('F'), 1..=19, pan_wanted)?);
    }
    if let Some(number) = in_records(tag::SEQUENCE_NUMBER) {
        sequence =
            Some(digits("records", &hex::encode(number), 2..=2, "a sequence number of one byte")?);
    }
    let pin = file.pin.as_ref().map(|pin| Zeroizing::new(pin.expose().to_owned()));
    if pin.as_ref().is_some_and(|pin| {
        !(4..=12).contains(&pin.len()) || !pin.bytes().all(|digit| digit.is_ascii_digit())
    }) {
        return Err(contradiction("pin", "a PIN has 4 to 12 digits"));
    }
    let name = file.holder_name.as_deref();
    let name = name.map(|name| match name.len() {
        2..=26 if name.is_ascii() => Ok(name.as_bytes().to_vec()),
        _ => Err(value("holder_name", name, "2 to 26 ASCII characters")),
    });
    let code = file.service_code.as_deref();
    let code = code.map(|code| {
        let code = digits("service_code", code, 3..=3, "three digits")?;
        bytes("service_code", &format!("0{code}"), "three digits")
    });
    let track = file.track_2_discretionary.as_deref();
    let track =
        track.map(|text| digits("track_2_discretionary", text, 0..=13, "at most 13 digits"));
    let identification = pan.as_deref().map(identification);
    let (icc_rsa, icc_sm2) = key_pairs::card_pairs(&file.icc)?;
    if icc_rsa.is_some() && file.card_key.is_some() {
        let reason = "the card's RSA key is named here and as financial.icc.rsa";
        return Err(contradiction("card_key", reason));
    }
    Ok(AccountRecipe {
        pan,
        sequence,
        keys: file.keys.keys(),
        pin,
        holder_name: name.transpose()?,
        service_code: code.transpose()?,
        track_2_discretionary: track.transpose()?,
        statics: statics(file)?,
        bare: file.defaults == Some(false),
        records,
        chain: Chain::new(key_pairs::chain(&file.authority, &file.issuer, identification)?),
        icc_rsa,
        icc_sm2,
        counters: counters(file)?,
    })
}

/// The lists that a table names, as settings or in records.
pub(super) fn known_lists(file: &BankFile) -> Result<KnownLists, LoadError> {
    let records = records(file)?;
    let known = |setting: &str, text: &Option<String>, tag: Tag| match text {
        Some(text) => list(setting, text, MOST_DATA).map(Some),
        None => Ok(records.iter().find_map(|record| record.content.value(tag))),
    };
    let contactless = file.pdol_contactless.as_deref();
    let contactless = contactless.map(|text| list("pdol_contactless", text, MOST_DATA));
    Ok(KnownLists {
        contactless_pdol: contactless.transpose()?,
        cdol1: known("cdol1", &file.cdol1, tag::CDOL1)?,
        cdol2: known("cdol2", &file.cdol2, tag::CDOL2)?,
    })
}

/// Issuer identification number in certificates: the first six digits of the account number.
fn identification(pan: &str) -> [u8; 4] {
    let digits = pan.get(..6).unwrap_or(pan);
    let mut number = [0xFF; 4];
    let packed = hex_constant(&format!("{digits:F<8}"));
    number.iter_mut().zip(packed).for_each(|(place, byte)| *place = byte);
    number
}

/// The counters before the first transaction, by a setting or as data objects.
fn counters(file: &BankFile) -> Result<Counters, LoadError> {
    let wanted = "a counter from 0 to 65535, or its two bytes as four hexadecimal digits";
    let object = |tag: Tag| objects::named(file, tag);
    let two = |tag: Tag| {
        let named = object(tag);
        named
            .map(|(name, text)| {
                bytes(&format!("objects.{name}"), text, "two bytes as four hexadecimal digits")
                    .map(u16::from_be_bytes)
            })
            .transpose()
    };
    let from_object = two(tag::TRANSACTION_COUNTER)?;
    let transactions = match &file.atc {
        Some(_) if from_object.is_some() => {
            let reason = "the counter is named here and as object 9F36";
            return Err(contradiction("atc", reason));
        }
        None => from_object.unwrap_or(0),
        Some(Counter::Number(number)) => {
            u16::try_from(*number).map_err(|_| value("atc", &number.to_string(), wanted))?
        }
        Some(Counter::Bytes(text)) => u16::from_be_bytes(bytes("atc", text, wanted)?),
    };
    let last_online = two(tag::LAST_ONLINE_COUNTER)?.unwrap_or(0);
    if last_online > transactions {
        let reason = "the last online transaction is later than the latest one";
        return Err(contradiction("objects.9F13", reason));
    }
    let most = file.pin_tries.unwrap_or(3);
    let pin_tries = object(tag::PIN_TRY_COUNTER).map(|(name, text)| {
        let setting = format!("objects.{name}");
        let [left] = bytes(&setting, text, "a byte as two hexadecimal digits")?;
        if left > most {
            return Err(contradiction(
                &setting,
                format!("more tries are left than there are: {most}"),
            ));
        }
        Ok(left)
    });
    Ok(Counters { transactions, last_online, pin_tries: pin_tries.transpose()? })
}

/// Objects of the record that offline data authentication signs.
fn statics(file: &BankFile) -> Result<Vec<(Tag, Vec<u8>)>, LoadError> {
    let two = "two bytes as four hexadecimal digits";
    let five = "five bytes as ten hexadecimal digits";
    let mut statics = Vec::new();
    if let Some(text) = &file.cvm_list {
        statics.push((tag::CVM_LIST, cvm_list(text)?));
    }
    if let Some(text) = &file.tdol {
        statics.push((tag::TDOL, list("tdol", text, MOST_DATA)?));
    }
    for (setting, text, tag) in [
        ("effective_date", &file.effective_date, tag::EFFECTIVE_DATE),
        ("expiry_date", &file.expiry_date, tag::EXPIRATION_DATE),
    ] {
        if let Some(text) = text {
            statics.push((tag, date(setting, text)?));
        }
    }
    for (setting, text, tag) in [
        ("country", &file.country, tag::ISSUER_COUNTRY),
        ("usage_control", &file.usage_control, tag::USAGE_CONTROL),
        ("application_version", &file.application_version, tag::APPLICATION_VERSION),
    ] {
        if let Some(text) = text {
            statics.push((tag, bytes::<2>(setting, text, two)?.to_vec()));
        }
    }
    for (setting, text, tag) in [
        ("action_code_default", &file.action_code_default, tag::ISSUER_ACTION_CODE_DEFAULT),
        ("action_code_denial", &file.action_code_denial, tag::ISSUER_ACTION_CODE_DENIAL),
        ("action_code_online", &file.action_code_online, tag::ISSUER_ACTION_CODE_ONLINE),
    ] {
        if let Some(text) = text {
            statics.push((tag, bytes::<5>(setting, text, five)?.to_vec()));
        }
    }
    Ok(statics)
}

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

fn records(file: &BankFile) -> Result<Vec<RecordRecipe>, LoadError> {
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
            if let Some((setting, _)) = named {
                let reason = format!("tag {tag} is named here and as financial.{setting}");
                return Err(contradiction(&tag_path(table, tag), reason));
            }
        }
        // What an application's own table says of a place replaces what [financial] says of it.
        records.retain(|record| (record.sfi, record.number) != place);
        records.push(RecordRecipe { sfi: table.sfi, number: table.record, content });
    }
    Ok(records)
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
fn add_records(
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
