//! Errors on command: what happens to a character or to a block on its way, and to which.

mod text;

pub use text::DisturbanceError;

use crate::block::{ErrorDetection, PROLOGUE};
use crate::character::{Character, Etu};
use crate::line::Sender;

/// Which part of what one side sends, counted from 1 since [`Line::disturb`](crate::Line::disturb).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spot {
    /// The n-th character.
    Character(u64),
    /// The n-th turn: a block on T=1, what is sent until the other side answers on T=0.
    Turn(u64),
    /// The n-th character of the next answer to reset, which counts as neither.
    AnswerToReset(u64),
}

/// What happens to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Damage {
    /// A parity bit that does not fit; of a turn, the one of its last character.
    Parity,
    /// These bits are turned round, the parity bit fits again.
    Bits(u8),
    /// It never arrives.
    Lost,
    /// It arrives twice.
    Doubled,
    /// The last byte of the block's epilogue is complemented.
    WrongChecksum,
    /// N(S) of an I-block, N(R) of an R-block is the other one, the epilogue fits.
    WrongSequence,
    /// It comes so much later.
    Late(Etu),
    /// It comes so much earlier; closer than a guard time to the one before, it destroys itself.
    Early(Etu),
}

/// One error on the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disturbance {
    /// Whose character or block.
    pub sender: Sender,
    /// Which one.
    pub place: Spot,
    /// What happens.
    pub damage: Damage,
}

/// How much has gone over the line.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Counters {
    characters: [u64; 2],
    turns: [u64; 2],
    /// Whether the reader has sent and the card has not answered yet.
    is_readers_turn: bool,
    /// Characters that the reader has heard.
    pub(crate) heard: u64,
}

/// What becomes of a turn on its way.
#[derive(Default)]
pub(crate) struct Passed {
    pub(crate) arriving: Vec<Character>,
    /// Places in `arriving` of bytes that were not sent so, or not sent there.
    pub(crate) altered: Vec<usize>,
    /// Places in what was sent of what does not arrive.
    pub(crate) lost: Vec<usize>,
}

impl Counters {
    /// An answer to reset on its way.
    pub(crate) fn pass_atr(turn: Vec<Character>, disturbances: &mut Vec<Disturbance>) -> Passed {
        let length = u64::try_from(turn.len()).unwrap_or(u64::MAX);
        struck(turn, disturbances, ErrorDetection::Lrc, |one| match (one.sender, one.place) {
            (Sender::Card, Spot::AnswerToReset(n)) if (1..=length).contains(&n) => {
                Some(usize::try_from(n.saturating_sub(1)).ok())
            }
            _ => None,
        })
    }

    /// A turn on its way. What happened is taken from the list.
    /// `continues`: the reader's turn lasts until the card answers.
    pub(crate) fn pass(
        &mut self,
        sender: Sender,
        turn: Vec<Character>,
        disturbances: &mut Vec<Disturbance>,
        checked: ErrorDetection,
        continues: bool,
    ) -> Passed {
        let side = usize::from(sender == Sender::Card);
        let (characters, turns) = (self.characters.get_mut(side), self.turns.get_mut(side));
        let (Some(characters), Some(turns)) = (characters, turns) else {
            return Passed { arriving: turn, ..Passed::default() };
        };
        let is_same = continues && self.is_readers_turn && sender == Sender::Reader;
        *turns = turns.saturating_add(u64::from(!is_same));
        self.is_readers_turn = sender == Sender::Reader;
        let first = characters.saturating_add(1);
        let length = u64::try_from(turn.len()).unwrap_or(u64::MAX);
        *characters = characters.saturating_add(length);
        let (last, this) = (*characters, *turns);
        struck(turn, disturbances, checked, |one| match one.place {
            _ if one.sender != sender => None,
            Spot::Character(n) if (first..=last).contains(&n) => {
                Some(usize::try_from(n.saturating_sub(first)).ok())
            }
            Spot::Turn(n) if n == this => Some(None),
            _ => None,
        })
    }
}

