//! `pay --json`.

use serde::Serialize;

use super::element::ExplainedElement;
use super::unit::Hex;

/// A payment that came to its end.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PaymentDocument {
    /// `approved`, `declined`, `failed`, or `try_contact`: the card wants the contact reader.
    pub(crate) outcome: &'static str,
    /// Why it was not approved; `null` when it was.
    pub(crate) reason: Option<String>,
    /// AID of the application that paid.
    pub(crate) aid: Hex,
    /// Whether the application was blocked.
    pub(crate) application_blocked: bool,
    /// Whether a TC debited the e-cash.
    pub(crate) electronic_cash: bool,
    /// Offline data authentication.
    pub(crate) offline_data_authentication: PaymentAuthentication,
    /// The cardholder verification that was performed: `none_required`, `offline_pin`, `online_pin`,
    /// `signature`, `failed` or `not_performed`.
    pub(crate) cardholder_verification: &'static str,
    /// Terminal verification results (95).
    pub(crate) tvr: Hex,
    /// Transaction status information (9B).
    pub(crate) tsi: Hex,
    /// The first cryptogram; `null` when it did not come so far.
    pub(crate) first_ac: Option<PaymentCryptogram>,
    /// What the issuer said; `null` for an offline payment.
    pub(crate) issuer: Option<PaymentIssuer>,
    /// The second cryptogram; `null` for an offline payment.
    pub(crate) second_ac: Option<PaymentCryptogram>,
    /// The issuer's scripts, in their order.
    pub(crate) scripts: Vec<PaymentScript>,
    /// Issuer script results (DF31); `null` without scripts.
    pub(crate) issuer_script_results: Option<Hex>,
    /// All exchanges.
    pub(crate) apdus: Vec<PaymentApdu>,
}

/// A payment that broke off: the card left the reader, or gave what no terminal can go on with.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BrokenPaymentDocument {
    /// `failed`.
    pub(crate) outcome: &'static str,
    /// Why.
    pub(crate) error: String,
    /// The exchanges up to then.
    pub(crate) apdus: Vec<PaymentApdu>,
}

/// Offline data authentication.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PaymentAuthentication {
    /// `none`, `SDA`, `DDA`, `CDA`, or `fDDA` in a contactless payment.
    pub(crate) method: &'static str,
    /// Whether with SM2 and SM3 instead of RSA and SHA-1.
    pub(crate) sm: bool,
    /// Whether it succeeded.
    pub(crate) ok: bool,
    /// Why it failed.
    pub(crate) reason: Option<String>,
}

/// A cryptogram.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PaymentCryptogram {
    /// `TC`, `ARQC` or `AAC`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// The cryptogram, 8 bytes (9F26).
    pub(crate) cryptogram: Hex,
    /// Application transaction counter, 2 bytes (9F36).
    pub(crate) atc: Hex,
}

/// What the issuer said.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PaymentIssuer {
    /// Whether the ARQC was right.
    pub(crate) arqc_ok: bool,
    /// Whether the MAC of the issuer discretionary data in 9F10 was right; `null` without one.
    pub(crate) idd_ok: Option<bool>,
    /// Authorisation response code, two characters (8A).
    pub(crate) response_code: String,
    /// The issuer's cryptogram, 8 bytes; `null` when it gave none.
    pub(crate) arpc: Option<Hex>,
}

/// A script command of the issuer.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PaymentScript {
    /// Its name: `CARD BLOCK`, `PUT DATA 9F79`…
    pub(crate) command: String,
    /// The card's status word; `null` when it was not sent.
    pub(crate) sw: Option<Hex>,
}

/// A command and its response.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PaymentApdu {
    /// The command; zeros in the place of a PIN.
    pub(crate) command: Hex,
    /// The response, status word included.
    pub(crate) response: Hex,
    /// Command and status word in words.
    pub(crate) meaning: String,
    /// What the card asked for by a list (PDOL, CDOL, DDOL) and was given, in the list's order.
    pub(crate) asked: Vec<AskedElement>,
    /// The answer's data objects; `null` when it has none.
    pub(crate) objects: Option<Vec<ExplainedElement>>,
}

/// A data element that the card asked for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AskedElement {
    /// Its tag.
    pub(crate) tag: Hex,
    /// Its length in bytes.
    pub(crate) length: usize,
    /// What the terminal gave.
    pub(crate) value: Hex,
}
