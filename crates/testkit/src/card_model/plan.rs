//! What a card was made from: the plan of its kind, and what does not change of this one.

use sscard_core::{Blueprint, Card};

use super::social;

/// What does not change.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) blueprint: Blueprint,
    pub(crate) atr: Vec<u8>,
    pub(crate) social: social::Plan,
}

impl Plan {
    pub(crate) fn of(card: &Card) -> Self {
        let mut contact = card.clone();
        contact.disarm_cut();
        let atr = contact.power_on().map(|atr| atr.to_vec()).unwrap_or_default();
        Self { blueprint: card.profile().blueprint().clone(), atr, social: social::Plan::of(card) }
    }
}
