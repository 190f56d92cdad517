//! Text that people wrote: what may enter the register, and what of it may reach a screen.

use sscard_lexicon::{is_order, push_shown};

use crate::DeskError;

/// So many characters of a text are quoted in a message.
const QUOTED: usize = 80;

/// A text for one line of a screen, and no more than a line of it.
pub(crate) fn quoted(text: &str) -> String {
    let mut rest = text.chars();
    let mut quoted = String::new();
    rest.by_ref().take(QUOTED).for_each(|character| push_shown(&mut quoted, character));
    if rest.next().is_some() {
        quoted.push('…');
    }
    quoted
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
            let reason = check(&format!("李{character}测")).unwrap_err();
            assert!(!reason.contains(is_order), "{reason}");
            assert!(reason.contains(&format!("U+{code:04X},")), "{reason}");
        }
    }

    #[test]
    fn names_and_numbers_stay_as_they_are() {
        for text in ["", "李测甲", "O'Neill-Δ é", "阿卜杜·热西提", "😀"] {
            assert_eq!(quoted(text), text);
            check(text).unwrap();
        }
        assert_eq!(quoted(&"x".repeat(81)), format!("{}…", "x".repeat(80)));
    }
}
