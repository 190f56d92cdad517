//! Memory that two processes have: the one place of this crate where the compiler has to be told that something is sound.
#![allow(unsafe_code, reason = "a mapping is a pointer")]

use std::fs::File;
use std::io;
use std::slice;
use std::sync::atomic::AtomicU64;

use memmap2::{MmapOptions, MmapRaw};

/// Words that another process reads and writes too.
pub(crate) struct SharedMemory {
    map: MmapRaw,
}

impl SharedMemory {
    /// Maps so many words of a file that has them, and keeps having them: one that is sealed.
    pub(crate) fn map(file: &File, words: usize) -> io::Result<Self> {
        let length = words.saturating_mul(size_of::<AtomicU64>());
        if file.metadata()?.len() < u64::try_from(length).unwrap_or(u64::MAX) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Self { map: MmapOptions::new().len(length).map_raw(file)? })
    }

    /// The words.
    pub(crate) fn words(&self) -> &[AtomicU64] {
        let count = self.map.len().div_euclid(size_of::<AtomicU64>());
        // SAFETY: a mapping begins at a page, so it is aligned; it has so many bytes, which stay mapped as long as `self` lives, and any
        // bytes are words. Whatever the other process does to them, here they are read and written as atomics alone.
        unsafe { slice::from_raw_parts(self.map.as_ptr().cast::<AtomicU64>(), count) }
    }
}
