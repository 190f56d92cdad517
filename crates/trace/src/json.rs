//! JSON as this program writes it: nothing in it gives orders to a terminal. `serde_json` escapes C0;
//! DEL, C1, turns of direction and what nobody sees are escaped here, too.
//!
//! What enters: a document. What leaves: JSON of the same meaning.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use sscard_lexicon::is_order;

/// One document with indents, without an end of line.
///
/// # Errors
/// What the stream reports.
pub fn pretty(out: impl Write, document: &impl Serialize) -> io::Result<()> {
    let escaping = Escaping(PrettyFormatter::new());
    Ok(document.serialize(&mut Serializer::with_formatter(out, escaping))?)
}

/// One document in one line, without its end.
///
/// # Errors
/// What cannot be JSON.
pub fn compact(document: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let escaping = Escaping(CompactFormatter);
    document.serialize(&mut Serializer::with_formatter(&mut bytes, escaping))?;
    Ok(bytes)
}

/// Another formatter's form with our escapes.
struct Escaping<F>(F);

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_order) {
            let (plain, behind) = rest.split_at(at);
            self.0.write_string_fragment(out, plain)?;
            let mut characters = behind.chars();
            let units = &mut [0; 2];
            for unit in characters.next().unwrap_or_default().encode_utf16(units) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        self.0.write_string_fragment(out, rest)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_key(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_means_the_same() {
        let document = json!({ "a\u{9B}": "张\u{202E}\x7F\x1B\n\u{E0041}", "b": [1, "\u{2028}"] });
        let bytes = compact(&document).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "{\"a\\u009b\":\"张\\u202e\\u007f\\u001b\\n\\udb40\\udc41\",\"b\":[1,\"\\u2028\"]}"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
        let mut indented = Vec::new();
        pretty(&mut indented, &document).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&indented).unwrap(), document);
        let plain = json!({ "a": [], "b": {}, "c": [{ "d": null }] });
        let mut indented = Vec::new();
        pretty(&mut indented, &plain).unwrap();
        assert_eq!(indented, serde_json::to_vec_pretty(&plain).unwrap());
    }
}
