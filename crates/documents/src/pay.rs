//! `pay --json`.

use serde::Serialize;
use sscard_elements::tag;
use sscard_lexicon::Session;
use sscard_lexicon::financial::{Node, of_answer};
use sscard_terminal::payment::{Cryptogram, Payment, PaymentError, PaymentExchange};

use crate::element::{self, ExplainedElement};
use crate::unit::Hex;

/// A payment that came to its end.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentDocument {
    /// `approved`, `declined`, `failed`, or `try_contact`: the card wants the contact reader.
    pub outcome: &'static str,
    /// Why it was not approved; `null` when it was.
    pub reason: Option<String>,
    /// AID of the application that paid.
    pub aid: Hex,
    /// Whether the application was blocked.
    pub application_blocked: bool,
    /// Whether a TC debited the e-cash.
    pub electronic_cash: bool,
    /// Offline data authentication.
    pub offline_data_authentication: PaymentAuthentication,
    /// The cardholder verification that was performed: `none_required`, `offline_pin`, `online_pin`,
    /// `signature`, `failed` or `not_performed`.
    pub cardholder_verification: &'static str,
    /// Terminal verification results (95).
    pub tvr: Hex,
    /// Transaction status information (9B).
    pub tsi: Hex,
    /// The first cryptogram; `null` when it did not come so far.
    pub first_ac: Option<PaymentCryptogram>,
    /// What the issuer said; `null` for an offline payment.
    pub issuer: Option<PaymentIssuer>,
    /// The second cryptogram; `null` for an offline payment.
    pub second_ac: Option<PaymentCryptogram>,
    /// The issuer's scripts, in their order.
    pub scripts: Vec<PaymentScript>,
    /// Issuer script results (DF31); `null` without scripts.
    pub issuer_script_results: Option<Hex>,
    /// All exchanges.
    pub apdus: Vec<PaymentApdu>,
}

/// A payment that broke off: the card left the reader, or gave what no terminal can go on with.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrokenPaymentDocument {
    /// `failed`.
    pub outcome: &'static str,
    /// Why.
    pub error: String,
    /// The exchanges up to then.
    pub apdus: Vec<PaymentApdu>,
}

/// Offline data authentication.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentAuthentication {
    /// `none`, `SDA`, `DDA`, `CDA`, or `fDDA` in a contactless payment.
    pub method: &'static str,
    /// Whether with SM2 and SM3 instead of RSA and SHA-1.
    pub sm: bool,
    /// Whether it succeeded.
    pub ok: bool,
    /// Why it failed.
    pub reason: Option<String>,
}

/// A cryptogram.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentCryptogram {
    /// `TC`, `ARQC` or `AAC`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The cryptogram, 8 bytes (9F26).
    pub cryptogram: Hex,
    /// Application transaction counter, 2 bytes (9F36).
    pub atc: Hex,
}

/// What the issuer said.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentIssuer {
    /// Whether the ARQC was right.
    pub arqc_ok: bool,
    /// Whether the MAC of the issuer discretionary data in 9F10 was right; `null` without one.
    pub idd_ok: Option<bool>,
    /// Authorisation response code, two characters (8A).
    pub response_code: String,
    /// The issuer's cryptogram, 8 bytes; `null` when it gave none.
    pub arpc: Option<Hex>,
}

/// A script command of the issuer.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentScript {
    /// Its name: `CARD BLOCK`, `PUT DATA 9F79`…
    pub command: String,
    /// The card's status word; `null` when it was not sent.
    pub sw: Option<Hex>,
}

/// A command and its response.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentApdu {
    /// The command; zeros in the place of a PIN.
    pub command: Hex,
    /// The response, status word included.
    pub response: Hex,
    /// Command and status word in words.
    pub meaning: String,
    /// What the card asked for by a list (PDOL, CDOL, DDOL) and was given, in the list's order.
    pub asked: Vec<AskedElement>,
    /// The answer's data objects; `null` when it has none.
    pub objects: Option<Vec<ExplainedElement>>,
}

/// A data element that the card asked for.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AskedElement {
    /// Its tag.
    pub tag: Hex,
    /// Its length in bytes.
    pub length: usize,
    /// What the terminal gave.
    pub value: Hex,
}

/// A payment that came to its end, as a document.
#[must_use]
pub fn document(payment: &Payment) -> PaymentDocument {
    let cryptogram = |cryptogram: &Cryptogram| PaymentCryptogram {
        kind: cryptogram.kind(),
        cryptogram: Hex::of(cryptogram.cryptogram),
        atc: Hex::of(cryptogram.atc),
    };
    let scripts = payment.scripts.iter().map(|script| PaymentScript {
        command: script.name.clone(),
        sw: script.status.map(Hex::written),
    });
    let authentication = &payment.authentication;
    PaymentDocument {
        outcome: payment.outcome.name(),
        reason: payment.reason.as_ref().map(ToString::to_string),
        aid: Hex::of(&payment.aid),
        application_blocked: payment.blocked,
        electronic_cash: payment.electronic_cash,
        offline_data_authentication: PaymentAuthentication {
            method: authentication.method.name(),
            sm: authentication.sm,
            ok: authentication.ok,
            reason: authentication.reason.as_ref().map(ToString::to_string),
        },
        cardholder_verification: payment.holder.name(),
        tvr: Hex::of(payment.tvr.bytes()),
        tsi: Hex::of(payment.tsi.bytes()),
        first_ac: payment.first.as_ref().map(cryptogram),
        issuer: payment.issuer.as_ref().map(|issuer| PaymentIssuer {
            arqc_ok: issuer.arqc_ok,
            idd_ok: issuer.idd_ok,
            response_code: String::from_utf8_lossy(&issuer.response_code).into_owned(),
            arpc: issuer.arpc.map(Hex::of),
        }),
        second_ac: payment.second.as_ref().map(cryptogram),
        scripts: scripts.collect(),
        issuer_script_results: payment.data.value(tag::ISSUER_SCRIPT_RESULTS).map(Hex::of),
        apdus: apdus(&payment.exchanges),
    }
}

/// A payment that broke off, as a document.
#[must_use]
pub fn broken_document(
    error: &PaymentError,
    exchanges: &[PaymentExchange],
) -> BrokenPaymentDocument {
    BrokenPaymentDocument { outcome: "failed", error: error.to_string(), apdus: apdus(exchanges) }
}

fn apdus(exchanges: &[PaymentExchange]) -> Vec<PaymentApdu> {
    let mut session = Session::default();
    let apdu = |exchange: &PaymentExchange| {
        let objects = of_answer(&exchange.command, exchange.data());
        let annotation = session.annotate(&exchange.command, Some(&exchange.response));
        PaymentApdu {
            command: Hex::of(exchange.shown_command()),
            response: Hex::of(&exchange.response),
            meaning: exchange.meaning(),
            asked: annotation.asked.iter().filter_map(asked).collect(),
            objects: objects.map(|nodes| element::documents(&nodes)),
        }
    };
    exchanges.iter().map(apdu).collect()
}

/// What the card asked for by a list and the terminal gave; fields without a tag are no such.
fn asked(node: &Node<'_>) -> Option<AskedElement> {
    let is_object = node.tag.number() != 0 && !node.template;
    is_object.then(|| AskedElement {
        tag: Hex::written(node.tag),
        length: node.value.len(),
        value: Hex::of(node.value),
    })
}
