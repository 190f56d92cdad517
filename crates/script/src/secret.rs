//! Lines that nobody should find in a history: those that may hold a PIN or a key.

use crate::ast::{
    Bound, CommandText, Expect, Expr, FaultRequest, Piece, Pieces, Statement, StatementKind, Text,
    TextPart, Value, VerbArgument,
};
use crate::functions::function;
use crate::quote::{PIN, digits};
use crate::value::{Parameter, ParameterKind as Wanted};
use crate::verbs::verb;
use crate::{SourceText, parse};

/// Whether a text may hold a PIN or a key. `[choice]` Four digits are enough, wherever they stand,
/// unless they name a file, a tag, a length field or the like: better a line too few in a history
/// than a PIN in it.
#[must_use]
pub fn holds_secret(text: &str) -> bool {
    let comments = text.lines().filter_map(|line| line.split_once('#'));
    match parse(&SourceText::new("", text)) {
        Ok(script) => {
            comments.map(|(_, comment)| digits(comment)).any(|digits| digits >= PIN)
                || script.items.iter().any(of_item)
        }
        Err(_) => digits(text) >= PIN,
    }
}

fn of_item(item: &Statement) -> bool {
    match &item.kind {
        StatementKind::Command(command)
        | StatementKind::Let { value: Bound::Command(command), .. } => of_command(command),
        StatementKind::Let { value: Bound::Expr(expr), .. } | StatementKind::Print(expr) => {
            of_expr(expr)
        }
        StatementKind::Expect(expect) => match expect {
            Expect::Equal { found, wanted } => of_expr(found) || of_pieces(wanted, 0),
            Expect::Data(pieces) | Expect::Tlv { value: pieces, .. } => of_pieces(pieces, 0),
            Expect::Len { from, to } => of_numbers([Some(from), Some(to)]),
            Expect::Sw(_) => false,
        },
        StatementKind::Case { name, body } => in_text(name) >= PIN || body.iter().any(of_item),
        StatementKind::For { body, .. } => body.iter().any(of_item),
        // Bytes that a command gets on its way may be a PIN or a key.
        StatementKind::Fault(FaultRequest::Set(faults)) => {
            faults.iter().any(|fault| fault.starts_with("command:") && digits(fault) >= PIN)
        }
        StatementKind::Directive(_)
        | StatementKind::Fault(_)
        | StatementKind::Exit
        | StatementKind::Include { .. }
        | StatementKind::Reset => false,
    }
}

fn of_command(command: &CommandText) -> bool {
    match command {
        CommandText::Raw(pieces) => {
            let header = match pieces.pieces.first() {
                Some(Piece::Nibbles(nibbles)) => &nibbles[..],
                _ => &[],
            };
            let is_harmless = match header {
                [_, _, Some(high), Some(low), ..] => sscard_commands::is_public(high << 4 | low),
                _ => false,
            };
            // CLA INS P1 P2 and a length field, or all of it.
            let harmless = match header.len() {
                0..8 => 0,
                _ if is_harmless => usize::MAX,
                length => length.min(10),
            };
            of_pieces(pieces, harmless)
        }
        CommandText::Verb(written) => {
            let Some(known) = verb(&written.name) else {
                let values = written.arguments.iter().map(|argument| in_expr(&argument.value));
                return values.sum::<usize>().saturating_add(digits(&written.name)) >= PIN;
            };
            let count = |(place, argument): (usize, &VerbArgument)| {
                let parameter = match &argument.name {
                    Some(name) => known.parameters.iter().find(|known| known.name == *name),
                    None => known.parameters.get(place),
                };
                in_argument(parameter, &argument.value)
            };
            written.arguments.iter().enumerate().map(count).sum::<usize>() >= PIN
        }
    }
}

/// Whether pieces hold a secret behind so many digits.
fn of_pieces(pieces: &Pieces, harmless: usize) -> bool {
    let written = pieces.pieces.iter().map(|piece| match piece {
        Piece::Nibbles(nibbles) => nibbles.len(),
        Piece::Text(text) => in_text(text),
        Piece::Value(_) => 0,
    });
    let value = |piece: &Piece| matches!(piece, Piece::Value(expr) if of_expr(expr));
    written.sum::<usize>().saturating_sub(harmless) >= PIN || pieces.pieces.iter().any(value)
}

fn of_expr(expr: &Expr) -> bool {
    in_expr(expr) >= PIN
}

/// Digits of an argument, unless they name something.
fn in_argument(parameter: Option<&Parameter>, value: &Expr) -> usize {
    let digits = in_expr(value);
    let names_something = match (parameter.map(|parameter| parameter.kind), &value.value) {
        (Some(Wanted::Name(names)), Value::Literal(word)) => names.contains(&word.as_str()),
        (Some(Wanted::Bytes(_, 0..=2)), _) => digits <= 4,
        // A file identifier or a DF name.
        (Some(Wanted::File), Value::Literal(_)) => digits == 4 || digits >= 10,
        _ => false,
    };
    // A short PIN is none, but what was meant to be one is not kept either.
    let is_pin = parameter.is_some_and(|parameter| {
        matches!(parameter.kind, Wanted::Digits(..))
            && matches!(parameter.name, "pin" | "old" | "new")
    });
    match digits {
        _ if names_something => 0,
        1.. if is_pin => PIN,
        digits => digits,
    }
}

