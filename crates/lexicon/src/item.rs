//! Values of items as a person reads them.

use encoding_rs::GBK;
use sscard_apdu::bcd;
use sscard_apdu::hex::encode as hex;
use sscard_core::catalogue::{Coding, Item};

use crate::is_order;

/// GBK text without the bytes 00 or FF it is filled with; what is no GBK becomes U+FFFD, and so does
/// what a terminal obeys or hides: a card gives it no orders.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let decoded = GBK.decode_without_bom_handling(used(bytes)).0;
    decoded.chars().map(printable).collect()
}

fn printable(character: char) -> char {
    if is_order(character) { char::REPLACEMENT_CHARACTER } else { character }
}

/// The same, but bytes that are no GBK stand as `\xNN`.
fn escaped(bytes: &[u8]) -> String {
    let shown = |character: Result<char, u8>| match character {
        Ok(character) => printable(character).to_string(),
        Err(byte) => format!("\\x{byte:02X}"),
    };
    characters(used(bytes)).map(shown).collect()
}

/// Without what it is filled with: bytes 00 at the end, or FF, which kiosks write.
fn used(bytes: &[u8]) -> &[u8] {
    let fill = bytes.last().copied().filter(|last| matches!(last, 0x00 | 0xFF));
    let end = bytes.iter().rposition(|byte| Some(*byte) != fill);
    bytes.get(..end.map_or(0, |end| end.saturating_add(1))).unwrap_or_default()
}

/// Characters, or bytes that belong to none.
fn characters(bytes: &[u8]) -> impl Iterator<Item = Result<char, u8>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        let known = [1, 2, 4].into_iter().find_map(|length| {
            let (bytes, behind) = rest.split_at_checked(length)?;
            let text = GBK.decode_without_bom_handling_and_without_replacement(bytes)?;
            let mut characters = text.chars();
            let character = characters.next().filter(|_| characters.next().is_none())?;
            Some((character, behind))
        });
        let behind = known.map_or(rest.get(1..).unwrap_or_default(), |(_, behind)| behind);
        rest = behind;
        Some(known.map(|(character, _)| character).ok_or(first))
    })
}

/// What is wrong with an item's value: a day that no calendar has, bytes that are no GBK. Nothing of
/// a value that is unset.
#[must_use]
pub fn item_faults(item: &Item, value: &[u8]) -> Option<String> {
    match item.coding {
        Coding::An => {
            let strange = characters(used(value)).filter_map(Result::err).count();
            let plural = if strange == 1 { " is" } else { "s are" };
            (strange > 0).then(|| format!("{strange} byte{plural} not GBK in {}", hex(value)))
        }
        Coding::Cn if is_date(item) && value.iter().any(|byte| *byte != 0xFF) => {
            let day = value.first_chunk::<4>().is_some_and(|day| is_day(*day));
            (!day).then(|| format!("{} is not a day of the calendar", hex(value)))
        }
        Coding::Cn | Coding::Binary | Coding::Template => None,
    }
}

/// Whether an item holds a day, YYYYMMDD.
pub(crate) fn is_date(item: &Item) -> bool {
    let names = ["日期", "有效期"];
    item.coding == Coding::Cn
        && item.length == 4
        && names.iter().any(|name| item.name_zh.contains(name))
}

/// Whether four bytes of BCD, YYYYMMDD, are a day of the calendar.
#[must_use]
pub fn is_day(day: [u8; 4]) -> bool {
    let number = |byte: u8| {
        (byte >> 4 <= 9 && byte & 0x0F <= 9)
            .then(|| u32::from(byte >> 4).saturating_mul(10).saturating_add(u32::from(byte & 0x0F)))
    };
    let [Some(century), Some(year), Some(month), Some(day)] = day.map(number) else { return false };
    let year = century.saturating_mul(100).saturating_add(year);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

/// An item's value: text for `an`, with bytes that are no GBK as `\xNN`; digits for `cn`, hex for
/// anything else; empty when unset.
#[must_use]
pub fn item_text(item: &Item, value: &[u8]) -> String {
    match item.coding {
        Coding::An => escaped(value),
        Coding::Cn => match bcd::digits(value) {
            Ok(digits) => digits.to_string(),
            // The card identification code holds D156…, which is no digit.
            Err(_) => hex(value),
        },
        Coding::Binary | Coding::Template => hex(value),
    }
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
        assert_eq!(of("SSSE/EF06", 0x09, b"\xD5\xC5\xFFa\x81\0"), "张\\xFFa\\x81");
        assert_eq!(of("SSSE/EF06", 0x09, b"a\x1B[2J\0b\0"), "a\u{FFFD}[2J\u{FFFD}b");
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        for (day, is) in [
            ([0x20, 0x24, 0x02, 0x29], true),
            ([0x20, 0x23, 0x02, 0x29], false),
            ([0x19, 0x00, 0x02, 0x29], false),
            ([0x20, 0x00, 0x02, 0x29], true),
            ([0x20, 0x23, 0x04, 0x31], false),
            ([0x20, 0x23, 0x12, 0x31], true),
            ([0x20, 0x23, 0x13, 0x01], false),
            ([0x20, 0x23, 0x00, 0x01], false),
            ([0x20, 0x23, 0x01, 0x00], false),
            ([0x20, 0x23, 0x0A, 0x01], false),
            ([0x00, 0x00, 0x01, 0x01], false),
        ] {
            assert_eq!(is_day(day), is, "{day:02X?}");
        }
    }

    #[test]
    fn faults_of_a_value_are_said_and_unset_values_have_none() {
        let faults = |path: &str, tag, value: &[u8]| {
            item_faults(catalogue::file(path).unwrap().item(tag).unwrap(), value)
        };
        let said = |text: &str| Some(text.to_owned());
        let of = |tag, value: &[u8]| faults("SSSE/EF06", tag, value);
        assert_eq!(
            of(0x0D, &[0x20, 0x23, 0x02, 0x30]),
            said("20230230 is not a day of the calendar")
        );
        assert_eq!(of(0x0D, &[0xFF; 4]), None);
        assert_eq!(of(0x0D, &[0x19, 0x81, 0x01, 0x01]), None);
        assert_eq!(of(0x09, b"\xD5\xC5\0\0"), None);
        assert_eq!(of(0x09, b"\xD5\xFF\0"), said("2 bytes are not GBK in D5FF00"));
        assert_eq!(of(0x09, b"a\xFE"), said("1 byte is not GBK in 61FE"));
        assert_eq!(of(0x09, b"a\xFF"), None, "kiosks fill with FF");
        assert_eq!(faults("SSSE/EF05", 0x01, &[0x63, 0x99, 0x00, 0xD1]), None);
    }
}
