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
pub mod op;
pub mod oracle;
pub mod random;
pub mod subject;
pub mod targets;

pub use bench::{Bench, Violation};
pub use card_model::CardModel;
pub use model::Model;
pub use op::Op;
pub use oracle::check;
pub use subject::Subject;
