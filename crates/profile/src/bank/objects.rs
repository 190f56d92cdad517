//! The table `[financial.objects]`: data objects that a profile sets or leaves out.

use sscard_apdu::dol;
use sscard_apdu::tlv::Tag;
use sscard_core::DataObject;
use sscard_crypto::financial::CryptogramScheme;
use sscard_elements::tag;

use super::scheme;
use super::values::{contradiction, hexadecimal, list, tag as tag_of, value};
use super::{BankFile, LOAD_LOG, TRANSACTION_LOG, hex_constant};
use crate::LoadError;

/// Data objects of the card and their initial values, whose lengths are the only ones.
const OBJECTS: [(Tag, &str); 22] = [
    (tag::CASH_BALANCE, "000000100000"),
    (tag::CASH_BALANCE_LIMIT, "000000500000"),
    (tag::CASH_SINGLE_LIMIT, "000000050000"),
    (tag::CASH_RESET_THRESHOLD, "000000000000"),
    (tag::CARD_CVM_LIMIT, "000000030000"),
    (tag::RISK_CURRENCY, "0156"),
    (tag::DEFAULT_ACTION, "C000"),
    (tag::INTERNATIONAL_CURRENCY_LIMIT, "05"),
    (tag::CUMULATIVE_LIMIT, "000000200000"),
    (tag::ISSUER_AUTHENTICATION_INDICATOR, "80"),
    (tag::RISK_COUNTRY, "0156"),
    (tag::LOWER_OFFLINE_LIMIT_OF_CARD, "0A"),
    (tag::UPPER_OFFLINE_LIMIT_OF_CARD, "14"),
    (tag::CUMULATIVE_UPPER_LIMIT, "000000500000"),
    (tag::INTERNATIONAL_COUNTRY_LIMIT, "05"),
    (tag::CONVERSION_FACTOR, "10000070"),
    (tag::DUAL_CUMULATIVE_LIMIT, "000000500000"),
    (tag::SECOND_CURRENCY, "0840"),
    (tag::AVAILABLE_OFFLINE_AMOUNT, "01"),
    (tag::ADDITIONAL_PROCESSES, "81109000"),
    (tag::CARD_AUTHENTICATION_DATA, "0100000000000000"),
    (tag::CARD_QUALIFIERS, "0000"),
];

/// The tags of a card's data objects that have a value without a profile saying so.
pub(crate) fn known_objects() -> impl Iterator<Item = Tag> {
    OBJECTS.iter().map(|(tag, _)| *tag)
}

/// Those that are amounts in cents, BCD.
const AMOUNTS: [Tag; 8] = [
    tag::CUMULATIVE_LIMIT,
    tag::CUMULATIVE_UPPER_LIMIT,
    tag::CARD_CVM_LIMIT,
    tag::CASH_RESET_THRESHOLD,
    tag::DUAL_CUMULATIVE_LIMIT,
    tag::CASH_BALANCE_LIMIT,
    tag::CASH_SINGLE_LIMIT,
    tag::CASH_BALANCE,
];

/// Those that other settings make: the card's counters, the formats of its logs.
const COUNTERS: [Tag; 3] =
    [tag::TRANSACTION_COUNTER, tag::LAST_ONLINE_COUNTER, tag::PIN_TRY_COUNTER];
/// Those that only PBOC's e-cash and qPBOC use.
const OF_CASH: [Tag; 9] = [
    tag::CASH_BALANCE,
    tag::CASH_BALANCE_LIMIT,
    tag::CASH_SINGLE_LIMIT,
    tag::CASH_RESET_THRESHOLD,
    tag::CARD_CVM_LIMIT,
    tag::AVAILABLE_OFFLINE_AMOUNT,
    tag::ADDITIONAL_PROCESSES,
    tag::CARD_AUTHENTICATION_DATA,
    tag::CARD_QUALIFIERS,
];
/// Most bytes of an object that the card gives and knows nothing of.
const LONGEST: usize = 250;

/// Data objects, and the formats of the logs.
pub(super) struct OwnObjects {
    pub(super) objects: Vec<DataObject>,
    pub(super) transaction_log: Vec<u8>,
    pub(super) load_log: Vec<u8>,
}

/// What a table says of a tag, and how it writes the tag.
pub(super) fn named(file: &BankFile, wanted: Tag) -> Option<(&str, &str)> {
    let named = file.objects.0.iter().find(|(name, _)| tag_of(name) == Some(wanted));
    named.map(|(name, text)| (name.as_str(), text.as_str()))
}

