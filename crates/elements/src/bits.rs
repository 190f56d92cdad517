//! Bit fields as types.
//!
//! What enters: a value's bytes. What leaves: a field whose bits are asked for by name, and [`Bit`]s that say what each
//! means.

mod card;
mod terminal;

pub use card::{
    ApplicationDefaultAction, ApplicationInterchangeProfile, ApplicationUsageControl,
    CardAdditionalProcesses, CardTransactionQualifiers, CardVerificationResults,
    CryptogramInformationData, IssuerAuthenticationIndicator,
};
pub use terminal::{
    TerminalCapabilities, TerminalTransactionQualifiers, TerminalVerificationResults,
    TransactionStatusInformation,
};

/// What some bits of a field say when they have a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bit {
    /// Number of the byte, from 1 as the standards count.
    pub byte: usize,
    /// The bits.
    pub mask: u8,
    /// Their value.
    pub value: u8,
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

/// Makes a field: its name, its length, what it begins as, and its bits: name, byte, mask, value, English, Chinese.
macro_rules! bit_field {
    ($(#[$doc:meta])* $field:ident, $length:literal, $start:expr; $(
        $name:ident = $byte:literal, $mask:literal, $value:literal, $en:literal, $zh:literal;
    )*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub struct $field([u8; $length]);

        impl $field {
            $(
                #[doc = concat!($en, ", ", $zh)]
                pub const $name: Self = {
                    let mut bytes = [0; $length];
                    bytes[$byte - 1] = $value;
                    Self(bytes)
                };
            )*

            /// What its bits say.
            pub const BITS: &'static [$crate::Bit] = &[
                $($crate::Bit { byte: $byte, mask: $mask, value: $value, en: $en, zh: $zh }),*
            ];

            /// A field of these bytes.
            #[must_use]
            #[inline]
            pub const fn new(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            #[inline]
            pub const fn bytes(self) -> [u8; $length] {
                self.0
            }

            /// Whether one of these bits is set.
            #[must_use]
            #[inline]
            pub fn has(self, bits: Self) -> bool {
                self.0.iter().zip(bits.0).any(|(own, bit)| own & bit != 0)
            }

            /// Sets these bits.
            #[inline]
            pub fn set(&mut self, bits: Self) {
                for (own, bit) in self.0.iter_mut().zip(bits.0) {
                    *own |= bit;
                }
            }

            /// Clears these bits.
            #[inline]
            pub fn clear(&mut self, bits: Self) {
                for (own, bit) in self.0.iter_mut().zip(bits.0) {
                    *own &= !bit;
                }
            }
        }

        impl Default for $field {
            #[inline]
            fn default() -> Self {
                Self($start)
            }
        }

        impl core::ops::BitOr for $field {
            type Output = Self;

            #[inline]
            fn bitor(mut self, other: Self) -> Self {
                self.set(other);
                self
            }
        }
    };
}
pub(crate) use bit_field;
