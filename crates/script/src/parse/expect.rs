//! Expectations.

use super::pieces::{digit, push};
use super::{Parsed, Parser};
use crate::ast::{Expect, SwPattern};

impl Parser<'_> {
    pub(super) fn expectation(&mut self) -> Parsed<Expect> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        // `sw`, `data`, `tlv` and `len` stand for the latest response; everything else is compared.
        match self.cursor.expected_word() {
            "sw" => {
                self.cursor.word();
                self.status_words().map(Expect::Sw)
            }
            "data" => {
                self.cursor.word();
                self.pieces(true).map(Expect::Data)
            }
            "len" => {
                self.cursor.word();
                self.length()
            }
            "tlv" => {
                self.cursor.word();
                let path = self.tags()?;
                self.equals(start)?;
                let value = self.pieces(true)?;
                Ok(Expect::Tlv { path, value })
            }
            _ => {
                let found = self.expr()?;
                self.equals(start)?;
                let wanted = self.pieces(true)?;
                Ok(Expect::Equal { found, wanted })
            }
        }
    }

    fn equals(&mut self, start: usize) -> Parsed<()> {
        self.cursor.skip_blanks();
        if self.cursor.eat_str("==") {
            return Ok(());
        }
        let message = "expectations are: expect sw 9000|63C?, expect data …, expect tlv 6F/84 == …, \
             expect len 16, expect … == …";
        Err(self.error(start, message))
    }

    /// `9000|61xx|63C?`
    pub(super) fn status_words(&mut self) -> Parsed<Vec<SwPattern>> {
        let mut patterns = Vec::new();
        loop {
            self.cursor.skip_blanks();
            let start = self.cursor.offset();
            let digits = self.cursor.nibbles();
            let digits = <[u8; 4]>::try_from(digits.as_bytes());
            let Ok(digits) = digits else {
                return Err(
                    self.error(start, "a status word has four digits such as 9000, 61xx, 63C?")
                );
            };
            push(&mut patterns, SwPattern(digits.map(digit)));
            self.cursor.skip_blanks();
            if !self.cursor.eat('|') {
                return Ok(patterns);
            }
        }
    }

    fn length(&mut self) -> Parsed<Expect> {
        self.cursor.skip_blanks();
        let start = self.cursor.offset();
        let number = |parser: &mut Self| parser.cursor.digits().parse::<usize>().ok();
        let Some(from) = number(self) else {
            return Err(self.error(start, "a length is missing: 16 or 4..32 bytes"));
        };
        let to = if self.cursor.eat_str("..") { number(self) } else { Some(from) };
        match to {
            Some(to) if to >= from => Ok(Expect::Len { from, to }),
            _ => Err(self.error(start, "a length is 16 or 4..32, the smaller number first")),
        }
    }
}
