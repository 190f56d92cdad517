//! The instruction set of the PKI application on one screen: bytes to meaning.
//!
//! What enters: a plain command. What leaves: a [`Command`], or 6D00 (unknown instruction), 6E00 (known, but not
//! in this class), 6882 (protected, but takes no protection), 6A86, 6700, and what is wrong with its objects:
//! 6A80, 6A82.

use sscard_apdu::tlv::{Reader, Tag};
use sscard_apdu::{FileId, StatusWord};
use sscard_commands::{class, ins};
use sscard_elements::pki as tag;

use super::files::{self, File, Kind, Purpose};
use super::pins::Pin;
use crate::applet::PlainCommand;
use crate::fs::binary::BinaryPlace;

/// Length of an envelope of a session key: a point, a hash, 16 bytes.
const ENVELOPE: usize = 64 + 32 + 16;

/// What a command of the PKI application asks for.
pub(super) enum Command<'a> {
    ReadBinary { place: BinaryPlace, ne: usize },
    UpdateBinary { place: BinaryPlace, data: &'a [u8] },
    GetChallenge { length: usize },
    Verify { pin: Pin, proof: &'a [u8] },
    ChangePin { pin: Pin, new: &'a [u8] },
    UnblockPin { new: &'a [u8] },
    GenerateKeyPair { purpose: Purpose },
    NamePublicKey { purpose: Purpose },
    GetPublicKey,
    OpenEnvelope { purpose: Purpose, envelope: &'a [u8] },
    ImportSessionKey { key: &'a [u8; 16] },
    ImportPublicKey { key: &'a [u8; 64] },
    ImportPrivateKey { enciphered: &'a [u8; 32] },
    Hash { input: &'a [u8] },
    Sign { digest: &'a [u8; 32] },
    VerifySignature { digest: &'a [u8; 32], signature: &'a [u8; 64], key: Option<&'a [u8; 64]> },
    Decipher { cipher: &'a [u8] },
}

/// The class of each instruction, and whether it comes under secure messaging: always or never.
const fn class_of(ins: u8) -> Option<(u8, bool)> {
    Some(match ins {
        ins::VERIFY
        | ins::GET_CHALLENGE
        | ins::READ_BINARY
        | ins::UPDATE_BINARY
        | ins::PERFORM_SECURITY_OPERATION => (class::INTERINDUSTRY, false),
        ins::GENERATE_KEY_PAIR
        | ins::GET_PUBLIC_KEY
        | ins::OPEN_ENVELOPE
        | ins::IMPORT_SESSION_KEY
        | ins::IMPORT_KEY
        | ins::HASH => (class::PROPRIETARY, false),
        ins::CHANGE_PIN | ins::PIN_UNBLOCK => (class::PROPRIETARY, true),
        _ => return None,
    })
}

impl<'a> TryFrom<&PlainCommand<'a>> for Command<'a> {
    type Error = StatusWord;

    fn try_from(command: &PlainCommand<'a>) -> Result<Self, StatusWord> {
        let (p1, p2, data, ne) = (command.p1, command.p2, command.data, command.ne);
        let is_used = matches!(command.class, class::INTERINDUSTRY | class::PROPRIETARY);
        match class_of(command.ins) {
            None if is_used => return Err(StatusWord::INS_NOT_SUPPORTED),
            None => return Err(StatusWord::CLASS_NOT_SUPPORTED),
            Some((class, _)) if class != command.class => {
                return Err(StatusWord::CLASS_NOT_SUPPORTED);
            }
            Some((_, true)) if !command.protected => return Err(StatusWord::CLASS_NOT_SUPPORTED),
            Some((_, false)) if command.protected => {
                return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED);
            }
            Some(_) => {}
        }
        Ok(match (command.ins, p1, p2) {
            (ins::READ_BINARY, ..) => {
                no_data(data)?;
                Self::ReadBinary { place: BinaryPlace::parse(p1, p2)?, ne }
            }
            (ins::UPDATE_BINARY, ..) => {
                Self::UpdateBinary { place: BinaryPlace::parse(p1, p2)?, data }
            }
            (ins::GET_CHALLENGE, 0x00, 0x00) => {
                no_data(data)?;
                match ne {
                    4 | 8 | 16 => Self::GetChallenge { length: ne },
                    _ => return Err(StatusWord::WRONG_LENGTH),
                }
            }
            (ins::VERIFY, 0x01, _) => {
                let pin = pin(p2)?;
                if !matches!(data.len(), 0 | 16) {
                    return Err(StatusWord::WRONG_LENGTH);
                }
                Self::Verify { pin, proof: data }
            }
            (ins::CHANGE_PIN, 0x01, _) => Self::ChangePin { pin: pin(p2)?, new: data },
            (ins::PIN_UNBLOCK, 0x01, _) => match pin(p2)? {
                Pin::User => Self::UnblockPin { new: data },
                // Nobody stands above the administrator.
                Pin::Administrator => return Err(StatusWord::REFERENCED_DATA_NOT_FOUND),
            },
            (ins::GENERATE_KEY_PAIR, 0x00, 0x00) => Self::GenerateKeyPair { purpose: pair(data)? },
            (ins::GET_PUBLIC_KEY, 0x82, 0x00) => Self::NamePublicKey { purpose: pair(data)? },
            (ins::GET_PUBLIC_KEY, 0x82, 0x80) => {
                no_data(data)?;
                Self::GetPublicKey
            }
            (ins::OPEN_ENVELOPE, 0x00, 0x01) => {
                let [file, envelope] = objects(data, [tag::PRIVATE_KEY_FILE, tag::INPUT])?;
                let file = key_file(file, Kind::Private)?;
                if envelope.len() != ENVELOPE {
                    return Err(StatusWord::INCORRECT_DATA);
                }
                Self::OpenEnvelope { purpose: file.purpose, envelope }
            }
            (ins::IMPORT_SESSION_KEY, 0x02, 0x10) => {
                let [key] = objects(data, [tag::INPUT])?;
                Self::ImportSessionKey { key: sized(key)? }
            }
            (ins::IMPORT_KEY, 0x40, 0x00) => {
                let [file, key] = objects(data, [tag::PUBLIC_KEY_FILE, tag::PUBLIC_KEY])?;
                encryption(key_file(file, Kind::Public)?)?;
                Self::ImportPublicKey { key: sized(key)? }
            }
            (ins::IMPORT_KEY, 0xC0, 0x01) => {
                let [file, key] = objects(data, [tag::PRIVATE_KEY_FILE, tag::PRIVATE_KEY])?;
                encryption(key_file(file, Kind::Private)?)?;
                Self::ImportPrivateKey { enciphered: sized(key)? }
            }
            (ins::HASH, 0x01, 0x03) => {
                let [input] = objects(data, [tag::INPUT])?;
                Self::Hash { input }
            }
            (ins::PERFORM_SECURITY_OPERATION, 0x9E, 0x9A) => {
                Self::Sign { digest: data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)? }
            }
            (ins::PERFORM_SECURITY_OPERATION, 0x00, 0xA8) => signature(data)?,
            (ins::PERFORM_SECURITY_OPERATION, 0x80, 0x86) => match data {
                [] => return Err(StatusWord::WRONG_LENGTH),
                [0x00, cipher @ ..] => Self::Decipher { cipher },
                _ => return Err(StatusWord::INCORRECT_DATA),
            },
            _ => return Err(StatusWord::INCORRECT_P1_P2),
        })
    }
}

fn pin(reference: u8) -> Result<Pin, StatusWord> {
    match reference {
        0x00 => Ok(Pin::Administrator),
        0x81 => Ok(Pin::User),
        _ => Err(StatusWord::REFERENCED_DATA_NOT_FOUND),
    }
}

fn no_data(data: &[u8]) -> Result<(), StatusWord> {
    if data.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}

/// The values of these objects, which stand there in this order and alone.
fn objects<const N: usize>(data: &[u8], tags: [Tag; N]) -> Result<[&[u8]; N], StatusWord> {
    if data.is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let mut reader = Reader::new(data);
    let mut values = [&[][..]; N];
    for (value, tag) in values.iter_mut().zip(tags) {
        match reader.next() {
            Some(Ok(object)) if object.tag == tag => *value = object.value,
            _ => return Err(StatusWord::INCORRECT_DATA),
        }
    }
    if reader.next().is_some() { Err(StatusWord::INCORRECT_DATA) } else { Ok(values) }
}

fn sized<const N: usize>(value: &[u8]) -> Result<&[u8; N], StatusWord> {
    value.try_into().map_err(|_| StatusWord::INCORRECT_DATA)
}

/// The file of a key of this kind.
fn key_file(value: &[u8], kind: Kind) -> Result<File, StatusWord> {
    let file = files::by_identifier(FileId::from_bytes(*sized(value)?))?;
    if file.kind == kind { Ok(file) } else { Err(StatusWord::INCORRECT_DATA) }
}

/// The pair whose two files are named.
fn pair(data: &[u8]) -> Result<Purpose, StatusWord> {
    let [public, private] = objects(data, [tag::PUBLIC_KEY_FILE, tag::PRIVATE_KEY_FILE])?;
    let public = key_file(public, Kind::Public)?;
    let private = key_file(private, Kind::Private)?;
    if public.purpose == private.purpose {
        Ok(public.purpose)
    } else {
        Err(StatusWord::INCORRECT_DATA)
    }
}

/// The pair for signatures is generated on the card alone.
fn encryption(file: File) -> Result<(), StatusWord> {
    match file.purpose {
        Purpose::Encryption => Ok(()),
        Purpose::Signature => Err(StatusWord::INCORRECT_DATA),
    }
}

fn signature(data: &[u8]) -> Result<Command<'_>, StatusWord> {
    let two = objects(data, [tag::DIGEST, tag::SIGNATURE]);
    let (digest, signature, key) = match two {
        Ok([digest, signature]) => (digest, signature, None),
        Err(StatusWord::INCORRECT_DATA) => {
            let [digest, signature, key] =
                objects(data, [tag::DIGEST, tag::SIGNATURE, tag::PUBLIC_KEY])?;
            (digest, signature, Some(sized(key)?))
        }
        Err(status) => return Err(status),
    };
    Ok(Command::VerifySignature { digest: sized(digest)?, signature: sized(signature)?, key })
}
