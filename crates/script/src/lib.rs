//! APDU sessions as text: the `.apdu` language.
//!
//! ```text
//! text ─► parse ─► Script ─► print ─► text
//! ```
//!
//! What enters: a script. What leaves: its tree, or an error that points into the user's own file.
#![forbid(unsafe_code)]

pub mod ast;
mod error;
mod parse;
mod print;
pub mod trace;

pub use ast::Script;
pub use error::{ScriptError, Source};
pub use parse::parse;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
