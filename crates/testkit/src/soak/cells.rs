//! A set of abstract states.

use crate::model::CELLS;

/// Which cells of [`Model::cells`](crate::Model::cells) were seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CellSet([u64; CELLS.div_ceil(64)]);

impl Default for CellSet {
    fn default() -> Self {
        Self([0; CELLS.div_ceil(64)])
    }
}

impl CellSet {
    /// Takes one in; numbers from [`CELLS`] on count as those below it that they leave when divided by it.
    pub fn insert(&mut self, cell: usize) {
        let cell = cell % CELLS;
        self.0[cell / 64] |= 1 << (cell % 64);
    }

    /// Takes all of another in.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(here, there)| *here |= there);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether none was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}
