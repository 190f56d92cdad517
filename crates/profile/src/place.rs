//! Where a text says a setting: from a setting's name to line and column.
//!
//! Whoever refuses a value names its setting as TOML writes it: `financial.objects.9F79`,
//! `access."DF01/EF05"`, `files[2].records[0]` (the third table `[[files]]`, its first record). What the
//! text does not say is where the innermost table that it does say begins.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Settings and their old names, by table.
pub(crate) const OLD_NAMES: [(&str, &str, &str); 2] = [
    ("financial", "qpboc", "quick"),
    ("financial", "qpboc_cryptogram_version", "quick_cryptogram_version"),
];

/// Line and column of a byte of a text, both from 1; columns are characters.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
    let column = before.get(start..).unwrap_or_default().chars().count();
    (line, column.saturating_add(1))
}

/// The byte at which a text says one of these settings: the first that it says to its end, else what
/// it says of the first.
pub(crate) fn of(text: &str, settings: &[&str]) -> usize {
    let (table, _) = DeTable::parse_recoverable(text);
    let found: Vec<_> =
        settings.iter().map(|setting| walk(table.get_ref(), &steps(setting))).collect();
    let whole = found.iter().find(|found| found.is_whole);
    whole.or(found.first()).map_or(0, |found| found.at)
}

/// The table, the setting and its old name of a setting that a text says by both; with the byte of the later.
pub(crate) fn named_twice(text: &str) -> Option<(usize, &'static str, &'static str)> {
    let (whole, _) = DeTable::parse_recoverable(text);
    OLD_NAMES.iter().find_map(|(table, name, old)| {
        let table = whole.get_ref().get(*table)?.get_ref().as_table()?;
        let (new_key, _) = table.get_key_value(*name)?;
        let (old_key, _) = table.get_key_value(*old)?;
        Some((new_key.span().start.max(old_key.span().start), *name, *old))
    })
}

struct Found {
    at: usize,
    is_whole: bool,
}

#[derive(PartialEq, Debug)]
enum Step {
    Name(String),
    Place(usize),
}

/// `a."b.c"[1]` as `a`, `b.c`, 1.
fn steps(setting: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = setting;
    while let Some(first) = rest.chars().next() {
        let (step, behind) = match first {
            '.' => (None, rest.get(1..)),
            '"' => {
                let inner = rest.get(1..).unwrap_or_default();
                let (name, behind) = inner.split_once('"').unwrap_or((inner, ""));
                (Some(Step::Name(name.to_owned())), Some(behind))
            }
            '[' => {
                let inner = rest.get(1..).unwrap_or_default();
                let (number, behind) = inner.split_once(']').unwrap_or((inner, ""));
                (number.parse().ok().map(Step::Place), Some(behind))
            }
            _ => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                (rest.get(..end).map(|name| Step::Name(name.to_owned())), rest.get(end..))
            }
        };
        steps.extend(step);
        rest = behind.unwrap_or_default();
    }
    steps
}

fn walk(table: &DeTable<'_>, steps: &[Step]) -> Found {
    let mut found = Found { at: 0, is_whole: false };
    let mut here: Option<&DeValue<'_>> = None;
    for (number, step) in steps.iter().enumerate() {
        let next: Option<(Range<usize>, &Spanned<DeValue<'_>>)> = match step {
            Step::Name(name) => {
                let table = here.map_or(Some(table), DeValue::as_table);
                table.and_then(|table| {
                    let old = OLD_NAMES.iter().find(|(_, new, _)| new == name).map(|known| known.2);
                    let of = |name: &str| table.get_key_value(name);
                    of(name).or_else(|| of(old?)).map(|(key, value)| (key.span(), value))
                })
            }
            Step::Place(place) => here
                .and_then(DeValue::as_array)
                .and_then(|array| array.get(*place))
                .map(|value| (value.span(), value)),
        };
        let Some((name, value)) = next else { return found };
        // A table is where its name stands, a value where it stands itself.
        let is_table = value.get_ref().is_table() || value.get_ref().is_array();
        found.at = if is_table { name.start } else { value.span().start };
        found.is_whole = number.saturating_add(1) == steps.len();
        here = Some(value.get_ref());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "pin_tries = 7\n\n[financial]\npan = \"1\"\nquick = true\n\n[financial.objects]\n9F79 = \"00\"\n\n[access.\"DF01/EF05\"]\nread = \"PIN\"\n\n[[files]]\nid = \"EF0D\"\n\n[[files]]\n# 个人\nid = \"EF0E\"\nrecords = [\n  \"EA00\", \"EB00\",\n]\n";

    fn at(settings: &[&str]) -> (usize, usize) {
        line_and_column(TEXT, of(TEXT, settings))
    }

    #[test]
    fn a_setting_is_where_its_value_stands() {
        assert_eq!(at(&["pin_tries"]), (1, 13));
        assert_eq!(at(&["financial.pan"]), (4, 7));
        assert_eq!(at(&["financial.qpboc"]), (5, 9), "by its old name");
        assert_eq!(at(&["financial.objects.9F79"]), (8, 8));
        assert_eq!(at(&["access.\"DF01/EF05\".read"]), (11, 8));
        assert_eq!(at(&["files[1].id"]), (18, 6));
        assert_eq!(at(&["files[1].records[1]"]), (20, 11));
    }

    #[test]
    fn what_is_not_said_is_where_its_table_begins() {
        assert_eq!(at(&["access.\"DF01/EF05\""]), (10, 9));
        assert_eq!(at(&["access.\"DF01/EF05\".update"]), (10, 9));
        assert_eq!(at(&["files[0].structure"]), (13, 1));
        assert_eq!(at(&["files[1].structure"]), (16, 1));
        assert_eq!(at(&["channels"]), (1, 1));
    }

    #[test]
    fn the_first_that_is_said_counts() {
        assert_eq!(at(&["pin_min_digits", "pin_tries"]), (1, 13));
        assert_eq!(at(&["financial.aip", "purse.start_day"]), (3, 2));
    }

    #[test]
    fn columns_are_characters() {
        assert_eq!(line_and_column("社会 = 1", "社会 = ".len()), (1, 6));
        assert_eq!(line_and_column("a\n", 99), (2, 1));
    }
}
