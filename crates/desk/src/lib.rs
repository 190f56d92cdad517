//! The issuing desk: what happens to a card after it is produced, by the rules of the notice.
//!
//! ```text
//! operation, place, papers ─► may ─► Plan ─► Desk ─► APDUs ─► card
//!                      State ──┘               └───► rows  ─► Register (SQLite)
//! ```
//!
//! What enters: what a person asks for at a service point, and a card behind any [`Transport`]. What
//! leaves: a changed card and a changed register, or a refusal that names the rule, what was missing
//! and who can help. The desk never edits a card's memory: it talks to it with keys that it derives
//! from the city's TEST master keys. Invariant owned here: I-21.
//!
//! [`Transport`]: sscard_host::Transport
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

mod capability;
mod chip;
mod desk;
mod error;
mod file;
mod ids;
mod import;
mod import_error;
mod issue;
mod key;
mod money;
mod operation;
mod paper;
mod password;
mod place;
mod procedure;
pub mod register;
mod rule;
mod rules;
pub mod simulate;
mod text;

pub use capability::{Capability, cell, table};
pub use desk::{Batch, Desk, NewRegister, Shown, WorkFactor};
pub use error::DeskError;
pub use ids::{CardId, HolderId};
pub use import::{Resident, TextEncoding, read_residents};
pub use import_error::{ImportError, RowError, RowErrors};
pub use money::Cents;
pub use operation::Operation;
pub use paper::{Paper, Papers};
pub use place::{ParsePlaceError, PointKind, ServicePoint};
pub use procedure::{Counter, Delivery, Done, Ending, InHand, Request, Resumed, Visit};
pub use register::{Durability, NewPerson, Register};
pub use rule::{Refusal, Rule};
pub use rules::{
    AccountState, BankView, CardView, Collection, Function, Plan, PrintedItem, Reason, Standing,
    State, Step, may, may_collect,
};

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
