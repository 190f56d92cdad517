//! The reader's side: read a card, run a payment, be the issuer's host.
//!
//! ```
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//! use sscard_kit::terminal::payment::{Outcome, Settings, TestIssuer, pay};
//! use sscard_kit::transport::{Follow, InProcess};
//!
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! let mut card = Follow::new(InProcess::power_on(card)?);
//! let mut settings = Settings::default();
//! settings.amount = 1234;
//! settings.pin = Some("123456".to_owned());
//! let payment = pay(&mut card, &mut TestIssuer::default(), &settings)?;
//! assert_eq!(payment.outcome, Outcome::Approved);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Keys of one's own
//!
//! A city, a bank and an authority other than the test ones: the same roots on both sides of the wire. A
//! security module of one's own implements [`SecurityModule`]; one in a slot, behind any transport, is a [`Psam`].
//!
//! ```
//! use std::sync::Arc;
//!
//! use sscard_kit::card::personalise;
//! use sscard_kit::crypto::Key;
//! use sscard_kit::profile::{IssuerMasterKeys, MasterKeys, built_in, synthetic_holder, with_accounts};
//! use sscard_kit::terminal::payment::{Outcome, Settings, TestAuthorities, TestIssuer, pay};
//! use sscard_kit::terminal::{ReadOptions, SoftwareModule, read_card};
//! use sscard_kit::transport::{Follow, InProcess};
//!
//! let city = || MasterKeys::with_roots("bench keys", |_application, id, version| {
//!     Key::new([id.0, version, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 1, 2, 3, 4, 5, 6, 7, 8])
//! });
//! let bank = IssuerMasterKeys {
//!     cryptogram: Key::new([0x11; 16]),
//!     mac: Key::new([0x22; 16]),
//!     encipherment: Key::new([0x33; 16]),
//! };
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! let holder = with_accounts(&profile, &synthetic_holder(1));
//! let keys = city().keys_of(&profile, &holder);
//! let keys = keys.with_accounts(bank.account_keys(&profile, &holder));
//! let card = personalise(&profile, &holder, &keys)?;
//! let mut card = Follow::new(InProcess::power_on(card)?);
//!
//! let report = read_card(&mut card, &mut SoftwareModule::new(city(), 1), ReadOptions::default())?;
//! assert!(report.text(0x09).is_some(), "the holder's name");
//!
//! let mut settings = Settings::default();
//! settings.pin = Some("123456".to_owned());
//! settings.authorities = Arc::new(TestAuthorities);
//! let mut issuer = TestIssuer { master_keys: bank, ..TestIssuer::default() };
//! assert_eq!(pay(&mut card, &mut issuer, &settings)?.outcome, Outcome::Approved);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Fuzz your terminal
//!
//! Put a liar between the card and the terminal. Whatever it says, the terminal must end, and approve
//! nothing that the card did not approve; replace `pay` by your own. A fuzzer supplies `lies`.
//!
//! ```
//! use sscard_kit::card::Protocol;
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//! use sscard_kit::terminal::payment::{Settings, TestIssuer, pay};
//! use sscard_kit::transport::{Disposition, Follow, InProcess, Layer, Transport, TransportError};
//!
//! struct Liar<'l> {
//!     card: InProcess,
//!     lies: &'l [u8],
//! }
//!
//! impl Transport for Liar<'_> {
//!     fn atr(&self) -> &[u8] {
//!         self.card.atr()
//!     }
//!
//!     fn protocol(&self) -> Protocol {
//!         self.card.protocol()
//!     }
//!
//!     fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
//!         self.card.transmit(command, response)?;
//!         if let [place, change, rest @ ..] = self.lies {
//!             let place = usize::from(*place) % response.len();
//!             response[place] ^= change;
//!             self.lies = rest;
//!         }
//!         Ok(())
//!     }
//!
//!     fn reset(&mut self) -> Result<(), TransportError> {
//!         self.card.reset()
//!     }
//!
//!     fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
//!         Box::new(self.card).close(disposition)
//!     }
//! }
//!
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! // Powered once; each case begins with a clone, which costs next to nothing.
//! let fresh = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! for change in 1..=20 {
//!     let card = InProcess::power_on(fresh.clone())?;
//!     let lies = [0, 0, 7, change, 11, change];
//!     let mut card = Follow::new(Liar { card, lies: &lies });
//!     let before = card.below().card.card().digest();
//!     // An error or a refusal is an honest end; a panic or an endless loop is a finding.
//!     let _ = pay(&mut card, &mut TestIssuer::default(), &Settings::default());
//!     assert_ne!(card.below().card.card().digest(), before);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_terminal::*;
