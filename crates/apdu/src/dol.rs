//! Data object lists: tags and lengths that a card wants filled (EMV Book 3 §5.4).
//!
//! What enters: a list. What leaves: its entries, or the bytes that answer it. No panics.

use alloc::vec::Vec;

use crate::tlv::{Tag, TlvError};

/// One entry of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The wanted object.
    pub tag: Tag,
    /// The wanted length, 0…255.
    pub length: u8,
}

/// On which side a value of the wrong length is cut or filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alignment {
    /// Format n: cut and filled with 00 on the left.
    Numeric,
    /// Format cn: cut on the right, filled with FF on the right.
    CompressedNumeric,
    /// All others: cut on the right, filled with 00 on the right.
    Other,
}

/// Entries one after another; ends after the first error.
#[derive(Clone, Debug)]
pub struct DolReader<'a> {
    rest: &'a [u8],
}

impl<'a> DolReader<'a> {
    /// A reader over a list.
    #[must_use]
    pub const fn new(list: &'a [u8]) -> Self {
        Self { rest: list }
    }
}

impl Iterator for DolReader<'_> {
    type Item = Result<Entry, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = Tag::parse(self.rest).and_then(|(tag, rest)| {
            let (length, rest) = rest.split_first().ok_or(TlvError::TruncatedLength)?;
            self.rest = rest;
            Ok(Entry { tag, length: *length })
        });
        if entry.is_err() {
            self.rest = &[];
        }
        Some(entry)
    }
}

/// A list of these tags with these lengths.
#[must_use]
pub fn list(entries: &[(Tag, u8)]) -> Vec<u8> {
    let mut list = Vec::with_capacity(entries.len().saturating_mul(3));
    for (tag, length) in entries {
        tag.emit(&mut list);
        list.push(*length);
    }
    list
}

/// How many bytes answer a list.
///
/// # Errors
/// An entry that cannot be read.
pub fn total_length(list: &[u8]) -> Result<usize, TlvError> {
    DolReader::new(list)
        .try_fold(0_usize, |sum, entry| Ok(sum.saturating_add(usize::from(entry?.length))))
}

/// Appends the bytes that answer a list: what `lookup` knows, cut or filled to length; zeros for
/// what it does not know, and for constructed objects.
///
/// # Errors
/// An entry that cannot be read; `out` holds the entries before it then.
pub fn fill<'v>(
    list: &[u8],
    mut lookup: impl FnMut(Tag) -> Option<(&'v [u8], Alignment)>,
    out: &mut Vec<u8>,
) -> Result<(), TlvError> {
    for entry in DolReader::new(list) {
        let entry = entry?;
        let length = usize::from(entry.length);
        let end = out.len().saturating_add(length);
        let known = if entry.tag.is_constructed() { None } else { lookup(entry.tag) };
        let (value, alignment) = known.unwrap_or((&[], Alignment::Other));
        let surplus = value.len().saturating_sub(length);
        let missing = length.saturating_sub(value.len());
        match alignment {
            Alignment::Numeric => {
                out.extend(core::iter::repeat_n(0, missing));
                out.extend_from_slice(value.get(surplus..).unwrap_or(&[]));
            }
            Alignment::CompressedNumeric => {
                out.extend(value.iter().take(length));
                out.resize(end, 0xFF);
            }
            Alignment::Other => {
                out.extend(value.iter().take(length));
                out.resize(end, 0x00);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PDOL: &[u8] = &[0x9F, 0x7A, 0x01, 0x9F, 0x02, 0x06, 0x5F, 0x2A, 0x02];

    #[test]
    fn entries_and_total_length() {
        let entries: Vec<_> = DolReader::new(PDOL).map(Result::unwrap).collect();
        let list: Vec<_> = entries.iter().map(|entry| (entry.tag, entry.length)).collect();
        assert_eq!(super::list(&list), PDOL);
        assert_eq!(entries[1], Entry { tag: Tag::from_number(0x9F02), length: 6 });
        assert_eq!(total_length(PDOL), Ok(9));
        assert_eq!(total_length(&[0x9F]), Err(TlvError::TruncatedTag));
        assert_eq!(total_length(&[0x95]), Err(TlvError::TruncatedLength));
    }

    #[test]
    fn emv_book_3_5_4_values_are_cut_and_filled() {
        let filled = |value: &'static [u8], alignment, length| {
            let mut out = Vec::new();
            fill(&[0x95, length], |_| Some((value, alignment)), &mut out).unwrap();
            out
        };
        assert_eq!(filled(&[1, 2], Alignment::Numeric, 3), [0, 1, 2]);
        assert_eq!(filled(&[1, 2, 3], Alignment::Numeric, 2), [2, 3]);
        assert_eq!(filled(&[1, 2], Alignment::Other, 3), [1, 2, 0]);
        assert_eq!(filled(&[1, 2, 3], Alignment::Other, 2), [1, 2]);
        assert_eq!(filled(&[1, 2], Alignment::CompressedNumeric, 3), [1, 2, 0xFF]);
        assert_eq!(filled(&[1, 2, 3], Alignment::CompressedNumeric, 2), [1, 2]);
    }

    #[test]
    fn unknown_and_constructed_objects_are_zeros() {
        let mut out = Vec::new();
        fill(
            &[0x95, 2, 0x6F, 1],
            |tag| (tag == Tag::from_number(0x6F)).then_some((&[9], Alignment::Other)),
            &mut out,
        )
        .unwrap();
        assert_eq!(out, [0, 0, 0]);
    }

    proptest! {
        #[test]
        fn a_filled_list_has_its_total_length(list in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut out = Vec::new();
            let filled = fill(&list, |_| Some((&[1, 2, 3], Alignment::Numeric)), &mut out);
            prop_assert_eq!(filled.map(|()| out.len()), total_length(&list));
        }
    }
}
