//! What outlives the power.

use std::sync::Arc;

use sscard_core::{Card, LifeCycle};

use super::{payment, pki, psam, purse, social};

/// Everything persistent; the parts are shared until they are written to.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lasting {
    /// The whole card: blocked by CARD BLOCK or not.
    pub(crate) is_card_blocked: bool,
    pub(crate) social: Arc<social::Lasting>,
    /// By their place in the plan.
    pub(crate) payments: Arc<Vec<Arc<payment::Lasting>>>,
    pub(crate) purse: purse::Lasting,
    pub(crate) pki: Arc<pki::Lasting>,
    pub(crate) psam: Arc<psam::Lasting>,
}

impl Lasting {
    pub(crate) fn of(card: &Card) -> Self {
        Self {
            is_card_blocked: card.life_cycle() == LifeCycle::CardBlocked,
            social: Arc::new(social::Lasting::of(card)),
            payments: Arc::new(payment::Lasting::all(card)),
            purse: purse::Lasting::of(card),
            pki: Arc::new(pki::Lasting::of(card)),
            psam: Arc::new(psam::Lasting::of(card)),
        }
    }

    /// A payment application's, to be written.
    pub(crate) fn payment_mut(&mut self, place: u8) -> &mut payment::Lasting {
        Arc::make_mut(&mut Arc::make_mut(&mut self.payments)[usize::from(place)])
    }

    pub(crate) fn pki_mut(&mut self) -> &mut pki::Lasting {
        Arc::make_mut(&mut self.pki)
    }

    pub(crate) fn social_mut(&mut self) -> &mut social::Lasting {
        Arc::make_mut(&mut self.social)
    }
}
