//! An answer or a list's values as a tree of data elements.

use sscard_apdu::CommandApdu;
use sscard_apdu::dol;
use sscard_apdu::tlv::{Reader, Tag};
use sscard_commands::ins;

use super::value::{Explained, Subject, explain};
use crate::{Meaning, Volatility};
use sscard_elements::{element, tag};

/// One data element in a tree, in the order of the bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node<'a> {
    /// How many templates it lies in.
    pub depth: usize,
    /// Tag; 0 for a field that has none.
    pub tag: Tag,
    /// Name, when it is known.
    pub name: Option<Meaning>,
    /// Value; that of a template too.
    pub value: &'a [u8],
    /// Whether the next nodes of greater depth lie in it.
    pub template: bool,
    /// What the value says.
    pub explained: Explained,
    /// Whether the same command gives the same value another time.
    pub volatility: Volatility,
}

impl<'a> Node<'a> {
    pub(crate) fn leaf(depth: usize, tag: Tag, value: &'a [u8]) -> Self {
        let explained = explain(Subject::Element(tag), value);
        let volatility = Volatility::of_element(tag);
        Self { depth, tag, name: name(tag), value, template: false, explained, volatility }
    }

    pub(crate) fn template(depth: usize, tag: Tag, value: &'a [u8]) -> Self {
        Self {
            depth,
            tag,
            name: name(tag),
            value,
            template: true,
            explained: Explained::default(),
            volatility: Volatility::Fixed,
        }
    }
}

fn name(tag: Tag) -> Option<Meaning> {
    element(tag).map(Meaning::from)
}

const DEEPEST: usize = 8;

/// The data elements of a BER-TLV string; `None` when it is none.
#[must_use]
pub fn of_objects(bytes: &[u8]) -> Option<Vec<Node<'_>>> {
    let mut nodes = Vec::new();
    collect(bytes, 0, &mut nodes)?;
    Some(nodes)
}

fn collect<'a>(bytes: &'a [u8], depth: usize, nodes: &mut Vec<Node<'a>>) -> Option<()> {
    for object in Reader::new(bytes) {
        let object = object.ok()?;
        if object.tag.is_constructed() && depth < DEEPEST {
            nodes.push(Node::template(depth, object.tag, object.value));
            collect(object.value, depth.saturating_add(1), nodes)?;
        } else {
            nodes.push(Node::leaf(depth, object.tag, object.value));
        }
    }
    Some(())
}

/// What a card answered to a command, the status word left off. The bare template 80 of GET
/// PROCESSING OPTIONS, GENERATE AC and INTERNAL AUTHENTICATE is split into its fields.
///
/// `None` when the answer is no BER-TLV string, such as a log record.
#[must_use]
pub fn of_answer<'a>(command: &[u8], data: &'a [u8]) -> Option<Vec<Node<'a>>> {
    answer_tree(CommandApdu::parse(command).ok()?.ins, data)
}

/// The same by the command's instruction.
pub(crate) fn answer_tree(ins: u8, data: &[u8]) -> Option<Vec<Node<'_>>> {
    let mut objects = Reader::new(data);
    let first = objects.next()?.ok()?;
    if first.tag != tag::RESPONSE_FORMAT_1 || objects.next().is_some() {
        return of_objects(data);
    }
    let value = first.value;
    let mut nodes = vec![Node::template(0, first.tag, value)];
    let mut field = |tag, bytes| nodes.push(Node::leaf(1, tag, bytes));
    match ins {
        ins::GET_PROCESSING_OPTIONS => {
            let (profile, locator) = value.split_at_checked(2)?;
            field(tag::INTERCHANGE_PROFILE, profile);
            field(tag::FILE_LOCATOR, locator);
        }
        ins::GENERATE_AC => {
            let (information, rest) = value.split_at_checked(1)?;
            let (counter, rest) = rest.split_at_checked(2)?;
            let (cryptogram, issuer_data) = rest.split_at_checked(8)?;
            field(tag::CRYPTOGRAM_INFORMATION, information);
            field(tag::TRANSACTION_COUNTER, counter);
            field(tag::CRYPTOGRAM, cryptogram);
            if !issuer_data.is_empty() {
                field(tag::ISSUER_APPLICATION_DATA, issuer_data);
            }
        }
        ins::INTERNAL_AUTHENTICATE => field(tag::SIGNED_DYNAMIC_DATA, value),
        _ => return of_objects(data),
    }
    Some(nodes)
}

/// The values that answer a data object list, each with its tag; `None` when the list cannot be
/// read or asks for another number of bytes.
#[must_use]
pub fn of_list<'a>(list: &[u8], values: &'a [u8]) -> Option<Vec<Node<'a>>> {
    let mut rest = values;
    let mut nodes = Vec::new();
    for entry in dol::DolReader::new(list) {
        let entry = entry.ok()?;
        let (value, after) = rest.split_at_checked(usize::from(entry.length))?;
        nodes.push(Node::leaf(0, entry.tag, value));
        rest = after;
    }
    rest.is_empty().then_some(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(nodes: &[Node<'_>]) -> Vec<String> {
        nodes
            .iter()
            .map(|node| {
                let value: String = node.value.iter().map(|byte| format!("{byte:02X}")).collect();
                let value = if node.template { String::new() } else { format!(" {value}") };
                format!("{}{:02X}{value}", "  ".repeat(node.depth), node.tag.number())
            })
            .collect()
    }

    #[test]
    fn templates_are_opened() {
        let bytes = [0x6F, 0x09, 0x84, 0x01, 0xAA, 0xA5, 0x04, 0x50, 0x02, 0x41, 0x42];
        let nodes = of_objects(&bytes).unwrap();
        assert_eq!(outline(&nodes), ["6F", "  84 AA", "  A5", "    50 4142"]);
        assert_eq!(nodes[3].explained.text.as_deref(), Some("AB"));
        assert_eq!(of_objects(&[0x6F, 0x09, 0x84]), None);
    }

    #[test]
    fn the_bare_template_is_split_as_the_command_says() {
        let options = [0x80, 0x06, 0x7D, 0x00, 0x08, 0x01, 0x02, 0x00];
        let gpo = [0x80, 0xA8, 0, 0, 2, 0x83, 0, 0];
        assert_eq!(
            outline(&of_answer(&gpo, &options).unwrap()),
            ["80", "  82 7D00", "  94 08010200"]
        );
        let cryptogram = [0x80, 0x0B, 0x80, 0x00, 0x01, 1, 2, 3, 4, 5, 6, 7, 8];
        let generate = [0x80, 0xAE, 0x80, 0, 1, 0, 0];
        assert_eq!(
            outline(&of_answer(&generate, &cryptogram).unwrap()),
            ["80", "  9F27 80", "  9F36 0001", "  9F26 0102030405060708"]
        );
        assert_eq!(of_answer(&generate, &[0x80, 0x01, 0x80]), None, "too short");
        assert_eq!(of_answer(&gpo, &[]), None);
    }

    #[test]
    fn values_get_the_tags_of_their_list() {
        let list = [0x9F, 0x7A, 0x01, 0x5F, 0x2A, 0x02];
        let nodes = of_list(&list, &[0x00, 0x01, 0x56]).unwrap();
        assert_eq!(outline(&nodes), ["9F7A 00", "5F2A 0156"]);
        assert_eq!(of_list(&list, &[0x00, 0x01]), None);
        assert_eq!(of_list(&list, &[0; 4]), None);
    }
}
