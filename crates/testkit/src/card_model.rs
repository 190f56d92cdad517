//! The model of the built-in cards: what the standard says that a card answers, without the card's code.
//!
//! ```text
//! bytes ─► class, channel ─► repertoire ─► chain ─► secure messaging ─► application ─► pieces ─► bytes
//! ```
//!
//! What enters: the plan that a card was made from and what it was personalised with; then commands. What leaves: the exact answer. It shares
//! the wire formats, the cryptography and the tables of instructions and data with the card, and nothing else.

mod answer;
mod channel;
mod lasting;
mod manage_channel;
pub mod payment;
mod pieces;
mod pipeline;
mod pki;
mod plan;
mod psam;
mod purse;
mod select;
pub mod social;
mod stand;
mod vocabulary;

use std::sync::Arc;

use sscard_core::{Card, Interface};

use crate::model::Model;
use crate::op::OpRecord;
use channel::Channel;
use lasting::Lasting;
pub use pki::{PkiCommand, PkiGoal, PkiStep};
use plan::Plan;
pub use psam::PsamStep;
pub use purse::{Money, PurseStep};
pub use vocabulary::CardCommand;

/// The model of a built-in card.
#[derive(Clone)]
pub struct CardModel {
    plan: Arc<Plan>,
    lasting: Lasting,
    channels: Vec<Option<Channel>>,
    interface: Interface,
    powered: bool,
    /// What a power cut during the command that runs may leave, while somebody asks.
    trail: Option<Vec<Lasting>>,
}

impl CardModel {
    /// A model of a card as it is now, without power: of what it was made from and what it was personalised with.
    #[must_use]
    pub fn of(card: &Card) -> Self {
        Self {
            plan: Arc::new(Plan::of(card)),
            lasting: Lasting::of(card),
            channels: vec![Some(Channel::default())],
            interface: Interface::Contact,
            powered: false,
            trail: None,
        }
    }
}

impl CardModel {
    /// The basic channel.
    fn basic(&self) -> Option<&Channel> {
        self.channels.first()?.as_ref()
    }
}

impl PartialEq for CardModel {
    fn eq(&self, other: &Self) -> bool {
        self.lasting == other.lasting
            && self.channels == other.channels
            && self.interface == other.interface
            && self.powered == other.powered
    }
}

impl Model for CardModel {
    type Command = CardCommand;

    fn decode(record: &OpRecord) -> CardCommand {
        CardCommand::decode(record)
    }

    fn write(&self, command: &CardCommand, channel: u8, out: &mut Vec<u8>) {
        command.write(self, channel, out);
    }

    fn exchange(
        &mut self,
        command: &[u8],
        answered: &[u8],
        expected: &mut Vec<u8>,
    ) -> Result<(), String> {
        expected.clear();
        if !self.powered {
            return Ok(());
        }
        self.answer(command, answered, expected)
    }

    fn power_on(&mut self, interface: Interface) -> Option<Vec<u8>> {
        self.power_off();
        self.interface = interface;
        self.powered = true;
        Some(match interface {
            Interface::Contact => self.plan.atr.clone(),
            // PC/SC part 3 §3.1.3.2.3: a type A card without historical bytes.
            Interface::Contactless => vec![0x3B, 0x80, 0x80, 0x01, 0x01],
        })
    }

    fn power_off(&mut self) {
        self.powered = false;
        self.channels.truncate(1);
        self.channels[0] = Some(Channel::default());
    }

    fn cells(&self, cell: &mut dyn FnMut(usize)) {
        self.social_cells(cell);
        self.payment_cells(cell);
        self.purse_cells(cell);
        self.pki_cells(cell);
        self.psam_cells(cell);
        self.quick_cells(cell);
    }

    fn after_cut(&self, command: &[u8]) -> Vec<Self> {
        let mut after = self.clone();
        after.trail = Some(vec![self.lasting.clone()]);
        let mut nothing = Vec::new();
        // What is random in the answer stays unknown: nobody saw it.
        let _ = after.exchange(command, &[], &mut nothing);
        let mut found = after.trail.take().unwrap_or_default();
        found.push(after.lasting.clone());
        let made = found.into_iter().map(|lasting| {
            let mut one = Self { lasting, ..self.clone() };
            one.power_off();
            one
        });
        made.collect()
    }
}
