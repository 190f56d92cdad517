//! Columns for people: aligned by display width, so that Chinese text stands straight.

use std::io::{self, Write};

use comfy_table::{Table, presets};

/// Prints rows under their headings, two spaces between columns.
pub(super) fn print<R: IntoIterator<Item = String>>(
    out: &mut dyn Write,
    headings: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(headings.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    writeln!(out, "{}", table.trim_fmt())
}
