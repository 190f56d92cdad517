//! Accounts of the test bank: records, certificates and keys of one card.
//!
//! What enters: the profile's plan and a holder. What leaves: [`Account`] and [`AccountKeys`].
//! Account numbers begin with 999999, which is no bank's.

use std::sync::OnceLock;

use sscard_apdu::dol;
use sscard_apdu::tlv::{Tag, Writer};
use sscard_core::{
    Account, AccountKeys, AccountRecord, FinancialApplication, Holder, LifeCycle, Profile,
    TransactionKeys,
};
use sscard_crypto::Key;
use sscard_crypto::financial::certificate::{self, Validity};
use sscard_crypto::financial::{Cipher, DerivationOption, card_key, sm_certificate, sm2, sm3};
use sscard_elements::tag;
use zeroize::Zeroizing;

use crate::bank::{CDOL1, CDOL2, DDOL, hex_constant};
use crate::icc_keys::{IccKeys, IccPairs};
use crate::signatures::{Signed, recall};
use crate::test_keys::{AUTHORITY_1984, AUTHORITY_SM2, RsaPair, TestKeys};

/// Offline PIN of the built-in card's bank account.
pub const INITIAL_BANK_PIN: &str = "123456";
/// Issuer identification number of the test bank.
const ISSUER: [u8; 4] = [0x99, 0x99, 0x99, 0xFF];
/// Expiry of all test certificates, MMYY.
const EXPIRY: [u8; 2] = [0x12, 0x49];
/// Offline plaintext PIN, else online PIN, else signature, else nothing.
const CVM_LIST: &str = "00000000000000004103420 31E031F00";

/// Master keys of an issuer, for all its accounts.
#[derive(Clone, Debug)]
pub struct IssuerMasterKeys {
    /// For application cryptograms and their responses.
    pub cryptogram: Key,
    /// For the MACs of scripts and discretionary data.
    pub mac: Key,
    /// For what scripts encipher.
    pub encipherment: Key,
}

impl IssuerMasterKeys {
    /// The test bank's: readable, and marked as test keys.
    #[must_use]
    pub fn test() -> Self {
        let [cryptogram, mac, encipherment] = ["AC", "MAC", "ENC"].map(bank_master_key);
        Self { cryptogram, mac, encipherment }
    }

    /// The keys of a holder's accounts under this issuer; the ICC keys are the shared ones.
    #[must_use]
    pub fn account_keys(&self, profile: &Profile, holder: &Holder) -> Vec<AccountKeys> {
        keys_under(self, profile, holder, IccKeys::Shared)
    }
}

/// Master keys of the test bank by their use: readable, and marked as test keys.
#[must_use]
pub fn bank_master_key(usage: &str) -> Key {
    let mut bytes = [b' '; Key::LENGTH];
    let text = format!("TEST BANK {usage:3} v1");
    for (place, byte) in bytes.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    Key::new(bytes)
}

/// The account number of a holder's card: 999999, the application, the card's serial, a check digit.
#[must_use]
pub fn account_number(holder: &Holder, application: u8) -> String {
    let serial = u32::from_be_bytes(holder.serial);
    let body = format!("999999{application:02}{serial:010}");
    format!("{body}{}", luhn(&body))
}

/// Sequence number of every test account.
pub const SEQUENCE_NUMBER: &str = "01";

/// The holder with an account for each payment application of the profile that has none yet. Their
/// certificates are for the shared ICC keys.
#[must_use]
pub fn with_accounts(profile: &Profile, holder: &Holder) -> Holder {
    complete(profile, holder, IccKeys::Shared)
}

/// The same with certificates for these ICC keys.
pub(crate) fn complete(profile: &Profile, holder: &Holder, icc_keys: IccKeys) -> Holder {
    let mut holder = holder.clone();
    let plan = &profile.blueprint().financial;
    for (index, application) in (0_u8..).zip(&plan.applications).skip(holder.accounts.len()) {
        let account = account(application, &holder, index, &icc_keys.pairs(application));
        holder.accounts.push(account);
    }
    holder
}

