//! Readers with cards that are driven from outside.
//!
//! ```text
//! a driver (vpcd) ─┐                       ┌─► exchanges, the latest of a slot
//! the API ─────────┴─► CardSlot ─► Faults ─► Card ─► its file
//!                        │
//!                        └─► Events ─► whoever listens: a live stream, a wait
//! HTTP/JSON ─► http ─► Stand ─► CardSlot        the program tells what a card looks like and makes new ones: Workshop
//! ```
//!
//! What enters: requests of a driver and of the API. What leaves: answers, and a record of everything. A slot is locked while it
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

mod address;
pub mod client;
mod event;
pub mod http;
mod problem;
mod slot;
mod stand;
mod workshop;

pub use address::{AddressError, ApiAddress};
pub use event::{
    Events, Exchanged, Happening, Listener, NoAnswer, Origin, PowerChange, Powered, StandEvent,
    Witness,
};
pub use problem::Problem;
pub use slot::{CardSlot, Given, SlotCard, SlotContent, SlotOutcome, SlotView, Ticket};
pub use stand::{Condition, Stand};
pub use workshop::{Described, Explainer, SessionHead, Wanted, Workshop};

#[cfg(test)]
mod tests;
