//! Commands to a security module, written from its live state.

use sscard_commands::{class, ins};
use sscard_crypto::{Key, Suite};

use super::Plan;
use crate::card_model::CardModel;
use crate::card_model::channel::{Channel, Next};
use crate::op::OpRecord;

/// A step with a security module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PsamStep {
    /// SELECT of the application by name.
    Select,
    /// SELECT by file identifier.
    SelectFile {
        /// Place among the identifiers that mean something here.
        place: u8,
    },
    /// READ BINARY by short identifier.
    Read {
        /// Which file, and from where.
        place: u8,
        /// Le.
        length: u8,
    },
    /// READ RECORD of the DIR file.
    ReadRecord {
        /// Number or identifier.
        p1: u8,
        /// Mode.
        mode: u8,
    },
    /// GET CHALLENGE.
    Challenge {
        /// Le.
        length: u8,
    },
    /// LOAD SESSION KEY and LOAD KEY.
    Load {
        /// With a random number.
        session: bool,
        /// Place of the key.
        key: u8,
        /// Factors and random number.
        factors: u8,
        /// Name, levels, version: as they are, or wrong.
        how: u8,
    },
    /// CIPHER.
    Cipher {
        /// P1.
        p1: u8,
        /// Blocks.
        blocks: u8,
        /// Whether they are whole.
        right: bool,
    },
    /// INIT SAM FOR PURCHASE.
    InitPurchase {
        /// Version, algorithm, amounts.
        choice: u8,
        /// Factors.
        factors: u8,
    },
    /// CREDIT SAM FOR PURCHASE; mostly INIT SAM FOR PURCHASE, where none was before it.
    CreditPurchase {
        /// Whether MAC2 is right.
        right: bool,
        /// Version, amounts.
        choice: u8,
    },
    /// Whatever is missing for WRITE KEY: SELECT, GET CHALLENGE, the command.
    WriteKey {
        /// Place of the key; the master key.
        key: u8,
        /// Name and cryptogram: as they are, or wrong.
        how: u8,
        /// Whether the MAC is right.
        right: bool,
    },
}

impl PsamStep {
    pub(in crate::card_model) fn decode(record: &OpRecord) -> Self {
        let [_, _, _, which, a, b, c, ..] = *record;
        match which & 0x1F {
            0..=2 => Self::Select,
            3 | 4 => Self::SelectFile { place: a },
            5 | 6 => Self::Read { place: a, length: b },
            7 => Self::ReadRecord { p1: a & 3, mode: b & 7 },
            8 => Self::Challenge { length: [8, 16, 4, 7][usize::from(a) & 3] },
            9..=14 => Self::Load { session: a & 3 != 0, key: b, factors: c, how: a >> 2 },
            15..=20 => Self::Cipher {
                p1: [0, 0, 5, 5, 7, 3, 1, 2, 7, 3, 1, 4][usize::from(a) % 12],
                blocks: b,
                right: c & 7 != 0,
            },
            21..=24 => Self::InitPurchase { choice: a, factors: b },
            25 | 26 => Self::CreditPurchase { right: a & 3 != 0, choice: b },
            _ => Self::WriteKey { key: a, how: b, right: c & 3 != 0 },
        }
    }

