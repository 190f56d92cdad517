//! The instruction set of the social security application on one screen: bytes to meaning.
//!
//! What enters: a plain command, and how long a PIN may be. What leaves: a [`Command`], or 6D00 (unknown instruction), 6E00
//! (known, but not in this class), 6882 (protected, but takes no protection), 6A86, 6700.

use sscard_apdu::StatusWord;

use crate::access::KeyId;
use crate::applet::PlainCommand;
use crate::fs::binary::BinaryPlace;
use crate::fs::record::RecordPlace;
use crate::profile::PinDigits;

/// Length of the authentication data, of the original information and of the process factor.
const PART: usize = 8;

/// What a command of the social security application asks for.
pub(crate) enum Command<'a> {
    ReadBinary { place: BinaryPlace, ne: usize },
    ReadRecord { place: RecordPlace },
    UpdateBinary { place: BinaryPlace, data: &'a [u8] },
    UpdateRecord { place: RecordPlace, data: &'a [u8] },
    GetChallenge { length: usize },
    ExternalAuthenticate { key: KeyId, data: AuthenticationData<'a> },
    InternalAuthenticate { data: AuthenticationData<'a> },
    Verify { pin: &'a [u8] },
    ChangePin { old: &'a [u8], new: &'a [u8] },
    UnblockPin,
    ReloadPin { pin: &'a [u8] },
    ActivateFile,
    DeactivateFile,
    BlockApplication,
    BlockCard,
}

/// Data of INTERNAL and EXTERNAL AUTHENTICATE: two parts of 8 bytes and perhaps a key version.
pub(crate) struct AuthenticationData<'a> {
    pub(crate) first: &'a [u8; PART],
    pub(crate) original: &'a [u8; PART],
    pub(crate) version: Option<u8>,
}

impl core::fmt::Debug for Command<'_> {
    /// Which one it is, and nothing of its data: they may be a PIN.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::ReadBinary { .. } => "ReadBinary",
            Self::ReadRecord { .. } => "ReadRecord",
            Self::UpdateBinary { .. } => "UpdateBinary",
            Self::UpdateRecord { .. } => "UpdateRecord",
            Self::GetChallenge { .. } => "GetChallenge",
            Self::ExternalAuthenticate { .. } => "ExternalAuthenticate",
            Self::InternalAuthenticate { .. } => "InternalAuthenticate",
            Self::Verify { .. } => "Verify",
            Self::ChangePin { .. } => "ChangePin",
            Self::UnblockPin => "UnblockPin",
            Self::ReloadPin { .. } => "ReloadPin",
            Self::ActivateFile => "ActivateFile",
            Self::DeactivateFile => "DeactivateFile",
            Self::BlockApplication => "BlockApplication",
            Self::BlockCard => "BlockCard",
        })
    }
}

