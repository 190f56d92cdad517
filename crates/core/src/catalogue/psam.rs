//! The keys of a terminal's security module (PSAM) by address: whose they are, and what names them in a command.
//!
//! Source: the key addresses that the ministry hands out, a class with them: 07 the ministry's, 08 the
//! province's, 02 the purse's. Three addresses in a row are the three versions of one key.

use crate::access::KeyId;
use crate::profile::PsamKeySlot;

/// Whose keys these are: the low five bits of a usage byte (P1 of the commands that load a key).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PsamClass {
    /// 02: purchases with the medical purse, the ministry's keys.
    Purse,
    /// 07: the ministry's.
    Ministry,
    /// 08: the province's.
    Province,
}

impl PsamClass {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Purse => 0x02,
            Self::Ministry => 0x07,
            Self::Province => 0x08,
        }
    }

    /// The class of a usage byte; `None` when there is none of this number.
    #[must_use]
    pub const fn of_usage(usage: u8) -> Option<Self> {
        match usage & 0x1F {
            0x02 => Some(Self::Purse),
            0x07 => Some(Self::Ministry),
            0x08 => Some(Self::Province),
            _ => None,
        }
    }

    /// The usage byte of a key that is diversified so many times (b8…b6) on the way to a card's key.
    #[must_use]
    pub const fn usage(self, levels: u8) -> u8 {
        (levels & 0x07) << 5 | self.number()
    }
}

/// A key of a PSAM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PsamKeyEntry {
    /// Whose it is.
    pub class: PsamClass,
    /// Its identifier in a command's P2.
    pub id: u8,
    /// Its first address; the versions follow.
    pub address: u16,
    /// How many addresses it has.
    pub versions: u8,
    /// The application on a card that the key is for: `SSSE`, `DF01`…
    pub application: &'static str,
    /// The identifier there.
    pub key: KeyId,
    /// The field's name: `RK_SSSE`, `UK1_DF01`.
    pub name: &'static str,
    /// Version on the card of the key at the first address. The purse's keys have an identifier for each
    /// version, and the addresses behind the first are kept free \[choice\].
    pub first: u8,
}

impl PsamKeyEntry {
    /// Whether the standard has the key at this address.
    #[must_use]
    pub fn has(&self, address: u16) -> bool {
        (self.address..self.address.saturating_add(self.versions.into())).contains(&address)
    }

    /// The place of the version at one of its addresses, for a module that holds what modules of its class usually
    /// do: the ministry's and the purse's roots, the province's keys.
    #[must_use]
    pub fn slot(&self, address: u16) -> PsamKeySlot {
        let levels = if self.class == PsamClass::Province { 2 } else { 3 };
        let behind = u8::try_from(address.saturating_sub(self.address)).unwrap_or(u8::MAX);
        let version = behind.saturating_add(1);
        PsamKeySlot { address, usage: self.class.usage(levels), id: self.id, version }
    }

    /// Version of the card's key that lies at the address of this version; `None` where the address is
    /// kept free.
    #[must_use]
    pub fn card_version(&self, version: u8) -> Option<u8> {
        match self.class {
            PsamClass::Purse => (version == 1).then_some(self.first),
            _ => (1..=self.versions).contains(&version).then_some(version),
        }
    }
}

/// DF name of the application of a PSAM.
pub const PSAM_AID: [u8; 6] = [0xD1, 0x56, 0x00, 0x00, 0x05, 0x90];
/// Name of a PSAM's environment for triple DES, which is the MF's: `sx1.sh.社会保障`.
pub const PSAM_DES: [u8; 15] = *b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// Name of a PSAM's environment for SSF33: `sx2.sh.社会保障`.
pub const PSAM_SSF33: [u8; 15] = *b"sx2.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// Name of a PSAM's environment for SM4: `sx3.sh.社会保障`.
pub const PSAM_SM4: [u8; 15] = *b"sx3.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";

/// The PSAM's key for a card's key; of the purse's purchase key by its version.
#[must_use]
pub fn psam_key(application: &str, key: KeyId, version: u8) -> Option<&'static PsamKeyEntry> {
    PSAM_KEYS.iter().find(|entry| {
        let same = entry.application == application && entry.key == key;
        same && (entry.class != PsamClass::Purse || entry.first == version)
    })
}

/// The key of a usage byte and an identifier.
#[must_use]
pub fn psam_key_of(usage: u8, id: u8) -> Option<&'static PsamKeyEntry> {
    let class = PsamClass::of_usage(usage)?;
    PSAM_KEYS.iter().find(|entry| (entry.class, entry.id) == (class, id))
}

