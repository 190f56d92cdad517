//! The reader's end of T=0 (ISO/IEC 7816-3:2006 §10.3, §12.2).

use sscard_apdu::CommandApdu;
use sscard_host::{Transport, TransportError};

use super::silence;
use crate::character::{GUARD_TIME, TURN_T0, turn};
use crate::line::Line;
use crate::parameters::LineParameters;

/// How often a character is asked for again.
const REPETITIONS: u8 = 4;
/// NULL bytes that are waited for in one command: a card that only asks for time is given up.
const PATIENCE: u32 = 1_000;

/// One command on the line: `61xx` and `6Cxx` are handed on.
pub(super) fn exchange<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
    command: &[u8],
) -> Result<Vec<u8>, TransportError> {
    let apdu = CommandApdu::parse(command)
        .map_err(|error| TransportError::Protocol(format!("not a command: {error}")))?;
    if apdu.extended {
        return Err(TransportError::Protocol("T=0 has no extended length".into()));
    }
    let (&[class, ins, p1, p2], _) = command.split_first_chunk().ok_or(too_short(command))?;
    let data = apdu.data;
    let outgoing = if data.is_empty() { apdu.ne } else { 0 };
    // 256 is 00; what has data keeps its Le to itself.
    let p3 = if data.is_empty() { outgoing } else { data.len() };
    let [p3, ..] = p3.to_le_bytes();
    let guard = parameters.guard_time();
    line.send(turn(&[class, ins, p1, p2, p3], TURN_T0, guard));
    let (mut unsent, mut response) = (data, Vec::new());
    let mut patience = PATIENCE;
    loop {
        let byte = hear(line, parameters)?;
        match byte {
            0x60 => {
                patience = patience.checked_sub(1).ok_or_else(|| {
                    TransportError::Protocol("the card asks for more time without end".into())
                })?;
            }
            0x61..=0x6F | 0x90..=0x9F => {
                response.push(byte);
                response.push(hear(line, parameters)?);
                return Ok(response);
            }
            _ if byte == ins || byte == !ins => {
                let all = byte == ins;
                if unsent.is_empty() {
                    let rest = outgoing.saturating_sub(response.len());
                    if rest == 0 {
                        return Err(unexpected(byte));
                    }
                    for _ in 0..if all { rest } else { 1 } {
                        response.push(hear(line, parameters)?);
                    }
                } else {
                    let count = if all { unsent.len() } else { 1 };
                    let (piece, rest) = unsent.split_at_checked(count).unwrap_or((unsent, &[]));
                    line.send(turn(piece, TURN_T0, guard));
                    unsent = rest;
                }
            }
            _ => return Err(unexpected(byte)),
        }
    }
}

/// The next character; a damaged one is asked for again.
fn hear<T: Transport>(
    line: &mut Line<T>,
    parameters: &LineParameters,
) -> Result<u8, TransportError> {
    let limit = parameters.work_waiting_time().saturating_add(GUARD_TIME);
    for _ in 0..=REPETITIONS {
        let character = line.hear(limit).ok_or_else(|| silence(limit))?;
        if character.is_sound {
            return Ok(character.byte);
        }
        line.ask_again(character);
    }
    Err(TransportError::Protocol(format!("a character is damaged {REPETITIONS} times again")))
}

fn unexpected(byte: u8) -> TransportError {
    TransportError::Protocol(format!("{byte:02X} is no procedure byte that is due here"))
}

fn too_short(command: &[u8]) -> TransportError {
    TransportError::TooShort { bytes: command.len() }
}
