//! APDUs that own their data, for text, collections and answers that outlive a buffer.
//!
//! What enters: bytes, hexadecimal text, or a borrowed APDU. What leaves: the borrowed APDU again, by
//! `as_apdu`.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::hex::{self, FromHexError};
use crate::{ClassByte, CommandApdu, EmitError, ParseError, ResponseApdu, StatusWord};

/// A command APDU with a data field of its own; `"00A4040C".parse()` reads one. Like [`CommandApdu`] it
/// prints without its data: they may be a PIN or a key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CommandBuf {
    class: ClassByte,
    ins: u8,
    p1: u8,
    p2: u8,
    data: Vec<u8>,
    ne: usize,
    extended: bool,
}

impl CommandBuf {
    /// The command, borrowed.
    #[must_use]
    pub fn as_apdu(&self) -> CommandApdu<'_> {
        let Self { class, ins, p1, p2, ref data, ne, extended } = *self;
        CommandApdu { class, ins, p1, p2, data, ne, extended }
    }

    /// The command's bytes.
    ///
    /// # Errors
    /// As [`CommandApdu::emit`].
    pub fn to_vec(&self) -> Result<Vec<u8>, EmitError> {
        self.as_apdu().to_vec()
    }
}

impl From<CommandApdu<'_>> for CommandBuf {
    fn from(command: CommandApdu<'_>) -> Self {
        let CommandApdu { class, ins, p1, p2, data, ne, extended } = command;
        Self { class, ins, p1, p2, data: data.to_vec(), ne, extended }
    }
}

impl TryFrom<&[u8]> for CommandBuf {
    type Error = ParseError;

    fn try_from(bytes: &[u8]) -> Result<Self, ParseError> {
        CommandApdu::parse(bytes).map(Self::from)
    }
}

impl FromStr for CommandBuf {
    type Err = FromHexError;

    fn from_str(text: &str) -> Result<Self, FromHexError> {
        Ok(Self::try_from(hex::decode(text)?.as_slice())?)
    }
}

impl fmt::Debug for CommandBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_apdu().fmt(f)
    }
}

/// A response APDU with a data field of its own; `"6F009000".parse()` reads one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ResponseBuf {
    /// Data field; may come with a warning too.
    pub data: Vec<u8>,
    /// SW1 SW2.
    pub status: StatusWord,
}

impl ResponseBuf {
    /// The response, borrowed.
    #[must_use]
    pub fn as_apdu(&self) -> ResponseApdu<'_> {
        ResponseApdu { data: &self.data, status: self.status }
    }

    /// The response's bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.as_apdu().to_vec()
    }
}

impl From<ResponseApdu<'_>> for ResponseBuf {
    fn from(response: ResponseApdu<'_>) -> Self {
        Self { data: response.data.to_vec(), status: response.status }
    }
}

impl TryFrom<&[u8]> for ResponseBuf {
    type Error = ParseError;

    fn try_from(bytes: &[u8]) -> Result<Self, ParseError> {
        ResponseApdu::parse(bytes).map(Self::from)
    }
}

impl TryFrom<Vec<u8>> for ResponseBuf {
    type Error = ParseError;

    /// Takes the bytes over; nothing is copied.
    fn try_from(mut bytes: Vec<u8>) -> Result<Self, ParseError> {
        let (data, status) = bytes.split_last_chunk::<2>().ok_or(ParseError::TooShort)?;
        let (length, status) = (data.len(), StatusWord::from_bytes(*status));
        bytes.truncate(length);
        Ok(Self { data: bytes, status })
    }
}

impl FromStr for ResponseBuf {
    type Err = FromHexError;

    fn from_str(text: &str) -> Result<Self, FromHexError> {
        Ok(Self::try_from(hex::decode(text)?)?)
    }
}

#[cfg(test)]
mod tests;
