//! The lines around a place of a script, as they are shown: PINs and keys as stars, what a terminal
//! obeys written out.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use sscard_lexicon::{is_order, push_shown};

use super::SourceText;
use crate::ast::Span;
use crate::blank::blank;

/// A line that is longer is shown around the place only.
const LONGEST: usize = 4096;
/// So much of it.
const AROUND: usize = 160;
/// So many lines back a statement may begin that is continued.
const CONTINUED: usize = 50;

/// Shown lines, and where the place is in them.
#[derive(Clone, Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    first_line: usize,
    pub(super) span: SourceSpan,
}

impl Excerpt {
    /// One line before the place and one behind it stand in it, too.
    pub(super) fn new(source: &SourceText, span: Span, shows_secrets: bool) -> Self {
        let text = &*source.text;
        let bounded = |at: usize| {
            let at = at.min(text.len());
            (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
        };
        let span = Span { start: bounded(span.start), end: bounded(span.end.max(span.start)) };
        let start = line_before(text, line_start(text, span.start));
        let end = line_end(text, span.end);
        let end = if end < text.len() { line_end(text, end.saturating_add(1)) } else { end };
        let Range { start, end } = if end.saturating_sub(start) <= LONGEST {
            start..end
        } else {
            let start = start.max(bounded(span.start.saturating_sub(AROUND)));
            start..end.min(bounded(span.start.saturating_add(2 * AROUND))).max(start)
        };
        let (line, _) = source.position(start);
        // What a line means may stand in those that it continues.
        let mut context = line_start(text, start);
        for _ in 0..CONTINUED {
            let before = line_before(text, context);
            let is_continued =
                text.get(before..context).is_some_and(|line| line.trim_end().ends_with('\\'));
            if !is_continued {
                break;
            }
            context = before;
        }
        let context = context.max(bounded(start.saturating_sub(LONGEST)));
        let whole = text.get(context..end).unwrap_or("");
        let quoted = if shows_secrets { whole.to_owned() } else { blank(whole) };
        let mut excerpt = String::with_capacity(end.saturating_sub(start));
        let (mut from, mut to) = (None, None);
        let mut at = context;
        for (written, quoted) in whole.chars().zip(quoted.chars()) {
            if at >= span.start {
                from.get_or_insert(excerpt.len());
            }
            if at >= span.end {
                to.get_or_insert(excerpt.len());
            }
            let behind = at.saturating_add(written.len_utf8());
            let is_end = written == '\r' && text.get(behind..).is_some_and(|b| b.starts_with('\n'));
            match quoted {
                _ if at < start || is_end => {}
                '\n' | '\t' => excerpt.push(quoted),
                c if is_order(c) => push_shown(&mut excerpt, c),
                c => excerpt.push(c),
            }
            at = behind;
        }
        let from = from.unwrap_or(excerpt.len());
        let to = to.unwrap_or(excerpt.len()).max(from);
        Self {
            name: sscard_lexicon::shown(&source.name).into_owned(),
            text: excerpt,
            first_line: line,
            span: (from, to.saturating_sub(from)).into(),
        }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end.saturating_add(1))
}

/// Where the line before the one begins that begins here.
fn line_before(text: &str, start: usize) -> usize {
    line_start(text, start.saturating_sub(1))
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |length| at.saturating_add(length))
}

impl SourceCode for Excerpt {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        behind: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let found = self.text.read_span(span, before, behind)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            found.data(),
            *found.span(),
            found.line().saturating_add(self.first_line.saturating_sub(1)),
            found.column(),
            found.line_count(),
        )))
    }
}
