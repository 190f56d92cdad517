//! Paying: the account's money leaves the purse, the year's sums grow.

use sscard_apdu::StatusWord;

use super::money::{Movement, Purse};
use super::{Begun as AnyBegun, certificate, find_key, require_pin};
use crate::applet::{Context, Reply};
use crate::profile::{KeyPurpose, PurseArea};

/// A purchase between its two commands.
#[derive(Clone, Hash)]
pub(crate) struct Begun {
    key_index: u8,
    random: [u8; 4],
    counter: u16,
    amounts: [[u8; 4]; 3],
    terminal: [u8; 6],
}

/// INITIALIZE PURCHASE (`B0 28 01 01`): key index (1), amounts from the account, by the holder, by
/// the pooled fund (4 each), terminal (6).
///
/// Answers the account's balance (4), the sums paid by holder and pooled fund (4 each) and their
/// insurance year (2), counter of purchases (2), key version (1), algorithm (1), random (4).
///
/// # Status
/// `9000`; `6700`; `6982` the PIN is not verified; `6A81` the card's algorithm is not available;
/// `6A86`; `9401` the account holds less; `9402` the counter is exhausted; `9403` no key of this
/// index.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
pub(super) fn begin(
    context: &mut Context<'_>,
    purse: &Purse<'_>,
    data: &[u8; 19],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    require_pin(context, purse.plan.pin_for_purchase)?;
    let [index, a1, a2, a3, a4, s1, s2, s3, s4, p1, p2, p3, p4, terminal @ ..] = *data;
    let amounts = [[a1, a2, a3, a4], [s1, s2, s3, s4], [p1, p2, p3, p4]];
    let key = find_key(context, KeyPurpose::Purchase, Some(index))?;
    let counter = purse.counter(context, PurseArea::OFFLINE)?;
    let [from_account, ..] = amounts;
    balance_after(purse, context, from_account)?;
    let mut random = [0; 4];
    context.random(&mut random);
    for sum in [PurseArea::BALANCE, PurseArea::SELF_PAID, PurseArea::POOLED] {
        reply.extend(&context.nvm.array::<4>(purse.place(sum)));
    }
    reply.extend(&context.nvm.array::<2>(purse.place(PurseArea::YEAR)));
    reply.extend(&counter.to_be_bytes());
    reply.extend(&[key.version, key.algorithm]);
    reply.extend(&random);
    let begun = Begun { key_index: index, random, counter, amounts, terminal };
    context.channel.for_next.set(AnyBegun::Purchase(begun));
    Ok(StatusWord::SUCCESS)
}

/// DEBIT (`B0 2C 01 00`): terminal's counter (4), time (7), MAC1 (4) over the three amounts, type,
/// terminal and time, under the session key of the random, the card's counter and the last two bytes
/// of the terminal's.
///
/// Answers the TAC (4) over the three amounts, type, terminal, its counter and time \[choice\], and
/// MAC2 (4) over the three amounts. In a new insurance year the sums start again.
///
/// # Status
/// `9000`; `6700`; `6901` no purchase was begun just before; `6985` a sum would exceed four bytes;
/// `6A80` no time; `6A86`; `9302` wrong MAC1; `9401` the account holds less.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5, part 7 §12.
pub(super) fn debit(
    context: &mut Context<'_>,
    purse: &Purse<'_>,
    begun: &Begun,
    data: &[u8; 15],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let [q1, q2, q3, q4, t1, t2, t3, t4, t5, t6, t7, mac @ ..] = *data;
    let time = [t1, t2, t3, t4, t5, t6, t7];
    let year = purse.year(context, &time)?;
    let kind = purse.plan.purchase_type;
    let key = find_key(context, KeyPurpose::Purchase, Some(begun.key_index))?;
    let [r1, r2, r3, r4] = begun.random;
    let [c1, c2] = begun.counter.to_be_bytes();
    let session = key.suite.session_key(&key.value, &[r1, r2, r3, r4, c1, c2, q3, q4]);
    let [account, holder, fund] = &begun.amounts;
    if !session.verify_mac(&[account, holder, fund, &[kind], &begun.terminal, &time], &mac) {
        return Err(StatusWord::MAC_INVALID);
    }
    let balance = balance_after(purse, context, *account)?;
    add_to_sums(purse, context, year, [*holder, *fund])?;
    let answer = session.mac_parts(&[account, holder, fund]);
    let sequence = [q1, q2, q3, q4];
    let parts: [&[u8]; 7] = [account, holder, fund, &[kind], &begun.terminal, &sequence, &time];
    let certificate = certificate(context, &parts)?;
    let movement = Movement {
        kind,
        counter: PurseArea::OFFLINE,
        proof: PurseArea::PURCHASE_PROOF,
        balance,
        terminal: &begun.terminal,
        time: &time,
        amounts: begun.amounts,
        mac: answer,
        certificate,
    };
    purse.carry_out(context, &movement)?;
    reply.extend(&certificate);
    reply.extend(&answer);
    Ok(StatusWord::SUCCESS)
}

fn balance_after(
    purse: &Purse<'_>,
    context: &Context<'_>,
    amount: [u8; 4],
) -> Result<u32, StatusWord> {
    purse
        .amount(context, PurseArea::BALANCE)
        .checked_sub(u32::from_be_bytes(amount))
        .ok_or(StatusWord::INSUFFICIENT_BALANCE)
}

/// The sums belong to one insurance year; a later one starts them again \[choice\].
fn add_to_sums(
    purse: &Purse<'_>,
    context: &mut Context<'_>,
    year: [u8; 2],
    paid: [[u8; 4]; 2],
) -> Result<(), StatusWord> {
    let starts_again = year > context.nvm.array::<2>(purse.place(PurseArea::YEAR));
    for (place, paid) in [PurseArea::SELF_PAID, PurseArea::POOLED].into_iter().zip(paid) {
        let sum = if starts_again { 0 } else { purse.amount(context, place) };
        let sum = sum
            .checked_add(u32::from_be_bytes(paid))
            .ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
        context.nvm.write(purse.place(place), &sum.to_be_bytes())?;
    }
    if starts_again {
        context.nvm.write(purse.place(PurseArea::YEAR), &year)?;
    }
    Ok(())
}
