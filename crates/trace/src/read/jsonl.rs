//! Our own format: a header line, then one object a line (docs/trace.md).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sscard_core::Protocol;
use sscard_host::TransportError;

use super::{Lines, bytes_or_none};
use crate::model::{mark_redacted, mark_redacted_response};
use crate::{Exchange, Header, Mode, Reset, ResetKind, SCHEMA, TraceEvent};

/// What introduces a line of ours inside a format that has comments.
pub(crate) const COMMENT: &str = "# sscard: ";

const NO_COMMAND: &str = "an exchange has a command in cmd";

/// What a line of ours says.
pub(super) enum Own {
    /// Something whole.
    Whole(TraceEvent),
    /// What there is to know about the exchange whose command and response follow on lines of their own.
    Next(Exchange),
}

/// One line; which fields it has depends on `ev`.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) ev: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    atr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    t_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reader: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cmd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rsp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    err: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    redacted_rsp: bool,
}

impl Line {
    pub(crate) fn of_header(header: &Header) -> Self {
        Self {
            ev: "trace".to_owned(),
            schema: Some(SCHEMA),
            tool: Some(header.tool.clone()),
            atr: Some(hex::encode_upper(&header.atr)),
            protocol: header.protocol.map(|protocol| name(protocol).to_owned()),
            mode: header.mode.map(|mode| match mode {
                Mode::Raw => "raw".to_owned(),
                Mode::Auto => "auto".to_owned(),
            }),
            reader: header.reader.clone(),
            start_ms: header.start_ms,
            ..Self::default()
        }
    }

    /// When what follows happened.
    pub(crate) fn at(t_ns: u64) -> Self {
        Self { ev: "apdu".to_owned(), t_ns: Some(t_ns), ..Self::default() }
    }

