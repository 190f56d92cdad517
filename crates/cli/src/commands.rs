//! One module per command of the program.

pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod emv;
pub(crate) mod exchange;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod pay;
pub(crate) mod read;
pub(crate) mod readers;
pub(crate) mod serve;
pub(crate) mod trace;
pub(crate) mod transmit;
pub(crate) mod tree;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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

/// A flag that a signal raises.
pub(crate) fn flag(signal: i32) -> io::Result<Arc<AtomicBool>> {
    let raised = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal, Arc::clone(&raised))?;
    Ok(raised)
}
