//! The commands of the social security function, and how they are written from the live state.
//!
//! What enters: the third byte of a record, which chooses the command, and six more. What leaves: a command that means something where the channel stands; three times of four, where
//! something has to be done first, that: a selection, a challenge, a proof, the PIN.

mod pen;
mod steps;
mod updates;

use sscard_commands::ins;

use crate::card_model::CardModel;
use crate::op::RECORD;
use pen::Pen;

/// A command of the social security function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SocialCommand {
    /// What it asks for.
    pub act: Act,
    /// Whether what is missing for it is done first.
    pub towards: bool,
}

/// How a command is right or wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    /// As it has to be.
    Right,
    /// One byte of what proves something is another.
    Wrong,
    /// A byte of it is missing.
    Short,
    /// There is one more.
    Long,
}

/// Which record of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SocialPlace {
    /// Which file of the current DF, taken modulo their number.
    pub file: u8,
    /// By its short identifier; else the current one.
    pub short: bool,
    /// Low three bits of P2.
    pub mode: u8,
    /// What P1 says: 0 nothing, 1 what comes of itself, 2 and 3 what is there.
    pub by: u8,
    /// Number, which of the identifiers that are there, or an offset.
    pub at: u8,
}

/// What a command asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// SELECT of the DF at a place.
    Directory(u8),
    /// SELECT of the file at a place of the current DF, with this P1.
    File(u8, u8),
    /// READ RECORD, with this Le; FF for none.
    ReadRecord(SocialPlace, u8),
    /// READ BINARY, with this Le; FF for none.
    ReadBinary(SocialPlace, u8),
    /// UPDATE RECORD: by this much another length, of bytes like this, protected or not.
    UpdateRecord(SocialPlace, i8, u8, Option<Truth>),
    /// UPDATE BINARY: so many bytes, like this, protected or not.
    UpdateBinary(SocialPlace, u8, u8, Option<Truth>),
    /// GET CHALLENGE.
    Challenge(u8),
    /// EXTERNAL AUTHENTICATE with the key at a place of the current DF, or the environment's, in this version.
    Prove(u8, u8, Truth),
    /// INTERNAL AUTHENTICATE in this version, with this Le.
    Internal(u8, u8),
    /// VERIFY.
    Verify(Truth),
    /// VERIFY without data.
    Tries,
    /// CHANGE PIN to a PIN by its number.
    Change(u8, Truth),
    /// PIN UNBLOCK.
    Unblock(Truth),
    /// RELOAD PIN with a PIN by its number.
    Reload(u8, Truth),
    /// ACTIVATE FILE or DEACTIVATE FILE.
    Turn(bool),
    /// APPLICATION BLOCK.
    BlockApplication(Truth),
    /// CARD BLOCK.
    BlockCard(Truth),
}

/// PINs by number: short, odd, long, none, and some that are none.
pub(super) const PINS: [&[u8]; 8] = [
    &[0x12, 0x34, 0x56],
    &[0x65, 0x43, 0x21],
    &[0x12, 0x3F],
    &[0x00, 0x00, 0x00],
    &[],
    &[0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56],
    &[0x1A, 0x23, 0x45],
    &[0x12, 0xF4, 0x56],
];

impl Truth {
    /// Mostly right.
    const fn of(byte: u8) -> Self {
        match byte & 0x0F {
            0 => Self::Short,
            1 => Self::Long,
            2..=4 => Self::Wrong,
            _ => Self::Right,
        }
    }
}

