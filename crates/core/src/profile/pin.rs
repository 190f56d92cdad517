//! How long a PIN may be.

use serde::{Deserialize, Serialize};

/// How many digits the holder's PIN has; on the card two to a byte, an odd one filled with F.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PinDigits {
    /// Fewest, 3…16.
    pub min: u8,
    /// Most, `min`…16.
    pub max: u8,
}

impl Default for PinDigits {
    /// Two to eight bytes, so 3 to 16 digits (《社会保障（个人）卡规范》 part 5 §6.14).
    fn default() -> Self {
        Self { min: 3, max: 16 }
    }
}

impl PinDigits {
    /// Most digits that a card's memory has room for.
    pub const MOST: u8 = 16;

    /// Fewest and most bytes.
    #[must_use]
    pub const fn bytes(self) -> (u8, u8) {
        (self.min.div_ceil(2), self.max.div_ceil(2))
    }

    /// The same as lengths of data.
    pub(crate) const fn lengths(self) -> (usize, usize) {
        let (shortest, longest) = self.bytes();
        (shortest as usize, longest as usize)
    }

    /// Whether a PIN may have so many digits.
    #[must_use]
    pub const fn admit(self, digits: usize) -> bool {
        self.min as usize <= digits && digits <= self.max as usize
    }

    pub(super) const fn is_sound(self) -> bool {
        3 <= self.min && self.min <= self.max && self.max <= Self::MOST
    }
}
