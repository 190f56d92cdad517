//! One exchange for a person: command, response, and what they mean.

use std::io::{self, Write};

use sscard_lexicon::Annotation;

use super::{hex, tree};

/// `>` and `<` with bytes, everything else behind `#`.
pub(crate) fn print(
    out: &mut dyn Write,
    command: &str,
    response: Option<&[u8]>,
    annotation: &Annotation<'_>,
) -> io::Result<()> {
    writeln!(out, "> {command}")?;
    tree::print(out, "#   ", &annotation.asked, false)?;
    let Some(response) = response else { return Ok(()) };
    writeln!(out, "< {}", hex(response))?;
    let Some((status, meaning)) = &annotation.status else { return Ok(()) };
    writeln!(out, "# {}: {status} {meaning}", annotation.command)?;
    tree::print(out, "#   ", &annotation.answer, false)
}
