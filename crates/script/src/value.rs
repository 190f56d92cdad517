//! What a script computes with, and how a place reads it.
//!
//! Everything is bytes in the end. A word without quotes stays a word until a place says what it
//! wants: hex digits, a number, digits, a name. A cell of a CSV file is such a word.

use std::borrow::Cow;

use sscard_apdu::bcd;
pub(crate) use sscard_apdu::hex::encode as hex;
use sscard_profile::gbk;

use crate::quote::quoted;

/// A value.
#[derive(Clone, PartialEq, Eq)]
pub enum Datum {
    /// Bytes: what a card said, or a function computed.
    Bytes(Vec<u8>),
    /// A string.
    Text(String),
    /// A word without quotes, still to be read.
    Word(String),
}

impl std::fmt::Debug for Datum {
    /// How long it is: it may be a PIN or a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Word(word) => write!(f, "Word({} characters)", word.chars().count()),
        }
    }
}

impl Datum {
    /// As bytes: a word is hex, a string ASCII and GBK.
    ///
    /// # Errors
    /// Why it has none.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, String> {
        match self {
            Self::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Text(text) => {
                Ok(Cow::Owned(gbk::encode(text).map_err(|error| error.to_string())?))
            }
            Self::Word(word) => Ok(Cow::Owned(hex_bytes(word)?)),
        }
    }

    /// As it is printed, and put into a string: bytes as hex.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Bytes(bytes) => Cow::Owned(hex(bytes)),
            Self::Text(text) | Self::Word(text) => Cow::Borrowed(text),
        }
    }
}

fn hex_bytes(word: &str) -> Result<Vec<u8>, String> {
    if let Some(other) = word.chars().find(|character| !character.is_ascii_hexdigit()) {
        return Err(format!("{} is not hexadecimal: '{other}'", quoted(word)));
    }
    if !word.len().is_multiple_of(2) {
        return Err(format!("{} has an odd number of hex digits", quoted(word)));
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, _) = word.as_bytes().as_chunks::<2>();
    Ok(pairs.iter().filter_map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect())
}

/// What a parameter wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterKind {
    /// So many bytes.
    Bytes(usize, usize),
    /// Decimal digits: a PAN, a PIN, a date.
    Digits(usize, usize),
    /// A file or an application: a name of the card's, a file identifier, a DF name.
    File,
    /// One of these names.
    Name(&'static [&'static str]),
    /// A number, decimal or with 0x in front.
    Number(u64, u64),
    /// A string.
    Text,
}

/// Any number of bytes.
pub(crate) const BYTES: ParameterKind = ParameterKind::Bytes(0, usize::MAX);

/// A value as a parameter reads it.
#[derive(Clone, PartialEq, Eq)]
pub enum Argument {
    /// Bytes.
    Bytes(Vec<u8>),
    /// The value itself: how it is written counts.
    Datum(Datum),
    /// A number.
    Number(u64),
    /// Digits, a name, a string.
    Text(String),
}

impl std::fmt::Debug for Argument {
    /// How long it is: it may be a PIN or a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Datum(datum) => write!(f, "{datum:?}"),
            Self::Number(_) => f.write_str("Number"),
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
        }
    }
}

impl ParameterKind {
    /// Reads a value.
    ///
    /// # Errors
    /// What is wanted, and what came.
    pub fn read(self, value: &Datum) -> Result<Argument, String> {
        match self {
            Self::Bytes(least, most) => {
                let bytes = value.bytes()?;
                if (least..=most).contains(&bytes.len()) {
                    return Ok(Argument::Bytes(bytes.into_owned()));
                }
                Err(format!("expected {self}, found {}", bytes.len()))
            }
            Self::Digits(least, most) => {
                let digits = match value {
                    Datum::Bytes(bytes) => bcd::digits(bytes)
                        .map_err(|_| format!("these {} bytes are not BCD", bytes.len()))?
                        .collect(),
                    Datum::Text(text) | Datum::Word(text) => text.clone(),
                };
                if let Some(at) = digits.chars().position(|digit| !digit.is_ascii_digit()) {
                    return Err(format!(
                        "{self} are wanted: character {} is none",
                        at.saturating_add(1)
                    ));
                }
                if (least..=most).contains(&digits.len()) {
                    return Ok(Argument::Text(digits));
                }
                Err(format!("expected {self}, found {}", digits.len()))
            }
            Self::File => Ok(Argument::Datum(value.clone())),
            Self::Name(names) => {
                let name = value.text();
                match names.iter().find(|known| known.eq_ignore_ascii_case(&name)) {
                    Some(known) => Ok(Argument::Text((*known).to_owned())),
                    None => Err(format!("{} is not one of {}", quoted(&name), names.join(", "))),
                }
            }
            Self::Number(least, most) => {
                let number = number(value)?;
                if (least..=most).contains(&number) {
                    return Ok(Argument::Number(number));
                }
                Err(format!("{number} is not within {least} to {most}"))
            }
            Self::Text => Ok(Argument::Text(value.text().into_owned())),
        }
    }

