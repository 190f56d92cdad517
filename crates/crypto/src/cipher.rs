//! The block ciphers; in a build for fuzzers that are in a hurry, by the feature `null-ciphers`, something in their place that takes no time.

#[cfg(not(feature = "null-ciphers"))]
pub(crate) use aes::Aes128;
#[cfg(not(feature = "null-ciphers"))]
pub(crate) use des::{Des, TdesEde2};
#[cfg(not(feature = "null-ciphers"))]
pub(crate) use sm4::Sm4;

#[cfg(feature = "null-ciphers")]
pub(crate) use null::{Aes128, Des, Sm4, TdesEde2};

/// Whether ciphers, signatures and their verification are replaced by what takes no time.
pub(crate) const NULL_CIPHERS: bool = cfg!(feature = "null-ciphers");

#[cfg(feature = "null-ciphers")]
mod null {
    use core::marker::PhantomData;

    use sm4::cipher::array::ArraySize;
    use sm4::cipher::consts::{U1, U8, U16};
    use sm4::cipher::{
        Array, Block, BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt,
        BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, InOut,
        Key, KeyInit, KeySizeUser, ParBlocksSizeUser,
    };

    pub(crate) type Des = Xor<U8, U8>;
    pub(crate) type TdesEde2 = Xor<U16, U8>;
    pub(crate) type Sm4 = Xor<U16, U16>;
    pub(crate) type Aes128 = Xor<U16, U16>;

    /// The block XORed with the key, which is folded to a block first.
    #[derive(Clone)]
    pub(crate) struct Xor<K, B: ArraySize>(Array<u8, B>, PhantomData<K>);

    impl<K: ArraySize, B: ArraySize> KeySizeUser for Xor<K, B> {
        type KeySize = K;
    }

    impl<K: ArraySize, B: ArraySize> KeyInit for Xor<K, B> {
        fn new(key: &Key<Self>) -> Self {
            let mut folded = Array::default();
            for piece in key.chunks(folded.len()) {
                folded.iter_mut().zip(piece).for_each(|(cell, byte): (&mut u8, _)| *cell ^= byte);
            }
            Self(folded, PhantomData)
        }
    }

    impl<K, B: ArraySize> BlockSizeUser for Xor<K, B> {
        type BlockSize = B;
    }

    impl<K, B: ArraySize> ParBlocksSizeUser for Xor<K, B> {
        type ParBlocksSize = U1;
    }

    impl<K, B: ArraySize> Xor<K, B> {
        fn turn(&self, mut block: InOut<'_, '_, Block<Self>>) {
            let mut turned = block.clone_in();
            turned.iter_mut().zip(&self.0).for_each(|(cell, byte)| *cell ^= byte);
            *block.get_out() = turned;
        }
    }

    impl<K, B: ArraySize> BlockCipherEncrypt for Xor<K, B> {
        fn encrypt_with_backend(&self, f: impl BlockCipherEncClosure<BlockSize = B>) {
            f.call(self);
        }
    }

    impl<K, B: ArraySize> BlockCipherEncBackend for Xor<K, B> {
        fn encrypt_block(&self, block: InOut<'_, '_, Block<Self>>) {
            self.turn(block);
        }
    }

    impl<K, B: ArraySize> BlockCipherDecrypt for Xor<K, B> {
        fn decrypt_with_backend(&self, f: impl BlockCipherDecClosure<BlockSize = B>) {
            f.call(self);
        }
    }

    impl<K, B: ArraySize> BlockCipherDecBackend for Xor<K, B> {
        fn decrypt_block(&self, block: InOut<'_, '_, Block<Self>>) {
            self.turn(block);
        }
    }
}
