//! Scripts of `apdutool` (Java Card kits): `.scr`.
//!
//! ```text
//! file    = { comment | command ";" | capdu ";" }
//! capdu   = CLA INS P1 P2 LC { byte } LE            LE is always written
//! byte    = decimal | 0xHEX | 0octal | 'c' | "string"
//! command = powerup | powerdown | delay INT | echo "str" | output on|off | extended on|off
//!         | contacted | contactless | select //aid/RID/PIX ["on" channel]
//! ```
//!
//! LC 00 stands for no data: it is left out, and the command is of case 2. [choice]: under
//! `extended on` a command whose LC is 00 may go on with two bytes of LC, data and two of LE, or with
//! two bytes of LE alone, as in ISO/IEC 7816-4.

mod lexer;

use super::{Import, ImportOptions, Le, Level};
use lexer::{Lexer, Token, What};
use sscard_commands::ins;
use sscard_script::ast::{
    CommandText, Directive, Expect, Expr, Piece, Pieces, Span, StatementKind, SwPattern, Text,
    TextPart, Value, VerbArgument, VerbCall,
};

pub(super) fn import(text: &str, options: &ImportOptions, import: &mut Import) {
    let mut reader = Reader {
        options,
        import,
        power: Power::Never,
        extended: false,
        commanded: false,
        adoptable: 0,
    };
    let mut lexer = Lexer::new(text);
    let mut statement: Vec<Token<'_>> = Vec::new();
    // A comment is an answer when it stands directly behind a command.
    let mut behind_command = false;
    while let Some(token) = lexer.next() {
        match token.what {
            What::Comment(comment) if statement.is_empty() => {
                if behind_command {
                    reader.comment(&token, comment);
                }
                behind_command = false;
            }
            What::Comment(_) => {}
            What::End => {
                behind_command = reader.statement(&statement);
                statement.clear();
            }
            _ => {
                behind_command = false;
                statement.push(token);
            }
        }
    }
    if let Some(first) = statement.first() {
        let open = statement.iter().find(|token| matches!(token.what, What::Open(_)));
        let reason = match open.map(|token| token.bytes(&mut Vec::new())) {
            Some(Err(reason)) => reason,
            _ => "the last statement has no ';'".to_owned(),
        };
        reader.import.note(first.line, Level::Unsupported, reason);
    }
    if reader.adoptable > 0 && !options.adopt_comments {
        let line = text.lines().count().max(1);
        let message = format!(
            "{} comments look like answers; --adopt-comments compares them",
            reader.adoptable
        );
        reader.import.note(line, Level::Note, message);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Power {
    Never,
    On,
    Off,
}

struct Reader<'o> {
    options: &'o ImportOptions,
    import: &'o mut Import,
    power: Power,
    extended: bool,
    /// Whether a statement has gone to the card.
    commanded: bool,
    /// Comments that look like answers.
    adoptable: usize,
}

impl Reader<'_> {
    /// Whether it was a command for the card.
    fn statement(&mut self, tokens: &[Token<'_>]) -> bool {
        let [first, rest @ ..] = tokens else { return false };
        let last = tokens.last().unwrap_or(first);
        let span = Span { start: first.span.start, end: last.span.end };
        let outcome = match first.what {
            What::Word(word) if !word.starts_with(|c: char| c.is_ascii_digit()) => {
                self.command(first.line, span, &word.to_ascii_lowercase(), rest)
            }
            _ => self.capdu(first.line, span, tokens).map(|()| true),
        };
        outcome.unwrap_or_else(|reason| {
            self.import.note(first.line, Level::Unsupported, reason);
            false
        })
    }

    fn note(&mut self, line: usize, level: Level, message: &str) -> Result<bool, String> {
        self.import.note(line, level, message);
        Ok(false)
    }

    fn command(
        &mut self,
        line: usize,
        span: Span,
        name: &str,
        rest: &[Token<'_>],
    ) -> Result<bool, String> {
        let whats: Vec<What<'_>> = rest.iter().map(|token| token.what).collect();
        match (name, &whats[..]) {
            ("powerup", []) => {
                self.power = Power::On;
                self.import.push(span, StatementKind::Reset);
                Ok(false)
            }
            ("powerdown", []) => {
                self.power = Power::Off;
                self.note(line, Level::Note, "powerdown: the next powerup resets the card")
            }
            ("delay", [What::Word(time)]) if time.parse::<u64>().is_ok() => {
                self.note(line, Level::Warning, "delay: scripts here do not wait")
            }
            ("echo", [What::Text(text)]) => {
                self.import.push(span, StatementKind::Print(print_of(span, text)));
                Ok(false)
            }
            ("output", [What::Word(switch)]) => {
                on_or_off(switch)?;
                self.note(line, Level::Note, "output: concerns what apdutool shows")
            }
            ("extended", [What::Word(switch)]) => {
                self.extended = on_or_off(switch)?;
                Ok(false)
            }
            ("contacted", []) if !self.commanded => {
                self.note(line, Level::Note, "contacted: as every script begins")
            }
            ("contactless", []) if !self.commanded => {
                self.import.push(span, StatementKind::Directive(Directive::Contactless));
                Ok(false)
            }
            ("contacted" | "contactless", []) => {
                Err(format!("{name}: the interface cannot change within a script"))
            }
            ("select", [What::Aid(aid), channel @ ..]) => {
                let channel = channel_of(channel)?;
                self.powered(line)?;
                self.select(span, &aid_of(aid)?, channel)
            }
            ("open" | "close" | "send", _) => Err(format!("{name}: its syntax is not known")),
            (
                "powerup" | "powerdown" | "delay" | "echo" | "output" | "extended" | "contacted"
                | "contactless" | "select",
                _,
            ) => Err(format!("{name} has the wrong syntax")),
            _ => Err(format!("'{name}' is not a command of apdutool")),
        }
    }

    /// Commands need power.
    fn powered(&mut self, line: usize) -> Result<(), String> {
        self.commanded = true;
        match self.power {
            Power::On => Ok(()),
            Power::Off => Err("the card has no power here: powerup is missing".to_owned()),
            Power::Never => {
                self.power = Power::On;
                let message = "apdutool wants powerup in front of the first command";
                self.import.note(line, Level::Warning, message);
                Ok(())
            }
        }
    }

    fn select(&mut self, span: Span, aid: &[u8], channel: u8) -> Result<bool, String> {
        if channel == 0 {
            let name = Value::Literal(aid.iter().map(|byte| format!("{byte:02X}")).collect());
            let value = Expr { span, value: name };
            let arguments = vec![VerbArgument { span, name: None, value }];
            let verb = VerbCall { span, name: "select".to_owned(), arguments };
            self.import.push(span, StatementKind::Command(CommandText::Verb(verb)));
            return Ok(true);
        }
        let length = u8::try_from(aid.len()).map_err(|error| error.to_string())?;
        let command = [&[channel, ins::SELECT, 0x04, 0x00, length][..], aid, &[0x00]].concat();
        self.import.command(span, &command);
        Ok(true)
    }

    fn capdu(&mut self, line: usize, span: Span, tokens: &[Token<'_>]) -> Result<(), String> {
        let mut bytes = Vec::new();
        for token in tokens {
            token.bytes(&mut bytes)?;
        }
        let command = self.assembled(&bytes)?;
        self.powered(line)?;
        self.import.command(span, &command);
        Ok(())
    }

    /// The command that is sent for what is written.
    fn assembled(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let Some((header, [lc, rest @ ..])) = bytes.split_at_checked(4) else {
            return Err("a command is CLA INS P1 P2 LC, data, LE".to_owned());
        };
        if self.extended && *lc == 0 && rest.len() > 1 {
            return self.assembled_extended(header, rest);
        }
        let Some((le, data)) = rest.split_last() else {
            return Err("LE is missing: apdutool has it written always".to_owned());
        };
        if data.len() != usize::from(*lc) {
            return Err(format!(
                "LC is {lc}, but {} of data follow",
                sscard_lexicon::counted(data.len(), "byte")
            ));
        }
        let le: &[u8] = match self.options.le {
            Le::Keep => &[*le],
            Le::Zero => &[0],
            // Without data Le is what the command is about.
            Le::Drop if data.is_empty() => &[*le],
            Le::Drop => &[],
        };
        Ok(match data {
            [] => [header, le].concat(),
            _ => [header, &[*lc], data, le].concat(),
        })
    }

    fn assembled_extended(&self, header: &[u8], rest: &[u8]) -> Result<Vec<u8>, String> {
        if let [high, low] = rest {
            let le = if self.options.le == Le::Zero { [0, 0] } else { [*high, *low] };
            return Ok([header, &[0], &le].concat());
        }
        let parts = rest.split_first_chunk::<2>().and_then(|(lc, rest)| {
            let (data, le) = rest.split_last_chunk::<2>()?;
            Some((lc, data, le))
        });
        let Some((lc, data, le)) = parts else {
            return Err("an extended command is CLA INS P1 P2 00 LC LC, data, LE LE".to_owned());
        };
        let count = usize::from(u16::from_be_bytes(*lc));
        if data.len() != count || count == 0 {
            return Err(format!(
                "LC is {count}, but {} of data follow",
                sscard_lexicon::counted(data.len(), "byte")
            ));
        }
        let le: &[u8] = match self.options.le {
            Le::Keep => le,
            Le::Zero => &[0, 0],
            Le::Drop => &[],
        };
        Ok([header, &[0], lc, data, le].concat())
    }

    fn comment(&mut self, token: &Token<'_>, comment: &str) {
        let Some((mask, status)) = answer_of(token.span, comment) else { return };
        self.adoptable = self.adoptable.saturating_add(1);
        if !self.options.adopt_comments {
            return;
        }
        self.import.note(token.line, Level::Note, "expectation adopted from a comment");
        self.import.push(token.span, StatementKind::Expect(Expect::Sw(vec![status])));
        if let Some(mask) = mask {
            self.import.push(token.span, StatementKind::Expect(Expect::Data(mask)));
        }
    }
}

/// `xx .. 90 00`: data with wildcards, and a status word; words may follow.
fn answer_of(span: Span, comment: &str) -> Option<(Option<Pieces>, SwPattern)> {
    let digit = |c: char| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut digits: Vec<Option<u8>> = Vec::new();
    let mut open = false;
    let mut status = None;
    for word in comment.split_whitespace() {
        let pair: Vec<char> = word.chars().collect();
        match pair[..] {
            ['.', '.'] if !open => open = true,
            ['x' | 'X', 'x' | 'X'] if !open => digits.extend([None, None]),
            [high, low] if digit(high).is_some() && digit(low).is_some() => {
                if open {
                    status.get_or_insert_with(Vec::new).extend([digit(high), digit(low)]);
                } else {
                    digits.extend([digit(high), digit(low)]);
                }
            }
            _ => break,
        }
    }
    let status = match status {
        Some(status) => status,
        None if open => return None,
        None => digits.split_off(digits.len().checked_sub(4)?),
    };
    let status = <[Option<u8>; 4]>::try_from(status).ok()?;
    if !matches!(status, [Some(6 | 9), Some(_), Some(_), Some(_)]) {
        return None;
    }
    let says_something = !digits.is_empty();
    let mask = Pieces { span, pieces: vec![Piece::Nibbles(digits)], open };
    Some((says_something.then_some(mask), SwPattern(status)))
}

fn on_or_off(switch: &str) -> Result<bool, String> {
    match switch.to_ascii_lowercase().as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(format!("on or off, not '{other}'")),
    }
}

fn channel_of(tokens: &[What<'_>]) -> Result<u8, String> {
    match tokens {
        [] => Ok(0),
        [What::Word(on), What::Word(channel)] if on.eq_ignore_ascii_case("on") => {
            let number = channel.parse::<u8>().ok().filter(|number| *number < 4);
            number.ok_or_else(|| format!("a channel is 0 to 3, not '{channel}'"))
        }
        _ => Err("select has the wrong syntax".to_owned()),
    }
}

/// `//aid/RID/PIX`
fn aid_of(aid: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("'{aid}' is not an AID: //aid/RID/PIX");
    let digits = aid.get("//aid/".len()..).ok_or_else(wrong)?;
    let (rid, pix) = digits.split_once('/').unwrap_or((digits, ""));
    let bytes = super::bytes_of_hex(&format!("{rid}{pix}")).ok_or_else(wrong)?;
    if rid.len() != 10 || bytes.len() > 16 { Err(wrong()) } else { Ok(bytes) }
}

fn print_of(span: Span, text: &str) -> Expr {
    let parts = match text {
        "" => Vec::new(),
        text => vec![TextPart::Literal(text.to_owned())],
    };
    Expr { span, value: Value::Text(Text { parts }) }
}
