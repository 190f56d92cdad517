//! `emv ca --json`.

use serde::Serialize;

use super::unit::Hex;

/// Public keys of a certification authority, as terminals are set up with them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AuthorityDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// The keys, by their index.
    pub(crate) keys: Vec<PrintedAuthorityKey>,
}

/// A key of a certification authority.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PrintedAuthorityKey {
    /// Registered application provider identifier, 5 bytes.
    pub(crate) rid: Hex,
    /// The index that cards name in tag 8F.
    pub(crate) index: Hex,
    /// `RSA` or `SM2`.
    pub(crate) algorithm: &'static str,
    /// Last day of the key, six digits YYMMDD; `null` when it is not known.
    pub(crate) expiry: Option<Hex>,
    /// Modulus of an RSA key; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modulus: Option<Hex>,
    /// Exponent of an RSA key; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exponent: Option<Hex>,
    /// Check value of an RSA key: SHA-1 over RID, index, modulus and exponent; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) check: Option<Hex>,
    /// X and Y of an SM2 key; else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) point: Option<Hex>,
    /// The key as a `PUBLIC KEY` in PEM, with line ends.
    pub(crate) pem: String,
}
