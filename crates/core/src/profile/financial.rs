//! The plan of the financial function: payment directories and payment applications, as data.
//!
//! What differs between issuers, chips and readings of the standard is a value here.

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use sscard_apdu::tlv::Tag;
use sscard_apdu::{Aid, Sfi};
use sscard_elements::tag;

use super::ProfileError;
use super::cryptogram::CryptogramPlan;
use super::own_plan::ControlObject;

/// Whether a payment directory (PSE or PPSE) is on the card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum DirectoryState {
    /// SELECT answers 6A82.
    Absent,
    /// SELECT answers 6283 with the FCI.
    Blocked,
    /// SELECT answers 9000.
    #[default]
    Present,
}

/// What a card does with DF69, the terminal's support of the SM algorithms (JR/T 0025.17 §7).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum SmSupport {
    /// Both families; DF69 = 01 chooses SM.
    #[default]
    Both,
    /// International algorithms alone.
    InternationalOnly,
    /// SM algorithms alone.
    SmOnly,
}

/// Which of the three ways through a transaction an AIP and AFL belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Hash)]
pub enum Path {
    /// Ordinary debit or credit, contact or contactless.
    Standard,
    /// E-cash (电子现金) over contacts.
    ElectronicCash,
    /// qPBOC (快速借记/贷记) over the contactless interface.
    Qpboc,
}

/// AIP and AFL of one path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProcessingOptions {
    /// The path.
    pub path: Path,
    /// Whether these are for the SM algorithms.
    pub sm: bool,
    /// Application interchange profile, tag 82.
    pub aip: [u8; 2],
    /// Application file locator, tag 94: four bytes an entry.
    pub afl: Vec<u8>,
}

/// One record of SFI 1…10.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FinancialRecord {
    /// Short file identifier, 1…10.
    #[serde(with = "super::stored::sfi")]
    pub sfi: Sfi,
    /// Record number, from 1.
    pub number: u8,
    /// Most bytes the value of its template 70 can have.
    pub capacity: u16,
    /// The value of its template 70 before personalisation.
    pub content: Vec<u8>,
}

/// A data object that GET DATA, PUT DATA or the card's own risk management use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DataObject {
    /// Tag: 9Fxx or DFxx.
    #[serde(with = "super::stored::tag_of_two_bytes")]
    pub tag: Tag,
    /// Value before personalisation; its length stays.
    pub value: Vec<u8>,
}

/// A cyclic log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Log {
    /// Short file identifier, 11…30.
    #[serde(with = "super::stored::sfi")]
    pub sfi: Sfi,
    /// How many records it holds.
    pub records: u8,
    /// Log format: the data object list of 9F4F or DF4F.
    pub format: Vec<u8>,
}

/// Where the standard is silent or contradicts itself: one reading each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FinancialOptions {
    /// SM4 MACs xor the halves of the last block (part 7) instead of taking the left one (part 17).
    pub sm4_fold_xor: bool,
    /// The PIN CHANGE block uses the card key without adjusted parity.
    pub unadjusted_pin_key: bool,
    /// Answer to a template 83 that does not fit the PDOL.
    pub status_of_wrong_pdol_data: u16,
    /// Answer to commands that need GET PROCESSING OPTIONS first.
    pub status_before_initiation: u16,
    /// Answer to PUT DATA that would lift the e-cash balance over its limit.
    pub status_of_balance_over_limit: u16,
    /// VERIFY takes an enciphered PIN (P2 = 88), which PBOC cards do not.
    pub enciphered_pin: bool,
    /// GENERATE AC answers in template 77 even without CDA.
    pub generate_ac_in_77: bool,
    /// GET DATA 9F17 shows the PIN try counter.
    pub shows_pin_tries: bool,
    /// READ RECORD reads SFI 1…10 before GET PROCESSING OPTIONS; else it answers
    /// [`status_before_initiation`](Self::status_before_initiation). An image carries it in a section of
    /// its own.
    #[serde(skip, default = "reads_before_initiation")]
    pub read_before_initiation: bool,
}

/// Real cards do: terminals look before they use up a counter value.
const fn reads_before_initiation() -> bool {
    true
}

impl Default for FinancialOptions {
    fn default() -> Self {
        Self {
            sm4_fold_xor: false,
            unadjusted_pin_key: false,
            status_of_wrong_pdol_data: 0x6985,
            status_before_initiation: 0x6985,
            status_of_balance_over_limit: 0x6A80,
            enciphered_pin: false,
            generate_ac_in_77: false,
            shows_pin_tries: true,
            read_before_initiation: reads_before_initiation(),
        }
    }
}

/// Private keys that all cards of a plan hold unless an account brings its own; as on test cards.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SharedKeys {
    /// RSA: p, q, d mod p-1, d mod q-1, q⁻¹ mod p, half a modulus each; empty for none.
    pub rsa: Vec<u8>,
    /// SM2: 32 bytes; empty for none.
    pub sm2: Vec<u8>,
}

