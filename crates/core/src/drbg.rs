//! The card's random numbers: a seeded generator held by value.
//!
//! Its persistent state (32 bytes) is part of the image. Each power-on replaces it and draws the
//! seed of one session, so sessions differ and two copies of one image repeat each other
//! \[choice, not the standard's\].

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use zeroize::Zeroize;

/// Generator of one power session.
#[derive(Clone, Hash)]
pub(crate) struct Drbg {
    seed: [u8; 32],
    draws: u64,
}

impl Drop for Drbg {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.draws.zeroize();
    }
}

impl Drbg {
    pub(crate) const fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, draws: 0 }
    }

    /// Splits a persistent state into its successor and the generator of a new session.
    pub(crate) fn next_session(state: [u8; 32]) -> ([u8; 32], Self) {
        let mut root = Self::from_seed(state);
        let (mut successor, mut session) = ([0; 32], [0; 32]);
        root.fill(&mut successor);
        root.fill(&mut session);
        (successor, Self::from_seed(session))
    }

    /// Fills `bytes`; each call uses a stream of its own.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        let mut generator = ChaCha20Rng::from_seed(self.seed);
        generator.set_stream(self.draws);
        generator.fill_bytes(bytes);
        self.draws = self.draws.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_draws_differ_and_repeat() {
        let (next, mut first) = Drbg::next_session([7; 32]);
        let (_, mut second) = Drbg::next_session(next);
        let (_, mut repeated) = Drbg::next_session([7; 32]);
        let draw = |generator: &mut Drbg| {
            let mut bytes = [0; 8];
            generator.fill(&mut bytes);
            bytes
        };
        let a = draw(&mut first);
        assert_ne!(a, draw(&mut second));
        assert_eq!(a, draw(&mut repeated));
        assert_ne!(a, draw(&mut first));
    }
}
