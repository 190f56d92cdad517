//! The dictionary of data elements: what a tag is, every tag by name, bit fields as types.
//!
//! ```
//! use sscard_kit::elements::{Source, TerminalVerificationResults as Tvr, element, tag};
//!
//! let results = element(tag::TERMINAL_VERIFICATION_RESULTS).ok_or("unknown")?;
//! assert_eq!((results.abbreviation, results.source), (Some("TVR"), Source::Terminal));
//! assert!(Tvr::new([0x00, 0x08, 0x00, 0x00, 0x00]).has(Tvr::NEW_CARD));
//! # Ok::<(), &str>(())
//! ```

pub use sscard_elements::*;
