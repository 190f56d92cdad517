//! What the program, the C library and the module for Python say as JSON: one type a document.
//!
//! ```text
//! Card, CardReport, Payment, a script's run, TraceEvent ─► document ─► JSON
//! ```
//!
//! What enters: what was found. What leaves: a value that serde writes, each field always there (`null` where there is nothing) unless
//! its comment says when it is not. `docs/json.md` and `docs/json.schema.json` are made of these types, those of the program's own
//! documents and their comments.
#![forbid(unsafe_code)]

pub mod element;
pub mod inspect;
pub mod pay;
pub mod pki;
pub mod read;
pub mod run;
pub mod trace;
pub mod unit;

/// Version of every document that names one.
pub const SCHEMA: u32 = 1;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
