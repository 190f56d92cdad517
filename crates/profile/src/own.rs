//! The tables `[[applications]]`, `[[files]]` and `[[keys]]` of a profile: what a city or an issuer has of
//! its own, or otherwise than the catalogue.

use std::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A table `[[applications]]`: a DF of one's own, or a name of one of the catalogue.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplicationTable {
    /// File identifier of the DF, `DF0A`, or its name, `DF01`.
    pub(crate) df: String,
    /// DF name in hexadecimal, 5 to 16 bytes; without it the DF is selected by its identifier alone.
    pub(crate) aid: Option<String>,
    /// Label in the DIR file, in Chinese or in any text of GBK.
    pub(crate) label: Option<String>,
    /// The DF that it lies in: `SSSE`, which is the default, or `MF`.
    pub(crate) parent: Option<String>,
    /// Whether the DIR file lists it; it does without this, when there is an AID and a label.
    pub(crate) listed: Option<bool>,
}

/// Structure of a file.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum StructureName {
    /// Bytes.
    Transparent,
    /// Records of one length, with tag and length.
    Fixed,
    /// Records of any length, with tag and length.
    Variable,
    /// Records of one length without tag; the newest takes the place of the oldest.
    Cyclic,
}

impl StructureName {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Transparent => "transparent",
            Self::Fixed => "fixed",
            Self::Variable => "variable",
            Self::Cyclic => "cyclic",
        }
    }
}

/// A table `[[files]]`: a file of one's own, or a file of the catalogue that is otherwise.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct FileTable {
    /// The DF it lies in: `MF`, `SSSE`, `DF01`…, or the identifier of one's own.
    pub(crate) df: String,
    /// File identifier, `EF0D`.
    pub(crate) id: String,
    /// Name for people.
    pub(crate) name: Option<String>,
    /// Short identifier, 1 to 30; the low byte of the identifier without it.
    pub(crate) sfi: Option<u8>,
    /// Structure; needed unless the catalogue has the file.
    pub(crate) structure: Option<StructureName>,
    /// Who may read: a rule as in `[access]`; `free` without it.
    pub(crate) read: Option<String>,
    /// Who may update: likewise; `never` without it.
    pub(crate) update: Option<String>,
    /// Bytes of a transparent file, or for all records of a variable one; what the content takes without it.
    pub(crate) size: Option<u16>,
    /// Bytes of each record of a fixed or cyclic file, tag and length included.
    pub(crate) record_length: Option<u8>,
    /// How many records a fixed or cyclic file holds.
    pub(crate) records_max: Option<u8>,
    /// Its records in hexadecimal, with tag and length; those of a cyclic file without, the newest first.
    pub(crate) records: Option<Vec<String>>,
    /// Content of a transparent file in hexadecimal.
    pub(crate) data: Option<String>,
}

/// What a key is used for.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyUse {
    /// EXTERNAL AUTHENTICATE.
    External,
    /// INTERNAL AUTHENTICATE.
    Internal,
    /// Secure messaging.
    Mac,
    /// External authentication with the block key, which never locks.
    Block,
    /// Loads of the medical purse.
    Load,
    /// Purchases with the medical purse.
    Purchase,
    /// Transaction certificates of the medical purse.
    Certificate,
    /// External authentication with the locking key of an application, for APPLICATION BLOCK of it.
    Lock,
}

/// A table `[[keys]]`: a key of one's own, or the value of one of the catalogue.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyTable {
    /// The DF it belongs to.
    pub(crate) df: String,
    /// Identifier as it stands in P2, two hexadecimal digits: 00…0F in `SSSE`, 80…8F elsewhere.
    pub(crate) id: String,
    /// Version; 1 without it.
    pub(crate) version: Option<u8>,
    /// The card's key in hexadecimal: 16 bytes, or 8 of single DES. Without it the key is derived as the others are.
    pub(crate) value: Option<SecretText>,
    /// Name for people.
    pub(crate) name: Option<String>,
    /// `3DES`, `DES` or `SM4`; the card's algorithm without it. A key of another one is a key of the card all the same.
    pub(crate) algorithm: Option<String>,
    /// What it is for; the catalogue's use of this identifier, else `external`.
    #[serde(rename = "use")]
    pub(crate) usage: Option<KeyUse>,
    /// Wrong tries until it locks, 1 to 15; `key_tries` without it.
    pub(crate) tries: Option<u8>,
}

/// Digits that no message shows.
#[derive(Clone)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
pub(crate) struct SecretText(#[cfg_attr(test, schemars(with = "String"))] Zeroizing<String>);

impl SecretText {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn bytes(&self) -> Option<Zeroizing<Vec<u8>>> {
        crate::rules::bytes(&self.0).map(Zeroizing::new)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}
