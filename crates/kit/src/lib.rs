#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "a test fails by panicking"
    )
)]

pub mod apdu;
pub mod card;
pub mod commands;
#[cfg(feature = "desk")]
pub mod desk;
#[cfg(feature = "script")]
pub mod dialect;
pub mod elements;
#[cfg(feature = "std")]
pub mod lexicon;
#[cfg(feature = "std")]
pub mod link;
#[cfg(feature = "std")]
pub mod profile;
#[cfg(feature = "script")]
pub mod script;
#[cfg(feature = "std")]
pub mod terminal;
#[cfg(feature = "script")]
pub mod trace;
#[cfg(feature = "std")]
pub mod transport;

/// The recipes that both sides of the wire share: session keys, MACs, cryptograms, certificates.
///
/// ```
/// use sscard_kit::crypto::{Key, Suite};
///
/// let session = Suite::Sm4.session_key(&Key::new([7; 16]), &[1, 2, 3, 4, 5, 6, 7, 8]);
/// assert_eq!(session.authentication_data(&[0; 8]).len(), 8);
/// ```
pub mod crypto {
    pub use sscard_crypto::*;
}
