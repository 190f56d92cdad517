//! 84D4: a key that comes under the master key, or a new master key.

use std::sync::Arc;

use sscard_apdu::StatusWord;
use sscard_commands::class;
use sscard_crypto::{Key, proves};

use super::plan;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// Length byte, usage, identifier, version, key: what is enciphered.
const CONTENT: usize = 1 + 3 + 16;

/// WRITE KEY: cryptogram and MAC under a session key of the master key and the challenge; a wrong MAC costs a try of the master key.
pub(super) fn write(plain: Plain<'_>, of_master: bool, stand: &mut Stand<'_>) -> Outcome {
    let plan = plan(stand)?;
    let suite = plan.suite()?;
    let length = CONTENT.next_multiple_of(suite.block_length());
    if plain.data.len() != length + 4 {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let (body, mac) = plain.data.split_at(length);
    let left = stand.lasting.psam.master_tries.checked_sub(1);
    let left = left.ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
    let challenge = stand.channel.challenge.take();
    let challenge = challenge.ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let master = Key::new(stand.lasting.psam.master);
    let session = suite.session_key(&master, &challenge);
    stand.at_once(|lasting| psam(lasting).master_tries = left);
    let lc = u8::try_from(plain.data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    // The class of the basic channel, whichever it comes on.
    let header = [class::PROPRIETARY_PROTECTED, plain.ins, plain.p1, plain.p2, lc];
    if !proves(&session.mac_parts(&[&header, body]), mac) {
        return Err(StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS);
    }
    stand.at_once(|lasting| psam(lasting).master_tries = plan.master_tries);
    let content = session.decipher(body).ok_or(StatusWord::INCORRECT_DATA)?;
    let [usage, id, version, key @ ..] = &content[..] else {
        return Err(StatusWord::INCORRECT_DATA);
    };
    let key: [u8; 16] = key.try_into().map_err(|_| StatusWord::INCORRECT_DATA)?;
    let name = [*usage, *id, *version];
    if of_master {
        if name != [0; 3] {
            return Err(StatusWord::INCORRECT_DATA);
        }
        psam(stand.lasting).master = key;
    } else {
        let is_it = |slot: &sscard_core::PsamKeySlot| [slot.usage, slot.id, slot.version] == name;
        let place = plan.slots.iter().position(is_it);
        let place = place.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
        psam(stand.lasting).keys[place] = Some(key);
    }
    Ok(StatusWord::SUCCESS)
}

fn psam(lasting: &mut crate::card_model::lasting::Lasting) -> &mut super::Lasting {
    Arc::make_mut(&mut lasting.psam)
}
