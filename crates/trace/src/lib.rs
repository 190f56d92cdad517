//! Recorded sessions: one model, readers of many formats, writers of many formats.
//!
//! ```text
//! JSONL, apdu4j, pcscd, libpcscspy, gp, scriptor ─► TraceReader ─► TraceEvent ─► TraceWriter ─► JSONL, apdu4j, scriptor,
//!                     Tap (around a card's transport) ─┘             │                    pcapng, Markdown, HTML
//!                                                                    └─► Comparison ─► Difference
//! two cards ─► in_step: Turns, a Gate before each ─► Steps
//! ```
//!
//! What enters: lines of a trace, one at a time. What leaves: events, one at a time; a malformed line
//! is named with its number. Nothing holds more than one exchange, except what a log interleaves
//! (bounded) and the files of the card in a report (bounded).
//!
//! Invariant owned here: I-9 for trace files: no writer writes PINs or keys unless it is told to.
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )
)]

mod card;
mod compare;
mod in_step;
pub mod json;
mod model;
mod read;
mod record;
mod report;
mod sessions;
mod write;

pub use compare::{Comparison, Difference, Modulo, What};
pub use in_step::{Gate, Paced, Steps, StepsEnd, Turns, in_step, is_stop};
pub use model::{Header, Mode, Reset, ResetKind, SCHEMA, TraceEvent};
pub use read::{TraceError, TraceFormat, TraceReader};
pub use record::{Recording, Tap};
pub use sessions::Sessions;
/// A command and its response, as recorders keep it.
pub use sscard_host::Exchange;
pub use write::{Export, Sink, TraceWriter};

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests;
