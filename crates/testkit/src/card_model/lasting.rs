//! What outlives the power.

use std::sync::Arc;

use sscard_core::{Card, LifeCycle};

use super::social;

/// Everything persistent; the parts are shared until they are written to.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lasting {
    /// The whole card: blocked by CARD BLOCK or not.
    pub(crate) is_card_blocked: bool,
    pub(crate) social: Arc<social::Lasting>,
}

impl Lasting {
    pub(crate) fn of(card: &Card) -> Self {
        Self {
            is_card_blocked: card.life_cycle() == LifeCycle::CardBlocked,
            social: Arc::new(social::Lasting::of(card)),
        }
    }

    pub(crate) fn social_mut(&mut self) -> &mut social::Lasting {
        Arc::make_mut(&mut self.social)
    }
}
