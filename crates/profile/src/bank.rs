//! The plan of the built-in bank card (PBOC debit): what every card of the test bank shares.
//!
//! Layout of the files after the perso files of the field: SFI 1 track data, 2 RSA certificates,
//! 3 signed static data, 4 offline limits, 5 e-cash, 8 SM2 certificates, 11 and 12 logs.

mod objects;

use serde::Deserialize;
use sscard_apdu::tlv::Tag;
use sscard_apdu::{Sfi, dol};
use sscard_core::{
    DirectoryState, FinancialApplication, FinancialOptions, FinancialPlan, FinancialRecord, Log,
    Path, ProcessingOptions, SharedKeys, SmSupport,
};
use sscard_elements::tag;

use crate::LoadError;
use crate::account::{content, issuer_records};
use crate::gbk;
use crate::test_keys::TestKeys;

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

/// The table `[financial]` of a profile.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BankFile {
    applications: Option<u8>,
    pse: Option<String>,
    ppse: Option<String>,
    sm: Option<String>,
    #[serde(alias = "quick")]
    qpboc: Option<bool>,
    #[serde(alias = "quick_cryptogram_version")]
    qpboc_cryptogram_version: Option<String>,
    discretionary_data: Option<u8>,
    discretionary_data_static: Option<String>,
    key_index: Option<u8>,
    pin_tries: Option<u8>,
    card_key: Option<u16>,
    aip: Option<String>,
    sm4_fold: Option<String>,
    pin_change_key: Option<String>,
    status_of_wrong_pdol_data: Option<String>,
    status_before_initiation: Option<String>,
    status_of_balance_over_limit: Option<String>,
    emv_enciphered_pin: Option<bool>,
    generate_ac_template: Option<String>,
    shows_pin_tries: Option<bool>,
    objects: Option<std::collections::BTreeMap<String, String>>,
}

impl BankFile {
    /// What this table says, and what the one below says where it is silent.
    pub(crate) fn over(self, below: Self) -> Self {
        let mut objects = below.objects.unwrap_or_default();
        objects.extend(self.objects.unwrap_or_default());
        Self {
            applications: self.applications.or(below.applications),
            pse: self.pse.or(below.pse),
            ppse: self.ppse.or(below.ppse),
            sm: self.sm.or(below.sm),
            qpboc: self.qpboc.or(below.qpboc),
            qpboc_cryptogram_version: self
                .qpboc_cryptogram_version
                .or(below.qpboc_cryptogram_version),
            discretionary_data: self.discretionary_data.or(below.discretionary_data),
            discretionary_data_static: self
                .discretionary_data_static
                .or(below.discretionary_data_static),
            key_index: self.key_index.or(below.key_index),
            pin_tries: self.pin_tries.or(below.pin_tries),
            card_key: self.card_key.or(below.card_key),
            aip: self.aip.or(below.aip),
            sm4_fold: self.sm4_fold.or(below.sm4_fold),
            pin_change_key: self.pin_change_key.or(below.pin_change_key),
            status_of_wrong_pdol_data: self
                .status_of_wrong_pdol_data
                .or(below.status_of_wrong_pdol_data),
            status_before_initiation: self
                .status_before_initiation
                .or(below.status_before_initiation),
            status_of_balance_over_limit: self
                .status_of_balance_over_limit
                .or(below.status_of_balance_over_limit),
            emv_enciphered_pin: self.emv_enciphered_pin.or(below.emv_enciphered_pin),
            generate_ac_template: self.generate_ac_template.or(below.generate_ac_template),
            shows_pin_tries: self.shows_pin_tries.or(below.shows_pin_tries),
            objects: Some(objects),
        }
    }
}

/// The financial plan of a profile.
pub(crate) fn plan(file: &BankFile) -> Result<FinancialPlan, LoadError> {
    let count = usize::from(file.applications.unwrap_or(1));
    if count > AIDS.len() {
        return Err(value("applications", &count.to_string(), "0, 1 or 2"));
    }
    let applications = AIDS.iter().zip(1..).take(count);
    Ok(FinancialPlan {
        pse: directory("pse", file.pse.as_deref())?,
        ppse: directory("ppse", file.ppse.as_deref())?,
        language: b"zh".to_vec(),
        applications: applications
            .map(|(names, priority)| application(file, *names, priority))
            .collect::<Result<_, _>>()?,
    })
}

