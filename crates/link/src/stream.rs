//! A card's end on a stream of bytes: a pipe, a TCP connection, a pseudo-terminal, a UART.
//!
//! A stream has bytes and no parity bits, no error signal and no etu. A character whose parity is wrong arrives with its lowest bit
//! turned round, which is what a parity bit finds; silence is what the caller says it is.
//!
//! What enters: bytes from the reader, and that nothing came for a while. What leaves: the card's bytes.

use sscard_host::{Transport, TransportError};

use crate::character::{Character, Etu, GUARD_TIME};
use crate::line::Line;

/// Longer than every waiting time of the standard.
const FOR_EVER: Etu = Etu::MAX;

/// A line whose other end is a stream.
pub struct Stream<T> {
    line: Line<T>,
}

impl<T: Transport> Stream<T> {
    /// A stream to this line, whose card has just been powered: its ATR waits in [`take`](Self::take).
    pub const fn new(line: Line<T>) -> Self {
        Self { line }
    }

    /// The line.
    pub fn line_mut(&mut self) -> &mut Line<T> {
        &mut self.line
    }

    /// Bytes of the reader, together one turn.
    pub fn give(&mut self, bytes: &[u8]) {
        let characters = bytes.iter().map(|byte| Character::new(*byte, GUARD_TIME)).collect();
        self.line.send(characters);
    }

    /// What the card sends now.
    pub fn take(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while self.line.is_sending() {
            let Some(character) = self.line.hear(FOR_EVER) else { break };
            bytes.push(character.byte ^ u8::from(!character.is_sound));
        }
        bytes
    }

    /// Nothing came for longer than the card waits for the rest of a block or of a command: it gives that up, and may say so.
    pub fn be_silent(&mut self) {
        self.line.be_silent(FOR_EVER);
    }

    /// The card is powered anew; its ATR waits.
    ///
    /// # Errors
    /// The card cannot be reset.
    pub fn reset(&mut self) -> Result<(), TransportError> {
        self.line.reset()
    }
}
