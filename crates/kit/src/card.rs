//! The card: a plain value that turns command bytes into response bytes.
//!
//! # An applet of one's own
//!
//! It counts, and the count survives a power cut at every byte and goes into images: what an applet writes to
//! its memory stands inside the card's transaction.
//!
//! ```
//! use sscard_kit::apdu::StatusWord;
//! use sscard_kit::card::{Applet, Context, PlainCommand, Reply};
//! use sscard_kit::profile::{MasterKeys, issue, load, synthetic_holder};
//!
//! struct Counter;
//!
//! impl Applet for Counter {
//!     fn aid(&self) -> &[u8] {
//!         b"\xF0count"
//!     }
//!
//!     fn memory(&self) -> Vec<u8> {
//!         vec![0; 4]
//!     }
//!
//!     fn process(
//!         &self,
//!         command: &PlainCommand<'_>,
//!         context: &mut Context<'_>,
//!         reply: &mut Reply<'_>,
//!     ) -> Result<StatusWord, StatusWord> {
//!         if (command.class, command.ins) != (0x80, 0x10) {
//!             return Err(StatusWord::INS_NOT_SUPPORTED);
//!         }
//!         let mut memory = context.memory();
//!         let count = u32::from_be_bytes(memory.array(0)?).wrapping_add(1);
//!         memory.write(0, &count.to_be_bytes())?;
//!         reply.extend(&count.to_be_bytes());
//!         Ok(StatusWord::SUCCESS)
//!     }
//! }
//!
//! let profile = load("base = \"gen3\"\nprotocol = \"T=1\"")?;
//! let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! card.register(Box::new(Counter))?;
//! card.power_on()?;
//! let mut response = Vec::new();
//! card.transmit(b"\x00\xA4\x04\x00\x06\xF0count\x00", &mut response);
//! for count in 1..=3 {
//!     card.transmit(&[0x80, 0x10, 0x00, 0x00, 0x04], &mut response);
//!     assert_eq!(response, [0, 0, 0, count, 0x90, 0x00]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Looking into a card, and cutting its power
//!
//! ```
//! use sscard_kit::card::VerifiedPin;
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//!
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! card.power_on()?;
//! let mut response = Vec::new();
//! card.transmit(b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF", &mut response);
//! let before = card.snapshot();
//!
//! card.transmit(&[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56], &mut response);
//! let session = card.session();
//! assert!(session.channel(0).is_some_and(|basic| basic.has_verified(VerifiedPin::Card)));
//! assert_ne!(card.digest(), before.digest(), "something has changed");
//!
//! card.restore(&before);
//! card.cut_power_after(0);
//! card.transmit(&[0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11], &mut response);
//! assert!(response.is_empty(), "it lost its power before the try was counted");
//! card.restore(&before);
//! assert_eq!(card.digest(), before.digest());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_core::*;
