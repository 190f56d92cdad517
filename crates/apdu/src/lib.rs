//! Wire formats of smart cards: what stands between bytes and meaning.
//!
//! ```text
//! bytes ─► CommandApdu / ResponseApdu / tlv / simple_tlv / dol / Atr / bcd ─► fields
//! text  ─► CommandBuf / ResponseBuf / Aid / StatusWord / FileId ─► fields
//! fields ─► emit ─► bytes
//! ```
//!
//! Parsing bytes borrows and allocates nothing; emitting appends to a `Vec` or fills a slice. No input makes anything here
//! panic. Invariant owned here: I-17 (what is parsed and emitted comes back the same).
#![no_std]
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

extern crate alloc;

pub mod atr;
pub mod bcd;
mod class;
mod command;
pub mod dol;
pub mod hex;
mod identifier;
mod owned;
mod protocol;
mod response;
pub mod simple_tlv;
mod status;
pub mod tlv;

pub use atr::{Atr, AtrError};
pub use class::{ClassByte, ClassKind, LogicalChannel, SecureMessaging};
pub use command::{Case, CommandApdu, EmitError, ParseError};
pub use hex::{FromHexError, HexError, LengthError};
pub use identifier::{Aid, FileId, Sfi, SfiError};
pub use owned::{CommandBuf, ResponseBuf};
pub use protocol::Protocol;
pub use response::ResponseApdu;
pub use status::{StatusClass, StatusWord};

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
