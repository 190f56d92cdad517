//! A fast mixing of words, the ground of [`CardDigest`](crate::CardDigest). It is no cryptographic hash.

use core::hash::Hasher;

/// Mixes words of 64 bits; the same on every machine.
#[derive(Default)]
pub(crate) struct Mixer(u64);

/// The finaliser of MurmurHash3: each bit of the word reaches every bit.
pub(crate) const fn avalanche(word: u64) -> u64 {
    let word = (word ^ word >> 33).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    let word = (word ^ word >> 33).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    word ^ word >> 33
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        avalanche(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            for (place, byte) in last.iter_mut().zip(rest) {
                *place = *byte;
            }
            self.write_u64(u64::from_le_bytes(last));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The constant keeps runs of zeros apart: 2^64 divided by the golden ratio.
        self.0 = avalanche(self.0.wrapping_add(0x9E37_79B9_7F4A_7C15) ^ word);
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(u64::try_from(number).unwrap_or(u64::MAX));
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(i64::try_from(number).unwrap_or(i64::MAX).cast_unsigned());
    }
}

/// So that a plan is mixed as it is serialised, without a buffer.
impl postcard::ser_flavors::Flavor for Mixer {
    type Output = u64;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.write_u8(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.write(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<u64> {
        Ok(self.finish())
    }
}
