//! A CSV file, its cells with their places.

use std::fmt;
use std::path::Path;
use std::string::FromUtf8Error;
use std::sync::Arc;

use crate::ast::Span;
use crate::{ScriptError, SourceText};

/// A CSV file.
#[derive(PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    source: SourceText,
    /// Where each row begins in the file.
    starts: Vec<usize>,
}

/// Cells may hold PINs.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({}, {} rows)", self.source.name, self.rows.len())
    }
}

/// One cell of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cell {
    pub(crate) table: Arc<Table>,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

impl Cell {
    /// What is wrong with it, in its place; the file shows no cell.
    pub(crate) fn error(&self, message: impl Into<String>) -> Box<ScriptError> {
        let Self { table, row, column } = self;
        let start = table.starts.get(*row).copied().unwrap_or(table.source.text.len());
        ScriptError::hidden(&table.source, cell(&table.source.text, start, *column), message)
    }
}

impl Table {
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, Box<ScriptError>> {
        let source = SourceText::new(&path.to_string_lossy(), text);
        source.has_fitting_lines()?;
        let content = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mark = text.len().saturating_sub(content.len());
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(content.as_bytes());
        // The reader stands before the end of the line above where that has two characters.
        let place = |position: Option<&csv::Position>| {
            let byte = position.map_or(0, csv::Position::byte);
            // What was read lies in memory.
            let start = usize::try_from(byte).unwrap_or(usize::MAX).min(content.len());
            let rest = content.get(start..).unwrap_or("");
            let ends = rest.len().saturating_sub(rest.trim_start_matches(['\r', '\n']).len());
            mark.saturating_add(start).saturating_add(ends)
        };
        let wrong = |error: csv::Error| {
            let start = place(error.position());
            let message = match error.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    let cells =
                        if *len == 1 { "1 cell".to_owned() } else { format!("{len} cells") };
                    format!("this row has {cells}, the first line names {expected_len}")
                }
                _ => format!("no CSV: {error}"),
            };
            ScriptError::hidden(&source, Span { start, end: start }, message)
        };
        let columns = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
        let (mut rows, mut starts) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(wrong)?;
            starts.push(place(record.position()));
            rows.push(record.iter().map(str::to_owned).collect());
        }
        Ok(Self { columns, rows, source, starts })
    }
}

/// A file that is no text, with the place of the first byte that is none.
pub(super) fn no_text(path: &Path, error: &FromUtf8Error) -> Box<ScriptError> {
    let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let source = SourceText::new(&path.to_string_lossy(), &String::from_utf8_lossy(good));
    let end = source.text.len();
    let message = "the table is not UTF-8 text: a byte here belongs to no character";
    ScriptError::hidden(&source, Span { start: end, end }, message)
}

/// Where a cell of the row that begins at `start` stands.
fn cell(text: &str, start: usize, column: usize) -> Span {
    let mut at = start;
    for _ in 0..column {
        at = end(text, at).saturating_add(1);
    }
    let end = end(text, at);
    let cell = text.get(at..end).unwrap_or("");
    let leading = cell.len().saturating_sub(cell.trim_start().len());
    let length = cell.trim_end().len().max(leading);
    Span { start: at.saturating_add(leading), end: at.saturating_add(length) }
}

/// Where the cell that begins at `at` ends: before a comma or the end of its line.
fn end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let mut quoted = rest.starts_with('"');
    let mut end = rest.len();
    for (offset, character) in rest.char_indices().skip(usize::from(quoted)) {
        match character {
            // A doubled one opens again at once.
            '"' if rest.starts_with('"') => quoted = !quoted,
            ',' | '\r' | '\n' if !quoted => {
                end = offset;
                break;
            }
            _ => {}
        }
    }
    at.saturating_add(end)
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic;

    use super::*;

    fn error(text: &str, row: usize, column: usize) -> String {
        let table = Arc::new(Table::parse(Path::new("t.csv"), text).expect("a table"));
        Cell { table, row, column }.error("wrong").to_string()
    }

    #[test]
    fn a_cell_has_the_place_that_it_has_in_the_file() {
        let text = "name,pin\n王, 1\n\"a, \"\"b\"\"\nc\",22\n\nlast,3\n";
        assert_eq!(error(text, 0, 0), "t.csv:2:1: wrong");
        assert_eq!(error(text, 0, 1), "t.csv:2:4: wrong");
        assert_eq!(error(text, 1, 0), "t.csv:3:1: wrong");
        assert_eq!(error(text, 1, 1), "t.csv:4:4: wrong");
        assert_eq!(error(text, 2, 1), "t.csv:6:6: wrong");
    }

    #[test]
    fn ends_of_lines_and_a_mark_move_no_place() {
        let text = "\u{FEFF}name,pin\r\n1,2\r\n3,4\r\n";
        assert_eq!(error(text, 0, 0), "t.csv:2:1: wrong");
        assert_eq!(error(text, 1, 1), "t.csv:3:3: wrong");
    }

    #[test]
    fn a_row_of_another_length_is_named_by_its_line() {
        let wrong = |text: &str| match Table::parse(Path::new("t.csv"), text) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(
            wrong("\u{FEFF}a,b\r\n1,2\r\n3\r\n"),
            "t.csv:3:1: this row has 1 cell, the first line names 2"
        );
        assert_eq!(
            wrong("a,b\n1,2,3\n"),
            "t.csv:2:1: this row has 3 cells, the first line names 2"
        );
    }

    #[test]
    fn bytes_that_are_no_text_have_their_place() {
        let bytes = b"name,pin\n\xE7\x8E\x8B,1\nB,\xFF\n".to_vec();
        let error = no_text(Path::new("t.csv"), &String::from_utf8(bytes).unwrap_err());
        assert_eq!(
            error.to_string(),
            "t.csv:3:3: the table is not UTF-8 text: a byte here belongs to no character"
        );
    }

    #[test]
    fn an_error_shows_no_cell() {
        let table = Arc::new(Table::parse(Path::new("t.csv"), "a,b\n12,34\n").expect("a table"));
        let error = Cell { table: Arc::clone(&table), row: 0, column: 1 }.error("wrong");
        let source = error.source_code().unwrap();
        let label = error.labels().unwrap().next().unwrap();
        let shown = source.read_span(label.inner(), 9, 9).unwrap();
        assert_eq!((shown.line(), shown.data()), (1, &b"**,**"[..]));
        assert_eq!((label.offset(), label.len()), (3, 2));
        assert!(!format!("{table:?}").contains("34"));
    }
}
