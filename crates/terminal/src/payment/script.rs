//! Issuer scripts: what they are to do, and the commands with their MACs.

use sscard_apdu::tlv::Tag;
use sscard_commands::ins;
use std::ops::RangeInclusive;
use std::str::FromStr;

use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, Fold, encipher_script, pin_change_block, script_mac, with_odd_parity,
};

/// One issuer script command.
#[derive(Clone, PartialEq, Eq)]
pub enum IssuerScript {
    /// Blocks the application.
    ApplicationBlock,
    /// Takes the block away.
    ApplicationUnblock,
    /// Blocks the card for good.
    CardBlock,
    /// Changes the offline PIN; the old one need not be known.
    PinChange(String),
    /// Changes the offline PIN, bound to the old one: old, new.
    PinChangeWithOld(String, String),
    /// Gives all PIN tries back.
    PinUnblock,
    /// Sets a data object.
    PutData(Tag, Vec<u8>),
    /// Replaces a record, template 70 included.
    UpdateRecord {
        /// Short file identifier.
        sfi: u8,
        /// Record number.
        number: u8,
        /// The record.
        record: Vec<u8>,
    },
}

impl std::fmt::Debug for IssuerScript {
    /// In words, without what it sets: that may be a PIN.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

/// A text that names no script command.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParseScriptError {
    /// No such command, or another number of values.
    #[error(
        "'{0}' is not a script: use application-block, application-unblock, card-block, pin-unblock, \
         pin-change=NEW, pin-change=OLD:NEW, put-data=TAG:HEX or update-record=SFI:NUMBER:HEX"
    )]
    Unknown(String),
    /// A value that is out of its range.
    #[error("'{script}': {value} must be {wanted}")]
    Value {
        /// The text.
        script: String,
        /// Which value: the PIN itself is not repeated.
        value: &'static str,
        /// What is possible.
        wanted: &'static str,
    },
}

/// Most bytes of data beside the MAC in a script command.
const MOST_DATA: usize = 251;

impl FromStr for IssuerScript {
    type Err = ParseScriptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (verb, rest) = text.split_once('=').unwrap_or((text, ""));
        let parts: Vec<&str> = rest.split(':').collect();
        let wrong = |value, wanted| {
            let script = if verb == "pin-change" { verb } else { text }.to_owned();
            ParseScriptError::Value { script, value, wanted }
        };
        let pin = |which, pin: &str| {
            let fits = (4..=12).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| pin.to_owned()).ok_or_else(|| wrong(which, "4 to 12 digits"))
        };
        let data = |which, text: &str| {
            let fits = bytes(text).filter(|data| data.len() <= MOST_DATA);
            fits.ok_or_else(|| wrong(which, "1 to 251 bytes in hexadecimal"))
        };
        let tag = |tag: &str| {
            let digits = tag.len() == 4 && tag.bytes().all(|b| b.is_ascii_hexdigit());
            let tag =
                digits.then(|| u32::from_str_radix(tag, 16).ok()).flatten().map(Tag::from_number);
            tag.ok_or_else(|| wrong("the tag", "four hexadecimal digits"))
        };
        let number = |which, text: &str, range: RangeInclusive<u8>, wanted| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| wrong(which, wanted))
        };
        Ok(match (verb, &parts[..]) {
            ("application-block", [""]) => Self::ApplicationBlock,
            ("application-unblock", [""]) => Self::ApplicationUnblock,
            ("card-block", [""]) => Self::CardBlock,
            ("pin-unblock", [""]) => Self::PinUnblock,
            ("pin-change", [new]) => Self::PinChange(pin("the new PIN", new)?),
            ("pin-change", [old, new]) => {
                Self::PinChangeWithOld(pin("the old PIN", old)?, pin("the new PIN", new)?)
            }
            ("put-data", [of, value]) => Self::PutData(tag(of)?, data("the value", value)?),
            ("update-record", [sfi, record, content]) => Self::UpdateRecord {
                sfi: number("the file", sfi, 1..=30, "1 to 30")?,
                number: number("the record's number", record, 1..=254, "1 to 254")?,
                record: data("the record", content)?,
            },
            // What stands behind the name may be a PIN.
            _ => {
                let is_of_name = |c: &char| c.is_ascii_lowercase() || *c == '-';
                return Err(ParseScriptError::Unknown(
                    verb.chars().take_while(is_of_name).collect(),
                ));
            }
        })
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The keys and the cryptogram that a transaction's scripts are bound to.
pub(super) struct Binding<'b> {
    pub(super) cipher: Cipher,
    pub(super) fold: Fold,
    pub(super) unadjusted_pin_key: bool,
    /// Session key of MACs.
    pub(super) mac: &'b Key,
    /// Session key of encipherment.
    pub(super) encipherment: &'b Key,
    /// Card key of encipherment, for the PIN block.
    pub(super) pin_key: &'b Key,
    pub(super) atc: [u8; 2],
    /// Cryptogram of the first GENERATE AC.
    pub(super) cryptogram: [u8; 8],
}

