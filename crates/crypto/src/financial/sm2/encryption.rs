//! SM2 public key encryption (GB/T 32918.4): C1 ‖ C3 ‖ C2, the order of the standard's text.
//!
//! A plaintext and 32 bytes of nonce enter, the point C1 (X and Y without the byte 04), the check C3 and the
//! enciphered text C2 leave; and back.

use alloc::vec::Vec;

use sm2::elliptic_curve::group::Group;
use sm2::elliptic_curve::sec1::ToSec1Point;
use sm2::{AffinePoint, ProjectivePoint};
use zeroize::{Zeroize, Zeroizing};

use super::{PUBLIC_KEY_LENGTH, Sm2PrivateKey, Sm2PublicKey, scalar, sm3};
use crate::secrets_equal;

/// By how many bytes a ciphertext is longer than its plaintext: a point and a hash.
pub const CIPHERTEXT_OVERHEAD: usize = PUBLIC_KEY_LENGTH + 32;

impl Sm2PublicKey {
    /// The ciphertext X ‖ Y ‖ C3 ‖ C2; `None` when the nonce is unusable, which happens once in 2^256 random
    /// ones, or there is no plaintext.
    ///
    /// # Reference
    /// GB/T 32918.4 §6.
    #[must_use]
    pub fn encrypt(&self, plain: &[u8], nonce: &[u8; 32]) -> Option<Vec<u8>> {
        let mut k = scalar(nonce)?;
        if bool::from(k.is_zero()) || plain.is_empty() {
            return None;
        }
        let first = coordinates(&(ProjectivePoint::GENERATOR * k).to_affine())?;
        let shared = coordinates(&(ProjectivePoint::from(self.point) * k).to_affine());
        k.zeroize();
        let shared = Zeroizing::new(shared?);
        let mut text = plain.to_vec();
        mask(&shared, &mut text)?;
        let (x, y) = shared.split_at(32);
        let check = sm3(&[x, plain, y]);
        let mut cipher = Vec::with_capacity(text.len().saturating_add(CIPHERTEXT_OVERHEAD));
        cipher.extend_from_slice(&first);
        cipher.extend_from_slice(&check);
        cipher.append(&mut text);
        Some(cipher)
    }
}

impl Sm2PrivateKey {
    /// The plaintext of X ‖ Y ‖ C3 ‖ C2; `None` when that is no ciphertext for this key.
    ///
    /// # Reference
    /// GB/T 32918.4 §7.
    #[must_use]
    pub fn decrypt(&self, cipher: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (first, rest) = cipher.split_first_chunk::<PUBLIC_KEY_LENGTH>()?;
        let (check, text) = rest.split_first_chunk::<32>()?;
        if text.is_empty() {
            return None;
        }
        let first = Sm2PublicKey::from_bytes(first)?;
        let shared = (ProjectivePoint::from(first.point) * self.secret).to_affine();
        let shared = Zeroizing::new(coordinates(&shared)?);
        let mut plain = Zeroizing::new(text.to_vec());
        mask(&shared, &mut plain)?;
        let (x, y) = shared.split_at(32);
        secrets_equal(&sm3(&[x, &plain, y]), check).then_some(plain)
    }
}

/// X and Y; `None` at infinity.
fn coordinates(point: &AffinePoint) -> Option<[u8; PUBLIC_KEY_LENGTH]> {
    if bool::from(ProjectivePoint::from(*point).is_identity()) {
        return None;
    }
    let encoded = point.to_sec1_point(false);
    let (_, bytes) = encoded.as_bytes().split_first()?;
    bytes.try_into().ok()
}

/// XORs what the key derivation function (GB/T 32918.4 §5.4.3) makes of the shared point; `None` when that
/// is nothing but zeros.
fn mask(shared: &[u8; PUBLIC_KEY_LENGTH], text: &mut [u8]) -> Option<()> {
    let mut anything = false;
    for (counter, piece) in (1_u32..).zip(text.chunks_mut(32)) {
        let stream = Zeroizing::new(sm3(&[shared, &counter.to_be_bytes()]));
        for (byte, key) in piece.iter_mut().zip(stream.iter()) {
            *byte ^= key;
            anything |= *key != 0;
        }
    }
    anything.then_some(())
}

#[cfg(test)]
mod tests {
    use crate::financial::vectors::{bytes, hex};

    use super::*;

    const PRIVATE: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
    const NONCE: &str = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21";
    const CIPHER: &str = "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73\
         E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0\
         59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766\
         21886CA989CA9C7D58087307CA93092D651EFA";

    fn key() -> Sm2PrivateKey {
        Sm2PrivateKey::from_bytes(&bytes(PRIVATE).try_into().unwrap()).unwrap()
    }

    /// GB/T 32918.5 annex C: the recommended curve, "encryption standard".
    #[test]
    fn gbt_32918_5_annex_c_encryption() {
        let key = key();
        let nonce = bytes(NONCE).try_into().unwrap();
        let cipher = key.public_key().encrypt(b"encryption standard", &nonce).unwrap();
        assert_eq!(hex(&cipher), CIPHER);
        assert_eq!(&key.decrypt(&cipher).unwrap()[..], b"encryption standard");
    }

    #[test]
    fn a_ciphertext_that_was_changed_anywhere_is_none() {
        let key = key();
        let cipher = bytes(CIPHER);
        for place in 0..cipher.len() {
            let mut changed = cipher.clone();
            changed[place] ^= 0x01;
            assert!(key.decrypt(&changed).is_none(), "byte {place}");
        }
        for length in 0..=CIPHERTEXT_OVERHEAD {
            assert!(key.decrypt(&cipher[..length]).is_none(), "{length} bytes");
        }
    }

    #[test]
    fn long_texts_use_one_piece_of_the_stream_after_another() {
        let key = key();
        let nonce = bytes(NONCE).try_into().unwrap();
        for length in [1, 31, 32, 33, 200] {
            let plain = alloc::vec![0x5A; length];
            let cipher = key.public_key().encrypt(&plain, &nonce).unwrap();
            assert_eq!(cipher.len(), length + CIPHERTEXT_OVERHEAD);
            assert_eq!(&key.decrypt(&cipher).unwrap()[..], plain);
        }
        assert!(key.public_key().encrypt(&[], &nonce).is_none());
        assert!(key.public_key().encrypt(&[1], &[0; 32]).is_none());
        assert!(key.public_key().encrypt(&[1], &[0xFF; 32]).is_none());
    }
}
