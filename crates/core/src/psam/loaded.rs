//! A card's key that is loaded for the commands behind it, and what is computed with it.

use core::hash::{Hash, Hasher};

use alloc::vec::Vec;

use sscard_apdu::StatusWord;
use sscard_crypto::{Chaining, Key, SessionKey, Suite};
use zeroize::Zeroizing;

use super::Keys;
use super::command::{KeyName, Operation};
use crate::access::KeyId;
use crate::applet::{Context, Reply};
use crate::catalogue::{PsamClass, psam_key_of};

/// Longest data of a command that loads a key: three factors, a random number, a version.
const LONGEST: usize = 41;

/// What a channel keeps between the commands.
#[derive(Clone, Default)]
pub(super) struct Loaded(Option<Material>);

#[derive(Clone)]
struct Material {
    key: LoadedKey,
    /// Where a MAC over several commands stands.
    chain: Option<Chaining>,
    /// What it was made of, for the digest.
    asked: (KeyName, [u8; LONGEST]),
}

#[derive(Clone)]
enum LoadedKey {
    Session(SessionKey),
    Card { suite: Suite, key: Key, certificate: SessionKey },
}

/// A key follows from what was asked for and the card's memory; a MAC's middle from the data that the terminal
/// sent, of which only that there is one counts here.
impl Hash for Loaded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some(Material { key, chain, asked }) = &self.0 {
            (matches!(key, LoadedKey::Session(_)), chain.is_some(), asked).hash(state);
        }
    }
}

/// LOAD SESSION KEY (`BF DE usage id`): factors of the card, of its city, of its province (8 each, as many
/// as the usage byte says), the random number (a block: 8 with triple DES, 16 with SM4), perhaps a version
/// (1) \[choice\]; without one the lowest version that is there. The card's key is derived, and the session
/// key of the random made of it. It stays loaded until another is, or until a file is selected.
///
/// LOAD KEY (`BF EC usage id`) \[choice: the text names it and no more\]: the same without a random; the
/// card's key itself is loaded, for what no session key is made for.
///
/// # Status
/// `9000`; `6700`; `6985` the module's application is not selected, or the key is one of the purse, which
/// 8070 alone uses; `6A81` the algorithm is not available; `6A86` no usage byte; `6A88` no such key.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9 §7.
pub(super) fn load(
    context: &mut Context<'_>,
    name: KeyName,
    data: &[u8],
    is_session: bool,
) -> Result<StatusWord, StatusWord> {
    let keys = Keys::of(context)?;
    let (factors, rest) = data.as_chunks::<8>().0.split_at_checked(name.levels()).map_or_else(
        || Err(StatusWord::WRONG_LENGTH),
        |(factors, _)| {
            let rest = data.get(factors.len().saturating_mul(8)..);
            Ok((factors, rest.unwrap_or_default()))
        },
    )?;
    let random_length = if is_session { keys.suite.block_length() } else { 0 };
    let (random, version) = match rest.split_at_checked(random_length) {
        Some((random, [])) => (random, None),
        Some((random, [version])) => (random, Some(*version)),
        _ => return Err(StatusWord::WRONG_LENGTH),
    };
    if PsamClass::of_usage(name.usage) == Some(PsamClass::Purse) {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    let key = match version {
        Some(version) => keys.find(context.nvm, |slot| {
            (slot.usage, slot.id, slot.version) == (name.usage, name.id, version)
        }),
        None => {
            let versions = keys.plan.keys.iter();
            let mut versions: Vec<u8> = versions
                .filter(|slot| (slot.usage, slot.id) == (name.usage, name.id))
                .map(|slot| slot.version)
                .collect();
            versions.sort_unstable();
            versions.into_iter().find_map(|version| {
                keys.find(context.nvm, |slot| {
                    (slot.usage, slot.id, slot.version) == (name.usage, name.id, version)
                })
            })
        }
    };
    let key = key.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    let key = keys.diversify(key, factors);
    // A card holds the shorter key for secure messaging.
    let entry = psam_key_of(name.usage, name.id);
    let is_short =
        entry.is_some_and(|entry| matches!(entry.key, KeyId::STK | KeyId::STK_OF_APPLICATION));
    let key = if is_short { keys.suite.single(&key) } else { key };
    let key = if is_session {
        LoadedKey::Session(keys.suite.session_key(&key, random))
    } else {
        let certificate = keys.suite.certificate_key(&key);
        LoadedKey::Card { suite: keys.suite, key, certificate }
    };
    let mut asked = [0; LONGEST];
    asked.iter_mut().zip(data).for_each(|(place, byte)| *place = *byte);
    context.channel.state.set(Loaded(Some(Material { key, chain: None, asked: (name, asked) })));
    Ok(StatusWord::SUCCESS)
}

/// CIPHER (`80 FA P1 00`): blocks or a MAC under the loaded key. P1 00 (02 when more follows): whole blocks,
/// each enciphered by itself. P1 05: an initial value and the whole blocks of a message, padding included;
/// the answer is its MAC, 4 bytes. A longer message begins with 07, goes on with 03, ends with 01. A MAC under
/// a card's key itself is a transaction certificate's.
///
/// # Status
/// `9000`; `6700` no whole blocks; `6901` no key is loaded, or no MAC was begun; `6985` the module's
/// application is not selected; `6A81`; `6A86`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9; the values of P1 beyond 00 and 05 are those of PBOC's module
/// \[choice\].
pub(super) fn compute(
    context: &mut Context<'_>,
    operation: Operation,
    data: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let keys = Keys::of(context)?;
    let Loaded(loaded) = context.state::<Loaded>()?;
    let loaded = loaded.as_mut().ok_or(StatusWord::COMMAND_NOT_ACCEPTED)?;
    let wrong = StatusWord::WRONG_LENGTH;
    match operation {
        Operation::Encipher => {
            let mut blocks = Zeroizing::new(data.to_vec());
            let done = match &loaded.key {
                LoadedKey::Session(key) => key.encipher_blocks(&mut blocks),
                LoadedKey::Card { suite, key, .. } => suite.encipher_blocks(key, &mut blocks),
            };
            if !done {
                return Err(wrong);
            }
            reply.extend(&blocks);
        }
        Operation::Mac { begins, ends } => {
            let (LoadedKey::Session(key) | LoadedKey::Card { certificate: key, .. }) = &loaded.key;
            let (mut chain, blocks) = if begins {
                let split = data.split_at_checked(keys.suite.block_length());
                let (initial, blocks) = split.ok_or(wrong)?;
                (Chaining::new(initial), blocks)
            } else {
                (loaded.chain.clone().ok_or(StatusWord::COMMAND_NOT_ACCEPTED)?, data)
            };
            if !key.chain_blocks(&mut chain, blocks) {
                return Err(wrong);
            }
            if ends {
                reply.extend(&key.chained_mac(&chain));
            }
            loaded.chain = (!ends).then_some(chain);
        }
    }
    Ok(StatusWord::SUCCESS)
}
