//! The algorithm a card announces when the social security environment is selected.
//!
//! The identifier byte enters, the [`Suite`] that can be computed leaves. An announced algorithm
//! need not be a computable one: SSF33 has never been published.

use crate::Suite;

/// A block cipher (密码算法) by the name the card gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// Two-key triple DES, with single DES session keys.
    TripleDes,
    /// SSF33, an unpublished national cipher of older cards.
    Ssf33,
    /// SM4 (GB/T 32907), the cipher of third-generation cards.
    Sm4,
}

impl Algorithm {
    /// The identifier: the one byte of template `86` within `9F0C` of the environment's file
    /// control information.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 5, table 36, for the template; the values are those of the
    /// terminals' interface specification.
    pub const fn id(self) -> u8 {
        match self {
            Self::TripleDes => 0x01,
            Self::Ssf33 => 0x02,
            Self::Sm4 => 0x03,
        }
    }

    /// The algorithm with this identifier.
    pub const fn from_id(id: u8) -> Option<Self> {
        match id {
            0x01 => Some(Self::TripleDes),
            0x02 => Some(Self::Ssf33),
            0x03 => Some(Self::Sm4),
            _ => None,
        }
    }

    /// The recipes of this algorithm; `None` for SSF33, which is not public.
    pub const fn suite(self) -> Option<Suite> {
        match self {
            Self::TripleDes => Some(Suite::TripleDes),
            Self::Ssf33 => None,
            Self::Sm4 => Some(Suite::Sm4),
        }
    }

    /// The name in print.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TripleDes => "3DES",
            Self::Ssf33 => "SSF33",
            Self::Sm4 => "SM4",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_round_trip() {
        for (id, algorithm, name) in [
            (0x01, Algorithm::TripleDes, "3DES"),
            (0x02, Algorithm::Ssf33, "SSF33"),
            (0x03, Algorithm::Sm4, "SM4"),
        ] {
            assert_eq!(algorithm.id(), id);
            assert_eq!(Algorithm::from_id(id), Some(algorithm));
            assert_eq!(algorithm.name(), name);
        }
        assert_eq!(Algorithm::from_id(0x00), None);
        assert_eq!(Algorithm::from_id(0x04), None);
    }

    #[test]
    fn ssf33_has_no_suite() {
        assert_eq!(Algorithm::TripleDes.suite(), Some(Suite::TripleDes));
        assert_eq!(Algorithm::Ssf33.suite(), None);
        assert_eq!(Algorithm::Sm4.suite(), Some(Suite::Sm4));
    }
}
