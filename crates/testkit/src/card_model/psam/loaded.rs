//! BFDE, BFEC and 80FA: a card's key that is loaded, and what is computed with it.

use sscard_apdu::StatusWord;
use sscard_crypto::{Key, SessionKey, Suite};

use super::{Plan, plan};
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// What stays loaded until something else is, a DF is selected or power goes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Loaded {
    /// The card's key.
    key: [u8; 16],
    /// What its session key is made of; `None`: it is used itself.
    random: Option<Vec<u8>>,
    /// Where a MAC over several commands stands.
    chain: Option<Vec<u8>>,
}

impl Loaded {
    pub(super) fn has_chain(&self) -> bool {
        self.chain.is_some()
    }

    /// A card's key or its session key, in the middle of a MAC or not: 0 to 3.
    pub(super) fn state(&self) -> usize {
        usize::from(self.random.is_some()) * 2 + usize::from(self.chain.is_some())
    }

    /// What MACs are made with: the session key, or the card's key as a transaction certificate takes it.
    fn mac_key(&self, suite: Suite) -> SessionKey {
        let key = Key::new(self.key);
        match &self.random {
            Some(random) => suite.session_key(&key, random),
            None => suite.certificate_key(&key),
        }
    }
}

/// Classes of usage bytes: 02 the purse's, 07 the ministry's, 08 the province's.
const PURSE: u8 = 0x02;

/// The card's key: from the factors of the card, of its city, of its province, as many as there are; the last one first.
pub(super) fn diversify(suite: Suite, key: [u8; 16], factors: &[[u8; 8]]) -> [u8; 16] {
    let key = factors.iter().rev().fold(Key::new(key), |key, factor| suite.diversify(&key, factor));
    *key.expose()
}

/// LOAD SESSION KEY: factors, random, perhaps a version. LOAD KEY: no random.
pub(super) fn load(plain: Plain<'_>, is_session: bool, stand: &mut Stand<'_>) -> Outcome {
    let (usage, id) = (plain.p1, plain.p2);
    let (levels, class) = (usize::from(usage >> 5), usage & 0x1F);
    if !(1..=3).contains(&levels) || !matches!(class, PURSE | 0x07 | 0x08) {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    let plan = plan(stand)?;
    let suite = plan.suite()?;
    let random = if is_session { suite.block_length() } else { 0 };
    let wanted = levels * 8 + random;
    let version = match plain.data.len().checked_sub(wanted) {
        Some(0) => None,
        Some(1) => plain.data.last().copied(),
        _ => return Err(StatusWord::WRONG_LENGTH),
    };
    if class == PURSE {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    let key = find(plan, &stand.lasting.psam.keys, [usage, id], version);
    let key = key.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    let (factors, rest) = plain.data.split_at(levels * 8);
    let (factors, _) = factors.as_chunks::<8>();
    let mut key = diversify(suite, key, factors);
    if Plan::is_short(usage, id) {
        key = *suite.single(&Key::new(key)).expose();
    }
    let random = is_session.then(|| rest[..random].to_vec());
    stand.channel.loaded = Some(Box::new(Loaded { key, random, chain: None }));
    Ok(StatusWord::SUCCESS)
}

/// The key of this name and version; without one the lowest that is there.
fn find(
    plan: &Plan,
    keys: &[Option<[u8; 16]>],
    name: [u8; 2],
    version: Option<u8>,
) -> Option<[u8; 16]> {
    let mut places = plan.names.get(&name)?.iter();
    match version {
        Some(version) => keys[*places.find(|place| plan.slots[**place].version == version)?],
        None => places.find_map(|place| keys[*place]),
    }
}

/// CIPHER: whole blocks, each by itself (00, 02); a MAC, whole (05) or in parts (07, 03, 01).
pub(super) fn compute(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let (is_mac, begins, ends) = match plain.p1 {
        0x00 | 0x02 => (false, false, false),
        0x05 => (true, true, true),
        0x07 => (true, true, false),
        0x03 => (true, false, false),
        0x01 => (true, false, true),
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    let suite = plan(stand)?.suite()?;
    let block = suite.block_length();
    let loaded = stand.channel.loaded.as_mut().ok_or(StatusWord::COMMAND_NOT_ACCEPTED)?;
    let is_whole = |bytes: &[u8]| !bytes.is_empty() && bytes.len().is_multiple_of(block);
    if !is_mac {
        let mut blocks = plain.data.to_vec();
        let done = match &loaded.random {
            Some(_) => loaded.mac_key(suite).encipher_blocks(&mut blocks),
            None => suite.encipher_blocks(&Key::new(loaded.key), &mut blocks),
        };
        if !done {
            return Err(StatusWord::WRONG_LENGTH);
        }
        answer.extend(&blocks);
        return Ok(StatusWord::SUCCESS);
    }
    let (mut chain, blocks) = if begins {
        let split = plain.data.split_at_checked(block);
        let (initial, blocks) = split.ok_or(StatusWord::WRONG_LENGTH)?;
        (initial.to_vec(), blocks)
    } else {
        let chain = loaded.chain.clone();
        (chain.ok_or(StatusWord::COMMAND_NOT_ACCEPTED)?, plain.data)
    };
    if !is_whole(blocks) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let key = loaded.mac_key(suite);
    for piece in blocks.chunks(block) {
        chain.iter_mut().zip(piece).for_each(|(byte, next)| *byte ^= next);
        let _ = key.encipher_blocks(&mut chain);
    }
    if ends {
        answer.extend(&mac_of(suite, &chain));
    }
    loaded.chain = (!ends).then_some(chain);
    Ok(StatusWord::SUCCESS)
}

/// Four bytes of the last block: the first with triple DES, the words XORed with SM4 (part 4 §8.2).
fn mac_of(suite: Suite, block: &[u8]) -> [u8; 4] {
    let words = match suite {
        Suite::TripleDes => &block[..4],
        Suite::Sm4 => block,
    };
    let mut mac = [0; 4];
    for (at, byte) in words.iter().enumerate() {
        mac[at % 4] ^= byte;
    }
    mac
}