impl fmt::Debug for SharedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKeys(..)")
    }
}

/// The plan of one payment application (PBOC debit or credit).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FinancialApplication {
    /// Application identifier, 5…16 bytes.
    #[serde(with = "super::stored::aid")]
    pub aid: Aid,
    /// Application label, tag 50.
    pub label: Vec<u8>,
    /// Preferred name in GBK, tag 9F12; may be empty.
    pub preferred_name: Vec<u8>,
    /// Priority indicator, tag 87.
    pub priority: u8,
    /// PDOL over contacts, tag 9F38.
    pub pdol: Vec<u8>,
    /// PDOL over the contactless interface.
    pub contactless_pdol: Vec<u8>,
    /// CDOL1, as in its record.
    pub cdol1: Vec<u8>,
    /// CDOL2, as in its record.
    pub cdol2: Vec<u8>,
    /// DDOL, as in its record.
    pub ddol: Vec<u8>,
    /// AIP and AFL of each path.
    pub processing_options: Vec<ProcessingOptions>,
    /// Support of the SM algorithms.
    pub sm: SmSupport,
    /// Whether qPBOC is supported.
    pub qpboc: bool,
    /// Records of SFI 1…10; those individual to a card come first.
    pub records: Vec<FinancialRecord>,
    /// Data objects with their initial values.
    pub objects: Vec<DataObject>,
    /// Transaction log (交易日志), tag 9F4D.
    pub transaction_log: Option<Log>,
    /// Load log (圈存日志), tag DF4D.
    pub load_log: Option<Log>,
    /// Derivation key index in 9F10.
    pub key_index: u8,
    /// Cryptogram version of qPBOC: 01 or 17.
    pub qpboc_cryptogram_version: u8,
    /// Issuer discretionary data in 9F10: identifier 1…5 of JR/T 0025.12, 0 for none, or for the
    /// static bytes of a data object 9F10.
    pub discretionary_data: u8,
    /// Wrong offline PINs until it locks, 1…15.
    pub pin_tries: u8,
    /// Bytes of the ICC's RSA modulus; 0 for none.
    pub rsa_modulus: u16,
    /// Keys of every card of this plan.
    pub keys: SharedKeys,
    /// Readings of the standard.
    pub options: FinancialOptions,
    /// How cryptograms come about; contactless ones of PBOC by `qpboc_cryptogram_version`. An image carries
    /// it in a section of its own.
    #[serde(skip)]
    pub cryptogram: CryptogramPlan,
    /// Objects of the FCI's template A5 that replace the usual ones, or come behind them; empty ones leave
    /// theirs out. An image carries them in a section of its own.
    #[serde(skip)]
    pub control_information: Vec<ControlObject>,
}

/// The financial function of a card.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FinancialPlan {
    /// `1PAY.SYS.DDF01`.
    pub pse: DirectoryState,
    /// `2PAY.SYS.DDF01`.
    pub ppse: DirectoryState,
    /// Preferred languages, tag 5F2D, such as `zh`.
    pub language: Vec<u8>,
    /// The applications; none means a card without a financial function.
    pub applications: Vec<FinancialApplication>,
}

impl FinancialApplication {
    /// AIP and AFL of a path under one family of algorithms.
    pub(crate) fn options_of(&self, path: Path, sm: bool) -> Option<&ProcessingOptions> {
        self.processing_options.iter().find(|options| options.path == path && options.sm == sm)
    }
}

impl FinancialPlan {
    pub(super) fn check(&self) -> Result<(), ProfileError> {
        if self.applications.len() > 8 {
            return Err(ProfileError::Financial("there are more than 8 payment applications"));
        }
        self.applications.iter().try_for_each(check)
    }
}

