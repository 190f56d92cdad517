//! Reports for people who would rather look than read: the course of a session, and the card's files
//! as it showed them.
//!
//! The course is written as it passes, the files of each card at the end; a browser shows them first.

mod cards;
mod html;
mod markdown;

use std::io::{self, Write};

use sscard_lexicon::Annotation;

use cards::Cards;
pub(super) use html::Html;
pub(super) use markdown::Markdown;

use super::card::{CardSeen, Row};
use super::{Exchange, Header, ResetKind, Sessions, Sink, TraceEvent};

/// How a report looks. All text that comes from a card or a trace goes through the style's own
/// escaping.
pub(super) trait Style {
    fn begin(&self, out: &mut dyn Write, facts: &[(&str, String)]) -> io::Result<()>;
    fn step(&self, out: &mut dyn Write, step: &Step<'_>) -> io::Result<()>;
    /// `other` says that the reset brought another card.
    fn reset(&self, out: &mut dyn Write, atr: &str, other: bool) -> io::Result<()>;
    fn end(&self, out: &mut dyn Write, cards: &Cards) -> io::Result<()>;
}

/// One exchange as it is shown.
pub(super) struct Step<'s> {
    pub(super) number: u64,
    pub(super) time: String,
    pub(super) words: &'s str,
    pub(super) case: Option<&'static str>,
    /// The status word's number and meaning, or why there is none.
    pub(super) outcome: String,
    pub(super) good: bool,
    pub(super) command: String,
    pub(super) response: String,
    pub(super) asked: Vec<Row>,
    pub(super) answer: Vec<Row>,
    pub(super) notes: Vec<String>,
}

pub(super) struct Report<W, S> {
    style: S,
    out: W,
    sessions: Sessions,
    cards: Cards,
    steps: u64,
}

impl<W: Write, S: Style> Report<W, S> {
    pub(super) fn begin(style: S, mut out: W, header: &Header) -> io::Result<Self> {
        style.begin(&mut out, &facts(header))?;
        let (sessions, cards) = (Sessions::default(), Cards::first(header));
        Ok(Self { style, out, sessions, cards, steps: 0 })
    }
}

fn facts(header: &Header) -> Vec<(&'static str, String)> {
    let all = [
        ("recorded by (记录程序)", header.tool.clone()),
        ("reader (读卡器)", header.reader.as_deref().unwrap_or_default().to_owned()),
        ("ATR (复位应答)", hex::encode_upper(&header.atr)),
        (
            "protocol (传输协议)",
            header.protocol.map(super::read::jsonl::name).unwrap_or_default().to_owned(),
        ),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl<W: Write, S: Style> Sink for Report<W, S> {
    fn event(&mut self, event: &TraceEvent) -> io::Result<()> {
        self.sessions.note(event);
        match event {
            // What follows begins with a reset, and says so.
            TraceEvent::Reset(reset) if reset.kind == ResetKind::PowerOff => Ok(()),
            TraceEvent::Reset(reset) => {
                let other = self.cards.reset(reset);
                self.style.reset(&mut self.out, &hex::encode_upper(&reset.atr), other)
            }
            TraceEvent::Exchange(exchange) => {
                self.steps = self.steps.saturating_add(1);
                let annotation = self.sessions.annotate(exchange);
                self.cards.note(exchange, &annotation);
                self.style.step(&mut self.out, &step(self.steps, exchange, &annotation))
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.style.end(&mut self.out, &self.cards)?;
        self.out.flush()
    }
}

fn step<'s>(number: u64, exchange: &Exchange, annotation: &'s Annotation<'_>) -> Step<'s> {
    let outcome = match (&annotation.status, &exchange.response) {
        (Some((status, meaning)), _) => format!("{status} {meaning}"),
        (None, Err(error)) => error.to_string(),
        (None, Ok(_)) => String::new(),
    };
    let good = annotation.status.as_ref().is_some_and(|(status, _)| {
        status.is_success() || status.bytes_available().is_some() || status.exact_ne().is_some()
    });
    let mut notes = Vec::new();
    if exchange.redacted.is_some() || exchange.redacted_response.is_some() {
        notes.push("secret bytes are not shown (密码已隐去)".to_owned());
    }
    notes.extend(exchange.reader.iter().map(ToString::to_string));
    notes.extend(exchange.note.iter().cloned());
    let mut time = format!("{:.6} s", exchange.t_ns as f64 / 1e9);
    if let Some(duration) = exchange.duration {
        time.push_str(&format!(", {} µs", duration.as_micros()));
    }
    Step {
        number,
        time,
        words: &annotation.command,
        case: annotation.case,
        outcome,
        good,
        command: exchange.command_hex(),
        response: if exchange.response.is_ok() { exchange.response_hex() } else { String::new() },
        asked: annotation.asked.iter().map(Row::of).collect(),
        answer: annotation.answer.iter().map(Row::of).collect(),
        notes,
    }
}
