//! What differs between two states of one memory, and how the newer one is made of the older.
//!
//! What enters: two memories over the same blank one. What leaves: runs of bytes by address.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Nvm, PAGE, journal_is_sound};

/// Equal bytes between two runs that cost less than a run of their own would.
const GAP: usize = 8;

impl Nvm {
    /// Whether this memory holds certainly what `before` holds; a few comparisons of short buffers.
    #[inline]
    pub(crate) fn is_as(&self, before: &Self) -> bool {
        self.entries == before.entries
            && self.journal == before.journal
            && self.has_layout_of(before)
            && self.table == before.table
            && self.own == before.own
    }

    /// Whether both are memories over the same blank one, with the same regions behind it.
    pub(crate) fn has_layout_of(&self, other: &Self) -> bool {
        self.regions == other.regions
            && (Arc::ptr_eq(&self.blank, &other.blank) || self.blank == other.blank)
    }

    /// Where this memory differs from `before`: addresses, with the bytes that are there now.
    pub(crate) fn runs_since(&self, before: &Self) -> Vec<(usize, Vec<u8>)> {
        let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
        let is_one_blank = Arc::ptr_eq(&self.blank, &before.blank);
        for (number, slot) in self.table.iter().enumerate() {
            if is_one_blank && *slot == 0 && before.table.get(number) == Some(&0) {
                continue;
            }
            let (new, old) = (self.page(number), before.page(number));
            if new == old {
                continue;
            }
            let start = number.wrapping_mul(PAGE);
            let pairs = new.iter().zip(old.iter().chain(core::iter::repeat(&0))).enumerate();
            for (within, (new_byte, old_byte)) in pairs {
                let address = start.wrapping_add(within);
                if new_byte == old_byte || address >= self.size {
                    continue;
                }
                match runs.last_mut() {
                    Some((begun, bytes))
                        if address.wrapping_sub(begun.wrapping_add(bytes.len())) <= GAP =>
                    {
                        let length = address.wrapping_sub(*begun);
                        for between in begun.wrapping_add(bytes.len())..begun.wrapping_add(length) {
                            bytes.push(self.byte(between));
                        }
                        bytes.push(*new_byte);
                    }
                    _ => runs.push((address, alloc::vec![*new_byte])),
                }
            }
        }
        runs
    }

    /// Becomes what it was when the runs were taken; `None` when they do not fit this memory.
    pub(crate) fn advance(
        &mut self,
        runs: &[(u32, &[u8])],
        journal: &[u8],
        entries: u8,
    ) -> Option<()> {
        if !journal_is_sound(journal, entries, self.size) {
            return None;
        }
        for (address, bytes) in runs {
            self.preset(usize::try_from(*address).ok()?, bytes).ok()?;
        }
        self.journal.clear();
        self.journal.extend_from_slice(journal);
        self.entries = entries;
        Some(())
    }
}
