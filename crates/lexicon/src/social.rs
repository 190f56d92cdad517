//! Answers and records of the social security application as trees.

use sscard_apdu::simple_tlv::{self, SimpleTlv};
use sscard_apdu::tlv::{self, Limits, Tag};
use sscard_core::Structure;
use sscard_core::catalogue::{self, Coding, Edition, FileEntry, Item};

use sscard_elements::social;

use crate::financial::{Explained, Node};
use crate::{Meaning, Volatility, codes, item_text, tag_name, text};

/// A file control information or a record of the DIR file; `None` when the bytes are no BER-TLV.
pub(crate) fn of_objects(data: &[u8]) -> Option<Vec<Node<'_>>> {
    tlv::check(data, Limits::DEFAULT).ok()?;
    let mut nodes = Vec::new();
    objects(data, 0, &mut nodes);
    Some(nodes)
}

fn objects<'a>(bytes: &'a [u8], depth: usize, nodes: &mut Vec<Node<'a>>) {
    for object in tlv::Reader::new(bytes).map_while(Result::ok) {
        let template = object.tag.is_constructed();
        let explained = if template { None } else { explain(object.tag, object.value) };
        let explained = Explained { text: explained, notes: Vec::new() };
        nodes.push(Node {
            depth,
            tag: object.tag,
            name: tag_name(object.tag),
            value: object.value,
            template,
            explained,
            volatility: Volatility::Fixed,
        });
        if template {
            objects(object.value, depth.saturating_add(1), nodes);
        }
    }
}

fn explain(tag: Tag, value: &[u8]) -> Option<String> {
    match (tag, value) {
        (social::APPLICATION_LABEL, _) => Some(text(value)),
        (social::APPLICATION_IDENTIFIER | social::DF_NAME, _) => {
            let known = catalogue::applications().find(|application| application.df_name == value);
            match known {
                Some(known) => Some(format!("{} {}", known.name, known.label_zh)),
                None => crate::psam::name(value).map(str::to_owned),
            }
        }
        // 《社会保障（个人）卡规范》 part 5, table 36; 9F0C holds it as an object.
        (social::ISSUER_DATA, [_, 0x01, id, ..])
            if tlv::begins_with(value, social::ALGORITHM_IDENTIFIER) =>
        {
            algorithm(*id)
        }
        (social::ALGORITHM_IDENTIFIER, [id]) => algorithm(*id),
        _ => None,
    }
}

fn algorithm(id: u8) -> Option<String> {
    let name = match id {
        0x01 => "3DES",
        0x02 => "SSF33",
        0x03 => "SM4",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Records one after another, or the fields of a cyclic record. Without a file, a record identifier
/// that stands in one file only gives the name.
pub(crate) fn of_records<'a>(
    edition: Edition,
    file: Option<&FileEntry>,
    data: &'a [u8],
) -> Vec<Node<'a>> {
    if let Some(file) = file
        && matches!(file.structure, Structure::Cyclic { .. })
    {
        return cyclic(file.items, data);
    }
    if tlv::begins_with(data, social::APPLICATION_TEMPLATE)
        && let Some(nodes) = of_objects(data)
    {
        return nodes;
    }
    let mut nodes = Vec::new();
    for record in simple_tlv::SimpleTlvReader::new(data) {
        let Ok(record) = record else { return Vec::new() };
        let (item, value) = match file {
            Some(file) => edition.meaning(file, record.tag, record.value).unzip(),
            None => (only_item(record.tag), None),
        };
        push(SimpleTlv { value: value.unwrap_or(record.value), ..record }, item, 0, &mut nodes);
    }
    nodes
}

/// The item of a record identifier that stands in one file only.
pub(crate) fn only_item(tag: u8) -> Option<&'static Item> {
    let mut items = catalogue::files().filter_map(|file| file.item(tag));
    match (items.next(), items.next()) {
        (item, None) => item,
        _ => None,
    }
}

fn push<'a>(record: SimpleTlv<'a>, item: Option<&Item>, depth: usize, nodes: &mut Vec<Node<'a>>) {
    let template = item.is_some_and(|item| item.coding == Coding::Template);
    nodes.push(node(record.tag, item, depth, record.value, template));
    if let (true, Some(item)) = (template, item) {
        for part in simple_tlv::SimpleTlvReader::new(record.value).map_while(Result::ok) {
            let item = item.parts.iter().find(|known| known.tag == part.tag);
            push(part, item, depth.saturating_add(1), nodes);
        }
    }
}

fn cyclic<'a>(items: &[Item], data: &'a [u8]) -> Vec<Node<'a>> {
    let mut rest = data;
    let mut nodes = Vec::new();
    for item in items {
        let Some((value, after)) = rest.split_at_checked(usize::from(item.length)) else { break };
        nodes.push(node(0, Some(item), 0, value, false));
        rest = after;
    }
    nodes
}

fn node<'a>(
    tag: u8,
    item: Option<&Item>,
    depth: usize,
    value: &'a [u8],
    template: bool,
) -> Node<'a> {
    let item_words = |item| codes::words(item, value).unwrap_or_else(|| item_text(item, value));
    let text = item.filter(|_| !template).map(item_words);
    Node {
        depth,
        tag: Tag::from_number(u32::from(tag)),
        name: item.map(|item| Meaning::new(item.name_zh, item.name_en)),
        value,
        template,
        explained: Explained { text, notes: Vec::new() },
        volatility: Volatility::Fixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(nodes: &[Node<'_>]) -> Vec<String> {
        let line = |node: &Node<'_>| {
            let name = node.name.as_ref().map(|name| name.zh.clone()).unwrap_or_default();
            let text = node.explained.text.clone().unwrap_or_default();
            format!("{}{:02X} {name}: {text}", "  ".repeat(node.depth), node.tag.number())
        };
        nodes.iter().map(line).collect()
    }

    #[test]
    fn records_have_the_names_of_their_file() {
        let file = catalogue::file("SSSE/EF06");
        let nodes = of_records(Edition::Later, file, b"\x09\x04\xD5\xC5\xC8\xFD\x0A\x011");
        assert_eq!(outline(&nodes), ["09 姓名: 张三", "0A 性别: 1 男 (male)"]);
        assert_eq!(of_records(Edition::Later, file, &[0x09, 0x04, 0x00]), []);
    }

    #[test]
    fn a_cyclic_record_is_split_into_its_fields() {
        let nodes = of_records(Edition::Later, catalogue::file("DF04/EF15"), &[0x00, 0x07, b'1']);
        assert_eq!(outline(&nodes), ["00 交易序号: 0007", "00 结算类别: 1"]);
    }

    #[test]
    fn a_template_holds_its_parts() {
        let file = catalogue::file("DF03/EF06").or_else(|| {
            catalogue::files().find(|file| file.items.iter().any(|item| !item.parts.is_empty()))
        });
        let item = file.unwrap().items.iter().find(|item| !item.parts.is_empty()).unwrap();
        let part = &item.parts[0];
        let record = [item.tag, 3, part.tag, 1, b'1'];
        let nodes = of_records(Edition::Later, file, &record);
        assert!(nodes[0].template);
        assert_eq!((nodes[1].depth, nodes[1].tag.number()), (1, u32::from(part.tag)));
    }

    #[test]
    fn the_environment_s_control_information_is_read() {
        let fci = b"\x6F\x1C\x84\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF\xA5\x09\x88\x01\x1E\x9F\x0C\x03\x86\x01\x03";
        let lines = outline(&of_objects(fci).unwrap());
        assert_eq!(lines[1], "  84 DF 名称: SSSE 社会保障系统环境");
    }
}
