//! What tests and fuzzers share.
//!
//! ```text
//! bytes ─► targets ─► apdu, profile, image, card, terminal, script ─► oracle ─► panic when an invariant breaks
//! ```
//!
//! A target of `fuzz/` is one call into [`targets`]; the stable test that replays seeds and
//! regressions makes the same call.
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

pub mod learn;
pub mod oracle;
pub mod targets;

pub use oracle::{Violation, check};
