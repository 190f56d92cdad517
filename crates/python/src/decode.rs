//! What bytes mean: status words, commands, data elements.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Tag;
use sscard_documents::element::{self, ElementsDocument, ValueDocument};
use sscard_documents::unit::Hex;
use sscard_lexicon::financial::{Subject, element as known, explain, of_objects};
use sscard_lexicon::{Meaning, describe_command, status_meaning};

use crate::error::exception;
use crate::input::bytes_or_hex;
use crate::json::document;

/// What a status word means after an instruction: `{"en": …, "zh": …}`.
#[pyfunction]
#[pyo3(signature = (sw, ins = 0))]
pub(crate) fn explain_status(py: Python<'_>, sw: u16, ins: u8) -> PyResult<Bound<'_, PyAny>> {
    let meaning = status_meaning(StatusWord::from_bytes(sw.to_be_bytes()), ins);
    document(py, &element::both_languages(&meaning))
}

/// What a command is called, and what it addresses.
#[pyfunction]
pub(crate) fn explain_command(command: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(describe_command(&bytes_or_hex(command)?))
}

/// A string of BER-TLV data objects, each explained; templates stand before what lies in them.
#[pyfunction]
pub(crate) fn explain_tlv<'py>(data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let bytes = bytes_or_hex(data)?;
    let nodes = of_objects(&bytes).filter(|nodes| !nodes.is_empty());
    let nodes = nodes.ok_or_else(|| PyValueError::new_err("it is not a BER-TLV string"))?;
    document(data.py(), &ElementsDocument(element::documents(&nodes)))
}

/// A data element's value, explained by its tag, such as `0x95`.
#[pyfunction]
pub(crate) fn explain_value<'py>(
    tag: u32,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let bytes = bytes_or_hex(value)?;
    let found = Tag::new(tag).and_then(known);
    let found = found.ok_or_else(|| exception("UnknownTag", format!("{tag:X}: no known tag")))?;
    if let Some(length) = found.length.range().filter(|length| !length.contains(&bytes.len())) {
        let (least, most) = (length.start(), length.end());
        let words = format!("{tag:X} has {least} to {most} bytes, not {}", bytes.len());
        return Err(PyValueError::new_err(words));
    }
    let explained = explain(Subject::Element(found.tag), &bytes);
    let told = ValueDocument {
        name: element::both_languages(&Meaning::from(found)),
        value: Hex::of(&bytes),
        text: explained.text,
        notes: element::note_documents(&explained.notes),
    };
    document(value.py(), &told)
}
