//! Blocks of T=1: prologue, information, epilogue (ISO/IEC 7816-3:2006 §11.3).
//!
//! What enters: bytes of one block. What leaves: [`Block`], or why it is none; and the way back.

use core::fmt;

use crc::{CRC_16_MCRF4XX, Crc};

/// Most bytes in an information field (§11.3.2.3); LEN = FF is reserved.
pub const MAX_INFORMATION: usize = 254;
/// NAD, PCB, LEN.
pub const PROLOGUE: usize = 3;

/// ISO/IEC 13239's polynomial, first value FFFF, without a final complement.
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_MCRF4XX);

/// The epilogue: how a block is checked (§11.3.4).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ErrorDetection {
    /// One byte: exclusive-or of all before.
    #[default]
    Lrc,
    /// Two bytes, the most significant first.
    Crc,
}

impl ErrorDetection {
    /// Bytes of the epilogue.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Lrc => 1,
            Self::Crc => 2,
        }
    }

    /// Appends the epilogue of `block`, which holds prologue and information.
    pub fn append(self, block: &mut Vec<u8>) {
        match self {
            Self::Lrc => block.push(block.iter().fold(0, |sum, byte| sum ^ byte)),
            Self::Crc => block.extend_from_slice(&CRC.checksum(block).to_be_bytes()),
        }
    }

    fn is_right(self, body: &[u8], epilogue: &[u8]) -> bool {
        let mut whole = body.to_vec();
        self.append(&mut whole);
        whole.get(body.len()..) == Some(epilogue)
    }
}

/// What the other side did wrong, as an R-block says it (§11.3.2.2, bits 4 to 1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockFault {
    /// Nothing.
    None,
    /// The epilogue or a parity bit (1).
    Checksum,
    /// Anything else (2).
    Other,
}

/// What an S-block is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Supervision {
    /// Both begin anew with sequence number 0.
    Resynchronise,
    /// The sender can take information fields of INF bytes.
    InformationFieldSize,
    /// The chain is given up.
    Abort,
    /// The card needs INF times the block waiting time.
    WaitingTime,
}

/// PCB (§11.3.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Information for the application.
    Information {
        /// N(S), 0 or 1.
        number: u8,
        /// More of the same chain follows.
        more: bool,
    },
    /// Receive-ready: acknowledges, or asks for a block again.
    Ready {
        /// N(R), the number that is expected next.
        expected: u8,
        /// What was wrong with the block before.
        fault: BlockFault,
    },
    /// A supervisory request.
    Request(Supervision),
    /// The response to one.
    Response(Supervision),
}

/// One block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Node address: source in bits 1 to 3, destination in bits 5 to 7.
    pub nad: u8,
    /// What it is.
    pub kind: Kind,
    /// The information field, at most 254 bytes.
    pub information: Vec<u8>,
}

/// Why bytes are no block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// The epilogue does not fit what is before it.
    #[error("the checksum of the block is wrong")]
    Checksum,
    /// LEN is FF, or another number of bytes came.
    #[error("the block has another length than its LEN says")]
    Length,
    /// The PCB has a reserved value.
    #[error("PCB {0:02X} is reserved")]
    Control(u8),
    /// An R-block with information, or an S-block with what it must not have.
    #[error("the information field does not fit PCB {0:02X}")]
    Information(u8),
    /// Bits 4 and 8 are set, or both addresses are the same and not zero, or it is FF.
    #[error("NAD {0:02X} is none")]
    Address(u8),
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Information { number, more } => (number & 1) << 6 | u8::from(more) << 5,
            Self::Ready { expected, fault } => {
                let fault = match fault {
                    BlockFault::None => 0,
                    BlockFault::Checksum => 1,
                    BlockFault::Other => 2,
                };
                0x80 | (expected & 1) << 4 | fault
            }
            Self::Request(about) => 0xC0 | about.number(),
            Self::Response(about) => 0xE0 | about.number(),
        }
    }

    fn from_byte(pcb: u8) -> Option<Self> {
        Some(match pcb {
            0x00..=0x7F if pcb & 0x1F == 0 => {
                Self::Information { number: pcb >> 6 & 1, more: pcb & 0x20 != 0 }
            }
            0x80..=0xBF if pcb & 0x2C == 0 => Self::Ready {
                expected: pcb >> 4 & 1,
                fault: match pcb & 0x03 {
                    0 => BlockFault::None,
                    1 => BlockFault::Checksum,
                    2 => BlockFault::Other,
                    _ => return None,
                },
            },
            0xC0..=0xDF => Self::Request(Supervision::from_number(pcb & 0x1F)?),
            0xE0..=0xFF => Self::Response(Supervision::from_number(pcb & 0x1F)?),
            _ => return None,
        })
    }

    /// How many bytes its information field has; `None` for any number.
    const fn wants(self) -> Option<usize> {
        match self {
            Self::Information { .. } => None,
            Self::Request(about) | Self::Response(about) => Some(match about {
                Supervision::Resynchronise | Supervision::Abort => 0,
                Supervision::InformationFieldSize | Supervision::WaitingTime => 1,
            }),
            Self::Ready { .. } => Some(0),
        }
    }
}

