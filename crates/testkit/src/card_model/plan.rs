//! What a card was made from: the plan of its kind, and what does not change of this one.

use sscard_core::{Blueprint, Card};

use super::{payment, pki, psam, purse, social};

/// What does not change.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) blueprint: Blueprint,
    pub(crate) atr: Vec<u8>,
    pub(crate) social: social::Plan,
    pub(crate) payments: Vec<payment::Plan>,
    pub(crate) directories: payment::Directories,
    /// `None` where there is none, and so below.
    pub(crate) purse: Option<purse::Plan>,
    pub(crate) pki: Option<pki::Plan>,
    pub(crate) psam: Option<psam::Plan>,
}

impl Plan {
    pub(crate) fn of(card: &Card) -> Self {
        let mut contact = card.clone();
        contact.disarm_cut();
        let atr = contact.power_on().map(|atr| atr.to_vec()).unwrap_or_default();
        Self {
            blueprint: card.profile().blueprint().clone(),
            atr,
            social: social::Plan::of(card),
            payments: payment::Plan::all(card),
            directories: payment::Directories::of(&card.profile().blueprint().financial),
            purse: purse::Plan::of(card),
            pki: pki::Plan::of(card),
            psam: psam::Plan::of(card),
        }
    }
}
