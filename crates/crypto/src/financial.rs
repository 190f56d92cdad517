//! The financial application's cryptography: what card, terminal and issuer share.
//!
//! ```text
//! master Key ─ card_key, PAN ─► card Key ─ SessionKeyScheme, ATC ─► session Key
//! session Key ─► application_cryptogram, arpc, script_mac, encipher_script
//! rsa, sm2 ─► certificate, sm_certificate: offline data authentication
//! ```
//!
//! Clauses are those of JR/T 0025-2013 (PBOC 3.0), parts 5, 7, 12 and 17, and of EMV Book 2. Where
//! the standard contradicts itself the reading is an argument, never a guess inside.

pub mod certificate;
mod cryptogram;
mod issuer_application_data;
mod mac;
mod master_key;
mod pin_block;
pub mod rsa;
mod script;
mod session_key;
pub mod sm2;
pub mod sm_certificate;

pub use cryptogram::{
    CryptogramScheme, application_cryptogram, arpc_method_1, arpc_method_2, discretionary_mac,
};
pub use issuer_application_data::IssuerApplicationData;
pub use mac::{Fold, Padding, aes_cmac, mac, mac_algorithm_1, mac_algorithm_3};
pub use master_key::{
    DerivationOption, PanError, PersonalisationKey, card_key, personalisation_key, with_odd_parity,
};
pub use pin_block::{
    format_2_block, pin_change_block, pin_from_change_block, pin_from_format_2, visa_pin_block,
};
pub use script::{
    decipher_script, encipher_script, encipher_script_emv, encipher_script_mastercard, script_mac,
};
pub use session_key::{SessionKeyScheme, pboc_session_key};

use sha1::Digest;

/// The cipher of an application's keys; byte 8 of tag 9F10 for the first two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cipher {
    /// Two-key triple DES: 01.
    TripleDes,
    /// SM4 (GB/T 32907): 04.
    Sm4,
    /// AES-128, the option of EMV 4.3; PBOC does not use it.
    Aes,
}

impl Cipher {
    /// Algorithm identifier in the issuer application data (JR/T 0025.5 table A.1).
    #[must_use]
    pub const fn id(self) -> u8 {
        match self {
            Self::TripleDes => 0x01,
            Self::Sm4 => 0x04,
            Self::Aes => 0x02,
        }
    }

    /// The cipher with this identifier in 9F10.
    #[must_use]
    pub const fn from_id(id: u8) -> Option<Self> {
        match id {
            0x01 => Some(Self::TripleDes),
            0x04 => Some(Self::Sm4),
            _ => None,
        }
    }
}

/// SHA-1 over the parts, as EMV Book 2 annex B2.1 uses it.
#[must_use]
pub fn sha1(parts: &[&[u8]]) -> [u8; 20] {
    let mut hash = sha1::Sha1::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// SM3 (GB/T 32905) over the parts.
#[must_use]
pub fn sm3(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = sm3::Sm3::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

#[cfg(test)]
mod test_key;
#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jrt_0025_5_table_a_1_identifiers() {
        for (id, cipher) in [(0x01, Cipher::TripleDes), (0x04, Cipher::Sm4)] {
            assert_eq!(cipher.id(), id);
            assert_eq!(Cipher::from_id(id), Some(cipher));
        }
        assert_eq!(Cipher::Aes.id(), 0x02);
        for other in [0x00, 0x02, 0x03, 0x05, 0xFF] {
            assert_eq!(Cipher::from_id(other), None, "{other:02X}");
        }
    }

    /// FIPS 180-4: "abc", in parts.
    #[test]
    fn fips_180_4_sha_1() {
        let digest = "A9993E364706816ABA3E25717850C26C9CD0D89D";
        assert_eq!(vectors::hex(&sha1(&[b"a", b"", b"bc"])), digest);
    }
}
