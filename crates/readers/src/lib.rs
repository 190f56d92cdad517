//! Readers with cards for programs that speak PC/SC: the resource manager as a value, a server and a client for it.
//!
//! ```text
//! a card ─► HeldCard │ a slot of one's own (IccSlot) ─► ResourceManager ─► LocalContext: a program in this process
//!                                                              ▲
//!                                      serve, a Unix socket ───┘◄── RemoteContext: a program in another one
//! ```
//! What enters: slots, and calls of PC/SC. What leaves: answers of cards, and the errors of PC/SC. It behaves as pcscd does, version
//! 1.9.9; where it does not, docs/decisions.md says so.
#![deny(unsafe_code)]
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

mod attribute;
mod code;
mod complaint;
mod context;
mod control;
mod held_card;
mod icc_slot;
#[cfg(target_os = "linux")]
mod mailbox;
#[cfg(target_os = "linux")]
mod meeting;
mod news;
mod reader;
#[cfg(target_os = "linux")]
mod remote;
mod resource_manager;
#[cfg(target_os = "linux")]
mod server;
mod session;
#[cfg(target_os = "linux")]
mod shared_memory;
mod status_change;
#[cfg(target_os = "linux")]
mod wire;
mod words;

pub use code::ScardError;
pub use complaint::{complain, find_standard_error};
pub use context::LocalContext;
pub use held_card::HeldCard;
pub use icc_slot::{IccOutcome, IccSlot, PowerUp};
#[cfg(target_os = "linux")]
pub use meeting::ServerNotMet;
#[cfg(target_os = "linux")]
pub use remote::RemoteContext;
pub use resource_manager::ResourceManager;
#[cfg(target_os = "linux")]
pub use server::{ReaderServer, serve};
pub use session::{
    Connected, ConnectionStatus, PcscConnection, PcscContext, ReaderQuery, ReaderReport,
};
pub use words::{
    CardDisposition, LONGEST_ATTRIBUTE, LONGEST_EXCHANGE, LONGEST_READER_NAME, MOST_READERS,
    PLUG_AND_PLAY, READER_GROUP, ShareMode, protocols, reader_bits, state_bits,
};

#[cfg(all(test, target_os = "linux"))]
mod tests;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