impl Supervision {
    const fn number(self) -> u8 {
        match self {
            Self::Resynchronise => 0,
            Self::InformationFieldSize => 1,
            Self::Abort => 2,
            Self::WaitingTime => 3,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Resynchronise => "RESYNCH",
            Self::InformationFieldSize => "IFS",
            Self::Abort => "ABORT",
            Self::WaitingTime => "WTX",
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Resynchronise,
            1 => Self::InformationFieldSize,
            2 => Self::Abort,
            3 => Self::WaitingTime,
            _ => return None,
        })
    }
}

/// As people who know T=1 write it: `I(0,1) 32 bytes`, `R(1) checksum`, `S(WTX request) 3`.
impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Information { number, more } => {
                let (length, more) = (self.information.len(), u8::from(more));
                let ending = if length == 1 { "" } else { "s" };
                write!(f, "I({number},{more}) {length} byte{ending}")
            }
            Kind::Ready { expected, fault } => match fault {
                BlockFault::None => write!(f, "R({expected})"),
                BlockFault::Checksum => write!(f, "R({expected}) checksum or parity"),
                BlockFault::Other => write!(f, "R({expected}) other error"),
            },
            Kind::Request(about) => {
                write!(f, "S({} request)", about.name())?;
                self.information.iter().try_for_each(|value| write!(f, " {value}"))
            }
            Kind::Response(about) => {
                write!(f, "S({} response)", about.name())?;
                self.information.iter().try_for_each(|value| write!(f, " {value}"))
            }
        }
    }
}

impl Block {
    /// A block without addresses.
    #[must_use]
    pub const fn new(kind: Kind, information: Vec<u8>) -> Self {
        Self { nad: 0, kind, information }
    }

    /// Its bytes, epilogue included. An information field beyond 254 bytes is cut.
    #[must_use]
    pub fn to_bytes(&self, checked: ErrorDetection) -> Vec<u8> {
        let information =
            self.information.get(..MAX_INFORMATION).unwrap_or(self.information.as_slice());
        let length = u8::try_from(information.len()).unwrap_or(u8::MAX);
        let mut bytes = vec![self.nad, self.kind.byte(), length];
        bytes.extend_from_slice(information);
        checked.append(&mut bytes);
        bytes
    }

    /// The block that all of `bytes` are.
    ///
    /// # Errors
    /// [`BlockError`]: the length is looked at first, then the epilogue, address, control byte and information.
    pub fn parse(bytes: &[u8], checked: ErrorDetection) -> Result<Self, BlockError> {
        let (&[nad, pcb, length], _) = bytes.split_first_chunk().ok_or(BlockError::Length)?;
        let body = PROLOGUE.saturating_add(length.into());
        if length == u8::MAX || bytes.len() != body.saturating_add(checked.length()) {
            return Err(BlockError::Length);
        }
        let (body, epilogue) = bytes.split_at_checked(body).ok_or(BlockError::Length)?;
        if !checked.is_right(body, epilogue) {
            return Err(BlockError::Checksum);
        }
        if nad & 0x88 != 0 || nad != 0 && nad >> 4 == nad & 0x07 {
            return Err(BlockError::Address(nad));
        }
        let kind = Kind::from_byte(pcb).ok_or(BlockError::Control(pcb))?;
        let information = body.get(PROLOGUE..).unwrap_or(&[]).to_vec();
        if kind.wants().is_some_and(|wanted| wanted != information.len()) {
            return Err(BlockError::Information(pcb));
        }
        Ok(Self { nad, kind, information })
    }

