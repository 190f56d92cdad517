//! Transaction log (交易日志) and load log (圈存日志): cyclic, the newest is record 1.
//!
//! # Reference
//! JR/T 0025.5 §18; .13 §5.8, §10.2; spec/financial-details.md §8.

use std::collections::VecDeque;
use std::sync::Arc;

use sscard_apdu::dol::{self, Alignment};
use sscard_core::Log;
use sscard_elements::tag;

use super::Account;

/// A transaction that ended in a TC.
pub(super) fn note_transaction(account: &mut Account<'_>) {
    let Some(plan) = &account.plan.application.transaction_log else { return };
    let record = values(account, plan, Vec::new());
    append(&mut account.change().transaction_log, plan, record);
}

/// PUT DATA of a balance: which, from what to what.
pub(super) fn note_load(account: &mut Account<'_>, p1_p2: [u8; 2], old: [u8; 6], new: [u8; 6]) {
    let Some(plan) = &account.plan.application.load_log else { return };
    let head = [&p1_p2[..], &old, &new].concat();
    let record = values(account, plan, head);
    append(&mut account.change().load_log, plan, record);
}

/// What the format asks for, behind the head: the terminal's values as it gave them last, and the card's counter.
fn values(account: &Account<'_>, plan: &Log, mut record: Vec<u8>) -> Vec<u8> {
    let value = |tag| {
        let value = match tag {
            tag::TRANSACTION_COUNTER => Some(&account.session.atc[..]),
            tag => account.given(tag),
        };
        value.map(|value| (value, Alignment::Other))
    };
    let _ = dol::fill(&plan.format, value, &mut record);
    record
}

fn append(log: &mut Arc<VecDeque<Vec<u8>>>, plan: &Log, record: Vec<u8>) {
    let log = Arc::make_mut(log);
    log.truncate(usize::from(plan.records).saturating_sub(1));
    log.push_front(record);
}
