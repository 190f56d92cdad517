//! What does not change of the application.

use sscard_core::Card;

/// The plan.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Tries of the user's PIN, of the administrator's.
    pub(super) tries: [u8; 2],
}

impl Plan {
    pub(crate) fn of(card: &Card) -> Option<Self> {
        let plan = card.profile().blueprint().pki.as_ref()?;
        let tries = [plan.user.tries, plan.administrator.tries];
        Some(Self { tries })
    }
}
