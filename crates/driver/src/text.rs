//! Text on its way in and out: GBK or UTF-8, digits, amounts, dates.
//!
//! What enters: bytes of a caller or of a card. What leaves: text, or a [`DriverError`] that says what is wrong.

use encoding_rs::GBK;
use serde::Deserialize;
use sscard_apdu::{bcd, hex};
use zeroize::Zeroizing;

use crate::code::{DriverCode, DriverError};

/// How Chinese text is coded in arguments and outputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
pub enum CallerEncoding {
    /// GBK, as the programs of the field have it.
    #[default]
    #[serde(rename = "gbk")]
    Gbk,
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
}

impl CallerEncoding {
    /// A caller's bytes as text.
    ///
    /// # Errors
    /// [`DriverCode::Character`].
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<String, DriverError> {
        let decoded = match self {
            Self::Gbk => GBK
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
        };
        decoded.ok_or_else(|| {
            let name = if self == Self::Gbk { "GBK" } else { "UTF-8" };
            DriverError::new(DriverCode::Character, format!("an argument is not {name}"))
        })
    }

    /// Text for a caller; what GBK does not have is a question mark.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Gbk => {
                let mut bytes = Vec::with_capacity(text.len());
                for character in text.chars() {
                    let encoded = sscard_profile::gbk::encode(character.encode_utf8(&mut [0; 4]));
                    bytes.extend(encoded.unwrap_or_else(|_| vec![b'?']));
                }
                bytes
            }
        }
    }
}

/// A card's text: filling off, up to the first 00; bytes that are not GBK are U+FFFD.
pub(crate) fn of_card(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = bytes.get(..end).unwrap_or(bytes);
    GBK.decode_without_bom_handling(text).0.into_owned()
}

/// Fields between `|`; what follows the last `|` is dropped when it is empty.
pub(crate) fn fields(text: &str) -> Vec<&str> {
    let mut fields: Vec<&str> = text.split('|').collect();
    if fields.last().is_some_and(|last| last.is_empty()) {
        fields.pop();
    }
    fields
}

/// Hexadecimal digits of exactly so many bytes.
pub(crate) fn bytes_of<const N: usize>(text: &str) -> Result<[u8; N], DriverError> {
    let bytes = hexadecimal(text)?;
    bytes.as_slice().try_into().map_err(|_| {
        let detail = format!("{} bytes are expected in hexadecimal, {} came", N, bytes.len());
        DriverError::new(DriverCode::Length, detail)
    })
}

/// Hexadecimal digits.
pub(crate) fn hexadecimal(text: &str) -> Result<Vec<u8>, DriverError> {
    if text.bytes().any(|digit| !digit.is_ascii_hexdigit()) {
        let detail = "something else than a hexadecimal digit stands where bytes are expected";
        return Err(DriverError::new(DriverCode::Character, detail));
    }
    hex::decode(text).map_err(|error| DriverError::new(DriverCode::Length, error.to_string()))
}

/// A PIN's digits as the card has them: 4 to 16.
pub(crate) fn pin(digits: &str) -> Result<Zeroizing<Vec<u8>>, DriverError> {
    if !(4..=16).contains(&digits.len()) {
        let detail = "a PIN has 4 to 16 digits";
        return Err(DriverError::new(DriverCode::PinLength, detail));
    }
    let packed = bcd::packed(digits).map(Zeroizing::new);
    packed.map_err(|error| DriverError::new(DriverCode::Character, format!("the PIN: {error}")))
}

/// An amount in yuan with up to two decimals, as cents.
pub(crate) fn cents(text: &str) -> Result<u32, DriverError> {
    let wrong = || {
        let detail = "an amount is yuan with up to two decimals, at most 42949672.95";
        DriverError::new(DriverCode::Unlawful, detail)
    };
    let (yuan, rest) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| {
        !digits.is_empty()
            && digits.len() <= 8
            && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    if !is_number(yuan) || !is_number(rest) || rest.len() > 2 {
        return Err(wrong());
    }
    let yuan: u32 = yuan.parse().map_err(|_| wrong())?;
    let tens: u32 = format!("{rest:0<2}").parse().map_err(|_| wrong())?;
    yuan.checked_mul(100).and_then(|cents| cents.checked_add(tens)).ok_or_else(wrong)
}

/// Cents as yuan with two decimals.
pub(crate) fn yuan(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Date and time, `YYYYMMDDhhmmss`.
pub(crate) fn time(text: &str) -> Result<[u8; 7], DriverError> {
    let wrong = || {
        let detail = "a time is 14 digits, YYYYMMDDhhmmss";
        DriverError::new(DriverCode::Unlawful, detail)
    };
    let mut bytes = [0; 7];
    if text.len() != 14 {
        return Err(wrong());
    }
    bcd::encode(text, &mut bytes).map_err(|_| wrong())?;
    let [_, _, month, day, hour, minute, second] = bytes;
    let sound = (0x01..=0x12).contains(&month)
        && (0x01..=0x31).contains(&day)
        && hour <= 0x23
        && minute <= 0x59
        && second <= 0x59;
    if sound { Ok(bytes) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_yuan_with_up_to_two_decimals() {
        for (text, expected) in
            [("0.1", 10), ("0.25", 25), ("12", 1200), ("12.00", 1200), ("42949672.95", u32::MAX)]
        {
            assert_eq!(cents(text), Ok(expected), "{text}");
        }
        for text in ["", ".", "1.", ".5", "1.234", "-1", "1,5", "42949672.96", "999999999", "1.x"] {
            assert_eq!(
                cents(text).map_err(|error| error.code),
                Err(DriverCode::Unlawful),
                "{text}"
            );
        }
        assert_eq!((yuan(5), yuan(1234)), ("0.05".to_owned(), "12.34".to_owned()));
    }

    #[test]
    fn times_have_fourteen_digits() {
        assert_eq!(time("20151118185001"), Ok([0x20, 0x15, 0x11, 0x18, 0x18, 0x50, 0x01]));
        for text in ["", "2015111818500", "20151318185001", "20151100185001", "2015111824500x"] {
            assert_eq!(time(text).map_err(|error| error.code), Err(DriverCode::Unlawful), "{text}");
        }
    }

    #[test]
    fn text_of_a_card_ends_at_the_first_00() {
        assert_eq!(of_card(b"\xD5\xC5\xC8\xFD\0\0"), "张三");
        assert_eq!(of_card(b"\0\0"), "");
        assert_eq!(of_card(b"a\xFF"), "a\u{FFFD}");
    }

    #[test]
    fn what_gbk_lacks_is_a_question_mark() {
        assert_eq!(CallerEncoding::Gbk.encode("张\u{FFFD}𠮷"), b"\xD5\xC5??");
        assert_eq!(CallerEncoding::Gbk.decode(b"\xD5\xC5").as_deref(), Ok("张"));
        let error = CallerEncoding::Gbk.decode(b"\xD5").map_err(|error| error.code);
        assert_eq!(error, Err(DriverCode::Character));
        let error = CallerEncoding::Utf8.decode(b"\xD5\xC5").map_err(|error| error.code);
        assert_eq!(error, Err(DriverCode::Character));
    }
}
