//! Words of a `.scr` file.

use sscard_script::ast::Span;

/// A word with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    /// Line, from 1.
    pub(super) line: usize,
    /// Place.
    pub(super) span: Span,
    /// What it is.
    pub(super) what: What<'t>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What<'t> {
    /// Between blanks: a number, a name.
    Word(&'t str),
    /// Between double quotes.
    Text(&'t str),
    /// Between single quotes.
    Character(&'t str),
    /// `//aid/RID/PIX`
    Aid(&'t str),
    /// Without its marks.
    Comment(&'t str),
    /// `;`
    End,
    /// A string or comment without its end, up to the line's.
    Open(&'t str),
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    /// Whether `//aid/` is no comment here.
    wants_aid: bool,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        Self { text, at, line: 1, wants_aid: false }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Consumes `length` bytes; what they are.
    fn take(&mut self, length: usize) -> &'t str {
        let taken = self.rest().get(..length).unwrap_or(self.rest());
        self.at = self.at.saturating_add(taken.len());
        self.line = self.line.saturating_add(taken.matches('\n').count());
        taken
    }

    /// What lies between the mark that comes and `end` in the same line.
    fn quoted(&mut self, mark: char) -> Result<&'t str, &'t str> {
        let line = self.rest().lines().next().unwrap_or("");
        let length = line.get(1..).and_then(|inner| inner.find(mark));
        match length {
            Some(length) => Ok(self.take(length.saturating_add(2)).trim_matches(mark)),
            None => Err(self.take(line.len())),
        }
    }

    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        let rest = self.rest();
        let blanks = rest.len().saturating_sub(rest.trim_start().len());
        self.take(blanks);
        let (line, start, rest) = (self.line, self.at, self.rest());
        let wants_aid = std::mem::take(&mut self.wants_aid);
        let what = match rest.chars().next()? {
            ';' => {
                self.take(1);
                What::End
            }
            '"' => self.quoted('"').map_or_else(What::Open, What::Text),
            '\'' => self.quoted('\'').map_or_else(What::Open, What::Character),
            '/' if wants_aid && is_aid(rest) => What::Aid(self.word()),
            '/' if rest.starts_with("//") => {
                let length = rest.find('\n').unwrap_or(rest.len());
                What::Comment(self.take(length).trim_start_matches('/'))
            }
            '/' if rest.starts_with("/*") => {
                match rest.get(2..).and_then(|text| text.split_once("*/")) {
                    Some((comment, _)) => {
                        self.take(comment.len().saturating_add(4));
                        What::Comment(comment.trim_matches('*'))
                    }
                    None => What::Open(self.take(rest.len())),
                }
            }
            _ => What::Word(self.word()),
        };
        self.wants_aid = matches!(what, What::Word(word) if word.eq_ignore_ascii_case("select"));
        Some(Token { line, span: Span { start, end: self.at }, what })
    }

    fn word(&mut self) -> &'t str {
        let ends = |c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'');
        let rest = self.rest();
        let length = rest.find(ends).unwrap_or(rest.len());
        // A comment ends a word too; the slashes of an AID do not.
        let comment = rest.get(1..length).and_then(|word| word.find("//").or(word.find("/*")));
        self.take(comment.map_or(length, |at| at.saturating_add(1)))
    }
}

fn is_aid(text: &str) -> bool {
    text.get(.."//aid/".len()).is_some_and(|start| start.eq_ignore_ascii_case("//aid/"))
}

impl Token<'_> {
    /// The bytes that it stands for.
    pub(super) fn bytes(&self, bytes: &mut Vec<u8>) -> Result<(), String> {
        match self.what {
            What::Word(word) => bytes.push(number(word)?),
            What::Text(text) => bytes.extend_from_slice(plain(text)?),
            What::Character(text) => match plain(text)? {
                [byte] => bytes.push(*byte),
                _ => return Err(format!("'{text}' is not one character")),
            },
            What::Aid(text) | What::Comment(text) => return Err(format!("'{text}' is not a byte")),
            What::Open(text) => {
                let line = text.lines().next().unwrap_or("");
                return Err(format!("what begins with {line} is not closed"));
            }
            What::End => {}
        }
        Ok(())
    }
}

/// Characters as bytes. [choice]: ASCII without `\`; what else means is not established.
fn plain(text: &str) -> Result<&[u8], String> {
    if text.is_ascii() && !text.contains('\\') {
        return Ok(text.as_bytes());
    }
    Err(format!("'{text}' holds characters whose bytes are not established"))
}

/// Decimal, 0x hexadecimal, 0 octal.
fn number(word: &str) -> Result<u8, String> {
    let hexadecimal = word.strip_prefix("0x").or(word.strip_prefix("0X"));
    let (digits, radix) = match (hexadecimal, word.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (word, 10),
    };
    let value = Some(digits)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .and_then(|digits| u32::from_str_radix(digits, radix).ok());
    match value.map(u8::try_from) {
        Some(Ok(byte)) => Ok(byte),
        Some(Err(_)) => Err(format!("{word} is more than a byte holds")),
        None => Err(format!("'{word}' is not a byte: decimal, 0xHEX, 0octal, 'c' or \"string\"")),
    }
}
