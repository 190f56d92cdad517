//! One command, through the faults to the card and back.

use std::time::Duration;

use sscard_faults::{After, Before, Faults};

use sscard_host::TransportError;

use super::{Given, SlotContent};
use crate::event::NoAnswer;
use crate::problem::Problem;

/// Lets the card carry a command out; what it became is kept before anything is given.
pub(super) fn carry(
    content: &mut SlotContent,
    faults: &mut Faults,
    command: &[u8],
    now: Duration,
) -> Result<Given, Problem> {
    let mut sent = command.to_vec();
    match faults.command(&mut sent, now) {
        Before::Removed => return Ok(Given::Nothing(NoAnswer::Removed)),
        Before::Mute(_) => return Ok(Given::Nothing(NoAnswer::Mute)),
        Before::Answer { answer, delay } => {
            return Ok(Given::Answer { response: answer, delay, removed: false });
        }
        Before::Reset => return Ok(Given::Nothing(NoAnswer::Reset)),
        Before::Send { cut } => {
            if let Some(written) = cut {
                content.card.cut_power_after(written);
            }
        }
    }
    let mut response = Vec::new();
    match content.card.transmit(&sent, &mut response) {
        Ok(()) | Err(TransportError::Removed) => {}
        Err(TransportError::NotKept(refusal)) => return Err(Problem::Failed(refusal.to_string())),
        // Whatever else hinders a card of anybody's: the reader gets no answer.
        Err(_) => return Ok(Given::Nothing(NoAnswer::Mute)),
    }
    content.keep(Some(&sent))?;
    if !content.card.is_powered() {
        return Ok(Given::Nothing(NoAnswer::Unpowered));
    }
    Ok(match faults.answer(&sent, &mut response) {
        After::Answer { delay, removed } => Given::Answer { response, delay, removed },
        After::Removed => Given::Nothing(NoAnswer::Removed),
        After::Mute { .. } => Given::Nothing(NoAnswer::Mute),
    })
}
