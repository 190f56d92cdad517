//! What the header promises, function by function.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "contract/by_hand.rs"]
mod by_hand;
#[path = "contract/cards.rs"]
mod cards;
#[path = "contract/exchange.rs"]
mod exchange;
#[path = "contract/misuse.rs"]
mod misuse;
