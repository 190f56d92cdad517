//! Data elements as `emv decode`, `pay`, `inspect` and `trace show` explain them.

use serde::Serialize;

use super::unit::Hex;

/// A name or a meaning in both languages.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BothLanguages {
    /// In English.
    pub(crate) en: String,
    /// In Chinese.
    pub(crate) zh: String,
}

/// One statement about a value.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ElementNote {
    /// Where in the value it stands: `B3b5` is byte 3 bit 5, counted from 1 as the standards count; the
    /// number of a rule; or empty.
    pub(crate) place: String,
    /// In English.
    pub(crate) en: String,
    /// In Chinese.
    pub(crate) zh: String,
}

/// One data element of a string of data objects; a template stands before what lies in it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ExplainedElement {
    /// Its tag; `null` for a field that has none.
    pub(crate) tag: Option<Hex>,
    /// How many templates it lies in.
    pub(crate) depth: usize,
    /// Its name, when it is known.
    pub(crate) name: Option<BothLanguages>,
    /// Its value; a template's whole content.
    pub(crate) value: Hex,
    /// The value as text: digits, an amount, a date, a name. Absent when its bytes say as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// What its bits and bytes say. Absent when there is nothing to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<ElementNote>,
}

/// A string of data objects.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ElementsDocument(pub(crate) Vec<ExplainedElement>);

/// A value that was given with its tag or its name.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ValueDocument {
    /// The data element's name.
    pub(crate) name: BothLanguages,
    /// The value.
    pub(crate) value: Hex,
    /// The value as text: digits, an amount, a date, a name. Absent when its bytes say as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// What its bits and bytes say. Absent when there is nothing to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<ElementNote>,
}
