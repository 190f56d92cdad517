//! Columns for people: aligned by display width, so that Chinese text stands straight.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::{Table, presets};

/// A text from a row or a command line, for one line of a screen: it gives no orders there.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    sscard_desk::shown(text)
}

/// The same with its ends of lines, which the desk itself made.
pub(super) fn lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(shown).collect();
    lines.join("\n")
}

/// Prints rows under their headings, two spaces between columns. A cell's lines are the caller's: text
/// that may have others goes through [`shown`] before.
pub(super) fn print<R: IntoIterator<Item = String>>(
    out: &mut dyn Write,
    headings: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.iter().copied());
    for row in rows {
        table.add_row(row.into_iter().map(|cell| lines(&cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    writeln!(out, "{}", table.trim_fmt())
}
