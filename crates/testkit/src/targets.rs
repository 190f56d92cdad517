//! The fuzz targets' bodies: any bytes in, nothing out; a broken promise is a panic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is the finding"
)]

mod card_image;
mod card_raw;
mod codec;
mod pay_hostile;
mod profile;
mod script;
mod trace_readers;

pub use card_image::{card_image, framed_image};
pub use card_raw::card_raw;
pub use codec::{apdu_codec, atr, tlv};
pub use pay_hostile::pay_hostile;
pub use profile::profile_toml;
pub use script::script_parser;
pub use trace_readers::trace_readers;

/// A target's body.
pub type FuzzTarget = fn(&[u8]);

/// Name, as the folders of `fuzz/` have it, and body of every target.
pub const ALL: [(&str, FuzzTarget); 9] = [
    ("apdu_codec", apdu_codec),
    ("tlv", tlv),
    ("atr", atr),
    ("card_raw", card_raw),
    ("card_image", card_image),
    ("profile_toml", profile_toml),
    ("pay_hostile", pay_hostile),
    ("script_parser", script_parser),
    ("trace_readers", trace_readers),
];
