//! Changes to records that lead a fuzzer on: whole ones are put in, taken out, swapped, doubled, moved; or one parameter changes.
//!
//! What enters: bytes that are read as records, the first of which says what to begin with. What leaves: other records. A harness of
//! libFuzzer or AFL++ calls these from its custom mutator and its custom crossover.

use crate::op::{OpRecord, RECORD};
use crate::random::Random;

/// Kinds of operation that seldom come of a random byte: raw bytes, resets, cuts, snapshots, restores, the clock.
const RARE: [u8; 8] = [240, 243, 246, 247, 250, 253, 255, 216];

/// Changes `bytes`, which stay within `longest`: `size` of them are there, and the new size is returned, never 0. A part of a record at the end
/// is left out; where not even one fits, it is drawn.
pub fn mutate(bytes: &mut [u8], size: usize, longest: usize, seed: u64) -> usize {
    let mut random = Random::new(seed);
    let longest = longest.min(bytes.len());
    if longest < RECORD {
        random.fill(&mut bytes[..longest]);
        return longest;
    }
    let longest = longest / RECORD;
    let mut records = read(&bytes[..size.min(bytes.len())]);
    // Mostly one change, seldom many.
    let changes = 1 + [0, 0, 0, 0, 1, 1, 2, 6][random.below(8)];
    for _ in 0..changes {
        change(&mut records, &mut random);
    }
    if records.is_empty() {
        records.push(drawn(&mut random));
    }
    records.truncate(longest);
    write(&records, bytes)
}

/// Puts records of two into `out`: the beginning of one, a stretch of the other. The new size.
pub fn cross(first: &[u8], second: &[u8], out: &mut [u8], seed: u64) -> usize {
    let mut random = Random::new(seed);
    let (mut records, other) = (read(first), read(second));
    let at = random.below(records.len() + 1);
    let stretch = stretch(&other, &mut random);
    let end = if random.below(2) == 0 { records.len() } else { at };
    records.splice(at..end, stretch.iter().copied());
    records.truncate(out.len() / RECORD);
    write(&records, out)
}

fn read(bytes: &[u8]) -> Vec<OpRecord> {
    bytes.as_chunks::<RECORD>().0.to_vec()
}

fn write(records: &[OpRecord], out: &mut [u8]) -> usize {
    for (place, record) in out.as_chunks_mut::<RECORD>().0.iter_mut().zip(records) {
        *place = *record;
    }
    records.len() * RECORD
}

/// A few that follow each other.
fn stretch(records: &[OpRecord], random: &mut Random) -> Vec<OpRecord> {
    let begin = random.below(records.len());
    let most = (records.len() - begin).min(16);
    let length = 1 + random.below(most);
    records.get(begin..begin + length).unwrap_or_default().to_vec()
}

fn drawn(random: &mut Random) -> OpRecord {
    let mut record = [0; RECORD];
    random.fill(&mut record);
    if random.below(8) == 0 {
        record[0] = RARE[random.below(RARE.len())];
    }
    // As simple as one can be that does something.
    if random.below(2) == 0 {
        record[0] %= 216;
        record[1] &= 0x0F;
    }
    record
}

fn change(records: &mut Vec<OpRecord>, random: &mut Random) {
    let count = records.len();
    let at = random.below(count);
    match random.below(16) {
        _ if count == 0 => records.push(drawn(random)),
        0..=2 => {
            let record = drawn(random);
            records.insert(random.below(count + 1), record);
        }
        3 => {
            let record = drawn(random);
            records.push(record);
        }
        4 => {
            records.remove(at);
        }
        5 => {
            let length = 1 + random.below((count - at).min(8));
            records.drain(at..at + length);
        }
        6 => records.swap(at, random.below(count)),
        7 => {
            let record = records[at];
            let times = 1 + random.below(4);
            records.splice(at..at, std::iter::repeat_n(record, times));
        }
        // What was done once more, at the end or elsewhere.
        8 => {
            let again = stretch(records, random);
            records.extend(again);
        }
        9 => {
            let again = stretch(records, random);
            records.splice(at..at, again);
        }
        10 => records.truncate(at + 1),
        _ => parameter(&mut records[at], random),
    }
}

/// One byte of a record, mostly of its parameters.
fn parameter(record: &mut OpRecord, random: &mut Random) {
    let place = random.below(RECORD);
    match random.below(6) {
        0 => record[place] = random.byte(),
        1 => record[place] ^= 1 << random.below(8),
        2 => record[place] = record[place].wrapping_add(1 + random.byte() % 4),
        3 => record[place] = record[place].wrapping_sub(1 + random.byte() % 4),
        4 => record[place] = 0,
        _ => record[0] = if random.below(2) == 0 { 0 } else { RARE[random.below(RARE.len())] },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(count: usize) -> Vec<u8> {
        (0..count).flat_map(|at| [u8::try_from(at).unwrap_or(0); RECORD]).collect()
    }

    #[test]
    fn whole_records_come_out_and_never_too_many() {
        let mut sizes = std::collections::BTreeSet::new();
        for seed in 0..5000 {
            let mut bytes = records(9);
            bytes.resize(100 + 7, 0xEE);
            let size = mutate(&mut bytes, 8 * RECORD + 5, 107, seed);
            assert!(size.is_multiple_of(RECORD) && size <= 96, "{size}");
            sizes.insert(size / RECORD);
        }
        assert_eq!(sizes, (1..=8).collect());
    }

    #[test]
    fn nothing_grows_and_what_is_too_short_is_drawn() {
        let mut bytes = vec![0; 40];
        assert!((1..50).all(|seed| mutate(&mut bytes, 0, 40, seed) >= RECORD));
        assert_eq!(mutate(&mut [0; 11], 11, 11, 1), 11);
    }

    #[test]
    fn the_same_seed_changes_alike() {
        let change = |seed| {
            let mut bytes = records(20);
            let size = mutate(&mut bytes, 15 * RECORD, 240, seed);
            bytes[..size].to_vec()
        };
        assert_eq!(change(7), change(7));
        assert_ne!(change(7), change(8));
    }

    #[test]
    fn a_crossing_has_records_of_both() {
        let (first, second) = ([1; 4 * RECORD], [2; 4 * RECORD]);
        let mut both = 0;
        for seed in 0..200 {
            let mut out = [0; 6 * RECORD];
            let size = cross(&first, &second, &mut out, seed);
            assert!(size.is_multiple_of(RECORD));
            let out = &out[..size];
            both += usize::from(out.contains(&1) && out.contains(&2));
        }
        assert!(both > 100, "{both}");
    }
}
