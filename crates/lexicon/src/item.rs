//! Values of items as a person reads them.

use encoding_rs::GBK;
use sscard_apdu::bcd;
use sscard_core::catalogue::{Coding, Item};

use crate::is_order;

/// GBK text without the 00 bytes it is filled with; what is no GBK becomes U+FFFD, and so does
/// what a terminal obeys or hides: a card gives it no orders.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let used = bytes.get(..used).unwrap_or_default();
    let decoded = GBK.decode_without_bom_handling(used).0;
    decoded.chars().map(|c| if is_order(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// An item's value: text for `an`, digits for `cn`, hex for anything else; empty when unset.
#[must_use]
pub fn item_text(item: &Item, value: &[u8]) -> String {
    match item.coding {
        Coding::An => text(value),
        Coding::Cn => match bcd::digits(value) {
            Ok(digits) => digits.to_string(),
            // The card identification code holds D156…, which is no digit.
            Err(_) => hex(value),
        },
        Coding::Binary | Coding::Template => hex(value),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sscard_core::catalogue;

    fn of(path: &str, tag: u8, value: &[u8]) -> String {
        item_text(catalogue::file(path).unwrap().item(tag).unwrap(), value)
    }

    #[test]
    fn values_read_as_their_type_says() {
        assert_eq!(of("SSSE/EF06", 0x09, b"\xD5\xC5\xC8\xFD\0\0"), "张三");
        assert_eq!(of("SSSE/EF06", 0x0D, &[0x19, 0x81, 0x01, 0x01]), "19810101");
        assert_eq!(of("SSSE/EF06", 0x0D, &[0xFF; 4]), "");
        assert_eq!(of("SSSE/EF05", 0x01, &[0x63, 0x99, 0x00, 0xD1]), "639900D1");
        assert_eq!(of("SSSE/EF05", 0x03, b"3.00"), "3.00");
        assert_eq!(of("SSSE/EF06", 0x09, b"a\x1B[2J\0b\0"), "a\u{FFFD}[2J\u{FFFD}b");
    }
}
