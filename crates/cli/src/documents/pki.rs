//! `pki --json`.

use serde::Serialize;

use super::unit::Hex;

/// A signature that a card made.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SignatureDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// r and s, 32 bytes each.
    pub(crate) signature: Hex,
    /// The same in DER.
    pub(crate) der: Hex,
    /// X and Y of the key that it is made with.
    pub(crate) public_key: Hex,
    /// The certificate of that key; `null` when the card has none, or another key's.
    pub(crate) certificate: Option<CertificateView>,
}

/// Whether a signature is right.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct VerificationDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Whether it is the certificate's key's, over the whole file.
    pub(crate) right: bool,
    /// The certificate.
    pub(crate) certificate: CertificateView,
}

/// A certificate.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CertificateDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// What it says.
    pub(crate) certificate: CertificateView,
}

/// What a certificate says.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CertificateView {
    /// Name of its subject (RFC 4514).
    pub(crate) subject: String,
    /// Name of its issuer.
    pub(crate) issuer: String,
    /// Its serial number.
    pub(crate) serial: Hex,
    /// From when it is valid.
    pub(crate) not_before: String,
    /// Until when it is valid.
    pub(crate) not_after: String,
    /// X and Y of the subject's key.
    pub(crate) public_key: Hex,
    /// Whether the test authority signed it.
    pub(crate) by_test_authority: bool,
    /// The certificate in DER.
    pub(crate) der: Hex,
}
