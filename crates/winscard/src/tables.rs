//! Handles: numbers that a program holds, and what they stand for.
//!
//! Two threads that use different handles seldom meet at one lock, and never for longer than it takes to find an entry.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use sscard_readers::{PcscConnection, PcscContext};

use crate::abi::Long;

/// A power of two.
const SHARDS: usize = 32;

/// Handles have 31 bits and are never 0, as those of pcsc-lite: programs keep them in an `int`.
const HANDLE_BITS: u64 = 0x7FFF_FFFF;

/// Odd, so that each number is hit once in a round.
const STRIDE: u64 = 0x3C6E_F35F;

/// One count for contexts and connections: neither is taken for the other.
static COUNT: AtomicU64 = AtomicU64::new(1);

/// A context.
pub(crate) struct ContextEntry {
    pub(crate) context: Box<dyn PcscContext>,
    /// The socket by which it speaks to a server.
    pub(crate) socket: Option<i32>,
}

/// A connection.
pub(crate) struct CardEntry {
    pub(crate) context: Long,
    pub(crate) connection: Arc<dyn PcscConnection>,
}

type Shard<T> = Vec<(Long, Arc<T>)>;

/// What handles stand for.
pub(crate) struct Table<T> {
    shards: [RwLock<Shard<T>>; SHARDS],
}

impl<T> Table<T> {
    pub(crate) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::new(Vec::new())) }
    }

    fn shard(&self, handle: Long) -> Option<&RwLock<Shard<T>>> {
        let place = usize::try_from(handle).ok()? & (SHARDS - 1);
        self.shards.get(place)
    }

    /// A handle that nobody has had in this process.
    pub(crate) fn insert(&self, entry: T) -> Long {
        let entry = Arc::new(entry);
        loop {
            let nth = COUNT.fetch_add(1, Ordering::Relaxed);
            let number = nth.wrapping_mul(STRIDE) & HANDLE_BITS;
            let handle = Long::try_from(number).unwrap_or_default();
            let Some(shard) = self.shard(handle) else { continue };
            let mut shard = write(shard);
            if handle != 0 && !shard.iter().any(|(known, _)| *known == handle) {
                shard.push((handle, entry));
                return handle;
            }
        }
    }

    /// What a handle stands for.
    pub(crate) fn find(&self, handle: Long) -> Option<Arc<T>> {
        let shard = read(self.shard(handle)?);
        shard.iter().find(|(known, _)| *known == handle).map(|(_, entry)| Arc::clone(entry))
    }

    pub(crate) fn remove(&self, handle: Long) -> Option<Arc<T>> {
        let mut shard = write(self.shard(handle)?);
        let place = shard.iter().position(|(known, _)| *known == handle)?;
        Some(shard.swap_remove(place).1)
    }

    pub(crate) fn retain(&self, keep: impl Fn(&T) -> bool) {
        self.shards.iter().for_each(|shard| write(shard).retain(|(_, entry)| keep(entry)));
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| read(shard).len()).sum()
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
