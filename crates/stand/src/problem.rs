//! Why something asked for cannot be done.

/// Happening went wrong, by who can do something about it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Happening was asked for is wrong in itself: no hex, no fault, no such field.
    #[error("{0}")]
    Wrong(String),
    /// There is no such slot, snapshot, card or profile.
    #[error("{0}")]
    Unknown(String),
    /// It does not go with what is: no card in the slot, a card that is in use.
    #[error("{0}")]
    Conflict(String),
    /// Happening was waited for did not come in time.
    #[error("{0}")]
    Late(String),
    /// The card's file takes nothing, or the card has failed.
    #[error("{0}")]
    Failed(String),
}
