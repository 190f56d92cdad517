//! `inspect --json`.

pub mod bank;
mod card;
mod pki;
mod psam;

use std::borrow::Cow;

use serde::Serialize;

pub use card::{document, size, split, structure_name};

use crate::element::ExplainedElement;
use crate::pki::CertificateView;
use crate::unit::{Fen, Hex};

/// Everything on a card.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// `card` of a holder, or `psam`, a terminal's security module.
    pub kind: &'static str,
    /// Name of the profile that the card was made from.
    pub profile: String,
    /// Algorithm of the social security application: `3DES` or `SM4`.
    pub algorithm: &'static str,
    /// Answer to reset.
    pub atr: Hex,
    /// `activated`, `deactivated`, `application_blocked` or `card_blocked`.
    pub life_cycle: &'static str,
    /// Retry counters: first the social security PIN, then the banks' PINs.
    pub pins: Vec<PinCounter>,
    /// Payment applications.
    pub accounts: Vec<InspectedAccount>,
    /// PSE and PPSE.
    pub payment_directories: Vec<InspectedDirectory>,
    /// The medical purse (医保钱包); `null` on a card without one.
    pub medical_purse: Option<InspectedPurse>,
    /// The PKI application (非对称认证应用); `null` on a card without one.
    pub pki: Option<InspectedPki>,
    /// The security module (终端安全模块); `null` for a holder's card.
    pub security_module: Option<InspectedModule>,
    /// Elementary files; behind them the records of the bank's side.
    pub files: Vec<InspectedFile>,
    /// The keys. Only with `--keys`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<RevealedKey>>,
}

/// A PIN's retry counter.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PinCounter {
    /// `SSSE`, the AID of the payment application, `PKI/user` or `PKI/administrator`.
    pub path: String,
    /// Wrong entries left; at 0 the PIN is locked.
    pub tries_left: u8,
    /// Wrong entries after a right one.
    pub tries_max: u8,
}

/// The PKI application.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedPki {
    /// The pair for signatures.
    pub signature: InspectedPair,
    /// The pair for encryption.
    pub encryption: InspectedPair,
}

/// A key pair of the PKI application.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedPair {
    /// X and Y of the public key; `null` without one.
    pub public_key: Option<Hex>,
    /// Whether the private key is there.
    pub has_private_key: bool,
    /// The certificate in its file; `null` when there is none that can be read.
    pub certificate: Option<CertificateView>,
    /// Whether the certificate is of this public key.
    pub certificate_fits: bool,
}

/// A payment application.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedAccount {
    /// Its AID.
    pub aid: Hex,
    /// Whether it is blocked: every cryptogram is an AAC.
    pub blocked: bool,
    /// Application transaction counter.
    pub atc: u16,
    /// Counter at the last online transaction.
    pub last_online_atc: u16,
    /// E-cash balance; `null` without e-cash.
    pub balance_cents: Option<Fen>,
    /// What GET DATA, GET PROCESSING OPTIONS and the selection give.
    pub data_objects: Vec<InspectedObject>,
}

/// A data object of a payment application.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedObject {
    /// Its tag.
    pub tag: Hex,
    /// Its name in English, when it is known.
    pub name: Option<String>,
    /// Its name in Chinese, when it is known.
    pub name_zh: Option<String>,
    /// Its value.
    pub value: Hex,
    /// The value as text; `null` when its bytes say as much.
    pub text: Option<String>,
}

/// A payment directory.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedDirectory {
    /// Its DF name.
    pub path: Hex,
    /// The DF name as text, `1PAY.SYS.DDF01`.
    pub name: String,
    /// `present`, `blocked` or `absent`.
    pub state: &'static str,
    /// One entry an application.
    pub entries: Vec<DirectoryEntry>,
}

/// An entry of a payment directory.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DirectoryEntry {
    /// The entry.
    pub value: Hex,
    /// Its data objects; `null` when it is no string of such.
    pub objects: Option<Vec<ExplainedElement>>,
}

