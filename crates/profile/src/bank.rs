//! The plan of the built-in bank card (PBOC debit): what every card of the test bank shares.
//!
//! Layout of the files after the perso files of the field: SFI 1 track data, 2 RSA certificates,
//! 3 signed static data, 4 offline limits, 5 e-cash, 8 SM2 certificates, 11 and 12 logs.

mod account_settings;
mod application;
mod authority;
mod file;
mod key_pairs;
mod keys;
mod objects;
mod recipe;
mod records;
mod scheme;
mod tables;
mod values;

use sscard_apdu::Sfi;
use sscard_apdu::tlv::Tag;
use sscard_core::{DirectoryState, FinancialApplication, FinancialOptions, FinancialPlan, Log};
use sscard_elements::tag;

use crate::LoadError;
use application::application;
pub use authority::{ProfileAuthority, authorities};
pub(crate) use file::BankFile;
pub use keys::{BankKeyUse, BankKeys, KnownLists, bank_keys};
pub(crate) use objects::known_objects;
pub(crate) use recipe::{AccountRecipe, Recipes, RecordContent, recipe};
use tables::{application_tables, in_table};
use values::{bytes, contradiction, value};

/// Bytes of data for which GENERATE AC and INTERNAL AUTHENTICATE have room.
const MOST_DATA: usize = 252;
/// SDA, DDA, cardholder verification, terminal risk management, issuer authentication, CDA.
const AIP: [u8; 2] = [0x7D, 0x00];
/// UnionPay debit and credit; the second application's is one possible by profile.
const AIDS: [(&str, &str, &str); 2] = [
    ("A000000333010101", "PBOC DEBIT", "借记应用"),
    ("A000000333010102", "PBOC CREDIT", "贷记应用"),
];
/// What banks' cards ask for over contacts: programs of the field have this list built in.
const PDOL: &[(Tag, u8)] = &[
    (tag::CASH_SUPPORT_INDICATOR, 1),
    (tag::AMOUNT_AUTHORISED, 6),
    (tag::TRANSACTION_CURRENCY, 2),
];
/// What they ask for in the field: 33 bytes, 35 with template 83.
const CONTACTLESS_PDOL: &[(Tag, u8)] = &[
    (tag::TERMINAL_QUALIFIERS, 4),
    (tag::AMOUNT_AUTHORISED, 6),
    (tag::AMOUNT_OTHER, 6),
    (tag::TERMINAL_COUNTRY, 2),
    (tag::TERMINAL_VERIFICATION_RESULTS, 5),
    (tag::TRANSACTION_CURRENCY, 2),
    (tag::TRANSACTION_DATE, 3),
    (tag::TRANSACTION_TYPE, 1),
    (tag::UNPREDICTABLE_NUMBER, 4),
];
pub(crate) const CDOL1: &[(Tag, u8)] = &[
    (tag::AMOUNT_AUTHORISED, 6),
    (tag::AMOUNT_OTHER, 6),
    (tag::TERMINAL_COUNTRY, 2),
    (tag::TERMINAL_VERIFICATION_RESULTS, 5),
    (tag::TRANSACTION_CURRENCY, 2),
    (tag::TRANSACTION_DATE, 3),
    (tag::TRANSACTION_TYPE, 1),
    (tag::UNPREDICTABLE_NUMBER, 4),
    (tag::TRANSACTION_TIME, 3),
    (tag::MERCHANT_NAME, 20),
];
pub(crate) const CDOL2: &[(Tag, u8)] = &[
    (tag::RESPONSE_CODE, 2),
    (tag::AMOUNT_AUTHORISED, 6),
    (tag::AMOUNT_OTHER, 6),
    (tag::TERMINAL_COUNTRY, 2),
    (tag::TERMINAL_VERIFICATION_RESULTS, 5),
    (tag::TRANSACTION_CURRENCY, 2),
    (tag::TRANSACTION_DATE, 3),
    (tag::TRANSACTION_TIME, 3),
    (tag::TRANSACTION_TYPE, 1),
    (tag::UNPREDICTABLE_NUMBER, 4),
];
pub(crate) const DDOL: &[(Tag, u8)] = &[(tag::UNPREDICTABLE_NUMBER, 4)];
const TRANSACTION_LOG: &[(Tag, u8)] = &[
    (tag::TRANSACTION_DATE, 3),
    (tag::TRANSACTION_TIME, 3),
    (tag::AMOUNT_AUTHORISED, 6),
    (tag::AMOUNT_OTHER, 6),
    (tag::TERMINAL_COUNTRY, 2),
    (tag::TRANSACTION_CURRENCY, 2),
    (tag::MERCHANT_NAME, 20),
    (tag::TRANSACTION_TYPE, 1),
    (tag::TRANSACTION_COUNTER, 2),
];
const LOAD_LOG: &[(Tag, u8)] = &[
    (tag::TRANSACTION_DATE, 3),
    (tag::TRANSACTION_TIME, 3),
    (tag::TERMINAL_COUNTRY, 2),
    (tag::MERCHANT_NAME, 20),
    (tag::TRANSACTION_COUNTER, 2),
];

