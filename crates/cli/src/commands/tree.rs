//! Data elements on lines of their own, or as documents.

use std::io::{self, Write};

use sscard_lexicon::financial::{Node, Note};
use sscard_lexicon::{Meaning, outline};

use crate::documents::element::{BothLanguages, ElementNote, ExplainedElement};
use crate::documents::unit::Hex;

/// One line a data element, and one a note; `margin` stands before each. Long values are cut unless
/// they are wanted `whole`.
pub(crate) fn print(
    out: &mut dyn Write,
    margin: &str,
    nodes: &[Node<'_>],
    whole: bool,
) -> io::Result<()> {
    outline(nodes, whole).try_for_each(|line| writeln!(out, "{margin}{line}"))
}

/// One line a note.
pub(crate) fn notes(out: &mut dyn Write, margin: &str, notes: &[Note]) -> io::Result<()> {
    notes.iter().try_for_each(|note| writeln!(out, "{margin}{note}"))
}

/// One entry a data element, templates before what lies in them.
pub(crate) fn documents(nodes: &[Node<'_>]) -> Vec<ExplainedElement> {
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

pub(crate) fn note_documents(notes: &[Note]) -> Vec<ElementNote> {
    let document = |note: &Note| ElementNote {
        place: note.place.clone(),
        en: note.meaning.en.clone(),
        zh: note.meaning.zh.clone(),
    };
    notes.iter().map(document).collect()
}

pub(crate) fn both_languages(meaning: &Meaning) -> BothLanguages {
    BothLanguages { en: meaning.en.clone(), zh: meaning.zh.clone() }
}
