//! What the program prints with `--json`: one type a document.
//!
//! What enters: what a command found. What leaves: JSON with fields in the order of their names, each
//! always there (`null` where there is nothing) unless its comment says when it is not. `docs/json.md`
//! and `docs/json.schema.json` are made of these types and their comments; [`reference`] compares.

pub(crate) mod authority;
pub(crate) mod desk;
pub(crate) mod evil;
pub(crate) mod learn;
pub(crate) mod machine;
#[cfg(test)]
mod reference;
pub(crate) mod soak;

use std::io::{self, Write};

use serde::Serialize;
pub(crate) use sscard_documents::{SCHEMA, element, inspect, pay, pki, read, run, trace, unit};
use sscard_trace::json;

/// One document with a line end.
pub(crate) fn print(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    // A map of values orders the fields by name.
    json::pretty(&mut *out, &serde_json::to_value(document)?)?;
    writeln!(out)
}

/// One document in a line, without its end.
pub(crate) fn line(document: &impl Serialize) -> io::Result<Vec<u8>> {
    json::compact(&serde_json::to_value(document)?)
}
