//! `sscard emv decode`: what bytes say.

use std::io::Write;
use std::ops::RangeInclusive;

use sscard_apdu::tlv::Tag;
use sscard_lexicon::Meaning;
use sscard_lexicon::financial::{
    Element, Explained, Node, Subject, element, element_named, explain, of_objects,
};

use super::super::{hex, tree};
use super::{bytes, refuse};
use crate::documents::element::{self, ElementsDocument, ValueDocument};
use crate::documents::{self, unit::Hex};
use crate::failure::Failure;

pub(super) fn run(values: &[String], json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    match values {
        [string] => objects(string, json, out),
        [what, value] => one(what, value, json, out),
        _ => Err(refuse("decode", "it takes a TLV string, or a tag and its value")),
    }
}

fn objects(string: &str, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let string = bytes("TLV string", string)?;
    let parse = |bytes| of_objects(bytes).filter(|nodes| !nodes.is_empty());
    let answer = string.strip_suffix(&[0x90, 0x00]).and_then(parse);
    if answer.is_some() {
        complain!("sscard: the status word 9000 at the end is left off");
    }
    let nodes = answer.or_else(|| parse(&string)).ok_or_else(|| {
        let reason = "it is not a BER-TLV string; for a value alone give its tag first, as in \
                      'decode 95 0008008000'";
        refuse("decode", reason)
    })?;
    show(&nodes, json, out)
}

fn show(nodes: &[Node<'_>], json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if json {
        documents::print(out, &ElementsDocument(element::documents(nodes)))?;
    } else {
        tree::print(out, "", nodes, true)?;
    }
    Ok(())
}

fn one(what: &str, text: &str, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let Known { subject, name, element } = known(what)?;
    let value = bytes(what, text)?;
    let place = format!("{what} {}", hex(&value));
    let length = element.map_or(Some(4..=4), |element| element.length.range());
    if let Some(length) = length.filter(|length| !length.contains(&value.len())) {
        return Err(refuse(&place, &format!("{name} has {}", in_words(&length, value.len()))));
    }
    if element.is_some_and(Element::is_template) {
        let nodes = of_objects(&value).filter(|nodes| !nodes.is_empty());
        let wrong = || refuse(&place, "it holds no BER-TLV objects");
        return show(&nodes.ok_or_else(wrong)?, json, out);
    }
    let explained = explain(subject, &value);
    let is_silent = explained == Explained::default();
    if is_silent && element.is_some_and(|element| !element.is_opaque()) {
        return Err(refuse(&place, &format!("nothing can be said of these bytes as {name}")));
    }
    if json {
        let document = ValueDocument {
            name: element::both_languages(&name),
            value: Hex::of(&value),
            text: explained.text,
            notes: element::note_documents(&explained.notes),
        };
        documents::print(out, &document)?;
        return Ok(());
    }
    writeln!(out, "{name}")?;
    if is_silent {
        writeln!(out, "{}", hex(&value))?;
    }
    if let Some(text) = &explained.text {
        writeln!(out, "{text}")?;
    }
    tree::notes(out, "", &explained.notes)?;
    Ok(())
}

/// `6 bytes, not 1`.
fn in_words(length: &RangeInclusive<usize>, found: usize) -> String {
    let (least, most) = (length.start(), length.end());
    match (least == most, least) {
        (true, 1) => format!("1 byte, not {found}"),
        (true, _) => format!("{least} bytes, not {found}"),
        (false, _) => format!("{least} to {most} bytes, not {found}"),
    }
}

/// What a value is.
struct Known {
    subject: Subject,
    name: Meaning,
    /// The card verification results have no tag.
    element: Option<&'static Element>,
}

/// A tag in hexadecimal, an abbreviation, or the results that have no tag.
fn known(what: &str) -> Result<Known, Failure> {
    if what.eq_ignore_ascii_case("cvr") {
        let name = Meaning {
            zh: "卡片验证结果".to_owned(),
            en: "card verification results".to_owned(),
        };
        return Ok(Known { subject: Subject::CardVerificationResults, name, element: None });
    }
    let by_tag = || u32::from_str_radix(what, 16).ok().and_then(Tag::new).and_then(element);
    let found = element_named(what)
        .or_else(by_tag)
        .ok_or_else(|| refuse(what, "it is neither a known tag nor one of the abbreviations"))?;
    let subject = Subject::Element(found.tag);
    Ok(Known { subject, name: found.into(), element: Some(found) })
}