pub(super) fn objects(file: &BankFile) -> Result<OwnObjects, LoadError> {
    let mut logs = [dol::list(TRANSACTION_LOG), dol::list(LOAD_LOG)];
    // Another scheme has what its profile names.
    let is_pboc = scheme::scheme(file)? == CryptogramScheme::Pboc;
    let mut objects: Vec<DataObject> = OBJECTS
        .iter()
        .filter(|(tag, _)| file.defaults != Some(false) && (is_pboc || !OF_CASH.contains(tag)))
        .map(|(tag, value)| DataObject { tag: *tag, value: hex_constant(value) })
        .collect();
    for (name, text) in &file.objects.0 {
        let setting = format!("objects.{name}");
        let wanted = "a tag of two bytes that GET DATA can name, see docs/profiles.md";
        let refuse = || value(&setting, name, wanted);
        let tag = tag_of(name).filter(|tag| (0x0100..=0xFFFF).contains(&tag.number()));
        let tag = tag.ok_or_else(refuse)?;
        if named(file, tag).is_some_and(|(first, _)| first != name) {
            return Err(contradiction(&setting, format!("tag {tag} is named in two places")));
        }
        if COUNTERS.contains(&tag) {
            continue;
        }
        if let Some(place) =
            [tag::TRANSACTION_LOG_FORMAT, tag::LOAD_LOG_FORMAT].iter().position(|log| *log == tag)
        {
            let format = list(&setting, text, 186)?;
            logs.iter_mut().skip(place).take(1).for_each(|log| log.clone_from(&format));
            continue;
        }
        if tag == tag::ISSUER_APPLICATION_DATA {
            let reason =
                format!("tag {tag} is made for each transaction: see discretionary_data_static");
            return Err(contradiction(&setting, reason));
        }
        let known = OBJECTS.iter().find(|(known, _)| *known == tag);
        objects.retain(|object| object.tag != tag);
        if text != "absent" {
            let new = match known {
                Some((_, initial)) => read(tag, initial.len() / 2, text)
                    .map_err(|wanted| value(&setting, text, wanted))?,
                None => {
                    let wanted = "1 to 250 bytes as hexadecimal digits, or \"absent\"";
                    let bytes =
                        hexadecimal(text).filter(|bytes| (1..=LONGEST).contains(&bytes.len()));
                    bytes.ok_or_else(|| value(&setting, text, wanted))?
                }
            };
            objects.push(DataObject { tag, value: new });
        }
    }
    if let Some(text) = &file.discretionary_data_static {
        let refuse = |wanted| value("discretionary_data_static", text, wanted);
        let wanted = "1 to 15 bytes as hexadecimal digits";
        let bytes = hex::decode(text).map_err(|_| refuse(wanted))?;
        if !(1..=15).contains(&bytes.len()) {
            return Err(refuse(wanted));
        }
        if file.discretionary_data.unwrap_or(0) != 0 {
            return Err(refuse("possible beside discretionary_data"));
        }
        objects.push(DataObject { tag: tag::ISSUER_APPLICATION_DATA, value: bytes });
    }
    // The order of the card's memory does not depend on what is set.
    let place = |object: &DataObject| OBJECTS.iter().position(|(tag, _)| *tag == object.tag);
    objects.sort_by_key(|object| place(object).unwrap_or(usize::MAX));
    default_check_is_possible(file, &objects)?;
    balance_is_within_its_limit(&objects)?;
    let [transaction_log, load_log] = logs;
    Ok(OwnObjects { objects, transaction_log, load_log })
}

/// A value of so many bytes; the error says what is wanted.
fn read(tag: Tag, length: usize, text: &str) -> Result<Vec<u8>, &'static str> {
    let is_amount = AMOUNTS.contains(&tag);
    let wanted = match length {
        1 => "1 byte as 2 hexadecimal digits, or \"absent\"",
        2 => "2 bytes as 4 hexadecimal digits, or \"absent\"",
        4 => "4 bytes as 8 hexadecimal digits, or \"absent\"",
        6 if is_amount => "an amount of 6 bytes as 12 decimal digits, or \"absent\"",
        8 => "8 bytes as 16 hexadecimal digits, or \"absent\"",
        _ => "as long as the card has it, or \"absent\"",
    };
    let is_bcd = text.bytes().all(|digit| digit.is_ascii_digit());
    let value = hex::decode(text).ok().filter(|value| value.len() == length);
    value.filter(|_| !is_amount || is_bcd).ok_or(wanted)
}

fn find(objects: &[DataObject], tag: Tag) -> Option<&[u8]> {
    objects.iter().find(|object| object.tag == tag).map(|object| &object.value[..])
}

