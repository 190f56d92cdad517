//! Numbers on the card that are computed, not typed in.

use sscard_apdu::bcd;
use sscard_crypto::{Key, Suite, card_identification};

/// Ten digits that stand for the standard's registered application provider: `D156000005`.
const REGISTERED: [u8; 5] = [0xD1, 0x56, 0x00, 0x00, 0x05];

/// The card identification code (卡识别码), 16 bytes: division (3), `D156000005`, serial (4),
/// authentication code (4).
///
/// The standard does not publish how the authentication code is computed; ours is a MAC under IRK
/// over the first 12 bytes \[choice\]. Without a key it is FFFFFFFF, as third-generation cards carry.
///
/// Source: 人社信息函〔2012〕37号, table 10.
#[must_use]
pub fn card_identification_code(
    division: &[u8; 6],
    serial: [u8; 4],
    authentication: Option<(Suite, &Key)>,
) -> [u8; 16] {
    let mut code = [0; 16];
    let (first, last) = code.split_at_mut(12);
    let parts = bcd::pairs(division).into_iter().chain(REGISTERED).chain(serial);
    for (place, byte) in first.iter_mut().zip(parts) {
        *place = byte;
    }
    let mut input = [0; 12];
    input.copy_from_slice(first);
    let tail = match authentication {
        Some((suite, irk)) => card_identification::authentication_code(suite, irk, &input),
        None => [0xFF; 4],
    };
    last.copy_from_slice(&tail);
    code
}

/// The initialisation organisation number (初始化机构编号), 12 bytes: `9156000002`, issuing
/// division (3), initialising division (3), sequence (1).
///
/// Source: 人社信息函〔2012〕37号; its example is `9156000002 110000 110100 02`.
#[must_use]
pub fn initialisation_organisation(
    issuing: &[u8; 6],
    initialising: &[u8; 6],
    sequence: u8,
) -> [u8; 12] {
    let [a, b, c] = bcd::pairs(issuing);
    let [d, e, f] = bcd::pairs(initialising);
    [0x91, 0x56, 0x00, 0x00, 0x02, a, b, c, d, e, f, sequence]
}

/// Check character of a card number (卡号): weights 3 7 9 10 5 8 4 2 over eight characters, digits
/// as they are and letters A=10…Z=35; 11 minus the sum modulo 11, where 10 is `X` and 11 is `0`.
/// `None` when a character is neither digit nor upper-case letter.
///
/// Source: 人社信息函〔2012〕37号, appendix A.
#[must_use]
pub fn card_number_check(body: &[u8; 8]) -> Option<u8> {
    let mut sum = 0_u32;
    for (character, weight) in body.iter().zip([3_u32, 7, 9, 10, 5, 8, 4, 2]) {
        let value = match character {
            b'0'..=b'9' | b'A'..=b'Z' => char::from(*character).to_digit(36)?,
            _ => return None,
        };
        sum = sum.saturating_add(value.saturating_mul(weight));
    }
    Some(match 11_u32.saturating_sub(sum % 11) {
        10 => b'X',
        11 => b'0',
        digit => b'0'.saturating_add(u8::try_from(digit).ok()?),
    })
}

/// Check character of a social security number (社会保障号码) of 17 digits: ISO 7064 MOD 11-2.
/// `None` when a character is not a digit.
///
/// Source: GB 11643.
#[must_use]
pub fn social_security_number_check(body: &[u8; 17]) -> Option<u8> {
    let weights = [7_u32, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0_u32;
    for (character, weight) in body.iter().zip(weights) {
        let digit = char::from(*character).to_digit(10)?;
        sum = sum.saturating_add(digit.saturating_mul(weight));
    }
    let table = b"10X98765432";
    table.get(usize::try_from(sum % 11).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_6_2_card_number_check_of_the_documentation_samples() {
        assert_eq!(card_number_check(b"X0000001"), Some(b'9'));
        assert_eq!(card_number_check(b"B0000013"), Some(b'1'));
        assert_eq!(card_number_check(b"b0000013"), None);
    }

    #[test]
    fn card_number_check_reaches_x_and_0() {
        let mut seen = [false; 2];
        for n in b'0'..=b'9' {
            for m in b'0'..=b'9' {
                let check = card_number_check(&[b'A', n, m, b'0', b'0', b'0', b'0', b'0']);
                seen[0] |= check == Some(b'X');
                seen[1] |= check == Some(b'0');
            }
        }
        assert_eq!(seen, [true, true]);
    }

    #[test]
    fn spec_1_4_initialisation_organisation_of_the_example() {
        assert_eq!(
            initialisation_organisation(b"110000", b"110100", 2),
            [0x91, 0x56, 0, 0, 2, 0x11, 0, 0, 0x11, 1, 0, 2]
        );
    }

    #[test]
    fn spec_6_1_card_identification_code() {
        let code = card_identification_code(b"639900", [0xBF, 0x7C, 0x7A, 0x48], None);
        assert_eq!(
            code,
            [0x63, 0x99, 0, 0xD1, 0x56, 0, 0, 5, 0xBF, 0x7C, 0x7A, 0x48, 0xFF, 0xFF, 0xFF, 0xFF]
        );
        let key = Key::new([0x11; 16]);
        let signed = card_identification_code(b"639900", [0; 4], Some((Suite::TripleDes, &key)));
        assert_ne!(signed[12..], [0xFF; 4]);
    }

    /// The example number of GB 11643-1999, annex A.
    #[test]
    fn gb_11643_check_character() {
        assert_eq!(social_security_number_check(b"11010519491231002"), Some(b'X'));
        assert_eq!(social_security_number_check(b"1101051949123100A"), None);
    }
}
