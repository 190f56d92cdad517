//! Text that came from outside, on its way to a terminal or into a report: nobody but this program
//! gives orders there.
//!
//! What enters: any text. What leaves: the same text, with what a terminal obeys or hides written out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal, a browser or a pager obeys or hides a character instead of showing it: control
/// characters (C0, DEL, C1), ends of lines, marks that turn the direction of writing, and characters
/// that nobody sees.
#[must_use]
pub const fn is_order(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x1F'
            | '\x7F'..='\u{9F}'
            // A soft hyphen, a joiner and fillers that take no room.
            | '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180E}'
            // No width, marks and turns of direction, ends of lines and paragraphs.
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            // Marks of annotations, and what only a shorthand or a score has.
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            // Tags: a text inside a text.
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// A character as it is shown: itself, or `\n`, `\t`, `\r`, `\u{1b}` for an order.
pub fn push_shown(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a string does not fail.
        c if is_order(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
        c => out.push(c),
    }
}

/// A text of somebody else's in one line.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    without(text, is_order)
}

/// A text of our own, whose ends of lines and tabs are meant, with what it quotes of others.
#[must_use]
pub fn shown_lines(text: &str) -> Cow<'_, str> {
    without(text, |c| is_order(c) && !matches!(c, '\n' | '\t'))
}

fn without(text: &str, is_order: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    if !text.contains(is_order) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(16));
    for c in text.chars() {
        if is_order(c) { push_shown(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        for (text, seen) in [
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\x1B[2J\x07", "\\u{1b}[2J\\u{7}"),
            ("\x7F\u{80}\u{85}\u{9B}31m\u{9F}", "\\u{7f}\\u{80}\\u{85}\\u{9b}31m\\u{9f}"),
            ("\u{202E}gpj.exe\u{202C}", "\\u{202e}gpj.exe\\u{202c}"),
            ("\u{200B}\u{200E}\u{200F}\u{61C}", "\\u{200b}\\u{200e}\\u{200f}\\u{61c}"),
            ("\u{2028}\u{2029}\u{2066}\u{2069}", "\\u{2028}\\u{2029}\\u{2066}\\u{2069}"),
            ("a\u{FEFF}b\u{E0041}\u{E0001}", "a\\u{feff}b\\u{e0041}\\u{e0001}"),
        ] {
            assert_eq!(shown(text), seen);
            assert!(!shown(text).contains(is_order));
        }
    }

    #[test]
    fn text_stays() {
        for text in
            ["", "张三·李", "a\\nb \\u{1b}", "é ß 𠮷 ～—…\u{A0}", "卡\u{3000}片", "葛\u{E0100}"]
        {
            assert!(matches!(shown(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn lines_of_our_own_stay_lines() {
        assert_eq!(shown_lines("a\n\tb\r\x1B"), "a\n\tb\\r\\u{1b}");
        assert!(matches!(shown_lines("a\n\tb"), Cow::Borrowed(_)));
    }
}