    /// Whether unknown bytes of this length can be meant; a card's answer is unknown in advance.
    pub(crate) fn admits(self, length: Option<usize>) -> Result<(), String> {
        match (self, length) {
            (Self::Bytes(least, most), Some(length)) if !(least..=most).contains(&length) => {
                Err(format!("expected {self}, found {length}"))
            }
            _ => Ok(()),
        }
    }
}

fn number(value: &Datum) -> Result<u64, String> {
    match value {
        Datum::Bytes(bytes) => {
            let significant = bytes.iter().skip_while(|byte| **byte == 0);
            let wide = significant.clone().count() > 8;
            if wide {
                return Err(format!("{} bytes are too large for a number", bytes.len()));
            }
            Ok(significant.fold(0, |number, byte| number << 8 | u64::from(*byte)))
        }
        Datum::Text(word) | Datum::Word(word) => {
            let parsed = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
                Some(digits) => u64::from_str_radix(digits, 16),
                None => word.parse(),
            };
            parsed
                .map_err(|_| format!("{} is not a number: decimal, or hex after 0x", quoted(word)))
        }
    }
}

impl std::fmt::Display for ParameterKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let range = |f: &mut std::fmt::Formatter<'_>, what: &str, least: usize, most: usize| match (
            least, most,
        ) {
            (0, usize::MAX) => f.write_str(what),
            (least, usize::MAX) => write!(f, "{least} or more {what}"),
            (1, 1) => write!(f, "1 {}", what.trim_end_matches('s')),
            (least, most) if least == most => write!(f, "{least} {what}"),
            (least, most) => write!(f, "{least} to {most} {what}"),
        };
        match self {
            Self::Bytes(least, most) => range(f, "bytes", *least, *most),
            Self::Digits(least, most) => range(f, "digits", *least, *most),
            Self::File => f.write_str("file"),
            Self::Name(names) => f.write_str(&names.join(", ")),
            Self::Number(0, u64::MAX) => f.write_str("number"),
            Self::Number(least, most) => write!(f, "number {least} to {most}"),
            Self::Text => f.write_str("text"),
        }
    }
}

/// Whether a parameter has to be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// It stands for this word when it is not given.
    Default(&'static str),
    /// It may be left out.
    Optional,
    /// It has to be given.
    Required,
}

/// A parameter of a function or a verb.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it wants.
    pub kind: ParameterKind,
    /// Whether it has to be given.
    pub need: Need,
}

impl Parameter {
    /// One that has to be given.
    pub(crate) const fn required(name: &'static str, kind: ParameterKind) -> Self {
        Self { name, kind, need: Need::Required }
    }

    /// As it is shown: in brackets when it may be left out, with what it stands for then.
    pub(crate) fn signature(&self) -> String {
        match self.need {
            Need::Required => self.name.to_owned(),
            Need::Optional | Need::Default("") => format!("[{}]", self.name),
            Need::Default(word) => format!("[{}={word}]", self.name),
        }
    }

    /// One that may be left out.
    pub(crate) const fn optional(name: &'static str, kind: ParameterKind) -> Self {
        Self { name, kind, need: Need::Optional }
    }

    /// One that stands for a word when it is not given.
    pub(crate) const fn default(
        name: &'static str,
        kind: ParameterKind,
        word: &'static str,
    ) -> Self {
        Self { name, kind, need: Need::Default(word) }
    }
}

/// Arguments in the order of the parameters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Arguments(pub Vec<Option<Argument>>);

