//! The card's end of T=1 (ISO/IEC 7816-3:2006 §11.6): chains, acknowledgements, supervision, and the rules by which a
//! damaged block comes again.

use std::collections::VecDeque;

use sscard_host::{Transport, TransportError};

use super::{Behaviour, Mute};
use crate::block::{
    Block, BlockError, BlockFault, ErrorDetection, Kind, MAX_INFORMATION, PROLOGUE, Supervision,
};

/// After so many R-blocks in a row that did not help, the card only listens (§11.6.3.2 rule 7.5).
const ATTEMPTS: u8 = 2;
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];

/// Sequence numbers, chains, and what was sent last.
#[derive(Clone, Debug)]
pub(super) struct CardT1 {
    checked: ErrorDetection,
    /// N(S) of the next I-block it sends.
    number: u8,
    /// N(S) of the next I-block it takes.
    expected: u8,
    /// The other end's information field size.
    ifsd: u8,
    /// Bytes of the block that comes, and whether all were sound.
    received: Vec<u8>,
    is_sound: bool,
    /// What was wrong with the block that just ended: it is said when the line is quiet, since whoever sends may not be at its end.
    damaged: Option<BlockFault>,
    command: Vec<u8>,
    /// Pieces of the answer that were not sent yet.
    pieces: VecDeque<Vec<u8>>,
    /// The I-block that was not acknowledged yet.
    unacknowledged: Option<Block>,
    /// A request of its own that was not answered yet, and those that follow it.
    request: Option<Block>,
    requests: VecDeque<(Supervision, u8)>,
    failures: u8,
    has_begun: bool,
}

impl CardT1 {
    pub(super) fn new(checked: ErrorDetection) -> Self {
        Self {
            checked,
            number: 0,
            expected: 0,
            ifsd: 32,
            received: Vec::new(),
            is_sound: true,
            damaged: None,
            command: Vec::new(),
            pieces: VecDeque::new(),
            unacknowledged: None,
            request: None,
            requests: VecDeque::new(),
            failures: 0,
            has_begun: false,
        }
    }

    /// Takes the next character; the block that is sent after it.
    pub(super) fn accept(
        &mut self,
        byte: u8,
        is_sound: bool,
        behaviour: &Behaviour,
        card: &mut dyn Transport,
    ) -> Result<Vec<u8>, Mute> {
        if self.damaged.is_some() {
            return Ok(Vec::new());
        }
        self.received.push(byte);
        self.is_sound &= is_sound;
        let Some(prologue) = self.received.first_chunk::<PROLOGUE>() else { return Ok(Vec::new()) };
        let Some(length) = Block::announced(*prologue, self.checked) else {
            // LEN = FF announces nothing: the block ends with silence.
            return Ok(Vec::new());
        };
        if self.received.len() < length {
            return Ok(Vec::new());
        }
        let received = core::mem::take(&mut self.received);
        let is_sound = core::mem::replace(&mut self.is_sound, true);
        let block = if is_sound {
            Block::parse(&received, self.checked)
        } else {
            Err(BlockError::Checksum)
        };
        self.damaged = match block {
            Ok(block) => return self.obey(block, behaviour, card),
            Err(BlockError::Checksum) => Some(BlockFault::Checksum),
            Err(_) => Some(BlockFault::Other),
        };
        Ok(Vec::new())
    }

    /// Nothing came for longer than the character waiting time: what came so far is no block.
    pub(super) fn silence(&mut self) -> Vec<u8> {
        let is_broken_off = !self.received.is_empty();
        self.received.clear();
        let fault = if self.is_sound { BlockFault::Other } else { BlockFault::Checksum };
        self.is_sound = true;
        let damaged = self.damaged.take().or(is_broken_off.then_some(fault));
        damaged.map_or_else(Vec::new, |fault| self.refuse(fault))
    }

    fn obey(
        &mut self,
        block: Block,
        behaviour: &Behaviour,
        card: &mut dyn Transport,
    ) -> Result<Vec<u8>, Mute> {
        let nad = block.nad.rotate_left(4);
        match block.kind {
            Kind::Request(Supervision::Resynchronise) => {
                let checked = self.checked;
                let ifsd = self.ifsd;
                *self = Self { ifsd, has_begun: self.has_begun, ..Self::new(checked) };
                Ok(self.answer(nad, Supervision::Resynchronise, Vec::new()))
            }
            Kind::Request(Supervision::InformationFieldSize) => match *block.information {
                [size @ 1..=0xFE] => {
                    self.ifsd = size;
                    Ok(self.answer(nad, Supervision::InformationFieldSize, vec![size]))
                }
                _ => Ok(self.refuse(BlockFault::Other)),
            },
            Kind::Request(Supervision::Abort) => {
                self.command.clear();
                self.pieces.clear();
                self.unacknowledged = None;
                self.request = None;
                self.requests.clear();
                Ok(self.answer(nad, Supervision::Abort, Vec::new()))
            }
            // Only a card asks for time.
            Kind::Request(Supervision::WaitingTime) => Ok(self.refuse(BlockFault::Other)),
            Kind::Response(about) => Ok(self.answered(nad, about, &block.information)),
            // Rule 7.3: a request that gets something else than its response is sent again.
            Kind::Information { .. } | Kind::Ready { .. } if self.request.is_some() => {
                Ok(self.ask_again())
            }
            Kind::Ready { expected, .. } => Ok(self.ready(nad, expected)),
            Kind::Information { number, more } => {
                if number != self.expected || !self.pieces.is_empty() {
                    return Ok(self.refuse(BlockFault::Other));
                }
                self.failures = 0;
                // It acknowledges the last block of the answer before.
                self.unacknowledged = None;
                self.expected ^= 1;
                self.command.extend_from_slice(&block.information);
                if more {
                    let kind = Kind::Ready { expected: self.expected, fault: BlockFault::None };
                    return Ok(self.send(&Block { nad, kind, information: Vec::new() }));
                }
                self.carry_out(nad, behaviour, card)
            }
        }
    }

