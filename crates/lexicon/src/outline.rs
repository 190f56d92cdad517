//! Trees as lines of text.

use sscard_apdu::hex::encode as hex;
use sscard_elements::element;

use crate::Meaning;
use crate::financial::Node;

/// Values longer than this are cut where the whole answer stands beside them.
const LONGEST: usize = 32;

/// One line a data element, and one a note below it, indented by depth. Long values are cut unless
/// they are wanted `whole`.
pub fn outline(nodes: &[Node<'_>], whole: bool) -> impl Iterator<Item = String> {
    nodes.iter().flat_map(move |node| {
        let indent = "  ".repeat(node.depth);
        let mut line = format!("{indent}{}", label(node));
        if let Some(name) = &node.name {
            if node.tag.number() != 0 {
                line.push(' ');
            }
            line.push_str(&name.to_string());
        }
        if !node.template {
            line.push_str(": ");
            line.push_str(&value(node, whole));
        }
        let notes = node.explained.notes.iter().map(move |note| format!("{indent}     {note}"));
        std::iter::once(line).chain(notes)
    })
}

/// Tag and abbreviation: `9F26 AC`; empty for a field without a tag.
#[must_use]
pub fn label(node: &Node<'_>) -> String {
    match (node.tag.number(), element(node.tag).and_then(|element| element.abbreviation)) {
        (0, _) => String::new(),
        // The same tags mean other things in records of the social security application.
        (_, Some(short)) if node.name == element(node.tag).map(Meaning::from) => {
            format!("{} {short}", node.tag)
        }
        _ => node.tag.to_string(),
    }
}

fn value(node: &Node<'_>, whole: bool) -> String {
    let bytes = match node.value.get(..LONGEST / 2) {
        Some(start) if node.value.len() > LONGEST && !whole => {
            format!("{}… ({})", hex(start), crate::counted(node.value.len(), "byte"))
        }
        _ => hex(node.value),
    };
    match &node.explained.text {
        Some(text) if *text != bytes => format!("{bytes} = {text}"),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::financial::of_objects;

    #[test]
    fn trees_are_indented_and_long_values_cut() {
        let bytes = [0x70, 0x05, 0x9F, 0x36, 0x02, 0x00, 0x07];
        let lines: Vec<String> = outline(&of_objects(&bytes).unwrap(), false).collect();
        assert_eq!(
            lines,
            [
                "70 record template (记录模板)",
                "  9F36 ATC application transaction counter (应用交易计数器): 0007 = 7"
            ]
        );
        let long = [&[0x90, 0x40][..], &[0xAB; 0x40]].concat();
        let line = outline(&of_objects(&long).unwrap(), false).next().unwrap();
        assert!(line.ends_with("ABAB… (64 bytes)"), "{line}");
    }
}
