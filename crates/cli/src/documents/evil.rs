//! `evil list --json`.

use serde::Serialize;

/// Cards that play known attacks.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EvilListDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// All of them, or those that were asked for, in the order of [evil.md](evil.md).
    pub(crate) cards: Vec<ListedEvilCard>,
}

/// An evil card.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ListedEvilCard {
    /// Its name, for `--evil` and `evil show`.
    pub(crate) name: &'static str,
    /// What happens.
    pub(crate) title: &'static str,
    /// The attack that it plays.
    pub(crate) attack: &'static str,
    /// Where that is told of.
    pub(crate) source: &'static str,
    /// Who must catch it: `terminal`, `reader`, `issuer`; `nobody` but the law; `legal`: there is nothing to catch.
    pub(crate) caught_by: Vec<&'static str>,
    /// Its faults.
    pub(crate) faults: Vec<String>,
    /// Profile of the card that takes the place of the built-in one, as TOML; `null` for that one itself.
    pub(crate) card: Option<&'static str>,
    /// What comes of it, in the first way that fits; where none does, what comes of an honest card.
    pub(crate) right: Vec<ListedOutcome>,
}

/// What comes of an evil card in some ways of using it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ListedOutcome {
    /// Words that the way has; empty for every way.
    pub(crate) ways: &'static str,
    /// `approved`, `declined`, `failed`, `try_contact`, `broken`, `read` or `done`.
    pub(crate) outcome: &'static str,
    /// Why; empty when there is nothing to say.
    pub(crate) reason: &'static str,
}
