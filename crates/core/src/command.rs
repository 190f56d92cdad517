//! The instruction set of the social security application on one screen: bytes to meaning.
//!
//! What enters: a plain command of the application's repertoire, and how long a PIN may be. What leaves: a [`Command`],
//! or 6882 (protected, but takes no protection), 6E00 (not protected, but has to be), 6A86, 6700.

use sscard_apdu::StatusWord;
use sscard_commands::ins;

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
        match protection_of(command.ins) {
            Protected::Never if command.protected => {
                return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED);
            }
            Protected::Always if !command.protected => {
                return Err(StatusWord::CLASS_NOT_SUPPORTED);
            }
            _ => {}
        }
        Ok(match command.ins {
            ins::READ_BINARY => {
                no_data(data)?;
                Self::ReadBinary { place: BinaryPlace::parse(p1, p2)?, ne }
            }
            ins::READ_RECORD => {
                no_data(data)?;
                Self::ReadRecord { place: RecordPlace::parse(p1, p2)? }
            }
            ins::UPDATE_BINARY => {
                let place = BinaryPlace::parse(p1, p2)?;
                Self::UpdateBinary { place, data: some_data(data)? }
            }
            ins::UPDATE_RECORD => {
                let place = RecordPlace::parse(p1, p2)?.of_one()?;
                Self::UpdateRecord { place, data: some_data(data)? }
            }
            ins::GET_CHALLENGE => {
                parameters(command, 0x00, 0x00)?;
                no_data(data)?;
                match ne {
                    4 | 8 | 16 => Self::GetChallenge { length: ne },
                    _ => return Err(StatusWord::WRONG_LENGTH),
                }
            }
            ins::EXTERNAL_AUTHENTICATE if p1 == 0 => {
                Self::ExternalAuthenticate { key: KeyId(p2), data: authentication_data(data)? }
            }
            ins::INTERNAL_AUTHENTICATE => {
                parameters(command, 0x00, KeyId::IRK.0)?;
                Self::InternalAuthenticate { data: authentication_data(data)? }
            }
            ins::VERIFY if p1 == 0 => {
                if p2 != 0 {
                    return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
                }
                let (shortest, longest) = pin.lengths();
                if !data.is_empty() && !(shortest..=longest).contains(&data.len()) {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                Self::Verify { pin: data }
            }
            ins::CHANGE_PIN => {
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
            ins::PIN_UNBLOCK if p1 == 0 && p2 == 0 => Self::UnblockPin,
            ins::PIN_UNBLOCK if p1 == 0 && p2 == 1 => Self::ReloadPin { pin: data },
            ins::ACTIVATE_FILE => {
                parameters(command, 0x00, 0x00)?;
                no_data(data)?;
                Self::ActivateFile
            }
            ins::DEACTIVATE_FILE => {
                parameters(command, 0x00, 0x00)?;
                no_data(data)?;
                Self::DeactivateFile
            }
            ins::APPLICATION_BLOCK if p1 == 0 && p2 == 1 => Self::BlockApplication,
            ins::CARD_BLOCK if p1 == 0 && p2 == 0 => Self::BlockCard,
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

/// The protection of each instruction.
const fn protection_of(ins: u8) -> Protected {
    match ins {
        ins::UPDATE_BINARY | ins::UPDATE_RECORD => Protected::Maybe,
        ins::CARD_BLOCK | ins::APPLICATION_BLOCK | ins::PIN_UNBLOCK => Protected::Always,
        _ => Protected::Never,
    }
}

fn parameters(command: &PlainCommand<'_>, p1: u8, p2: u8) -> Result<(), StatusWord> {
    if (command.p1, command.p2) == (p1, p2) { Ok(()) } else { Err(StatusWord::INCORRECT_P1_P2) }
}

fn no_data(data: &[u8]) -> Result<(), StatusWord> {
    if data.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}

fn some_data(data: &[u8]) -> Result<&[u8], StatusWord> {
    if data.is_empty() { Err(StatusWord::WRONG_LENGTH) } else { Ok(data) }
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
