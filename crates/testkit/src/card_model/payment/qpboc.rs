//! qPBOC (快速借记/贷记): the whole transaction is GET PROCESSING OPTIONS, and counts with the last record.
//!
//! ```text
//! TTQ, amount ─► Facts ─► Decision ─► debit that waits ─► template 77 ─► records ─► the last: it counts
//! ```
//!
//! # Reference
//! JR/T 0025.12 §7; spec/financial-details.md §4; docs/decisions.md (other logical channels, order of an online answer, the sum).

mod answer;
mod cells;
mod decision;
mod proof;

use sscard_apdu::{StatusWord, bcd};
use sscard_core::Path;
use sscard_elements::{
    CardAdditionalProcesses as Processes, CardTransactionQualifiers as Ctq,
    CryptogramInformationData as Cid, TerminalTransactionQualifiers as Ttq, tag,
};

use super::lasting::{Quick, add};
use super::{Account, Lasting, Stage, log};
use crate::card_model::answer::Answer;
use crate::card_model::stand::Outcome;
use decision::{Facts, Purse, Way};
pub(super) use proof::settle;
pub(crate) use proof::{Part, Proof};

/// GET PROCESSING OPTIONS of a transaction that has begun already; what it refuses begins none.
pub(super) fn process(account: &mut Account<'_>, answer: &mut Answer) -> Outcome {
    let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    account.session.path = Path::Qpboc;
    account.session.stage = Stage::EndedAtOnce;
    let options = account.plan.options(Path::Qpboc, account.session.sm).ok_or(refused)?;
    account.session.aip = options.aip;
    let terminal = Ttq::new(account.terminal(tag::TERMINAL_QUALIFIERS));
    let mut card = account.held().fixed(tag::CARD_QUALIFIERS).map(Ctq::new).unwrap_or_default();
    let mut way = Way::Declined;
    if !account.session.is_blocked {
        let decision = Facts::of(account, terminal).decide()?;
        account.session.note(decision.cvr);
        card.set(decision.ctq);
        way = decision.way;
    }
    match way {
        Way::Declined => answer::cryptogram(account, Cid::AAC, card, answer),
        Way::Online => answer::cryptogram(account, Cid::ARQC, card, answer),
        Way::Prepaid(purse) => {
            take(account, purse);
            answer::cryptogram(account, Cid::ARQC, card, answer);
        }
        Way::Offline(purse) => {
            let held = account.held();
            let balance = held.fixed(tag::CASH_BALANCE).unwrap_or_default();
            let (sum, counter) = (held.sum, held.currency_counter);
            account.change().quick = Quick::Waits { balance, sum, counter };
            take(account, purse);
            answer::offline(account, terminal, card, &options.afl, answer)?;
        }
    }
    Ok(StatusWord::SUCCESS)
}

impl Facts {
    fn of(account: &Account<'_>, terminal: Ttq) -> Self {
        let held = account.held();
        let or_nothing = |tag| held.amount(tag).unwrap_or(0);
        let lower = or_nothing(tag::CUMULATIVE_LIMIT);
        Self {
            terminal,
            own: processes(held),
            // Without a currency it is another one.
            at_home: account.is_own_currency() == Some(true),
            amount: account.transaction_amount(),
            balance: or_nothing(tag::CASH_BALANCE),
            single: held.amount(tag::CASH_SINGLE_LIMIT),
            threshold: or_nothing(tag::CASH_RESET_THRESHOLD),
            without_holder: held.amount(tag::CARD_CVM_LIMIT),
            sum: held.sum,
            lower,
            upper: held.amount(tag::CUMULATIVE_UPPER_LIMIT).unwrap_or(lower),
            abroad: (
                held.currency_counter.into(),
                held.count(tag::INTERNATIONAL_CURRENCY_LIMIT).unwrap_or(0),
            ),
            is_new: held.last_online_atc == 0,
            is_locked: held.tries == 0,
        }
    }
}

/// Takes the amount from where it comes from.
fn take(account: &mut Account<'_>, purse: Purse) {
    let amount = account.transaction_amount();
    let held = account.change();
    if matches!(purse, Purse::Balance | Purse::BalanceAndSum) {
        let rest = held.amount(tag::CASH_BALANCE).unwrap_or(0).saturating_sub(amount);
        held.put(tag::CASH_BALANCE, &bcd::n12(rest));
    }
    if matches!(purse, Purse::Sum | Purse::BalanceAndSum) {
        add(&mut held.sum, amount);
    }
    if purse == Purse::CountAbroad {
        held.currency_counter += 1;
    }
}

/// A debit whose last record was never read has not taken place.
pub(super) fn restore_unfinished(account: &mut Account<'_>) {
    if let Quick::Waits { balance, sum, counter } = account.held().quick {
        let held = account.change();
        held.put(tag::CASH_BALANCE, &balance);
        held.sum = sum;
        held.currency_counter = counter;
        held.quick = Quick::None;
    }
}

/// What a record has beside its content: the last one of an approved transaction, with which it counts. 6985: it was undone meanwhile, by
/// another logical channel.
pub(super) fn at_record(account: &mut Account<'_>, record: (u8, u8)) -> Result<Answer, StatusWord> {
    let Some(end) = account.session.quick.as_ref().filter(|end| end.last == record) else {
        return Ok(Answer::default());
    };
    let appended = end.appended.clone();
    let atc = account.session.atc;
    match account.held().quick {
        Quick::Counted(counted) if counted == atc => {}
        Quick::Waits { .. } if account.held().atc.to_be_bytes() == atc => {
            if processes(account.held()).has(Processes::LOGS_QPBOC) {
                log::note_transaction(account);
            }
            account.change().quick = Quick::Counted(atc);
        }
        _ => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
    }
    Ok(appended)
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