/// What becomes of a turn. `place`: where in it a disturbance strikes, `Some(None)` for all of it.
fn struck(
    mut turn: Vec<Character>,
    disturbances: &mut Vec<Disturbance>,
    checked: ErrorDetection,
    place: impl Fn(&Disturbance) -> Option<Option<usize>>,
) -> Passed {
    let sent = turn.clone();
    let (mut lost, mut doubled, mut comes_twice) = (Vec::new(), Vec::new(), false);
    disturbances.retain(|one| {
        match place(one) {
            None => return true,
            Some(Some(place)) => strike(&mut turn, place, one.damage, &mut lost, &mut doubled),
            Some(None) if one.damage == Damage::Doubled => comes_twice = true,
            Some(None) => strike_all(&mut turn, one.damage, checked, &mut lost),
        }
        false
    });
    let mut arriving = Vec::with_capacity(turn.len());
    let mut altered = Vec::new();
    let mut late = 0;
    for ((place, mut character), sent) in turn.into_iter().enumerate().zip(sent) {
        if lost.contains(&place) {
            // Its time passes all the same.
            late = character.after.saturating_add(late);
            continue;
        }
        character.after = character.after.saturating_add(core::mem::take(&mut late));
        if character.byte != sent.byte {
            altered.push(arriving.len());
        }
        arriving.push(character);
        if doubled.contains(&place) {
            altered.push(arriving.len());
            arriving.push(character);
        }
    }
    if comes_twice {
        altered.extend(arriving.len()..arriving.len().saturating_mul(2));
        arriving.extend_from_within(..);
    }
    Passed { arriving, altered, lost }
}

fn strike(
    turn: &mut [Character],
    place: usize,
    damage: Damage,
    lost: &mut Vec<usize>,
    doubled: &mut Vec<usize>,
) {
    let Some(character) = turn.get_mut(place) else { return };
    match damage {
        Damage::Parity => character.is_sound = false,
        Damage::Bits(bits) => character.byte ^= bits,
        Damage::Lost => lost.push(place),
        Damage::Doubled => doubled.push(place),
        Damage::WrongChecksum => character.byte = !character.byte,
        Damage::WrongSequence => character.byte ^= sequence_bit(character.byte),
        Damage::Late(time) => character.after = character.after.saturating_add(time),
        Damage::Early(time) => character.after = character.after.saturating_sub(time),
    }
}

fn strike_all(
    turn: &mut [Character],
    damage: Damage,
    checked: ErrorDetection,
    lost: &mut Vec<usize>,
) {
    let doubled = &mut Vec::new();
    let last = turn.len().saturating_sub(1);
    match damage {
        Damage::Lost => lost.extend(0..turn.len()),
        Damage::Late(_) | Damage::Early(_) => strike(turn, 0, damage, lost, doubled),
        Damage::WrongSequence => {
            let body = turn.len().saturating_sub(checked.length());
            let mut bytes: Vec<u8> =
                turn.iter().take(body).map(|character| character.byte).collect();
            if let (Some(pcb), true) = (bytes.get_mut(1), body >= PROLOGUE) {
                *pcb ^= sequence_bit(*pcb);
                checked.append(&mut bytes);
                for (character, byte) in turn.iter_mut().zip(bytes) {
                    character.byte = byte;
                }
            }
        }
        Damage::Bits(_) => strike(turn, 0, damage, lost, doubled),
        Damage::Parity | Damage::Doubled | Damage::WrongChecksum => {
            strike(turn, last, damage, lost, doubled);
        }
    }
}

/// N(S) of an I-block, N(R) of an R-block; an S-block has none.
const fn sequence_bit(pcb: u8) -> u8 {
    match pcb {
        0x00..=0x7F => 0x40,
        0x80..=0xBF => 0x10,
        _ => 0x00,
    }
}