    fn carry_out(
        &mut self,
        nad: u8,
        behaviour: &Behaviour,
        card: &mut dyn Transport,
    ) -> Result<Vec<u8>, Mute> {
        let command = core::mem::take(&mut self.command);
        let mut response = Vec::new();
        match card.transmit(&command, &mut response) {
            Ok(()) => {}
            // Fewer than four bytes are a block, and no command.
            Err(TransportError::TooShort { .. }) => response = WRONG_LENGTH.to_vec(),
            Err(error) => return Err(Mute::Failed(error)),
        }
        if response.is_empty() {
            return Err(Mute::Silent);
        }
        let size = usize::from(self.ifsd).clamp(1, MAX_INFORMATION);
        self.pieces = response.chunks(size).map(<[u8]>::to_vec).collect();
        let first = !core::mem::replace(&mut self.has_begun, true);
        let size = behaviour.information_field_size.filter(|_| first);
        self.requests =
            size.map(|size| (Supervision::InformationFieldSize, size)).into_iter().collect();
        let wait = (Supervision::WaitingTime, behaviour.waiting_time_multiplier);
        self.requests.extend((0..behaviour.waiting_time_requests).map(|_| wait));
        Ok(self.proceed(nad))
    }

    /// Its next request, or the answer when there is none.
    fn proceed(&mut self, nad: u8) -> Vec<u8> {
        let Some((about, value)) = self.requests.pop_front() else { return self.next_piece(nad) };
        let block = Block { nad, kind: Kind::Request(about), information: vec![value] };
        self.request = Some(block.clone());
        self.send(&block)
    }

    fn ready(&mut self, nad: u8, expected: u8) -> Vec<u8> {
        let Some(sent) = &self.unacknowledged else {
            // It has nothing to repeat: the command did not arrive.
            let kind = Kind::Ready { expected: self.expected, fault: BlockFault::None };
            return self.send(&Block { nad, kind, information: Vec::new() });
        };
        if expected != self.number {
            return self.send(sent);
        }
        if self.pieces.is_empty() {
            return self.refuse(BlockFault::Other);
        }
        self.failures = 0;
        self.next_piece(nad)
    }

    fn next_piece(&mut self, nad: u8) -> Vec<u8> {
        let Some(information) = self.pieces.pop_front() else { return Vec::new() };
        let kind = Kind::Information { number: self.number, more: !self.pieces.is_empty() };
        self.number ^= 1;
        let block = Block { nad, kind, information };
        self.unacknowledged = Some(block.clone());
        self.send(&block)
    }

    fn ask_again(&mut self) -> Vec<u8> {
        self.request.clone().map_or_else(Vec::new, |block| self.send(&block))
    }

    /// The response to a request of its own.
    fn answered(&mut self, nad: u8, about: Supervision, information: &[u8]) -> Vec<u8> {
        let Some(asked) = &self.request else { return self.refuse(BlockFault::Other) };
        if asked.kind != Kind::Request(about) || asked.information != information {
            return self.ask_again();
        }
        self.request = None;
        self.failures = 0;
        self.proceed(nad)
    }

    fn answer(&mut self, nad: u8, about: Supervision, information: Vec<u8>) -> Vec<u8> {
        self.failures = 0;
        self.send(&Block { nad, kind: Kind::Response(about), information })
    }

    /// Asks for the block again; in vain too often, the card is silent.
    fn refuse(&mut self, fault: BlockFault) -> Vec<u8> {
        if self.failures >= ATTEMPTS {
            return Vec::new();
        }
        self.failures = self.failures.saturating_add(1);
        if self.request.is_some() {
            return self.ask_again();
        }
        let kind = Kind::Ready { expected: self.expected, fault };
        self.send(&Block::new(kind, Vec::new()))
    }

    fn send(&self, block: &Block) -> Vec<u8> {
        block.to_bytes(self.checked)
    }
}
