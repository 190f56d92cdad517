//! PIN blocks: what VERIFY carries, and what a PIN change carries enciphered.

use zeroize::Zeroizing;

use crate::Key;

/// ISO 9564 format 2: `2L PIN F…`, 8 bytes; `None` unless the PIN is 4 to 12 digits.
#[must_use]
pub fn format_2_block(pin: &str) -> Option<Zeroizing<[u8; 8]>> {
    block(0x20, pin)
}

/// The digits of a format 2 block, ASCII, as many as its length says.
#[must_use]
pub fn pin_from_format_2(block: &[u8; 8]) -> Option<Zeroizing<alloc::string::String>> {
    let length = digits_of(block, 0x20)?;
    let digits = nibbles(block).skip(2).take(length).map(|digit| char::from(b'0' | digit));
    Some(Zeroizing::new(digits.collect()))
}

/// The block of a PIN change: `0N PIN F…` xored with the rightmost four bytes of the left half of
/// the card's encipherment key, and with the old PIN's digits when they are given.
///
/// `key` has odd parity when it is a DES key, unless a card is known to do otherwise.
///
/// # Reference
/// JR/T 0025.5 annex B.10; .7 §11.1.4 for the parity.
#[must_use]
pub fn pin_change_block(key: &Key, pin: &str, old: Option<&str>) -> Option<Zeroizing<[u8; 8]>> {
    let mut block = block(0x00, pin)?;
    if let Some(old) = old {
        let old = format_2_block(old)?;
        xor_old(&mut block, &old);
    }
    xor_key(&mut block, key);
    Some(block)
}

/// The new PIN as a format 2 block out of the block of a PIN change; `old` is the format 2 block of
/// the old PIN when it was xored in. `None` when no PIN comes out.
#[must_use]
pub fn pin_from_change_block(
    key: &Key,
    block: &[u8; 8],
    old: Option<&[u8; 8]>,
) -> Option<Zeroizing<[u8; 8]>> {
    let mut block = Zeroizing::new(*block);
    xor_key(&mut block, key);
    if let Some(old) = old {
        xor_old(&mut block, old);
    }
    digits_of(&block, 0x00)?;
    let [first, ..] = &mut *block;
    *first |= 0x20;
    Some(block)
}

/// The VIS block: `0N PIN F…` xored with bytes 5 to 8 of the card's cryptogram key.
#[must_use]
pub fn visa_pin_block(key: &Key, pin: &str) -> Option<Zeroizing<[u8; 8]>> {
    pin_change_block(key, pin, None)
}

fn block(control: u8, pin: &str) -> Option<Zeroizing<[u8; 8]>> {
    let length = u8::try_from(pin.len()).ok().filter(|length| (4..=12).contains(length))?;
    let mut block = Zeroizing::new([0xFF; 8]);
    let (first, rest) = block.split_first_mut()?;
    *first = control | length;
    for (position, digit) in pin.bytes().enumerate() {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        let byte = rest.get_mut(position / 2)?;
        *byte = if position.is_multiple_of(2) { digit << 4 | 0x0F } else { *byte & 0xF0 | digit };
    }
    Some(block)
}

/// How many digits a block with this control nibble holds; `None` when it is not well formed.
fn digits_of(block: &[u8; 8], control: u8) -> Option<usize> {
    let [first, ..] = *block;
    let length = usize::from(first & 0x0F);
    let is_pin = first & 0xF0 == control
        && (4..=12).contains(&length)
        && nibbles(block).skip(2).take(length).all(|digit| digit <= 9)
        && nibbles(block).skip(2).skip(length).all(|fill| fill == 0x0F);
    is_pin.then_some(length)
}

fn nibbles(block: &[u8; 8]) -> impl Iterator<Item = u8> + '_ {
    block.iter().flat_map(|byte| [byte >> 4, byte & 0x0F])
}

fn xor_key(block: &mut [u8; 8], key: &Key) {
    let [_, _, _, _, a, b, c, d, ..] = *key.expose();
    let [_, _, _, _, places @ ..] = block;
    places.iter_mut().zip([a, b, c, d]).for_each(|(byte, other)| *byte ^= other);
}

/// The old PIN's digits, left justified from the first byte, the rest zeros.
fn xor_old(block: &mut [u8; 8], old: &[u8; 8]) {
    let length = usize::from(old[0] & 0x0F);
    for (position, digit) in nibbles(old).skip(2).take(length).enumerate() {
        if let Some(byte) = block.get_mut(position / 2) {
            *byte ^= if position.is_multiple_of(2) { digit << 4 } else { digit };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::financial::vectors::{array, hex, key};

    #[test]
    fn iso_9564_1_format_2_blocks_and_their_digits() {
        for (pin, block) in [
            ("1234", "241234FFFFFFFFFF"),
            ("56789", "2556789FFFFFFFFF"),
            ("097531", "26097531FFFFFFFF"),
            ("123456789012", "2C123456789012FF"),
        ] {
            assert_eq!(hex(&*format_2_block(pin).unwrap()), block);
            assert_eq!(pin_from_format_2(&array(block)).unwrap().as_str(), pin);
        }
    }

    #[test]
    fn iso_9564_1_a_format_2_block_is_control_length_digits_filling() {
        for (block, reason) in [
            ("141234FFFFFFFFFF", "another format"),
            ("231234FFFFFFFFFF", "three digits, a fourth behind"),
            ("23123FFFFFFFFFFF", "three digits"),
            ("2D1234567890123F", "thirteen digits"),
            ("24123AFFFFFFFFFF", "no digit"),
            ("24A234FFFFFFFFFF", "no digit"),
            ("251234FFFFFFFFFF", "one digit too few"),
            ("2412345FFFFFFFFF", "one digit too many"),
            ("241234FFFFFFFFF0", "wrong filling"),
            ("FFFFFFFFFFFFFFFF", "nothing"),
            ("0000000000000000", "nothing"),
        ] {
            assert_eq!(pin_from_format_2(&array(block)), None, "{block}: {reason}");
        }
    }

    #[test]
    fn jrt_0025_5_b_10_a_changed_pin_is_taken_when_the_key_fits() {
        let card = key("0123456789ABCDEFFEDCBA9876543210");
        let old = format_2_block("5678").unwrap();
        let block = pin_change_block(&card, "1234", Some("5678")).unwrap();
        assert_eq!(hex(&*block), "526A34FF76543210");
        let taken = pin_from_change_block(&card, &block, Some(&old)).unwrap();
        assert_eq!(hex(&*taken), "241234FFFFFFFFFF");
        assert_eq!(pin_from_change_block(&card, &block, None), None, "without the old PIN");
        let other = key("FEDCBA98765432100123456789ABCDEF");
        assert_eq!(pin_from_change_block(&other, &block, Some(&old)), None, "another key");
        assert_eq!(pin_change_block(&card, "1234", Some("56")), None, "a short old PIN");
    }
}
