//! A part of GPShell: select, APDUs without a secure channel, GET DATA, print.
//!
//! One command a line, `-name value` behind it; `#` or `//` begins a comment at the line's start;
//! `${NAME}` is expanded anywhere. [choice]: 61xx and 6Cxx are followed, as that program does; a command
//! that stops it on an error expects 9000; GET DATA is `80 CA identifier 00`.

use super::{Import, ImportOptions, Level, Line, bytes_of_hex, lines};
use sscard_commands::ins;
use sscard_script::ast::{
    CommandText, Directive, Expr, Mode, Protocol, StatementKind, Text, TextPart, Value,
    VerbArgument, VerbCall,
};
use sscard_script::blank;

/// Commands that prepare the program, not the card.
const PREPARATION: [&str; 9] = [
    "mode_201",
    "mode_211",
    "visa_key_derivation",
    "emv_cps11_key_derivation",
    "enable_trace",
    "enable_timer",
    "establish_context",
    "release_context",
    "card_disconnect",
];

/// Whether a line can only be GPShell's.
pub(super) fn is_first_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let word = words.next().unwrap_or("");
    PREPARATION.contains(&word)
        || matches!(word, "card_connect" | "send_apdu" | "send_apdu_nostop" | "open_sc")
        || matches!(word, "select" | "get_data" if words.next().is_some_and(|w| w.starts_with('-')))
}

pub(super) fn import(text: &str, options: &ImportOptions, import: &mut Import) {
    let mut connected = false;
    let mut followed = false;
    for line in lines(text) {
        let content = line.text.trim_start_matches('\u{FEFF}').trim();
        if content.is_empty() || content.starts_with('#') || content.starts_with("//") {
            continue;
        }
        let outcome = expanded(content, options).and_then(|content| {
            let mut words = content.split_whitespace();
            let name = words.next().unwrap_or("");
            let rest = content.get(name.len()..).unwrap_or("").trim();
            if name == "print" {
                import.push(line.span(), StatementKind::Print(text_of(&line, rest)));
                return Ok(());
            }
            if PREPARATION.contains(&name) {
                let message = format!("{name}: nothing to do here");
                import.note(line.number, Level::Note, message);
                return Ok(());
            }
            let arguments = Arguments::of(words)?;
            if name == "card_connect" {
                return connect(&line, &arguments, std::mem::replace(&mut connected, true), import);
            }
            let sent = sent(&line, name, &arguments)?;
            if !std::mem::replace(&mut followed, true) {
                let mode = StatementKind::Directive(Directive::Mode(Mode::Auto));
                import.push(line.span(), mode);
            }
            import.push(line.span(), StatementKind::Command(sent));
            if name != "send_apdu_nostop" && !arguments.no_stop {
                import.expect_sw(line.span(), [0x90, 0x00]);
            }
            Ok(())
        });
        if let Err(reason) = outcome {
            import.note(line.number, Level::Unsupported, reason);
        }
    }
}

/// With its `${NAME}`.
fn expanded(line: &str, options: &ImportOptions) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or("'${' is not closed")?;
        let value = options.environment.get(name);
        text.push_str(before);
        text.push_str(value.ok_or_else(|| format!("${{{name}}} has no value"))?);
        rest = after;
    }
    Ok(text + rest)
}

/// `-name value`, in any order.
#[derive(Default)]
struct Arguments {
    named: Vec<(String, String)>,
    no_stop: bool,
}

impl Arguments {
    fn of<'w>(mut words: impl Iterator<Item = &'w str>) -> Result<Self, String> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            let name =
                word.strip_prefix('-').ok_or_else(|| format!("'{word}' is not an option"))?;
            if name.eq_ignore_ascii_case("noStop") {
                arguments.no_stop = true;
                continue;
            }
            let value = words.next().ok_or_else(|| format!("-{name} has no value"))?;
            arguments.named.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        Ok(arguments)
    }

    fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.named.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(format!("-{name} is not known here")),
            None => Ok(()),
        }
    }

    fn get(&self, wanted: &str) -> Option<&str> {
        self.named.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    fn hex(&self, name: &str) -> Result<Vec<u8>, String> {
        let digits = self.get(name).ok_or_else(|| format!("-{name} is missing"))?;
        let bytes = bytes_of_hex(digits).filter(|bytes| !bytes.is_empty());
        bytes.ok_or_else(|| format!("'{}' is not hex in pairs", blank(digits)))
    }
}

fn connect(
    line: &Line<'_>,
    arguments: &Arguments,
    again: bool,
    import: &mut Import,
) -> Result<(), String> {
    arguments.only(&["reader", "readernumber", "protocol"])?;
    match arguments.get("protocol") {
        None => {}
        Some("0") => {
            import.push(line.span(), StatementKind::Directive(Directive::Protocol(Protocol::T0)));
        }
        Some("1") => {
            import.push(line.span(), StatementKind::Directive(Directive::Protocol(Protocol::T1)));
        }
        Some(other) => return Err(format!("-protocol {other}: 0 or 1")),
    }
    if again {
        import.push(line.span(), StatementKind::Reset);
    }
    let message = "card_connect: the reader is chosen when the script is run";
    import.note(line.number, Level::Note, message);
    Ok(())
}

/// The command that goes to the card.
fn sent(line: &Line<'_>, name: &str, arguments: &Arguments) -> Result<CommandText, String> {
    let raw = |bytes: &[u8]| CommandText::Raw(super::pieces(line.span(), bytes));
    match name {
        "select" => {
            arguments.only(&["aid"])?;
            let aid = arguments.hex("aid")?;
            if aid.len() > 16 {
                return Err("an AID has at most 16 bytes".to_owned());
            }
            let digits = aid.iter().map(|byte| format!("{byte:02X}")).collect();
            let (span, name) = (line.span(), "select".to_owned());
            let value = Expr { span, value: Value::Literal(digits) };
            let arguments = vec![VerbArgument { span, name: None, value }];
            Ok(CommandText::Verb(VerbCall { span, name, arguments }))
        }
        "send_apdu" | "send_apdu_nostop" => {
            arguments.only(&["sc", "apdu"])?;
            match arguments.get("sc") {
                Some("0") => Ok(raw(&arguments.hex("apdu")?)),
                Some(_) => Err("there is no secure channel: -sc 0 only".to_owned()),
                None => Err("-sc 0 is missing".to_owned()),
            }
        }
        "get_data" => {
            arguments.only(&["identifier"])?;
            match arguments.hex("identifier")?[..] {
                [high, low] => Ok(raw(&[0x80, ins::GET_DATA, high, low, 0x00])),
                _ => Err("an identifier has two bytes".to_owned()),
            }
        }
        _ => Err(format!("{name} is not supported")),
    }
}

fn text_of(line: &Line<'_>, text: &str) -> Expr {
    let parts = match text {
        "" => Vec::new(),
        text => vec![TextPart::Literal(text.to_owned())],
    };
    Expr { span: line.span(), value: Value::Text(Text { parts }) }
}
