//! Readers with cards that are driven from outside.
//!
//! ```text
//! a driver (vpcd) ─┐                       ┌─► exchanges, the last thousand of a slot
//! the API ─────────┴─► CardSlot ─► Faults ─► Card ─► its file
//!                        │
//!                        └─► Events ─► whoever listens: a live stream, a wait
//! HTTP/JSON ─► http ─► Stand ─► CardSlot        the program tells what a card looks like and makes new ones: Workshop
//! ```
//!
//! Happening enters: requests of a driver and of the API. Happening leaves: answers, and a record of everything. A slot is locked while it
//! answers, never while a slow answer is waited for.
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

mod event;
pub mod http;
mod problem;
mod slot;
mod stand;
mod workshop;

pub use event::{Events, Happening, Listener, StandEvent};
pub use problem::Problem;
pub use slot::{CardSlot, Exchanged, Given, Origin, SlotContent};
pub use stand::{Condition, Stand};
pub use workshop::{Described, Wanted, Workshop};

#[cfg(test)]
mod tests;
