//! `read --json`.

use serde::Serialize;
use sscard_profile::fields;
use sscard_terminal::{CardReport, FileReport};

use crate::SCHEMA;
use crate::unit::Hex;

/// What a terminal reads of a card.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// The card's own data (EF05).
    pub card: CardItems,
    /// The holder's data (EF06).
    pub holder: HolderItems,
    /// Answer to reset.
    pub atr: Hex,
    /// The card's algorithm: `3DES` or `SM4`.
    pub algorithm: &'static str,
    /// What there is to say of the card: a PIN that was not accepted or is locked, an expired card, data
    /// of a wrong form. Absent when there is nothing; stderr says the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The files that were read, and those that were refused. Only with `--all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileReading>>,
}

/// The card's own data (EF05); what could not be read is `null`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CardItems {
    /// Card identification code (卡的识别码), 32 hexadecimal digits.
    pub identification_code: Option<String>,
    /// Card class (卡的类别).
    pub class: Option<String>,
    /// Version of the specification (规范版本).
    pub version: Option<String>,
    /// Initialisation organisation (初始化机构编号), digits.
    pub initialisation_organisation: Option<String>,
    /// Day of issue (发卡日期), as on the card.
    pub issue_date: Option<String>,
    /// Last day of validity (卡有效期), as on the card.
    pub expiry_date: Option<String>,
    /// Card number (卡号).
    pub number: Option<String>,
}

/// The holder's data (EF06); what could not be read is `null`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HolderItems {
    /// Social security number (社会保障号码).
    pub social_security_number: Option<String>,
    /// Name (姓名).
    pub name: Option<String>,
    /// Rest of a name that is too long for `name` (姓名扩展).
    pub name_extension: Option<String>,
    /// Sex (性别) in words.
    pub sex: Option<String>,
    /// Ethnic group (民族) in words.
    pub ethnicity: Option<String>,
    /// Birthplace (出生地).
    pub birthplace: Option<String>,
    /// Day of birth (出生日期), as on the card.
    pub birth_date: Option<String>,
}

/// One elementary file.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReadFile"))]
pub struct FileReading {
    /// Application and file identifier, `SSSE/EF05`.
    pub path: String,
    /// Its name in English; `null` when the catalogue does not know the file.
    pub name: Option<&'static str>,
    /// Its name in Chinese; `null` likewise.
    pub name_zh: Option<&'static str>,
    /// What the card's DIR file calls an application that the catalogue does not know.
    pub application_label: Option<String>,
    /// Its records, in their order.
    pub records: Vec<ReadRecord>,
    /// Content of a transparent file; `null` for a file of records, and when it was not read.
    pub bytes: Option<Hex>,
    /// Status word of the card that refused to have it read.
    pub refused: Option<Hex>,
}

/// One record.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadRecord {
    /// Its tag; `null` in a cyclic file.
    pub tag: Option<Hex>,
    /// The item's name in English, when it is known.
    pub name: Option<&'static str>,
    /// The item's name in Chinese, when it is known.
    pub name_zh: Option<&'static str>,
    /// Its value without tag and length.
    pub value: Hex,
    /// The value as text; `null` where the item is not known.
    pub text: Option<String>,
}

/// What was read, and what there is to say of it.
#[must_use]
pub fn document(report: &CardReport, all: bool, remarks: Vec<String>) -> ReadDocument {
    let of_card = fields::CARD.map(|(_, tag)| report.text(tag));
    let [
        identification_code,
        class,
        version,
        initialisation_organisation,
        issue_date,
        expiry_date,
        number,
    ] = of_card;
    let of_holder = fields::HOLDER.map(|(_, tag)| report.text(tag));
    let [social_security_number, name, name_extension, sex, ethnicity, birthplace, birth_date] =
        of_holder;
    ReadDocument {
        schema: SCHEMA,
        card: CardItems {
            identification_code,
            class,
            version,
            initialisation_organisation,
            issue_date,
            expiry_date,
            number,
        },
        holder: HolderItems {
            social_security_number,
            name,
            name_extension,
            sex,
            ethnicity,
            birthplace,
            birth_date,
        },
        atr: Hex::of(&report.atr),
        algorithm: report.algorithm.name(),
        remarks,
        files: all.then(|| report.files.iter().map(file_document).collect()),
    }
}

fn file_document(file: &FileReport) -> FileReading {
    let records = file.records.iter().map(|record| ReadRecord {
        tag: (record.tag != 0).then(|| Hex::of([record.tag])),
        name: record.item.map(|item| item.name_en),
        name_zh: record.item.map(|item| item.name_zh),
        value: Hex::of(&record.value),
        text: record.text(),
    });
    FileReading {
        path: file.path(),
        name: file.entry.map(|entry| entry.name_en),
        name_zh: file.entry.map(|entry| entry.name_zh),
        application_label: file.label.clone(),
        records: records.collect(),
        bytes: (!file.bytes.is_empty()).then(|| Hex::of(&file.bytes)),
        refused: file.refused.map(Hex::written),
    }
}
