//! One payment application: its plan, and what its accounts are made of beside it.

use sscard_apdu::tlv::Tag;
use sscard_apdu::{Aid, dol};
use sscard_core::{FinancialApplication, Path, ProcessingOptions, SharedKeys, SmSupport};
use sscard_crypto::financial::CryptogramScheme;
use sscard_elements::tag;

use super::account_settings::recipe_of;
use super::file::BankFile;
use super::recipe::AccountRecipe;
use super::records::add_records;
use super::values::{bytes, contradiction, hexadecimal, list, value};
use super::{
    AIDS, AIP, CDOL1, CDOL2, CONTACTLESS_PDOL, DDOL, MOST_DATA, PDOL, hex_constant, log, objects,
    options, scheme,
};
use crate::LoadError;
use crate::gbk;
use crate::test_keys::TestKeys;

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
