//! A card's contacts: T=0 and T=1 in memory, with errors on command.
//!
//! ```
//! use sscard_kit::link::{Behaviour, CardEnd, Line, LineReader, ReaderOptions};
//! use sscard_kit::profile::{MasterKeys, issue, load, synthetic_holder};
//! use sscard_kit::transport::{InProcess, Transport};
//!
//! let profile = load("base = \"gen3\"\nprotocol = \"T=1\"")?;
//! let card = InProcess::power_on(issue(&profile, &synthetic_holder(1), &MasterKeys::test())?)?;
//! let line = Line::new(CardEnd::new(card, Behaviour::default())?);
//! let mut reader = LineReader::connect(line, ReaderOptions::default())?;
//! // The card's second block from here on never arrives; the reader asks again, and nobody above notices.
//! reader.line_mut().disturb(["lost@card,block=2".parse()?]);
//! let mut response = Vec::new();
//! for _ in 0..2 {
//!     reader.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08], &mut response)?;
//!     assert_eq!(response[8..], [0x90, 0x00]);
//! }
//! assert!(reader.line_mut().disturbances_left().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_link::*;
