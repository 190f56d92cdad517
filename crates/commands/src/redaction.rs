//! Which bytes of a command nobody may see: the one place that decides it, by the table of instructions.
//!
//! What enters: a command. What leaves: the part of it that holds a PIN or a key, or the command with zeros there.
//!
//! Invariant owned here: I-9 for bytes. Recorders, traces, reports and what a program prints ask here; text goes through
//! the lexicon's `blank`.

use core::ops::Range;

use sscard_apdu::CommandApdu;

use crate::is_secret;

/// The bytes of a command that hold a PIN or a key, by [`is_secret`].
#[must_use]
pub fn secret_part(command: &[u8]) -> Option<Range<usize>> {
    let [cla, ins] = *command.first_chunk()?;
    if !is_secret(cla, ins) {
        return None;
    }
    let data = match CommandApdu::parse(command) {
        Ok(apdu) => {
            let start = if apdu.extended { 7_usize } else { 5 };
            start..start.saturating_add(apdu.data.len())
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

#[cfg(test)]
mod tests;
