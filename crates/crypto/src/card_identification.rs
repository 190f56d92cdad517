//! The authentication code that ends a card identification code (卡识别码).
//!
//! The code is division (3 bytes), `D156000005`, serial (4) and authentication code (4). The first
//! 12 bytes enter, the last 4 leave.

use crate::{Key, Suite};

/// The authentication code (认证码) of the first 12 bytes, under the card's IRK.
///
/// `[choice]` How issuers compute it is not published, only that IRK takes part. Here it is the
/// MAC of the 12 bytes under the session key of a zero random. Third-generation cards commonly
/// carry `FFFFFFFF` instead, so a reader must never reject a card for this code.
pub fn authentication_code(suite: Suite, irk: &Key, first12: &[u8; 12]) -> [u8; 4] {
    suite.session_key(irk, &[0; 8]).mac(first12)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Self-consistent, own vectors: computed with `openssl enc -des-ede`, `-des-ecb`, `-sm4-ecb`.
    #[test]
    fn authentication_code_by_suite() {
        let irk = Key::new(0x0123456789ABCDEF_FEDCBA9876543210_u128.to_be_bytes());
        let first12 = [0x63, 0x99, 0x00, 0xD1, 0x56, 0, 0, 0x05, 0x00, 0xBF, 0x7C, 0x7A];
        assert_eq!(
            authentication_code(Suite::TripleDes, &irk, &first12),
            0xEBD65354_u32.to_be_bytes()
        );
        assert_eq!(authentication_code(Suite::Sm4, &irk, &first12), 0x06D49730_u32.to_be_bytes());
    }
}
