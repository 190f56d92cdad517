//! What the accounts of one payment application are made of, out of its settings.

use sscard_apdu::tlv::Tag;
use sscard_elements::tag;
use zeroize::Zeroizing;

use super::file::{BankFile, Counter};
use super::keys::KnownLists;
use super::recipe::{AccountRecipe, Counters};
use super::records::records;
use super::values::{bytes, contradiction, cvm_list, date, digits, list, value};
use super::{MOST_DATA, hex_constant, key_pairs, objects};
use crate::LoadError;
use crate::account::Chain;

/// What the accounts are made of.
pub(super) fn recipe_of(file: &BankFile) -> Result<AccountRecipe, LoadError> {
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
        None => from_object,
        Some(Counter::Number(number)) => {
            Some(u16::try_from(*number).map_err(|_| value("atc", &number.to_string(), wanted))?)
        }
        Some(Counter::Bytes(text)) => Some(u16::from_be_bytes(bytes("atc", text, wanted)?)),
    };
    let last_online = two(tag::LAST_ONLINE_COUNTER)?;
    if last_online.is_some_and(|last| last > transactions.unwrap_or(0)) {
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
