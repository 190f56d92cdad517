//! `read --json`.

use serde::Serialize;

use super::unit::Hex;

/// What a terminal reads of a card.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReadDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// The card's own data (EF05).
    pub(crate) card: CardItems,
    /// The holder's data (EF06).
    pub(crate) holder: HolderItems,
    /// Answer to reset.
    pub(crate) atr: Hex,
    /// The card's algorithm: `3DES` or `SM4`.
    pub(crate) algorithm: &'static str,
    /// What there is to say of the card: a PIN that was not accepted or is locked, an expired card, data
    /// of a wrong form. Absent when there is nothing; stderr says the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) remarks: Vec<String>,
    /// The files that were read, and those that were refused. Only with `--all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<Vec<ReadFile>>,
}

/// The card's own data (EF05); what could not be read is `null`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CardItems {
    /// Card identification code (卡的识别码), 32 hexadecimal digits.
    pub(crate) identification_code: Option<String>,
    /// Card class (卡的类别).
    pub(crate) class: Option<String>,
    /// Version of the specification (规范版本).
    pub(crate) version: Option<String>,
    /// Initialisation organisation (初始化机构编号), digits.
    pub(crate) initialisation_organisation: Option<String>,
    /// Day of issue (发卡日期), as on the card.
    pub(crate) issue_date: Option<String>,
    /// Last day of validity (卡有效期), as on the card.
    pub(crate) expiry_date: Option<String>,
    /// Card number (卡号).
    pub(crate) number: Option<String>,
}

/// The holder's data (EF06); what could not be read is `null`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HolderItems {
    /// Social security number (社会保障号码).
    pub(crate) social_security_number: Option<String>,
    /// Name (姓名).
    pub(crate) name: Option<String>,
    /// Rest of a name that is too long for `name` (姓名扩展).
    pub(crate) name_extension: Option<String>,
    /// Sex (性别) in words.
    pub(crate) sex: Option<String>,
    /// Ethnic group (民族) in words.
    pub(crate) ethnicity: Option<String>,
    /// Birthplace (出生地).
    pub(crate) birthplace: Option<String>,
    /// Day of birth (出生日期), as on the card.
    pub(crate) birth_date: Option<String>,
}

/// One elementary file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReadFile {
    /// Application and file identifier, `SSSE/EF05`.
    pub(crate) path: String,
    /// Its name in English; `null` when the catalogue does not know the file.
    pub(crate) name: Option<&'static str>,
    /// Its name in Chinese; `null` likewise.
    pub(crate) name_zh: Option<&'static str>,
    /// What the card's DIR file calls an application that the catalogue does not know.
    pub(crate) application_label: Option<String>,
    /// Its records, in their order.
    pub(crate) records: Vec<ReadRecord>,
    /// Content of a transparent file; `null` for a file of records, and when it was not read.
    pub(crate) bytes: Option<Hex>,
    /// Status word of the card that refused to have it read.
    pub(crate) refused: Option<Hex>,
}

/// One record.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReadRecord {
    /// Its tag; `null` in a cyclic file.
    pub(crate) tag: Option<Hex>,
    /// The item's name in English, when it is known.
    pub(crate) name: Option<&'static str>,
    /// The item's name in Chinese, when it is known.
    pub(crate) name_zh: Option<&'static str>,
    /// Its value without tag and length.
    pub(crate) value: Hex,
    /// The value as text; `null` where the item is not known.
    pub(crate) text: Option<String>,
}
