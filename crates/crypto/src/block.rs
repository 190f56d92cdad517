//! Modes of operation over any block cipher: ECB in place and the CBC-MAC.
//!
//! The MAC streams over parts of a message, so a command is never copied together to be checked.

use sm4::cipher::{Array, Block, BlockCipherDecrypt, BlockCipherEncrypt};
use zeroize::Zeroize;

/// Enciphers whole blocks in place; bytes after the last whole block stay as they are.
pub(crate) fn encrypt_ecb<C: BlockCipherEncrypt>(cipher: &C, bytes: &mut [u8]) {
    let (blocks, _) = Array::slice_as_chunks_mut(bytes);
    cipher.encrypt_blocks(blocks);
}

/// Deciphers whole blocks in place; bytes after the last whole block stay as they are.
pub(crate) fn decrypt_ecb<C: BlockCipherDecrypt>(cipher: &C, bytes: &mut [u8]) {
    let (blocks, _) = Array::slice_as_chunks_mut(bytes);
    cipher.decrypt_blocks(blocks);
}

/// The last block of CBC with a zero initial value over the parts and their padding.
///
/// The padding `80 00 ..` is always there: an aligned message gets a whole block of it.
pub(crate) fn cbc_mac<C: BlockCipherEncrypt>(cipher: &C, parts: &[&[u8]]) -> Block<C> {
    let mut chain = Block::<C>::default();
    let mut bytes = parts.iter().copied().flatten().chain(&[0x80]).peekable();
    while bytes.peek().is_some() {
        for (cell, byte) in chain.iter_mut().zip(bytes.by_ref()) {
            *cell ^= byte;
        }
        cipher.encrypt_block(&mut chain);
    }
    chain
}

/// CBC over whole blocks; the chain is the left of 16 bytes. Bytes after the last whole block do not count.
pub(crate) fn cbc_blocks<C: BlockCipherEncrypt>(cipher: &C, chain: &mut [u8; 16], bytes: &[u8]) {
    let mut last = Block::<C>::default();
    for (cell, byte) in last.iter_mut().zip(chain.iter()) {
        *cell = *byte;
    }
    let (blocks, _) = Array::slice_as_chunks(bytes);
    for block in blocks {
        let block: &Block<C> = block;
        for (cell, byte) in last.iter_mut().zip(block) {
            *cell ^= byte;
        }
        cipher.encrypt_block(&mut last);
    }
    *chain = zero_padded(&last);
    last.zeroize();
}

/// `bytes` at the left of a zero block; what does not fit is left out.
pub(crate) fn zero_padded<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut block = [0; N];
    for (cell, byte) in block.iter_mut().zip(bytes) {
        *cell = *byte;
    }
    block
}

#[cfg(test)]
mod tests {
    use sm4::{Sm4, cipher::KeyInit};

    use super::*;

    /// GB/T 32907, appendix A, example 1: the key is also the plaintext.
    #[test]
    fn gbt_32907_a_1_sm4() {
        let key: [u8; 16] = 0x0123456789ABCDEF_FEDCBA9876543210_u128.to_be_bytes();
        let cipher = Sm4::new(&key.into());

        let mut block = key;
        encrypt_ecb(&cipher, &mut block);
        assert_eq!(block, 0x681EDF34D206965E_86B3E94F536E4246_u128.to_be_bytes());

        decrypt_ecb(&cipher, &mut block);
        assert_eq!(block, key);
    }

    #[test]
    fn zero_padding_is_at_the_right() {
        assert_eq!(zero_padded(&[1, 2, 3]), [1, 2, 3, 0]);
        assert_eq!(zero_padded(&[1, 2, 3]), [1, 2]);
        assert_eq!(zero_padded(&[]), [0; 8]);
    }
}
