//! What `scriptor` prints: `> command`, `< answer : meaning` in rows of 16 bytes.
//!
//! Answers become expectations. A file's lines, which `scriptor` prints as it reads them, are compared
//! with the commands they led to.

use super::{Import, Level, Line, bytes_of_hex, lines, pieces};
use sscard_commands::ins;
use sscard_script::ast::{Directive, Expect, Protocol, Span, StatementKind};
use sscard_script::blank;

pub(super) fn import(text: &str, import: &mut Import) {
    let mut reader = Reader::default();
    for line in lines(text) {
        let line = Line { text: line.text.strip_suffix('\r').unwrap_or(line.text), ..line };
        reader.line(&line, import);
    }
    if let Some(answer) = reader.answer {
        import.note(answer.line, Level::Unsupported, "the answer does not end in ' : meaning'");
    }
    reader.echo.iter().for_each(|echo| echo.tell(import));
}

#[derive(Default)]
struct Reader {
    /// Whether a comment of ours says that the next command was redacted.
    is_redacted: bool,
    /// Lines that may be the file's own.
    echo: Vec<Echo>,
    /// An answer whose end has not come.
    answer: Option<Answer>,
    /// The latest command.
    command: Vec<u8>,
}

struct Answer {
    line: usize,
    start: usize,
    digits: String,
}

struct Echo {
    line: usize,
    digits: String,
}

impl Echo {
    fn of(line: &Line<'_>) -> Self {
        let digits = line.text.strip_suffix('\\').unwrap_or(line.text);
        Self { line: line.number, digits: without_spaces(digits) }
    }

    fn tell(&self, import: &mut Import) {
        let message = "neither a command ('> ') nor an answer ('< '), nor a line that led to one";
        import.note(self.line, Level::Unsupported, message);
    }
}

impl Reader {
    fn line(&mut self, line: &Line<'_>, import: &mut Import) {
        if let Some(mut answer) = self.answer.take() {
            answer.digits.push_str(line.text);
            self.finish(answer, line, import);
        } else if let Some(command) = line.text.strip_prefix("> ") {
            self.command(line, command.trim_end(), import);
        } else if let Some(answer) = line.text.strip_prefix("< ") {
            self.answer(line, answer, import);
        } else {
            self.other(line, import);
        }
    }

    fn command(&mut self, line: &Line<'_>, command: &str, import: &mut Import) {
        if command == "RESET" {
            self.echo.retain(|echo| !echo.digits.to_ascii_lowercase().contains("reset"));
            self.drop_echo(&[], import);
            self.command.clear();
            import.push(line.span(), StatementKind::Reset);
            return;
        }
        if std::mem::take(&mut self.is_redacted) {
            let message = "its PIN or key was overwritten when this was recorded";
            import.note(line.number, Level::Unsupported, message);
            self.command.clear();
            return;
        }
        match bytes_of_hex(&without_spaces(command)) {
            Some(bytes) if !bytes.is_empty() => {
                self.drop_echo(&bytes, import);
                import.command(line.span(), &bytes);
                self.command = bytes;
            }
            _ => {
                let message = format!("'{}' is not hex in pairs", blank(command));
                import.note(line.number, Level::Unsupported, message);
                self.command.clear();
            }
        }
    }

    /// Lines in front of a command have to be that command; the others are none of scriptor's.
    fn drop_echo(&mut self, command: &[u8], import: &mut Import) {
        let echo = std::mem::take(&mut self.echo);
        let digits: String = echo.iter().map(|echo| echo.digits.as_str()).collect();
        if bytes_of_hex(&digits).as_deref() != Some(command) {
            echo.iter().for_each(|echo| echo.tell(import));
        }
    }

    fn answer(&mut self, line: &Line<'_>, answer: &str, import: &mut Import) {
        if let Some(atr) = answer.strip_prefix("OK: ") {
            let message = format!("the card answered with ATR {}; not compared", atr.trim_end());
            import.note(line.number, Level::Note, message);
        } else if answer.starts_with("KO: ") {
            import.note(line.number, Level::Warning, "the reset failed when this was recorded");
        } else {
            let answer = Answer { line: line.number, start: line.start, digits: answer.to_owned() };
            self.finish(answer, line, import);
        }
    }

    /// The answer as it stands, or the rows to come.
    fn finish(&mut self, answer: Answer, line: &Line<'_>, import: &mut Import) {
        let Some((digits, _)) = answer.digits.split_once(" : ") else {
            // A meaning may be empty.
            match answer.digits.strip_suffix(" :") {
                Some(digits) => {
                    let digits = digits.to_owned();
                    self.expect(&Answer { digits, ..answer }, line, import);
                }
                None => self.answer = Some(answer),
            }
            return;
        };
        let digits = digits.to_owned();
        self.expect(&Answer { digits, ..answer }, line, import);
    }

    fn expect(&self, answer: &Answer, last: &Line<'_>, import: &mut Import) {
        let span = Span { start: answer.start, end: last.span().end };
        let bytes = bytes_of_hex(&without_spaces(&answer.digits));
        let Some((data, status)) = bytes.as_deref().and_then(<[u8]>::split_last_chunk::<2>) else {
            let message = "the answer is not hex that ends in a status word";
            import.note(answer.line, Level::Unsupported, message);
            return;
        };
        if self.command.is_empty() {
            import.note(answer.line, Level::Unsupported, "an answer without its command");
            return;
        }
        import.expect_sw(span, *status);
        if data.is_empty() {
            import.push(span, StatementKind::Expect(Expect::Len { from: 0, to: 0 }));
        } else if self.command.get(1) == Some(&ins::GET_CHALLENGE) {
            let to = data.len();
            import.push(span, StatementKind::Expect(Expect::Len { from: to, to }));
            import.note(answer.line, Level::Note, "random bytes: only their number is compared");
        } else {
            import.push(span, StatementKind::Expect(Expect::Data(pieces(span, data))));
        }
    }

    fn other(&mut self, line: &Line<'_>, import: &mut Import) {
        let text = line.text.trim();
        let protocol = match text {
            "Using T=0 protocol" => Some(Protocol::T0),
            "Using T=1 protocol" => Some(Protocol::T1),
            _ => None,
        };
        if let Some(protocol) = protocol {
            import.push(line.span(), StatementKind::Directive(Directive::Protocol(protocol)));
            return;
        }
        let is_banner =
            ["Using given ", "No reader given: ", "Reading commands from ", "Trying T="]
                .iter()
                .any(|banner| text.starts_with(banner));
        if text.to_ascii_lowercase().contains("exit") {
            import.note(line.number, Level::Note, "the recorded file ended here");
            return;
        }
        self.is_redacted |= text.starts_with("# sscard: {") && text.contains("\"redacted\":true");
        if is_banner || text.is_empty() || line.text.starts_with('#') {
            return;
        }
        self.echo.push(Echo::of(line));
    }
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|character| !matches!(character, ' ' | '\t')).collect()
}
