//! The card itself: one of ours, or one of anybody's that takes power and commands.

use sscard_core::{Card, Interface, Protocol};
use sscard_host::{SmartCard, TransportError};

use crate::problem::Problem;

/// A card in a slot.
pub enum SlotCard {
    /// One of ours: it can be looked into, changed, kept in a file, taken back to a snapshot.
    Ours(Box<Card>),
    /// One of anybody's.
    Own {
        /// The card.
        card: Box<dyn SmartCard>,
        /// Whether it has power.
        powered: bool,
    },
}

impl SlotCard {
    /// One of ours.
    ///
    /// # Errors
    /// [`Problem::Conflict`] for a card of anybody's.
    pub(crate) fn ours(&self) -> Result<&Card, Problem> {
        match self {
            Self::Ours(card) => Ok(card),
            Self::Own { .. } => Err(not_ours()),
        }
    }

    /// The same, to change it.
    pub(crate) fn ours_mut(&mut self) -> Result<&mut Card, Problem> {
        match self {
            Self::Ours(card) => Ok(card),
            Self::Own { .. } => Err(not_ours()),
        }
    }

    pub(super) fn is_powered(&self) -> bool {
        match self {
            Self::Ours(card) => card.is_powered(),
            Self::Own { powered, .. } => *powered,
        }
    }

    /// By its contacts or in a field, where that is known.
    pub(super) fn interface(&self) -> Option<Interface> {
        self.ours().ok().map(Card::interface)
    }

    pub(super) fn protocol(&self) -> Protocol {
        match self {
            Self::Ours(card) => card.protocol(),
            Self::Own { card, .. } => card.protocol(),
        }
    }

    pub(super) fn atr(&self) -> Vec<u8> {
        match self {
            Self::Ours(card) => card.atr().to_vec(),
            Self::Own { card, .. } => card.atr(),
        }
    }

    /// Powers or resets it; whether it has power then.
    pub(super) fn reset(&mut self) -> bool {
        match self {
            // By its contacts, or in the field when it was there last.
            Self::Ours(card) => card.reset().is_ok(),
            Self::Own { card, powered } => {
                let done = if *powered { card.reset() } else { card.power_on() };
                *powered = done.is_ok();
                *powered
            }
        }
    }

    pub(super) fn power_off(&mut self) {
        match self {
            Self::Ours(card) => card.power_off(),
            Self::Own { card, powered } => {
                *powered = false;
                card.power_off();
            }
        }
    }

    /// No power cut is armed any more. One of anybody's has none.
    pub(super) fn disarm_cut(&mut self) {
        if let Self::Ours(card) = self {
            card.disarm_cut();
        }
    }

    /// Lets the power fail after so many bytes written. What one of anybody's writes is not known: its power fails before the command.
    pub(super) fn cut_power_after(&mut self, bytes: u64) {
        match self {
            Self::Ours(card) => card.cut_power_after(bytes),
            Self::Own { .. } => self.power_off(),
        }
    }

    /// Carries a command out; an answer without bytes is none.
    pub(super) fn transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        response.clear();
        match self {
            Self::Ours(card) => {
                Card::transmit(card, command, response);
                Ok(())
            }
            Self::Own { powered: false, .. } => Err(TransportError::Removed),
            Self::Own { card, powered } => {
                let sent = card.transmit(command, response);
                if sent == Err(TransportError::Removed) {
                    *powered = false;
                }
                if sent.is_err() {
                    response.clear();
                }
                sent
            }
        }
    }
}

fn not_ours() -> Problem {
    let said = "the card is one of your own: it takes power and commands, and has no state to show, to change or to go back to";
    Problem::Conflict(said.into())
}
