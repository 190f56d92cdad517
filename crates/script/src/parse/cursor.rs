//! A place in the text, and what can be read from it.

/// A place in the text.
#[derive(Clone)]
pub(super) struct Cursor<'s> {
    text: &'s str,
    at: usize,
}

/// Whether a character may stand in a word without quotes.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | ':')
}

fn is_nibble(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X' | b'?')
}

impl<'s> Cursor<'s> {
    pub(super) fn new(text: &'s str) -> Self {
        let at = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        Self { text, at }
    }

    pub(super) fn offset(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The same as bytes.
    fn bytes(&self) -> &'s [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or(&[])
    }

    /// Passes so many bytes: no text is longer than memory.
    fn go(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }

    pub(super) fn peek(&self) -> Option<char> {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            _ => self.rest().chars().next(),
        }
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.go(character.len_utf8());
        Some(character)
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.go(wanted.len_utf8());
        }
        found
    }

    pub(super) fn eat_str(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.go(wanted.len());
        }
        found
    }

    /// Spaces, tabs, continued lines, and a comment behind a space.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.bytes() {
                [b' ' | b'\t', ..] => {
                    self.go(1);
                    if self.peek() == Some('#') {
                        self.skip_line();
                    }
                }
                [b'\\', b'\n', ..] => self.go(2),
                [b'\\', b'\r', b'\n', ..] => self.go(3),
                _ => return,
            }
        }
    }

    /// Everything between two statements.
    pub(super) fn skip_between(&mut self) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some('\n' | '\r' | ';') => self.go(1),
                Some('#') => self.skip_line(),
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        self.go(length);
    }

    pub(super) fn rest_of_line(&mut self) -> &'s str {
        let start = self.at;
        self.skip_line();
        self.text.get(start..self.at).unwrap_or("")
    }

    /// What stands here up to a blank or the statement's end.
    pub(super) fn until_blank(&mut self) -> &'s str {
        self.run(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'}'))
    }

    pub(super) fn at_end_of_statement(&self) -> bool {
        matches!(self.peek(), None | Some('\n' | '\r' | ';' | '}'))
    }

    /// A word without quotes; a dot belongs to it unless another follows.
    pub(super) fn word(&mut self) -> &'s str {
        let start = self.at;
        while let Some(character) = self.peek() {
            let next_is_dot = self.rest().as_bytes().get(1) == Some(&b'.');
            if is_word(character) || (character == '.' && self.at > start && !next_is_dot) {
                self.go(character.len_utf8());
            } else {
                break;
            }
        }
        self.text.get(start..self.at).unwrap_or("")
    }

    /// A letter or `_`, then letters, digits, `_`.
    pub(super) fn name(&mut self) -> &'s str {
        let start = self.at;
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let fits = byte.is_ascii_alphabetic()
                || *byte == b'_'
                || (self.at > start && byte.is_ascii_digit());
            if !fits {
                break;
            }
            self.go(1);
        }
        self.text.get(start..self.at).unwrap_or("")
    }

    /// Decimal digits.
    pub(super) fn digits(&mut self) -> &'s str {
        self.run(|byte| byte.is_ascii_digit())
    }

    /// Hex digits, and the wildcards `x` and `?`.
    pub(super) fn nibbles(&mut self) -> &'s str {
        self.run(is_nibble)
    }

    /// How many hex digits and wildcards stand here and behind blanks, up to anything else.
    pub(super) fn nibbles_in_line(&self) -> usize {
        let line = self
            .bytes()
            .iter()
            .take_while(|byte| is_nibble(**byte) || matches!(byte, b' ' | b'\t'));
        line.filter(|byte| is_nibble(**byte)).count()
    }

    fn run(&mut self, fits: impl Fn(u8) -> bool) -> &'s str {
        let start = self.at;
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| fits(*byte)) {
            self.go(1);
        }
        self.text.get(start..self.at).unwrap_or("")
    }

    /// Whether a word of hex digits alone comes.
    pub(super) fn at_hex_word(&self) -> bool {
        let bytes = self.bytes();
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let next = bytes.get(digits).copied().unwrap_or(b' ');
        digits > 0 && !(next.is_ascii_alphanumeric() || next == b'_' || next >= 0x80)
    }

    /// `name=` in front of a value; nothing is consumed otherwise.
    pub(super) fn argument_name(&mut self) -> Option<&'s str> {
        let start = self.at;
        let name = self.name();
        let is_named =
            !name.is_empty() && self.peek() == Some('=') && !self.rest().starts_with("==");
        if is_named {
            self.go(1);
            return Some(name);
        }
        self.at = start;
        None
    }

    /// A word that is a verb: letters, digits and `_`, neither hex alone, nor a call, nor a word of
    /// expressions; nothing is consumed otherwise.
    pub(super) fn verb_word(&mut self) -> Option<&'s str> {
        let start = self.at;
        if !self.at_hex_word() {
            let name = self.name();
            let ends = matches!(self.peek(), None | Some(' ' | '\t' | '\n' | '\r' | ';' | '}'));
            if !name.is_empty() && ends && !matches!(name, "resp" | "sw" | "tlv") {
                return Some(name);
            }
        }
        self.at = start;
        None
    }

    /// The word that comes, without consuming it; none when it begins a value: cut, called, compared,
    /// or joined with another.
    pub(super) fn expected_word(&mut self) -> &'s str {
        let start = self.at;
        let word = self.word();
        let is_cut = matches!(self.peek(), Some('[' | '('));
        self.skip_blanks();
        let rest = self.rest();
        let is_value = is_cut || ["==", "^", "||"].iter().any(|sign| rest.starts_with(sign));
        self.at = start;
        if is_value { "" } else { word }
    }
}
