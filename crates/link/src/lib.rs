//! ISO/IEC 7816-3 in memory, for authors of reader firmware and of whatever sits on a card's contacts.
//!
//! ```text
//! LineReader (a Transport) ─► Line ─► CardEnd ─► Transport      APDUs ─► characters ─► APDUs
//!                          │
//!                          ├─ Disturbance: parity, bits, lost, doubled, wrong checksum or sequence, late, early
//!                          └─ LineEvent: what went over the line, and when, in etu ─► WireLog: lines of text
//! ```
//!
//! [`CardEnd`] alone answers bytes with bytes: put a reader of your own on it. [`LineReader`] is ours, and mends what the standard
//! says can be mended. Nothing here knows a clock: time is counted in elementary time units (etu).
//!
//! # Reference
//! ISO/IEC 7816-3:2006 §7 (characters), §8 (ATR), §9 (PPS), §10 (T=0), §11 (T=1), §12 (commands).
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

pub mod block;
mod card;
mod character;
mod disturbance;
mod line;
mod parameters;
pub mod pps;
mod reader;
mod stream;
mod wire_log;

pub use card::{Behaviour, CardEnd, Signal, brings_data};
pub use character::{Character, Etu, GUARD_TIME, SHORTEST_GUARD_TIME, TURN_T0, TURN_T1};
pub use disturbance::{Damage, Disturbance, DisturbanceError, Spot};
pub use line::{Line, LineEvent, Sender};
pub use parameters::LineParameters;
pub use reader::{LineReader, ReaderOptions};
pub use stream::Stream;
pub use wire_log::{WireEntry, WireLog};

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests;
