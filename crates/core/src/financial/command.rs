//! The instruction set of a payment application on one screen: bytes to meaning.
//!
//! What enters: a plain command of the application's repertoire. What leaves: a [`Command`], or 6882 (protected, but
//! takes no protection), 6A86, 6700.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Tag;
use sscard_commands::ins;

use super::transaction::Kind;
use crate::applet::PlainCommand;

/// What GENERATE AC asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Request {
    pub(super) kind: Kind,
    /// Combined with dynamic data authentication (P1 bit 5).
    pub(super) combined: bool,
}

/// An issuer script command, still with its MAC. What P1 and P2 mean is looked at behind the MAC: a
/// wrong one is a script that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Script {
    ApplicationBlock,
    ApplicationUnblock,
    CardBlock,
    Pin,
    PutData,
    UpdateRecord,
}

/// What PIN CHANGE/UNBLOCK does, by P2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PinScript {
    Unblock,
    ChangeWithOld,
    Change,
}

impl PinScript {
    pub(super) fn of(command: &PlainCommand<'_>) -> Result<Self, StatusWord> {
        match (command.p1, command.p2) {
            (0x00, 0x00) => Ok(Self::Unblock),
            (0x00, 0x01) => Ok(Self::ChangeWithOld),
            (0x00, 0x02) => Ok(Self::Change),
            _ => Err(StatusWord::INCORRECT_P1_P2),
        }
    }
}

/// What a command of a payment application asks for.
pub(super) enum Command<'a> {
    GetProcessingOptions { data: &'a [u8] },
    ReadRecord { number: u8, sfi: u8 },
    GetData { tag: Tag },
    GetChallenge { length: usize },
    Verify { block: &'a [u8; 8] },
    VerifyEnciphered { data: &'a [u8] },
    InternalAuthenticate { data: &'a [u8] },
    ExternalAuthenticate { data: &'a [u8] },
    GenerateAc { request: Request, data: &'a [u8] },
    Script(Script),
}

impl core::fmt::Debug for Command<'_> {
    /// Which one it is, and nothing of its data: they may be a PIN.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::GetProcessingOptions { .. } => "GetProcessingOptions",
            Self::ReadRecord { .. } => "ReadRecord",
            Self::GetData { .. } => "GetData",
            Self::GetChallenge { .. } => "GetChallenge",
            Self::Verify { .. } => "Verify",
            Self::VerifyEnciphered { .. } => "VerifyEnciphered",
            Self::InternalAuthenticate { .. } => "InternalAuthenticate",
            Self::ExternalAuthenticate { .. } => "ExternalAuthenticate",
            Self::GenerateAc { .. } => "GenerateAc",
            Self::Script(_) => "Script",
        })
    }
}

impl<'a> TryFrom<&PlainCommand<'a>> for Command<'a> {
    type Error = StatusWord;

    fn try_from(command: &PlainCommand<'a>) -> Result<Self, StatusWord> {
        let (p1, p2, data) = (command.p1, command.p2, command.data);
        // A script without its protection is understood, and refused with 6987 where it belongs.
        let is_script = matches!(
            command.ins,
            ins::CARD_BLOCK
                | ins::APPLICATION_UNBLOCK
                | ins::APPLICATION_BLOCK
                | ins::PIN_UNBLOCK
                | ins::PUT_DATA
                | ins::UPDATE_RECORD
        );
        if command.protected && !is_script {
            return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED);
        }
        Ok(match command.ins {
            ins::GET_PROCESSING_OPTIONS => {
                parameters(command, 0x00, 0x00)?;
                Self::GetProcessingOptions { data }
            }
            ins::READ_RECORD => {
                no_data(data)?;
                Self::ReadRecord { number: p1, sfi: record_file(p2)? }
            }
            ins::GET_DATA => {
                no_data(data)?;
                Self::GetData { tag: Tag::from_number(u16::from_be_bytes([p1, p2]).into()) }
            }
            ins::GET_CHALLENGE => {
                parameters(command, 0x00, 0x00)?;
                no_data(data)?;
                match command.ne {
                    4 => Self::GetChallenge { length: 4 },
                    8 | 256.. => Self::GetChallenge { length: 8 },
                    _ => return Err(StatusWord::WRONG_LENGTH),
                }
            }
            ins::VERIFY if p1 == 0x00 && p2 == 0x80 => {
                let block = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
                Self::Verify { block }
            }
            ins::VERIFY if p1 == 0x00 && p2 == 0x88 => Self::VerifyEnciphered { data },
            ins::INTERNAL_AUTHENTICATE => {
                parameters(command, 0x00, 0x00)?;
                Self::InternalAuthenticate { data }
            }
            ins::EXTERNAL_AUTHENTICATE => {
                parameters(command, 0x00, 0x00)?;
                if !(8..=16).contains(&data.len()) {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                Self::ExternalAuthenticate { data }
            }
            ins::GENERATE_AC => Self::GenerateAc { request: request(p1, p2)?, data },
            ins::APPLICATION_BLOCK => Self::Script(Script::ApplicationBlock),
            ins::APPLICATION_UNBLOCK => Self::Script(Script::ApplicationUnblock),
            ins::CARD_BLOCK => Self::Script(Script::CardBlock),
            ins::PIN_UNBLOCK => Self::Script(Script::Pin),
            ins::PUT_DATA => Self::Script(Script::PutData),
            ins::UPDATE_RECORD => Self::Script(Script::UpdateRecord),
            _ => return Err(StatusWord::INCORRECT_P1_P2),
        })
    }
}

pub(super) fn parameters(command: &PlainCommand<'_>, p1: u8, p2: u8) -> Result<(), StatusWord> {
    if (command.p1, command.p2) == (p1, p2) { Ok(()) } else { Err(StatusWord::INCORRECT_P1_P2) }
}

pub(super) fn no_data(data: &[u8]) -> Result<(), StatusWord> {
    if data.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}

/// The short file identifier of P2, whose low three bits say that P1 is a record number.
pub(super) fn record_file(p2: u8) -> Result<u8, StatusWord> {
    match (p2 & 0x07, p2 >> 3) {
        (0x04, sfi @ 1..=30) => Ok(sfi),
        _ => Err(StatusWord::INCORRECT_P1_P2),
    }
}

fn request(p1: u8, p2: u8) -> Result<Request, StatusWord> {
    let kind = match (p1 & 0xEF, p2) {
        (0x00, 0x00) => Kind::Aac,
        (0x40, 0x00) => Kind::Tc,
        (0x80, 0x00) => Kind::Arqc,
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    Ok(Request { kind, combined: p1 & 0x10 != 0 })
}
