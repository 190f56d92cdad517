//! A command and what came of it, as it is kept: by a recorder, in a trace, in a report.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use sscard_apdu::StatusWord;
use sscard_commands::{SecretAnswers, redact};

use crate::TransportError;

/// A command and its response.
///
/// ```
/// use std::time::Duration;
///
/// use sscard_host::Exchange;
///
/// let mut verify = Exchange::new([0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56], Ok(vec![0x63, 0xC5]))
///     .took(Duration::from_millis(12));
/// assert_eq!(format!("{verify:?}"), "> 0020000003****** < 63C5");
/// verify.redact();
/// assert_eq!((verify.command[5], verify.redacted), (0, Some(5..8)));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// When the command was sent, in nanoseconds since the record began.
    pub t_ns: u64,
    /// The reader, where it is not the record's own.
    pub reader: Option<Arc<str>>,
    /// The command; redacted bytes are 00.
    pub command: Vec<u8>,
    /// The part of the command that was redacted.
    pub redacted: Option<Range<usize>>,
    /// The response as it came, or why there is none; redacted bytes are 00. A status word ends it, unless card or line are faulty:
    /// then it may have one byte or none.
    pub response: Result<Vec<u8>, TransportError>,
    /// The part of the response that was redacted.
    pub redacted_response: Option<Range<usize>>,
    /// How long the exchange took, where that is known.
    pub duration: Option<Duration>,
    /// A remark.
    pub note: Option<String>,
}

impl Exchange {
    /// A command and what came of it.
    pub fn new(command: impl Into<Vec<u8>>, response: Result<Vec<u8>, TransportError>) -> Self {
        Self {
            t_ns: 0,
            reader: None,
            command: command.into(),
            redacted: None,
            response,
            redacted_response: None,
            duration: None,
            note: None,
        }
    }

    /// The same, sent so many nanoseconds after the record began.
    #[must_use]
    pub fn at(self, t_ns: u64) -> Self {
        Self { t_ns, ..self }
    }

    /// The same after so long.
    #[must_use]
    pub fn took(self, duration: Duration) -> Self {
        Self { duration: Some(duration), ..self }
    }

    /// The same in a reader of its own.
    #[must_use]
    pub fn in_reader(self, reader: impl Into<Arc<str>>) -> Self {
        Self { reader: Some(reader.into()), ..self }
    }

    /// The same with a remark.
    #[must_use]
    pub fn noted(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// Overwrites PINs and keys with 00, unless it was done: those in the command and in its own answer. What GET
    /// RESPONSE fetches depends on the command before it: a session has a [`Redactor`].
    pub fn redact(&mut self) {
        Redactor::default().redact(self);
    }

    fn redact_with(&mut self, answers: &mut SecretAnswers) {
        if let (None, Ok(response)) = (&self.redacted_response, &mut self.response) {
            self.redacted_response = answers.redact(&self.command, response);
        }
        if self.redacted.is_none() {
            self.redacted = redact(&mut self.command);
        }
    }

    /// The command in upper-case hexadecimal, redacted bytes as `**`.
    #[must_use]
    pub fn command_hex(&self) -> String {
        starred(&self.command, self.redacted.as_ref())
    }

    /// The response in upper-case hexadecimal, or the reason in words.
    #[must_use]
    pub fn response_hex(&self) -> String {
        match &self.response {
            Ok(bytes) => starred(bytes, self.redacted_response.as_ref()),
            Err(error) => error.to_string(),
        }
    }

    /// Status word of the response, if there is one.
    #[must_use]
    pub fn status(&self) -> Option<StatusWord> {
        let bytes = self.response.as_ref().ok()?;
        bytes.last_chunk::<2>().map(|status| StatusWord::from_bytes(*status))
    }
}

/// Upper-case hexadecimal, a part of it as `**`.
#[must_use]
pub fn starred(bytes: &[u8], hidden: Option<&Range<usize>>) -> String {
    let is_hidden = |at: usize| hidden.is_some_and(|hidden| hidden.contains(&at));
    let byte = |(at, byte): (usize, &u8)| {
        if is_hidden(at) { "**".to_owned() } else { format!("{byte:02X}") }
    };
    bytes.iter().enumerate().map(byte).collect()
}

impl fmt::Debug for Exchange {
    /// Without PINs and keys, also where they were recorded.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.clone();
        shown.redact();
        write!(f, "> {} < {}", shown.command_hex(), shown.response_hex())
    }
}

/// Hides the secrets of a session's exchanges, which come one after another, of one reader or of several.
///
/// ```
/// use sscard_host::{Exchange, Redactor};
///
/// let mut redactor = Redactor::default();
/// let mut hash = Exchange::new([0x80, 0xC4, 0x01, 0x03, 0x05, 0xC1, 0x03, 0x12, 0x34, 0x56], Ok(vec![0x61, 0x20]));
/// redactor.redact(&mut hash);
/// let mut fetched = Exchange::new([0x00, 0xC0, 0x00, 0x00, 0x20], Ok([&[0xAA; 32][..], &[0x90, 0x00]].concat()));
/// redactor.redact(&mut fetched);
/// assert_eq!(fetched.redacted_response, Some(0..32));
/// assert!(fetched.response_hex().starts_with("****"));
/// ```
#[derive(Clone, Default, Debug)]
pub struct Redactor {
    readers: Vec<(Option<Arc<str>>, SecretAnswers)>,
}

impl Redactor {
    /// Overwrites PINs and keys of the next exchange with 00, unless it was done.
    pub fn redact(&mut self, exchange: &mut Exchange) {
        let reader = exchange.reader.clone();
        if !self.readers.iter().any(|(known, _)| *known == reader) {
            self.readers.push((reader.clone(), SecretAnswers::default()));
        }
        let found = self.readers.iter_mut().find(|(known, _)| *known == reader);
        if let Some((_, answers)) = found {
            exchange.redact_with(answers);
        }
    }
}
