//! The shortest records that still fail, with the simplest bytes.
//!
//! What enters: records that fail, and a way to try others. What leaves: records of which none can be left out and none made simpler by
//! the steps below (delta debugging: Zeller, Hildebrandt 2002).

use crate::op::OpRecord;

/// Leaves out and simplifies what it can. `fails` says how many of the records it took to fail, or `None` when they do not.
///
/// Records that do not fail come back as they are.
pub fn shrink(
    records: &[OpRecord],
    mut fails: impl FnMut(&[OpRecord]) -> Option<usize>,
) -> Vec<OpRecord> {
    let mut kept = records.to_vec();
    let Some(length) = fails(&kept) else { return kept };
    kept.truncate(length);
    loop {
        let before = kept.clone();
        leave_out(&mut kept, &mut fails);
        simplify(&mut kept, &mut fails);
        if kept == before {
            return kept;
        }
    }
}

type Fails<'f> = &'f mut dyn FnMut(&[OpRecord]) -> Option<usize>;

/// Whole stretches first, then single ones, from the end.
fn leave_out(kept: &mut Vec<OpRecord>, fails: Fails<'_>) {
    let mut stretch = kept.len().div_ceil(2);
    while stretch > 0 {
        let mut end = kept.len();
        while end > 0 {
            let begin = end.saturating_sub(stretch);
            let mut shorter = kept.clone();
            shorter.drain(begin..end);
            if let Some(length) = fails(&shorter) {
                shorter.truncate(length);
                *kept = shorter;
            }
            end = begin.min(kept.len());
        }
        stretch = if stretch == 1 { 0 } else { stretch.div_ceil(2) };
    }
}

/// Every byte 00 where that fails, too; else fewer bits, from the highest on.
fn simplify(kept: &mut Vec<OpRecord>, fails: Fails<'_>) {
    let mut at = 0;
    while at < kept.len() {
        for place in 0..kept[at].len() {
            let mut candidates = vec![0];
            candidates.extend((0..8).rev().map(|bit| 1_u8 << bit));
            for bits in candidates {
                let Some(byte) = kept.get(at).map(|record| record[place]) else { return };
                let simpler = if bits == 0 { 0 } else { byte & !bits };
                if simpler == byte {
                    continue;
                }
                let mut tried = kept.clone();
                tried[at][place] = simpler;
                if let Some(length) = fails(&tried) {
                    tried.truncate(length);
                    *kept = tried;
                }
            }
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::RECORD;

    fn record(first: u8) -> OpRecord {
        let mut record = [0xA5; RECORD];
        record[0] = first;
        record
    }

    #[test]
    fn two_records_far_apart_are_what_is_left_of_a_thousand() {
        let mut records: Vec<OpRecord> = (0..1000).map(|_| record(1)).collect();
        records[17] = record(2);
        records[800] = record(0x83);
        let fails = |records: &[OpRecord]| {
            let first = records.iter().position(|record| record[0] == 2)?;
            let rest = &records[first..];
            let second =
                rest.iter().position(|record| record[0] & 0x80 != 0 && record[5] & 4 != 0)?;
            Some(first + second + 1)
        };
        let mut expected = [[0; RECORD]; 2];
        expected[0][0] = 2;
        expected[1][0] = 0x80;
        expected[1][5] = 4;
        assert_eq!(shrink(&records, fails), expected);
    }

    #[test]
    fn what_does_not_fail_is_left_as_it_is() {
        assert_eq!(shrink(&[record(1)], |_| None), [record(1)]);
    }

    #[test]
    fn what_fails_without_any_operation_needs_none() {
        assert_eq!(shrink(&[record(1), record(2)], |_| Some(0)), [] as [OpRecord; 0]);
    }
}
