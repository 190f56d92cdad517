//! Commands of a payment, written from the live transaction.
//!
//! What enters: records, and the model's state. What leaves: the next step of a transaction most of the time, any other of its commands
//! the rest of it; right values three times out of four.

mod live;
mod reading;
mod script;
mod terminal;

use sscard_commands::ins;

use crate::card_model::CardModel;
use crate::op::OpRecord;
pub(in crate::card_model) use live::{Live, command};
pub(crate) use script::ScriptCommand;
pub(crate) use terminal::Terminal;

/// A command of a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaymentCommand {
    /// What comes next in a transaction.
    Proceed {
        /// Which way it goes on.
        choice: u8,
        /// What the terminal says.
        terminal: Terminal,
        /// What the issuer wants.
        script: ScriptCommand,
    },
    /// SELECT of a payment application.
    Select {
        /// Its place, taken modulo their number.
        place: u8,
    },
    /// GET PROCESSING OPTIONS.
    Options(Terminal),
    /// GET CHALLENGE.
    Challenge {
        /// Le.
        length: u8,
    },
    /// INTERNAL AUTHENTICATE.
    Sign(Terminal),
    /// GENERATE AC.
    Generate {
        /// P1.
        p1: u8,
        /// Whether the data answer CDOL2.
        second: bool,
        /// What the terminal says.
        terminal: Terminal,
    },
    /// EXTERNAL AUTHENTICATE.
    Answer {
        /// How right it is.
        choice: u8,
    },
    /// READ RECORD.
    Read {
        /// Of what.
        choice: u8,
        /// Which one.
        number: u8,
    },
    /// GET DATA.
    Data {
        /// Which object.
        choice: u8,
    },
    /// VERIFY.
    Verify {
        /// How right it is.
        choice: u8,
        /// What is wrong with it.
        seed: u8,
    },
    /// An issuer script.
    Script(ScriptCommand),
}

impl PaymentCommand {
    pub(in crate::card_model) fn decode(record: &OpRecord) -> Self {
        let [_, _, _, what, choice, rest @ ..] = *record;
        let (terminal, script) = (Terminal::decode(rest), ScriptCommand::decode(rest));
        match what {
            0..=129 => Self::Proceed { choice, terminal, script },
            130..=137 => Self::Select { place: choice },
            138..=145 => Self::Options(terminal),
            146..=151 => Self::Challenge { length: [4, 8, 8, 0, 16, 7][usize::from(choice) % 6] },
            152..=183 => Self::Read { choice, number: rest[0] },
            184..=195 => Self::Data { choice },
            196..=207 => Self::Verify { choice, seed: rest[0] },
            208..=223 => Self::Script(script),
            // Signatures take their time.
            224 => Self::Sign(terminal),
            225..=243 => {
                let p1 = [0x40, 0x80, 0x00, 0x40, 0x80, 0x00, 0x40, 0xC0][usize::from(choice & 7)];
                Self::Generate { p1, second: choice & 8 != 0, terminal }
            }
            _ => Self::Answer { choice },
        }
    }

    /// Whether it is a selection instead: it means nothing where the channel stands.
    fn leads_in(&self, live: &Live<'_>) -> Option<u8> {
        let place = match *self {
            Self::Read { .. } if live.is_directory => return None,
            Self::Read { choice, .. } | Self::Data { choice } | Self::Verify { choice, .. } => {
                choice
            }
            Self::Script(_) | Self::Sign(_) | Self::Answer { .. } => 0,
            _ => return None,
        };
        (!live.is_selected).then_some(place)
    }

    pub(in crate::card_model) fn write(&self, model: &CardModel, channel: u8, out: &mut Vec<u8>) {
        let Some(live) = Live::of(model, channel) else {
            out.extend([channel, ins::GET_CHALLENGE, 0, 0, 8]);
            return;
        };
        // Two payments at a time need two channels.
        if !live.is_open && !matches!(self, Self::Challenge { .. }) {
            out.extend([0x00, ins::MANAGE_CHANNEL, 0x00, channel]);
            return;
        }
        if let Some(place) = self.leads_in(&live) {
            return select(model, place, channel, out);
        }
        match *self {
            Self::Proceed { choice, terminal, script } => {
                if !live.proceed(choice, terminal, script, channel, out) {
                    select(model, choice, channel, out);
                }
            }
            Self::Select { place } => select(model, place, channel, out),
            Self::Options(terminal) => live.options(terminal, channel, out),
            Self::Challenge { length } => out.extend([channel, ins::GET_CHALLENGE, 0, 0, length]),
            Self::Sign(terminal) => live.sign(terminal, channel, out),
            Self::Generate { p1, second, terminal } => {
                live.generate(p1, second, terminal, channel, out);
            }
            Self::Answer { choice } => live.answer(choice, channel, out),
            Self::Read { choice, number } => live.read(choice, number, channel, out),
            Self::Data { choice } => live.data(choice, channel, out),
            Self::Verify { choice, seed } => live.verify(choice, seed, channel, out),
            Self::Script(script) => script.write(&live, channel, out),
        }
    }
}

/// SELECT of a payment application, mostly of the first.
fn select(model: &CardModel, place: u8, channel: u8, out: &mut Vec<u8>) {
    let plans = &model.plan.payments;
    let place = if place < 192 { 0 } else { usize::from(place) % plans.len() };
    let name = plans[place].application.aid.as_bytes();
    command([channel, ins::SELECT, 0x04, 0x00], name, true, out);
}
