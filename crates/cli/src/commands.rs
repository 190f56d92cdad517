//! One module per command of the program.

pub(crate) mod inspect;
pub(crate) mod new;
pub(crate) mod read;
pub(crate) mod readers;
pub(crate) mod serve;
pub(crate) mod transmit;

use std::io::{self, Write};

use serde_json::Value;

/// Upper-case hexadecimal without spaces.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// One JSON document with a line end.
pub(crate) fn print_json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}
