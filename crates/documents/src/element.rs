//! Data elements as `emv decode`, `pay`, `inspect` and `trace show` explain them.

use serde::Serialize;
use sscard_lexicon::Meaning;
use sscard_lexicon::financial::{Node, Note};

use super::unit::Hex;

/// A name or a meaning in both languages.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BothLanguages {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// One statement about a value.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ElementNote {
    /// Where in the value it stands: `B3b5` is byte 3 bit 5, counted from 1 as the standards count; the
    /// number of a rule; or empty.
    pub place: String,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// One data element of a string of data objects; a template stands before what lies in it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedElement {
    /// Its tag; `null` for a field that has none.
    pub tag: Option<Hex>,
    /// How many templates it lies in.
    pub depth: usize,
    /// Its name, when it is known.
    pub name: Option<BothLanguages>,
    /// Its value; a template's whole content.
    pub value: Hex,
    /// The value as text: digits, an amount, a date, a name. Absent when its bytes say as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What its bits and bytes say. Absent when there is nothing to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<ElementNote>,
}

/// A string of data objects.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ElementsDocument(pub Vec<ExplainedElement>);

/// A value that was given with its tag or its name.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ValueDocument {
    /// The data element's name.
    pub name: BothLanguages,
    /// The value.
    pub value: Hex,
    /// The value as text: digits, an amount, a date, a name. Absent when its bytes say as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What its bits and bytes say. Absent when there is nothing to say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<ElementNote>,
}

/// One entry a data element, templates before what lies in them.
#[must_use]
pub fn documents(nodes: &[Node<'_>]) -> Vec<ExplainedElement> {
    let document = |node: &Node<'_>| ExplainedElement {
        tag: (node.tag.number() != 0).then(|| Hex::written(node.tag)),
        depth: node.depth,
        name: node.name.as_ref().map(both_languages),
        value: Hex::of(node.value),
        text: node.explained.text.clone(),
        notes: note_documents(&node.explained.notes),
    };
    nodes.iter().map(document).collect()
}

/// One entry a note.
#[must_use]
pub fn note_documents(notes: &[Note]) -> Vec<ElementNote> {
    let document = |note: &Note| ElementNote {
        place: note.place.clone(),
        en: note.meaning.en.clone(),
        zh: note.meaning.zh.clone(),
    };
    notes.iter().map(document).collect()
}

/// A name in both languages.
#[must_use]
pub fn both_languages(meaning: &Meaning) -> BothLanguages {
    BothLanguages { en: meaning.en.clone(), zh: meaning.zh.clone() }
}
