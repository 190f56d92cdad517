//! Golden files: what every exchange of a script was, as text a person can review.
//!
//! ```text
//! > 00840000 08
//! < xxxxxxxxxxxxxxxx9000
//! ```
//!
//! `x` stands for any digit, in commands too; PINs are `*`. Recording anew keeps the `x` of lines
//! that are as long as before.

use std::fmt::Write;

use sscard_host::Exchange;
use sscard_lexicon::{Vocabulary, counted};

use crate::ScriptError;
use crate::SourceText;
use crate::ast::Span;
use crate::mask::Mask;
use crate::report::{Failure, Observer, ScriptPlace, explained};

/// What a script's exchanges have to be.
#[derive(Clone, Debug, Default)]
pub struct Golden {
    /// Commands and responses, `x` for any digit.
    exchanges: Vec<[String; 2]>,
}

impl Golden {
    /// Reads a golden file.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn parse(source: &SourceText) -> Result<Self, Box<ScriptError>> {
        source.has_fitting_lines()?;
        let mut golden = Self::default();
        let mut command: Option<String> = None;
        let mut start = 0_usize;
        for line in source.text.split_inclusive('\n') {
            let span = Span { start, end: start.saturating_add(line.trim_end().len()) };
            start = start.saturating_add(line.len());
            let wrong = |message: &str| ScriptError::new(source, span, message);
            let line = line.trim_start_matches('\u{FEFF}').trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let digits: String = line.chars().skip(1).filter(|c| !c.is_whitespace()).collect();
            let is_reason = line.starts_with("< !");
            if !is_reason && Mask::of(&digits.replace('*', "x")).is_none() {
                return Err(wrong("a golden line is hex, x for any digit"));
            }
            match (line.get(..1), command.take()) {
                (Some(">"), None) => command = Some(digits),
                (Some("<"), Some(command)) => golden.exchanges.push([command, digits]),
                _ => return Err(wrong("a golden file has '>' and '<' lines in turns")),
            }
        }
        match command {
            Some(_) => {
                let end = source.text.len();
                Err(ScriptError::new(
                    source,
                    Span { start: end, end },
                    "the last response is missing",
                ))
            }
            None => Ok(golden),
        }
    }

    /// How an exchange differs from the one of this number.
    pub(crate) fn difference(&self, number: usize, exchange: &Exchange) -> Option<Failure> {
        let found = lines(exchange);
        let place = number.saturating_add(1);
        let Some(wanted) = self.exchanges.get(number) else {
            let message = format!(
                "the golden file ends after {}, but there is one more here",
                counted(number, "exchange")
            );
            return Some(Failure { message, difference: String::new() });
        };
        for ((wanted, found), what) in wanted.iter().zip(&found).zip(["command", "response"]) {
            if fits(wanted, found) {
                continue;
            }
            let message = format!("{what} {place} is not the golden one");
            let mask = Mask::of(&wanted.replace('*', "x"));
            let bytes = Mask::of(&found.replace('*', "0")).map(|found| packed(&found.digits));
            let difference = match (mask, bytes) {
                (Some(mask), Some(bytes)) => mask.difference(&bytes),
                _ => format!("expected {wanted}\nfound    {found}\n"),
            };
            return Some(Failure { message, difference });
        }
        None
    }

    /// What is missing when a run ends after so many exchanges.
    pub(crate) fn rest(&self, done: usize) -> Option<Failure> {
        let missing = self.exchanges.len().checked_sub(done).filter(|missing| *missing > 0)?;
        let message = format!("the golden file has {}", counted(missing, "more exchange"));
        Some(Failure { message, difference: String::new() })
    }
}

fn fits(wanted: &str, found: &str) -> bool {
    wanted.len() == found.len()
        && wanted.chars().zip(found.chars()).all(|(wanted, found)| {
            matches!(wanted, 'x' | 'X' | '?') || wanted.eq_ignore_ascii_case(&found)
        })
}

fn packed(digits: &[Option<u8>]) -> Vec<u8> {
    let pairs = digits.as_chunks::<2>().0.iter();
    pairs.map(|[high, low]| high.unwrap_or(0) << 4 | low.unwrap_or(0)).collect()
}

