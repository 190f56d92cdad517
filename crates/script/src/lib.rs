//! APDU sessions as text: the `.apdu` language.
//!
//! ```text
//! text ─► parse ─► Script ─► print ─► text
//! path ─► Program::load ─► check ─► run, over a Transport ─► Summary
//!                                    └─► Observer: RunReport, golden::Recording, the screen
//! ```
//!
//! What enters: a script. What leaves: its tree, or an error that points into the user's own file;
//! and how it went on a card. Functions and verbs are tables that checking, running and
//! docs/script.md share.
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

pub mod ast;
mod blank;
mod check;
mod error;
mod eval;
pub mod functions;
pub mod golden;
mod lines;
mod mask;
mod parse;
mod print;
mod program;
mod quote;
pub mod report;
mod run;
mod secret;
pub mod value;
pub mod verbs;

pub use ast::Script;
pub use blank::blank;
pub use check::{Checked, check};
pub use error::{MOST_ERRORS, ScriptError, SourceText};
pub use lines::Lines;
pub use parse::parse;
pub use program::{Program, ReadFile, ScriptSettings, Target};
pub use run::{Mark, Options, ScriptSession, Slots, Summary, run, run_with, skipped};
pub use secret::holds_secret;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