impl IssuerScript {
    /// The command in words, without what it sets.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::ApplicationBlock => "APPLICATION BLOCK".to_owned(),
            Self::ApplicationUnblock => "APPLICATION UNBLOCK".to_owned(),
            Self::CardBlock => "CARD BLOCK".to_owned(),
            Self::PinChange(_) | Self::PinChangeWithOld(..) => "PIN CHANGE".to_owned(),
            Self::PinUnblock => "PIN UNBLOCK".to_owned(),
            Self::PutData(tag, _) => format!("PUT DATA {tag}"),
            Self::UpdateRecord { sfi, number, .. } => {
                format!("UPDATE RECORD {number} of file {sfi}")
            }
        }
    }

    /// The command with its MAC; `None` when its data is too long.
    pub(super) fn command(&self, binding: &Binding<'_>) -> Option<Vec<u8>> {
        let enciphered_pin = |new: &str, old: Option<&str>| {
            let key = match binding.cipher {
                Cipher::TripleDes if !binding.unadjusted_pin_key => {
                    with_odd_parity(binding.pin_key)
                }
                _ => binding.pin_key.clone(),
            };
            let block = pin_change_block(&key, new, old)?;
            encipher_script(binding.cipher, binding.encipherment, &*block)
        };
        let (header, data) = match self {
            Self::ApplicationBlock => ([0x84, ins::APPLICATION_BLOCK, 0x00, 0x00], Vec::new()),
            Self::ApplicationUnblock => ([0x84, ins::APPLICATION_UNBLOCK, 0x00, 0x00], Vec::new()),
            Self::CardBlock => ([0x84, ins::CARD_BLOCK, 0x00, 0x00], Vec::new()),
            Self::PinUnblock => ([0x84, ins::PIN_UNBLOCK, 0x00, 0x00], Vec::new()),
            Self::PinChange(new) => {
                ([0x84, ins::PIN_UNBLOCK, 0x00, 0x02], enciphered_pin(new, None)?)
            }
            Self::PinChangeWithOld(old, new) => {
                ([0x84, ins::PIN_UNBLOCK, 0x00, 0x01], enciphered_pin(new, Some(old))?)
            }
            Self::PutData(tag, value) => {
                let [.., p1, p2] = tag.number().to_be_bytes();
                ([0x04, ins::PUT_DATA, p1, p2], value.clone())
            }
            Self::UpdateRecord { sfi, number, record } => {
                ([0x04, ins::UPDATE_RECORD, *number, sfi << 3 | 4], record.clone())
            }
        };
        let [cla, ins, p1, p2] = header;
        let lc = u8::try_from(data.len().checked_add(4)?).ok()?;
        let header = [cla, ins, p1, p2, lc];
        let mac = script_mac(
            binding.cipher,
            binding.mac,
            header,
            binding.atc,
            &binding.cryptogram,
            &data,
            binding.fold,
        );
        Some([&header[..], &data, &mac].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_read_from_text() {
        let of = |text: &str| text.parse::<IssuerScript>();
        assert_eq!(of("application-block"), Ok(IssuerScript::ApplicationBlock));
        assert_eq!(of("pin-change=123457"), Ok(IssuerScript::PinChange("123457".to_owned())));
        assert_eq!(
            of("pin-change=1234:5678"),
            Ok(IssuerScript::PinChangeWithOld("1234".to_owned(), "5678".to_owned()))
        );
        assert_eq!(
            of("put-data=9F58:0A"),
            Ok(IssuerScript::PutData(
                sscard_elements::tag::LOWER_OFFLINE_LIMIT_OF_CARD,
                vec![0x0A]
            ))
        );
        assert_eq!(
            of("update-record=4:1:70049F140105"),
            Ok(IssuerScript::UpdateRecord {
                sfi: 4,
                number: 1,
                record: vec![0x70, 0x04, 0x9F, 0x14, 0x01, 0x05]
            })
        );
        let longest = format!("put-data=9F58:{}", "00".repeat(251));
        assert!(of(&longest).is_ok());
        for (wrong, words) in [
            ("", "is not a script"),
            ("block", "is not a script"),
            ("put-data=9F58", "'put-data' is not a script"),
            ("pin-change:739154", "'pin-change' is not a script: use"),
            ("pin-chnage=739154", "'pin-chnage' is not a script: use"),
            ("pin-change=", "'pin-change': the new PIN must be 4 to 12 digits"),
            ("pin-change=12a4", "'pin-change': the new PIN must be 4 to 12 digits"),
            ("pin-change=1:1234", "'pin-change': the old PIN must be 4 to 12 digits"),
            ("put-data=9F:00", "the tag must be four hexadecimal digits"),
            ("put-data=9F58:0", "the value must be 1 to 251 bytes in hexadecimal"),
            (&format!("{longest}00"), "the value must be 1 to 251 bytes in hexadecimal"),
            ("update-record=31:1:00", "'update-record=31:1:00': the file must be 1 to 30"),
            ("update-record=1:0:00", "the record's number must be 1 to 254"),
            ("update-record=1:1:", "the record must be 1 to 251 bytes"),
        ] {
            let error = of(wrong).expect_err(wrong).to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
