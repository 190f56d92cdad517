//! Synthetic holders: persons who do not exist, in a city that does not exist.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sscard_core::identifiers::social_security_number_check;
use sscard_core::{Holder, LifeCycle, Profile};

use crate::gbk;

/// The initial transaction password 123456, BCD.
pub const INITIAL_PIN: [u8; 3] = [0x12, 0x34, 0x56];

/// The PIN a card of this profile is issued with: 123456, or as much of 1234567890123456 as the profile's
/// length demands; BCD, an odd one filled with F.
#[must_use]
pub fn initial_pin(profile: &Profile) -> Vec<u8> {
    let digits = profile.blueprint().pin_digits;
    let count = 6_u8.max(digits.min).min(digits.max);
    let mut nibbles: Vec<u8> = (1..=count).map(|place| place % 10).collect();
    if !count.is_multiple_of(2) {
        nibbles.push(0xF);
    }
    let (pairs, _) = nibbles.as_chunks::<2>();
    pairs.iter().map(|[high, low]| high << 4 | low).collect()
}

/// Division of the test city. No division of GB/T 2260 begins with 99.
const TEST_CITY: [u8; 6] = *b"999900";
const TEST_DISTRICT: [u8; 6] = *b"999901";

/// A holder and the individual data of a card, all from `seed`: the same seed, the same person.
///
/// Division 999900, issued 2024-01-01 for ten years, PIN 123456, activated.
#[must_use]
pub fn synthetic_holder(seed: u64) -> Holder {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let mut pick = |from: u32, of: u32| {
        let drawn = random.next_u32().checked_rem(of).unwrap_or(0);
        from.saturating_add(drawn)
    };
    let (year, month, day) = (pick(1950, 60), pick(1, 12), pick(1, 28));
    let order = pick(1, 998);
    let surname = "赵钱孙李周吴郑王冯陈".chars().nth(pick(0, 10) as usize).unwrap_or('李');
    let stem = "甲乙丙丁戊己庚辛壬癸".chars().nth(pick(0, 10) as usize).unwrap_or('甲');
    let serial = pick(0, u32::MAX).to_be_bytes();
    let number = pick(0, 10_000_000);
    let mut seed_bytes = [0; 32];
    random.fill_bytes(&mut seed_bytes);
    Holder {
        division: TEST_CITY,
        initialised_in: TEST_CITY,
        organisation_sequence: 0x01,
        serial,
        class: b'3',
        issue_date: [0x20, 0x24, 0x01, 0x01],
        expiry_date: [0x20, 0x34, 0x01, 0x01],
        card_number: ascii(&format!("T{number:07}")),
        social_security_number: social_security_number(year, month, day, order),
        // All of these characters are in GBK.
        name: gbk::encode(&format!("{surname}测{stem}")).unwrap_or_default(),
        name_extension: Vec::new(),
        sex: if order % 2 == 1 { b'1' } else { b'2' },
        ethnicity: 0x01,
        birthplace: TEST_DISTRICT,
        birth_date: [bcd(year / 100), bcd(year % 100), bcd(month), bcd(day)],
        pin: INITIAL_PIN.to_vec(),
        seed: seed_bytes,
        life_cycle: LifeCycle::Activated,
        overrides: Vec::new(),
        accounts: Vec::new(),
    }
}

fn social_security_number(year: u32, month: u32, day: u32, order: u32) -> [u8; 18] {
    let body: [u8; 17] = ascii(&format!("999901{year:04}{month:02}{day:02}{order:03}"));
    let mut number = [b'0'; 18];
    number[..17].copy_from_slice(&body);
    number[17] = social_security_number_check(&body).unwrap_or(b'0');
    number
}

fn ascii<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [b'0'; N];
    for (place, byte) in bytes.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    bytes
}

/// Two decimal digits as one byte.
fn bcd(number: u32) -> u8 {
    let [.., low] = (((number / 10 % 10) << 4) | (number % 10)).to_be_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_person() {
        let (a, b, c) = (synthetic_holder(1), synthetic_holder(1), synthetic_holder(2));
        assert_eq!(a.social_security_number, b.social_security_number);
        assert_ne!(a.social_security_number, c.social_security_number);
        assert_ne!(a.serial, c.serial);
        assert_ne!(a.seed, c.seed);
    }

    #[test]
    fn numbers_agree_with_birth_date_and_sex() {
        for seed in 0..200 {
            let holder = synthetic_holder(seed);
            let number = std::str::from_utf8(&holder.social_security_number).unwrap();
            let body = number.as_bytes()[..17].try_into().unwrap();
            assert_eq!(social_security_number_check(body), Some(number.as_bytes()[17]));
            assert_eq!(number[6..14], hex::encode(holder.birth_date));
            let odd = number.as_bytes()[16] % 2 == 1;
            assert_eq!(holder.sex, if odd { b'1' } else { b'2' });
        }
    }
}