/// State of the medical purse.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedPurse {
    /// Balance of the personal account (个人账户).
    pub balance_cents: Fen,
    /// Paid by the holder in the insurance year.
    pub self_paid_cents: Fen,
    /// Paid by the pooled fund (统筹基金) in the insurance year.
    pub pooled_cents: Fen,
    /// Insurance year of both sums, four digits; `0000` before the first purchase.
    pub year: Hex,
    /// First day of the insurance year, `MMDD`.
    pub start_day: Hex,
    /// Loads so far.
    pub loads: u16,
    /// Purchases so far.
    pub purchases: u16,
}

/// A terminal's security module (PSAM).
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedModule {
    /// Number of the terminal, 12 digits.
    pub terminal: Hex,
    /// The terminal's counter of purchases, as it was last given out.
    pub counter: u32,
    /// Wrong MACs under the master key left; at 0 it is locked.
    pub master_tries_left: u8,
    /// Wrong MACs after a right one.
    pub master_tries_max: u8,
    /// Its keys by address.
    pub keys: Vec<InspectedModuleKey>,
}

/// A place for a key of a security module.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedModuleKey {
    /// Address, two bytes.
    pub address: Hex,
    /// Usage byte: number of diversifications (b8…b6), class (b5…b1): 02 purse, 07 the ministry's, 08 the
    /// province's.
    pub usage: Hex,
    /// Identifier.
    pub id: Hex,
    /// Version.
    pub version: u8,
    /// Name, when it is known.
    pub name: Option<&'static str>,
    /// Whether a key is there.
    pub present: bool,
}

/// An elementary file, or one record of the bank's side.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedFile {
    /// `SSSE/EF05`; of the bank's side `AID/SFI/record`, both numbers decimal.
    pub path: String,
    /// Its name in English, when it is known.
    pub name: Option<Cow<'static, str>>,
    /// Its name in Chinese, when it is known.
    pub name_zh: Option<Cow<'static, str>>,
    /// Short file identifier.
    pub sfi: u8,
    /// `cyclic`, `linear fixed`, `linear variable` or `transparent`.
    pub structure: &'static str,
    /// Bytes, or records × bytes.
    pub size: String,
    /// What it takes to read it.
    pub read: String,
    /// What it takes to update it.
    pub update: String,
    /// Content of a transparent file, or what READ RECORD answers of the bank's side; `null` for a file of
    /// records.
    pub bytes: Option<Hex>,
    /// Its records; of the bank's side the data objects of this one record.
    pub records: Vec<InspectedRecord>,
}

/// A record of a file, or a data object of a bank's record.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InspectedRecord {
    /// Number of the record, from 1.
    pub number: u32,
    /// Its tag; `null` in a cyclic file and for what has none.
    pub tag: Option<Hex>,
    /// How many templates a data object lies in. Only for data objects of the bank's side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// Its name in English, when it is known.
    pub name: Option<Cow<'static, str>>,
    /// Its name in Chinese, when it is known.
    pub name_zh: Option<Cow<'static, str>>,
    /// Its value without tag and length.
    pub value: Hex,
    /// The value as text; `null` where nothing is known of it.
    pub text: Option<String>,
}

/// A TEST key.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RevealedKey {
    /// Its name, when it is known.
    pub name: Option<Cow<'static, str>>,
    /// Its application: `MF`, `SSSE`, `DF01`…, the AID of a payment application, or `PKI`; of a security module's
    /// keys the application on the cards that they are for, `PSAM` of its master key.
    pub application: String,
    /// Its identifier, of a security module its usage byte and its identifier, of a key of the PKI application its
    /// file's; `null` for a bank's key and for a module's master key.
    pub id: Option<Hex>,
    /// Its version; `null` for a bank's key and one of the PKI application.
    pub version: Option<u8>,
    /// Its algorithm.
    pub algorithm: &'static str,
    /// The key.
    pub value: Hex,
}
