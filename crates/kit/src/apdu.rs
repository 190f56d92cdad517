//! Wire formats: bytes and text to commands, responses, status words, TLV and ATRs, and back.
//!
//! ```
//! use sscard_kit::apdu::{Aid, ClassByte, CommandApdu, CommandBuf, ResponseApdu, StatusWord};
//!
//! // From text, from bytes, from fields; into a vector, into a slice.
//! let typed: CommandBuf = "00 A4 04 00 05 D1 56 00 00 05".parse()?;
//! let aid: Aid = "D156000005".parse()?;
//! let made = CommandApdu::new(ClassByte::new(0x00), 0xA4, 0x04, 0x00).with_data(aid.as_bytes());
//! assert_eq!(typed.as_apdu(), made);
//! let mut buffer = [0; 261];
//! let length = made.emit_into(&mut buffer)?;
//! assert_eq!(CommandApdu::try_from(&buffer[..length])?, made);
//!
//! let response = ResponseApdu::parse(&[0x63, 0xC5])?;
//! assert_eq!(response.status.tries_left(), Some(5));
//! assert_eq!("9000".parse(), Ok(StatusWord::SUCCESS));
//!
//! // What prints a command never prints a PIN.
//! let verify: CommandBuf = "0020000003123456".parse()?;
//! assert!(format!("{verify:?}").contains("data: 3 bytes"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use sscard_apdu::*;
