//! What changed since an image was written: entries behind it, one for each answer that changed the card.
//!
//! An entry is `JE`, the length of its body (4 bytes, big-endian), CRC-32 of the checksum before it and
//! these six bytes, the body (postcard: runs of bytes by address, the memory's journal), CRC-32 of the
//! checksum before it and the body. The first entry follows the image's checksum, each next one the
//! checksum of the entry before: what was taken out, doubled or put into another order does not fit.
//!
//! A last entry that ends early was being written when the program ended; it was never answered, and is
//! no change. Damage anywhere else is an error.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{CHECK, CHECKSUM, CardImage, ImageError, VERSION, parts, serialised};
use crate::card::Card;

const MARK: [u8; 2] = *b"JE";
/// Mark, length, their checksum.
const HEAD: usize = 10;

/// Where an image, or the last change behind it, ends: what the next change is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageEnd([u8; CHECKSUM]);

/// A card out of its image and all changes behind it.
#[derive(Debug)]
pub struct LoadedImage {
    /// The card, without power.
    pub card: Card,
    /// What the next change is bound to.
    pub end: ImageEnd,
    /// Bytes that are the card: image and changes. What follows was never answered.
    pub sound: usize,
    /// How many changes follow the image.
    pub changes: usize,
    /// Whether it is an image as [`Card::image`] writes it now, and not of an older version.
    pub current: bool,
}

/// The last sound state of a damaged image.
#[derive(Debug)]
pub struct SalvagedImage {
    /// That state, and where it ends.
    pub loaded: LoadedImage,
    /// What is wrong behind it; `None` when nothing is.
    pub damage: Option<ImageError>,
    /// Bytes behind it that are lost.
    pub lost: usize,
}

/// How a card differs from what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing that survives without power does.
    Nothing,
    /// These bytes go behind what was there; the next change is bound to this end.
    Entry(Vec<u8>, ImageEnd),
    /// It is a card of another profile, or with other applets' memory: its image has to be written anew.
    Everything,
}

#[derive(Serialize, Deserialize)]
struct Body<'b> {
    #[serde(borrow)]
    runs: Vec<(u32, &'b [u8])>,
    journal: &'b [u8],
    entries: u8,
}

impl CardImage {
    /// The card, and where its changes end. A last entry that was cut short is passed over.
    ///
    /// # Errors
    /// [`ImageError`]; [`ImageError::Entry`] for damage behind the image.
    pub fn load(&self) -> Result<LoadedImage, ImageError> {
        let salvaged = self.salvage()?;
        salvaged.damage.map_or(Ok(salvaged.loaded), Err)
    }

    /// The last state that is sound, whatever follows it.
    ///
    /// # Errors
    /// [`ImageError`] of the image itself: without it there is no state.
    pub fn salvage(&self) -> Result<SalvagedImage, ImageError> {
        let bytes = self.as_bytes();
        let parts = parts(bytes)?;
        let mut card = Card::from_body(parts.version, parts.body)?;
        let mut end = ImageEnd(parts.checksum);
        let mut rest = parts.behind;
        let mut changes: usize = 0;
        let mut damage = None;
        loop {
            match end.next_of(rest) {
                Next::End => break,
                Next::Body { body, end: next, rest: behind } if apply(&mut card, body) => {
                    (end, rest) = (next, behind);
                    changes = changes.saturating_add(1);
                }
                Next::Body { .. } | Next::Damage => {
                    let at = bytes.len().saturating_sub(rest.len());
                    damage = Some(ImageError::Entry { number: changes.saturating_add(1), at });
                    break;
                }
            }
        }
        let sound = bytes.len().saturating_sub(rest.len());
        let loaded = LoadedImage { card, end, sound, changes, current: parts.version == VERSION };
        Ok(SalvagedImage { loaded, damage, lost: rest.len() })
    }

    /// What the first change behind this image is bound to; of an image alone, as [`Card::image`]
    /// makes it.
    #[must_use]
    pub fn end(&self) -> ImageEnd {
        ImageEnd(self.as_bytes().last_chunk().copied().unwrap_or_default())
    }
}

/// Makes a card of the state before what it was after; `false` when this is no change of it.
fn apply(card: &mut Card, body: &[u8]) -> bool {
    let Ok((Body { runs, journal, entries }, [])) = postcard::take_from_bytes::<Body<'_>>(body)
    else {
        return false;
    };
    card.nvm_mut().advance(&runs, journal, entries).is_some()
}

enum Next<'b> {
    Body {
        body: &'b [u8],
        end: ImageEnd,
        rest: &'b [u8],
    },
    /// Nothing, or an entry that was being written.
    End,
    Damage,
}

impl ImageEnd {
    /// The four bytes that a file ends with when nothing follows.
    #[must_use]
    pub fn to_bytes(self) -> [u8; CHECKSUM] {
        self.0
    }

    fn checksum(self, bytes: &[u8]) -> [u8; CHECKSUM] {
        let mut digest = CHECK.digest();
        digest.update(&self.0);
        digest.update(bytes);
        digest.finalize().to_be_bytes()
    }

    fn next_of(self, bytes: &[u8]) -> Next<'_> {
        let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else {
            // Of an entry cut in its head only the mark is known.
            let known = bytes.len().min(MARK.len());
            let is_begun = bytes.get(..known) == MARK.get(..known);
            return if is_begun { Next::End } else { Next::Damage };
        };
        let [m0, m1, l0, l1, l2, l3, checksum @ ..] = *head;
        if [m0, m1] != MARK || self.checksum(&[m0, m1, l0, l1, l2, l3]) != checksum {
            return Next::Damage;
        }
        let length = usize::try_from(u32::from_be_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        let Some((body, rest)) = rest.split_at_checked(length) else { return Next::End };
        let Some((stored, rest)) = rest.split_first_chunk::<CHECKSUM>() else { return Next::End };
        if self.checksum(body) != *stored {
            return Next::Damage;
        }
        Next::Body { body, end: Self(*stored), rest }
    }
}

impl Card {
    /// How this card differs from what it was when its image ended at `end`. Volatile state does not
    /// count. Costs a few comparisons when nothing differs.
    #[must_use]
    pub fn change_since(&self, before: &Self, end: ImageEnd) -> Change {
        let (nvm, old) = (self.nvm(), before.nvm());
        if nvm.is_as(old) {
            return Change::Nothing;
        }
        let same_plan = self.profile().is(before.profile())
            || self.profile().blueprint() == before.profile().blueprint();
        if !same_plan || !nvm.has_layout_of(old) {
            return Change::Everything;
        }
        let (journal, entries) = nvm.journal();
        let runs = nvm.runs_since(old);
        if runs.is_empty() && (journal, entries) == old.journal() {
            return Change::Nothing;
        }
        let mut borrowed = Vec::with_capacity(runs.len());
        for (address, bytes) in &runs {
            let Ok(address) = u32::try_from(*address) else { return Change::Everything };
            borrowed.push((address, bytes.as_slice()));
        }
        let body = serialised(&Body { runs: borrowed, journal, entries });
        let Ok(length) = u32::try_from(body.len()) else { return Change::Everything };
        let mut entry = Vec::with_capacity(body.len().saturating_add(HEAD + CHECKSUM));
        entry.extend_from_slice(&MARK);
        entry.extend_from_slice(&length.to_be_bytes());
        let checksum = end.checksum(&entry);
        entry.extend_from_slice(&checksum);
        entry.extend_from_slice(&body);
        let checksum = end.checksum(&body);
        entry.extend_from_slice(&checksum);
        Change::Entry(entry, ImageEnd(checksum))
    }
}
