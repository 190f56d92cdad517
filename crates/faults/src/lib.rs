//! A card or a reader that misbehaves on command.
//!
//! ```text
//! "sw=6100@3" ─► Fault ─► Faults ─► Misbehaving (a Layer around a Transport) ─► the card
//!                           │
//!                           └─► Fired, one an event ─► Recipe (TOML) ─► the same faults, byte for byte ─► smaller ones that still fail
//! ```
//!
//! A fault bends the answer after the card has carried the command out; `instead:` stands for the card, which sees nothing, and
//! `command:` bends the command on its way. What is drawn is drawn from a seed.
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

mod engine;
mod evil;
mod layer;
mod recipe;
mod situation;
mod spec;
mod structure;

pub use engine::{After, Before, Faults, Fired};
pub use evil::{Catcher, EvilCard, RightOutcome, UnknownEvilCard, evil_cards};
pub use layer::Misbehaving;
pub use recipe::{Recipe, RecipeError};
pub use spec::{Action, Buffer, Fault, ObjectDamage, Phase, Removal, SpecError, When};

#[cfg(test)]
mod tests;
