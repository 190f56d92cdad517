//! Operations: what a driver does to a card, and the fixed-width records that stand for them.
//!
//! What enters: any bytes. What leaves: a sequence of operations; every record is a valid one.

use sscard_core::Interface;

/// Bytes of a record.
pub const RECORD: usize = 12;

/// One operation as bytes: its kind, then the parameters.
pub type OpRecord = [u8; RECORD];

/// One operation on a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op<C> {
    /// A meaningful command on a logical channel.
    Send {
        /// 0…3.
        channel: u8,
        /// The command.
        command: C,
        /// How it is spoilt.
        damage: CommandDamage,
        /// Whether 61xx is fetched and 6Cxx repeated.
        follow: bool,
    },
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// Power on, or a reset.
    Reset(Interface),
    /// The power fails after so many bytes written, during whatever comes.
    Cut(u16),
    /// Remembers card and model as they are.
    Snapshot,
    /// Goes back to what was remembered.
    Restore,
    /// Time goes by, in seconds.
    Clock(u32),
}

/// How a command is spoilt on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommandDamage {
    /// Not at all.
    None,
    /// Lc says so much more or less than there is.
    Lc(i8),
    /// No Le, whatever the command has.
    NoLe,
    /// This Le behind the data.
    Le(u8),
    /// Extended lengths.
    Extended,
    /// These bits of the class are turned round.
    Class(u8),
    /// P1 is turned round by these bits.
    P1(u8),
    /// P2 is turned round by these bits.
    P2(u8),
    /// Only so many bytes of it.
    Truncated(u8),
    /// This bit of the data is turned round: of a MAC, a PIN, a tag, counted from the end.
    Flipped(u8),
    /// In two parts, the first of so many bytes.
    Chained(u8),
    /// The first of two parts alone.
    Begun(u8),
}

impl<C> Op<C> {
    /// The operation of a record; `command` reads what is meaningful.
    pub fn decode(record: &OpRecord, command: impl FnOnce(&OpRecord) -> C) -> Self {
        let [kind, how, rest @ ..] = record;
        let [.., a, b] = rest;
        match kind {
            0..=239 => Self::Send {
                channel: if how & 0x70 == 0x70 { how & 0x03 } else { 0 },
                command: command(record),
                damage: if *kind >= 216 {
                    CommandDamage::decode([*a, *b], *how)
                } else {
                    CommandDamage::None
                },
                follow: how & 0x80 == 0,
            },
            240..=242 => {
                let length = usize::from(*how) % (rest.len() + 1);
                Self::Raw(rest[..length].to_vec())
            }
            243..=246 => Self::Reset(if how & 0x03 == 3 {
                Interface::Contactless
            } else {
                Interface::Contact
            }),
            247..=249 => Self::Cut(u16::from_be_bytes([a & 0x01, *b])),
            250..=252 => Self::Snapshot,
            253..=254 => Self::Restore,
            255 => Self::Clock(u32::from(*a) * 60),
        }
    }
}

impl CommandDamage {
    fn decode([a, b]: [u8; 2], how: u8) -> Self {
        match how & 0x0F {
            0 | 1 => Self::Lc(if a & 1 == 0 { 1 } else { -1 }),
            2 => Self::NoLe,
            3 | 4 => Self::Le(a),
            5 => Self::Extended,
            6 => Self::Class(1 << (a & 7)),
            7 => Self::P1(a),
            8 => Self::P2(a),
            9 => Self::Truncated(a & 0x0F),
            10..=12 => Self::Flipped(b),
            13 | 14 => Self::Chained(a & 0x1F),
            _ => Self::Begun(a & 0x1F),
        }
    }

    /// The commands that come of a well-formed one: mostly one, two of a chain.
    #[must_use]
    pub fn apply(self, command: Vec<u8>) -> Vec<Vec<u8>> {
        let mut bytes = command;
        let has_data = bytes.len() > 5;
        let data_end = bytes.get(4).map_or(0, |lc| 5 + usize::from(*lc)).min(bytes.len());
        match self {
            Self::None => {}
            Self::Lc(by) => {
                if let Some(lc) = bytes.get_mut(4) {
                    *lc = lc.wrapping_add_signed(by);
                }
            }
            Self::NoLe if has_data => bytes.truncate(data_end),
            Self::NoLe => bytes.truncate(4),
            Self::Le(le) if has_data => {
                bytes.truncate(data_end);
                bytes.push(le);
            }
            Self::Le(le) => {
                bytes.truncate(4);
                bytes.push(le);
            }
            Self::Extended if has_data => {
                let le = bytes.get(data_end).copied();
                bytes.truncate(data_end);
                bytes.splice(4..4, [0, 0]);
                if let Some(le) = le {
                    bytes.extend([u8::from(le == 0), le]);
                }
            }
            Self::Extended => {
                bytes.truncate(4);
                bytes.extend([0, 0, 0]);
            }
            Self::Class(bits) => bytes[0] ^= bits,
            Self::P1(bits) => bytes[2] ^= bits,
            Self::P2(bits) => bytes[3] ^= bits,
            Self::Truncated(length) => bytes.truncate(usize::from(length)),
            Self::Flipped(bit) => {
                let back = usize::from(bit >> 3) + 1;
                if has_data && data_end >= back + 5 {
                    bytes[data_end - back] ^= 1 << (bit & 7);
                }
            }
            Self::Chained(first) | Self::Begun(first) if has_data => {
                let split = (5 + usize::from(first)).min(data_end);
                let mut part = bytes[..split].to_vec();
                part[0] |= 0x10;
                part[4] = u8::try_from(split - 5).unwrap_or(u8::MAX);
                if part[4] == 0 {
                    part.truncate(4);
                }
                if matches!(self, Self::Begun(_)) {
                    return vec![part];
                }
                let mut last = bytes[..4].to_vec();
                if data_end > split {
                    last.push(u8::try_from(data_end - split).unwrap_or(u8::MAX));
                }
                last.extend_from_slice(&bytes[split..]);
                return vec![part, last];
            }
            Self::Chained(_) | Self::Begun(_) => bytes[0] |= 0x10,
        }
        vec![bytes]
    }
}

/// The records of any bytes; what is left over of the last is filled with 00.
pub fn records(bytes: &[u8]) -> impl Iterator<Item = OpRecord> + '_ {
    bytes.chunks(RECORD).map(|chunk| {
        let mut record = [0; RECORD];
        record[..chunk.len()].copy_from_slice(chunk);
        record
    })
}
