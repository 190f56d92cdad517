//! The memory of an integrator's applets: regions behind the profile's memory, each under a name.
//!
//! What enters: a name and what its region holds at first. What leaves: the region's place. A region
//! begins a page and stays where it is, so that journals and changes may speak of addresses.

use alloc::vec::Vec;

use sscard_apdu::Aid;

use super::{JournalEntries, Nvm, PAGE};
use crate::fault::Fault;

/// Bytes of all memory together.
const LIMIT: usize = 0x10_0000;
const UNWRITTEN: [u8; PAGE] = [0; PAGE];

/// A part of the memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Region {
    pub(crate) base: usize,
    pub(crate) length: usize,
}

/// A region and the AID of the applet it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Owned {
    pub(crate) aid: Aid,
    pub(crate) region: Region,
}

impl Region {
    /// Where `length` bytes from `offset` lie.
    #[inline]
    pub(crate) fn address(self, offset: usize, length: usize) -> Result<usize, Fault> {
        let end = offset.checked_add(length).ok_or(Fault::OutOfRange)?;
        if end > self.length {
            return Err(Fault::OutOfRange);
        }
        Ok(self.base.saturating_add(offset))
    }

    fn end(self) -> usize {
        self.base.saturating_add(self.length).next_multiple_of(PAGE)
    }
}

impl Nvm {
    /// All regions by address.
    pub(crate) fn regions(&self) -> &[Owned] {
        &self.regions
    }

    /// The region of this name.
    pub(crate) fn region(&self, aid: &Aid) -> Option<Region> {
        self.regions.iter().find(|owned| owned.aid == *aid).map(|owned| owned.region)
    }

    /// What a region holds.
    pub(crate) fn bytes(&self, region: Region) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(region.length);
        self.read_into(region.base, region.length, &mut bytes);
        bytes
    }

    /// Makes a region, in the first gap that is large enough; `None` when the memory would be too large.
    pub(crate) fn claim(&mut self, aid: Aid, content: &[u8]) -> Option<Region> {
        let mut region =
            Region { base: self.blank.len().next_multiple_of(PAGE), length: content.len() };
        let mut position = 0;
        for owned in &self.regions {
            if region.end() <= owned.region.base {
                break;
            }
            region.base = owned.region.end();
            position = usize::saturating_add(position, 1);
        }
        if region.end() > LIMIT {
            return None;
        }
        self.regions.insert(position, Owned { aid, region });
        self.fit();
        self.preset(region.base, content).ok()?;
        Some(region)
    }

    /// Gives a region up, with what it held. A transaction that a power cut left open is undone first.
    pub(crate) fn release(&mut self, aid: &Aid) -> Option<Vec<u8>> {
        let position = self.regions.iter().position(|owned| owned.aid == *aid)?;
        self.undo_for_good();
        let region = self.regions.get(position)?.region;
        let content = self.bytes(region);
        // What was never written is zero.
        self.preset(region.base, &alloc::vec![0; region.length]).ok()?;
        for number in region.base / PAGE..region.end() / PAGE {
            if let Some(slot) = self.table.get_mut(number) {
                *slot = 0;
            }
        }
        self.regions.remove(position);
        self.fit();
        self.drop_unused_pages();
        Some(content)
    }

    /// Takes regions as an image has them; `None` when they cannot lie so.
    pub(super) fn take_regions(&mut self, regions: Vec<(Owned, &[u8])>) -> Option<()> {
        let mut end = self.blank.len().next_multiple_of(PAGE);
        for (owned, content) in &regions {
            let Region { base, length } = owned.region;
            let fits = base >= end && base.is_multiple_of(PAGE) && length == content.len();
            if !fits || owned.region.end() > LIMIT || self.region(&owned.aid).is_some() {
                return None;
            }
            end = owned.region.end();
            self.regions.push(*owned);
        }
        self.fit();
        for (owned, content) in regions {
            self.preset(owned.region.base, content).ok()?;
        }
        Some(())
    }

    /// The page from `start`, when it is no page of the blank memory.
    #[cold]
    pub(super) fn unwritten(&self, start: usize) -> &[u8] {
        if start < self.size { &UNWRITTEN } else { &[] }
    }

    /// As large as the last region needs.
    fn fit(&mut self) {
        let ends = self.regions.iter().map(|owned| owned.region.end());
        self.size = ends.fold(self.blank.len(), usize::max);
        self.table.resize(self.size.div_ceil(PAGE), 0);
    }

    /// Undoes what is noted, without the power supply: nothing of it is left for power-on.
    fn undo_for_good(&mut self) {
        let journal = core::mem::take(&mut self.journal);
        let entries: Vec<_> = JournalEntries { rest: &journal, left: self.entries }.collect();
        for (address, old) in entries.into_iter().rev() {
            let placed = self.preset(address, old);
            debug_assert!(placed.is_ok(), "the journal is of this memory");
        }
        self.entries = 0;
    }

    fn drop_unused_pages(&mut self) {
        let mut own = Vec::with_capacity(self.own.len());
        for slot in self.table.iter_mut().filter(|slot| **slot != 0) {
            let start = usize::from(slot.wrapping_sub(1)).wrapping_mul(PAGE);
            own.extend_from_slice(self.own.get(start..start.wrapping_add(PAGE)).unwrap_or(&[]));
            *slot = u16::try_from(own.len() / PAGE).unwrap_or(0);
        }
        self.own = own;
    }
}
