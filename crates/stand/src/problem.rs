//! Why something asked for cannot be done.

/// What went wrong, by who can do something about it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// What was asked for is wrong in itself: no hex, no fault, no such field.
    #[error("{0}")]
    Wrong(String),
    /// There is no such slot, snapshot, card or profile.
    #[error("{0}")]
    Unknown(String),
    /// There is no card in the slot.
    #[error("{0}")]
    Empty(String),
    /// Another program, or another slot, has the card.
    #[error("{0}")]
    InUse(String),
    /// It does not go with what is: the card is in the slot already, there is no room for more.
    #[error("{0}")]
    Conflict(String),
    /// The card was taken away or reset, or its power failed, in the place of an answer.
    #[error("{0}")]
    Lost(String),
    /// What was waited for did not come in time.
    #[error("{0}")]
    Late(String),
    /// The card's file takes nothing, or the card has failed.
    #[error("{0}")]
    Failed(String),
}

impl Problem {
    /// Its name, as the API gives it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Wrong(_) => "wrong",
            Self::Unknown(_) => "unknown",
            Self::Empty(_) => "empty",
            Self::InUse(_) => "in_use",
            Self::Conflict(_) => "conflict",
            Self::Lost(_) => "lost",
            Self::Late(_) => "late",
            Self::Failed(_) => "failed",
        }
    }

    pub(crate) fn empty() -> Self {
        Self::Empty("there is no card in the slot".into())
    }

    pub(crate) fn no_snapshot(name: &str) -> Self {
        Self::Unknown(format!("there is no snapshot '{}'", name.escape_debug()))
    }
}
