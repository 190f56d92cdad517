//! What somebody asks for at a counter.
//!
//! What enters: a request with what it needs. What leaves: the operation of the capability table that it
//! is, and the reason that rules look at.

use super::Delivery;
use crate::register::NewPerson;
use crate::rules::{Function, Reason};
use crate::{Operation, PointKind};

/// What somebody asks for; [`Desk::perform`](crate::Desk::perform) does it.
#[non_exhaustive]
pub enum Request<'r> {
    /// Collects the card of a batch (D01, D02); no card is on the counter, so the holder is named.
    Collect,
    /// Activates what is activated at the place: both functions at a bank, or its financial one when
    /// the other works already; elsewhere the social security function (D03 to D12).
    Activate,
    /// Activates what is named.
    ActivateBy(Operation),
    /// Modifies the transaction password, six digits each (D13, D15, D16).
    ChangePin {
        /// The old one.
        old: &'r str,
        /// The new one.
        new: &'r str,
    },
    /// Resets the transaction password to 123456 (D14, D16).
    ResetPin,
    /// Modifies the query password, eight digits (D14).
    ChangeQueryPassword {
        /// The new one.
        new: &'r str,
    },
    /// Changes the registered mobile number; kiosk and website ask for the query password (D21).
    ChangeMobile {
        /// The new number, eleven digits.
        mobile: &'r str,
        /// The query password, when it is entered.
        query_password: Option<&'r str>,
    },
    /// Replaces a lost or damaged card (D17, D18).
    Replace {
        /// Which of the two.
        reason: Reason,
        /// Where the new card goes; it is tried before the old one is given up.
        delivery: &'r mut dyn Delivery,
    },
    /// Changes a card for another one (D19, D20).
    ChangeCard {
        /// What changes.
        reason: Reason,
        /// What is printed differently.
        person: NewPerson,
        /// Where the new card goes; it is tried before the old one is given up.
        delivery: &'r mut dyn Delivery,
    },
    /// Cancels the social security function (D20, D22).
    Cancel {
        /// Why.
        reason: Reason,
        /// What becomes of the benefits.
        ending: Ending,
    },
    /// Closes the financial account (D20, D22).
    CloseAccount {
        /// Why.
        reason: Reason,
    },
}

impl Request<'_> {
    /// What somebody comes for, as far as rules look at it.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Replace { reason, .. }
            | Self::ChangeCard { reason, .. }
            | Self::Cancel { reason, .. }
            | Self::CloseAccount { reason } => reason.clone(),
            _ => Reason::None,
        }
    }

    /// The operation that it is at such a place, with a card whose social security function is such.
    pub(super) fn operation(&self, at: PointKind, social: Function) -> Operation {
        match self {
            Self::Collect | Self::Activate => match (at, social) {
                (PointKind::BankBranch, Function::Active) => Operation::ActivateFinancial,
                (PointKind::BankBranch, _) => Operation::ActivateBoth,
                _ => Operation::ActivateSocial,
            },
            Self::ActivateBy(operation) => *operation,
            Self::ChangePin { .. } => Operation::PinChange,
            Self::ResetPin => Operation::PinReset,
            Self::ChangeQueryPassword { .. } => Operation::QueryPinChange,
            Self::ChangeMobile { .. } => Operation::MobileChange,
            Self::Replace { .. } => Operation::Replace,
            Self::ChangeCard { .. } => Operation::ChangeCard,
            Self::Cancel { .. } => Operation::CancelSocial,
            Self::CloseAccount { .. } => Operation::CloseAccount,
        }
    }
}

/// How a holder's time with the card ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ending {
    /// The remaining benefits are paid out at once.
    #[default]
    PaidOut,
    /// They are paid out on another day.
    PaidOutLater,
}
