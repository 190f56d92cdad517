//! Purchases with the medical purse: the terminal's counter, MAC1 and MAC2.

use core::hash::{Hash, Hasher};

use sscard_apdu::StatusWord;
use sscard_crypto::{Algorithm, SessionKey, Suite};

use super::Keys;
use crate::applet::{Context, Reply};
use crate::catalogue::PsamClass;

/// Length of the data without the factors.
const DATA: usize = 28;

/// A purchase between its two commands.
#[derive(Clone)]
pub(super) struct Begun {
    session: SessionKey,
    amounts: [[u8; 4]; 3],
    sequence: u32,
}

/// The session key follows from the module's key, the card's data and the counter.
impl Hash for Begun {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { session: _, amounts, sequence } = self;
        (amounts, sequence).hash(state);
    }
}

/// INIT SAM FOR PURCHASE (`80 70 00 00`): what the purse answered to INITIALIZE PURCHASE and what the
/// terminal says: random (4), counter (2), amounts from the account, by the holder, by the pooled fund (4
/// each), type (1), date and time (7), key version (1), algorithm (1), factors of the card, of its city, of
/// its province (8 each) \[choice: the order is that of PBOC's module, with three amounts\].
///
/// The terminal's counter is raised and kept before it is given out, so that none is given twice \[choice\].
/// Answers the counter (4) and MAC1 (4), over amounts, type, the module's terminal number, date and time.
///
/// # Status
/// `9000`; `6700`; `6985` the module's application is not selected; `6A81` the algorithm is not this
/// module's; `6A86`; `9402` the counter is exhausted; `9403` no purchase key of this version.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9; part 7 §12 for MAC1.
pub(super) fn begin(
    context: &mut Context<'_>,
    data: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let keys = Keys::of(context)?;
    let (fixed, factors) = data.split_first_chunk::<DATA>().ok_or(StatusWord::WRONG_LENGTH)?;
    let (factors, []) = factors.as_chunks::<8>() else { return Err(StatusWord::WRONG_LENGTH) };
    let [r1, r2, r3, r4, c1, c2, rest @ ..] = *fixed;
    let [a1, a2, a3, a4, h1, h2, h3, h4, f1, f2, f3, f4, rest @ ..] = rest;
    let [kind, t1, t2, t3, t4, t5, t6, t7, version, algorithm] = rest;
    let amounts = [[a1, a2, a3, a4], [h1, h2, h3, h4], [f1, f2, f3, f4]];
    if !admits(keys.suite, algorithm) {
        return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
    }
    let is_this =
        |usage: u8, id: u8| PsamClass::of_usage(usage) == Some(PsamClass::Purse) && id == version;
    // One identifier has one usage; the key at its first address counts.
    let slot = keys.plan.keys.iter().find(|slot| is_this(slot.usage, slot.id));
    let slot = slot.ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    if factors.len() != usize::from(slot.usage >> 5) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let key = keys.find(context.nvm, |other| other == slot);
    let key = key.ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    let key = keys.diversify(key, factors);
    let (terminal, place) = files(context, &keys).ok_or(StatusWord::NO_PRECISE_DIAGNOSIS)?;
    let given = u32::from_be_bytes(context.nvm.array(place));
    let sequence = given.checked_add(1).ok_or(StatusWord::TRANSACTION_COUNTER_EXHAUSTED)?;
    let number = sequence.to_be_bytes();
    context.nvm.write(place, &number)?;
    let [_, _, q3, q4] = number;
    let session = keys.suite.session_key(&key, &[r1, r2, r3, r4, c1, c2, q3, q4]);
    let [account, holder, fund] = &amounts;
    let time = [t1, t2, t3, t4, t5, t6, t7];
    reply.extend(&number);
    reply.extend(&session.mac_parts(&[account, holder, fund, &[kind], &terminal, &time]));
    context.channel.for_next.set(Begun { session, amounts, sequence });
    Ok(StatusWord::SUCCESS)
}

/// CREDIT SAM FOR PURCHASE (`80 72 00 00 04`): MAC2 of the purse, over the three amounts. It is taken directly
/// behind INIT SAM FOR PURCHASE only, GET RESPONSE apart, right or wrong \[choice\].
///
/// # Status
/// `9000`; `6700`; `6901` no purchase was begun just before; `6A86`; `9302` wrong MAC2.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 9; part 7 §12 for MAC2.
pub(super) fn check(begun: &Begun, mac: &[u8; 4]) -> Result<StatusWord, StatusWord> {
    let [account, holder, fund] = &begun.amounts;
    if begun.session.verify_mac(&[account, holder, fund], mac) {
        Ok(StatusWord::SUCCESS)
    } else {
        Err(StatusWord::MAC_INVALID)
    }
}

/// Whether a purse's algorithm byte means this suite: 00 3DES, 01 DES, which session keys are, 03 SM4.
fn admits(suite: Suite, algorithm: u8) -> bool {
    match suite {
        Suite::TripleDes => matches!(algorithm, 0x00 | 0x01),
        Suite::Sm4 => algorithm == Algorithm::Sm4.id(),
    }
}

/// The terminal's number, and where its counter lies.
fn files(context: &Context<'_>, keys: &Keys<'_>) -> Option<([u8; 6], usize)> {
    let (profile, here) = (context.profile, context.channel.cursor.df);
    let find = |df: u8, fid| {
        let position = profile.df(df)?.files.iter().position(|file| file.fid == fid)?;
        Some(profile.layout().file(df, u8::try_from(position).ok()?))
    };
    let terminal = profile.df_positions().find_map(|df| find(df, keys.plan.terminal))?;
    Some((context.nvm.array(terminal), find(here, keys.plan.counter)?))
}
