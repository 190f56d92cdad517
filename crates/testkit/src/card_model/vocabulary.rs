//! The commands that mean something to a card, and how they are written from the model's live state.

use sscard_commands::ins;

use super::select::named;
use super::social::command as social;
use super::{CardModel, PkiStep, PsamStep, PurseStep, payment};
use crate::op::OpRecord;

/// A meaningful command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CardCommand {
    /// SELECT by file identifier.
    SelectFile {
        /// P1: 0, 1 or 2.
        p1: u8,
        /// The identifier.
        fid: u16,
    },
    /// SELECT of what the plan names at this place.
    SelectName {
        /// Place among all names, taken modulo their number.
        place: u8,
        /// How many bytes of the name are left out at its end.
        shorter: u8,
        /// The next one of this name.
        next: bool,
    },
    /// GET CHALLENGE.
    Challenge {
        /// Le.
        length: u8,
    },
    /// GET RESPONSE.
    Fetch {
        /// Le.
        le: u8,
    },
    /// A command of a payment.
    Payment(payment::PaymentCommand),
    /// MANAGE CHANNEL.
    Channel {
        /// P1.
        p1: u8,
        /// P2.
        p2: u8,
    },
    /// A command of the social security function.
    Social(social::SocialCommand),
    /// With the medical purse.
    Purse(PurseStep),
    /// With the PKI application.
    Pki(PkiStep),
    /// With a security module.
    Module(PsamStep),
}

/// File identifiers that lead somewhere, in some card.
const IDENTIFIERS: [u16; 16] = [
    0x3F00, 0xDDF1, 0xDF01, 0xDF02, 0xDF03, 0xDF04, 0xDF07, 0xEF05, 0xEF06, 0xEF07, 0xEF08, 0xEF09,
    0xEF0A, 0xEF15, 0xEF16, 0xEF19,
];

impl CardCommand {
    pub(super) fn decode(record: &OpRecord) -> Self {
        let [_, _, which, a, b, ..] = *record;
        // The third byte chooses the application, the rest is its own: what is not an application's is common to
        // all.
        match which {
            0x00..=0x5F => Self::Social(social::SocialCommand::decode(record)),
            0x80..=0xAF => Self::Payment(payment::PaymentCommand::decode(record)),
            0xB0..=0xBF => Self::Purse(PurseStep::decode(record)),
            0xC0..=0xCF => Self::Pki(PkiStep::decode(record)),
            0xD0..=0xDF => Self::Module(PsamStep::decode(record)),
            _ => Self::common(which, a, b),
        }
    }

    fn common(which: u8, a: u8, b: u8) -> Self {
        match which % 8 {
            0 | 1 => Self::SelectFile { p1: b % 3, fid: IDENTIFIERS[usize::from(a) % 16] },
            2 | 3 => Self::SelectName { place: a, shorter: b & 3, next: b & 0x80 != 0 },
            4 => Self::Challenge { length: [4, 8, 8, 16, 8, 7][usize::from(a) % 6] },
            5 => Self::Fetch { le: a },
            _ => Self::Channel { p1: if a & 1 == 0 { 0x00 } else { 0x80 }, p2: b % 5 },
        }
    }

    pub(super) fn write(&self, model: &CardModel, channel: u8, out: &mut Vec<u8>) {
        match *self {
            Self::Social(command) => command.write(model, channel, out),
            Self::Purse(ref step) => step.write(model, out),
            Self::Pki(ref step) => step.write(model, channel, out),
            Self::Module(ref step) => step.write(model, channel, out),
            Self::Payment(ref command) => command.write(model, channel, out),
            Self::SelectFile { p1, fid } => {
                out.extend([channel, ins::SELECT, p1, 0, 2]);
                out.extend(fid.to_be_bytes());
            }
            Self::SelectName { place, shorter, next } => {
                let count = named(&model.plan).count();
                let found = named(&model.plan).nth(usize::from(place) % count);
                let name = found.map_or(&[][..], |(_, name)| name);
                let name = &name[..name.len().saturating_sub(shorter.into())];
                out.extend([channel, ins::SELECT, 0x04, if next { 0x02 } else { 0x00 }]);
                if !name.is_empty() {
                    out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
                    out.extend(name);
                }
                out.push(0);
            }
            Self::Challenge { length } => out.extend([channel, ins::GET_CHALLENGE, 0, 0, length]),
            Self::Fetch { le } => out.extend([channel, ins::GET_RESPONSE, 0, 0, le]),
            Self::Channel { p1, p2 } => {
                out.extend([channel, ins::MANAGE_CHANNEL, p1, p2]);
                if [p1, p2] == [0, 0] {
                    out.push(1);
                }
            }
        }
    }
}
