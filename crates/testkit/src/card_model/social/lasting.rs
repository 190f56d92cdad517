//! What the social security function keeps without power.

use sscard_core::{Card, LifeCycle};

/// Its persistent state.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lasting {
    pub(crate) environment: LifeCycle,
}

impl Lasting {
    pub(crate) fn of(card: &Card) -> Self {
        Self { environment: card.life_cycle() }
    }
}
