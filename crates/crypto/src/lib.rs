//! Cryptographic recipes that a social security card and its terminals share.
//!
//! ```text
//! master Key ─ Suite::diversify, factor ─► Key ─ Suite::session_key, random ─► SessionKey
//! SessionKey ─► authentication data, MAC, cryptogram
//! ```
//!
//! A 16-byte [`Key`] and a random enter, a [`SessionKey`] leaves; it makes authentication data,
//! MACs and cryptograms for one exchange. [`Suite::diversify`] leads from a master key through the
//! factors of [`factor`] to the key of one card. Everything secret is wiped when dropped, printed
//! by nothing and compared in constant time.
//!
//! Clauses are those of 《社会保障（个人）卡规范》, the social security (personal) card
//! specification: part 4 security, part 9 PSAM. A paragraph marked `[choice]` is this simulator's
//! own, not the standard's.

#![no_std]
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

extern crate alloc;

mod algorithm;
mod block;
pub mod card_identification;
mod cipher;
pub mod factor;
pub mod financial;
mod key;
pub mod pki;
mod session;
mod suite;

pub use algorithm::Algorithm;
pub use key::{Key, NULL_CRYPTO, proves, secrets_equal};
pub use session::{Chaining, EncipherError, SessionKey};
pub use suite::Suite;

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