/// The financial plan of a profile, and what its accounts are made of beside it.
pub(crate) fn plan(file: &BankFile) -> Result<(FinancialPlan, Recipes), LoadError> {
    let own = file.application.iter().flatten().enumerate();
    let own = own.map(|(place, table)| (format!("application[{place}].keys"), &table.keys));
    for (table, keys) in std::iter::once(("keys".to_owned(), &file.keys)).chain(own) {
        if let Some((master, card)) = keys.named_twice() {
            let reason = format!(
                "{master} stands beside it, and this key would come from that one: leave one out"
            );
            return Err(contradiction(&format!("{table}.{card}"), reason));
        }
    }
    let tables = application_tables(file)?;
    let mut applications = Vec::new();
    let mut recipes = Vec::new();
    for (index, (own, file)) in tables.iter().enumerate() {
        let made = application(file, index).map_err(|error| in_table(error, own.as_ref()))?;
        let same = |known: &FinancialApplication| known.aid == made.0.aid;
        if applications.iter().any(same) {
            let reason = "another application of the card has this AID already";
            return Err(in_table(contradiction("aid", reason), own.as_ref()));
        }
        applications.push(made.0);
        recipes.push(made.1);
    }
    let plan = FinancialPlan {
        pse: directory("pse", file.pse.as_deref())?,
        ppse: directory("ppse", file.ppse.as_deref())?,
        language: b"zh".to_vec(),
        applications,
    };
    Ok((plan, Recipes(recipes)))
}

fn directory(name: &str, text: Option<&str>) -> Result<DirectoryState, LoadError> {
    match text.unwrap_or("present") {
        "present" => Ok(DirectoryState::Present),
        "absent" => Ok(DirectoryState::Absent),
        "blocked" => Ok(DirectoryState::Blocked),
        other => Err(value(name, other, "present, absent or blocked")),
    }
}

fn options(file: &BankFile) -> Result<FinancialOptions, LoadError> {
    let default = FinancialOptions::default();
    let status = |name: &str, text: &Option<String>, default: u16| match text {
        Some(text) => {
            let wanted = "an error's status word as four hexadecimal digits, such as 6985";
            let word = bytes::<2>(name, text, wanted)?;
            // 9000 and the two that only carry data on are no refusals.
            match word {
                [0x62..=0x6B | 0x6D..=0x6F | 0x93 | 0x94, _] => Ok(u16::from_be_bytes(word)),
                _ => Err(value(name, text, wanted)),
            }
        }
        None => Ok(default),
    };
    let is = |name: &str, text: &Option<String>, no: &str, yes: &str, wanted| match text.as_deref()
    {
        None => Ok(false),
        Some(text) if text == no => Ok(false),
        Some(text) if text == yes => Ok(true),
        Some(text) => Err(value(name, text, wanted)),
    };
    Ok(FinancialOptions {
        sm4_fold_xor: is("sm4_fold", &file.sm4_fold, "left", "xor", "left or xor")?,
        unadjusted_pin_key: is(
            "pin_change_key",
            &file.pin_change_key,
            "odd-parity",
            "unadjusted",
            "odd-parity or unadjusted",
        )?,
        status_of_wrong_pdol_data: status(
            "status_of_wrong_pdol_data",
            &file.status_of_wrong_pdol_data,
            default.status_of_wrong_pdol_data,
        )?,
        status_before_initiation: status(
            "status_before_initiation",
            &file.status_before_initiation,
            default.status_before_initiation,
        )?,
        status_of_balance_over_limit: status(
            "status_of_balance_over_limit",
            &file.status_of_balance_over_limit,
            default.status_of_balance_over_limit,
        )?,
        enciphered_pin: file.emv_enciphered_pin.unwrap_or(default.enciphered_pin),
        generate_ac_in_77: is(
            "generate_ac_template",
            &file.generate_ac_template,
            "80",
            "77",
            "\"80\" or \"77\"",
        )?,
        shows_pin_tries: file.shows_pin_tries.unwrap_or(default.shows_pin_tries),
        read_before_initiation: file
            .read_before_initiation
            .unwrap_or(default.read_before_initiation),
    })
}

/// A log of ten records.
fn log(sfi: u8, format: Vec<u8>) -> Option<Log> {
    Some(Log { sfi: Sfi::new(sfi)?, records: 10, format })
}

/// A constant of this program: always hexadecimal, as a card that is made of it shows.
pub(crate) fn hex_constant(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap_or_default()
}
