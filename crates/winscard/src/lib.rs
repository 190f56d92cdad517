//! The client library of PC/SC, with cards of its own: what a program finds instead of libpcsclite.so.1.
//!
//! ```text
//! C ─► entry: pointers and numbers become values ─► calls: what pcsc-lite's library decides ─► PcscContext, PcscConnection
//!                                                       tables: contexts and handles              of this process, or of a server
//! ```
//! What enters: calls of C programs, right or wrong. What leaves: numbers of PC/SC; no panic, and no crash that can be helped.
//!
//! Which readers there are, the environment says: see `readers`. The program `sscard` does not know this crate: its symbols
//! would take the place of the real library's there.
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

mod abi;
mod calls;
mod entry;
mod memory;
mod process;
mod readers;
mod tables;

pub use abi::{Dword, IoRequest, Long, ReaderStateRecord};
pub use entry::*;
