//! For authors of harnesses: which answers a card may give.
//!
//! ```text
//! operations ─► bench ─► card, model ─► the same answers, or what is wrong
//! card, command ─► oracle ─► answer, or what is wrong with it
//! card, alphabet ─► learn ─► its state machine
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )
)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a model is read beside the standard; where it is wrong, its panic is a finding"
)]

pub mod bench;
pub mod card_model;
pub mod learn;
pub mod model;
pub mod mutate;
pub mod op;
pub mod oracle;
pub mod random;
pub mod shrink;
pub mod soak;
pub mod starting_card;
pub mod subject;

pub use bench::{Bench, Violation};
pub use card_model::CardModel;
pub use model::Model;
pub use op::Op;
pub use oracle::check;
pub use soak::Soak;
pub use starting_card::StartingCard;
pub use subject::TestSubject;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
