//! Which records a run has: everything at random, and in most runs a little of everything left out.
//!
//! A run that may do anything seldom does one thing often. Most runs therefore draw their commands from a few values of the byte that
//! chooses the application and its command, and repeat themselves (swarm testing: Groce, Zhang, Eide, Chen, Regehr 2012).

use crate::op::{OpRecord, RECORD};
use crate::random::Random;

/// How records are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mix {
    /// Fewest operations of a run.
    pub shortest: usize,
    /// Most operations of a run.
    pub longest: usize,
    /// Of 256 operations so many repeat one of the latest sixteen.
    pub repeats: u8,
    /// Whether commands are spoilt, and bytes sent as they are: a model has to know every byte of the card for that.
    pub spoils: bool,
}

impl Default for Mix {
    fn default() -> Self {
        Self { shortest: 200, longest: 2000, repeats: 24, spoils: true }
    }
}

impl Mix {
    /// Nothing but meaningful commands, as they are written, and power: for the model of one applet, which knows no other.
    #[must_use]
    pub fn meaningful() -> Self {
        Self { spoils: false, ..Self::default() }
    }
}

/// What a run is made of: the start's place, then records.
pub struct RunRecords {
    random: Random,
    mix: Mix,
    /// Values of the byte that chooses a command; none: any.
    chosen: Vec<u8>,
    /// Kinds of operation from here on count as commands.
    commands_below: u8,
    latest: [OpRecord; 16],
    left: usize,
    drawn: usize,
}

/// The place of the start among so many, and the records of a run of a seed.
pub fn records_of_run(seed: u64, run: u64, starts: usize, mix: Mix) -> (usize, RunRecords) {
    // Neighbouring seeds and runs have nothing in common.
    let mut random = Random::new(Random::new(seed).next() ^ Random::new(!run).next());
    let start = random.below(starts);
    let left = mix.shortest + random.below(mix.longest.saturating_sub(mix.shortest) + 1);
    let few = [0, 0, 1, 2, 3, 4, 8, 16][random.below(8)];
    let chosen = (0..few).map(|_| random.byte()).collect();
    // One run in four is never reset, cut or restored.
    let commands_below = if random.below(4) == 0 { 243 } else { u8::MAX };
    let latest = [[0; RECORD]; 16];
    (start, RunRecords { random, mix, chosen, commands_below, latest, left, drawn: 0 })
}

impl Iterator for RunRecords {
    type Item = OpRecord;

    fn next(&mut self) -> Option<OpRecord> {
        self.left = self.left.checked_sub(1)?;
        let drawn = self.random.next().to_le_bytes();
        let repeats = drawn[0] < self.mix.repeats && self.drawn > 0;
        let record = if repeats {
            self.latest[usize::from(drawn[1]) % self.drawn.min(16)]
        } else {
            let mut record = [0; RECORD];
            self.random.fill(&mut record);
            if !self.chosen.is_empty() {
                record[2] = self.chosen[usize::from(drawn[2]) % self.chosen.len()];
            }
            if self.commands_below < u8::MAX {
                record[0] %= self.commands_below;
            }
            if !self.mix.spoils {
                // Kinds of damage and of raw bytes become commands; those of power and snapshots stay.
                if record[0] < 243 {
                    record[0] %= 216;
                }
                record[1] &= 0x8F;
            }
            record
        };
        self.latest[self.drawn % 16] = record;
        self.drawn += 1;
        Some(record)
    }
}
