//! The medical purse in DF04: money that is spent without the network.
//!
//! What enters: commands of class B0, which has no channel bits, so that the purse is on the basic channel alone. What leaves: their answers,
//! and money that moves together with its counter, its record in EF08 and its proof (I-14), or not at all.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5, part 7 §12; spec/social-security.md §2.13; docs/decisions.md, the medical purse.

mod cells;
mod command;
mod lasting;
mod load;
mod moment;
mod money;
mod plan;
mod purchase;

use sscard_apdu::StatusWord;
use sscard_commands::ins;

use super::answer::Answer;
use super::channel::{Channel, Next};
use super::social;
use super::stand::{Outcome, Plain, Stand};
pub use command::{Money, PurseStep};
pub(super) use lasting::Lasting;
pub(super) use load::Load;
pub(super) use plan::Plan;
pub(super) use purchase::Purchase;

/// Random bytes of the purse's answers, and what depends on them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Unknown {
    /// The random number of the pair of commands that has begun.
    Random,
    /// MAC1 of a load, under a session key of the random number before it.
    LoadMac,
    /// A MAC under a session key that nobody saw the random number of.
    Unseen,
}

pub(super) fn process(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    social::require_activated(stand)?;
    let begun = stand.left.take();
    if matches!(plain.ins, ins::GET_BALANCE | ins::GET_TRANSACTION_PROOF) {
        // spec/real-cards.md A5: neither of them ends a pair, whatever it is told.
        stand.channel.next.clone_from(&begun);
    }
    let data = plain.data;
    match (plain.ins, plain.p1, plain.p2) {
        (ins::INITIALIZE, 0x00, 0x01) => load::begin(sized(data)?, stand, answer),
        (ins::INITIALIZE, 0x01, 0x01) => purchase::begin(sized(data)?, stand, answer),
        (ins::CREDIT_LOAD, 0x00, 0x00) => {
            let data = sized(data)?;
            let Some(Next::Load(load)) = begun else { return Err(OUT_OF_STATE) };
            load.credit(data, stand, answer)
        }
        (ins::DEBIT, 0x01, 0x00) => {
            let data = sized(data)?;
            let Some(Next::Purchase(purchase)) = begun else { return Err(OUT_OF_STATE) };
            purchase.debit(data, stand, answer)
        }
        (ins::GET_BALANCE, 0x00, which @ 1..=3) => {
            let [] = sized(data)?;
            balance(which, stand, answer)
        }
        (ins::GET_TRANSACTION_PROOF, 0x00, kind) => proof(kind, sized(data)?, stand, answer),
        (ins::START_DAY, 0x00, 0x00) => set_start_day(sized(data)?, stand),
        (ins::START_DAY, 0x01, 0x00) => {
            let [] = sized(data)?;
            answer.extend(&stand.lasting.purse.start_day);
            Ok(StatusWord::SUCCESS)
        }
        _ => Err(StatusWord::INCORRECT_P1_P2),
    }
}

/// A random number was seen, or a MAC that depends on one.
pub(super) fn settle(
    plan: &super::plan::Plan,
    channel: &mut Channel,
    what: Unknown,
    bytes: &[u8],
) -> Result<(), String> {
    let Some(plan) = &plan.purse else { return Ok(()) };
    match (what, &mut channel.next, bytes) {
        (Unknown::Random, Some(Next::Load(load)), [a, b, c, d]) => {
            load.random = Some([*a, *b, *c, *d]);
        }
        (Unknown::Random, Some(Next::Purchase(purchase)), [a, b, c, d]) => {
            purchase.random = Some([*a, *b, *c, *d]);
        }
        (Unknown::LoadMac, Some(Next::Load(load)), mac) => load.check(plan, mac)?,
        _ => {}
    }
    Ok(())
}

/// Second half of a pair without the first just before it.
const OUT_OF_STATE: StatusWord = StatusWord::COMMAND_NOT_ACCEPTED;

fn sized<const N: usize>(data: &[u8]) -> Result<[u8; N], StatusWord> {
    data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)
}

fn plan<'m>(stand: &Stand<'m>) -> Result<&'m Plan, StatusWord> {
    stand.plan.purse.as_ref().ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)
}

fn require_pin(wanted: bool, stand: &Stand<'_>) -> Result<(), StatusWord> {
    if wanted && !stand.channel.social.is_pin_verified() {
        return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
    }
    Ok(())
}

/// GET BALANCE: the account's, or a sum of the year and that year. After the PIN where one is set (spec/real-cards.md A5).
fn balance(which: u8, stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    require_pin(plan(stand)?.pin_for_balance && stand.lasting.social.has_pin(), stand)?;
    let purse = &stand.lasting.purse;
    match which {
        1 => answer.extend(&purse.balance.to_be_bytes()),
        sum => {
            answer.extend(&purse.sums[usize::from(sum) - 2].to_be_bytes());
            answer.extend(&moment::bcd(purse.year));
        }
    }
    Ok(StatusWord::SUCCESS)
}

/// GET TRANSACTION PROOF: MAC2 and TAC of the last transaction of a type.
fn proof(kind: u8, counter: [u8; 2], stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    let plan = plan(stand)?;
    let place = [plan.load_type, plan.purchase_type].into_iter().position(|known| known == kind);
    let proof = stand.lasting.purse.proofs[place.ok_or(StatusWord::INCORRECT_P1_P2)?];
    let proof = proof.filter(|proof| proof.counter.to_be_bytes() == counter);
    let proof = proof.ok_or(StatusWord::MAC_NOT_AVAILABLE)?;
    match proof.mac {
        Some(mac) => answer.extend(&mac),
        None => answer.hole(4, super::answer::Unknown::Purse(Unknown::Unseen)),
    }
    answer.extend(&proof.certificate);
    Ok(StatusWord::SUCCESS)
}

/// UPDATE START DAY, after DSK (spec/real-cards.md A4), or after UK1_DF04 where there is no DSK.
fn set_start_day(day: [u8; 2], stand: &mut Stand<'_>) -> Outcome {
    if !stand.channel.social.has_proved(plan(stand)?.start_day_key) {
        return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
    }
    if !moment::is_day(day) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    stand.lasting.purse.start_day = day;
    Ok(StatusWord::SUCCESS)
}
