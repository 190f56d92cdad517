//! The factor that a card's keys are derived with, on either interface.
//!
//! What enters: the ATR and the card identification code. What leaves: the eight bytes T6 to T13 of the historical
//! bytes. Over contacts they stand in the ATR. A contactless reader makes up an ATR (PC/SC part 3 §3.1.3.2.3) whose
//! historical bytes are the card's only when the card sent them: else division (T8, T9) and serial (T10 to T13) come
//! out of the identification code, and the maker (T6, T7) is found by the card's own proof.

use sscard_apdu::atr::Atr;
use sscard_crypto::factor;

use crate::ReadError;

/// The first byte of every maker's number that was seen (T6).
const MAKERS: u8 = 0x86;
/// The maker of test cards (T6, T7), which is tried first.
const FIRST_MAKER: [u8; 2] = [MAKERS, 0x00];

/// Whether an ATR is one that a contactless reader made up for a card of ISO/IEC 14443: `3B 8x 80 01` (PC/SC part
/// 3 §3.1.3.2.3). What only has the form of one, a memory card's, counts too.
#[must_use]
pub fn is_contactless(atr: &[u8]) -> bool {
    matches!(atr, [0x3B, 0x80..=0x8F, 0x80, 0x01, ..])
}

/// The factor of a card; in the field of a contactless reader the maker in it may be a guess.
pub(crate) fn of_card(atr: &[u8], code: &[u8]) -> Result<[u8; 8], ReadError> {
    let malformed = |what, reason: String| ReadError::Malformed { what, reason };
    let parsed = Atr::parse(atr).map_err(|error| malformed("the ATR", error.to_string()))?;
    let historical = factor::card(parsed.historical_bytes());
    if is_contactless(atr) {
        let told = historical.filter(|factor| factor.starts_with(&[MAKERS]));
        return told.or_else(|| of_code(code, FIRST_MAKER)).ok_or_else(|| {
            let reason = "it has no serial number".to_owned();
            malformed("the card identification code", reason)
        });
    }
    historical.ok_or_else(|| {
        let found = parsed.historical_bytes().len();
        let found = sscard_lexicon::counted(found, "historical byte");
        let reason = format!("it has {found}, but the card's keys are derived from the last eight");
        malformed("the ATR", reason)
    })
}

/// Maker, first four digits of the division, serial: bytes 1 and 2, 9 to 12 of the code.
fn of_code(code: &[u8], [t6, t7]: [u8; 2]) -> Option<[u8; 8]> {
    let [t8, t9] = *code.first_chunk::<2>()?;
    let [t10, t11, t12, t13] = *code.get(8..12)?.first_chunk::<4>()?;
    Some([t6, t7, t8, t9, t10, t11, t12, t13])
}

/// The factor with every other maker in it.
pub(crate) fn of_other_makers(factor: [u8; 8]) -> impl Iterator<Item = [u8; 8]> {
    let [t6, t7, rest @ ..] = factor;
    let others = (0..=u8::MAX).filter(move |other| (t6, t7) != (MAKERS, *other));
    others.map(move |other| {
        let [t8, t9, t10, t11, t12, t13] = rest;
        [MAKERS, other, t8, t9, t10, t11, t12, t13]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: [u8; 16] =
        [0x63, 0x99, 0x00, 0xD1, 0x56, 0, 0, 5, 0xBF, 0x7C, 0x7A, 0x48, 0xFF, 0xFF, 0xFF, 0xFF];

    /// The historical bytes of a sample card, contactless; its maker is another one.
    fn sent_by_the_card(maker: [u8; 2]) -> Vec<u8> {
        let mut atr = vec![0x3B, 0x8D, 0x80, 0x01, 0x00, 0x81, 0x4E, 0x43, 0x23];
        atr.extend(maker);
        atr.extend([0x15, 0x99, 0x00, 0xBF, 0x7C, 0x7A]);
        atr.push(atr.iter().skip(1).fold(0, |sum, byte| sum ^ byte));
        atr
    }

    #[test]
    fn over_contacts_the_factor_is_the_last_eight_historical_bytes() {
        let atr = [
            0x3B, 0x6D, 0, 0, 0x00, 0x81, 0x4E, 0x43, 0x23, 0x86, 0x97, 0x15, 0x99, 0x00, 0xBF,
            0x7C, 0x7A,
        ];
        assert_eq!(of_card(&atr, &CODE), Ok([0x86, 0x97, 0x15, 0x99, 0x00, 0xBF, 0x7C, 0x7A]));
        assert!(!is_contactless(&atr));
    }

    #[test]
    fn contactless_the_factor_comes_out_of_the_identification_code() {
        let atr = [0x3B, 0x80, 0x80, 0x01, 0x01];
        assert!(is_contactless(&atr));
        assert_eq!(of_card(&atr, &CODE), Ok([0x86, 0x00, 0x63, 0x99, 0xBF, 0x7C, 0x7A, 0x48]));
        let error = of_card(&atr, &CODE[..11]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the card identification code cannot be understood: it has no serial number"
        );
    }

    #[test]
    fn contactless_the_historical_bytes_count_where_the_card_sent_them() {
        let factor = Ok([0x86, 0x97, 0x15, 0x99, 0x00, 0xBF, 0x7C, 0x7A]);
        assert_eq!(of_card(&sent_by_the_card([0x86, 0x97]), &CODE), factor);
        // Bytes that name no maker are something else.
        let factor = Ok([0x86, 0x00, 0x63, 0x99, 0xBF, 0x7C, 0x7A, 0x48]);
        assert_eq!(of_card(&sent_by_the_card([0x00, 0x97]), &CODE), factor);
    }

    #[test]
    fn every_other_maker_is_tried_once() {
        let all: Vec<_> = of_other_makers([0x86, 0x02, 1, 2, 3, 4, 5, 6]).collect();
        assert_eq!(all.len(), 255);
        assert_eq!(all[0], [0x86, 0x00, 1, 2, 3, 4, 5, 6]);
        assert!(!all.contains(&[0x86, 0x02, 1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn an_atr_without_a_factor_is_told_from_one_that_is_broken() {
        assert_eq!(
            of_card(&[0x3B, 0x02, 0x14, 0x50], &CODE).unwrap_err().to_string(),
            "the ATR cannot be understood: it has 2 historical bytes, but the card's keys are derived \
             from the last eight"
        );
        let broken = of_card(&[0x3B, 0x6D, 0x00], &CODE).unwrap_err();
        assert_eq!(broken.to_string().find("it has"), None);
    }
}
