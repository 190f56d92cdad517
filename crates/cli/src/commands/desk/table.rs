//! Columns for people: aligned by display width, so that Chinese text stands straight.

use std::io::{self, Write};

use comfy_table::{Table, presets};
use sscard_lexicon::shown_lines;

/// Prints rows under their headings, two spaces between columns. A cell's lines are the caller's: text
/// that may have others goes through `shown` before.
pub(super) fn print<R: IntoIterator<Item = String>>(
    out: &mut dyn Write,
    headings: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.iter().copied());
    for row in rows {
        // Lines in a cell are the caller's; what they hold of others is shown.
        table.add_row(row.into_iter().map(|cell| shown_lines(&cell).into_owned()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    writeln!(out, "{}", table.trim_fmt())
}
