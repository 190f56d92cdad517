//! What can be made of a 16-byte key: the key of a level below, and the key of one exchange.
//!
//! A [`Key`] and public bytes enter, a [`Key`] or a [`SessionKey`] leaves.

use sm4::cipher::KeyInit;
use zeroize::Zeroizing;

use crate::cipher::{Sm4, TdesEde2};
use crate::{
    Key, SessionKey,
    block::{encrypt_ecb, zero_padded},
};

/// A block cipher together with the recipes that go with its block length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suite {
    /// 8-byte blocks: two-key triple DES, with single DES under the session key.
    TripleDes,
    /// 16-byte blocks: SM4 throughout.
    Sm4,
}

impl Suite {
    /// The block length in bytes: 8 or 16.
    pub const fn block_length(self) -> usize {
        match self {
            Self::TripleDes => 8,
            Self::Sm4 => 16,
        }
    }

    /// The key one level below (密钥分散), for the area or card that `factor` names.
    ///
    /// Triple DES: `E(factor) || E(!factor)`. SM4: `E(factor || !factor)`. The factors are made by
    /// [`factor`](crate::factor).
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 9 §7.1
    pub fn diversify(self, key: &Key, factor: &[u8; 8]) -> Key {
        let complement = factor.map(|byte| !byte);
        let mut bytes = Zeroizing::new([0; Key::LENGTH]);
        for (cell, byte) in bytes.iter_mut().zip(factor.iter().chain(&complement)) {
            *cell = *byte;
        }
        match self {
            Self::TripleDes => encrypt_ecb(&TdesEde2::new(key.expose().into()), bytes.as_mut()),
            Self::Sm4 => encrypt_ecb(&Sm4::new(key.expose().into()), bytes.as_mut()),
        }
        Key::new(*bytes)
    }

    /// The key of secure messaging (STK) out of what [`diversify`](Self::diversify) gives: 8 bytes, single DES, where
    /// blocks have 8 bytes; the key itself under SM4.
    ///
    /// A single DES key is the two-key triple DES key of two equal halves. `[choice]` It is the left half of the
    /// diversified key.
    #[must_use]
    pub fn single(self, key: &Key) -> Key {
        match self {
            Self::TripleDes => {
                let mut bytes = Zeroizing::new(*key.expose());
                let (left, right) = bytes.split_at_mut(8);
                right.copy_from_slice(left);
                Key::new(*bytes)
            }
            Self::Sm4 => key.clone(),
        }
    }

    /// The session key (过程密钥) of the exchange that `random`, the process factor, belongs to:
    /// the random, padded with `00` at the right to one block, enciphered under `key`.
    ///
    /// Triple DES gives 8 bytes, a single DES key; SM4 gives 16.
    ///
    /// SM4 takes a random of 16 bytes whole. `[choice]` Of one that is longer than a block the last bytes are
    /// used, which is what 8-byte blocks do with 16 bytes; any shorter length is padded like 4.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 4 §8.4
    pub fn session_key(self, key: &Key, random: &[u8]) -> SessionKey {
        match self {
            Self::TripleDes => {
                let random = random.last_chunk::<8>().map_or(random, <[u8; 8]>::as_slice);
                let mut bytes = Zeroizing::new(zero_padded(random));
                encrypt_ecb(&TdesEde2::new(key.expose().into()), bytes.as_mut());
                SessionKey::des(&bytes)
            }
            Self::Sm4 => {
                let random = random.last_chunk::<16>().map_or(random, <[u8; 16]>::as_slice);
                let mut bytes = Zeroizing::new(zero_padded(random));
                encrypt_ecb(&Sm4::new(key.expose().into()), bytes.as_mut());
                SessionKey::sm4(&bytes)
            }
        }
    }
}

