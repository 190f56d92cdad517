//! The holder's PIN (社会保障应用密码): BCD digits, 2 to 8 bytes, or none at all.
//!
//! The retry counter is written *before* the comparison and past any transaction, so neither a
//! power cut nor an abort gives a try back (I-5, I-6). A PIN of the wrong length is a wrong PIN
//! (I-7).

use sscard_apdu::{StatusWord, bcd};
use sscard_crypto::secrets_equal;
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::nvm::Nvm;
use crate::profile::PinArea;

/// Lengths a PIN may have, in bytes (part 5 §6.14).
const LENGTHS: core::ops::RangeInclusive<usize> = 2..=8;

/// Whether `pin` can be a PIN: 4 to 16 BCD digits, an odd one filled with F; or empty, no PIN.
pub(crate) fn is_well_formed(pin: &[u8]) -> bool {
    // One F at most: a byte FF holds no digit.
    let ends_in_a_digit = pin.last().is_some_and(|last| last >> 4 <= 9);
    pin.is_empty() || (LENGTHS.contains(&pin.len()) && ends_in_a_digit && bcd::is_cn(pin))
}

/// Whether a presented PIN has a length that the command admits.
pub(crate) fn has_length(pin: &[u8]) -> bool {
    LENGTHS.contains(&pin.len())
}

pub(crate) fn tries_left(nvm: &Nvm) -> u8 {
    nvm.byte(PinArea::TRIES)
}

pub(crate) fn is_set(nvm: &Nvm) -> bool {
    nvm.byte(PinArea::LENGTH) != 0
}

/// Compares a presented PIN.
///
/// # Errors
/// 6983 when it is locked, 63Cx when it is wrong.
#[inline]
pub(crate) fn verify(nvm: &mut Nvm, presented: &[u8], max_tries: u8) -> Result<(), StatusWord> {
    let tries = tries_left(nvm);
    let left = tries.checked_sub(1).ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
    nvm.write_through(PinArea::TRIES, left)?;
    let pin = Zeroizing::new(nvm.array::<8>(PinArea::VALUE));
    let length = usize::from(nvm.byte(PinArea::LENGTH));
    if !secrets_equal(pin.get(..length).unwrap_or(&[]), presented) {
        return Err(StatusWord::with_tries_left(left));
    }
    nvm.write_through(PinArea::TRIES, max_tries)?;
    Ok(())
}

/// Sets a well-formed PIN and gives all tries back, as one unit.
pub(crate) fn set(nvm: &mut Nvm, pin: &[u8], max_tries: u8) -> Result<(), Fault> {
    let mut value = Zeroizing::new([0; 8]);
    for (place, byte) in value.iter_mut().zip(pin) {
        *place = *byte;
    }
    nvm.write(PinArea::LENGTH, &[u8::try_from(pin.len()).unwrap_or(0)])?;
    nvm.write(PinArea::VALUE, &*value)?;
    unblock(nvm, max_tries)
}

/// Gives all tries back.
pub(crate) fn unblock(nvm: &mut Nvm, max_tries: u8) -> Result<(), Fault> {
    nvm.write(PinArea::TRIES, &[max_tries])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Part 5 §6.14: 4 to 16 digits, an odd one filled with F; or no PIN at all.
    #[test]
    fn s6_14_a_pin_is_4_to_16_digits_or_none() {
        for pin in [&[][..], &[0x12, 0x34], &[0x12, 0x3F], &[0x99; 8]] {
            assert!(is_well_formed(pin), "{pin:02X?}");
        }
        for pin in [&[0x12][..], &[0x12, 0xFF], &[0x1A, 0x23], &[0x1F, 0x23], &[0x12, 0xA3]] {
            assert!(!is_well_formed(pin), "{pin:02X?}");
        }
        assert!(!is_well_formed(&[0x12; 9]));
    }
}
