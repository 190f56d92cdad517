//! Ways to a card and layers around them. A transport of one's own implements
//! [`Transport`]; [`Transport::send`] comes with it.
//!
//! ```
//! use sscard_kit::apdu::CommandBuf;
//! use sscard_kit::card::{Card, Protocol};
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//! use sscard_kit::transport::{Disposition, Recorder, Secrets, Transport, TransportError};
//!
//! /// A card behind a wire of one's own; here the wire is a function call.
//! struct Wire {
//!     card: Card,
//!     atr: Vec<u8>,
//! }
//!
//! impl Transport for Wire {
//!     fn atr(&self) -> &[u8] {
//!         &self.atr
//!     }
//!
//!     fn protocol(&self) -> Protocol {
//!         self.card.protocol()
//!     }
//!
//!     fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
//!         // A card without power leaves the response empty, as the contract has it after an error.
//!         self.card.transmit(command, response);
//!         if response.is_empty() { Err(TransportError::Removed) } else { Ok(()) }
//!     }
//!
//!     fn reset(&mut self) -> Result<(), TransportError> {
//!         self.atr = self.card.reset().map_err(|_| TransportError::Removed)?.to_vec();
//!         Ok(())
//!     }
//!
//!     fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
//!         Ok(())
//!     }
//! }
//!
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! let atr = card.power_on()?.to_vec();
//! let mut reader = Recorder::new(Wire { card, atr }, Secrets::Redacted);
//! let select: CommandBuf = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF".parse()?;
//! reader.send(&select.as_apdu())?;
//! let verify: CommandBuf = "0020000003123456".parse()?;
//! assert!(reader.send(&verify.as_apdu())?.status.is_success());
//! assert_eq!(reader.exchanges()[1].command_hex(), "0020000003******");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A reader that takes a stale answer for a new one is found by the fault layer:
//!
//! ```
//! use sscard_kit::profile::{MasterKeys, built_in, issue, synthetic_holder};
//! use sscard_kit::transport::{FaultInjector, FaultPlan, InProcess, Transport, TransportError};
//!
//! let profile = built_in("gen3").ok_or("no gen3")?;
//! let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test())?;
//! let plan = FaultPlan::new(1, TransportError::Reset).executing(true);
//! let mut reader = FaultInjector::new(InProcess::power_on(card)?, plan).keeping_stale_answers();
//! let mut response = Vec::new();
//! reader.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08], &mut response)?;
//! let first = response.clone();
//! assert!(reader.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08], &mut response).is_err());
//! assert_eq!(response, first, "the answer before; a careless reader uses a challenge twice");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_host::*;
