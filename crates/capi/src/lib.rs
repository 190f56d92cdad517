//! The card for C: `libsscard` and `sscard.h`.
//!
//! ```text
//! pointers ─ boundary ─► slices, texts ─┐
//! sscard_card * ─ table ─► Held ────────┼─► calls ─► a code, and a text of it (last_error)
//!                           card, reader ┘
//! ```
//!
//! What enters: whatever a program in C gives. What leaves: a code of [`sscard_error`], and what was asked for. Nothing else: no
//! panic, no read of a card that was freed, no card that two threads change at once. The unsafe blocks are those of `boundary`, which
//! takes pointers for what the header says they are, of `slices`, which has them, of `table`, where a handle becomes a card, and of `alone`, which knows a thread.
#![deny(unsafe_op_in_unsafe_fn)]
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

mod alone;
mod boundary;
mod calls;
mod held;
mod last_error;
mod making;
mod reader;
mod refusal;
#[doc(hidden)]
pub mod slices;
mod table;
mod texts;

pub use calls::answers::{
    sscard_atr, sscard_digest, sscard_image, sscard_inspect_json, sscard_string_free,
};
pub use calls::exchange::{sscard_clear_faults, sscard_set_fault, sscard_transmit};
pub use calls::library::{
    SSCARD_ABI_VERSION, sscard_abi_version, sscard_error_name, sscard_last_code, sscard_last_error,
    sscard_version,
};
pub use calls::life::{
    sscard_card_clone, sscard_card_free, sscard_card_from_file, sscard_card_from_image,
    sscard_card_new, sscard_restore,
};
pub use calls::power::{
    sscard_enter_field, sscard_power_cut, sscard_power_off, sscard_power_on, sscard_reset,
};
pub use refusal::sscard_error;
pub use table::sscard_card;
