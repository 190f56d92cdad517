//! Something has changed: whoever waits looks again.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Counts changes, and wakes whoever waits for one.
#[derive(Default)]
pub(crate) struct News {
    count: Mutex<u64>,
    told: Condvar,
}

impl News {
    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There is one more.
    pub(crate) fn tell(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = count.wrapping_add(1);
        drop(count);
        self.told.notify_all();
    }

    /// Waits until there are others than these, at most so long.
    pub(crate) fn wait(&self, known: u64, patience: Duration) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.told.wait_timeout_while(count, patience, |count| *count == known));
    }
}
