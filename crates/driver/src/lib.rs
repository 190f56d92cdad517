//! `libSSCardDriver.so`: the driver interface of the field (LD/T 6001.5), over PC/SC or a virtual card.
//!
//! ```text
//! host program ─► interface (C) ─► Driver ─► terminal ─► slots ─┬─► a virtual card, its file
//!                                     │                         └─► PC/SC, loaded at run time
//!                                     └─► keypad
//! ```
//!
//! What enters: numbers and text between `|`. What leaves: 0 and text, or one of the field's error numbers and its Chinese
//! words. Formats, sizes of buffers and what was chosen here stand in docs/driver.md.
#![deny(unsafe_code)]
#![allow(non_snake_case, reason = "the library's name is the field's")]
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
mod code;
mod configuration;
mod driver;
pub mod interface;
mod keypad;
mod pcsc;
mod place;
mod session;
mod slots;
mod text;
mod value;

pub use code::{DriverCode, DriverError};
pub use configuration::{CardPlace, CardTable, DriverConfiguration, PcscTable, PinTable};
pub use driver::Driver;
pub use keypad::{PinCallback, PinPrompt};
pub use slots::CardInterface;
pub use text::CallerEncoding;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
