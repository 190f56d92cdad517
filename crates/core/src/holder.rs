//! What is individual to one card: its holder, its serial, its dates.

use alloc::vec::Vec;
use core::fmt;

use crate::account::Account;
use crate::catalogue;
use crate::life_cycle::LifeCycle;
use crate::profile::PinDigits;

/// The person and the card, as personalisation needs them.
///
/// Text is GBK, dates and divisions are what the fields say; nothing here is checked beyond what
/// the card's records can hold.
#[derive(Clone)]
pub struct Holder {
    /// Issuing division (发卡地区行政区划代码), six ASCII digits; also the city of the key factors.
    pub division: [u8; 6],
    /// Division where the card was initialised, six ASCII digits.
    pub initialised_in: [u8; 6],
    /// Sequence number of the initialising organisation.
    pub organisation_sequence: u8,
    /// Serial number: T10…T13 of the historical bytes, and in the card identification code.
    pub serial: [u8; 4],
    /// Card class, ASCII: 1 pre-school, 2 student, 3 adult, 4 elderly.
    pub class: u8,
    /// Issue date, BCD YYYYMMDD.
    pub issue_date: [u8; 4],
    /// Expiry date, BCD YYYYMMDD.
    pub expiry_date: [u8; 4],
    /// The first eight characters of the card number; the check character is computed.
    pub card_number: [u8; 8],
    /// Social security number, 18 characters.
    pub social_security_number: [u8; 18],
    /// Name in GBK, at most 30 bytes.
    pub name: Vec<u8>,
    /// What of the name does not fit, in GBK, at most 20 bytes.
    pub name_extension: Vec<u8>,
    /// Sex, ASCII: 1 male, 2 female, 9 not stated.
    pub sex: u8,
    /// Ethnicity, BCD of GB 3304.
    pub ethnicity: u8,
    /// Division of birth, six ASCII digits.
    pub birthplace: [u8; 6],
    /// Birth date, BCD YYYYMMDD.
    pub birth_date: [u8; 4],
    /// The PIN, BCD of as many digits as the profile wants, or none.
    pub pin: Vec<u8>,
    /// Seed of the card's random number generator.
    pub seed: [u8; 32],
    /// Life cycle the card is handed over in.
    pub life_cycle: LifeCycle,
    /// Items of EF05 and EF06 that get another value, as the record's bytes.
    pub overrides: Vec<ItemOverride>,
    /// One account for each payment application of the profile.
    pub accounts: Vec<Account>,
}

/// Another value for one item of EF05 or EF06.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemOverride {
    /// Record identifier.
    pub tag: u8,
    /// Value; shorter than the item it is filled as its type demands.
    pub value: Vec<u8>,
}

/// Why a holder does not fit a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum HolderError {
    /// The card has no record with this identifier in EF05 or EF06.
    NoSuchItem(u8),
    /// The value of this item is longer than the record or its file can hold.
    TooLong(u8),
    /// The PIN does not have as many BCD digits as the profile wants.
    Pin(PinDigits),
}

/// An item by its number and its name: `item 4E (name extension)`.
struct Named(u8);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(tag) = self;
        let of_environment = catalogue::files().filter(|file| file.application == "SSSE");
        match of_environment.filter_map(|file| file.item(*tag)).next() {
            Some(item) => write!(f, "item {tag:02X} ({})", item.name_en),
            None => write!(f, "item {tag:02X}"),
        }
    }
}

impl fmt::Display for HolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchItem(tag) => {
                write!(f, "this card has no {} in EF05 or EF06", Named(*tag))
            }
            Self::TooLong(tag) => {
                write!(f, "the value of {} is longer than its record can be", Named(*tag))
            }
            Self::Pin(PinDigits { min, max }) => {
                write!(f, "the PIN must be {min} to {max} digits")
            }
        }
    }
}

impl core::error::Error for HolderError {}
