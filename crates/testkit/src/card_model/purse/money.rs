//! The one way in which money moves: balance, counter, proof and record together.

use sscard_apdu::StatusWord;

use super::lasting::Proof;
use super::plan::Plan;
use crate::card_model::stand::Stand;

/// A load or a purchase: place of its counter and of its proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    In = 0,
    Out = 1,
}

/// What is written of one movement.
pub(super) struct Movement {
    pub(super) way: Way,
    pub(super) kind: u8,
    pub(super) balance: u32,
    pub(super) terminal: [u8; 6],
    pub(super) time: [u8; 7],
    /// From or to the account, by the holder, by the pooled fund.
    pub(super) amounts: [[u8; 4]; 3],
    pub(super) mac: Option<[u8; 4]>,
    pub(super) certificate: [u8; 4],
}

/// The counter of the next transaction.
pub(super) fn counter(way: Way, stand: &Stand<'_>) -> Result<u16, StatusWord> {
    let counter = stand.lasting.purse.counters[way as usize];
    if counter == u16::MAX { Err(StatusWord::TRANSACTION_COUNTER_EXHAUSTED) } else { Ok(counter) }
}

pub(super) fn carry_out(
    movement: &Movement,
    plan: &Plan,
    stand: &mut Stand<'_>,
) -> Result<(), StatusWord> {
    let counter = counter(movement.way, stand)?;
    let place = movement.way as usize;
    let purse = &mut stand.lasting.purse;
    purse.balance = movement.balance;
    purse.counters[place] = counter + 1;
    let Movement { mac, certificate, .. } = *movement;
    purse.proofs[place] = Some(Proof { counter, mac, certificate });
    let mut record = Vec::with_capacity(0x1C);
    record.extend(counter.to_be_bytes());
    record.push(movement.kind);
    record.extend(movement.terminal);
    record.extend(movement.time);
    record.extend(movement.amounts.as_flattened());
    let files = &stand.plan.social;
    stand.lasting.social_mut().append_record(files, plan.log, &record);
    Ok(())
}