    /// The reader stands on every line that is an exchange.
    pub(crate) fn of_event(event: &TraceEvent, reader: Option<&Arc<str>>) -> Self {
        let reader = event.reader().or(reader).cloned();
        match event {
            TraceEvent::Reset(reset) => Self {
                ev: reset.kind.name().to_owned(),
                t_ns: Some(reset.t_ns),
                reader,
                atr: (!reset.atr.is_empty()).then(|| hex::encode_upper(&reset.atr)),
                ..Self::default()
            },
            TraceEvent::Exchange(exchange) => Self {
                ev: "apdu".to_owned(),
                t_ns: Some(exchange.t_ns),
                reader,
                cmd: Some(hex::encode_upper(&exchange.command)),
                rsp: exchange.response.as_ref().ok().map(hex::encode_upper),
                err: exchange.response.as_ref().err().map(ToString::to_string),
                us: exchange.duration.and_then(|took| u64::try_from(took.as_micros()).ok()),
                note: exchange.note.clone(),
                redacted: exchange.redacted.is_some(),
                redacted_rsp: exchange.redacted_response.is_some(),
                ..Self::default()
            },
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if !text.trim_start().starts_with('{') {
            return Err("not a line of a trace: it is not a JSON object".to_owned());
        }
        serde_json::from_str(text).map_err(|error| format!("not a line of a trace: {error}"))
    }

    pub(super) fn header(self, header: &mut Header) -> Result<(), String> {
        match self.schema {
            Some(SCHEMA) => {}
            Some(other) => return Err(format!("schema {other} is not known; {SCHEMA} is")),
            None => return Err("the header has no schema".to_owned()),
        }
        header.tool = self.tool.unwrap_or_default();
        header.atr = bytes_or_none(&self.atr.unwrap_or_default())?;
        header.protocol = self.protocol.as_deref().map(protocol).transpose()?;
        header.mode = match self.mode.as_deref() {
            None => None,
            Some("raw") => Some(Mode::Raw),
            Some("auto") => Some(Mode::Auto),
            Some(other) => return Err(format!("mode '{other}' is neither raw nor auto")),
        };
        header.reader = self.reader;
        header.start_ms = self.start_ms;
        Ok(())
    }

    /// An event; in a format with comments command and response may stand on lines of their own.
    pub(super) fn event(self, header: &Header) -> Result<Own, String> {
        let t_ns = self.t_ns.unwrap_or(0);
        let reader = self.reader.filter(|reader| Some(reader) != header.reader.as_ref());
        match self.ev.as_str() {
            "apdu" => {
                let command = bytes_or_none(&self.cmd.unwrap_or_default())?;
                // As it was recorded: a faulty card's answer may have one byte or none.
                let response = self.rsp.as_deref().map(bytes_or_none).transpose()?;
                let is_announced = command.is_empty() && response.is_none() && self.err.is_none();
                if command.is_empty() && !is_announced {
                    return Err(NO_COMMAND.to_owned());
                }
                let response = match (response, self.err) {
                    (Some(response), None) => Ok(response),
                    (None, Some(error)) => Err(TransportError::told(error)),
                    (None, None) if is_announced => Err(TransportError::told("")),
                    _ => return Err("an exchange has either rsp or err".to_owned()),
                };
                let mut exchange = Exchange::new(command, response).at(t_ns);
                exchange.reader = reader;
                exchange.duration = self.us.map(Duration::from_micros);
                exchange.note = self.note;
                if self.redacted {
                    mark_redacted(&mut exchange);
                }
                if self.redacted_rsp {
                    mark_redacted_response(&mut exchange);
                }
                if is_announced {
                    return Ok(Own::Next(exchange));
                }
                Ok(Own::Whole(TraceEvent::Exchange(exchange)))
            }
            other => {
                let kind = ResetKind::ALL.into_iter().find(|kind| kind.name() == other);
                let unknown = || {
                    format!("ev '{other}' is none of trace, apdu, reset, power_on and power_off")
                };
                let kind = kind.ok_or_else(unknown)?;
                let atr = bytes_or_none(&self.atr.unwrap_or_default())?;
                Ok(Own::Whole(TraceEvent::Reset(Reset { t_ns, reader, atr, kind })))
            }
        }
    }
}

/// `T=0` or `T=1`.
pub(crate) const fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::T0 => "T=0",
        Protocol::T1 => "T=1",
    }
}

pub(super) fn protocol(text: &str) -> Result<Protocol, String> {
    match text.trim() {
        "T=0" => Ok(Protocol::T0),
        "T=1" => Ok(Protocol::T1),
        other => Err(format!("protocol '{other}' is neither T=0 nor T=1")),
    }
}

#[derive(Default)]
pub(super) struct Parser {
    begun: bool,
}

impl Lines for Parser {
    fn line(
        &mut self,
        text: &str,
        header: &mut Header,
        events: &mut VecDeque<TraceEvent>,
    ) -> Result<(), String> {
        if text.is_empty() {
            return Ok(());
        }
        let line = Line::parse(text)?;
        match (line.ev.as_str(), self.begun) {
            ("trace", false) => {
                self.begun = true;
                line.header(header)
            }
            // Traces one after another: the card was taken up anew.
            ("trace", true) => {
                let mut next = Header::default();
                line.header(&mut next)?;
                let reader = next.reader.filter(|reader| Some(reader) != header.reader.as_ref());
                events.push_back(TraceEvent::Reset(Reset {
                    reader,
                    atr: next.atr,
                    ..Reset::default()
                }));
                Ok(())
            }
            (_, false) => Err("the header comes first, an object with \"ev\":\"trace\"".to_owned()),
            (_, true) => {
                let Own::Whole(event) = line.event(header)? else {
                    return Err(NO_COMMAND.to_owned());
                };
                events.push_back(event);
                Ok(())
            }
        }
    }

    fn end(&mut self, _events: &mut VecDeque<TraceEvent>) -> Result<(), String> {
        if self.begun { Ok(()) } else { Err("the header is missing".to_owned()) }
    }

    fn strict(&self) -> bool {
        true
    }
}