/// Whether a length or a place has as many digits as a PIN.
fn of_numbers(numbers: [Option<&usize>; 2]) -> bool {
    numbers.into_iter().flatten().any(|number| *number >= 1000)
}

/// Digits that stand in a value.
fn in_expr(expr: &Expr) -> usize {
    match &expr.value {
        Value::Literal(word) => digits(word),
        Value::Text(text) => in_text(text),
        Value::Call { name, arguments } => {
            let parameters = function(name).map_or(&[][..], |function| function.parameters);
            let parameters = parameters.iter().map(Some).chain(std::iter::repeat(None));
            arguments.iter().zip(parameters).map(|(value, known)| in_argument(known, value)).sum()
        }
        Value::Concat(all) | Value::Xor(all) => all.iter().map(in_expr).sum(),
        Value::Slice { from, to, .. } if of_numbers([from.as_ref(), to.as_ref()]) => PIN,
        Value::Slice { of, .. } => in_expr(of),
        Value::Tlv { of, .. } => of.as_deref().map_or(0, in_expr),
        Value::Response | Value::Status | Value::Variable(_) => 0,
    }
}

fn in_text(text: &Text) -> usize {
    let parts = text.parts.iter().map(|part| match part {
        TextPart::Literal(literal) => digits(literal),
        TextPart::Variable(_) => 0,
    });
    parts.sum()
}

#[cfg(test)]
mod tests {
    use super::holds_secret;

    #[test]
    fn pins_and_keys_are_found() {
        for text in [
            "verify pin=123456",
            "verify 123456",
            "verify 12",
            "verify emv 123456",
            "verify format=123456",
            "read_record mode=123456",
            "authenticate 12 df=123456",
            "get_data 123456",
            "expect len 123456",
            "print resp[0..123456]",
            "verify pin=１２３４５６",
            "１２３４５６",
            "verify \\\n123456",
            "verfy 123456",
            "VERIFY pin=123456",
            "help verify 123456",
            "snapshot 123456",
            "123456",
            "\"123456\"",
            "change_pin 123456 654321",
            "change_pin old=$old new=654321",
            "0020000003123456",
            "002000000312345g",
            "> 00 20 00 00 03 12 34 56",
            "> 00 20 00 00 03 \\\n12 34 56",
            "> 00 20 00 00 03 12 34",
            "0020 0000 12 34 56",
            "> (0020000003123456)",
            "> 00 20 00 00 (len(bcd(123456))) (bcd(123456))",
            "> 00 A4 00 00 02 (bcd(123456))",
            "> $v 123456",
            "805E010007 123456FF654321",
            "let pin = 123456",
            "let pin = \\\n123456",
            "let p = bcd(123456)",
            "let p = \"123456\"",
            "let p = \"12\" || \"3456\"",
            "let p = 12 || 34 || 56",
            "let p = u32(123456)",
            "let p = 0x123456",
            "let p = 12:34:56",
            "unblock_pin 11223344",
            "let master = 0123456789ABCDEFFEDCBA9876543210",
            "let master = ABCDEFABCDEFABCD",
            "let k = 0123456789ABCDEF ^ FEDCBA9876543210",
            "let k = sha1(0123456789ABCDEF)[0..16]",
            "let x = left(0123456789ABCDEF, 4) || udk(3des, 0123456789ABCDEFFEDCBA9876543210, 62)",
            "let x = > 0020000003123456",
            "let x = verify 123456",
            "print kcv(sm4, 0123456789ABCDEFFEDCBA9876543210)",
            "print 0123456789ABCDEFFEDCBA9876543210",
            "expect 0123456789ABCDEF == 00",
            "expect $x == 0123456789ABCDEF",
            "expect data 123456",
            "expect pin_block(123456) == 00",
            "external_authenticate 0A 0123456789ABCDEFFEDCBA9876543210",
            "update_record sfi=1 rec=1 data=0123456789ABCDEFFEDCBA9876543210",
            "case \"a\" { verify 123456 }",
            "case \"pin 123456\" { }",
            "for row in csv \"a.csv\" { verify 123456 }",
            "verify pin=12345\"",
            "case \"a\" { let key = 0123",
            "# verify pin=123456",
            "select SSSE # pin is 123456",
            "select 123456",
            "reset; verify 123456",
        ] {
            assert!(holds_secret(text), "{text}");
        }
    }

    #[test]
    fn the_rest_is_kept() {
        for text in [
            "select SSSE",
            "select EF05",
            "select 3F00 # the master file",
            "select A000000333010101",
            "verify",
            "verify pin=$pin",
            "00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
            "00 B2 07 2C 00",
            "00200000",
            "0084000008",
            "read_record sfi=5 rec=7",
            "get_data 9F79",
            "get_challenge 8",
            "expect sw 9000|63C?",
            "expect tlv 6F/84 == $aid",
            "expect len 16",
            "let c = get_challenge 8",
            "let fci = tlv 6F/A5/9F0C",
            "print resp[2..9]",
            "let key = card_key(sm4, $city, SSSE, 0A, card_factor(atr()))",
            "external_authenticate 0A (auth_data(sm4, $key, $challenge, $original) || $original)",
            "include \"lib/bank.apdu\"",
            "@seed 7",
            "help verify",
            "selekt SSSE",
            "snapshot before",
            "case \"a\" {",
            "}",
        ] {
            assert!(!holds_secret(text), "{text}");
        }
    }
}
