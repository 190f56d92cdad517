//! A card as bytes: everything that survives without power, self-contained.
//!
//! Format: `SSCARD` and the version (2 bytes, big-endian), the body's length (4 bytes, big-endian),
//! the body, CRC-32 over all before it. From version 3 the body is made of tagged sections
//! (`image/sections.rs`), so that a new field needs no new version; before that it was one row of fields
//! (`image/untagged.rs`). Behind it may follow what changed since, entry by entry (`image/journal.rs`):
//! one card, one file. What enters is checked whole before a card is made of it. Invariant owned here:
//! I-18.

mod journal;
mod sections;
mod untagged;

use alloc::vec::Vec;
use core::fmt;

use crc::{CRC_32_ISO_HDLC, Crc};
use serde::Serialize;

use crate::card::Card;
use crate::nvm::{Nvm, Owned};
use crate::profile::{Blueprint, Profile, ProfileError};

pub use journal::{Change, ImageEnd, LoadedImage, SalvagedImage};

const MAGIC: &[u8; 6] = b"SSCARD";
/// Version of the format that is written; older ones are read.
const VERSION: u16 = 3;
const HEADER: usize = 12;
const CHECKSUM: usize = 4;
/// CRC-32 with its table, which takes longer to make than a change takes to be checked.
static CHECK: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// The bytes of a card; they hold its keys and its PIN.
#[derive(Clone, PartialEq, Eq)]
pub struct CardImage(Vec<u8>);

/// Why bytes are no card image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ImageError {
    /// They do not begin as an image does.
    NotAnImage,
    /// They were written by a newer version.
    UnsupportedVersion(u16),
    /// There are fewer or more bytes than the header says.
    Length {
        /// Bytes the header asks for.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The checksum does not match: bytes were changed.
    Checksum,
    /// The body cannot be read although its checksum matches.
    Malformed,
    /// A section of this tag is not known here, and the card is not whole without it: a newer program
    /// wrote it.
    UnknownSection(u16),
    /// The profile inside does not hold.
    Profile(ProfileError),
    /// The memory or its journal does not fit the profile inside.
    Memory,
    /// What follows the image is no change of it: bytes of it were changed, or taken out.
    Entry {
        /// Which change, counted from 1.
        number: usize,
        /// Where it begins, in bytes from the start.
        at: usize,
    },
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnImage => f.write_str("not a card image"),
            Self::UnsupportedVersion(version) => {
                write!(f, "image version {version} is newer than this program ({VERSION})")
            }
            Self::Length { expected, found } => {
                write!(f, "the image should have {expected} bytes but has {found}")
            }
            Self::Checksum => f.write_str("the checksum does not match: the image was changed"),
            Self::Malformed => f.write_str("the image's body cannot be read"),
            Self::UnknownSection(tag) => write!(
                f,
                "section {tag:04X} of the image is unknown to this version: a newer program wrote it"
            ),
            Self::Profile(error) => write!(f, "the profile inside the image: {error}"),
            Self::Memory => f.write_str("the memory does not fit the profile inside the image"),
            Self::Entry { number, at } => {
                write!(f, "change {number} after the image, at byte {at}, is damaged")
            }
        }
    }
}

impl core::error::Error for ImageError {}

impl CardImage {
    /// Takes bytes as they were stored; they are checked by [`Card::from_image`].
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CardImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardImage({} bytes)", self.0.len())
    }
}

impl Card {
    /// The card as bytes. Volatile state is not in it: a card from an image has no power.
    #[must_use]
    pub fn image(&self) -> CardImage {
        let body = sections::emit(self);
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(body.len().saturating_add(HEADER + CHECKSUM));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&body);
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        CardImage(bytes)
    }

    /// A card from its image and all that changed since, without power. Applets of an integrator have
    /// to be registered again.
    ///
    /// # Errors
    /// What is wrong with the image, by [`ImageError`].
    pub fn from_image(image: &CardImage) -> Result<Self, ImageError> {
        image.load().map(|loaded| loaded.card)
    }

    /// The card of a body.
    fn from_body(version: u16, body: &[u8]) -> Result<Self, ImageError> {
        let stored = match version {
            1 | 2 => untagged::parse(version, body),
            _ => sections::parse(body),
        }?;
        let profile = Profile::new(stored.blueprint).map_err(ImageError::Profile)?;
        let Memory { bytes, journal, entries, regions } = stored.memory;
        let nvm = Nvm::restore(profile.blank(), bytes, journal, entries, regions)
            .ok_or(ImageError::Memory)?;
        Ok(Self::assemble(profile, nvm))
    }
}

/// What a body says.
struct Stored<'b> {
    blueprint: Blueprint,
    memory: Memory<'b>,
}

/// Persistent memory: the profile's part, the journal and how many of its entries are complete, the
/// applets' regions.
struct Memory<'b> {
    bytes: &'b [u8],
    journal: &'b [u8],
    entries: u8,
    regions: Vec<(Owned, &'b [u8])>,
}

/// Owned vectors and numbers as bytes. Nothing in them has a way to fail, in a vector that grows.
fn serialised(value: &impl Serialize) -> Vec<u8> {
    let bytes = postcard::to_allocvec(value);
    debug_assert!(bytes.is_ok(), "a plan is serialisable");
    bytes.unwrap_or_default()
}

/// An image's parts: its version, its body, its checksum, and what follows it.
struct Parts<'b> {
    version: u16,
    body: &'b [u8],
    checksum: [u8; CHECKSUM],
    behind: &'b [u8],
}

fn parts(bytes: &[u8]) -> Result<Parts<'_>, ImageError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(ImageError::NotAnImage)?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or(ImageError::NotAnImage)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(ImageError::NotAnImage)?;
    let version = u16::from_be_bytes(*version);
    if version > VERSION || version == 0 {
        return Err(ImageError::UnsupportedVersion(version));
    }
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    let expected = length.saturating_add(HEADER + CHECKSUM);
    let short = ImageError::Length { expected, found: bytes.len() };
    let (body, rest) = rest.split_at_checked(length).ok_or(short)?;
    let (stored, behind) = rest.split_first_chunk::<CHECKSUM>().ok_or(short)?;
    let covered = bytes.get(..length.saturating_add(HEADER)).ok_or(short)?;
    if checksum(covered) != *stored {
        return Err(ImageError::Checksum);
    }
    Ok(Parts { version, body, checksum: *stored, behind })
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    CHECK.checksum(bytes).to_be_bytes()
}
