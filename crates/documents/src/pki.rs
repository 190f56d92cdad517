//! `pki --json`.

use serde::Serialize;
use sscard_lexicon::shown;
use sscard_profile::{CardCertificate, TestKeys};

use super::unit::Hex;

/// A signature that a card made.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignatureDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// r and s, 32 bytes each.
    pub signature: Hex,
    /// The same in DER.
    pub der: Hex,
    /// X and Y of the key that it is made with.
    pub public_key: Hex,
    /// The certificate of that key; `null` when the card has none, or another key's.
    pub certificate: Option<CertificateView>,
}

/// Whether a signature is right.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerificationDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// Whether it is the certificate's key's, over the whole file.
    pub right: bool,
    /// The certificate.
    pub certificate: CertificateView,
}

/// A certificate.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CertificateDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// What it says.
    pub certificate: CertificateView,
}

/// What a certificate says.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CertificateView {
    /// Name of its subject (RFC 4514).
    pub subject: String,
    /// Name of its issuer.
    pub issuer: String,
    /// Its serial number.
    pub serial: Hex,
    /// From when it is valid.
    pub not_before: String,
    /// Until when it is valid.
    pub not_after: String,
    /// X and Y of the subject's key.
    pub public_key: Hex,
    /// Whether the test authority signed it.
    pub by_test_authority: bool,
    /// The certificate in DER.
    pub der: Hex,
}

/// A certificate.
#[must_use]
pub fn view(certificate: &CardCertificate) -> CertificateView {
    let [first, last] = certificate.validity();
    CertificateView {
        subject: shown(certificate.subject()).into_owned(),
        issuer: shown(certificate.issuer()).into_owned(),
        serial: Hex::of(certificate.serial()),
        not_before: first.to_owned(),
        not_after: last.to_owned(),
        public_key: Hex::of(certificate.public_key()),
        by_test_authority: by_test_authority(certificate),
        der: Hex::of(certificate.der()),
    }
}

/// Whether the test authority signed it.
#[must_use]
pub fn by_test_authority(certificate: &CardCertificate) -> bool {
    let authority = TestKeys::get().sm2("ca");
    authority.is_some_and(|key| certificate.is_signed_by(key.public_key()))
}