const fn key(
    class: PsamClass,
    [address, id]: [u16; 2],
    versions: u8,
    application: &'static str,
    key: u8,
    name: &'static str,
) -> PsamKeyEntry {
    // An identifier is one byte.
    let [_, id] = id.to_be_bytes();
    PsamKeyEntry { class, id, address, versions, application, key: KeyId(key), name, first: 1 }
}

const fn ministry(
    at: [u16; 2],
    versions: u8,
    application: &'static str,
    id: u8,
    name: &'static str,
) -> PsamKeyEntry {
    key(PsamClass::Ministry, at, versions, application, id, name)
}

const fn province(
    at: [u16; 2],
    versions: u8,
    application: &'static str,
    id: u8,
    name: &'static str,
) -> PsamKeyEntry {
    key(PsamClass::Province, at, versions, application, id, name)
}

const fn purchase(address: u16, version: u8) -> PsamKeyEntry {
    let id = [0x00, version];
    let id = u16::from_be_bytes(id);
    let entry = key(PsamClass::Purse, [address, id], 3, "DF04", 0x87, "DPK");
    PsamKeyEntry { first: version, ..entry }
}

/// All keys, in the order of their addresses.
pub const PSAM_KEYS: &[PsamKeyEntry] = &[
    ministry([0x004C, 0x0A], 3, "SSSE", 0x0A, "RK_SSSE"),
    ministry([0x004F, 0x2E], 3, "DF01", 0x88, "RK1_DF01"),
    ministry([0x0052, 0x2F], 3, "DF01", 0x89, "UK6_DF01"),
    ministry([0x0055, 0x30], 3, "DF01", 0x8A, "UK7_DF01"),
    ministry([0x0058, 0x31], 3, "DF01", 0x8B, "UK8_DF01"),
    ministry([0x005B, 0x32], 3, "DF01", 0x8C, "UK9_DF01"),
    ministry([0x005E, 0x33], 3, "DF01", 0x8D, "UKA_DF01"),
    ministry([0x0061, 0x34], 3, "DF01", 0x8E, "UKB_DF01"),
    ministry([0x0064, 0x35], 3, "DF02", 0x88, "RK1_DF02"),
    ministry([0x0067, 0x36], 3, "DF02", 0x89, "UK6_DF02"),
    ministry([0x006A, 0x37], 3, "DF03", 0x89, "UK4_DF03"),
    ministry([0x006D, 0x38], 3, "DF03", 0x8A, "UK5_DF03"),
    ministry([0x0070, 0x39], 3, "DF03", 0x8B, "UK6_DF03"),
    ministry([0x0073, 0x3A], 3, "DF03", 0x8C, "UK7_DF03"),
    ministry([0x0076, 0x3B], 3, "DF03", 0x8D, "UK8_DF03"),
    ministry([0x0079, 0x3C], 1, "DF07", 0x82, "STK_DF07"),
    ministry([0x007A, 0x3D], 3, "DF07", 0x84, "RK1_DF07"),
    ministry([0x007D, 0x3E], 3, "DF07", 0x87, "UK1_DF07"),
    ministry([0x0080, 0x3F], 3, "DF07", 0x85, "RK2_DF07"),
    ministry([0x0083, 0xB0], 3, "DF07", 0x88, "UK2_DF07"),
    ministry([0x0086, 0xB1], 3, "DF07", 0x86, "RK3_DF07"),
    ministry([0x0089, 0xB2], 3, "DF07", 0x89, "UK3_DF07"),
    ministry([0x008C, 0xB3], 1, "DF05", 0x82, "STK_DF05"),
    ministry([0x008D, 0xB4], 3, "DF05", 0x83, "UK1_DF05"),
    province([0x0090, 0x10], 1, "SSSE", 0x06, "PUK"),
    province([0x0091, 0x11], 1, "SSSE", 0x05, "BK"),
    province([0x0092, 0x40], 1, "DF03", 0x83, "LK_DF03"),
    province([0x0093, 0x41], 1, "DF04", 0x83, "LK_DF04"),
    province([0x0094, 0x12], 3, "SSSE", 0x04, "UK_SSSE"),
    province([0x0097, 0x42], 3, "DF01", 0x83, "UK1_DF01"),
    province([0x009A, 0x43], 3, "DF01", 0x84, "UK2_DF01"),
    province([0x009D, 0x44], 3, "DF01", 0x87, "UK5_DF01"),
    province([0x00A0, 0x45], 3, "DF02", 0x84, "UK2_DF02"),
    province([0x00A3, 0x46], 3, "DF02", 0x85, "UK3_DF02"),
    province([0x00A6, 0x47], 3, "DF03", 0x86, "UK1_DF03"),
    province([0x00A9, 0x48], 3, "DF03", 0x88, "UK3_DF03"),
    province([0x00AC, 0x49], 3, "DF04", 0x85, "UK1_DF04"),
    province([0x00AF, 0x4A], 3, "DF04", 0x8A, "DSK"),
    province([0x00B2, 0x4B], 3, "DF04", 0x88, "DLK"),
    province([0x00B5, 0x4C], 3, "DF04", 0x89, "DTK"),
    ministry([0x0170, 0x08], 3, "SSSE", 0x00, "IRK"),
    ministry([0x0173, 0x09], 1, "SSSE", 0x02, "STK"),
    ministry([0x0174, 0x20], 1, "DF01", 0x82, "STK_DF01"),
    ministry([0x0175, 0x23], 1, "DF04", 0x82, "STK_DF04"),
    ministry([0x0176, 0x24], 3, "DF01", 0x85, "UK3_DF01"),
    ministry([0x0179, 0x25], 3, "DF01", 0x86, "UK4_DF01"),
    ministry([0x017C, 0x2A], 3, "DF04", 0x86, "UK2_DF04"),
    purchase(0x017F, 1),
    ministry([0x0182, 0x2D], 3, "DF04", 0x84, "RK1_DF04"),
    ministry([0x0185, 0x21], 1, "DF02", 0x82, "STK_DF02"),
    ministry([0x0186, 0x22], 1, "DF03", 0x82, "STK_DF03"),
    ministry([0x0187, 0x26], 3, "DF02", 0x83, "UK1_DF02"),
    ministry([0x018A, 0x27], 3, "DF02", 0x86, "UK4_DF02"),
    ministry([0x018D, 0x28], 3, "DF02", 0x87, "UK5_DF02"),
    ministry([0x0190, 0x29], 3, "DF03", 0x87, "UK2_DF03"),
    ministry([0x0193, 0x2B], 3, "DF03", 0x84, "RK1_DF03"),
    ministry([0x0196, 0x2C], 3, "DF03", 0x85, "RK2_DF03"),
    purchase(0x0199, 2),
    purchase(0x019C, 3),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lie_in_two_rows_without_a_gap_and_none_twice() {
        let mut next = 0x004C;
        for entry in PSAM_KEYS {
            let starts = entry.address == next || (next, entry.address) == (0x00B8, 0x0170);
            assert!(starts, "{} at {:04X}", entry.name, entry.address);
            next = entry.address + u16::from(entry.versions);
        }
        assert_eq!(next, 0x019F);
    }

    #[test]
    fn a_class_and_an_identifier_name_one_key() {
        for entry in PSAM_KEYS {
            assert_eq!(psam_key_of(entry.class.usage(3), entry.id), Some(entry), "{}", entry.name);
            assert_eq!(psam_key(entry.application, entry.key, entry.first), Some(entry));
        }
        assert_eq!(psam_key_of(0x46, 0x12), None, "no class 06");
    }

    #[test]
    fn a_usage_byte_is_levels_and_class() {
        assert_eq!(PsamClass::Province.usage(2), 0x48);
        assert_eq!(PsamClass::Ministry.usage(3), 0x67);
        assert_eq!(PsamClass::Purse.usage(1), 0x22);
        assert_eq!(PsamClass::of_usage(0x48), Some(PsamClass::Province));
    }

    #[test]
    fn every_key_of_the_catalogue_has_an_address_and_the_same_name() {
        for known in super::super::KEYS {
            let entry = psam_key(known.application, known.id, 1).expect(known.name);
            assert_eq!(entry.name, known.name);
        }
    }

    #[test]
    fn the_purchase_key_has_an_identifier_for_each_version() {
        let entry = psam_key("DF04", KeyId(0x87), 2).expect("DPK");
        assert_eq!((entry.id, entry.address), (0x02, 0x0199));
        assert_eq!((entry.card_version(1), entry.card_version(2)), (Some(2), None));
        let entry = psam_key("SSSE", KeyId::UK_SSSE, 3).expect("UK_SSSE");
        assert_eq!((entry.card_version(3), entry.card_version(4)), (Some(3), None));
    }
}
