//! The records of one file as they lie in memory: walking them, replacing one, adding one.
//!
//! Linear variable: bytes in use (2), then simple-TLV records one after another. Linear fixed:
//! number of records (1), then slots. Cyclic: number of records (1), slot of the newest (1), then
//! slots. All writes happen inside the caller's transaction.

use alloc::vec::Vec;

use sscard_apdu::StatusWord;

use crate::nvm::Nvm;
use crate::profile::Structure;

/// One record: its number, where it lies, its identifier if the structure has identifiers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Record {
    pub(crate) number: u8,
    pub(crate) address: usize,
    pub(crate) length: usize,
    pub(crate) tag: Option<u8>,
}

/// The records of the file at `address`.
#[derive(Clone, Copy)]
pub(crate) struct Records {
    pub(crate) address: usize,
    pub(crate) structure: Structure,
}

impl Records {
    /// All records in the order of their numbers.
    #[inline]
    pub(crate) fn iter(self, nvm: &Nvm) -> RecordIter<'_> {
        let end = match self.structure {
            Structure::LinearVariable { .. } => usize::from(nvm.word(self.address)),
            Structure::LinearFixed { .. } | Structure::Cyclic { .. } => {
                usize::from(nvm.byte(self.address))
            }
            Structure::Transparent { .. } => 0,
        };
        RecordIter { nvm, records: self, number: 0, offset: 0, end }
    }

    /// Writes `data` over `record`.
    pub(crate) fn replace(
        self,
        nvm: &mut Nvm,
        record: Record,
        data: &[u8],
    ) -> Result<(), StatusWord> {
        let Structure::LinearVariable { capacity } = self.structure else {
            self.require_slot_length(data)?;
            return Ok(nvm.write(record.address, data)?);
        };
        if data.len() == record.length {
            return Ok(nvm.write(record.address, data)?);
        }
        // The length changes: what follows moves.
        let used = usize::from(nvm.word(self.address));
        let kept = used.saturating_sub(record.length);
        let grown = fits(kept.saturating_add(data.len()), capacity)?;
        let start = self.address.saturating_add(2);
        let end = record.address.saturating_add(record.length);
        let mut moved = Vec::from(data);
        nvm.read_into(end, start.saturating_add(used).saturating_sub(end), &mut moved);
        nvm.write(record.address, &moved)?;
        Ok(nvm.write(self.address, &grown.to_be_bytes())?)
    }

    /// Adds `data` as a new record and returns its number: the last of a linear file, number 1 of
    /// a cyclic one, whose oldest record makes room.
    pub(crate) fn append(self, nvm: &mut Nvm, data: &[u8]) -> Result<u8, StatusWord> {
        match self.structure {
            Structure::LinearVariable { capacity } => {
                let used = usize::from(nvm.word(self.address));
                let grown = fits(used.saturating_add(data.len()), capacity)?;
                let end = self.address.saturating_add(2).saturating_add(used);
                nvm.write(end, data)?;
                nvm.write(self.address, &grown.to_be_bytes())?;
                Ok(self.iter(nvm).last().map_or(0, |record| record.number))
            }
            Structure::LinearFixed { records, length } => {
                self.require_slot_length(data)?;
                let count = nvm.byte(self.address);
                if count >= records {
                    return Err(StatusWord::NOT_ENOUGH_MEMORY);
                }
                nvm.write(slot(self.address.saturating_add(1), count, length), data)?;
                let count = count.saturating_add(1);
                nvm.write(self.address, &[count])?;
                Ok(count)
            }
            Structure::Cyclic { records, length } => {
                self.require_slot_length(data)?;
                let count = nvm.byte(self.address);
                let newest = nvm.byte(self.address.saturating_add(1));
                let next = newest.saturating_add(1).checked_rem(records).unwrap_or(0);
                let next = if count == 0 { 0 } else { next };
                nvm.write(slot(self.address.saturating_add(2), next, length), data)?;
                nvm.write(self.address, &[count.saturating_add(1).min(records), next])?;
                Ok(1)
            }
            Structure::Transparent { .. } => {
                Err(StatusWord::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE)
            }
        }
    }

    fn require_slot_length(self, data: &[u8]) -> Result<(), StatusWord> {
        match self.structure {
            Structure::LinearFixed { length, .. } | Structure::Cyclic { length, .. }
                if data.len() != usize::from(length) =>
            {
                Err(StatusWord::WRONG_LENGTH)
            }
            _ => Ok(()),
        }
    }
}

fn fits(length: usize, capacity: u16) -> Result<u16, StatusWord> {
    u16::try_from(length)
        .ok()
        .filter(|length| *length <= capacity)
        .ok_or(StatusWord::NOT_ENOUGH_MEMORY)
}

fn slot(first: usize, position: u8, length: u8) -> usize {
    first.saturating_add(usize::from(position).saturating_mul(length.into()))
}

/// Walks the records of a file.
pub(crate) struct RecordIter<'n> {
    nvm: &'n Nvm,
    records: Records,
    number: u8,
    /// Where the next record is: bytes of a linear variable file, records of the others.
    offset: usize,
    /// Where the last one ends, counted alike.
    end: usize,
}

impl Iterator for RecordIter<'_> {
    type Item = Record;

    #[inline(always)]
    fn next(&mut self) -> Option<Record> {
        if self.offset >= self.end {
            return None;
        }
        let base = self.records.address;
        let before = self.number;
        let number = before.checked_add(1)?;
        self.number = number;
        self.offset = self.offset.saturating_add(1);
        match self.records.structure {
            Structure::LinearVariable { .. } => {
                let offset = self.offset.saturating_sub(1);
                let address = base.saturating_add(2).saturating_add(offset);
                let [tag, short, high, low] = self.nvm.array::<4>(address);
                let length = match short {
                    0xFF => usize::from(u16::from_be_bytes([high, low])).saturating_add(4),
                    short => usize::from(short).saturating_add(2),
                };
                // What says more than there is ends with the file's content.
                let length = length.min(self.end.saturating_sub(offset));
                self.offset = offset.saturating_add(length);
                Some(Record { number, address, length, tag: Some(tag) })
            }
            Structure::LinearFixed { length, .. } => {
                let address = slot(base.saturating_add(1), before, length);
                let tag = Some(self.nvm.byte(address));
                Some(Record { number, address, length: length.into(), tag })
            }
            Structure::Cyclic { records, length } => {
                let newest = self.nvm.byte(base.saturating_add(1));
                let back = usize::from(newest)
                    .saturating_add(usize::from(records))
                    .saturating_sub(usize::from(before));
                let position = back.checked_rem(records.into())?;
                let address = slot(base.saturating_add(2), u8::try_from(position).ok()?, length);
                Some(Record { number, address, length: length.into(), tag: None })
            }
            Structure::Transparent { .. } => None,
        }
    }
}
