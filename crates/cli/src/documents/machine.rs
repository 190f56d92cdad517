//! `readers --json`, `doctor --json`, `repair --json`.

use serde::Serialize;

#[cfg(any(test, feature = "pcsc"))]
use super::unit::Hex;

/// The PC/SC readers of this machine.
#[cfg(any(test, feature = "pcsc"))]
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReadersDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Readers, in the order of the service.
    pub(crate) readers: Vec<ShownReader>,
}

/// A reader.
#[cfg(any(test, feature = "pcsc"))]
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownReader {
    /// Its name.
    pub(crate) name: String,
    /// Its card's answer to reset; `null` without a card.
    pub(crate) atr: Option<Hex>,
    /// Whether another program has its card for itself.
    pub(crate) exclusive: bool,
}

/// What happens at the readers: one document a line, as it happens.
#[cfg(any(test, feature = "pcsc"))]
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReaderEventDocument {
    /// `reader_added`, `reader_removed`, `card_inserted`, `card_removed`, `service_lost` or `service_back`.
    pub(crate) event: &'static str,
    /// The reader. Absent for events of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reader: Option<String>,
    /// Answer to reset. Only for `card_inserted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) atr: Option<Hex>,
    /// Why. Only for `service_lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// What this machine lacks to use PC/SC.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DoctorDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Whether nothing is missing.
    pub(crate) ready: bool,
    /// What was looked at.
    pub(crate) checks: Vec<DoctorCheck>,
}

/// One thing that was looked at.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DoctorCheck {
    /// `package`, `driver`, `build`, `daemon`, `permission` or `port`; `system` where PC/SC is another one.
    pub(crate) check: &'static str,
    /// `ok`, `note` (PC/SC can be used all the same) or `missing`.
    pub(crate) state: &'static str,
    /// What was found.
    pub(crate) finding: String,
    /// The command that mends it; `null` where there is nothing to mend.
    pub(crate) remedy: Option<String>,
}

/// The last sound state of a damaged image.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RepairDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Sound changes behind the image that the new one includes.
    pub(crate) changes: usize,
    /// Bytes at the end that it does not include.
    pub(crate) lost_bytes: usize,
    /// What is damaged; `null` when only a change that was never answered is lost, or nothing.
    pub(crate) damage: Option<String>,
}
