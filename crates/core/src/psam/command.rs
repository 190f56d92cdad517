//! The instruction set of a security module on one screen: bytes to meaning.
//!
//! What enters: a plain command. What leaves: a [`Command`], or 6D00 (unknown instruction), 6E00 (known, but not
//! in this class; or a class that has no instruction here), 6882, 6A86, 6700.

use sscard_apdu::StatusWord;
use sscard_commands::{class, ins};

use crate::applet::PlainCommand;
use crate::catalogue::PsamClass;
use crate::fs::binary::BinaryPlace;
use crate::fs::record::RecordPlace;

/// What a command of a security module asks for.
pub(super) enum Command<'a> {
    ReadBinary {
        place: BinaryPlace,
        ne: usize,
    },
    ReadRecord {
        place: RecordPlace,
    },
    GetChallenge {
        length: usize,
    },
    /// A card's key itself, which some MACs are made with.
    LoadKey {
        name: KeyName,
        data: &'a [u8],
    },
    /// A card's session key.
    LoadSessionKey {
        name: KeyName,
        data: &'a [u8],
    },
    Compute {
        operation: Operation,
        data: &'a [u8],
    },
    InitPurchase {
        data: &'a [u8],
    },
    CreditPurchase {
        mac: &'a [u8; 4],
    },
    WriteKey {
        target: Target,
        data: &'a [u8],
    },
}

/// What names a key in P1 and P2.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct KeyName {
    /// Levels of diversification (b8…b6), class.
    pub(super) usage: u8,
    pub(super) id: u8,
}

impl KeyName {
    /// How many factors lead to a card's key.
    pub(super) fn levels(self) -> usize {
        usize::from(self.usage >> 5)
    }
}

/// What 80FA does with the loaded key, by P1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// 00, or 02 when more follows: each block by itself.
    Encipher,
    /// 05 the only part, 07 the first one: begins with an initial value; 03 goes on; 01 and 05 end it.
    Mac { begins: bool, ends: bool },
}

/// What WRITE KEY writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// 00 01: a key that the module lends.
    Key,
    /// 01 00: the master key.
    MasterKey,
}

impl<'a> TryFrom<&PlainCommand<'a>> for Command<'a> {
    type Error = StatusWord;

    fn try_from(command: &PlainCommand<'a>) -> Result<Self, StatusWord> {
        let (p1, p2, data, ne) = (command.p1, command.p2, command.data, command.ne);
        admit(command)?;
        Ok(match (command.ins, p1, p2) {
            (ins::READ_BINARY, ..) => {
                no_data(data)?;
                Self::ReadBinary { place: BinaryPlace::parse(p1, p2)?, ne }
            }
            (ins::READ_RECORD, ..) => {
                no_data(data)?;
                Self::ReadRecord { place: RecordPlace::parse(p1, p2)? }
            }
            (ins::GET_CHALLENGE, 0x00, 0x00) => {
                no_data(data)?;
                Self::GetChallenge { length: ne }
            }
            (ins::LOAD_KEY, ..) => Self::LoadKey { name: key_name(p1, p2)?, data },
            (ins::LOAD_SESSION_KEY, ..) => Self::LoadSessionKey { name: key_name(p1, p2)?, data },
            (ins::CIPHER, _, 0x00) => Self::Compute {
                operation: match p1 {
                    0x00 | 0x02 => Operation::Encipher,
                    0x01 => Operation::Mac { begins: false, ends: true },
                    0x03 => Operation::Mac { begins: false, ends: false },
                    0x05 => Operation::Mac { begins: true, ends: true },
                    0x07 => Operation::Mac { begins: true, ends: false },
                    _ => return Err(StatusWord::INCORRECT_P1_P2),
                },
                data,
            },
            (ins::INIT_SAM_FOR_PURCHASE, 0x00, 0x00) => Self::InitPurchase { data },
            (ins::CREDIT_SAM_FOR_PURCHASE, 0x00, 0x00) => {
                let mac = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
                Self::CreditPurchase { mac }
            }
            (ins::WRITE_KEY, 0x00, 0x01) => Self::WriteKey { target: Target::Key, data },
            (ins::WRITE_KEY, 0x01, 0x00) => Self::WriteKey { target: Target::MasterKey, data },
            _ => return Err(StatusWord::INCORRECT_P1_P2),
        })
    }
}

/// Whether the application has the instruction in this class.
fn admit(command: &PlainCommand<'_>) -> Result<(), StatusWord> {
    let (class, is_protected) = match command.ins {
        ins::READ_BINARY
        | ins::READ_RECORD
        | ins::GET_CHALLENGE
        | ins::SELECT
        | ins::GET_RESPONSE => (class::INTERINDUSTRY, false),
        ins::LOAD_KEY | ins::LOAD_SESSION_KEY => (class::PSAM, false),
        ins::CIPHER | ins::INIT_SAM_FOR_PURCHASE | ins::CREDIT_SAM_FOR_PURCHASE => {
            (class::PROPRIETARY, false)
        }
        ins::WRITE_KEY => (class::PROPRIETARY, true),
        _ => {
            return Err(match command.class {
                class::INTERINDUSTRY | class::PROPRIETARY | class::PSAM => {
                    StatusWord::INS_NOT_SUPPORTED
                }
                _ => StatusWord::CLASS_NOT_SUPPORTED,
            });
        }
    };
    match (is_protected, command.protected) {
        _ if command.class != class => Err(StatusWord::CLASS_NOT_SUPPORTED),
        (true, false) => Err(StatusWord::CLASS_NOT_SUPPORTED),
        (false, true) => Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
        _ => Ok(()),
    }
}

/// `6A86` no number of levels, or no class.
fn key_name(usage: u8, id: u8) -> Result<KeyName, StatusWord> {
    let name = KeyName { usage, id };
    let is_sound = (1..=3).contains(&name.levels()) && PsamClass::of_usage(usage).is_some();
    is_sound.then_some(name).ok_or(StatusWord::INCORRECT_P1_P2)
}

fn no_data(data: &[u8]) -> Result<(), StatusWord> {
    if data.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}
