//! What can be asked for at a desk (业务).

use std::fmt;

/// The operations of the capability table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Operation {
    /// Both functions become active in one step.
    ActivateBoth,
    /// The social security function becomes active.
    ActivateSocial,
    /// The financial function becomes active.
    ActivateFinancial,
    /// The transaction password is modified, the old one being known.
    PinChange,
    /// The transaction password is reset.
    PinReset,
    /// The query password is modified.
    QueryPinChange,
    /// A lost or damaged card is replaced.
    Replace,
    /// A card is changed for another one: printed items, or the bank.
    ChangeCard,
    /// The registered mobile number is changed.
    MobileChange,
    /// The social security function is cancelled.
    CancelSocial,
    /// The financial account is closed.
    CloseAccount,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ActivateBoth,
        Self::ActivateSocial,
        Self::ActivateFinancial,
        Self::PinChange,
        Self::PinReset,
        Self::QueryPinChange,
        Self::Replace,
        Self::ChangeCard,
        Self::MobileChange,
        Self::CancelSocial,
        Self::CloseAccount,
    ];

    /// The name that programs use, such as `pin-change`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActivateBoth => "activate-both",
            Self::ActivateSocial => "activate-social",
            Self::ActivateFinancial => "activate-financial",
            Self::PinChange => "pin-change",
            Self::PinReset => "pin-reset",
            Self::QueryPinChange => "query-pin-change",
            Self::Replace => "replace",
            Self::ChangeCard => "change-card",
            Self::MobileChange => "mobile-change",
            Self::CancelSocial => "cancel-social",
            Self::CloseAccount => "close-account",
        }
    }

    /// The operation of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// What it is, as the subject of a refusal.
    #[must_use]
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::ActivateBoth => "activation of both functions",
            Self::ActivateSocial => "activation of the social security function alone",
            Self::ActivateFinancial => "activation of the financial function",
            Self::PinChange => "modification of the transaction password",
            Self::PinReset => "reset of the transaction password",
            Self::QueryPinChange => "modification of the query password",
            Self::Replace => "replacement",
            Self::ChangeCard => "change of card",
            Self::MobileChange => "change of the mobile number",
            Self::CancelSocial => "cancellation of the social security function",
            Self::CloseAccount => "closing of the financial account",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
