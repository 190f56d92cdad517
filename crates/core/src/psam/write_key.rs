//! WRITE KEY: keys that come enciphered under the module's master key.

use sscard_apdu::StatusWord;

use super::Keys;
use super::command::Target;
use crate::applet::{Context, PlainCommand};
use crate::profile::PsamArea;

/// Usage, identifier, version, the key's 16 bytes.
const PLAIN: usize = 19;
/// Length of a MAC.
const MAC: usize = 4;

/// WRITE KEY (`84 D4 00 01`, of the master key `84 D4 01 00`): after GET CHALLENGE, the cryptogram of usage
/// byte, identifier, version (1 each) and the key (16), and a MAC over header and cryptogram, both under the
/// session key of the master key and the challenge, as commands on cards are protected. For the master key the
/// first three bytes are 00. A key goes to a place that the module has for it, in place of the one that is there
/// or not \[choice: the parts are those of the family's tools\].
///
/// A wrong MAC costs a try of the master key, counted before the comparison.
///
/// # Status
/// `9000`; `6700`; `6983` the master key is locked; `6984` no challenge; `6985` the module's application is not
/// selected; `6988` wrong MAC; `6A80` the cryptogram holds no key; `6A81`; `6A86`; `6A88` no place for this key.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9; part 4 §8 for MAC and cryptogram.
pub(super) fn write(
    context: &mut Context<'_>,
    command: &PlainCommand<'_>,
    target: Target,
    data: &[u8],
) -> Result<StatusWord, StatusWord> {
    let keys = Keys::of(context)?;
    // Length byte and key, filled to whole blocks.
    let enciphered = PLAIN.saturating_add(1).next_multiple_of(keys.suite.block_length());
    let (body, mac) = data.split_last_chunk::<MAC>().ok_or(StatusWord::WRONG_LENGTH)?;
    if body.len() != enciphered {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let tries = keys.address.saturating_add(PsamArea::MASTER_TRIES);
    let left = context.nvm.tries(tries).checked_sub(1);
    let left = left.ok_or(StatusWord::AUTHENTICATION_METHOD_BLOCKED)?;
    let challenge = context.channel.challenge.take();
    let challenge = challenge.ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let session = keys.suite.session_key(&keys.master(context.nvm), challenge.given());
    let lc = u8::try_from(data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let class = sscard_commands::class::PROPRIETARY_PROTECTED;
    let header = [class, command.ins, command.p1, command.p2, lc];
    context.nvm.write_through(tries, left)?;
    if !session.verify_mac(&[&header, body], mac) {
        return Err(StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS);
    }
    context.nvm.write_through(tries, keys.plan.master_tries)?;
    let plain = session.decipher(body).ok_or(StatusWord::INCORRECT_DATA)?;
    let ([usage, id, version], key) =
        plain.split_first_chunk::<3>().ok_or(StatusWord::INCORRECT_DATA)?;
    let key: &[u8; 16] = key.try_into().map_err(|_| StatusWord::INCORRECT_DATA)?;
    match target {
        Target::MasterKey => {
            if [*usage, *id, *version] != [0; 3] {
                return Err(StatusWord::INCORRECT_DATA);
            }
            context.nvm.write(keys.address.saturating_add(PsamArea::MASTER), key)?;
        }
        Target::Key => {
            let place =
                keys.place(|slot| (slot.usage, slot.id, slot.version) == (*usage, *id, *version));
            let place = place.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
            context.nvm.write(place, &[1])?;
            context.nvm.write(place.saturating_add(1), key)?;
        }
    }
    Ok(StatusWord::SUCCESS)
}
