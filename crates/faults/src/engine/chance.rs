//! What is drawn, from a seed.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// Numbers that the same seed gives in the same order; a clone goes on where it was made.
#[derive(Debug)]
pub(super) struct Chance(ChaCha20Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A number below `limit`; 0 of none.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let drawn = self.next().checked_rem(limit.into()).unwrap_or(0);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// Whether what has this probability happens.
    pub(super) fn strikes(&mut self, probability: f64) -> bool {
        self.next() < share(probability)
    }

    /// The next drawn number, below 2^64.
    fn next(&mut self) -> u128 {
        self.0.next_u64().into()
    }
}

impl Clone for Chance {
    fn clone(&self) -> Self {
        Self(ChaCha20Rng::deserialize_state(&self.0.serialize_state()))
    }
}

/// Which drawn numbers, of 2^64, count as this probability.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 2^64, and what lies beyond is cut"
)]
fn share(probability: f64) -> u128 {
    (probability * 18_446_744_073_709_551_616.0) as u128
}
