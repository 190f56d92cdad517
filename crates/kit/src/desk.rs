//! The issuing desk: rules, register, procedures that talk to cards.
//!
//! ```
//! use sscard_kit::desk::{Rule, table};
//!
//! // The notice's rules as a table of who may do what where.
//! assert!(table().next().is_some());
//! assert_eq!(Rule::D06.to_string(), "D06");
//! ```

pub use sscard_desk::*;
