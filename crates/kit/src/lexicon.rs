//! What bytes mean to a person, in Chinese and English.
//!
//! ```
//! use sscard_kit::apdu::StatusWord;
//! use sscard_kit::lexicon::{describe_command, status_meaning};
//!
//! assert_eq!(describe_command(&[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00]), "SELECT MF");
//! let meaning = status_meaning(StatusWord::FILE_NOT_FOUND, 0xA4);
//! assert_eq!(meaning.to_string(), "file not found (文件未找到)");
//! ```

pub use sscard_lexicon::*;
