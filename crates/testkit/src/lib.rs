//! For authors of harnesses: which answers a card may give.
//!
//! ```text
//! card, command ─► oracle ─► answer, or what is wrong with it
//! ```
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

pub mod oracle;

pub use oracle::{Violation, check};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
