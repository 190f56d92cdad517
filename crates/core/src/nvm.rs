//! The card's persistent memory.
//!
//! One flat address space in pages. Pages that equal the profile's blank memory are shared by all
//! cards of that profile; pages that differ lie together in one buffer, so a clone is two small
//! copies and a further card costs what differs.
//!
//! Every write goes byte by byte through a power supply that may fail. A transaction keeps an undo
//! journal, itself part of the memory: old bytes are noted, the number of complete notes is raised
//! (one byte, the atomic step), then the new bytes are written. Committing sets that number to
//! zero; recovery at power-on writes noted bytes back, newest first, and is idempotent.
//!
//! The byte that is being written when power fails may become anything that a cell under way can be: what it was, what it
//! should be, or erased ([`Torn`]). An erased number of notes means all that are complete: whether it was to be raised or set to
//! zero, the command has not answered, and undoing it is right. An erased retry counter has no tries left ([`Nvm::tries`]).
//!
//! Invariants owned here: I-4 (old or new, never between) and I-6 (a write-through is not undone).

mod difference;
mod power;
mod regions;

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::fault::Fault;
use crate::mixer::avalanche;
use power::Power;
pub use power::Torn;
pub(crate) use regions::{Owned, Region};

const PAGE: usize = 128;
/// Address (4 bytes) and length (2 bytes) in front of the old bytes of a journal entry.
const ENTRY_HEADER: usize = 6;
/// What a cell holds that was erased and not written.
const ERASED: u8 = 0xFF;

/// Persistent memory with a journal and a power supply that can be told to fail.
pub(crate) struct Nvm {
    blank: Arc<[u8]>,
    /// Bytes of all the memory: the blank one, and behind it the applets' regions.
    size: usize,
    /// By address; each begins a page.
    regions: Vec<Owned>,
    /// Page number → slot in `own`, plus one; 0 means the page is the blank memory's.
    table: Vec<u16>,
    own: Vec<u8>,
    journal: Vec<u8>,
    /// Number of complete journal entries: the byte that decides between old and new.
    entries: u8,
    in_transaction: bool,
    /// A write of the transaction did not happen: it must not count, whoever passed over it.
    has_failed: bool,
    power: Power,
    /// What every byte that differs from the blank memory's adds up to: see [`Nvm::content`].
    content: u64,
}

impl Nvm {
    /// Memory that equals `blank` everywhere.
    pub(crate) fn new(blank: Arc<[u8]>) -> Self {
        let pages = blank.len().div_ceil(PAGE);
        Self {
            size: blank.len(),
            regions: Vec::new(),
            blank,
            table: alloc::vec![0; pages],
            own: Vec::new(),
            journal: Vec::new(),
            entries: 0,
            in_transaction: false,
            has_failed: false,
            power: Power::Steady,
            content: 0,
        }
    }

    /// Memory as it was stored: `bytes` is as long as `blank`.
    pub(crate) fn restore(
        blank: Arc<[u8]>,
        bytes: &[u8],
        journal: &[u8],
        entries: u8,
        regions: Vec<(Owned, &[u8])>,
    ) -> Option<Self> {
        if bytes.len() != blank.len() {
            return None;
        }
        let mut nvm = Self::new(blank);
        nvm.take_regions(regions)?;
        if !journal_is_sound(journal, entries, nvm.size) {
            return None;
        }
        nvm.preset(0, bytes).ok()?;
        nvm.shrink();
        nvm.journal.extend_from_slice(journal);
        nvm.entries = entries;
        Some(nvm)
    }

    /// Gives back what the making of a card reserved too much.
    pub(crate) fn shrink(&mut self) {
        self.own.shrink_to_fit();
    }

    /// A digest of what the memory holds beyond the blank one. Each byte contributes by its address and value,
    /// so that it is kept up by every write and does not depend on their order.
    pub(crate) const fn content(&self) -> u64 {
        self.content
    }

