//! `trace show --json`, `trace diff --json`, `trace replay --json`.

use serde::Serialize;

use super::element::{BothLanguages, ExplainedElement};
use super::unit::Hex;

/// A recorded session, explained. Printed line by line: `schema`, `format`, `header`, then one event a
/// line.
#[cfg(test)]
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct TraceDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Format that was read: `jsonl`, `pcscd`, `pcscspy`, `gp`, `apdu4j` or `scriptor`.
    pub(crate) format: String,
    /// What is known of the whole session.
    pub(crate) header: ShownHeader,
    /// What happened, in its order.
    pub(crate) events: Vec<ShownEvent>,
}

/// What is known of a whole session.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownHeader {
    /// The program that recorded it.
    pub(crate) tool: String,
    /// Answer to reset; empty when it was not recorded.
    pub(crate) atr: Hex,
    /// `T=0` or `T=1`.
    pub(crate) protocol: Option<&'static str>,
    /// How 61xx and 6Cxx were treated: `auto` (followed) or `raw`.
    pub(crate) mode: Option<&'static str>,
    /// The reader's name.
    pub(crate) reader: Option<String>,
    /// Time 0 of the events: milliseconds since 1970 in UTC.
    pub(crate) start_ms: Option<u64>,
}

/// One event; `ev` says which.
#[cfg(test)]
#[derive(Serialize, schemars::JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "events are printed one by one")]
pub(crate) enum ShownEvent {
    Exchange(Box<ShownExchange>),
    Reset(ShownReset),
}

/// A command and its response.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownExchange {
    /// Number of the event, from 1.
    pub(crate) n: u64,
    /// `apdu`.
    pub(crate) ev: &'static str,
    /// When the command was sent, in nanoseconds from time 0.
    pub(crate) t_ns: u64,
    /// How long it took, in microseconds; `null` when it was not recorded.
    pub(crate) us: Option<u64>,
    /// The reader, where it is not the header's.
    pub(crate) reader: Option<String>,
    /// The command; zeros in the place of what is redacted.
    pub(crate) command: Hex,
    /// The response, status word included; zeros in the place of what is redacted; `null` without one.
    pub(crate) response: Option<Hex>,
    /// Why there is no response.
    pub(crate) error: Option<String>,
    /// Whether a PIN or a key in the command was overwritten.
    pub(crate) redacted: bool,
    /// Whether a secret in the response was overwritten.
    pub(crate) redacted_response: bool,
    /// A remark of whoever recorded it.
    pub(crate) note: Option<String>,
    /// Case and length form of ISO/IEC 7816-3: `1`, `2S` to `4E`; `null` for a malformed command.
    pub(crate) case: Option<&'static str>,
    /// What the command speaks to: `social_security` or `financial`.
    pub(crate) application: &'static str,
    /// The command in words.
    pub(crate) meaning: String,
    /// Status word; `null` without a response.
    pub(crate) sw: Option<Hex>,
    /// What the status word says.
    pub(crate) status: Option<BothLanguages>,
    /// Where on the card it reads or writes.
    pub(crate) place: Option<ShownPlace>,
    /// Data elements of the command.
    pub(crate) asked: Vec<ExplainedElement>,
    /// Data elements of the answer; those of a whole answer at its last piece.
    pub(crate) objects: Vec<ExplainedElement>,
}

/// A place on the card.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownPlace {
    /// The directory: `SSSE 社会保障系统环境`, `PPSE`, an AID; empty when no selection was seen.
    pub(crate) directory: String,
    /// The file: `EF06`, in the financial application `file 2`; `null` for the directory itself.
    pub(crate) file: Option<String>,
    /// The file's name.
    pub(crate) name: Option<BothLanguages>,
    /// The record, the offset or the data object: `record 3`, `tag 09`, `from 0`, `9F36`.
    pub(crate) part: Option<String>,
}

/// The card was reset.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownReset {
    /// Number of the event, from 1.
    pub(crate) n: u64,
    /// `reset`, `power_on` or `power_off`.
    pub(crate) ev: &'static str,
    /// When, in nanoseconds from time 0.
    pub(crate) t_ns: u64,
    /// The reader, where it is not the header's.
    pub(crate) reader: Option<String>,
    /// Answer to reset.
    pub(crate) atr: Hex,
}

/// Two traces, or a trace and the card it was sent to.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DiffDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Whether there is no difference.
    pub(crate) equal: bool,
    /// Events that were compared, the one that differs included.
    pub(crate) events: u64,
    /// The first difference. Absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) difference: Option<FoundDifference>,
}

/// The first difference of two sessions.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(crate) enum FoundDifference {
    Event(EventDifference),
    End(EndDifference),
}

/// Two events that differ.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EventDifference {
    /// Number of the event, from 1.
    pub(crate) n: u64,
    /// What differs: `command`, `response data`, `status word`, `response`, `answer to reset` or
    /// `kind of event`.
    pub(crate) what: &'static str,
    /// The first byte that differs, from 0, in command or response; `null` where it is none.
    pub(crate) offset: Option<usize>,
    /// The first trace's event, or the recorded one, or the first card's.
    pub(crate) a: DifferentEvent,
    /// The second trace's event, or the card's, or the second card's.
    pub(crate) b: DifferentEvent,
}

/// One side of a difference.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DifferentEvent {
    /// Command and status word in words.
    pub(crate) meaning: String,
    /// The command; empty for a reset.
    pub(crate) command: Hex,
    /// The response, or the answer to reset; empty without one.
    pub(crate) response: Hex,
}

/// One session has ended, the other goes on.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EndDifference {
    /// Number of the event that one session has not, from 1; of two cards in step the last they share.
    pub(crate) n: u64,
    /// `end`.
    pub(crate) what: &'static str,
    /// The one that has ended: the file, or `first card` or `second card`.
    pub(crate) ended: String,
}
