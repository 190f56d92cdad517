//! Ways to carry bytes to a card, and middleware around them.
//!
//! ```text
//! Follow ─► Recorder ─► InProcess │ PcscReader     (Layers around a Transport: we talk to a card)
//! pcscd's virtual reader ─► vpcd::Slot ─► SmartCard     (the other way round: we are the card)
//! Card ─► CardFile ─► the card's file               (what was answered is kept)
//! ```
//!
//! What enters and leaves are APDUs as bytes; nothing here knows what they mean. A status word is
//! data; only a failed exchange is an error.
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

mod card_file;
mod error;
mod exchange;
mod fault;
mod follow;
mod in_process;
mod layer;
#[cfg(feature = "pcsc")]
pub mod pcsc;
mod recorder;
mod smart_card;
mod transport;
pub mod vpcd;
mod watch;
pub mod whole_file;

pub use card_file::{CardFile, CardFileError, NotKept, Sync, Told};
pub use error::TransportError;
pub use exchange::{Exchange, Redactor, starred};
pub use fault::{FaultInjector, FaultPlan};
pub use follow::Follow;
pub use in_process::InProcess;
pub use layer::Layer;
pub use recorder::{Recorder, Secrets};
pub use smart_card::{CardBehind, KeptCard, PoweredCard, SmartCard, first_protocol};
pub use transport::{Disposition, TakesFaults, Transport};
pub use watch::{ReaderEvent, ReaderInfo, Watch};

/// The README's example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
