//! Words: sequences of inputs by their numbers, and how people read them.

/// How a word without inputs is written.
pub const EMPTY_WORD: &str = "(nothing)";

/// The inputs' names with spaces between them.
#[must_use]
pub fn shown_word(names: &[String], word: &[usize]) -> String {
    if word.is_empty() {
        return EMPTY_WORD.to_owned();
    }
    let names = word.iter().map(|input| names.get(*input).map_or("?", String::as_str));
    names.collect::<Vec<_>>().join(" ")
}