/// Without 9F68 qPBOC makes the low-value check, which needs the e-cash balance and its
/// limit (JR/T 0025.12).
fn default_check_is_possible(file: &BankFile, objects: &[DataObject]) -> Result<(), LoadError> {
    let is_pboc = file.scheme.as_deref().is_none_or(|scheme| scheme == "pboc");
    if file.qpboc == Some(false)
        || !is_pboc && file.qpboc.is_none()
        || find(objects, tag::ADDITIONAL_PROCESSES).is_some()
    {
        return Ok(());
    }
    for (tag, name) in
        [(tag::CASH_BALANCE, "objects.9F79"), (tag::CASH_BALANCE_LIMIT, "objects.9F77")]
    {
        if find(objects, tag).is_none() {
            let wanted = "possible on a qPBOC path whose 9F68 is absent too";
            return Err(value(name, "absent", wanted));
        }
    }
    Ok(())
}

/// The card itself refuses a balance over its limit, too (JR/T 0025.13 §5.8).
fn balance_is_within_its_limit(objects: &[DataObject]) -> Result<(), LoadError> {
    match (find(objects, tag::CASH_BALANCE), find(objects, tag::CASH_BALANCE_LIMIT)) {
        // Of one length and BCD: bytes compare as the amounts do.
        (Some(balance), Some(limit)) if balance > limit => {
            let wanted = "within the limit in 9F77";
            Err(value("objects.9F79", &hex::encode_upper(balance), wanted))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::load;

    fn refused(lines: &str) -> String {
        let text = format!("base = \"gen2\"\n{lines}\n");
        load(&text).expect_err(lines).to_string()
    }

    #[test]
    fn an_object_names_its_tag_and_its_length() {
        for (object, words) in [
            (
                "9F99 = \"00\"",
                "objects.9F99: '9F99' is not a tag of two bytes that GET DATA can name",
            ),
            ("5A = \"00\"", "objects.5A: '5A' is not a tag of two bytes that GET DATA can name"),
            ("9F36 = \"01\"", "objects.9F36: '01' is not two bytes"),
            ("9F13 = \"0001\"", "objects.9F13: the last online transaction is later"),
            ("9F17 = \"04\"", "objects.9F17: more tries are left than there are: 3"),
            ("DF20 = \"\"", "objects.DF20: '' is not 1 to 250 bytes"),
            (
                "9F79 = \"00\"",
                "objects.9F79: '00' is not an amount of 6 bytes as 12 decimal digits",
            ),
            ("9F79 = \"00000000000A\"", "'00000000000A' is not an amount of 6 bytes"),
            ("9F54 = \"0000000000FF\"", "is not an amount of 6 bytes as 12 decimal digits"),
            ("9F6B = \"0000000000FF\"", "is not an amount of 6 bytes as 12 decimal digits"),
            ("9F52 = \"C0\"", "objects.9F52: 'C0' is not 2 bytes as 4 hexadecimal digits"),
            ("9F68 = \"C0\"", "objects.9F68: 'C0' is not 4 bytes as 8 hexadecimal digits"),
            ("9F58 = \"xx\"", "objects.9F58: 'xx' is not 1 byte as 2 hexadecimal digits"),
            ("9F77 = \"000000099999\"", "objects.9F79: '000000100000' is not within the limit in"),
        ] {
            let error = refused(&format!("[financial.objects]\n{object}"));
            assert!(error.contains(words), "{error}");
        }
        for object in ["9F77 = \"000000100000\"", "9F77 = \"absent\"", "9F68 = \"11109000\""] {
            let text = format!("base = \"gen2\"\n[financial.objects]\n{object}\n");
            assert!(load(&text).is_ok(), "{object}");
        }
    }

    #[test]
    fn a_refusal_is_an_error() {
        for word in ["9000", "6100", "6C00", "0000"] {
            for setting in [
                "status_of_wrong_pdol_data",
                "status_before_initiation",
                "status_of_balance_over_limit",
            ] {
                let error = refused(&format!("[financial]\n{setting} = \"{word}\""));
                let words = format!("financial.{setting}: '{word}' is not an error's status word");
                assert!(error.contains(&words), "{error}");
            }
        }
        let text = "base = \"gen2\"\n[financial]\nstatus_before_initiation = \"6D00\"\n";
        assert!(load(text).is_ok());
    }

    #[test]
    fn a_purse_holds_something() {
        let error = refused("[purse]\nbalance_limit = 0");
        assert!(error.contains("purse.balance_limit: '0' is not an amount of at least 1 cent"));
    }
}
