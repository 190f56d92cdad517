//! One module per command of the program.

pub(crate) mod completions;
pub(crate) mod desk;
pub(crate) mod doctor;
pub(crate) mod emv;
pub(crate) mod exchange;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod pay;
pub(crate) mod read;
pub(crate) mod readers;
pub(crate) mod run;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod side_by_side;
pub(crate) mod trace;
pub(crate) mod transmit;
pub(crate) mod tree;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::civil::Date;
use serde_json::Value;

use crate::failure::Failure;

/// Upper-case hexadecimal without spaces.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// One JSON document with a line end.
pub(crate) fn print_json(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    sscard_script::json::pretty(&mut *out, value)?;
    writeln!(out)
}

/// A day of the civil calendar, `YYYY-MM-DD`; today by the local clock without it.
pub(crate) fn date(option: &str, text: Option<&str>) -> Result<Date, Failure> {
    let Some(text) = text else { return Ok(jiff::ZonedDateTime::now().date()) };
    Date::strptime("%Y-%m-%d", text).map_err(|_| Failure::Input {
        place: format!("{option} {text}"),
        reason: "a date is written YYYY-MM-DD, and there is such a day".to_owned(),
    })
}

/// Cents as yuan.
pub(crate) fn yuan(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// A flag that a signal raises.
pub(crate) fn flag(signal: i32) -> io::Result<Arc<AtomicBool>> {
    let raised = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal, Arc::clone(&raised))?;
    Ok(raised)
}
