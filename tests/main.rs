//! Cross-crate and conformance tests: one test per clause, rule or invariant, named after it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod applets;
mod architecture;
mod citations;
mod codec;
mod desk;
mod evil;
mod financial;
mod from_outside;
mod fuzz;
mod golden;
mod harness;
mod house;
mod invariants;
mod pki;
mod profiles;
mod psam;
mod real_cards;
mod spec;
mod sweep;
mod terminal;
