//! Lines that nobody should find in a history: PINs and keys.

use crate::ast::{
    Argument, Bound, Command, Expect, Expr, Item, Kind, Piece, Pieces, TextPart, Value,
};
use crate::functions::{BYTES, function};
use crate::value::{Kind as Wanted, Parameter};
use crate::verbs::verb;
use crate::{Source, parse};

/// Words of lines that are not kept when they cannot be parsed.
const WORDS: [&str; 6] = ["pin", "verify", "key", "unblock", "imk", "kmc"];
/// Lengths of keys.
const KEYS: [usize; 3] = [8, 16, 24];

impl Parameter {
    /// Whether a PIN or a key is wanted.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        match self.kind {
            Wanted::Digits(..) => matches!(self.name, "pin" | "old" | "new"),
            Wanted::Bytes(8 | 16, 8 | 16) => matches!(self.name, "key" | "imk" | "kmc"),
            _ => false,
        }
    }
}

/// Whether a text holds a PIN or a key: where a parameter wants one, in the data of VERIFY and its
/// like, or let under a telling name, in a key's length or as a PIN's digits. `[choice]` what cannot be parsed is judged
/// by its words.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    match parse(&Source::new("", text)) {
        Ok(script) => script.items.iter().any(of_item),
        Err(_) => {
            let text = text.to_lowercase();
            let digits = text.trim_start_matches([' ', '\t', '>']);
            tells(&text) || digits.bytes().filter(u8::is_ascii_hexdigit).count() > 10
        }
    }
}

fn tells(name: &str) -> bool {
    WORDS.iter().any(|word| name.contains(word))
}

fn of_item(item: &Item) -> bool {
    match &item.kind {
        Kind::Command(command) => of_command(command),
        Kind::Let { value: Bound::Command(command), .. } => of_command(command),
        Kind::Let { name, value: Bound::Expr(expr) } => {
            let looks_so = literal(expr).is_some_and(|digits| {
                tells(&name.to_lowercase()) || KEYS.iter().any(|key| digits == 2 * key)
            });
            looks_so || looks_like_pin(expr) || of_expr(expr)
        }
        Kind::Print(expr) => of_expr(expr),
        Kind::Expect(expect) => match expect {
            Expect::Equal { found, wanted } => of_expr(found) || of_pieces(wanted),
            Expect::Data(pieces) | Expect::Tlv { value: pieces, .. } => of_pieces(pieces),
            Expect::Len { .. } | Expect::Sw(_) => false,
        },
        Kind::Case { body, .. } | Kind::For { body, .. } => body.iter().any(of_item),
        Kind::Directive(_) | Kind::Exit | Kind::Include { .. } | Kind::Reset => false,
    }
}

