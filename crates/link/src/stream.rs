//! A card's end on a stream of bytes: a pipe, a TCP connection, a pseudo-terminal, a UART.
//!
//! A stream has bytes and no parity bits, no error signal and no etu. A character whose parity is wrong arrives with its lowest bit
//! turned round, which is what a parity bit finds; silence is what the caller says it is. However the bytes of a block come in
//! pieces, it goes over the line as one.
//!
//! What enters: bytes from the reader, and that nothing came for a while. What leaves: the card's bytes.

use sscard_apdu::Protocol;
use sscard_host::{Transport, TransportError};

use crate::block::{Block, PROLOGUE};
use crate::character::{Character, Etu, GUARD_TIME};
use crate::line::Line;
use crate::pps::{self, Pps};

/// Longer than every waiting time of the standard.
const FOR_EVER: Etu = Etu::MAX;

/// A line whose other end is a stream.
pub struct Stream<T> {
    line: Line<T>,
    /// The beginning of a block, or of a PPS request.
    begun: Vec<u8>,
}

impl<T: Transport> Stream<T> {
    /// A stream to this line, whose card has just been powered: its ATR waits in [`take`](Self::take).
    pub const fn new(line: Line<T>) -> Self {
        Self { line, begun: Vec::new() }
    }

    /// The line.
    pub fn line_mut(&mut self) -> &mut Line<T> {
        &mut self.line
    }

    /// Bytes of the reader.
    pub fn give(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.begun.push(*byte);
            let holds = match self.expected() {
                // T=0 has no frames: what is there is sent.
                Expected::Anything => true,
                Expected::Unknown => false,
                Expected::Bytes(count) => self.begun.len() >= count,
            };
            if holds && !self.is_t0() {
                self.pass_on();
            }
        }
        if self.is_t0() {
            self.pass_on();
        }
    }

    /// What the card sends now, each byte with its time since the one before, in etu.
    pub fn take_timed(&mut self) -> Vec<(Etu, u8)> {
        let mut bytes = Vec::new();
        while self.line.is_sending() {
            let Some(character) = self.line.hear(FOR_EVER) else { break };
            bytes.push((character.after, character.byte ^ u8::from(!character.is_sound)));
        }
        bytes
    }

    /// What the card sends now.
    pub fn take(&mut self) -> Vec<u8> {
        self.take_timed().into_iter().map(|(_, byte)| byte).collect()
    }

    /// Nothing came for longer than the card waits for the rest of a block or of a command: it gives that up, and may say so.
    pub fn be_silent(&mut self) {
        self.pass_on();
        self.line.be_silent(FOR_EVER);
    }

    /// The card is powered anew; its ATR waits.
    ///
    /// # Errors
    /// The card cannot be reset.
    pub fn reset(&mut self) -> Result<(), TransportError> {
        self.begun.clear();
        self.line.reset()
    }

    fn pass_on(&mut self) {
        if !self.begun.is_empty() {
            let characters = self.begun.drain(..).map(|byte| Character::new(byte, GUARD_TIME));
            let characters = characters.collect();
            self.line.send(characters);
        }
    }

    fn is_t0(&self) -> bool {
        matches!(self.expected(), Expected::Anything)
    }

    /// How many bytes belong together, by what has come.
    fn expected(&self) -> Expected {
        let card = self.line.card();
        let is_first = card.spoken().is_none();
        if is_first && self.begun.first() == Some(&pps::INITIAL) {
            let length = self.begun.get(1).map(|pps0| Pps::length(*pps0));
            return length.map_or(Expected::Unknown, Expected::Bytes);
        }
        if card.spoken().unwrap_or(card.parameters().protocol) == Protocol::T0 {
            return Expected::Anything;
        }
        let prologue = self.begun.first_chunk::<PROLOGUE>();
        let length = prologue.and_then(|prologue| {
            // LEN = FF announces nothing: the block ends with silence.
            Block::announced(*prologue, card.parameters().checked)
        });
        length.map_or(Expected::Unknown, Expected::Bytes)
    }
}

enum Expected {
    Anything,
    Unknown,
    Bytes(usize),
}
