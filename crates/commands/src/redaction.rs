//! Which bytes of a command nobody may see: the one place that decides it, by the table of instructions.
//!
//! What enters: a command, and what was answered. What leaves: the part of it that holds a PIN or a key, or the bytes with
//! zeros there.
//!
//! Invariant owned here: I-9 for bytes. Recorders, traces, reports and what a program prints ask here; text goes through
//! the lexicon's `blank`.

use core::ops::Range;

use sscard_apdu::CommandApdu;

use crate::{ins, is_answer_secret, is_secret};

/// The bytes of a command that hold a PIN or a key, by [`is_secret`]; an Le behind them that is not 00 may be
/// their last byte.
#[must_use]
pub fn secret_part(command: &[u8]) -> Option<Range<usize>> {
    let [cla, ins] = *command.first_chunk()?;
    if !is_secret(cla, ins) {
        return None;
    }
    let data = match CommandApdu::parse(command) {
        Ok(apdu) => {
            let start = if apdu.extended { 7_usize } else { 5 };
            let end = start.saturating_add(apdu.data.len());
            // With an Lc that is too small the last digits of a PIN stand where Le does.
            let rest = command.get(end..).unwrap_or_default();
            let is_plain = apdu.data.is_empty() || rest.iter().all(|byte| *byte == 0);
            start..if is_plain { end } else { command.len() }
        }
        // Malformed: better too much than too little.
        Err(_) => 4..command.len(),
    };
    (!data.is_empty() && data.end <= command.len()).then_some(data)
}

/// Overwrites PINs and keys with 00; which bytes those were.
pub fn redact(command: &mut [u8]) -> Option<Range<usize>> {
    let hidden = secret_part(command)?;
    command.get_mut(hidden.clone())?.fill(0);
    Some(hidden)
}

/// Which answers of a session hold secrets: those of commands that have such answers, by
/// [`is_answer_secret`], and those that GET RESPONSE fetches of them, on each logical channel.
///
/// ```
/// use sscard_commands::SecretAnswers;
///
/// let mut answers = SecretAnswers::default();
/// // HASH of the PKI application on T=0, and the hash of the PIN.
/// assert_eq!(answers.part(&[0x80, 0xC4, 0x01, 0x03, 0x05, 0xC1, 0x03, 0x12, 0x34, 0x56], &[0x61, 0x20]), None);
/// assert_eq!(answers.part(&[0x00, 0xC0, 0x00, 0x00, 0x20], &[0xAA; 34]), Some(0..32));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SecretAnswers {
    /// Channels, a bit each, on which the last command but GET RESPONSE has a secret answer.
    pending: u32,
}

impl SecretAnswers {
    /// The part of a response that nobody may see, status word excepted; the exchanges of a session come one after
    /// another.
    pub fn part(&mut self, command: &[u8], response: &[u8]) -> Option<Range<usize>> {
        let cla = *command.first()?;
        let channel = 1_u32 << channel_of(cla);
        if command.get(1) != Some(&ins::GET_RESPONSE) {
            let hides = match command.first_chunk() {
                Some([cla, ins, p1, p2]) => is_answer_secret(*cla, *ins, *p1, *p2),
                None => false,
            };
            self.pending = if hides { self.pending | channel } else { self.pending & !channel };
        }
        let data = 0..response.len().checked_sub(2)?;
        (self.pending & channel != 0 && !data.is_empty()).then_some(data)
    }

    /// Overwrites what [`Self::part`] names with 00; which bytes those were.
    pub fn redact(&mut self, command: &[u8], response: &mut [u8]) -> Option<Range<usize>> {
        let hidden = self.part(command, response)?;
        response.get_mut(hidden.clone())?.fill(0);
        Some(hidden)
    }
}

/// Logical channel of a class byte, ISO/IEC 7816-4 §5.4.1; 0 to 19.
const fn channel_of(cla: u8) -> u8 {
    if cla & 0x40 == 0 { cla & 0x03 } else { (cla & 0x0F).saturating_add(4) }
}

#[cfg(test)]
mod tests;
