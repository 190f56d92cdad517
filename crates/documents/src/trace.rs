//! `trace show --json`, `trace diff --json`, `trace replay --json`.

mod shown;

use serde::Serialize;

pub use shown::{exchange_document, header_document, protocol, reset_document};

use crate::element::{BothLanguages, ExplainedElement};
use crate::unit::Hex;

/// A recorded session, explained. Printed line by line: `schema`, `format`, `header`, then one event a
/// line.
#[cfg(feature = "schema")]
#[derive(Serialize, schemars::JsonSchema)]
pub struct TraceDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// Format that was read: `jsonl`, `pcscd`, `pcscspy`, `gp`, `apdu4j` or `scriptor`.
    pub format: String,
    /// What is known of the whole session.
    pub header: ShownHeader,
    /// What happened, in its order.
    pub events: Vec<ShownEvent>,
}

/// What is known of a whole session.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownHeader {
    /// The program that recorded it.
    pub tool: String,
    /// Answer to reset; empty when it was not recorded.
    pub atr: Hex,
    /// `T=0` or `T=1`.
    pub protocol: Option<&'static str>,
    /// How 61xx and 6Cxx were treated: `auto` (followed) or `raw`.
    pub mode: Option<&'static str>,
    /// The reader's name.
    pub reader: Option<String>,
    /// Time 0 of the events: milliseconds since 1970 in UTC.
    pub start_ms: Option<u64>,
}

/// One event; `ev` says which.
#[cfg(feature = "schema")]
#[derive(Serialize, schemars::JsonSchema)]
#[serde(untagged)]
#[expect(missing_docs, reason = "what each holds says it")]
pub enum ShownEvent {
    Exchange(Box<ShownExchange>),
    Reset(ShownReset),
}

/// A command and its response.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownExchange {
    /// Number of the event, from 1.
    pub n: u64,
    /// `apdu`.
    pub ev: &'static str,
    /// When the command was sent, in nanoseconds from time 0.
    pub t_ns: u64,
    /// How long it took, in microseconds; `null` when it was not recorded.
    pub us: Option<u64>,
    /// The reader, where it is not the header's.
    pub reader: Option<String>,
    /// The command; zeros in the place of what is redacted.
    pub command: Hex,
    /// The response, status word included; zeros in the place of what is redacted; `null` without one.
    pub response: Option<Hex>,
    /// Why there is no response.
    pub error: Option<String>,
    /// Whether a PIN or a key in the command was overwritten.
    pub redacted: bool,
    /// Whether a secret in the response was overwritten.
    pub redacted_response: bool,
    /// A remark of whoever recorded it.
    pub note: Option<String>,
    /// Case and length form of ISO/IEC 7816-3: `1`, `2S` to `4E`; `null` for a malformed command.
    pub case: Option<&'static str>,
    /// What the command speaks to: `social_security` or `financial`.
    pub application: &'static str,
    /// The command in words.
    pub meaning: String,
    /// Status word; `null` without a response.
    pub sw: Option<Hex>,
    /// What the status word says.
    pub status: Option<BothLanguages>,
    /// Where on the card it reads or writes.
    pub place: Option<ShownPlace>,
    /// Data elements of the command.
    pub asked: Vec<ExplainedElement>,
    /// Data elements of the answer; those of a whole answer at its last piece.
    pub objects: Vec<ExplainedElement>,
}

/// A place on the card.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownPlace {
    /// The directory: `SSSE 社会保障系统环境`, `PPSE`, an AID; empty when no selection was seen.
    pub directory: String,
    /// The file: `EF06`, in the financial application `file 2`; `null` for the directory itself.
    pub file: Option<String>,
    /// The file's name.
    pub name: Option<BothLanguages>,
    /// The record, the offset or the data object: `record 3`, `tag 09`, `from 0`, `9F36`.
    pub part: Option<String>,
}

/// The card was reset.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownReset {
    /// Number of the event, from 1.
    pub n: u64,
    /// `reset`, `power_on` or `power_off`.
    pub ev: &'static str,
    /// When, in nanoseconds from time 0.
    pub t_ns: u64,
    /// The reader, where it is not the header's.
    pub reader: Option<String>,
    /// Answer to reset.
    pub atr: Hex,
}

/// Two traces, or a trace and the card it was sent to.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DiffDocument {
    /// Version of this document: 1.
    pub schema: u32,
    /// Whether there is no difference.
    pub equal: bool,
    /// Events that were compared, the one that differs included.
    pub events: u64,
    /// The first difference. Absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<FoundDifference>,
}

/// The first difference of two sessions.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
#[expect(missing_docs, reason = "what each holds says it")]
pub enum FoundDifference {
    Event(EventDifference),
    End(EndDifference),
}

/// Two events that differ.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventDifference {
    /// Number of the event, from 1.
    pub n: u64,
    /// What differs: `command`, `response data`, `status word`, `response`, `answer to reset` or
    /// `kind of event`.
    pub what: &'static str,
    /// The first byte that differs, from 0, in command or response; `null` where it is none.
    pub offset: Option<usize>,
    /// The first trace's event, or the recorded one, or the first card's.
    pub a: DifferentEvent,
    /// The second trace's event, or the card's, or the second card's.
    pub b: DifferentEvent,
}

/// One side of a difference.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DifferentEvent {
    /// Command and status word in words.
    pub meaning: String,
    /// The command; empty for a reset.
    pub command: Hex,
    /// The response, or the answer to reset; empty without one.
    pub response: Hex,
}

/// One session has ended, the other goes on.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EndDifference {
    /// Number of the event that one session has not, from 1; of two cards in step the last they share.
    pub n: u64,
    /// `end`.
    pub what: &'static str,
    /// The one that has ended: the file, or `first card` or `second card`.
    pub ended: String,
}
