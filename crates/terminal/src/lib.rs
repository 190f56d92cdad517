//! The reader's side of a social security card.
//!
//! ```text
//! SecurityModule ─ keys of this card ─┐
//! Transport ◄─────── Reader ──────────┴─► CardReport
//! ```
//!
//! What enters: a card of any generation behind any transport. What leaves: everything that its
//! access rules allow, decoded, or an error that names the command and what the card said.
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

mod atr;
mod environment;
mod error;
mod factor;
mod padding;
pub mod payment;
pub mod pki;
mod psam;
pub mod purse;
mod reader;
mod report;
mod security_module;
mod software_module;

pub use environment::{Environment, Identity, security};
pub use error::ReadError;
pub use factor::is_contactless;
pub use psam::Psam;
pub use reader::{ReadOptions, pin_state, read_card};
pub use report::{CardReport, FileReport, Record};
pub use security_module::{
    CardSecurity, DiversifiedKey, ModuleError, PurchaseMac, PursePurchase, SecurityModule,
};
pub use software_module::SoftwareModule;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
