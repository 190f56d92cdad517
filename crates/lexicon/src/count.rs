//! Numbers with their nouns.

/// `1 byte`, `2 keys`, `0 tries`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    let stem = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match (count, stem) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {noun}s"),
    }
}

/// The same behind a verb: `this is 1 byte`, `these are 2 bytes`.
#[must_use]
pub fn these_are(count: usize, noun: &str) -> String {
    format!("{} {}", if count == 1 { "this is" } else { "these are" }, counted(count, noun))
}

/// The same before a verb: `1 byte is`, `2 bytes are`.
#[must_use]
pub fn counted_is(count: usize, noun: &str) -> String {
    format!("{} {}", counted(count, noun), is_are(count))
}

/// The verb of so many.
#[must_use]
pub fn is_are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_all_else_plural() {
        assert_eq!(counted(1, "try"), "1 try");
        assert_eq!(counted(0, "try"), "0 tries");
        assert_eq!(counted(2, "byte"), "2 bytes");
        assert_eq!(counted(2, "key"), "2 keys");
        assert_eq!(these_are(1, "byte"), "this is 1 byte");
        assert_eq!(these_are(0, "byte"), "these are 0 bytes");
        assert_eq!(counted_is(1, "byte"), "1 byte is");
        assert_eq!(counted_is(3, "byte"), "3 bytes are");
    }
}
