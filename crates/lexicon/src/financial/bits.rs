//! Bit fields, from `bits.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Note, rows};
use crate::Meaning;

const TABLE: &str = include_str!("bits.tsv");

/// Name of the card verification results in the table; they have no tag of their own.
pub(super) const CVR: &str = "CVR";
/// Terminal verification results, which the issuer action codes are masks of.
pub(super) const TVR: &str = "95";

/// One line of the table.
struct Bit {
    byte: usize,
    mask: u8,
    wanted: u8,
    meaning: Meaning,
}

impl Bit {
    fn from_row([_, byte, mask, wanted, en, zh]: [&'static str; 6]) -> Option<Self> {
        Some(Self {
            byte: byte.parse().ok()?,
            mask: u8::from_str_radix(mask, 16).ok()?,
            wanted: u8::from_str_radix(wanted, 16).ok()?,
            meaning: Meaning::new(zh, en),
        })
    }
}

/// What the bits of a value say, in the table's order; then the bits that are set and say nothing.
pub(super) fn notes(table: &str, value: &[u8]) -> Vec<Note> {
    static TABLES: LazyLock<HashMap<&str, Vec<Bit>>> = LazyLock::new(|| {
        let mut tables: HashMap<&str, Vec<Bit>> = HashMap::new();
        for row in rows(TABLE) {
            tables.entry(row[0]).or_default().extend(Bit::from_row(row));
        }
        tables
    });
    let mut notes = Vec::new();
    // Of the CVR the first byte is a length and half of the last one a count.
    let mut rest = value.to_vec();
    if let (CVR, [first, .., last]) = (table, &mut rest[..]) {
        *first = 0;
        *last &= 0x0F;
    }
    for bit in TABLES.get(table).into_iter().flatten() {
        let Some(at) = bit.byte.checked_sub(1) else { continue };
        let Some(found) = value.get(at) else { continue };
        if found & bit.mask == bit.wanted {
            notes.push(Note::new(place(bit.byte, bit.mask), bit.meaning.clone()));
        }
        if let Some(left) = rest.get_mut(at) {
            *left &= !bit.mask;
        }
    }
    for (byte, left) in (1_usize..).zip(&rest) {
        for mask in [0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01] {
            if left & mask != 0 {
                notes.push(Note::new(place(byte, mask), Meaning::new("保留位", "reserved bit")));
            }
        }
    }
    notes
}

/// `B2b8-7` for the mask C0 in byte 2, `B1b1` for the mask 01 in byte 1.
fn place(byte: usize, mask: u8) -> String {
    let high = 8_u32.saturating_sub(mask.leading_zeros());
    let low = mask.trailing_zeros().saturating_add(1);
    if high == low { format!("B{byte}b{high}") } else { format!("B{byte}b{high}-{low}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_well_formed() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [table, byte, mask, value, en, zh] = fields[..] else { panic!("{line}") };
            let mask = u8::from_str_radix(mask, 16).unwrap();
            let value = u8::from_str_radix(value, 16).unwrap();
            assert!(mask != 0 && value & !mask == 0, "{line}");
            assert!((1..=5).contains(&byte.parse::<usize>().unwrap()), "{line}");
            assert!(!en.is_empty() && !zh.is_empty() && !table.is_empty(), "{line}");
        }
    }

    #[test]
    fn a_bit_that_says_nothing_is_reserved() {
        let english = |table, value: &[u8]| -> Vec<String> {
            let notes = notes(table, value);
            notes.iter().map(|note| format!("{} {}", note.place, note.meaning.en)).collect()
        };
        assert_eq!(
            english(TVR, &[0x03, 0, 0, 0, 0]),
            ["B1b2 static data authentication selected", "B1b1 reserved bit"]
        );
        assert_eq!(english("9B", &[0x80, 0x01])[1], "B2b1 reserved bit");
        assert_eq!(english(CVR, &[0x03, 0x80, 0x00, 0x31]).last().unwrap(), "B4b1 reserved bit");
    }

    #[test]
    fn places_are_counted_as_the_standards_do() {
        assert_eq!(place(2, 0xC0), "B2b8-7");
        assert_eq!(place(2, 0x30), "B2b6-5");
        assert_eq!(place(1, 0x01), "B1b1");
        assert_eq!(place(1, 0x07), "B1b3-1");
    }
}
