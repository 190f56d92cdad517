//! Events of a trace, explained.

use sscard_core::Protocol;
use sscard_lexicon::{Annotation, Vocabulary};
use sscard_trace::{Exchange, Header, Mode, Reset};

use super::{ShownExchange, ShownHeader, ShownPlace, ShownReset};
use crate::element;
use crate::unit::Hex;

/// `T=0` or `T=1`.
#[must_use]
pub const fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::T0 => "T=0",
        Protocol::T1 => "T=1",
    }
}

/// What is known of the whole session.
#[must_use]
pub fn header_document(header: &Header) -> ShownHeader {
    ShownHeader {
        tool: header.tool.clone(),
        atr: Hex::of(&header.atr),
        protocol: header.protocol.map(protocol),
        mode: header.mode.map(|mode| match mode {
            Mode::Raw => "raw",
            Mode::Auto => "auto",
        }),
        reader: header.reader.as_deref().map(str::to_owned),
        start_ms: header.start_ms,
    }
}

/// A command and what came of it.
#[must_use]
pub fn exchange_document(
    number: u64,
    exchange: &Exchange,
    annotation: &Annotation<'_>,
) -> ShownExchange {
    let status = annotation.status.as_ref();
    ShownExchange {
        n: number,
        ev: "apdu",
        t_ns: exchange.t_ns,
        us: exchange.duration.and_then(|took| u64::try_from(took.as_micros()).ok()),
        reader: exchange.reader.as_deref().map(str::to_owned),
        command: Hex::of(&exchange.command),
        response: exchange.response.as_deref().ok().map(Hex::of),
        error: exchange.response.as_ref().err().map(ToString::to_string),
        redacted: exchange.redacted.is_some(),
        redacted_response: exchange.redacted_response.is_some(),
        note: exchange.note.clone(),
        case: annotation.case,
        application: match annotation.application {
            Vocabulary::Financial => "financial",
            Vocabulary::SocialSecurity => "social_security",
            Vocabulary::Pki => "pki",
        },
        meaning: annotation.command.clone(),
        sw: status.map(|(status, _)| Hex::written(status)),
        status: status.map(|(_, words)| element::both_languages(words)),
        place: annotation.place.as_ref().map(|place| ShownPlace {
            directory: place.directory.clone(),
            file: place.file.clone(),
            name: place.name.as_ref().map(element::both_languages),
            part: place.part.clone(),
        }),
        asked: element::documents(&annotation.asked),
        objects: element::documents(&annotation.answer),
    }
}

/// A reset.
#[must_use]
pub fn reset_document(number: u64, reset: &Reset) -> ShownReset {
    ShownReset {
        n: number,
        ev: reset.kind.name(),
        t_ns: reset.t_ns,
        reader: reset.reader.as_deref().map(str::to_owned),
        atr: Hex::of(&reset.atr),
    }
}