    /// How many bytes a block has whose first three these are; `None` when LEN is reserved.
    #[must_use]
    pub fn announced(prologue: [u8; PROLOGUE], checked: ErrorDetection) -> Option<usize> {
        let [_, _, length] = prologue;
        let whole = PROLOGUE.saturating_add(length.into()).saturating_add(checked.length());
        (length != u8::MAX).then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: Kind = Kind::Ready { expected: 1, fault: BlockFault::Checksum };

    #[test]
    fn s11_3_an_information_block_with_lrc() {
        let block = Block::new(Kind::Information { number: 1, more: true }, vec![0x00, 0xA4]);
        assert_eq!(block.to_bytes(ErrorDetection::Lrc), [0x00, 0x60, 0x02, 0x00, 0xA4, 0xC6]);
        assert_eq!(
            Block::parse(&[0x00, 0x60, 0x02, 0x00, 0xA4, 0xC6], ErrorDetection::Lrc),
            Ok(block)
        );
    }

    #[test]
    fn s11_3_4_a_crc_has_the_register_with_the_most_significant_byte_first() {
        // The check value of CRC-16/MCRF4XX: 6F91 for "123456789".
        let mut digits = b"123456789".to_vec();
        ErrorDetection::Crc.append(&mut digits);
        assert_eq!(digits.split_off(9), [0x6F, 0x91]);
    }

    #[test]
    fn s11_3_2_2_control_bytes() {
        for (pcb, kind) in [
            (0x91, Some(READY)),
            (0x82, Some(Kind::Ready { expected: 0, fault: BlockFault::Other })),
            (0xC1, Some(Kind::Request(Supervision::InformationFieldSize))),
            (0xE3, Some(Kind::Response(Supervision::WaitingTime))),
            (0xE2, Some(Kind::Response(Supervision::Abort))),
            (0x83, None),
            (0xA0, None),
            (0x10, None),
            (0xC4, None),
        ] {
            assert_eq!(Kind::from_byte(pcb), kind, "{pcb:02X}");
            if let Some(kind) = kind {
                assert_eq!(kind.byte(), pcb);
            }
        }
    }

    #[test]
    fn blocks_have_the_standards_names() {
        let name = |kind, information: &[u8]| Block::new(kind, information.to_vec()).to_string();
        assert_eq!(name(Kind::Information { number: 1, more: true }, &[0; 32]), "I(1,1) 32 bytes");
        assert_eq!(name(READY, &[]), "R(1) checksum or parity");
        assert_eq!(name(Kind::Ready { expected: 0, fault: BlockFault::None }, &[]), "R(0)");
        assert_eq!(name(Kind::Request(Supervision::WaitingTime), &[3]), "S(WTX request) 3");
        assert_eq!(name(Kind::Response(Supervision::Resynchronise), &[]), "S(RESYNCH response)");
    }

    #[test]
    fn what_is_no_block_says_why() {
        let parse = |bytes: &[u8]| Block::parse(bytes, ErrorDetection::Lrc).unwrap_err();
        assert_eq!(parse(&[0x00, 0x00]), BlockError::Length);
        assert_eq!(parse(&[0x00, 0x00, 0x01, 0x01]), BlockError::Length);
        assert_eq!(parse(&[0x00, 0x00, 0x00, 0x01]), BlockError::Checksum);
        assert_eq!(parse(&[0x11, 0x80, 0x00, 0x91]), BlockError::Address(0x11));
        assert_eq!(parse(&[0x00, 0x80, 0x01, 0x07, 0x86]), BlockError::Information(0x80));
        assert_eq!(parse(&[0x00, 0xC7, 0x00, 0xC7]), BlockError::Control(0xC7));
    }
}