impl SocialCommand {
    pub(in crate::card_model) fn decode(record: &[u8; RECORD]) -> Self {
        let [_, _, which, a, b, c, d, e, f, ..] = *record;
        // By number mostly; modes 5 and 6 are for reading, 7 is none.
        let mode = [4, 4, 4, 0, 1, 2, 3, c >> 3 & 7][usize::from(c & 7)];
        let place = SocialPlace { file: a, short: b & 1 == 0, mode, by: c >> 6, at: d };
        let le = [0, 0, 0, 0, 1, 8, e, 0xFF][usize::from(e >> 3 & 7)];
        let truth = Truth::of(f >> 2);
        let cover = (b & 0x06 == 0).then_some(truth);
        let longer = [0, 0, 0, 0, 1, -1, 5, -3][usize::from(e & 7)];
        let act = match which & 0x1F {
            0 => Act::Directory(a),
            1 | 2 => Act::File(a, b % 3),
            3..=7 | 31 => Act::ReadRecord(place, le),
            8 | 9 => Act::ReadBinary(place, le),
            10..=15 => Act::UpdateRecord(place, longer, e, cover),
            16..=18 => Act::UpdateBinary(place, e % 12, e, cover),
            19 => Act::Challenge([8, 4, 8, 16, 8, 16, 4, c][usize::from(b & 7)]),
            20 | 21 => Act::Prove(a, [0, 0, 0, 0, 1, 2, 3, c][usize::from(b & 7)], truth),
            22 => Act::Internal([0, 0, 1, 2, 3, c, 0, 0][usize::from(b & 7)], le),
            23 | 24 => Act::Verify(truth),
            25 => Act::Tries,
            26 => Act::Change(a & 7, truth),
            27 => Act::Unblock(truth),
            28 => Act::Reload(a & 7, truth),
            29 => Act::Turn(a & 3 != 0),
            // What ends something for good is asked for seldom.
            30 if a & 0x3F == 0 => Act::BlockCard(truth),
            30 if a & 0x0F == 1 => Act::BlockApplication(truth),
            _ => Act::Directory(a),
        };
        Self { act, towards: f & 3 != 0 }
    }

    pub(in crate::card_model) fn write(&self, model: &CardModel, channel: u8, out: &mut Vec<u8>) {
        let mut pen = Pen::new(model, channel, out);
        if self.towards && pen.first_needs(self.act) {
            return;
        }
        pen.write(self.act, self.towards);
    }
}

impl Pen<'_> {
    fn write(&mut self, act: Act, towards: bool) {
        match act {
            Act::Directory(place) => self.select_directory(place),
            Act::File(place, p1) => self.select_file(place, p1),
            Act::ReadRecord(place, le) => {
                let (p1, p2) = self.record_parameters(place);
                self.plain(0x00, ins::READ_RECORD, [p1, p2], &[], le);
            }
            Act::ReadBinary(place, le) => {
                let (p1, p2) = self.binary_parameters(place);
                self.plain(0x00, ins::READ_BINARY, [p1, p2], &[], le);
            }
            Act::UpdateRecord(place, longer, fill, cover) => {
                let data = self.new_record(place, longer, fill);
                let (p1, p2) = self.record_parameters(place);
                self.update(ins::UPDATE_RECORD, [p1, p2], &data, cover, towards);
            }
            Act::UpdateBinary(place, length, fill, cover) => {
                let (p1, p2) = self.binary_parameters(place);
                let data = vec![fill; length.into()];
                self.update(ins::UPDATE_BINARY, [p1, p2], &data, cover, towards);
            }
            Act::Challenge(length) => {
                self.plain(0x00, ins::GET_CHALLENGE, [0, 0], &[], length);
            }
            Act::Prove(place, version, truth) => self.prove_by_place(place, version, truth),
            Act::Internal(version, le) => {
                let mut data = [0x5A; 17];
                data[16] = version;
                let data = if version == 0 { &data[..16] } else { &data[..] };
                self.plain(0x00, ins::INTERNAL_AUTHENTICATE, [0, 0], data, le);
            }
            Act::Verify(truth) => self.verify(truth),
            Act::Tries => self.plain(0x00, ins::VERIFY, [0, 0], &[], pen::NO_LE),
            Act::Change(number, truth) => self.change(PINS[usize::from(number)], truth),
            Act::Unblock(truth) => self.protected(0x80, ins::PIN_UNBLOCK, [0, 0], &[], truth),
            Act::Reload(number, truth) => {
                let cipher = self.encipher(PINS[usize::from(number)]);
                self.protected(0x80, ins::PIN_UNBLOCK, [0, 1], &cipher, truth);
            }
            Act::Turn(on) => {
                let ins = if on { ins::ACTIVATE_FILE } else { ins::DEACTIVATE_FILE };
                self.plain(0x00, ins, [0, 0], &[], pen::NO_LE);
            }
            Act::BlockApplication(truth) => {
                self.protected(0x80, ins::APPLICATION_BLOCK, [0, 1], &[], truth);
            }
            Act::BlockCard(truth) => self.protected(0x80, ins::CARD_BLOCK, [0, 0], &[], truth),
        }
    }
}
