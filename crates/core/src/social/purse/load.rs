//! Loading: the issuer puts money into the purse.

use core::hash::{Hash, Hasher};

use sscard_apdu::StatusWord;
use sscard_crypto::SessionKey;

use super::money::{Movement, Purse};
use super::{Begun as AnyBegun, certificate, find_key, require_pin};
use crate::applet::{Context, Reply};
use crate::profile::{KeyPurpose, PurseArea};

/// A load between its two commands.
#[derive(Clone)]
pub(crate) struct Begun {
    session: SessionKey,
    counter: u16,
    amount: [u8; 4],
    terminal: [u8; 6],
}

/// The session key follows from the card's key, the counter and the random number that the generator gave
/// last, and does not count.
impl Hash for Begun {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { session: _, counter, amount, terminal } = self;
        (counter, amount, terminal).hash(state);
    }
}

/// INITIALIZE LOAD (`B0 28 00 01`): key index (1), amount (4), terminal (6).
///
/// Answers balance (4), counter of loads (2), key version (1), algorithm (1), random (4), MAC1 (4)
/// over balance, amount, type and terminal, under the session key of random, counter and 8000
/// \[choice: what makes up the 16 bytes, and MAC1's input, as the purses of PBOC 1.0 have it\].
///
/// # Status
/// `9000`; `6700`; `6982` the PIN is not verified; `6985` more than the purse may hold; `6A81` the
/// card's algorithm is not available; `6A86`; `9402` the counter is exhausted; `9403` no key of this
/// index.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
pub(super) fn begin(
    context: &mut Context<'_>,
    purse: &Purse<'_>,
    data: &[u8; 11],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    require_pin(context, purse.plan.pin_for_load)?;
    let [index, a1, a2, a3, a4, terminal @ ..] = *data;
    let amount = [a1, a2, a3, a4];
    let key = find_key(context, KeyPurpose::Load, Some(index))?;
    let counter = purse.counter(context, PurseArea::ONLINE)?;
    let balance = purse.amount(context, PurseArea::BALANCE);
    balance_after(purse, balance, amount)?;
    let mut random = [0; 4];
    context.random(&mut random);
    let [r1, r2, r3, r4] = random;
    let [c1, c2] = counter.to_be_bytes();
    let session = key.suite.session_key(&key.value, &[r1, r2, r3, r4, c1, c2, 0x80, 0x00]);
    let balance = balance.to_be_bytes();
    let mac = session.mac_parts(&[&balance, &amount, &[purse.plan.load_type], &terminal]);
    reply.extend(&balance);
    reply.extend(&[c1, c2, key.version, key.algorithm]);
    reply.extend(&random);
    reply.extend(&mac);
    let begun = Begun { session, counter, amount, terminal };
    context.channel.for_next.set(AnyBegun::Load(begun));
    Ok(StatusWord::SUCCESS)
}

/// CREDIT LOAD (`B0 2A 00 00`): time (7), MAC2 (4) over amount, type, terminal and time \[choice\].
///
/// Answers the TAC (4) over the new balance, counter, amount, type, terminal and time \[choice\].
///
/// # Status
/// `9000`; `6700`; `6901` no load was begun just before; `6985` more than the purse may hold; `6A80`
/// no time; `6A86`; `9302` wrong MAC2.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5, part 7 §12.
pub(super) fn credit(
    context: &mut Context<'_>,
    purse: &Purse<'_>,
    begun: &Begun,
    data: &[u8; 11],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let [t1, t2, t3, t4, t5, t6, t7, mac @ ..] = *data;
    let time = [t1, t2, t3, t4, t5, t6, t7];
    purse.year(context, &time)?;
    let kind = purse.plan.load_type;
    if !begun.session.verify_mac(&[&begun.amount, &[kind], &begun.terminal, &time], &mac) {
        return Err(StatusWord::MAC_INVALID);
    }
    let balance = purse.amount(context, PurseArea::BALANCE);
    let balance = balance_after(purse, balance, begun.amount)?;
    let parts: [&[u8]; 6] = [
        &balance.to_be_bytes(),
        &begun.counter.to_be_bytes(),
        &begun.amount,
        &[kind],
        &begun.terminal,
        &time,
    ];
    let certificate = certificate(context, &parts)?;
    let movement = Movement {
        kind,
        counter: PurseArea::ONLINE,
        proof: PurseArea::LOAD_PROOF,
        balance,
        terminal: &begun.terminal,
        time: &time,
        amounts: [begun.amount, [0; 4], [0; 4]],
        mac,
        certificate,
    };
    purse.carry_out(context, &movement)?;
    reply.extend(&certificate);
    Ok(StatusWord::SUCCESS)
}

fn balance_after(purse: &Purse<'_>, balance: u32, amount: [u8; 4]) -> Result<u32, StatusWord> {
    balance
        .checked_add(u32::from_be_bytes(amount))
        .filter(|balance| *balance <= purse.plan.balance_limit)
        .ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)
}