    pub(in crate::card_model) fn write(&self, model: &CardModel, channel: u8, out: &mut Vec<u8>) {
        let number = channel;
        let closed = Channel::default();
        let channel = model.channels.get(usize::from(channel)).and_then(Option::as_ref);
        let channel = channel.unwrap_or(&closed);
        let Some(plan) = &model.plan.psam else {
            // No module: that it has none of these is worth a question too.
            out.extend([class::PSAM, ins::LOAD_SESSION_KEY, 0x48, 0x12]);
            return;
        };
        let scene = Scene { model, plan, suite: plan.suite.unwrap_or(Suite::Sm4), channel, number };
        match *self {
            Self::Select => scene.select(out),
            Self::SelectFile { place } => {
                const FIDS: [u16; 9] =
                    [0xDF01, 0x3F00, 0xDDF1, 0x0001, 0x0015, 0x0016, 0x0017, 0x0018, 0xEF05];
                out.extend([number, ins::SELECT, 0x00, 0x00, 2]);
                out.extend(FIDS[usize::from(place) % 9].to_be_bytes());
            }
            Self::Read { place, length } => {
                const FILES: [u8; 6] = [0x15, 0x16, 0x17, 0x18, 0x18, 0x01];
                let sfi = 0x80 | FILES[usize::from(place) % 6];
                let offset = if place & 0x80 == 0 { 0 } else { place & 0x1F };
                out.extend([number, ins::READ_BINARY, sfi, offset, length & 0x0F]);
            }
            Self::ReadRecord { p1, mode } => {
                out.extend([number, ins::READ_RECORD, p1, 0x01 << 3 | mode, 0]);
            }
            Self::Challenge { length } => out.extend([number, ins::GET_CHALLENGE, 0, 0, length]),
            Self::Load { session, key, factors, how } => {
                scene.load(session, key, factors, how, out);
            }
            Self::Cipher { p1, blocks, right } => scene.cipher(p1, blocks, right, out),
            Self::InitPurchase { choice, factors } => scene.begin(choice, factors, out),
            Self::CreditPurchase { right, choice } => scene.credit(right, choice, out),
            Self::WriteKey { key, how, right } => scene.write_key(key, how, right, out),
        }
    }
}

/// Where a command is written.
struct Scene<'m> {
    model: &'m CardModel,
    plan: &'m Plan,
    suite: Suite,
    channel: &'m Channel,
    number: u8,
}

fn factor(choice: u8) -> [u8; 8] {
    [0x86, 0x00, 0x99, 0x99, 0x00, 0x00, 0x00, choice & 3]
}