fn application(
    file: &BankFile,
    (aid, label, name): (&str, &str, &str),
    priority: u8,
) -> Result<FinancialApplication, LoadError> {
    let card_key = file.card_key.unwrap_or(1152);
    if !matches!(card_key, 0 | 768 | 1024 | 1152) {
        return Err(value("card_key", &card_key.to_string(), "0, 768, 1024 or 1152 bits"));
    }
    let aip = match &file.aip {
        Some(text) => bytes("aip", text, "two bytes as four hexadecimal digits")?,
        None => AIP,
    };
    let sm = match file.sm.as_deref().unwrap_or("both") {
        "both" => SmSupport::Both,
        "no" => SmSupport::InternationalOnly,
        "only" => SmSupport::SmOnly,
        other => return Err(value("sm", other, "both, no or only")),
    };
    let keys = TestKeys::get();
    let qpboc_version = file.qpboc_cryptogram_version.as_deref().unwrap_or("01");
    Ok(FinancialApplication {
        aid: aid.parse().map_err(|_| value("aid", aid, "an application identifier"))?,
        label: label.as_bytes().to_vec(),
        // A constant of this file, in GBK.
        preferred_name: gbk::encode(name).unwrap_or_default(),
        priority,
        pdol: pdol(PDOL, sm),
        contactless_pdol: pdol(CONTACTLESS_PDOL, sm),
        cdol1: dol::list(CDOL1),
        cdol2: dol::list(CDOL2),
        ddol: dol::list(DDOL),
        processing_options: processing_options(aip),
        sm,
        qpboc: file.qpboc.unwrap_or(true),
        records: records(),
        objects: objects::objects(file)?,
        transaction_log: log(11, TRANSACTION_LOG),
        load_log: log(12, LOAD_LOG),
        key_index: file.key_index.unwrap_or(0x01),
        qpboc_cryptogram_version: match qpboc_version {
            "01" => 0x01,
            "17" => 0x17,
            other => return Err(value("qpboc_cryptogram_version", other, "\"01\" or \"17\"")),
        },
        discretionary_data: file
            .discretionary_data
            .unwrap_or(u8::from(file.discretionary_data_static.is_none())),
        pin_tries: file.pin_tries.unwrap_or(3),
        rsa_modulus: card_key / 8,
        keys: SharedKeys {
            rsa: keys
                .rsa(&format!("card-{card_key}"))
                .map(|pair| pair.private.to_bytes().to_vec())
                .unwrap_or_default(),
            sm2: keys.sm2_private("card").map(|key| key.to_vec()).unwrap_or_default(),
        },
        options: options(file)?,
    })
}

/// A list, with the terminal's support of the SM algorithms at its end where the card has them.
fn pdol(entries: &[(Tag, u8)], sm: SmSupport) -> Vec<u8> {
    let mut list = dol::list(entries);
    if sm != SmSupport::InternationalOnly {
        list.extend(dol::list(&[(tag::SM_SUPPORT_INDICATOR, 1)]));
    }
    list
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
        read_before_initiation: default.read_before_initiation,
    })
}

fn processing_options(aip: [u8; 2]) -> Vec<ProcessingOptions> {
    let all = [
        (Path::Standard, false, "08010200100104001801010120010100"),
        (Path::Standard, true, "08010200400103001801010120010100"),
        (Path::ElectronicCash, false, "080101001001040018010101280101 00"),
        (Path::ElectronicCash, true, "08010100400103001801010128010100"),
        (Path::Qpboc, false, "100104001801010128010100"),
        (Path::Qpboc, true, "400103001801010128010100"),
    ];
    all.map(|(path, sm, afl)| ProcessingOptions { path, sm, aip, afl: hex_constant(afl) }).to_vec()
}

/// Capacities and what every card has; those individual to a card come first.
fn records() -> Vec<FinancialRecord> {
    let of_issuer = issuer_records();
    let capacities = [
        (1, 1, 128),
        (1, 2, 64),
        (2, 3, 190),
        (2, 4, 240),
        (3, 1, 220),
        (8, 2, 80),
        (8, 3, 160),
        (2, 1, 253),
        (2, 2, 64),
        (4, 1, 16),
        (5, 1, 24),
        (8, 1, 160),
    ];
    let record = |(sfi, number, capacity)| {
        Some(FinancialRecord {
            sfi: Sfi::new(sfi)?,
            number,
            capacity,
            content: match (sfi, number) {
                // Lower and upper limit of consecutive offline transactions, the terminal's.
                (4, 1) => content(&[
                    (tag::LOWER_OFFLINE_LIMIT, vec![10]),
                    (tag::UPPER_OFFLINE_LIMIT, vec![20]),
                ]),
                // E-cash issuer authorisation code.
                (5, 1) => content(&[(tag::CASH_AUTHORISATION_CODE, b"ECC001".to_vec())]),
                _ => of_issuer
                    .iter()
                    .find(|record| (record.sfi, record.number) == (sfi, number))
                    .map(|record| record.content.clone())
                    .unwrap_or_default(),
            },
        })
    };
    capacities.into_iter().filter_map(record).collect()
}

/// A log of ten records.
fn log(sfi: u8, format: &[(Tag, u8)]) -> Option<Log> {
    Some(Log { sfi: Sfi::new(sfi)?, records: 10, format: dol::list(format) })
}

fn directory(name: &str, text: Option<&str>) -> Result<DirectoryState, LoadError> {
    match text.unwrap_or("present") {
        "present" => Ok(DirectoryState::Present),
        "absent" => Ok(DirectoryState::Absent),
        "blocked" => Ok(DirectoryState::Blocked),
        other => Err(value(name, other, "present, absent or blocked")),
    }
}

fn bytes<const N: usize>(
    setting: &str,
    text: &str,
    wanted: &'static str,
) -> Result<[u8; N], LoadError> {
    let decoded = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    decoded.ok_or_else(|| value(setting, text, wanted))
}

fn value(setting: &str, value: &str, wanted: &'static str) -> LoadError {
    LoadError::Value { setting: format!("financial.{setting}"), value: value.to_owned(), wanted }
}

/// A constant of this program: always hexadecimal, as a card that is made of it shows.
pub(crate) fn hex_constant(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap_or_default()
}
