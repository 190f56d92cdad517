//! Whether a blueprint can become a card, and why not.

use core::fmt;

use sscard_apdu::{FileId, Protocol};

use super::{Blueprint, ENVIRONMENT, ElementaryFile, PinDigits, Structure};
use crate::access::KeyId;

/// Why a blueprint cannot become a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ProfileError {
    /// The number of logical channels is not 1…20.
    Channels(u8),
    /// The PIN's tries are not 3…15.
    PinTries(u8),
    /// A PIN's digits are not at least 3, at most 16, the fewest first.
    PinDigits(PinDigits),
    /// A key's tries are not 1…15, or its identifier's number does not fit its DF.
    Key(KeyId),
    /// Extended length needs T=1.
    ExtendedLengthNeedsT1,
    /// The DFs are none, or too many, or one lies in a DF that comes later.
    Tree,
    /// The memory would be larger than 1 MiB.
    TooLarge(usize),
    /// A file's short identifier, size or content does not fit its structure.
    File(FileId),
    /// The financial function cannot be as it is planned; says what must hold.
    Financial(&'static str),
    /// The medical purse cannot be as it is planned; says what must hold.
    Purse(&'static str),
    /// The PKI application cannot be as it is planned; says what must hold.
    Pki(&'static str),
    /// The security module cannot be as it is planned; says what must hold.
    Psam(&'static str),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channels(n) => write!(f, "{n} logical channels: use 1 to 20"),
            Self::PinTries(n) => write!(f, "{n} PIN tries: use 3 to 15"),
            Self::PinDigits(PinDigits { min, max }) => {
                write!(
                    f,
                    "a PIN of {min} to {max} digits: use 3 to 16, with the minimum not above the maximum"
                )
            }
            Self::Key(id) => {
                write!(f, "key {:02X}: tries must be 1 to 15 and the identifier fit its DF", id.0)
            }
            Self::ExtendedLengthNeedsT1 => f.write_str("extended length needs protocol T=1"),
            Self::Tree => f.write_str("the DF tree is empty, too large or out of order"),
            Self::TooLarge(size) => write!(f, "{size} bytes of memory: at most 1 MiB"),
            Self::File(fid) => {
                write!(f, "file {fid}: its short identifier, size or content does not fit")
            }
            Self::Financial(what) => write!(f, "financial function: {what}"),
            Self::Purse(what) => write!(f, "medical purse: {what}"),
            Self::Pki(what) => write!(f, "PKI application: {what}"),
            Self::Psam(what) => write!(f, "security module (PSAM): {what}"),
        }
    }
}

impl core::error::Error for ProfileError {}

/// Files, keys and numbers of a plan; its functions are looked at by themselves.
pub(super) fn check(blueprint: &Blueprint) -> Result<(), ProfileError> {
    if !(1..=20).contains(&blueprint.channels) {
        return Err(ProfileError::Channels(blueprint.channels));
    }
    if !(3..=15).contains(&blueprint.pin_tries) {
        return Err(ProfileError::PinTries(blueprint.pin_tries));
    }
    if !blueprint.pin_digits.is_sound() {
        return Err(ProfileError::PinDigits(blueprint.pin_digits));
    }
    if blueprint.extended_length && blueprint.protocol != Protocol::T1 {
        return Err(ProfileError::ExtendedLengthNeedsT1);
    }
    if blueprint.dfs.is_empty() || blueprint.dfs.len() > 64 {
        return Err(ProfileError::Tree);
    }
    for (position, df) in blueprint.dfs.iter().enumerate() {
        let in_order = match df.parent {
            None => position == 0,
            Some(parent) => usize::from(parent) < position,
        };
        if !in_order || df.name.len() > 16 || df.files.len() > 254 || df.keys.len() > 254 {
            return Err(ProfileError::Tree);
        }
        let global = df.fid == ENVIRONMENT;
        for key in &df.keys {
            let low_nibble_only = key.id.0 & 0x70 == 0;
            if !(1..=15).contains(&key.tries) || key.id.is_global() != global || !low_nibble_only {
                return Err(ProfileError::Key(key.id));
            }
        }
        for file in &df.files {
            if !fits(file) {
                return Err(ProfileError::File(file.fid));
            }
        }
    }
    Ok(())
}

fn fits(file: &ElementaryFile) -> bool {
    use sscard_apdu::simple_tlv::SimpleTlvReader;
    let content = file.content.len();

    match file.structure {
        Structure::Transparent { size } => content <= usize::from(size),
        Structure::LinearVariable { capacity } => {
            content <= usize::from(capacity)
                && SimpleTlvReader::new(&file.content).all(|record| record.is_ok())
        }
        Structure::LinearFixed { records, length } => {
            records > 0
                && length > 2
                && content <= usize::from(records).saturating_mul(usize::from(length))
                && content.is_multiple_of(usize::from(length))
        }
        Structure::Cyclic { records, length } => {
            records > 0
                && length > 0
                && content <= usize::from(records).saturating_mul(usize::from(length))
                && content.is_multiple_of(usize::from(length))
        }
    }
}
