//! One exchange for a person: command, response, and what they mean.

use std::io::{self, Write};

use sscard_host::Exchange;
use sscard_lexicon::Annotation;

use super::tree;

/// `>` and `<` with bytes, everything else behind `#`.
pub(crate) fn print(
    out: &mut dyn Write,
    exchange: &Exchange,
    annotation: &Annotation<'_>,
) -> io::Result<()> {
    writeln!(out, "> {}", exchange.command_hex())?;
    tree::print(out, "#   ", &annotation.asked, false)?;
    if exchange.response.is_err() {
        return Ok(());
    }
    writeln!(out, "< {}", exchange.response_hex())?;
    let Some((status, meaning)) = &annotation.status else { return Ok(()) };
    writeln!(out, "# {}: {status} {meaning}", annotation.command)?;
    tree::print(out, "#   ", &annotation.answer, false)
}
