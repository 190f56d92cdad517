//! What a fault does to bytes. Each gives the action back with all that was drawn decided, or nothing when it cannot be done
//! to these bytes, and then it has not struck.

use sscard_apdu::tlv::Tag;
use sscard_apdu::{CommandApdu, StatusWord};

use super::Faults;
use crate::spec::{Action, ObjectDamage};
use crate::structure;

/// CLA INS P1 P2 Lc.
const HEADER: usize = 5;

impl Faults {
    pub(super) fn bend_answer(&mut self, answer: &mut Vec<u8>, action: Action) -> Option<Action> {
        let (data, status) = answer.split_last_chunk::<2>()?;
        let (data, status) = (data.to_vec(), *status);
        match action {
            Action::StatusWord(other) => {
                *answer = with_status(data, other.to_bytes());
                Some(action)
            }
            Action::Data(ref other) => {
                *answer = with_status(other.clone(), status);
                Some(action)
            }
            Action::Answer(ref other) => {
                answer.clone_from(other);
                Some(action)
            }
            Action::Truncate(length) => {
                answer.truncate(length);
                Some(action)
            }
            Action::Extra(ref extra) => {
                *answer = with_status([&data[..], extra].concat(), status);
                Some(action)
            }
            Action::Flip(bit) => {
                let (bent, bit) = self.flip(data, bit)?;
                *answer = with_status(bent, status);
                Some(Action::Flip(Some(bit)))
            }
            Action::FlipIn(tag, bit) => {
                let bent = structure::edit(&data, tag, self.situation.asked, |value| {
                    turn(value, bit).is_some()
                })?;
                *answer = with_status(bent, status);
                Some(action)
            }
            Action::Add(tag, ref value) => {
                *answer = with_status(structure::add(&data, tag, value)?, status);
                Some(action)
            }
            Action::Size(size) => {
                let mut data = data;
                data.resize(size, 0x00);
                *answer = with_status(data, status);
                Some(action)
            }
            Action::ObjectDamage(kind, tag) => {
                let (bent, tag) = self.damage(&data, kind, tag)?;
                *answer = with_status(bent, status);
                Some(Action::ObjectDamage(kind, Some(tag)))
            }
            Action::Set(tag, ref value) => {
                let bent = structure::set(&data, tag, value, self.situation.asked)?;
                *answer = with_status(bent, status);
                Some(action)
            }
            Action::Count(count) => {
                let word = StatusWord::from_bytes(status);
                if !matches!(word.sw1(), 0x61 | 0x6C) {
                    return None;
                }
                *answer = with_status(data, [word.sw1(), count]);
                Some(action)
            }
            Action::Stale => {
                // Before the first answer there is none to give again.
                (!self.situation.last.is_empty())
                    .then(|| answer.clone_from(&self.situation.last))?;
                Some(action)
            }
            _ => None,
        }
    }

    pub(super) fn bend_command(&mut self, command: &mut Vec<u8>, action: Action) -> Option<Action> {
        match action {
            Action::Truncate(length) => {
                command.truncate(length);
                Some(action)
            }
            Action::Extra(ref extra) => {
                command.extend_from_slice(extra);
                Some(action)
            }
            Action::Data(ref data) => {
                *command = with_data(command, data)?;
                Some(action)
            }
            Action::Set(tag, ref value) => {
                if let Some(place) = self.situation.object_in(command, tag) {
                    let place = command.get_mut(place)?;
                    for (byte, new) in place.iter_mut().zip(value) {
                        *byte = *new;
                    }
                    return Some(action);
                }
                let data = CommandApdu::parse(command).ok()?.data.to_vec();
                *command = with_data(command, &structure::set(&data, tag, value, None)?)?;
                Some(action)
            }
            Action::FlipIn(tag, bit) => {
                if let Some(place) = self.situation.object_in(command, tag) {
                    turn(command.get_mut(place)?, bit)?;
                    return Some(action);
                }
                let data = CommandApdu::parse(command).ok()?.data.to_vec();
                let bent = structure::edit(&data, tag, None, |value| turn(value, bit).is_some())?;
                *command = with_data(command, &bent)?;
                Some(action)
            }
            Action::Flip(bit) => {
                let data = CommandApdu::parse(command).ok()?.data.to_vec();
                let (bent, bit) = self.flip(data, bit)?;
                *command = with_data(command, &bent)?;
                Some(Action::Flip(Some(bit)))
            }
            Action::ObjectDamage(kind, tag) => {
                let data = CommandApdu::parse(command).ok()?.data.to_vec();
                let (bent, tag) = self.damage(&data, kind, tag)?;
                *command = with_data(command, &bent)?;
                Some(Action::ObjectDamage(kind, Some(tag)))
            }
            _ => None,
        }
    }

    /// The bit is drawn when none is named.
    fn flip(&mut self, mut data: Vec<u8>, bit: Option<usize>) -> Option<(Vec<u8>, usize)> {
        let bits = data.len().saturating_mul(8);
        if bits == 0 {
            return None;
        }
        let bit = bit.unwrap_or_else(|| self.chance.below(bits));
        turn(&mut data, bit)?;
        Some((data, bit))
    }

    /// The object is drawn when none is named.
    fn damage(
        &mut self,
        data: &[u8],
        kind: ObjectDamage,
        tag: Option<Tag>,
    ) -> Option<(Vec<u8>, Tag)> {
        if let Some(tag) = tag {
            return structure::damage(data, tag, kind).map(|bent| (bent, tag));
        }
        let tags = structure::tags(data);
        let first = self.chance.below(tags.len());
        // From the drawn one on, the first at which it can be done.
        tags.iter()
            .cycle()
            .skip(first)
            .take(tags.len())
            .find_map(|tag| structure::damage(data, *tag, kind).map(|bent| (bent, *tag)))
    }
}

/// Turns one bit round, counted from the first byte's highest; `None` when there is no such bit.
fn turn(bytes: &mut [u8], bit: usize) -> Option<()> {
    let mask = 0x80_u8.checked_shr(u32::try_from(bit % 8).ok()?)?;
    *bytes.get_mut(bit / 8)? ^= mask;
    Some(())
}

fn with_status(mut data: Vec<u8>, status: [u8; 2]) -> Vec<u8> {
    data.extend_from_slice(&status);
    data
}

/// The same command with other data, Lc fitting, Le as before.
fn with_data(command: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let apdu = CommandApdu::parse(command).ok()?;
    let mut bent = command.get(..4)?.to_vec();
    let le = match apdu.data.len() {
        0 => command.get(4..)?,
        length => command.get(HEADER.saturating_add(length)..)?,
    };
    if apdu.extended || data.len() > 255 {
        let length = u16::try_from(data.len()).ok()?.to_be_bytes();
        bent.push(0x00);
        bent.extend_from_slice(&length);
    } else if !data.is_empty() {
        bent.push(u8::try_from(data.len()).ok()?);
    }
    bent.extend_from_slice(data);
    if !apdu.extended {
        bent.extend_from_slice(le);
    }
    Some(bent)
}