/// The keys of a holder's accounts; the ICC keys are the shared ones.
#[must_use]
pub fn account_keys(profile: &Profile, holder: &Holder) -> Vec<AccountKeys> {
    keys_with(profile, holder, IccKeys::Shared)
}

/// The same with these ICC keys for the accounts that [`complete`] adds: those that the holder
/// brings have certificates already.
pub(crate) fn keys_with(profile: &Profile, holder: &Holder, icc_keys: IccKeys) -> Vec<AccountKeys> {
    keys_under(&IssuerMasterKeys::test(), profile, holder, icc_keys)
}

fn keys_under(
    masters: &IssuerMasterKeys,
    profile: &Profile,
    holder: &Holder,
    icc_keys: IccKeys,
) -> Vec<AccountKeys> {
    let plan = &profile.blueprint().financial;
    (0_u8..)
        .zip(&plan.applications)
        .map(|(index, application)| {
            let pan = account_number(holder, index);
            let is_brought = usize::from(index) < holder.accounts.len();
            let icc_keys = if is_brought { IccKeys::Shared } else { icc_keys };
            let pairs = icc_keys.pairs(application);
            AccountKeys {
                triple_des: transaction_keys(masters, Cipher::TripleDes, &pan),
                sm4: transaction_keys(masters, Cipher::Sm4, &pan),
                rsa: pairs.own_rsa(),
                sm2: pairs.own_sm2(),
            }
        })
        .collect()
}

fn transaction_keys(masters: &IssuerMasterKeys, cipher: Cipher, pan: &str) -> TransactionKeys {
    let derive = |master: &Key| {
        // An account number is 19 digits and the sequence number two: they are always fit for it.
        card_key(cipher, DerivationOption::A, master, pan, SEQUENCE_NUMBER)
            .unwrap_or_else(|_| master.clone())
    };
    TransactionKeys {
        cryptogram: derive(&masters.cryptogram),
        mac: derive(&masters.mac),
        encipherment: derive(&masters.encipherment),
    }
}

/// An account number, or track 2 with its separator, filled with F.
fn packed(digits: &str) -> Vec<u8> {
    let even =
        if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("{digits}F") };
    hex_constant(&even)
}

fn account(plan: &FinancialApplication, holder: &Holder, index: u8, pairs: &IccPairs) -> Account {
    let pan = account_number(holder, index);
    let aip = plan.processing_options.first().map_or([0, 0], |options| options.aip);
    let static_record = static_data(&pan, holder);
    let covered = [&static_record[..], &aip].concat();
    let mut records = vec![
        record(
            1,
            1,
            &[
                (tag::TRACK_2_EQUIVALENT_DATA, track_2(&pan, holder)),
                (tag::CARDHOLDER_NAME, b"TEST/CARDHOLDER".to_vec()),
            ],
        ),
        record(
            1,
            2,
            &[
                (tag::IDENTITY_DOCUMENT_NUMBER, holder.social_security_number.to_vec()),
                (tag::IDENTITY_DOCUMENT_TYPE, vec![0x00]),
            ],
        ),
        AccountRecord { sfi: 3, number: 1, content: static_record },
    ];
    // What cannot be signed is missing here, and `is_signed` says so.
    records.extend(rsa_records(pairs.rsa(), &pan, &covered).unwrap_or_default());
    records.extend(sm_records(pairs, &pan, &covered).unwrap_or_default());
    Account {
        records,
        objects: Vec::new(),
        pin: Zeroizing::new(INITIAL_BANK_PIN.to_owned()),
        // A card that is only produced pays nothing yet.
        blocked: holder.life_cycle == LifeCycle::Deactivated,
    }
}

/// Whether the accounts that [`complete`] added to those of `before` have their certificates.
pub(crate) fn is_signed(
    profile: &Profile,
    before: &Holder,
    complete: &Holder,
    icc_keys: IccKeys,
) -> bool {
    let plans = profile.blueprint().financial.applications.iter();
    plans.zip(&complete.accounts).skip(before.accounts.len()).all(|(plan, account)| {
        let pairs = icc_keys.pairs(plan);
        let has = |sfi, number| {
            account.records.iter().any(|record| (record.sfi, record.number) == (sfi, number))
        };
        has(2, 4)
            && (pairs.rsa().is_none() || has(2, 3))
            && (pairs.sm2_bytes().is_none() || has(8, 2) && has(8, 3))
    })
}

