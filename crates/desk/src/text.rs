//! Text that people wrote: what may enter the register, and what of it may reach a screen.

use std::borrow::Cow;

use crate::DeskError;

/// So many characters of a text are quoted in a message.
const QUOTED: usize = 80;

/// Whether a character gives orders to a terminal instead of being shown: control characters (C0, C1,
/// DEL), marks that turn the direction of text, ends of lines.
#[must_use]
pub fn is_order(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061C}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// A text for one line of a screen: what gives orders becomes U+FFFD.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_order) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(replaced).collect())
}

/// The same, and no more than a line of it.
pub(crate) fn quoted(text: &str) -> String {
    let mut rest = text.chars();
    let mut quoted: String = rest.by_ref().take(QUOTED).map(replaced).collect();
    if rest.next().is_some() {
        quoted.push('…');
    }
    quoted
}

fn replaced(character: char) -> char {
    if is_order(character) { char::REPLACEMENT_CHARACTER } else { character }
}

/// A text that may enter the register; else which character may not.
pub(crate) fn check(text: &str) -> Result<(), String> {
    match text.chars().find(|character| is_order(*character)) {
        Some(character) => Err(format!(
            "'{}' has the character U+{:04X}, which is not printed; it is not taken",
            quoted(text),
            u32::from(character)
        )),
        None => Ok(()),
    }
}

/// The same for a value that somebody gave.
pub(crate) fn check_value(what: &'static str, text: &str) -> Result<(), DeskError> {
    check(text).map_err(|reason| DeskError::BadValue { what, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_gives_orders_is_refused_and_not_shown() {
        let orders = (0..0x20).chain(0x7F..0xA0).chain([0x061C, 0x200E, 0x200F, 0x2028, 0x2029]);
        for code in orders.chain(0x202A..0x202F).chain(0x2066..0x206A) {
            let character = char::from_u32(code).unwrap();
            let text = format!("李{character}测");
            assert_eq!(shown(&text), "李\u{FFFD}测", "{code:04X}");
            let reason = check(&text).unwrap_err();
            assert!(reason.starts_with("'李\u{FFFD}测' has the character U+"), "{reason}");
            assert!(reason.contains(&format!("U+{code:04X},")), "{reason}");
        }
    }

    #[test]
    fn names_and_numbers_stay_as_they_are() {
        for text in ["", "李测甲", "O'Neill-Δ é", "阿卜杜·热西提", "😀"] {
            assert!(matches!(shown(text), Cow::Borrowed(same) if same == text));
            check(text).unwrap();
        }
        assert_eq!(quoted(&"x".repeat(81)), format!("{}…", "x".repeat(80)));
    }
}
