//! Readers: lines in, events out.

mod apdu4j;
mod detect;
mod gp;
pub(super) mod jsonl;
mod pcscd;
mod pcscspy;
mod scriptor;

use std::collections::VecDeque;
use std::io::{self, BufRead, Chain, Cursor, Read};

use sscard_lexicon::blank;

use super::{Header, TraceEvent};

/// The longest line that is read: an extended APDU in spaced hexadecimal takes 200 KB.
const LONGEST_LINE: u64 = 0x10_0000;
/// So much of the beginning is looked at to tell the format.
const HEAD: u64 = 0x4_0000;
/// Malformed lines before the first event that are kept; more end the search for it.
const EARLY_ERRORS: usize = 64;

/// The formats that are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TraceFormat {
    /// Our own.
    Jsonl,
    /// Dump of apdu4j, old and new.
    Apdu4j,
    /// Log of `pcscd --apdu`.
    Pcscd,
    /// Log of libpcscspy.
    Pcscspy,
    /// Log of `gp -d`.
    Gp,
    /// What scriptor prints.
    Scriptor,
}

impl TraceFormat {
    /// All, with their names and what they are.
    pub const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Jsonl, "jsonl", "sscard's own"),
        (Self::Apdu4j, "apdu4j", "Dump of apdu4j"),
        (Self::Pcscd, "pcscd", "Log of pcscd --apdu"),
        (Self::Pcscspy, "pcscspy", "Log of libpcscspy"),
        (Self::Gp, "gp", "Log of gp -d"),
        (Self::Scriptor, "scriptor", "What scriptor prints"),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(_, name, _)| name)
    }

    fn parser(self) -> Box<dyn Lines + Send> {
        match self {
            Self::Jsonl => Box::new(jsonl::Parser::default()),
            Self::Apdu4j => Box::new(apdu4j::Parser::default()),
            Self::Pcscd => Box::new(pcscd::Parser::default()),
            Self::Pcscspy => Box::new(pcscspy::Parser::default()),
            Self::Gp => Box::new(gp::Parser::default()),
            Self::Scriptor => Box::new(scriptor::Parser::default()),
        }
    }
}

/// Why a trace cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// One line; the next one may be read.
    #[error("line {number}: {reason}")]
    Line {
        /// Its number, from 1.
        number: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// No format fits.
    #[error("it is not a trace in a known format; name one if it is")]
    Unknown,
    /// The bytes could not be had.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A format's parser: takes lines, gives events.
trait Lines {
    /// Takes a line without its end.
    fn line(
        &mut self,
        line: &str,
        header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String>;

    /// The last line has been taken.
    fn end(&mut self, events: &mut VecDeque<TraceEvent>) -> Result<(), String>;

    /// Whether lines that are no text are refused. Logs hold lines of other programs.
    fn strict(&self) -> bool {
        false
    }
}

/// A trace that is read event by event. After [`TraceError::Line`] the next event may be asked for:
/// that line is skipped.
pub struct TraceReader<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    parser: Box<dyn Lines + Send>,
    format: TraceFormat,
    header: Header,
    events: VecDeque<TraceEvent>,
    ready: VecDeque<Result<TraceEvent, TraceError>>,
    line: Vec<u8>,
    number: u64,
    ended: bool,
}

impl<R: BufRead> TraceReader<R> {
    /// Reads up to the first event. Without a format it is told from the first lines.
    ///
    /// # Errors
    /// [`TraceError::Unknown`] and [`TraceError::Io`]; malformed lines are errors of the iterator.
    pub fn open(mut input: R, format: Option<TraceFormat>) -> Result<Self, TraceError> {
        let mut head = Vec::new();
        if format.is_none() {
            input.by_ref().take(HEAD).read_to_end(&mut head)?;
        }
        let format = match format {
            Some(format) => format,
            None => detect::format(&head).ok_or(TraceError::Unknown)?,
        };
        let mut reader = Self {
            input: Cursor::new(head).chain(input),
            parser: format.parser(),
            format,
            header: Header::default(),
            events: VecDeque::new(),
            ready: VecDeque::new(),
            line: Vec::new(),
            number: 0,
            ended: false,
        };
        while reader.ready.len() < EARLY_ERRORS {
            let Some(next) = reader.advance() else { break };
            let found = next.is_ok();
            reader.ready.push_back(next);
            if found {
                break;
            }
        }
        Ok(reader)
    }

    /// What holds for the whole trace, as far as it stands before the first event.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The format that is read.
    #[must_use]
    pub fn format(&self) -> TraceFormat {
        self.format
    }

    fn advance(&mut self) -> Option<Result<TraceEvent, TraceError>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(event));
            }
            if self.ended {
                return None;
            }
            match self.take_line() {
                Ok(()) => {}
                Err(TraceError::Io(error)) => {
                    self.ended = true;
                    return Some(Err(TraceError::Io(error)));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Feeds one line, or the end, to the parser.
    fn take_line(&mut self) -> Result<(), TraceError> {
        self.line.clear();
        let length = self.input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if length == 0 {
            self.ended = true;
            let number = self.number;
            let ended = self.parser.end(&mut self.events);
            return ended.map_err(|reason| TraceError::Line { number, reason });
        }
        self.number = self.number.saturating_add(1);
        let number = self.number;
        let refuse = |reason: &str| TraceError::Line { number, reason: reason.to_owned() };
        if length as u64 == LONGEST_LINE && !self.line.ends_with(b"\n") {
            self.skip_line()?;
            return Err(refuse("it is longer than 1 MiB"));
        }
        let line = self.line.trim_ascii_end();
        let line = line.strip_prefix("\u{FEFF}".as_bytes()).filter(|_| number == 1).unwrap_or(line);
        let text = String::from_utf8_lossy(line);
        if self.parser.strict() && str::from_utf8(line).is_err() {
            return Err(refuse("it is not UTF-8"));
        }
        self.parser
            .line(&text, &mut self.header, &mut self.events)
            .map_err(|reason| TraceError::Line { number, reason })
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            self.line.clear();
            let length =
                self.input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
            if length == 0 || self.line.ends_with(b"\n") {
                return Ok(());
            }
        }
    }
}

impl<R: BufRead> Iterator for TraceReader<R> {
    type Item = Result<TraceEvent, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.ready.pop_front().or_else(|| self.advance())
    }
}

/// Hexadecimal with or without spaces, at least one byte.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let bytes = bytes_or_none(text)?;
    if bytes.is_empty() {
        Err("no bytes where hexadecimal is expected".to_owned())
    } else {
        Ok(bytes)
    }
}

/// Hexadecimal with or without spaces.
fn bytes_or_none(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    if !text.contains(' ') {
        return hex::decode(text).map_err(|_| wrong_hex(text));
    }
    let digits: String = text.split_ascii_whitespace().collect();
    hex::decode(digits).map_err(|_| wrong_hex(text))
}

fn wrong_hex(text: &str) -> String {
    let shown = blank(&text.chars().take(40).collect::<String>(), |_| false);
    match text.chars().find(|c| !c.is_ascii_hexdigit() && *c != ' ') {
        Some(c) => format!("'{}' is not a hexadecimal digit in '{shown}'", c.escape_default()),
        None => format!("an odd number of hexadecimal digits in '{shown}'"),
    }
}

/// A response: at least a status word.
fn response(text: &str) -> Result<Vec<u8>, String> {
    let bytes = bytes(text)?;
    if bytes.len() < 2 { Err("a response has at least two bytes".to_owned()) } else { Ok(bytes) }
}