/// The record that offline data authentication signs.
fn static_data(pan: &str, holder: &Holder) -> Vec<u8> {
    let date = |date: [u8; 4]| date.get(1..).unwrap_or_default().to_vec();
    let mut signed_tags = Vec::new();
    tag::INTERCHANGE_PROFILE.emit(&mut signed_tags);
    let objects = [
        (tag::PRIMARY_ACCOUNT_NUMBER, packed(pan)),
        (tag::SEQUENCE_NUMBER, hex_constant(SEQUENCE_NUMBER)),
        (tag::EXPIRATION_DATE, date(holder.expiry_date)),
        (tag::EFFECTIVE_DATE, date(holder.issue_date)),
        (tag::ISSUER_COUNTRY, hex_constant("0156")),
        (tag::USAGE_CONTROL, hex_constant("FF00")),
        (tag::APPLICATION_VERSION, hex_constant("0030")),
        (tag::CVM_LIST, hex_constant(CVM_LIST)),
        (tag::ISSUER_ACTION_CODE_DEFAULT, hex_constant("D86004A800")),
        (tag::ISSUER_ACTION_CODE_DENIAL, hex_constant("0010980000")),
        (tag::ISSUER_ACTION_CODE_ONLINE, hex_constant("D86804F800")),
        (tag::STATIC_DATA_TAG_LIST, signed_tags),
        (tag::CDOL1, dol::list(CDOL1)),
        (tag::CDOL2, dol::list(CDOL2)),
        (tag::DDOL, dol::list(DDOL)),
    ];
    content(&objects)
}

fn track_2(pan: &str, holder: &Holder) -> Vec<u8> {
    let expiry = hex::encode(&holder.expiry_date[1..3]);
    packed(&format!("{pan}D{expiry}2200000000000"))
}

fn rsa_records(card: Option<&RsaPair>, pan: &str, covered: &[u8]) -> Option<Vec<AccountRecord>> {
    let issuer = TestKeys::get().rsa("issuer-1408")?;
    let validity = |serial| Validity { expiry: EXPIRY, serial: [0, 0, serial] };
    let signed = recall(Signed::RsaStatic, &[covered], || {
        certificate::sign_static_data(&issuer.private, [0x00, 0x01], covered)
    })?;
    let mut records = Vec::new();
    let mut last = vec![(tag::SIGNED_STATIC_DATA, signed)];
    if let Some(card) = card {
        let account = ten_bytes(pan)?;
        let key = &card.public;
        let of_card = recall(Signed::RsaCard, &[key.modulus(), &account, covered], || {
            let issuer = &issuer.private;
            let issued =
                certificate::issue_card_certificate(issuer, account, validity(2), key, covered)?;
            Some(issued.certificate)
        })?;
        // What of the modulus does not fit beside the frame of 42 bytes.
        let inside = issuer.public.modulus().len().checked_sub(42)?;
        records.push(record(2, 3, &[(tag::ICC_CERTIFICATE, of_card)]));
        last.push((tag::ICC_KEY_EXPONENT, key.exponent().bytes().to_vec()));
        last.push((
            tag::ICC_KEY_REMAINDER,
            key.modulus().get(inside..).unwrap_or_default().to_vec(),
        ));
    }
    records.push(record(2, 4, &last));
    Some(records)
}

fn sm_records(pairs: &IccPairs, pan: &str, covered: &[u8]) -> Option<Vec<AccountRecord>> {
    let card = pairs.sm2_bytes()?;
    let account = ten_bytes(pan)?;
    let validity = |serial| Validity { expiry: EXPIRY, serial: [0, 0, serial] };
    let signed = recall(Signed::SmStatic, &[covered], || {
        sm_certificate::sign_static_data(sm_issuer()?, &nonce(2, covered), [0x00, 0x01], covered)
    })?;
    let of_card = recall(Signed::SmCard, &[card, &account, covered], || {
        sm_certificate::issue_card_certificate(
            sm_issuer()?,
            &nonce(3, covered),
            account,
            validity(4),
            pairs.sm2()?,
            covered,
        )
    })?;
    Some(vec![
        record(8, 2, &[(tag::SIGNED_STATIC_DATA, signed)]),
        record(8, 3, &[(tag::ICC_CERTIFICATE, of_card)]),
    ])
}

