//! Challenges and authentication of terminal and card.

use sscard_apdu::StatusWord;

use crate::access::KeyId;
use crate::applet::{Context, Reply};
use crate::channel::Challenge;
use crate::command::AuthenticationData;
use crate::key;

/// GET CHALLENGE (INS 84): a random number of 4, 8 or 16 bytes.
///
/// It can be used once, in the DF it was asked for in, and only the latest one counts: it is the process factor of
/// session keys.
///
/// # Status
/// `9000`; `6700` Le is none of 04, 08, 10; `6A86`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
pub(super) fn challenge(
    context: &mut Context<'_>,
    length: usize,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let mut bytes = [0; 16];
    let given = bytes.get_mut(..length).ok_or(StatusWord::WRONG_LENGTH)?;
    context.random.fill(given);
    reply.extend(given);
    context.channel.challenge = Some(Challenge { bytes, length });
    Ok(StatusWord::SUCCESS)
}

/// EXTERNAL AUTHENTICATE (INS 82): the terminal proves that it holds a key.
///
/// Data: authentication data (8), original information (8), perhaps a key version (1). The key's
/// retry counter is written before the comparison; the block key has none to lose and answers
/// 63CF \[choice\].
///
/// # Status
/// `9000`; `63Cx` wrong, x tries left; `6700`; `6983` the key is locked; `6984` no challenge;
/// `6A81` the card's algorithm is not available; `6A86`; `6A88` no such key; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5, part 4 §9.3, part 7 §13.
pub(super) fn external(
    context: &mut Context<'_>,
    id: KeyId,
    data: &AuthenticationData<'_>,
) -> Result<StatusWord, StatusWord> {
    let key = key::find(context.profile, context.channel.cursor.df, id, data.version)?;
    key.authenticate(context.nvm, context.channel, [data.first, data.original])?;
    context.channel.security.grant(id);
    Ok(StatusWord::SUCCESS)
}

/// INTERNAL AUTHENTICATE (INS 88): the card proves that it holds IRK.
///
/// Data: process factor (8), original information (8), perhaps a key version (1); the answer is 8
/// bytes of authentication data.
///
/// # Status
/// `9000`; `6700`; `6A81` the card's algorithm is not available; `6A86` other P1 P2 than 0000; `6A88` no
/// such version; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5, part 4 §9.3.
pub(super) fn internal(
    context: &mut Context<'_>,
    data: &AuthenticationData<'_>,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let key = key::find(context.profile, context.channel.cursor.df, KeyId::IRK, data.version)?;
    let suite = key.suite.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
    let session = suite.session_key(&key.value(context.nvm), data.first);
    reply.extend(&session.authentication_data(data.original));
    Ok(StatusWord::SUCCESS)
}