fn check(application: &FinancialApplication) -> Result<(), ProfileError> {
    use sscard_apdu::dol::total_length;
    let refuse = |what| Err(ProfileError::Financial(what));
    if !(5..=16).contains(&application.aid.as_bytes().len()) {
        return refuse("an AID has 5 to 16 bytes");
    }
    if !(1..=15).contains(&application.pin_tries) {
        return refuse("the PIN's tries are 1 to 15");
    }
    let modulus = application.rsa_modulus;
    if modulus != 0 && !(96..=248).contains(&modulus) {
        return refuse("an RSA modulus has 96 to 248 bytes");
    }
    let half = usize::from(modulus).div_ceil(2);
    let keys = &application.keys;
    if !keys.rsa.is_empty() && keys.rsa.len() != half.saturating_mul(5) {
        return refuse("the shared RSA key has five parts of half a modulus");
    }
    if !matches!(keys.sm2.len(), 0 | 32) {
        return refuse("the shared SM2 key has 32 bytes");
    }
    let lists = [
        &application.pdol,
        &application.contactless_pdol,
        &application.cdol1,
        &application.cdol2,
        &application.ddol,
    ];
    if lists.iter().any(|list| total_length(list).is_ok_and(|length| length > 252))
        || lists.iter().any(|list| total_length(list).is_err())
    {
        return refuse("a data object list cannot be read or asks for more than 252 bytes");
    }
    for record in &application.records {
        let fits = record.content.len() <= usize::from(record.capacity) && record.capacity <= 253;
        if !(1..=10).contains(&record.sfi.number()) || record.number == 0 || !fits {
            return refuse(
                "a record must be in SFI 1 to 10, numbered from 1, and at most 253 bytes long",
            );
        }
    }
    for options in &application.processing_options {
        let (entries, rest) = options.afl.as_chunks::<4>();
        if !rest.is_empty() || entries.is_empty() || entries.len() > 60 {
            return refuse("an AFL has 1 to 60 entries of four bytes");
        }
    }
    for object in &application.objects {
        if object.tag == tag::ISSUER_APPLICATION_DATA {
            if application.discretionary_data != 0 || !(1..=15).contains(&object.value.len()) {
                return refuse(
                    "static issuer discretionary data has 1 to 15 bytes and no identifier",
                );
            }
            continue;
        }
        // An object that the card does not know of is given as it is.
        let known = OBJECTS.iter().find(|(tag, _)| *tag == object.tag).map(|(_, length)| *length);
        let fits = match known {
            Some(length) => length == object.value.len(),
            None => (1..=LONGEST_OBJECT).contains(&object.value.len()),
        };
        if !fits {
            return refuse(
                "a data object has another length than the card's, or none that it can give",
            );
        }
    }
    for log in application.transaction_log.iter().chain(&application.load_log) {
        let fits = total_length(&log.format).is_ok_and(|length| (1..=200).contains(&length));
        if !(11..=30).contains(&log.sfi.number()) || log.records == 0 || !fits {
            return refuse("a log lies in SFI 11 to 30, has records, and a format up to 200 bytes");
        }
    }
    if !(0..=5).contains(&application.discretionary_data) {
        return refuse("the issuer discretionary data is 0 to 5");
    }
    let elements = application.cryptogram.elements.len();
    if !(1..=32).contains(&elements) {
        return refuse("a cryptogram covers 1 to 32 elements");
    }
    if !application.cryptogram.names_algorithm() && application.discretionary_data != 0 {
        return refuse("amounts in 9F10 are PBOC's: another scheme has none");
    }
    let control = &application.control_information;
    let length = |object: &ControlObject| object.value.len().saturating_add(5);
    if control.iter().map(length).fold(0, usize::saturating_add) > 200 {
        return refuse("the objects of an FCI have at most 200 bytes");
    }
    if !matches!(application.qpboc_cryptogram_version, 0x01 | 0x17) {
        return refuse("qPBOC's cryptogram version is 01 or 17");
    }
    Ok(())
}

/// Most bytes of a data object that the card only gives.
const LONGEST_OBJECT: usize = 250;

/// Data objects a card can hold, with their lengths in bytes (JR/T 0025.5 annex A, .12, .13); beside
/// them 9F10 with 1 to 15 bytes.
pub(crate) const OBJECTS: [(Tag, usize); 22] = [
    (tag::RISK_CURRENCY, 2),
    (tag::DEFAULT_ACTION, 2),
    (tag::INTERNATIONAL_CURRENCY_LIMIT, 1),
    (tag::CUMULATIVE_LIMIT, 6),
    (tag::ISSUER_AUTHENTICATION_INDICATOR, 1),
    (tag::RISK_COUNTRY, 2),
    (tag::LOWER_OFFLINE_LIMIT_OF_CARD, 1),
    (tag::UPPER_OFFLINE_LIMIT_OF_CARD, 1),
    (tag::CUMULATIVE_UPPER_LIMIT, 6),
    (tag::AVAILABLE_OFFLINE_AMOUNT, 1),
    (tag::ADDITIONAL_PROCESSES, 4),
    (tag::CARD_CVM_LIMIT, 6),
    (tag::CARD_QUALIFIERS, 2),
    (tag::CASH_RESET_THRESHOLD, 6),
    (tag::INTERNATIONAL_COUNTRY_LIMIT, 1),
    (tag::CONVERSION_FACTOR, 4),
    (tag::DUAL_CUMULATIVE_LIMIT, 6),
    (tag::SECOND_CURRENCY, 2),
    (tag::CASH_BALANCE_LIMIT, 6),
    (tag::CASH_SINGLE_LIMIT, 6),
    (tag::CASH_BALANCE, 6),
    (tag::CARD_AUTHENTICATION_DATA, 8),
];
