//! Damage to the structure of BER-TLV, and objects that get another value with all lengths around them right.
//!
//! What enters: the data of an answer. What leaves: other data, or nothing when the object is not there.

use sscard_apdu::tlv::{Tag, Tlv, TlvError, Writer};
use sscard_commands::ins;
use sscard_elements::tag;

use crate::spec::ObjectDamage;

/// An object with its children, so that it can be taken apart and written again.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Node {
    tag: Tag,
    value: Value,
    /// What stands in its place, which is no object.
    instead: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Value {
    Bytes(Vec<u8>),
    Objects(Vec<Node>),
}

/// Levels that are followed.
const DEPTH: usize = 16;

fn nodes(bytes: &[u8], depth: usize) -> Option<Vec<Node>> {
    sscard_apdu::tlv::Reader::new(bytes)
        .map(|object| {
            let Tlv { tag, value } = object.ok()?;
            let inner = (tag.is_constructed() && depth < DEPTH)
                .then(|| nodes(value, depth.saturating_add(1)))
                .flatten();
            let value = inner.map_or_else(|| Value::Bytes(value.to_vec()), Value::Objects);
            Some(Node { tag, value, instead: None })
        })
        .collect()
}

impl Node {
    fn content(&self) -> Vec<u8> {
        match &self.value {
            Value::Bytes(bytes) => bytes.clone(),
            Value::Objects(objects) => written(objects),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        if let Some(instead) = &self.instead {
            return instead.clone();
        }
        let mut out = Vec::new();
        Writer::new(&mut out).primitive(self.tag, &self.content());
        out
    }
}

fn written(objects: &[Node]) -> Vec<u8> {
    objects.iter().flat_map(Node::bytes).collect()
}

/// Whether an object is there, at any level, or by its place in template 80. Nothing is allocated.
pub(crate) fn holds(data: &[u8], tag: Tag, asked: Option<u8>) -> bool {
    let in_template = || {
        let content = value(data, tag::RESPONSE_FORMAT_1)?;
        place(content.len(), tag, asked)
    };
    value(data, tag).is_some() || in_template().is_some()
}

/// Where an object lies in template 80 of GET PROCESSING OPTIONS (82, 94) or GENERATE AC (9F27, 9F36, 9F26, 9F10), which
/// has neither tags nor lengths (EMV Book 3 §6.5.5.4, §6.5.8.4).
fn place(end: usize, tag: Tag, asked: Option<u8>) -> Option<std::ops::Range<usize>> {
    let range = match (asked?, tag) {
        (ins::GET_PROCESSING_OPTIONS, tag::INTERCHANGE_PROFILE) => 0..2,
        (ins::GET_PROCESSING_OPTIONS, tag::FILE_LOCATOR) => 2..end,
        (ins::GENERATE_AC, tag::CRYPTOGRAM_INFORMATION) => 0..1,
        (ins::GENERATE_AC, tag::TRANSACTION_COUNTER) => 1..3,
        (ins::GENERATE_AC, tag::CRYPTOGRAM) => 3..11,
        (ins::GENERATE_AC, tag::ISSUER_APPLICATION_DATA) => 11..end,
        _ => return None,
    };
    (range.start <= range.end && range.end <= end).then_some(range)
}

/// All tags, in the order of the bytes; what is not BER-TLV has none.
pub(crate) fn tags(data: &[u8]) -> Vec<Tag> {
    fn collect(objects: &[Node], tags: &mut Vec<Tag>) {
        for node in objects {
            tags.push(node.tag);
            if let Value::Objects(inner) = &node.value {
                collect(inner, tags);
            }
        }
    }
    let mut tags = Vec::new();
    collect(&nodes(data, 0).unwrap_or_default(), &mut tags);
    tags
}

/// The value of the first object with this tag, at any level. Nothing is allocated: conditions ask for it at every answer.
pub(crate) fn value(data: &[u8], tag: Tag) -> Option<&[u8]> {
    /// Fails where the bytes are no objects; then what is around them is one object of bytes.
    fn find(bytes: &[u8], tag: Tag, depth: usize) -> Result<Option<&[u8]>, TlvError> {
        let mut found = None;
        for object in sscard_apdu::tlv::Reader::new(bytes) {
            let object = object?;
            if found.is_some() {
                continue;
            }
            if object.tag == tag {
                found = Some(object.value);
            } else if object.tag.is_constructed() && depth < DEPTH {
                found = find(object.value, tag, depth.saturating_add(1)).unwrap_or(None);
            }
        }
        Ok(found)
    }
    find(data, tag, 0).ok().flatten()
}

/// Gives the first object with this tag another value; `None` when there is none. `asked` is the instruction that is
/// answered, for template 80.
pub(crate) fn set(data: &[u8], tag: Tag, value: &[u8], asked: Option<u8>) -> Option<Vec<u8>> {
    edit(data, tag, asked, |old| {
        value.clone_into(old);
        true
    })
}

/// Changes the value of the first object with this tag; `None` when there is none, or it cannot be done to it.
pub(crate) fn edit(
    data: &[u8],
    tag: Tag,
    asked: Option<u8>,
    mut change: impl FnMut(&mut Vec<u8>) -> bool,
) -> Option<Vec<u8>> {
    /// Whether it was found, and then whether it was changed.
    fn find(
        objects: &mut [Node],
        tag: Tag,
        change: &mut dyn FnMut(&mut Vec<u8>) -> bool,
    ) -> Option<bool> {
        objects.iter_mut().find_map(|node| {
            if node.tag == tag {
                let mut content = node.content();
                let is_changed = change(&mut content);
                node.value = Value::Bytes(content);
                return Some(is_changed);
            }
            match &mut node.value {
                Value::Objects(inner) => find(inner, tag, change),
                Value::Bytes(_) => None,
            }
        })
    }
    let mut objects = nodes(data, 0)?;
    if let [Node { tag: tag::RESPONSE_FORMAT_1, value: Value::Bytes(bytes), .. }] = &mut *objects
        && let Some(range) = place(bytes.len(), tag, asked)
    {
        let mut content = bytes.get(range.clone())?.to_vec();
        if !change(&mut content) {
            return None;
        }
        bytes.splice(range, content);
        return Some(written(&objects));
    }
    find(&mut objects, tag, &mut change)?.then(|| written(&objects))
}

/// Puts one object more at the end of the first template; `None` when there is none.
pub(crate) fn add(data: &[u8], tag: Tag, value: &[u8]) -> Option<Vec<u8>> {
    let mut objects = nodes(data, 0)?;
    let inner = objects.iter_mut().find_map(|node| match &mut node.value {
        Value::Objects(inner) => Some(inner),
        Value::Bytes(_) => None,
    });
    inner?.push(Node { tag, value: Value::Bytes(value.to_vec()), instead: None });
    Some(written(&objects))
}

/// Damages the first object with this tag; `None` when it cannot be done. The lengths of what is around it fit the bytes
/// that are left.
pub(crate) fn damage(data: &[u8], tag: Tag, kind: ObjectDamage) -> Option<Vec<u8>> {
    let mut objects = nodes(data, 0)?;
    damage_among(&mut objects, tag, kind).then(|| written(&objects))
}

fn damage_among(objects: &mut Vec<Node>, tag: Tag, kind: ObjectDamage) -> bool {
    let Some(place) = objects.iter().position(|node| node.tag == tag) else {
        return objects.iter_mut().any(|node| damage_inside(node, tag, kind));
    };
    match kind {
        ObjectDamage::Order => {
            let behind = place.saturating_add(1);
            if behind >= objects.len() {
                return false;
            }
            objects.swap(place, behind);
            true
        }
        ObjectDamage::Double => match objects.get(place).cloned() {
            Some(node) => {
                objects.insert(place, node);
                true
            }
            None => false,
        },
        ObjectDamage::Missing => {
            objects.remove(place);
            true
        }
        ObjectDamage::Nesting => match objects.get_mut(place) {
            Some(node) => {
                let inner = node.clone();
                node.value = Value::Objects(vec![inner]);
                true
            }
            None => false,
        },
        ObjectDamage::Tag
        | ObjectDamage::Length
        | ObjectDamage::Indefinite
        | ObjectDamage::Padding
        | ObjectDamage::PaddingOnes
        | ObjectDamage::LongLength
        | ObjectDamage::LongerLength => match objects.get_mut(place) {
            Some(node) => {
                node.instead = Some(damaged(node, kind));
                true
            }
            None => false,
        },
    }
}

fn damage_inside(node: &mut Node, tag: Tag, kind: ObjectDamage) -> bool {
    match &mut node.value {
        Value::Objects(inner) => damage_among(inner, tag, kind),
        Value::Bytes(_) => false,
    }
}

/// Bytes in the place of an object.
fn damaged(node: &Node, kind: ObjectDamage) -> Vec<u8> {
    let content = node.content();
    let mut out = Vec::new();
    match kind {
        ObjectDamage::Tag => {
            let number = node.tag.number() ^ 0x01;
            Writer::new(&mut out).primitive(Tag::from_number(number), &content);
        }
        ObjectDamage::Length => {
            node.tag.emit(&mut out);
            let [.., length] = content.len().saturating_add(1).to_be_bytes();
            out.push(length & 0x7F);
            out.extend(content);
        }
        ObjectDamage::Indefinite => {
            node.tag.emit(&mut out);
            out.push(0x80);
            out.extend(content);
            out.extend([0x00, 0x00]);
        }
        ObjectDamage::Padding => {
            out.push(0x00);
            out.extend(node.bytes());
        }
        ObjectDamage::PaddingOnes => {
            let content = [&content[..], &[0xFF, 0xFF]].concat();
            Writer::new(&mut out).primitive(node.tag, &content);
        }
        ObjectDamage::LongerLength => {
            node.tag.emit(&mut out);
            let [.., a, b, c, d] = content.len().to_be_bytes();
            match content.len() {
                0..=0x7F => out.extend([0x82, c, d]),
                0x80..=0xFF => out.extend([0x83, b, c, d]),
                _ => out.extend([0x84, a, b, c, d]),
            }
            out.extend(content);
        }
        ObjectDamage::LongLength => {
            node.tag.emit(&mut out);
            match u8::try_from(content.len()) {
                Ok(length @ 0..=0x7F) => out.extend([0x81, length]),
                Ok(length) => out.extend([0x82, 0x00, length]),
                Err(_) => {
                    let [.., high, low] = content.len().to_be_bytes();
                    out.extend([0x83, 0x00, high, low]);
                }
            }
            out.extend(content);
        }
        ObjectDamage::Nesting
        | ObjectDamage::Order
        | ObjectDamage::Double
        | ObjectDamage::Missing => {
            out.extend(node.bytes());
        }
    }
    out
}
