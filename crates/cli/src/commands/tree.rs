//! Data elements on lines of their own, or as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};
use sscard_lexicon::financial::{Explained, Node, Note};
use sscard_lexicon::{Meaning, outline};

use super::hex;

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

/// One object a data element, templates before what lies in them.
pub(crate) fn to_json(nodes: &[Node<'_>]) -> Value {
    nodes
        .iter()
        .map(|node| {
            let mut object = json!({
                "tag": (node.tag.number() != 0).then(|| node.tag.to_string()),
                "depth": node.depth,
                "name": node.name.as_ref().map(meaning),
                "value": hex(node.value),
            });
            merge(&mut object, &node.explained);
            object
        })
        .collect()
}

/// A value that has no tag around it.
pub(crate) fn explained_to_json(value: &[u8], explained: &Explained) -> Value {
    let mut object = json!({ "value": hex(value) });
    merge(&mut object, explained);
    object
}

fn merge(object: &mut Value, explained: &Explained) {
    let Some(fields) = object.as_object_mut() else { return };
    if let Some(text) = &explained.text {
        fields.insert("text".to_owned(), json!(text));
    }
    if !explained.notes.is_empty() {
        let notes: Vec<Value> = explained
            .notes
            .iter()
            .map(
                |note| json!({ "place": note.place, "en": note.meaning.en, "zh": note.meaning.zh }),
            )
            .collect();
        fields.insert("notes".to_owned(), json!(notes));
    }
}

fn meaning(meaning: &Meaning) -> Value {
    json!({ "en": meaning.en, "zh": meaning.zh })
}