impl<'a> TryFrom<(&PlainCommand<'a>, PinDigits)> for Command<'a> {
    type Error = StatusWord;

    #[inline(always)]
    fn try_from((command, pin): (&PlainCommand<'a>, PinDigits)) -> Result<Self, StatusWord> {
        let (p1, p2, data, ne) = (command.p1, command.p2, command.data, command.ne);
        let (class, protection) = class_of(command.ins).ok_or(StatusWord::INS_NOT_SUPPORTED)?;
        if command.class != class {
            return Err(StatusWord::CLASS_NOT_SUPPORTED);
        }
        match protection {
            Protected::Never if command.protected => {
                return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED);
            }
            Protected::Always if !command.protected => {
                return Err(StatusWord::CLASS_NOT_SUPPORTED);
            }
            _ => {}
        }
        Ok(match command.ins {
            0xB0 => {
                no_data(data)?;
                Self::ReadBinary { place: BinaryPlace::parse(p1, p2)?, ne }
            }
            0xB2 => {
                no_data(data)?;
                Self::ReadRecord { place: RecordPlace::parse(p1, p2)? }
            }
            0xD6 => Self::UpdateBinary { place: BinaryPlace::parse(p1, p2)?, data },
            0xDC => Self::UpdateRecord { place: RecordPlace::parse(p1, p2)?, data },
            0x84 => {
                parameters(command, 0x00, 0x00)?;
                no_data(data)?;
                match ne {
                    4 | 8 | 16 => Self::GetChallenge { length: ne },
                    _ => return Err(StatusWord::WRONG_LENGTH),
                }
            }
            0x82 if p1 == 0 => {
                Self::ExternalAuthenticate { key: KeyId(p2), data: authentication_data(data)? }
            }
            0x88 if p1 == 0 => {
                let data = authentication_data(data)?;
                if p2 != KeyId::IRK.0 {
                    return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
                }
                Self::InternalAuthenticate { data }
            }
            0x20 if p1 == 0 => {
                if p2 != 0 {
                    return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
                }
                let (shortest, longest) = pin.lengths();
                if !data.is_empty() && !(shortest..=longest).contains(&data.len()) {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                Self::Verify { pin: data }
            }
            0x5E => {
                parameters(command, 0x01, 0x00)?;
                let (shortest, longest) = pin.lengths();
                // An empty PIN counts, on one side.
                let (shortest, longest) =
                    (shortest.saturating_add(1), longest.saturating_mul(2).saturating_add(1));
                if !(shortest..=longest).contains(&data.len()) {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                let separator = data.iter().position(|byte| *byte == 0xFF);
                let separator = separator.ok_or(StatusWord::INCORRECT_DATA)?;
                let (old, rest) = data.split_at(separator);
                Self::ChangePin { old, new: rest.get(1..).unwrap_or(&[]) }
            }
            0x24 if p1 == 0 && p2 == 0 => Self::UnblockPin,
            0x24 if p1 == 0 && p2 == 1 => Self::ReloadPin { pin: data },
            0x44 => {
                parameters(command, 0x00, 0x00)?;
                no_data(data)?;
                Self::ActivateFile
            }
            0x04 => {
                parameters(command, 0x00, 0x00)?;
                no_data(data)?;
                Self::DeactivateFile
            }
            0x1E if p1 == 0 && p2 == 1 => Self::BlockApplication,
            0x16 if p1 == 0 && p2 == 0 => Self::BlockCard,
            _ => return Err(StatusWord::INCORRECT_P1_P2),
        })
    }
}

/// Whether a command takes secure messaging.
#[derive(Clone, Copy)]
enum Protected {
    Never,
    Maybe,
    Always,
}

/// Whether an instruction is one of these, whatever its class.
pub(crate) const fn is_known(ins: u8) -> bool {
    class_of(ins).is_some()
}

/// The class (without its protection bits) and the protection of each instruction.
const fn class_of(ins: u8) -> Option<(u8, Protected)> {
    Some(match ins {
        0x04 | 0x20 | 0x44 | 0x82 | 0x84 | 0x88 | 0xB0 | 0xB2 => (0x00, Protected::Never),
        0xD6 | 0xDC => (0x00, Protected::Maybe),
        0x5E => (0x80, Protected::Never),
        0x16 | 0x1E | 0x24 => (0x80, Protected::Always),
        _ => return None,
    })
}

fn parameters(command: &PlainCommand<'_>, p1: u8, p2: u8) -> Result<(), StatusWord> {
    if (command.p1, command.p2) == (p1, p2) { Ok(()) } else { Err(StatusWord::INCORRECT_P1_P2) }
}

fn no_data(data: &[u8]) -> Result<(), StatusWord> {
    if data.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}

fn authentication_data(data: &[u8]) -> Result<AuthenticationData<'_>, StatusWord> {
    let (first, rest) = data.split_first_chunk::<PART>().ok_or(StatusWord::WRONG_LENGTH)?;
    let (original, rest) = rest.split_first_chunk::<PART>().ok_or(StatusWord::WRONG_LENGTH)?;
    let version = match rest {
        [] => None,
        [version] => Some(*version),
        _ => return Err(StatusWord::WRONG_LENGTH),
    };
    Ok(AuthenticationData { first, original, version })
}