    /// The whole memory in address order.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.blank.len());
        self.read_into(0, self.blank.len(), &mut bytes);
        bytes
    }

    /// The journal as it lies in memory and the number of its complete entries.
    pub(crate) fn journal(&self) -> (&[u8], u8) {
        (&self.journal, self.entries)
    }

    #[inline]
    fn page(&self, number: usize) -> &[u8] {
        let start = match self.table.get(number) {
            Some(0) | None => {
                let start = number.saturating_mul(PAGE);
                let end = start.saturating_add(PAGE).min(self.blank.len());
                let shared = self.blank.get(start..end).filter(|shared| !shared.is_empty());
                return shared.unwrap_or_else(|| self.unwritten(start));
            }
            Some(slot) => usize::from(slot.wrapping_sub(1)).wrapping_mul(PAGE),
        };
        self.own.get(start..start.wrapping_add(PAGE)).unwrap_or(&[])
    }

    /// The byte at `address`; 0 outside the memory.
    #[inline]
    pub(crate) fn byte(&self, address: usize) -> u8 {
        self.page(address / PAGE).get(address % PAGE).copied().unwrap_or(0)
    }

    /// Two bytes, most significant first.
    #[inline]
    pub(crate) fn word(&self, address: usize) -> u16 {
        u16::from_be_bytes(self.array(address))
    }

    /// `N` bytes from `address`.
    #[inline]
    pub(crate) fn array<const N: usize>(&self, address: usize) -> [u8; N] {
        let mut bytes = [0; N];
        let within = address % PAGE;
        let page = self.page(address / PAGE);
        if let Some(found) = page.get(within..within.wrapping_add(N)) {
            bytes.copy_from_slice(found);
        } else {
            for (offset, byte) in bytes.iter_mut().enumerate() {
                *byte = self.byte(address.wrapping_add(offset));
            }
        }
        bytes
    }

    /// Appends `length` bytes from `address` to `out`.
    #[inline]
    pub(crate) fn read_into(&self, mut address: usize, mut length: usize, out: &mut Vec<u8>) {
        while length > 0 {
            let within = address % PAGE;
            let page = self.page(address / PAGE);
            let piece = length.min(PAGE.wrapping_sub(within));
            let Some(bytes) = page.get(within..within.wrapping_add(piece)) else { return };
            out.extend_from_slice(bytes);
            address = address.wrapping_add(piece);
            length = length.wrapping_sub(piece);
        }
    }

    /// Tries left in a retry counter. An erased one, which power left that failed while it was written, has none: whoever
    /// tears the card gets no try back (I-5).
    #[inline]
    pub(crate) fn tries(&self, address: usize) -> u8 {
        match self.byte(address) {
            ERASED => 0,
            tries => tries,
        }
    }

    /// Opens a transaction: what is written from here on is undone unless it is committed.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.in_transaction = true;
        self.has_failed = false;
    }

    /// Whether no transaction is open, and nothing is noted.
    #[cfg(debug_assertions)]
    pub(crate) const fn is_settled(&self) -> bool {
        !self.in_transaction && self.entries == 0 && self.journal.is_empty()
    }

    /// What to answer when a write of the transaction failed, also when its error was not passed on.
    #[inline]
    pub(crate) const fn failure(&self) -> Result<(), Fault> {
        if self.has_failed { Err(Fault::OutOfRange) } else { Ok(()) }
    }

    /// Says that a write of the transaction failed before it came here.
    pub(crate) const fn fail(&mut self) {
        self.has_failed = true;
    }

    /// Makes the transaction's writes final: one byte decides.
    #[inline]
    pub(crate) fn commit(&mut self) -> Result<(), Fault> {
        self.in_transaction = false;
        if self.entries > 0 {
            self.decide(0)?;
        }
        self.journal.clear();
        Ok(())
    }

    /// Undoes an open transaction, or one that a power cut left open.
    #[inline]
    pub(crate) fn roll_back(&mut self) -> Result<(), Fault> {
        self.in_transaction = false;
        if self.entries > 0 {
            self.drop_torn_note();
            let journal = core::mem::take(&mut self.journal);
            let undone = self.undo(&journal);
            self.journal = journal;
            undone?;
            self.decide(0)?;
        }
        self.journal.clear();
        Ok(())
    }

    fn undo(&mut self, journal: &[u8]) -> Result<(), Fault> {
        let entries: Vec<_> = JournalEntries { rest: journal, left: self.entries }.collect();
        for (address, old) in entries.iter().rev() {
            self.store(*address, old)?;
        }
        debug_assert!(self.holds_what_was_noted_first(&entries), "recovery is idempotent");
        Ok(())
    }

    /// Whether every byte is as the first note that has it says: what undoing it all again would leave.
    fn holds_what_was_noted_first(&self, entries: &[(usize, &[u8])]) -> bool {
        let mut before = self.clone();
        let redone = entries.iter().rev().all(|(address, old)| before.place(*address, old).is_ok());
        redone && before.content == self.content
    }

    /// Writes inside the current transaction, or directly when none is open.
    pub(crate) fn write(&mut self, address: usize, bytes: &[u8]) -> Result<(), Fault> {
        let noted = match bytes {
            [_, ..] if self.in_transaction => self.note(address, bytes.len()),
            _ => Ok(()),
        };
        let written = noted.and_then(|()| self.store(address, bytes));
        self.has_failed |= written.is_err();
        written
    }

    /// Writes one byte past any transaction: a roll-back does not bring the old value back.
    ///
    /// Only retry counters use this.
    #[inline]
    pub(crate) fn write_through(&mut self, address: usize, byte: u8) -> Result<(), Fault> {
        let written = self.store(address, &[byte]);
        self.has_failed |= written.is_err();
        written
    }

    /// Writes without a journal and without the power supply, at personalisation.
    pub(crate) fn preset(&mut self, address: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.place(address, bytes)
    }

    fn note(&mut self, address: usize, length: usize) -> Result<(), Fault> {
        let raised = self.entries.checked_add(1).ok_or(Fault::JournalFull)?;
        let long = u16::try_from(length).map_err(|_| Fault::JournalFull)?;
        let far = u32::try_from(address).map_err(|_| Fault::OutOfRange)?;
        self.drop_torn_note();
        let mut entry = Vec::with_capacity(length.saturating_add(ENTRY_HEADER));
        entry.extend_from_slice(&far.to_be_bytes());
        entry.extend_from_slice(&long.to_be_bytes());
        self.read_into(address, length, &mut entry);
        let (written, torn) = self.afford(&entry);
        self.journal.extend_from_slice(written);
        self.journal.extend(torn);
        self.spend(entry.len())?;
        self.decide(raised)?;
        debug_assert!(
            journal_is_sound(&self.journal, self.entries, self.size),
            "as many notes as are counted"
        );
        Ok(())
    }

    /// A torn note has no claim to its place: whoever finds the number of notes erased counts those that are there.
    fn drop_torn_note(&mut self) {
        let complete = JournalEntries { rest: &self.journal, left: self.entries }.length();
        self.journal.truncate(complete);
    }

    /// Writes the byte that decides between old and new. All notes that are there are complete.
    fn decide(&mut self, entries: u8) -> Result<(), Fault> {
        let number = [entries];
        let (written, torn) = self.afford(&number);
        let becomes = written.first().copied().or(torn);
        let spent = self.spend(1);
        self.entries = becomes.unwrap_or(self.entries);
        spent
    }

    fn store(&mut self, address: usize, bytes: &[u8]) -> Result<(), Fault> {
        let (written, torn) = self.afford(bytes);
        self.place(address, written)?;
        if let Some(torn) = torn {
            self.place(address.saturating_add(written.len()), &[torn])?;
        }
        self.spend(bytes.len())
    }

    fn place(&mut self, mut address: usize, mut bytes: &[u8]) -> Result<(), Fault> {
        let end = address.checked_add(bytes.len()).ok_or(Fault::OutOfRange)?;
        if end > self.size {
            return Err(Fault::OutOfRange);
        }
        while !bytes.is_empty() {
            let (number, within) = (address / PAGE, address % PAGE);
            let (piece, rest) = bytes.split_at(bytes.len().min(PAGE.wrapping_sub(within)));
            let span = within..within.wrapping_add(piece.len());
            if self.page(number).get(span.clone()) != Some(piece) {
                let page = self.page_mut(number).ok_or(Fault::OutOfRange)?;
                let place = page.get_mut(span).ok_or(Fault::OutOfRange)?;
                let change = change(address, place, piece);
                place.copy_from_slice(piece);
                self.content = self.content.wrapping_add(change);
            }
            address = address.wrapping_add(piece.len());
            bytes = rest;
        }
        Ok(())
    }

    fn page_mut(&mut self, number: usize) -> Option<&mut [u8]> {
        let slot = self.table.get_mut(number)?;
        if *slot == 0 {
            let start = number.wrapping_mul(PAGE);
            let end = self.blank.len().min(start.wrapping_add(PAGE));
            let shared = self.blank.get(start..end).unwrap_or(&[]);
            let whole = self.own.len().wrapping_add(PAGE);
            self.own.extend_from_slice(shared);
            // The last page may be short in the blank memory, one behind it is not there; here all are whole.
            self.own.resize(whole, 0);
            *slot = u16::try_from(self.own.len() / PAGE).ok()?;
        }
        let start = usize::from(slot.wrapping_sub(1)).wrapping_mul(PAGE);
        self.own.get_mut(start..start.wrapping_add(PAGE))
    }
}