/// Digits alone, as many as a PIN has.
fn looks_like_pin(expr: &Expr) -> bool {
    let word = match &expr.value {
        Value::Literal(word) => word,
        Value::Text(text) => match &text.parts[..] {
            [TextPart::Literal(word)] => word,
            _ => return false,
        },
        _ => return false,
    };
    (4..=16).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn of_command(command: &Command) -> bool {
    match command {
        Command::Raw(pieces) => is_pin_command(pieces) || of_pieces(pieces),
        Command::Verb(written) => {
            let Some(known) = verb(&written.name) else { return tells(&written.name) };
            let is_pin = matches!(
                known.name,
                "verify" | "change_pin" | "pin_change_unblock" | "reload_pin" | "unblock_pin"
            );
            let mut place = 0;
            let is_secret = |argument: &Argument| {
                let parameter = match &argument.name {
                    Some(name) => known.parameters.iter().find(|known| known.name == *name),
                    None => known.parameters.get(place),
                };
                place += 1;
                let wants_secret = is_pin || parameter.is_some_and(Parameter::is_secret);
                (wants_secret && literal(&argument.value).is_some()) || of_expr(&argument.value)
            };
            written.arguments.iter().any(is_secret)
        }
    }
}

/// Whether bytes, as far as they are written, are a command that a trace would redact.
fn is_pin_command(pieces: &Pieces) -> bool {
    let nibbles = pieces.pieces.iter().map_while(|piece| match piece {
        Piece::Nibbles(nibbles) => Some(nibbles),
        Piece::Text(_) | Piece::Value(_) => None,
    });
    let nibbles: Vec<_> = nibbles.flatten().map_while(|nibble| *nibble).collect();
    let (pairs, _) = nibbles.as_chunks::<2>();
    let mut bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    let is_all = pieces.pieces.iter().all(|piece| matches!(piece, Piece::Nibbles(_)));
    if !is_all {
        bytes.push(0);
    }
    sscard_host::secret_part(&bytes).is_some()
}

fn of_pieces(pieces: &Pieces) -> bool {
    pieces.pieces.iter().any(|piece| match piece {
        Piece::Value(expr) => of_expr(expr),
        Piece::Nibbles(_) | Piece::Text(_) => false,
    })
}

fn of_expr(expr: &Expr) -> bool {
    match &expr.value {
        Value::Call { name, arguments } => {
            let parameters = function(name).map_or(&[][..], |function| function.parameters);
            let mut given = parameters.iter().zip(arguments);
            given.any(|(parameter, value)| parameter.is_secret() && literal(value).is_some())
                || arguments.iter().any(of_expr)
        }
        Value::Concat(all) | Value::Xor(all) => all.iter().any(of_expr),
        Value::Slice { of, .. } => of_expr(of),
        Value::Tlv { of, .. } => of.as_deref().is_some_and(of_expr),
        Value::Literal(_)
        | Value::Response
        | Value::Status
        | Value::Text(_)
        | Value::Variable(_) => false,
    }
}

/// How many characters of a value stand in the text itself.
fn literal(expr: &Expr) -> Option<usize> {
    match &expr.value {
        Value::Literal(word) => Some(word.len()),
        Value::Text(text) => {
            let lengths = text.parts.iter().filter_map(|part| match part {
                TextPart::Literal(literal) => Some(literal.len()),
                TextPart::Variable(_) => None,
            });
            lengths.reduce(|sum, length| sum + length)
        }
        Value::Concat(all) | Value::Xor(all) => {
            all.iter().filter_map(literal).reduce(|sum, length| sum + length)
        }
        Value::Slice { of, .. } => literal(of),
        // What only lays bytes out shows them.
        Value::Call { name, arguments } if BYTES.iter().any(|known| known.name == name) => {
            arguments.iter().filter_map(literal).reduce(|sum, length| sum + length)
        }
        Value::Call { .. }
        | Value::Response
        | Value::Status
        | Value::Tlv { .. }
        | Value::Variable(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::holds_secret;

    #[test]
    fn pins_and_keys_are_found() {
        for text in [
            "verify pin=123456",
            "verify 123456",
            "change_pin 123456 654321",
            "change_pin old=$old new=654321",
            "0020000003123456",
            "> 00 20 00 00 03 12 34 56",
            "00 20 00 00 03 $pin",
            "805E010007 123456FF654321",
            "let pin = 123456",
            "let pin = bcd(123456)",
            "let p = 123456",
            "let p = \"123456\"",
            "unblock_pin 11223344",
            "let master = 0123456789ABCDEFFEDCBA9876543210",
            "let x = left(0123456789ABCDEF, 4) || udk(3des, 0123456789ABCDEFFEDCBA9876543210, 62)",
            "let x = > 0020000003123456",
            "print kcv(sm4, 0123456789ABCDEFFEDCBA9876543210)",
            "expect pin_block(123456) == 00",
            "case \"a\" { verify 123456 }",
            "verify pin=12\"",
            "case \"a\" { let key = 00",
            "0020000003123456 $",
        ] {
            assert!(holds_secret(text), "{text}");
        }
    }

    #[test]
    fn the_rest_is_kept() {
        for text in [
            "select SSSE",
            "verify",
            "verify pin=$pin",
            "00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
            "00200000",
            "read_record sfi=5 rec=7",
            "let key = card_key(sm4, 999900, SSSE, 0A, card_factor(atr()))",
            "external_authenticate 0A (auth_data(sm4, $key, $challenge, $original) || $original)",
            "help verify",
            "case \"a\" {",
            "}",
        ] {
            assert!(!holds_secret(text) || text.starts_with("help"), "{text}");
        }
    }
}
