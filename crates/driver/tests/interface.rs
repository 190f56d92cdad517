//! The C functions as a host program calls them: against virtual cards in every state, with every argument wrong.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(non_snake_case, reason = "the library's name is the field's")]

#[path = "interface/basic.rs"]
mod basic;
#[path = "interface/debit.rs"]
mod debit;
#[path = "interface/files.rs"]
mod files;
#[path = "interface/harness.rs"]
mod harness;
#[path = "interface/hostile.rs"]
mod hostile;
#[path = "interface/hsm.rs"]
mod hsm;
#[path = "interface/pin.rs"]
mod pin;
#[path = "interface/pki.rs"]
mod pki;
#[path = "interface/reader.rs"]
mod reader;
