//! `sscard emv decode`: what bytes say.

use std::io::Write;

use serde_json::json;
use sscard_apdu::tlv::Tag;
use sscard_lexicon::Meaning;
use sscard_lexicon::financial::{
    DataElement, Explained, Subject, element, element_named, explain, of_objects,
};

use super::super::{hex, print_json, tree};
use super::{bytes, refuse};
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
    let nodes = of_objects(&string).filter(|nodes| !nodes.is_empty()).ok_or_else(|| {
        let reason = "it is no BER-TLV string; for a value alone give its tag first, as in \
                      'decode 95 0008008000'";
        refuse("decode", reason)
    })?;
    if json {
        print_json(out, &tree::to_json(&nodes))?;
    } else {
        tree::print(out, "", &nodes, true)?;
    }
    Ok(())
}

fn one(what: &str, value: &str, json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let (subject, name) = subject(what)?;
    let value = bytes(what, value)?;
    let explained = explain(subject, &value);
    if explained == Explained::default() {
        let expected = name.map_or_else(|| what.to_owned(), |name| name.to_string());
        let place = format!("{what} {}", hex(&value));
        return Err(refuse(&place, &format!("nothing can be said of these bytes as {expected}")));
    }
    if json {
        let mut object = tree::explained_to_json(&value, &explained);
        if let (Some(fields), Some(name)) = (object.as_object_mut(), name) {
            fields.insert("name".to_owned(), json!({ "en": name.en, "zh": name.zh }));
        }
        print_json(out, &object)?;
        return Ok(());
    }
    if let Some(name) = name {
        writeln!(out, "{name}")?;
    }
    if let Some(text) = &explained.text {
        writeln!(out, "{text}")?;
    }
    tree::notes(out, "", &explained.notes)?;
    Ok(())
}

/// A tag in hexadecimal, an abbreviation, or the results that have no tag.
fn subject(what: &str) -> Result<(Subject, Option<Meaning>), Failure> {
    let known = |element: DataElement| (Subject::Element(element.tag), Some(element.name()));
    if what.eq_ignore_ascii_case("cvr") {
        let name = Meaning {
            zh: "卡片验证结果".to_owned(),
            en: "card verification results".to_owned(),
        };
        return Ok((Subject::CardVerificationResults, Some(name)));
    }
    if let Some(element) = element_named(what) {
        return Ok(known(element));
    }
    let tag = u32::from_str_radix(what, 16).ok().map(Tag::new);
    tag.and_then(element)
        .map(known)
        .ok_or_else(|| refuse(what, "it is neither a known tag nor one of the abbreviations"))
}
