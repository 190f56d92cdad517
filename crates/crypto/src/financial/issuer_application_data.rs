//! Issuer application data, tag 9F10: PBOC's `07 | key index | version | CVR 4 | algorithm [| length | data]`, and
//! `06 | key index | version | CVR 4 [| length | data]` of other schemes.

use alloc::vec::Vec;

use super::Cipher;

/// The fields of tag 9F10.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuerApplicationData {
    /// Derivation key index.
    pub key_index: u8,
    /// Cryptogram version: 01, 17.
    pub version: u8,
    /// Card verification results, the first byte is 03.
    pub cvr: [u8; 4],
    /// Algorithm of the cryptogram, which PBOC alone names.
    pub algorithm: Option<Cipher>,
    /// Issuer discretionary data without its length: identifier, amounts, MAC; may be empty.
    pub discretionary: Vec<u8>,
}

impl IssuerApplicationData {
    /// The value of tag 9F10.
    #[must_use]
    pub fn emit(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.discretionary.len().saturating_add(9));
        let length = if self.algorithm.is_some() { 0x07 } else { 0x06 };
        out.extend_from_slice(&[length, self.key_index, self.version]);
        out.extend_from_slice(&self.cvr);
        out.extend(self.algorithm.map(Cipher::id));
        if let (1.., Ok(length)) =
            (self.discretionary.len(), u8::try_from(self.discretionary.len()))
        {
            out.push(length);
            out.extend_from_slice(&self.discretionary);
        }
        out
    }

    /// Reads the value of tag 9F10; `None` when it is not of this form.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<7>()?;
        let [length, key_index, version, a, b, c, d] = *head;
        let (algorithm, rest) = match length {
            0x07 => {
                let (algorithm, rest) = rest.split_first()?;
                (Some(Cipher::from_id(*algorithm)?), rest)
            }
            0x06 => (None, rest),
            _ => return None,
        };
        let discretionary = match rest {
            [] => &[][..],
            [length, data @ ..] if usize::from(*length) == data.len() => data,
            _ => return None,
        };
        Some(Self {
            key_index,
            version,
            cvr: [a, b, c, d],
            algorithm,
            discretionary: discretionary.to_vec(),
        })
    }
}
