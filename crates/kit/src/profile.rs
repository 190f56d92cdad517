//! What a card is made from: profiles, TEST keys, synthetic holders. Here a card is issued.
//!
//! ```
//! use sscard_kit::profile::{MasterKeys, issue, load, synthetic_holder};
//!
//! // A built-in generation with one thing changed; the same seed is always the same person.
//! let profile = load("base = \"gen3\"\nprotocol = \"T=1\"")?;
//! let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! assert_eq!(card.power_on()?[0], 0x3B);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_profile::*;
