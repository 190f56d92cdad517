//! Bytes in pieces, strings, tag paths.

use super::{Parsed, Parser};
use crate::ScriptError;
use crate::ast::{Piece, Pieces, Text, TextPart};
use crate::blank::blank;
use crate::quote::quoted;

/// A digit; none for a wildcard.
pub(super) fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte & 0x0F),
        b'a'..=b'f' | b'A'..=b'F' => Some((byte & 0x0F).saturating_add(9)),
        _ => None,
    }
}

/// Most lists have one element: room for exactly that, until a second one comes.
pub(super) fn push<T>(list: &mut Vec<T>, element: T) {
    if list.capacity() == 0 {
        list.reserve_exact(1);
    }
    list.push(element);
}

impl Parser<'_> {
    /// Bytes up to the statement's end; `mask` allows wildcards and `..` at the end.
    pub(super) fn pieces(&mut self, mask: bool) -> Parsed<Pieces> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut open = false;
        loop {
            self.cursor.skip_blanks();
            let at = self.cursor.offset();
            match self.cursor.peek() {
                _ if self.cursor.at_end_of_statement() => break,
                Some('"') => push(&mut pieces, Piece::Text(self.text("a string")?)),
                Some('$' | '(') => push(&mut pieces, Piece::Value(self.atom()?)),
                Some('.') if mask && self.cursor.eat_str("..") => {
                    open = true;
                    break;
                }
                _ => {
                    if !matches!(pieces.last(), Some(Piece::Nibbles(_))) {
                        let room = self.cursor.nibbles_in_line();
                        push(&mut pieces, Piece::Nibbles(Vec::with_capacity(room)));
                    }
                    if let Some(Piece::Nibbles(before)) = pieces.last_mut() {
                        self.nibbles(at, mask, before)?;
                    }
                }
            }
        }
        if pieces.is_empty() && !open {
            return Err(self.error(start, "bytes are missing here"));
        }
        Ok(Pieces { span: self.span(start), pieces, open })
    }

    fn nibbles(&mut self, start: usize, mask: bool, into: &mut Vec<Option<u8>>) -> Parsed<()> {
        let digits = self.cursor.nibbles();
        if digits.is_empty() {
            return Err(self.no_hex(start));
        }
        if !digits.len().is_multiple_of(2) {
            let message = format!("'{}' has an odd number of hex digits", blank(digits));
            return Err(self.error(start, message));
        }
        let before = into.len();
        into.extend(digits.bytes().map(digit));
        let added = into.get(before..).unwrap_or(&[]);
        if !mask && added.contains(&None) {
            return Err(self.error(start, "x and ? stand in expectations only"));
        }
        Ok(())
    }

    #[cold]
    fn no_hex(&mut self, start: usize) -> Box<ScriptError> {
        let word = self.cursor.word();
        let found = if word.is_empty() {
            self.cursor.next().map(String::from)
        } else {
            Some(word.to_owned())
        };
        let message = format!("{} is not hexadecimal", quoted(&found.unwrap_or_default()));
        self.error(start, message)
            .with_advice("hex digits in pairs, \"strings\", $variables, or (values)")
    }

    /// A string, with variables.
    pub(super) fn text(&mut self, what: &str) -> Parsed<Text> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        if !self.cursor.eat('"') {
            return Err(self.error(start, format!("{what} is missing: a string in quotes")));
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        loop {
            let at = self.cursor.offset();
            match self.cursor.next() {
                None | Some('\n') => return Err(self.error(start, "a string is not closed")),
                Some('"') => break,
                Some('\\') => match self.cursor.next() {
                    Some(escaped @ ('"' | '\\' | '$')) => literal.push(escaped),
                    Some('n') => literal.push('\n'),
                    Some('r') => literal.push('\r'),
                    Some('t') => literal.push('\t'),
                    _ => {
                        let message = "after \\ in a string comes one of \" \\ $ n r t";
                        return Err(self.error(at, message));
                    }
                },
                Some('$') if self.cursor.eat('{') => {
                    if !literal.is_empty() {
                        parts.push(TextPart::Literal(std::mem::take(&mut literal)));
                    }
                    let path = self.path(at)?;
                    if !self.cursor.eat('}') {
                        return Err(self.error(at, "'${' is not closed"));
                    }
                    parts.push(TextPart::Variable(path));
                }
                Some(character) => literal.push(character),
            }
        }
        if !literal.is_empty() {
            parts.push(TextPart::Literal(literal));
        }
        Ok(Text { parts })
    }

    /// A string without variables.
    pub(super) fn plain_string(&mut self, what: &str) -> Parsed<String> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let text = self.text(what)?;
        match <[TextPart; 1]>::try_from(text.parts) {
            Ok([TextPart::Literal(literal)]) => Ok(literal),
            _ => Err(self.error(start, format!("{what} is a string without variables"))),
        }
    }

    /// `name` or `row.column`.
    pub(super) fn path(&mut self, start: usize) -> Parsed<Vec<String>> {
        let mut path = Vec::new();
        loop {
            let name = self.cursor.name();
            if name.is_empty() {
                return Err(self.error(start, "a variable's name is missing"));
            }
            path.push(name.to_owned());
            if path.len() == 2 || !self.cursor.eat('.') {
                return Ok(path);
            }
        }
    }

    /// `6F/A5/9F0C`
    pub(super) fn tags(&mut self) -> Parsed<Vec<u32>> {
        self.cursor.skip_blanks();
        let mut path = Vec::new();
        loop {
            let start = self.cursor.offset();
            let digits = self.cursor.nibbles();
            let tag = Some(digits)
                .filter(|digits| matches!(digits.len(), 2 | 4 | 6 | 8))
                .and_then(|digits| u32::from_str_radix(digits, 16).ok());
            let Some(tag) = tag else {
                return Err(self.error(start, "a tag is missing: hex digits such as 6F/A5/9F0C"));
            };
            path.push(tag);
            if !self.cursor.eat('/') {
                return Ok(path);
            }
        }
    }
}