impl Scene<'_> {
    fn proprietary(&self, ins: u8, p1: u8, data: &[u8], out: &mut Vec<u8>) {
        out.extend([class::PROPRIETARY | self.number, ins, p1, 0x00]);
        out.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        out.extend(data);
    }

    fn is_outside(&self) -> bool {
        self.channel.social.df() != self.plan.application
    }

    fn select(&self, out: &mut Vec<u8>) {
        let name = &self.model.plan.blueprint.dfs[usize::from(self.plan.application)].name;
        out.extend([self.number, ins::SELECT, 0x04, 0x00]);
        out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        out.extend(name);
        out.push(0);
    }

    /// Class BF has no channel bits.
    fn load(&self, session: bool, key: u8, factors: u8, how: u8, out: &mut Vec<u8>) {
        if self.is_outside() && how & 7 != 0 {
            return self.select(out);
        }
        let slot = &self.plan.slots[usize::from(key) * 7 % self.plan.slots.len()];
        let (mut usage, mut id, mut version) = (slot.usage, slot.id, None);
        match how & 0x0F {
            0 => usage ^= 0x20,
            1 => id ^= 0x80,
            2 => usage ^= 0x05,
            3 => version = Some(slot.version + 1),
            4..=7 => version = Some(slot.version),
            _ => {}
        }
        let mut data = Vec::new();
        (0..usage >> 5).for_each(|level| data.extend(factor(factors >> level)));
        if session {
            data.extend([factors; 16].iter().take(self.suite.block_length()));
        }
        data.extend(version);
        let ins = if session { ins::LOAD_SESSION_KEY } else { ins::LOAD_KEY };
        out.extend([class::PSAM, ins, usage, id]);
        out.push(u8::try_from(data.len()).unwrap_or(u8::MAX));
        out.extend(data);
    }

    fn cipher(&self, p1: u8, blocks: u8, right: bool, out: &mut Vec<u8>) {
        if self.channel.loaded.is_none() && blocks & 0x0C != 0 {
            return self.load(right, blocks, p1, 0xFF, out);
        }
        let has_chain = self.channel.loaded.as_ref().is_some_and(|loaded| loaded.has_chain());
        // What goes on with a MAC goes on with one.
        let p1 = if has_chain && p1 == 7 { 3 } else { p1 };
        let length = (usize::from(blocks & 3) + 2) * self.suite.block_length();
        let data = vec![blocks; length - usize::from(!right)];
        self.proprietary(ins::CIPHER, p1, &data, out);
        out.push(0);
    }

    fn begin(&self, choice: u8, factors: u8, out: &mut Vec<u8>) {
        if self.is_outside() && choice & 0x1F != 0 {
            return self.select(out);
        }
        let mut data = vec![factors, 0x11, 0x22, 0x33, 0x00, choice];
        data.extend([0, 0, 1, choice]);
        data.extend([0, 0, 2, factors]);
        data.extend([0, 0, 0, choice]);
        data.push(0x32);
        data.extend([0x20, 0x26, 0x11, 0x24, 0x12, 0x00, 0x00]);
        let version = [1, 2, 3, 1, 2, 3, 1, 4][usize::from(choice & 7)];
        data.push(version);
        data.push(match choice >> 3 & 7 {
            0 => 0x01,
            1 => 0x02,
            _ => self.plan.algorithm,
        });
        let slot = self.plan.slots.iter().find(|slot| (slot.usage & 0x1F, slot.id) == (2, version));
        let levels = slot.map_or(3, |slot| slot.usage >> 5);
        let levels = levels - u8::from(choice >> 6 == 0 && choice & 1 == 0);
        (0..levels).for_each(|level| data.extend(factor(factors >> level)));
        self.proprietary(ins::INIT_SAM_FOR_PURCHASE, 0x00, &data, out);
        out.push(8);
    }

    fn credit(&self, right: bool, choice: u8, out: &mut Vec<u8>) {
        let mut mac = match &self.channel.next {
            Some(Next::Module(purchase)) => purchase.mac2(self.suite),
            _ if choice & 7 != 0 => return self.begin(choice | 0xF8, choice, out),
            _ => [0x5A; 4],
        };
        mac[0] ^= u8::from(!right);
        self.proprietary(ins::CREDIT_SAM_FOR_PURCHASE, 0x00, &mac, out);
    }

    fn write_key(&self, key: u8, how: u8, right: bool, out: &mut Vec<u8>) {
        if self.is_outside() && how & 0x1F != 0 {
            return self.select(out);
        }
        let Some(challenge) = self.channel.challenge.as_ref().filter(|_| how & 0x0F != 1) else {
            out.extend([self.number, ins::GET_CHALLENGE, 0, 0, 16]);
            return;
        };
        let of_master = key & 0x07 == 0;
        let slot = &self.plan.slots[usize::from(key) * 5 % self.plan.slots.len()];
        let mut content = vec![slot.usage, slot.id, slot.version];
        if of_master {
            content = vec![0; 3];
        }
        if how & 0x0F == 2 {
            content[2] ^= 0x08;
        }
        content.extend([key ^ how; 16]);
        let (p1, p2) = if of_master { (0x01, 0x00) } else { (0x00, 0x01) };
        let session = self.suite.session_key(&Key::new(self.model.lasting.psam.master), challenge);
        let mut body = session.encipher(&content).unwrap_or_default();
        if how & 0x0F == 3 {
            // Deciphers to nothing that has a length.
            body.fill(0x11);
        }
        let lc = u8::try_from(body.len() + 4).unwrap_or(u8::MAX);
        let header = [class::PROPRIETARY_PROTECTED, ins::WRITE_KEY, p1, p2, lc];
        let mut mac = session.mac_parts(&[&header, &body]);
        mac[0] ^= u8::from(!right);
        out.extend(header);
        out[0] |= self.number;
        out.extend(body);
        out.extend(mac);
    }
}