impl Suite {
    /// The key of transaction certificates (TAC), which takes part in them as it is, without a
    /// random.
    ///
    /// `[choice]` Triple DES: a single DES key, the two halves XORed, as the purses of PBOC 1.0 do
    /// it; the standard says only that no session key is made. SM4: the key itself.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 7 §12
    pub fn certificate_key(self, key: &Key) -> SessionKey {
        match self {
            Self::TripleDes => {
                let mut halves = Zeroizing::new([0; 8]);
                for piece in key.expose().chunks(8) {
                    for (cell, byte) in halves.iter_mut().zip(piece) {
                        *cell ^= *byte;
                    }
                }
                SessionKey::des(&halves)
            }
            Self::Sm4 => SessionKey::sm4(key.expose()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Self-consistent, own vectors: computed with `openssl enc -des-ede` and `-sm4-ecb`.
    const KEY: Key = Key::new(0x0123456789ABCDEF_FEDCBA9876543210_u128.to_be_bytes());
    const FACTOR: [u8; 8] = 0x8684420100000135_u64.to_be_bytes();
    const RANDOM: [u8; 8] = 0x32D9E876ADB31BBF_u64.to_be_bytes();

    #[test]
    fn block_lengths() {
        assert_eq!(Suite::TripleDes.block_length(), 8);
        assert_eq!(Suite::Sm4.block_length(), 16);
    }

    #[test]
    fn part_9_7_1_diversify_triple_des() {
        let key = Suite::TripleDes.diversify(&KEY, &FACTOR);
        assert_eq!(key.expose(), &0xF4B75F98FBEF7C7F_F6F305BEC86D24C6_u128.to_be_bytes());
    }

    #[test]
    fn part_9_7_1_diversify_sm4() {
        let key = Suite::Sm4.diversify(&KEY, &FACTOR);
        assert_eq!(key.expose(), &0x1549D34F270ABF75_E710E8B13DD7EF33_u128.to_be_bytes());
    }

    #[test]
    fn a3_a_key_of_secure_messaging_is_single_des() {
        let key = Suite::TripleDes.single(&KEY);
        assert_eq!(key.expose(), &0x0123456789ABCDEF_0123456789ABCDEF_u128.to_be_bytes());
        // `openssl enc -des-ecb` of the random under 0123456789ABCDEF.
        let session = Suite::TripleDes.session_key(&key, &RANDOM);
        assert_eq!(session.expose(), 0x331D4E218195E4BD_u64.to_be_bytes());
        assert_eq!(Suite::Sm4.single(&KEY).expose(), KEY.expose());
    }

    #[test]
    fn part_7_12_certificate_key() {
        let key = Suite::TripleDes.certificate_key(&KEY);
        // 0123456789ABCDEF xor FEDCBA9876543210.
        assert_eq!(key.expose(), [0xFF; 8]);
        assert_eq!(Suite::Sm4.certificate_key(&KEY).expose(), KEY.expose());
    }

    #[test]
    fn part_4_8_4_session_key_triple_des() {
        let of_8 = Suite::TripleDes.session_key(&KEY, &RANDOM);
        assert_eq!(of_8.expose(), 0x1A41ED38CCFEA216_u64.to_be_bytes());
        let of_4 = Suite::TripleDes.session_key(&KEY, &RANDOM[..4]);
        assert_eq!(of_4.expose(), 0xE2736144EA501A2B_u64.to_be_bytes());
    }

    #[test]
    fn part_4_8_4_session_key_sm4() {
        let of_8 = Suite::Sm4.session_key(&KEY, &RANDOM);
        assert_eq!(of_8.expose(), 0xFA139AB4E959413C_941B0A388064DD95_u128.to_be_bytes());
        let of_4 = Suite::Sm4.session_key(&KEY, &RANDOM[..4]);
        assert_eq!(of_4.expose(), 0xF16083F6F96628A0_1634579879662301_u128.to_be_bytes());
    }

    #[test]
    fn a2_sm4_takes_16_bytes_whole_and_pads_8_with_zeros() {
        let padded = [RANDOM, [0; 8]].concat();
        let of_16 = Suite::Sm4.session_key(&KEY, &padded);
        assert_eq!(of_16.expose(), Suite::Sm4.session_key(&KEY, &RANDOM).expose());
        let other = Suite::Sm4.session_key(&KEY, &[[0xEE; 8], RANDOM].concat());
        // `openssl enc -sm4-ecb` of EE EE EE EE EE EE EE EE 32 D9 E8 76 AD B3 1B BF.
        assert_eq!(other.expose(), 0xF1E51330B822A286_EFA986D057118747_u128.to_be_bytes());
        let longer = Suite::Sm4.session_key(&KEY, &[[0x55; 8], [0xEE; 8], RANDOM].concat());
        assert_eq!(longer.expose(), other.expose());
    }

    #[test]
    fn triple_des_takes_the_last_8_bytes_of_a_longer_random() {
        let long = [[0xEE; 8], RANDOM].concat();
        let key = Suite::TripleDes.session_key(&KEY, &long);
        assert_eq!(key.expose(), Suite::TripleDes.session_key(&KEY, &RANDOM).expose());
    }
}
