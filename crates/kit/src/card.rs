//! The card: a plain value that turns command bytes into response bytes.
//!
//! # An applet of one's own
//!
//! ```
//! use sscard_kit::apdu::StatusWord;
//! use sscard_kit::card::{Applet, Context, PlainCommand, Reply};
//! use sscard_kit::profile::{MasterKeys, load, issue, synthetic_holder};
//!
//! #[derive(Clone)]
//! struct Greeter;
//!
//! impl Applet for Greeter {
//!     fn aid(&self) -> &[u8] {
//!         &[0xF0, 0x68, 0x65, 0x6C, 0x6C, 0x6F]
//!     }
//!
//!     fn process(
//!         &mut self,
//!         command: &PlainCommand<'_>,
//!         _context: &mut Context<'_>,
//!         reply: &mut Reply<'_>,
//!     ) -> Result<StatusWord, StatusWord> {
//!         match (command.class, command.ins) {
//!             (0x80, 0x10) => reply.extend(b"hello"),
//!             _ => return Err(StatusWord::INS_NOT_SUPPORTED),
//!         }
//!         Ok(StatusWord::SUCCESS)
//!     }
//!
//!     fn clone_box(&self) -> Box<dyn Applet> {
//!         Box::new(self.clone())
//!     }
//! }
//!
//! let profile = load("base = \"gen3\"\nprotocol = \"T=1\"")?;
//! let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! card.register(Box::new(Greeter));
//! card.power_on()?;
//! let mut response = Vec::new();
//! card.transmit(b"\x00\xA4\x04\x00\x06\xF0hello\x00", &mut response);
//! card.transmit(&[0x80, 0x10, 0x00, 0x00, 0x00], &mut response);
//! assert_eq!(response, b"hello\x90\x00");
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
