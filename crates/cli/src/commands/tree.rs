//! Data elements on lines of their own.

use std::io::{self, Write};

use sscard_lexicon::financial::{Node, Note};
use sscard_lexicon::outline;

/// One line a data element, and one a note; `margin` stands before each. Long values are cut unless
/// they are wanted `whole`.
pub(crate) fn print(
    out: &mut dyn Write,
    margin: &str,
    nodes: &[Node<'_>],
    whole: bool,
) -> io::Result<()> {
    outline(nodes, whole).try_for_each(|line| writeln!(out, "{margin}{line}"))
}

/// One line a note.
pub(crate) fn notes(out: &mut dyn Write, margin: &str, notes: &[Note]) -> io::Result<()> {
    notes.iter().try_for_each(|note| writeln!(out, "{margin}{note}"))
}
