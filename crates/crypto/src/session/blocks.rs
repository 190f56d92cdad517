//! Whole blocks under a session key, as a security module (PSAM) hands them out: ECB, and a CBC that goes on
//! over several commands.

use sm4::cipher::KeyInit;
use zeroize::Zeroize;

use super::{Material, SessionKey, fold};
use crate::cipher::{Des, Sm4, TdesEde2};
use crate::{
    Key, Suite,
    block::{cbc_blocks, encrypt_ecb, zero_padded},
};

/// Where a CBC-MAC stands between two commands: the last block, at the left of 16 bytes.
///
/// It has no equality and does not print; it is wiped when dropped.
#[derive(Clone, Default)]
pub struct Chaining([u8; 16]);

impl Chaining {
    /// The chain that begins with an initial value; what is missing of a block is 00.
    #[must_use]
    pub fn new(initial: &[u8]) -> Self {
        Self(zero_padded(initial))
    }
}

impl Drop for Chaining {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl core::fmt::Debug for Chaining {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Chaining(..)")
    }
}

impl SessionKey {
    /// Enciphers whole blocks in place, each by itself; `false`, and nothing is done, when they are not whole
    /// or none.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 9: cipher and MAC (80FA)
    #[must_use]
    pub fn encipher_blocks(&self, blocks: &mut [u8]) -> bool {
        if !self.suite().is_whole(blocks) {
            return false;
        }
        match &self.0 {
            Material::Des(key) => encrypt_ecb(&Des::new(key.into()), blocks),
            Material::Sm4(key) => encrypt_ecb(&Sm4::new(key.into()), blocks),
        }
        true
    }

    /// Takes whole blocks into a CBC-MAC; `false`, and nothing is done, when they are not whole or none.
    /// Padding is the caller's.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 9: cipher and MAC (80FA)
    #[must_use]
    pub fn chain_blocks(&self, chain: &mut Chaining, blocks: &[u8]) -> bool {
        if !self.suite().is_whole(blocks) {
            return false;
        }
        match &self.0 {
            Material::Des(key) => cbc_blocks(&Des::new(key.into()), &mut chain.0, blocks),
            Material::Sm4(key) => cbc_blocks(&Sm4::new(key.into()), &mut chain.0, blocks),
        }
        true
    }

    /// The MAC of a chain's last block: its leftmost 4 bytes with triple DES, its four words XORed with SM4.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 4 §8.2
    #[must_use]
    pub fn chained_mac(&self, chain: &Chaining) -> [u8; 4] {
        match self.suite() {
            Suite::TripleDes => zero_padded(&chain.0),
            Suite::Sm4 => fold(&chain.0),
        }
    }
}

impl Suite {
    /// Enciphers whole blocks in place under the 16-byte key itself; `false`, and nothing is done, when they are
    /// not whole or none.
    #[must_use]
    pub fn encipher_blocks(self, key: &Key, blocks: &mut [u8]) -> bool {
        if !self.is_whole(blocks) {
            return false;
        }
        match self {
            Self::TripleDes => encrypt_ecb(&TdesEde2::new(key.expose().into()), blocks),
            Self::Sm4 => encrypt_ecb(&Sm4::new(key.expose().into()), blocks),
        }
        true
    }

    const fn is_whole(self, blocks: &[u8]) -> bool {
        !blocks.is_empty() && blocks.len().is_multiple_of(self.block_length())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key::new(0x0123456789ABCDEF_FEDCBA9876543210_u128.to_be_bytes());
    const RANDOM: [u8; 8] = 0x32D9E876ADB31BBF_u64.to_be_bytes();

    #[test]
    fn a_chain_over_padded_blocks_is_the_mac_however_it_is_cut() {
        for suite in [Suite::TripleDes, Suite::Sm4] {
            let session = suite.session_key(&KEY, &RANDOM);
            let message = [0x5A; 40];
            let mut padded = message.to_vec();
            padded.push(0x80);
            padded.resize(48, 0);
            for cut in [16, 32] {
                let mut chain = Chaining::new(&[]);
                assert!(session.chain_blocks(&mut chain, &padded[..cut]));
                assert!(session.chain_blocks(&mut chain, &padded[cut..]));
                assert_eq!(session.chained_mac(&chain), session.mac(&message), "{suite:?}");
            }
        }
    }

    #[test]
    fn authentication_data_is_a_block_of_it() {
        let original = [1, 2, 3, 4, 5, 6, 7, 8];
        let session = Suite::TripleDes.session_key(&KEY, &RANDOM);
        let mut block = original;
        assert!(session.encipher_blocks(&mut block));
        assert_eq!(block, session.authentication_data(&original));
        let session = Suite::Sm4.session_key(&KEY, &RANDOM);
        let mut block: [u8; 16] = zero_padded(&original);
        assert!(session.encipher_blocks(&mut block));
        assert_eq!(fold::<8>(&block), session.authentication_data(&original));
    }

    #[test]
    fn what_is_no_whole_block_is_refused_and_stays() {
        for suite in [Suite::TripleDes, Suite::Sm4] {
            let session = suite.session_key(&KEY, &RANDOM);
            let mut bytes = [7; 15];
            assert!(
                !session.encipher_blocks(&mut bytes) && !suite.encipher_blocks(&KEY, &mut bytes)
            );
            assert_eq!(bytes, [7; 15]);
            let mut chain = Chaining::new(&[1]);
            assert!(!session.chain_blocks(&mut chain, &bytes));
            assert!(!session.chain_blocks(&mut chain, &[]));
            assert_eq!(chain.0, Chaining::new(&[1]).0);
        }
    }

    #[test]
    fn a_key_itself_enciphers_as_its_session_key_is_made() {
        let mut block = RANDOM;
        assert!(Suite::TripleDes.encipher_blocks(&KEY, &mut block));
        assert_eq!(block, Suite::TripleDes.session_key(&KEY, &RANDOM).expose());
    }
}
