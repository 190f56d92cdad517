//! The table of instructions: what a command is called, which of its bytes are secret, whether it may use up tries; commands
//! as types.
//!
//! ```
//! use sscard_kit::commands::{Danger, Secrecy, ins, social};
//!
//! let verify = social(0x00, ins::VERIFY).ok_or("unknown")?;
//! assert_eq!((verify.name, verify.secrecy, verify.danger), ("VERIFY", Secrecy::Secret, Danger::WithData));
//! # Ok::<(), &str>(())
//! ```

pub use sscard_commands::*;