/// The issuer's SM2 key, which signs twice for every card.
fn sm_issuer() -> Option<&'static sm2::Sm2PrivateKey> {
    static ISSUER: OnceLock<Option<sm2::Sm2PrivateKey>> = OnceLock::new();
    ISSUER.get_or_init(|| TestKeys::get().sm2("issuer").map(sm2::Sm2PrivateKey::prepared)).as_ref()
}

/// Records of the issuer's own certificates, the same on every card.
pub(crate) fn issuer_records() -> Vec<AccountRecord> {
    let mut records = Vec::new();
    records.extend(rsa_issuer_records().unwrap_or_default());
    records.extend(sm_issuer_record());
    records
}

fn rsa_issuer_records() -> Option<Vec<AccountRecord>> {
    let keys = TestKeys::get();
    let issuer = keys.rsa("issuer-1408")?;
    // The issuer's key is shorter than the authority's by more than the frame: no remainder.
    let of_issuer = recall(Signed::RsaIssuer, &[issuer.public.modulus()], || {
        let authority = &keys.rsa("ca-1984")?.private;
        let validity = Validity { expiry: EXPIRY, serial: [0, 0, 1] };
        let key = &issuer.public;
        let issued = certificate::issue_issuer_certificate(authority, ISSUER, validity, key)?;
        Some(issued.certificate)
    })?;
    let exponent = issuer.public.exponent().bytes().to_vec();
    Some(vec![
        record(2, 1, &[(tag::ISSUER_CERTIFICATE, of_issuer)]),
        record(
            2,
            2,
            &[
                (tag::AUTHORITY_KEY_INDEX, vec![AUTHORITY_1984]),
                (tag::ISSUER_KEY_EXPONENT, exponent),
            ],
        ),
    ])
}

fn sm_issuer_record() -> Option<AccountRecord> {
    let keys = TestKeys::get();
    let issuer = keys.sm2_public("issuer")?;
    let of_issuer = recall(Signed::SmIssuer, &[issuer], || {
        sm_certificate::issue_issuer_certificate(
            keys.sm2("ca")?,
            &nonce(1, issuer),
            ISSUER,
            Validity { expiry: EXPIRY, serial: [0, 0, 3] },
            keys.sm2("issuer")?.public_key(),
        )
    })?;
    Some(record(
        8,
        1,
        &[(tag::AUTHORITY_KEY_INDEX, vec![AUTHORITY_SM2]), (tag::ISSUER_CERTIFICATE, of_issuer)],
    ))
}

/// The same data, the same signature: the nonce is a hash of what is signed.
fn nonce(what: u8, data: &[u8]) -> [u8; 32] {
    sm3(&[b"TEST nonce", &[what], data])
}

fn ten_bytes(pan: &str) -> Option<[u8; 10]> {
    let mut bytes = [0xFF; 10];
    let digits = packed(pan);
    bytes.get_mut(..digits.len())?.copy_from_slice(&digits);
    Some(bytes)
}

fn record(sfi: u8, number: u8, objects: &[(Tag, Vec<u8>)]) -> AccountRecord {
    AccountRecord { sfi, number, content: content(objects) }
}

/// Objects one after another; empty ones are left out.
pub(crate) fn content(objects: &[(Tag, Vec<u8>)]) -> Vec<u8> {
    let mut content = Vec::new();
    let mut out = Writer::new(&mut content);
    for (tag, value) in objects.iter().filter(|(_, value)| !value.is_empty()) {
        out.primitive(*tag, value);
    }
    content
}

/// Check digit by ISO/IEC 7812-1 annex B.
fn luhn(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(position, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            let weighed = if position.is_multiple_of(2) { digit.saturating_mul(2) } else { digit };
            (weighed / 10).saturating_add(weighed % 10)
        })
        .sum();
    10_u32.saturating_sub(sum % 10) % 10
}