impl Arguments {
    /// Whether one was given.
    pub(crate) fn has(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(Option::is_some)
    }

    /// Bytes, or none.
    pub(crate) fn bytes(&self, at: usize) -> &[u8] {
        match self.0.get(at) {
            Some(Some(Argument::Bytes(bytes))) => bytes,
            _ => &[],
        }
    }

    /// Exactly `N` bytes: the parameter says so.
    pub(crate) fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], String> {
        self.bytes(at).try_into().map_err(|_| format!("{N} bytes are wanted"))
    }

    /// One byte.
    pub(crate) fn byte(&self, at: usize) -> u8 {
        self.bytes(at).first().copied().unwrap_or(0)
    }

    /// A number.
    pub(crate) fn number(&self, at: usize) -> u64 {
        match self.0.get(at) {
            Some(Some(Argument::Number(number))) => *number,
            _ => 0,
        }
    }

    /// A number as a length.
    pub(crate) fn length(&self, at: usize) -> usize {
        usize::try_from(self.number(at)).unwrap_or(usize::MAX)
    }

    /// A number as a byte.
    pub(crate) fn small(&self, at: usize) -> Result<u8, String> {
        u8::try_from(self.number(at)).map_err(|_| "a number is too large for a byte".to_owned())
    }

    /// Digits, a name or a string.
    pub(crate) fn text(&self, at: usize) -> &str {
        match self.0.get(at) {
            Some(Some(Argument::Text(text))) => text,
            _ => "",
        }
    }

    /// A value as it is written.
    pub(crate) fn datum(&self, at: usize) -> Option<&Datum> {
        match self.0.get(at) {
            Some(Some(Argument::Datum(datum))) => Some(datum),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Datum {
        Datum::Word(text.to_owned())
    }

    #[test]
    fn a_word_is_read_as_the_place_wants_it() {
        let twelve = word("12");
        assert_eq!(ParameterKind::Bytes(1, 1).read(&twelve), Ok(Argument::Bytes(vec![0x12])));
        assert_eq!(ParameterKind::Number(0, 20).read(&twelve), Ok(Argument::Number(12)));
        assert_eq!(ParameterKind::Number(0, 20).read(&word("0x12")), Ok(Argument::Number(18)));
        assert_eq!(ParameterKind::Digits(1, 4).read(&twelve), Ok(Argument::Text("12".to_owned())));
        let names = ParameterKind::Name(&["A", "B"]);
        assert_eq!(names.read(&word("b")), Ok(Argument::Text("B".to_owned())));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_is_wanted() {
        let refused = |kind: ParameterKind, value: Datum| kind.read(&value).unwrap_err();
        assert_eq!(refused(BYTES, word("123")), "'123' has an odd number of hex digits");
        assert_eq!(refused(BYTES, word("1g")), "'1g' is not hexadecimal: 'g'");
        assert_eq!(refused(ParameterKind::Bytes(16, 16), word("00")), "expected 16 bytes, found 1");
        assert_eq!(refused(ParameterKind::Number(1, 30), word("31")), "31 is not within 1 to 30");
        assert_eq!(
            refused(ParameterKind::Digits(4, 12), word("12a4")),
            "4 to 12 digits are wanted: character 3 is none"
        );
        assert_eq!(refused(ParameterKind::Name(&["x", "y"]), word("z")), "'z' is not one of x, y");
        assert_eq!(
            refused(BYTES, Datum::Text("王𠮷".to_owned())),
            "character 2, '𠮷' (U+20BB7), is not in GBK and cannot stand on a card"
        );
    }

    #[test]
    fn bytes_are_numbers_and_digits_too() {
        let bytes = Datum::Bytes(vec![0x00, 0x01, 0x02]);
        assert_eq!(ParameterKind::Number(0, u64::MAX).read(&bytes), Ok(Argument::Number(0x102)));
        let pan = Datum::Bytes(vec![0x62, 0x28, 0x0F]);
        assert_eq!(ParameterKind::Digits(1, 19).read(&pan), Ok(Argument::Text("62280".to_owned())));
        assert_eq!(Datum::Text("社".to_owned()).bytes().as_deref(), Ok(&[0xC9, 0xE7][..]));
    }
}
