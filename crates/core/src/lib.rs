//! The card: a plain value that turns command bytes into response bytes.
//!
//! ```text
//! bytes ──► Card::transmit ──► bytes
//!            │  Channel   volatile state, one per logical channel
//!            │  Applet    meaning: the social security application, or an integrator's own
//!            └─ Nvm       persistent state, journalled, can lose power at any byte
//! ```
//!
//! What enters: command APDUs, power events, a profile and a holder at personalisation, an image.
//! What leaves: response APDUs and images. There is no I/O, no clock and no randomness of the
//! operating system: the same image and the same commands give the same bytes.
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
// A plan, and the memory, have the same shape without the features that use all of it.
#![cfg_attr(
    not(all(feature = "financial", feature = "image", feature = "pki")),
    allow(dead_code, unused_imports)
)]

extern crate alloc;

mod access;
mod account;
mod applet;
mod card;
pub mod catalogue;
mod chaining;
mod channel;
mod command;
mod drbg;
mod fault;
#[cfg(feature = "financial")]
mod financial;
mod fs;
mod holder;
pub mod identifiers;
#[cfg(feature = "image")]
mod image;
pub mod inspect;
mod interface;
mod key;
mod life_cycle;
mod manage_channel;
mod mixer;
mod nvm;
mod personalise;
mod pin;
#[cfg(feature = "pki")]
mod pki;
mod profile;
mod psam;
mod residents;
mod secure_messaging;
mod segmentation;
mod select;
mod social;
mod state;

pub use access::{AccessRule, KeyId};
pub use account::{Account, AccountKeys, AccountRecord, TransactionKeys};
pub use applet::{Applet, AppletKey, AppletPin, Context, Memory, PlainCommand, Reply};
pub use card::{
    AnswerToReset, Card, CardDigest, CardSession, ChannelSession, PowerLost, RegisterError,
    Removed, VerifiedPin,
};
pub use holder::{Holder, HolderError, ItemOverride};
#[cfg(feature = "image")]
pub use image::{CardImage, Change, ImageEnd, ImageError, LoadedImage, SalvagedImage};
pub use interface::Interface;
pub use life_cycle::LifeCycle;
pub use nvm::Torn;
pub use personalise::{
    CardKey, Keys, PersonalisationError, PsamKeys, answer_to_reset, historical_bytes, personalise,
    personalise_in,
};
pub use profile::{
    Blueprint, ControlObject, CryptogramElement, CryptogramPlan, DataObject, DedicatedFile,
    DirectoryState, ElementaryFile, FinancialApplication, FinancialOptions, FinancialPlan,
    FinancialRecord, KeyAlgorithm, KeyPurpose, KeySlot, Log, OwnNames, Path, PinDigits, PkiKeyPair,
    PkiPin, PkiPlan, ProcessingOptions, Profile, ProfileError, PsamKeySlot, PsamPlan, PursePlan,
    ResponseMethod, SharedKeys, SmSupport, Structure,
};
pub use secure_messaging::{ChallengeProtection, Protection};
pub use sscard_apdu::Protocol;
#[cfg(feature = "financial")]
pub use state::PaymentState;
pub use state::{DeliveryState, FileState, KeyState, PsamState, PurseState, StateError};

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
