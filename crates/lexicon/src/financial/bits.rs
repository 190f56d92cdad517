//! What the bits of a field say.

use sscard_elements::Bit;

use super::Note;
use crate::Meaning;

/// What the bits of a value say, in the table's order; then the bits that are set and say nothing.
pub(super) fn notes(table: &[Bit], value: &[u8]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut rest = value.to_vec();
    for bit in table {
        let Some(at) = bit.byte.checked_sub(1) else { continue };
        let Some(found) = value.get(at) else { continue };
        if found & bit.mask == bit.value {
            notes.push(Note::new(place(bit.byte, bit.mask), Meaning::new(bit.zh, bit.en)));
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
    use sscard_elements::{
        CardVerificationResults, TerminalVerificationResults, TransactionStatusInformation,
    };

    use super::super::lists::card_verification_results;
    use super::*;

    #[test]
    fn a_bit_that_says_nothing_is_reserved() {
        let english = |notes: Vec<Note>| -> Vec<String> {
            notes.iter().map(|note| format!("{} {}", note.place, note.meaning.en)).collect()
        };
        assert_eq!(
            english(notes(TerminalVerificationResults::BITS, &[0x03, 0, 0, 0, 0])),
            ["B1b2 static data authentication selected", "B1b1 reserved bit"]
        );
        let status = notes(TransactionStatusInformation::BITS, &[0x80, 0x01]);
        assert_eq!(english(status)[1], "B2b1 reserved bit");
        let results = notes(CardVerificationResults::BITS, &[0x00, 0x80, 0x00, 0x01]);
        assert_eq!(english(results).last().unwrap(), "B4b1 reserved bit");
        let results = english(card_verification_results(&[0x03, 0x80, 0x00, 0x30]));
        assert_eq!(results.last().unwrap(), "B4b8-5 3 script commands in the last transaction");
    }

    #[test]
    fn places_are_counted_as_the_standards_do() {
        assert_eq!(place(2, 0xC0), "B2b8-7");
        assert_eq!(place(2, 0x30), "B2b6-5");
        assert_eq!(place(1, 0x01), "B1b1");
        assert_eq!(place(1, 0x07), "B1b3-1");
    }
}
