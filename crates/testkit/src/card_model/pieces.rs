//! How an answer comes over a protocol: whole, in pieces, or refused for its Le.
//!
//! # Reference
//! ISO/IEC 7816-3 §12.2 (T=0), 7816-4 §5.3.4 and §11.8.1; spec/social-security.md §8.13; spec/real-cards.md D6 (case 3 over T=1).

use std::ops::Range;

use sscard_apdu::{CommandApdu, Protocol, StatusWord};

use super::answer::{Answer, Unknown};
use super::channel::{Channel, Selected, Waiting};
use super::lasting::Lasting;
use super::pipeline::settle;
use super::plan::Plan;

/// Most bytes of a short answer.
const SHORT: usize = 256;

/// How a command asked for its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) protocol: Protocol,
    pub(super) lenient_le: bool,
    pub(super) selects: bool,
    pub(super) with_data: bool,
    pub(super) repeatable: bool,
    pub(super) ne: usize,
    pub(super) extended: bool,
}

enum Way {
    Whole,
    First(usize),
    Nothing,
    /// It waits; 61xx says how much, or a warning goes first.
    Waits,
    Refused,
}

fn way(length: usize, asked: Asked) -> Way {
    if length == 0 {
        return Way::Whole;
    }
    match asked.protocol {
        Protocol::T0 if asked.with_data || asked.selects || length > SHORT => Way::Waits,
        Protocol::T0 => match if asked.ne == 0 { SHORT } else { asked.ne } {
            ne if ne == length => Way::Whole,
            ne if asked.lenient_le => Way::First(ne.min(length)),
            _ => Way::Refused,
        },
        Protocol::T1 => {
            let ne = if asked.ne == 0 && asked.with_data { SHORT } else { asked.ne };
            let fits_no_piece = length > SHORT && !(asked.extended && asked.ne == 0);
            if ne >= length {
                Way::Whole
            } else if asked.selects && ne == 0 {
                Way::Nothing
            } else if !asked.repeatable || fits_no_piece {
                Way::Waits
            } else {
                Way::Refused
            }
        }
    }
}

/// Whether an answer of this length is refused for its Le, so that nothing has happened.
pub(super) fn is_refused(length: usize, asked: Asked) -> bool {
    matches!(way(length, asked), Way::Refused)
}

/// Writes what comes at once.
#[expect(clippy::too_many_arguments, reason = "an answer meets here all that decides on its way")]
pub(super) fn finish(
    plan: &Plan,
    lasting: &mut Lasting,
    channel: &mut Channel,
    asked: Asked,
    mut answer: Answer,
    status: StatusWord,
    answered: &[u8],
    expected: &mut Vec<u8>,
) -> Result<(), String> {
    let length = answer.data.len();
    let mut seen = Vec::new();
    let mut give = |answer: &mut Answer, length: usize| {
        seen = fill(answer, 0..length, answered);
        expected.extend_from_slice(&answer.data[..length]);
        status
    };
    let status = match way(length, asked) {
        Way::Whole => give(&mut answer, length),
        Way::First(ne) => give(&mut answer, ne),
        Way::Nothing => status,
        Way::Refused => StatusWord::with_exact_ne(length),
        Way::Waits => {
            channel.waiting = Waiting { answer, given: 0 };
            let is_first = asked.protocol == Protocol::T0 && (asked.with_data || asked.selects);
            // A warning goes first, and the data waits (EMV Book 1 §9.3).
            if is_first && !status.is_success() {
                status
            } else if is_first {
                StatusWord::with_bytes_available(length)
            } else {
                StatusWord::with_bytes_available(length.min(SHORT))
            }
        }
    };
    expected.extend_from_slice(&status.to_bytes());
    settle_all(plan, lasting, channel, &seen)
}

/// GET RESPONSE.
pub(super) fn get_response(
    plan: &Plan,
    lasting: &mut Lasting,
    channel: &mut Channel,
    apdu: &CommandApdu<'_>,
    protocol: Protocol,
    answered: &[u8],
    expected: &mut Vec<u8>,
) -> Result<(), String> {
    let waiting = channel.waiting.length();
    let mut seen = Vec::new();
    let wanted = if apdu.ne == 0 { SHORT } else { apdu.ne };
    let status = if [apdu.p1, apdu.p2] != [0, 0] {
        StatusWord::INCORRECT_P1_P2
    } else if waiting == 0 && channel.selected == Selected::Files {
        // spec/real-cards.md A8.
        StatusWord::NO_PRECISE_DIAGNOSIS
    } else if waiting == 0 {
        StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED
    } else if wanted > waiting && protocol == Protocol::T0 {
        StatusWord::with_exact_ne(waiting)
    } else {
        let start = channel.waiting.given;
        let piece = start..start + wanted.min(waiting);
        seen = fill(&mut channel.waiting.answer, piece.clone(), answered);
        expected.extend_from_slice(&channel.waiting.answer.data[piece.clone()]);
        channel.waiting.given = piece.end;
        match channel.waiting.length() {
            0 => StatusWord::SUCCESS,
            rest => StatusWord::with_bytes_available(rest),
        }
    };
    expected.extend_from_slice(&status.to_bytes());
    settle_all(plan, lasting, channel, &seen)
}

fn settle_all(
    plan: &Plan,
    lasting: &mut Lasting,
    channel: &mut Channel,
    seen: &[(Unknown, Vec<u8>)],
) -> Result<(), String> {
    seen.iter().try_for_each(|(what, bytes)| settle(plan, lasting, channel, what, bytes))
}

/// Takes the random bytes of a piece from an answer of the length that had to come; a hole that is seen to its end is settled.
fn fill(answer: &mut Answer, piece: Range<usize>, answered: &[u8]) -> Vec<(Unknown, Vec<u8>)> {
    let mut seen = Vec::new();
    if answer.holes.is_empty() || answered.len() != piece.len() + 2 {
        return seen;
    }
    for hole in &answer.holes {
        for at in hole.place.start.max(piece.start)..hole.place.end.min(piece.end) {
            answer.data[at] = answered[at - piece.start];
        }
        if (piece.start + 1..=piece.end).contains(&hole.place.end) {
            seen.push((hole.what.clone(), answer.data[hole.place.clone()].to_vec()));
        }
    }
    seen
}
