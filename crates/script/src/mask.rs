//! Bytes with wildcards, and where found bytes differ from them.

use std::fmt::Write;

use crate::ast::SwPattern;

/// Digits that are shown in one row of a difference.
const ROW: usize = 64;

/// Bytes with wildcards.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Mask {
    pub(crate) digits: Vec<Option<u8>>,
    pub(crate) open: bool,
}

impl Mask {
    /// A mask out of digits, `x` for any; `None` when a character is neither.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let digits = text.chars().map(|digit| match digit {
            'x' | 'X' | '?' => Some(None),
            digit => Some(Some(u8::try_from(digit.to_digit(16)?).ok()?)),
        });
        Some(Self { digits: digits.collect::<Option<_>>()?, open: false })
    }

    /// Whether bytes fit.
    pub(crate) fn fits(&self, found: &[u8]) -> bool {
        let length = found.len().saturating_mul(2);
        let long_enough =
            if self.open { length >= self.digits.len() } else { length == self.digits.len() };
        long_enough
            && self
                .digits
                .iter()
                .zip(digits(found))
                .all(|(wanted, digit)| wanted.is_none_or(|wanted| wanted == digit))
    }

    /// Wanted and found one above the other, `^` under what differs; rows without a difference are
    /// left out.
    pub(crate) fn difference(&self, found: &[u8]) -> String {
        let mut wanted: Vec<char> = self.digits.iter().map(|digit| shown(*digit)).collect();
        let found: Vec<char> = digits(found).map(|digit| shown(Some(digit))).collect();
        let mut marks: Vec<bool> = (self.digits.iter().zip(&found))
            .map(|(wanted, found)| wanted.is_some_and(|wanted| shown(Some(wanted)) != *found))
            .collect();
        let longest = wanted.len().max(found.len());
        let surplus = !self.open || found.len() < wanted.len();
        marks.resize(longest, surplus);
        if self.open {
            wanted.extend(['.', '.']);
        }
        let mut view = String::new();
        let rows = marks.len().div_ceil(ROW).max(1);
        let last = rows.saturating_sub(1);
        for (row, from) in (0..rows).zip((0_usize..).step_by(ROW)) {
            let cut = |line: &[char]| -> String {
                let end = if row == last { line.len() } else { from.saturating_add(ROW) };
                let end = end.min(line.len());
                line.get(from..end).unwrap_or(&[]).iter().collect()
            };
            let marks: String = (marks.iter().skip(from).take(ROW))
                .map(|differs| if *differs { '^' } else { ' ' })
                .collect();
            if rows > 1 && marks.trim().is_empty() {
                continue;
            }
            if rows > 1 {
                // Writing into a string cannot fail.
                let _ = writeln!(view, "from byte {}", from / 2);
            }
            let _ = write!(view, "expected {}\nfound    {}\n", cut(&wanted), cut(&found));
            let _ = writeln!(view, "         {}", marks.trim_end());
        }
        view.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

fn digits(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F])
}

fn shown(digit: Option<u8>) -> char {
    let digit = digit.and_then(|digit| char::from_digit(u32::from(digit), 16));
    digit.map_or('x', |digit| digit.to_ascii_uppercase())
}

/// The pattern of several that differs in the fewest digits.
pub(crate) fn closest(patterns: &[SwPattern], status: u16) -> Mask {
    let wrong = |pattern: &SwPattern| {
        let found = digits(&status.to_be_bytes()).collect::<Vec<_>>();
        let pairs = pattern.0.iter().zip(found);
        pairs.filter(|(wanted, digit)| wanted.is_some_and(|wanted| wanted != *digit)).count()
    };
    let pattern = patterns.iter().min_by_key(|pattern| wrong(pattern));
    Mask { digits: pattern.map(|pattern| pattern.0.to_vec()).unwrap_or_default(), open: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_fits_digit_by_digit() {
        let mask = Mask::of("6Fx?84").unwrap();
        assert!(mask.fits(&[0x6F, 0x1C, 0x84]));
        assert!(!mask.fits(&[0x6F, 0x1C, 0x85]));
        assert!(!mask.fits(&[0x6F, 0x1C, 0x84, 0x00]));
        let open = Mask { open: true, ..mask };
        assert!(open.fits(&[0x6F, 0x1C, 0x84, 0x00]));
        assert!(!open.fits(&[0x6F, 0x1C]));
    }

    #[test]
    fn a_difference_marks_digits() {
        let mask = Mask::of("6Fxx84").unwrap();
        assert_eq!(
            mask.difference(&[0x6F, 0x1C, 0x85]),
            "expected 6Fxx84\nfound    6F1C85\n              ^\n"
        );
        assert_eq!(mask.difference(&[0x6F]), "expected 6Fxx84\nfound    6F\n           ^^^^\n");
        assert_eq!(mask.difference(&[]), "expected 6Fxx84\nfound\n         ^^^^^^\n");
    }

    #[test]
    fn of_long_data_the_rows_that_differ_are_shown() {
        let mut found = [0x11; 70];
        let mask = Mask { digits: vec![Some(1); 140], open: false };
        found[33] = 0x12;
        let row = "1".repeat(64);
        assert_eq!(
            mask.difference(&found),
            format!("from byte 32\nexpected {row}\nfound    1112{}\n            ^\n", &row[4..])
        );
    }
}