impl Clone for Nvm {
    fn clone(&self) -> Self {
        Self {
            blank: Arc::clone(&self.blank),
            size: self.size,
            regions: self.regions.clone(),
            table: self.table.clone(),
            own: self.own.clone(),
            journal: self.journal.clone(),
            entries: self.entries,
            in_transaction: self.in_transaction,
            has_failed: self.has_failed,
            power: self.power,
            content: self.content,
        }
    }

    /// Copies into the buffers that are there: the cheap way back to a snapshot.
    fn clone_from(&mut self, source: &Self) {
        if !Arc::ptr_eq(&self.blank, &source.blank) {
            self.blank = Arc::clone(&source.blank);
        }
        self.size = source.size;
        self.regions.clone_from(&source.regions);
        self.table.clone_from(&source.table);
        self.own.clone_from(&source.own);
        self.journal.clone_from(&source.journal);
        self.entries = source.entries;
        self.in_transaction = source.in_transaction;
        self.has_failed = source.has_failed;
        self.power = source.power;
        self.content = source.content;
    }
}

/// What the digest of the content gains when bytes at an address are overwritten.
fn change(address: usize, old: &[u8], new: &[u8]) -> u64 {
    let pairs = (address..).zip(old.iter().zip(new)).filter(|(_, (old, new))| old != new);
    pairs.fold(0, |sum, (address, (old, new))| {
        sum.wrapping_add(weight(address, *new)).wrapping_sub(weight(address, *old))
    })
}

fn weight(address: usize, byte: u8) -> u64 {
    avalanche(u64::try_from(address).unwrap_or(u64::MAX) << 8 | u64::from(byte))
}

/// Complete entries in order: address and old bytes.
struct JournalEntries<'j> {
    rest: &'j [u8],
    left: u8,
}

impl JournalEntries<'_> {
    /// Length in bytes of all complete entries.
    fn length(self) -> usize {
        self.map(|(_, old)| old.len().saturating_add(ENTRY_HEADER)).sum()
    }
}

impl<'j> Iterator for JournalEntries<'j> {
    type Item = (usize, &'j [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (address, rest) = self.rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (old, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        self.rest = rest;
        Some((usize::try_from(u32::from_be_bytes(*address)).ok()?, old))
    }
}

fn journal_is_sound(journal: &[u8], entries: u8, memory: usize) -> bool {
    let mut complete = 0_u8;
    let mut notes = JournalEntries { rest: journal, left: entries };
    for (address, old) in &mut notes {
        if address.checked_add(old.len()).is_none_or(|end| end > memory) {
            return false;
        }
        complete = complete.saturating_add(1);
    }
    complete == entries || entries == ERASED && notes.rest.is_empty()
}

#[cfg(test)]
mod tests;
