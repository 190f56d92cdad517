//! An error of a script with the lines around its place:
//!
//! ```text
//!   × a.apdu:2:1: 'selekt' is no verb
//!    ╭─[a.apdu:2:1]
//!  1 │ select SSSE
//!  2 │ selekt SSSE
//!    · ───┬──
//!    ·    ╰── here
//!    ╰────
//!   help: is 'select' meant?
//! ```

use std::fmt::Write;

use miette::{Diagnostic, SourceSpan, SpanContents};
use sscard_script::ScriptError;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a report; a terminal wraps for itself.
const WIDTH: usize = 118;

const TAB: usize = 4;

/// What switches the colours of the parts on, and all of them off.
pub(super) struct Colours {
    error: &'static str,
    advice: &'static str,
    place: &'static str,
    number: &'static str,
    mark: &'static str,
    off: &'static str,
}

/// For what is no terminal.
pub(super) const PLAIN: Colours =
    Colours { error: "", advice: "", place: "", number: "", mark: "", off: "" };

/// For a terminal.
pub(super) const COLOURED: Colours = Colours {
    error: "\x1b[31m",
    advice: "\x1b[36m",
    place: "\x1b[36;1;4m",
    number: "\x1b[2m",
    mark: "\x1b[35;1m",
    off: "\x1b[0m",
};

/// Several lines, the last one ended.
pub(super) fn picture(error: &ScriptError, colours: &Colours) -> String {
    let Colours { error: red, advice, off, .. } = colours;
    let mut text = String::new();
    wrap(&mut text, &error.to_string(), &format!("  {red}×{off} "), &format!("  {red}│{off} "), 4);
    let spans = error.labels().into_iter().flatten().map(|label| *label.inner());
    for span in spans {
        let Some(source) = error.source_code() else { continue };
        if let (Ok(around), Ok(place)) =
            (source.read_span(&span, 1, 1), source.read_span(&span, 0, 0))
        {
            excerpt(&mut text, span, &*around, &*place, colours);
        }
    }
    if let Some(help) = error.help() {
        wrap(&mut text, &help.to_string(), &format!("  {advice}help: {off}"), "        ", 8);
    }
    text
}

/// The lines around a place; the place is marked in its first line.
fn excerpt(
    text: &mut String,
    span: SourceSpan,
    around: &dyn SpanContents<'_>,
    place: &dyn SpanContents<'_>,
    Colours { place: blue, number, mark, off, .. }: &Colours,
) {
    let shown = String::from_utf8_lossy(around.data());
    let lines: Vec<&str> = shown.split_inclusive('\n').collect();
    let first = around.line() + 1;
    let columns = (first + lines.len().max(1) - 1).to_string().len();
    let named = place.name().unwrap_or_default();
    let (line, column) = (place.line() + 1, place.column() + 1);
    let _ = writeln!(text, " {:columns$} ╭─[{blue}{named}:{line}:{column}{off}]", "");
    let mut offset = around.span().offset();
    let mut is_marked = false;
    for (index, line) in lines.iter().enumerate() {
        let content = line.trim_end_matches(['\n', '\r']);
        let _ = writeln!(text, " {number}{:columns$}{off} │ {}", first + index, untabbed(content));
        let is_last = index + 1 == lines.len();
        if !is_marked && (span.offset() < offset + line.len() || is_last) {
            is_marked = true;
            let from = width(content, span.offset().saturating_sub(offset));
            let to = width(content, (span.offset() + span.len()).saturating_sub(offset));
            let to = to.max(from + 1);
            let middle = usize::midpoint(from, to);
            let sign = if span.is_empty() { '▲' } else { '┬' };
            let (left, right) = ("─".repeat(middle - from), "─".repeat(to - middle - 1));
            let _ = writeln!(text, " {:columns$} · {:from$}{mark}{left}{sign}{right}{off}", "", "");
            let _ = writeln!(text, " {:columns$} · {:middle$}{mark}╰── here{off}", "", "");
        }
        offset += line.len();
    }
    let _ = writeln!(text, " {:columns$} ╰────", "");
}

/// Columns of the first bytes of a line; one more for what lies behind its end.
fn width(line: &str, bytes: usize) -> usize {
    let end = (bytes..=line.len()).find(|at| line.is_char_boundary(*at));
    let behind = usize::from(end.is_none());
    untabbed(&line[..end.unwrap_or(line.len())]).width() + behind
}

fn untabbed(line: &str) -> String {
    let mut text = String::new();
    let mut column = 0;
    for c in line.chars() {
        let width = if c == '\t' { TAB - column % TAB } else { c.width().unwrap_or(0) };
        match c {
            '\t' => text.extend(std::iter::repeat_n(' ', width)),
            c => text.push(c),
        }
        column += width;
    }
    text
}

/// Lines of at most so many columns, the first and the others behind their indents, which take up
/// `indent` columns.
fn wrap(text: &mut String, words: &str, first: &str, other: &str, indent: usize) {
    let mut begin = first;
    for line in words.split('\n') {
        text.push_str(begin);
        begin = other;
        let mut column = indent;
        // Spaces at the end of a line are left out.
        let mut gap = 0;
        for word in line.split(' ') {
            let width = word.width();
            if column > indent && column + gap + width > WIDTH {
                text.push('\n');
                text.push_str(other);
                (column, gap) = (indent, 0);
            }
            text.extend(std::iter::repeat_n(' ', gap));
            column += gap;
            for c in word.chars() {
                let width = c.width().unwrap_or(0);
                if column > indent && column + width > WIDTH {
                    text.push('\n');
                    text.push_str(other);
                    column = indent;
                }
                text.push(c);
                column += width;
            }
            gap = 1;
        }
        text.push('\n');
    }
}