/// Command and response as they stand in a golden file.
fn lines(exchange: &Exchange) -> [String; 2] {
    let response = match &exchange.response {
        Ok(_) => exchange.response_hex(),
        Err(error) => format!("!{}", error.to_string().replace(' ', "")),
    };
    [exchange.command_hex(), response]
}

/// A new line with the `x` of the one it replaces, when that is as long.
fn kept(old: &str, new: &str) -> String {
    if old.len() != new.len() {
        return new.to_owned();
    }
    let pairs = old.chars().zip(new.chars());
    pairs.map(|(old, new)| if matches!(old, 'x' | 'X' | '?') { 'x' } else { new }).collect()
}

/// Records a run for a golden file.
#[derive(Debug, Default)]
pub struct GoldenRecording {
    exchanges: Vec<(String, [String; 2])>,
}

impl GoldenRecording {
    /// The golden file; `before` is the one it replaces, whose `x` stay.
    #[must_use]
    pub fn text(&self, name: &str, before: Option<&Golden>) -> String {
        let name = sscard_lexicon::shown(name);
        let mut text = format!("# {name}: what its exchanges have to be; x is any digit\n");
        for (number, (words, lines)) in self.exchanges.iter().enumerate() {
            let old = before.and_then(|before| before.exchanges.get(number));
            let [command, response] = lines;
            let (command, response) = match old {
                Some([old_command, old_response]) => {
                    (kept(old_command, command), kept(old_response, response))
                }
                None => (command.clone(), response.clone()),
            };
            // Writing into a string cannot fail.
            let _ = write!(text, "\n# {words}\n> {command}\n< {response}\n");
        }
        text
    }
}

impl Observer for GoldenRecording {
    fn exchange(&mut self, exchange: &Exchange, application: Vocabulary, _: ScriptPlace<'_>) {
        self.exchanges.push((explained(exchange, application).0, lines(exchange)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sscard_host::Secrets;

    fn golden(text: &str) -> Golden {
        Golden::parse(&SourceText::new("a.golden", text)).unwrap()
    }

    fn exchange(command: &[u8], response: &[u8]) -> Exchange {
        Exchange::new(command, Ok(response.to_vec()))
    }

    #[test]
    fn lines_are_read_and_compared() {
        let golden = golden("# a\n> 0084 0000 04\n< xxxxxxxx 9000\n");
        assert!(
            golden.difference(0, &exchange(&[0, 0x84, 0, 0, 4], &[1, 2, 3, 4, 0x90, 0])).is_none()
        );
        let failure = golden.difference(0, &exchange(&[0, 0x84, 0, 0, 4], &[0x67, 0])).unwrap();
        assert_eq!(failure.message, "response 1 is not the golden one");
        assert_eq!(
            failure.difference,
            "expected xxxxxxxx9000\nfound    6700\n             ^^^^^^^^\n"
        );
        assert_eq!(golden.rest(0).unwrap().message, "the golden file has 1 more exchange");
        assert!(golden.rest(1).is_none());
    }

    #[test]
    fn recording_anew_keeps_the_masks() {
        let mut recording = GoldenRecording::default();
        let place = SourceText::new("a", "");
        let place =
            ScriptPlace { source: &place, span: Span::default(), secrets: Secrets::Redacted };
        let challenge = exchange(&[0, 0x84, 0, 0, 4], &[1, 2, 3, 4, 0x90, 0]);
        recording.exchange(&challenge, Vocabulary::default(), place);
        let before = golden("> 0084000004\n< xxxxxxxx6300\n");
        assert_eq!(
            recording.text("a.apdu", Some(&before)),
            "# a.apdu: what its exchanges have to be; x is any digit\n\n# GET CHALLENGE 4 bytes\n\
             > 0084000004\n< xxxxxxxx9000\n"
        );
    }

    #[test]
    fn what_is_no_golden_line_is_named() {
        let error =
            |text: &str| Golden::parse(&SourceText::new("a.golden", text)).unwrap_err().to_string();
        assert_eq!(
            error("> 00\n> 00\n"),
            "a.golden:2:1: a golden file has '>' and '<' lines in turns"
        );
        assert_eq!(error("> 0g\n"), "a.golden:1:1: a golden line is hex, x for any digit");
        assert_eq!(error("> 00\n"), "a.golden:2:1: the last response is missing");
    }
}
