//! The fuzz targets' bodies: any bytes in, nothing out; a broken promise is a panic.
//!
//! ```text
//! bytes ─► wire formats, profile, image, card, terminal, script, trace ─► panic when an invariant breaks
//! ```
//!
//! A target of `fuzz_targets` is one call into this; the stable test that replays seeds and regressions (`tests/fuzz.rs`) takes
//! this file in as a module and makes the same call. So nothing here says `crate::`.
#![forbid(unsafe_code)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is the finding"
)]
#![allow(unreachable_pub, reason = "public here, and in the test that takes it in not")]

mod card_image;
mod card_raw;
mod card_vs_model;
mod codec;
mod operations;
mod pay_hostile;
mod profile;
mod script;
mod secure_messaging;
mod tear;
mod trace_readers;

pub use card_image::{card_image, framed_image};
pub use card_raw::card_raw;
pub use card_vs_model::card_vs_model;
pub use codec::{apdu_codec, atr, tlv};
pub use operations::card_ops;
// The fuzzer alone tells itself which states it saw.
#[allow(unused_imports, reason = "the stable replay takes in this file, too")]
pub use operations::card_ops_seen;
pub use pay_hostile::pay_hostile;
pub use profile::profile_toml;
pub use script::script_parser;
pub use secure_messaging::secure_messaging;
pub use tear::tear;
pub use trace_readers::trace_readers;

/// A target's body.
pub type FuzzTarget = fn(&[u8]);

/// Name, as the folders of `fuzz/` have it, and body of every target.
pub const ALL: [(&str, FuzzTarget); 13] = [
    ("apdu_codec", apdu_codec),
    ("tlv", tlv),
    ("atr", atr),
    ("card_ops", card_ops),
    ("card_raw", card_raw),
    ("card_image", card_image),
    ("card_vs_model", card_vs_model),
    ("tear", tear),
    ("secure_messaging", secure_messaging),
    ("profile_toml", profile_toml),
    ("pay_hostile", pay_hostile),
    ("script_parser", script_parser),
    ("trace_readers", trace_readers),
];
