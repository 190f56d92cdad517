//! Where everything lies in a card's memory.
//!
//! What differs from card to card (generator, ATR, PIN, keys, the environment's own records) comes
//! first and lies together, so that few pages of a card are its own.

use alloc::vec;
use alloc::vec::Vec;

use super::{Blueprint, ElementaryFile, Structure};
use crate::life_cycle::LifeCycle;

/// Longest ATR, ISO/IEC 7816-3 §8.1.
pub(crate) const ATR_LENGTH: usize = 33;
/// Longest PIN in bytes: 16 digits.
pub(crate) const PIN_LENGTH: usize = 8;
/// A key's counter and its 16 bytes.
const KEY_SLOT: usize = 17;

/// Addresses of what belongs to the whole card.
pub(crate) struct CardArea;

impl CardArea {
    /// Life cycle of the card.
    pub(crate) const LIFE_CYCLE: usize = 0;
    /// Life cycle of the social security environment.
    pub(crate) const ENVIRONMENT: usize = 1;
    /// State of the random number generator, 32 bytes.
    pub(crate) const GENERATOR: usize = 2;
    /// Length of the ATR, then its bytes.
    pub(crate) const ATR: usize = 34;
}

/// Addresses of the holder's PIN.
pub(crate) struct PinArea;

impl PinArea {
    /// Tries left.
    pub(crate) const TRIES: usize = CardArea::ATR + 1 + ATR_LENGTH;
    /// Length in bytes, then the bytes.
    pub(crate) const LENGTH: usize = Self::TRIES + 1;
    /// The PIN's bytes.
    pub(crate) const VALUE: usize = Self::LENGTH + 1;
}

const KEYS: usize = PinArea::VALUE + PIN_LENGTH;

/// Addresses of keys and files.
pub(crate) struct Layout {
    /// Address of the first key of each DF.
    keys: Vec<usize>,
    /// Addresses of the files of each DF.
    files: Vec<Vec<usize>>,
    size: usize,
}

impl Layout {
    pub(super) fn new(blueprint: &Blueprint) -> Self {
        let mut next = KEYS;
        let mut keys = Vec::with_capacity(blueprint.dfs.len());
        for df in &blueprint.dfs {
            keys.push(next);
            next = next.saturating_add(df.keys.len().saturating_mul(KEY_SLOT));
        }
        let mut files = Vec::with_capacity(blueprint.dfs.len());
        for df in &blueprint.dfs {
            let mut addresses = Vec::with_capacity(df.files.len());
            for file in &df.files {
                addresses.push(next);
                next = next.saturating_add(footprint(file.structure));
            }
            files.push(addresses);
        }
        Self { keys, files, size: next }
    }

    /// Size of the memory in bytes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Address of a key's counter; its value follows.
    pub(crate) fn key(&self, df: u8, slot: usize) -> usize {
        self.keys
            .get(usize::from(df))
            .map_or(usize::MAX, |start| start.saturating_add(slot.saturating_mul(KEY_SLOT)))
    }

    /// Address of a file.
    #[inline]
    pub(crate) fn file(&self, df: u8, position: u8) -> usize {
        self.files
            .get(usize::from(df))
            .and_then(|files| files.get(usize::from(position)))
            .copied()
            .unwrap_or(usize::MAX)
    }

    /// The memory of a card before personalisation.
    pub(super) fn blank_memory(&self, blueprint: &Blueprint) -> Vec<u8> {
        let mut memory = vec![0; self.size];
        let mut put = |address: usize, bytes: &[u8]| {
            let end = address.saturating_add(bytes.len());
            if let Some(place) = memory.get_mut(address..end) {
                place.copy_from_slice(bytes);
            }
        };
        put(CardArea::LIFE_CYCLE, &[LifeCycle::Activated.byte()]);
        put(CardArea::ENVIRONMENT, &[LifeCycle::Activated.byte()]);
        put(PinArea::TRIES, &[blueprint.pin_tries]);
        for (df, plan) in (0..).zip(&blueprint.dfs) {
            for (slot, key) in plan.keys.iter().enumerate() {
                put(self.key(df, slot), &[key.tries]);
            }
            for (position, file) in (0..).zip(&plan.files) {
                let (header, content) = initial(file);
                let address = self.file(df, position);
                put(address, &header);
                put(address.saturating_add(header.len()), content);
            }
        }
        memory
    }
}

/// Bytes of management data in front of a file's content, and the content's size:
/// linear variable: bytes in use (2); linear fixed: records (1); cyclic: records, newest (1 + 1).
fn footprint(structure: Structure) -> usize {
    let records = |records: u8, length: u8| usize::from(records).saturating_mul(length.into());
    match structure {
        Structure::Transparent { size } => usize::from(size),
        Structure::LinearVariable { capacity } => usize::from(capacity).saturating_add(2),
        Structure::LinearFixed { records: n, length } => records(n, length).saturating_add(1),
        Structure::Cyclic { records: n, length } => records(n, length).saturating_add(2),
    }
}

fn initial(file: &ElementaryFile) -> (Vec<u8>, &[u8]) {
    let content = file.content.as_slice();
    let header = match file.structure {
        Structure::Transparent { .. } => Vec::new(),
        Structure::LinearVariable { .. } => {
            u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec()
        }
        Structure::LinearFixed { length, .. } => {
            let records = content.len().checked_div(length.into()).unwrap_or(0);
            vec![u8::try_from(records).unwrap_or(u8::MAX)]
        }
        Structure::Cyclic { .. } => vec![0, 0],
    };
    (header, content)
}
