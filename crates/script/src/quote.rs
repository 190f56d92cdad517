//! Words as messages quote them: in stars when they may be a PIN or a key.

/// So many digits may be a PIN.
pub(crate) const PIN: usize = 4;
/// Letters alone are a key only when they are as many.
const LETTERS: usize = 8;

/// A word as a message quotes it: in stars when it may be a PIN or a key.
pub(crate) fn quoted(word: &str) -> String {
    if digits(word) >= PIN || word.chars().filter(|c| c.is_numeric()).count() >= PIN {
        return format!("'{}'", "*".repeat(word.chars().count()));
    }
    format!("'{word}'")
}

/// How many digits a text has: hexadecimal ones where a word is hexadecimal, else decimal ones.
pub(crate) fn digits(text: &str) -> usize {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let weight = |word: &str| {
        // An input method may write digits of full width.
        let decimal = word.chars().filter(|character| character.is_numeric()).count();
        let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && (decimal > 0 || word.len() >= LETTERS) { word.len() } else { decimal }
    };
    words.map(weight).sum()
}
