//! Values with a unit or an encoding.

use serde::Serialize;

/// Bytes in hexadecimal: two upper-case digits a byte, without spaces.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([0-9A-F]{2})*$")))]
pub struct Hex(String);

impl Hex {
    /// These bytes.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(hex::encode_upper(bytes))
    }

    /// What writes itself so: a tag, a status word, a command with stars for what is hidden.
    pub fn written(value: impl ToString) -> Self {
        Self(value.to_string())
    }
}

/// Money in cents of the card's currency (fen).
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fen(i128);

impl Fen {
    /// An amount of any width and sign.
    pub fn of(cents: impl Into<i128>) -> Self {
        Self(cents.into())
    }
}

/// A day of the civil calendar, `YYYY-MM-DD`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))]
pub struct Day(String);

impl Day {
    /// A date, which writes itself so.
    pub fn of(date: impl ToString) -> Self {
        Self(date.to_string())
    }
}
