//! The holder's PIN (社会保障应用密码): BCD digits, as many as the profile
//! admits, or none at all; and PINs of applets.
//!
//! The retry counter is written *before* the comparison and past any transaction, so neither a
//! power cut nor an abort gives a try back (I-5, I-6). A PIN of the wrong length is a wrong PIN
//! (I-7).

use sscard_apdu::{StatusWord, bcd};
use sscard_crypto::secrets_equal;
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::nvm::Nvm;
use crate::profile::{PinArea, PinDigits, Profile};

/// Whether `pin` can be a PIN: BCD digits as many as the profile admits, an odd one filled with F; or
/// empty, no PIN.
pub(crate) fn is_well_formed(pin: &[u8], digits: PinDigits) -> bool {
    let Some(last) = pin.last() else { return true };
    // One F at most: a byte FF holds no digit.
    let odd = usize::from(last & 0x0F == 0x0F);
    let count = pin.len().saturating_mul(2).saturating_sub(odd);
    last >> 4 <= 9 && bcd::is_cn(pin) && digits.admit(count)
}

/// A PIN somewhere in the card's memory: tries left (1), length in bytes (1), the bytes.
#[derive(Clone, Copy)]
pub(crate) struct Pin {
    address: usize,
    max_tries: u8,
    lengths: (u8, u8),
}

/// Longest PIN of all, in bytes.
const LONGEST: usize = 16;

impl Pin {
    /// The holder's PIN of a card.
    #[inline]
    pub(crate) fn of_card(profile: &Profile) -> Self {
        let blueprint = profile.blueprint();
        Self {
            address: PinArea::TRIES,
            max_tries: blueprint.pin_tries,
            lengths: blueprint.pin_digits.bytes(),
        }
    }

    /// A PIN of shortest to longest bytes, both included.
    pub(crate) const fn at(address: usize, max_tries: u8, lengths: (u8, u8)) -> Self {
        Self { address, max_tries, lengths }
    }

    const fn length(self) -> usize {
        self.address.saturating_add(1)
    }

    const fn value(self) -> usize {
        self.address.saturating_add(2)
    }

    /// Whether a presented PIN has a length that the command admits.
    pub(crate) fn has_length(self, pin: &[u8]) -> bool {
        let (shortest, longest) = self.lengths;
        (usize::from(shortest)..=usize::from(longest)).contains(&pin.len())
    }

    pub(crate) fn tries_left(self, nvm: &Nvm) -> u8 {
        nvm.tries(self.address)
    }

    pub(crate) fn is_set(self, nvm: &Nvm) -> bool {
        nvm.byte(self.length()) != 0
    }

    /// Compares a presented PIN.
    ///
    /// # Errors
    /// 6983 when it is locked, 63Cx when it is wrong.
    #[inline]
    pub(crate) fn verify(self, nvm: &mut Nvm, presented: &[u8]) -> Result<(), StatusWord> {
        let tries = self.tries_left(nvm);
        let left = tries.checked_sub(1).ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
        nvm.write_through(self.address, left)?;
        let pin = Zeroizing::new(nvm.array::<LONGEST>(self.value()));
        let length = usize::from(nvm.byte(self.length()));
        if !secrets_equal(pin.get(..length).unwrap_or(&[]), presented) {
            return Err(StatusWord::with_tries_left(left));
        }
        nvm.write_through(self.address, self.max_tries)?;
        Ok(())
    }

    /// Sets a well-formed PIN and gives all tries back, as one unit.
    pub(crate) fn set(self, nvm: &mut Nvm, pin: &[u8]) -> Result<(), Fault> {
        let (_, longest) = self.lengths;
        let longest = usize::from(longest);
        let length = u8::try_from(pin.len()).map_err(|_| Fault::OutOfRange)?;
        let mut value = Zeroizing::new([0; LONGEST]);
        value.get_mut(..pin.len()).ok_or(Fault::OutOfRange)?.copy_from_slice(pin);
        nvm.write(self.length(), &[length])?;
        nvm.write(self.value(), value.get(..longest).ok_or(Fault::OutOfRange)?)?;
        self.unblock(nvm)
    }

    /// Gives all tries back.
    pub(crate) fn unblock(self, nvm: &mut Nvm) -> Result<(), Fault> {
        nvm.write(self.address, &[self.max_tries])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Part 5 §6.14: 2 to 8 bytes, an odd digit filled with F; or no PIN at all.
    #[test]
    fn s6_14_a_pin_is_4_to_16_digits_or_none() {
        let digits = PinDigits::default();
        for pin in [&[][..], &[0x12, 0x34], &[0x12, 0x3F], &[0x99; 8]] {
            assert!(is_well_formed(pin, digits), "{pin:02X?}");
        }
        for pin in [&[0x12][..], &[0x12, 0xFF], &[0x1A, 0x23], &[0x1F, 0x23], &[0x12, 0xA3]] {
            assert!(!is_well_formed(pin, digits), "{pin:02X?}");
        }
        assert!(!is_well_formed(&[0x12; 9], digits));
    }

    #[test]
    fn a_profile_counts_digits_not_bytes() {
        let digits = PinDigits { min: 5, max: 7 };
        assert_eq!(digits.bytes(), (3, 4));
        for (pin, holds) in [
            (&[0x12, 0x34][..], false),
            (&[0x12, 0x34, 0x5F], true),
            (&[0x12, 0x34, 0x56, 0x7F], true),
            (&[0x12, 0x34, 0x56, 0x78], false),
        ] {
            assert_eq!(is_well_formed(pin, digits), holds, "{pin:02X?}");
        }
    }
}
