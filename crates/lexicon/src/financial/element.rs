//! The data elements: tags, abbreviations, forms and names, from `elements.tsv`.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use sscard_apdu::tlv::Tag;

use super::{length, rows};
use crate::Meaning;

const TABLE: &str = include_str!("elements.tsv");

/// How a value is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Afl,
    Amount,
    Bits,
    Country,
    Currency,
    CvmList,
    CvmResults,
    Date,
    Digits,
    Dol,
    Gbk,
    Hex,
    IdentityType,
    IssuerData,
    Log,
    Number,
    Padded,
    Priority,
    ScriptResult,
    Secret,
    TagList,
    Template,
    Text,
    Time,
    Track2,
    TransactionType,
    /// Bits of the terminal verification results.
    Tvr,
}

impl Form {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "afl" => Self::Afl,
            "amount" => Self::Amount,
            "bits" => Self::Bits,
            "country" => Self::Country,
            "currency" => Self::Currency,
            "cvmlist" => Self::CvmList,
            "cvmresults" => Self::CvmResults,
            "date" => Self::Date,
            "digits" => Self::Digits,
            "dol" => Self::Dol,
            "gbk" => Self::Gbk,
            "hex" => Self::Hex,
            "idtype" => Self::IdentityType,
            "issuerdata" => Self::IssuerData,
            "log" => Self::Log,
            "number" => Self::Number,
            "padded" => Self::Padded,
            "priority" => Self::Priority,
            "scriptresult" => Self::ScriptResult,
            "secret" => Self::Secret,
            "taglist" => Self::TagList,
            "template" => Self::Template,
            "text" => Self::Text,
            "time" => Self::Time,
            "track2" => Self::Track2,
            "transaction" => Self::TransactionType,
            "tvr" => Self::Tvr,
            _ => return None,
        })
    }
}

/// A data element of EMV or PBOC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DataElement {
    /// Tag.
    pub tag: Tag,
    /// The field's abbreviation, such as `TVR`, when there is one.
    pub abbreviation: Option<&'static str>,
    /// English name.
    pub en: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    pub(super) form: Form,
}

impl DataElement {
    /// The name in both languages.
    #[must_use]
    pub fn name(&self) -> Meaning {
        Meaning::new(self.zh, self.en)
    }

    /// Whether the value may say nothing that is known here: bytes of a key or a certificate, bits of
    /// which none is set, issuer application data of another scheme.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        matches!(self.form, Form::Hex | Form::Bits | Form::Tvr | Form::IssuerData)
    }

    /// Whether the value consists of data elements.
    #[must_use]
    pub fn is_template(&self) -> bool {
        self.form == Form::Template
    }

    /// How many bytes the value has, where EMV or PBOC say so.
    #[must_use]
    pub fn length(&self) -> Option<RangeInclusive<usize>> {
        length::of(self.tag.number())
    }

    fn from_row([tag, abbreviation, form, en, zh]: [&'static str; 5]) -> Option<Self> {
        Some(Self {
            tag: Tag::new(u32::from_str_radix(tag, 16).ok()?),
            abbreviation: (abbreviation != "-").then_some(abbreviation),
            en,
            zh,
            form: Form::named(form)?,
        })
    }
}

pub(super) fn all() -> impl Iterator<Item = DataElement> {
    rows(TABLE).filter_map(DataElement::from_row)
}

/// The data element of a tag, when EMV or PBOC name one.
///
/// Source: EMV 4.3 book 3 annex A; JR/T 0025 parts 5, 12, 13, 14, 15, 17.
#[must_use]
pub fn element(tag: Tag) -> Option<DataElement> {
    static BY_TAG: LazyLock<HashMap<Tag, DataElement>> =
        LazyLock::new(|| all().map(|element| (element.tag, element)).collect());
    BY_TAG.get(&tag).copied()
}

/// Tags of all data elements.
pub fn tags() -> impl Iterator<Item = Tag> {
    all().map(|element| element.tag)
}

/// The data element of an abbreviation, in any case: `tvr`, `AIP`, `iad`.
#[must_use]
pub fn element_named(abbreviation: &str) -> Option<DataElement> {
    all().find(|element| {
        element.abbreviation.is_some_and(|known| known.eq_ignore_ascii_case(abbreviation))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_every_tag_stands_once() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let mut tags: Vec<u32> = all().map(|element| element.tag.number()).collect();
        assert_eq!(tags.len(), lines);
        assert!(lines >= 130, "{lines}");
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), lines);
    }

    #[test]
    fn abbreviations_are_found_in_any_case() {
        assert_eq!(element_named("tvr").map(|found| found.tag.number()), Some(0x95));
        assert_eq!(element_named("IAD").map(|found| found.tag.number()), Some(0x9F10));
        assert_eq!(element_named("-"), None);
    }
}
