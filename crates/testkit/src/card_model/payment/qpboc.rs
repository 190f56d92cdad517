//! qPBOC (快速借记/贷记): the whole transaction is GET PROCESSING OPTIONS, and counts with the last record.

use sscard_apdu::StatusWord;
use sscard_elements::{CardAdditionalProcesses as Processes, tag};

use super::lasting::Quick;
use super::{Account, Lasting};
use crate::card_model::answer::Answer;
use crate::card_model::stand::Outcome;

pub(super) fn process(_account: &mut Account<'_>, _answer: &mut Answer) -> Outcome {
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}

/// A debit whose last record was never read has not taken place (JR/T 0025.12 §7.6).
pub(super) fn restore_unfinished(account: &mut Account<'_>) {
    match account.held().quick {
        Quick::None | Quick::Counted(_) => {}
        Quick::Waits { balance, sum, counter } => {
            let held = account.change();
            held.put(tag::CASH_BALANCE, &balance);
            held.sum = sum;
            held.currency_counter = counter;
            held.quick = Quick::None;
        }
    }
}

/// 9F68; absent it is the low-value check alone.
pub(super) fn processes(held: &Lasting) -> Processes {
    held.fixed(tag::ADDITIONAL_PROCESSES).map_or(Processes::LOW_VALUE, Processes::new)
}

/// What may be spent offline, in cents, as 9F5D shows it (spec/financial-details.md §4.1).
pub(super) fn available_offline(held: &Lasting) -> u64 {
    let processes = processes(held);
    let balance = held.amount(tag::CASH_BALANCE).unwrap_or(0);
    let upper = held.amount(tag::CUMULATIVE_UPPER_LIMIT);
    let limit = upper.or(held.amount(tag::CUMULATIVE_LIMIT)).unwrap_or(0);
    let left = limit.saturating_sub(held.sum);
    if processes.has(Processes::LOW_VALUE) {
        balance
    } else if processes.has(Processes::LOW_VALUE_AND_SUM) {
        left
    } else if processes.has(Processes::LOW_VALUE_OR_SUM) {
        balance.saturating_add(left)
    } else {
        0
    }
}
