//! qPBOC (快速借记/贷记): the card decides at GET PROCESSING OPTIONS.
//!
//! What enters: the terminal's qualifiers and amount. What leaves: online, declined, or approved
//! offline with an amount debited that counts only when the last record is read (JR/T 0025.12 §7).

use sscard_apdu::StatusWord;
use sscard_apdu::bcd;
use sscard_elements::{
    ApplicationInterchangeProfile, CardAdditionalProcesses as Processes,
    CardTransactionQualifiers as Ctq, CardVerificationResults,
    TerminalTransactionQualifiers as Ttq, tag,
};

use super::session::Session;
use super::transaction::{Ending, Kind, Stage};
use super::{log, qpboc_answer, risk};
use crate::applet::Reply;
use crate::fault::Fault;
use crate::nvm::Nvm;
use crate::profile::{Area, FinancialLayout, Path};

/// Card additional processes, tag 9F68; absent they mean the low-value check alone.
fn processes(session: &Session<'_>) -> Processes {
    session.object(tag::ADDITIONAL_PROCESSES).map_or(Processes::LOW_VALUE, Processes::new)
}

/// What the card decides, with the amounts to be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Decision {
    Online,
    Declined,
    Offline(Debit),
}

/// What an approved transaction takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Debit {
    Balance,
    BalanceAndSum,
    ForeignCounter,
    Sum,
}

/// [`Area::UNFINISHED`] while a debit waits. 01 stands in images from before qPBOC added to
/// the cumulative amount; what they saved as its sum is another one.
const WAITING: u8 = 2;
/// [`Area::UNFINISHED`] and the head of [`Area::SAVED`] when nothing waits and nothing has counted;
/// no transaction has the ATC 0000.
const NOTHING_FINISHED: [u8; 3] = [0; 3];

/// Processes a qPBOC transaction at GET PROCESSING OPTIONS.
pub(super) fn process(
    session: &mut Session<'_>,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    session.transaction.stage = Stage::Closed(Ending::Qpboc(None));
    let options = session
        .plan
        .options_of(Path::Qpboc, session.transaction.begun.sm)
        .ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
    session.transaction.begun.aip = ApplicationInterchangeProfile::new(options.aip);
    let terminal = Ttq::new(session.terminal(tag::TERMINAL_QUALIFIERS));
    let mut card = session.object(tag::CARD_QUALIFIERS).map(Ctq::new).unwrap_or_default();
    let decision = if session.transaction.begun.blocked {
        Decision::Declined
    } else {
        decide(session, terminal, &mut card)?
    };
    let decision = match decision {
        Decision::Online => complete_online(session, terminal)?,
        other => other,
    };
    match decision {
        Decision::Online => qpboc_answer::cryptogram(session, Kind::Arqc, card, reply)?,
        Decision::Declined => qpboc_answer::cryptogram(session, Kind::Aac, card, reply)?,
        Decision::Offline(debit) => {
            debit_until_last_record(session, debit)?;
            qpboc_answer::offline(session, terminal, card, &options.afl, reply)?;
        }
    }
    Ok(StatusWord::SUCCESS)
}

/// The decision order of JR/T 0025.12 §7.3.
fn decide(
    session: &mut Session<'_>,
    terminal: Ttq,
    card: &mut Ctq,
) -> Result<Decision, StatusWord> {
    let processing = processes(session);
    let amount = session.transaction_amount();
    // a: the currency.
    let matches = risk::currency_matches(session) == Some(true);
    if !matches && processing.has(Processes::NO_OTHER_CURRENCY) {
        return Ok(Decision::Declined);
    }
    let over_limit = session.limit(tag::CARD_CVM_LIMIT).is_some_and(|limit| amount > limit);
    let needs_holder = terminal.has(Ttq::HOLDER_VERIFICATION)
        || matches && over_limit
        || !matches && processing.has(Processes::VERIFICATION_IN_OTHER_CURRENCY);
    let signs = terminal.has(Ttq::SIGNATURE) && processing.has(Processes::SIGNATURE);
    let is_new = session.array::<2>(Area::LAST_ONLINE_ATC) == [0, 0];
    let pin_exceeded = session.pin_tries() == 0;
    if terminal.has(Ttq::OFFLINE_ONLY) {
        // b: nothing but offline or declined.
        if is_new && processing.has(Processes::NEW_CARD_OFFLINE_DECLINE) {
            session.transaction.cvr.set(CardVerificationResults::NEW_CARD);
            return Ok(Decision::Declined);
        }
        if pin_exceeded && processing.has(Processes::PIN_TRIES) {
            session.transaction.cvr.set(CardVerificationResults::PIN_TRIES_EXCEEDED);
            return Ok(Decision::Declined);
        }
        if needs_holder {
            if !signs {
                return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
            }
            card.set(Ctq::SIGNATURE);
        }
    } else {
        // c: a terminal that can go online.
        if needs_holder {
            let pin_here = processing.has(if matches {
                Processes::ONLINE_PIN
            } else {
                Processes::ONLINE_PIN_IN_OTHER_CURRENCY
            });
            if terminal.has(Ttq::ONLINE_PIN) && pin_here {
                card.set(Ctq::ONLINE_PIN);
                return Ok(Decision::Online);
            }
            if !signs {
                return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
            }
            card.set(Ctq::SIGNATURE);
        }
        let mut online = terminal.has(Ttq::ONLINE_CRYPTOGRAM)
            || !matches && !processing.has(Processes::OFFLINE_IN_OTHER_CURRENCY);
        if processing.has(Processes::NEW_CARD) && is_new {
            session.transaction.cvr.set(CardVerificationResults::NEW_CARD);
            online = true;
        }
        if processing.has(Processes::PIN_TRIES) && pin_exceeded {
            session.transaction.cvr.set(CardVerificationResults::PIN_TRIES_EXCEEDED);
            online = true;
        }
        if online {
            return Ok(Decision::Online);
        }
    }
    let debit = if matches {
        low_value(session, processing, terminal, amount)
    } else {
        // d: another currency.
        let limit = session.counter_limit(tag::INTERNATIONAL_CURRENCY_LIMIT).unwrap_or(0);
        let free = session.byte(Area::CURRENCY_COUNTER) < limit;
        if free { Ok(Debit::ForeignCounter) } else { Err(Refusal::Velocity) }
    };
    Ok(match debit {
        Ok(debit) => Decision::Offline(debit),
        Err(refusal) => {
            if refusal == Refusal::Velocity {
                session.transaction.cvr.set(CardVerificationResults::VELOCITY);
            }
            if terminal.has(Ttq::OFFLINE_ONLY) { Decision::Declined } else { Decision::Online }
        }
    })
}

/// Why a transaction is not approved offline.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// The card has no offline option at all.
    NoOption,
    Velocity,
}

/// e: the card's own currency, by the low-value option of 9F68.
fn low_value(
    session: &Session<'_>,
    processing: Processes,
    terminal: Ttq,
    amount: u64,
) -> Result<Debit, Refusal> {
    let require = |holds: bool| if holds { Ok(()) } else { Err(Refusal::Velocity) };
    let balance = session.limit(tag::CASH_BALANCE).unwrap_or(0);
    let single = session.limit(tag::CASH_SINGLE_LIMIT).unwrap_or(u64::MAX);
    let threshold = session.limit(tag::CASH_RESET_THRESHOLD).unwrap_or(0);
    let lower = session.limit(tag::CUMULATIVE_LIMIT).unwrap_or(0);
    let upper = session.limit(tag::CUMULATIVE_UPPER_LIMIT).unwrap_or(lower);
    let limit = if terminal.has(Ttq::OFFLINE_ONLY) { upper } else { lower };
    let sum = session.amount(Area::CUMULATIVE).saturating_add(amount);
    require(
        amount <= single
            || !processing.has(
                Processes::LOW_VALUE | Processes::LOW_VALUE_AND_SUM | Processes::LOW_VALUE_OR_SUM,
            ),
    )?;
    let spendable =
        if terminal.has(Ttq::OFFLINE_ONLY) { balance } else { balance.saturating_sub(threshold) };
    if processing.has(Processes::LOW_VALUE) {
        require(amount <= spendable)?;
        Ok(Debit::Balance)
    } else if processing.has(Processes::LOW_VALUE_AND_SUM) {
        require(amount <= spendable && sum <= limit)?;
        Ok(Debit::BalanceAndSum)
    } else if processing.has(Processes::LOW_VALUE_OR_SUM) {
        if amount <= balance {
            return Ok(Debit::Balance);
        }
        require(sum <= limit)?;
        Ok(Debit::Sum)
    } else {
        Err(Refusal::NoOption)
    }
}

/// f: what a card still looks at before it asks for an online decision.
fn complete_online(session: &mut Session<'_>, terminal: Ttq) -> Result<Decision, StatusWord> {
    let processing = processes(session);
    if processing.has(Processes::PREFERS_CONTACT) && terminal.has(Ttq::CONTACT) {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    if processing.has(Processes::PREPAID) {
        // Prepaid: debited now, and not given back.
        let amount = session.transaction_amount();
        let balance = session.limit(tag::CASH_BALANCE).unwrap_or(0);
        let Some(rest) = balance.checked_sub(amount).filter(|_| amount > 0) else {
            return Ok(Decision::Declined);
        };
        session.set_object(tag::CASH_BALANCE, &bcd::n12(rest))?;
        if processing.has(Processes::LOW_VALUE_AND_SUM) {
            let sum = session.amount(Area::CUMULATIVE).saturating_add(amount);
            session.set_amount(Area::CUMULATIVE, sum)?;
        }
    }
    Ok(Decision::Online)
}

/// Keeps the old values and takes the amount: it counts when the last record is read.
fn debit_until_last_record(session: &mut Session<'_>, debit: Debit) -> Result<(), StatusWord> {
    let amount = session.transaction_amount();
    let balance = session.object::<6>(tag::CASH_BALANCE).unwrap_or_default();
    let sum = session.array::<6>(Area::CUMULATIVE);
    let counter = session.byte(Area::CURRENCY_COUNTER);
    let mut saved = [0; 13];
    for (place, byte) in saved.iter_mut().zip(balance.iter().chain(&sum).chain(&[counter])) {
        *place = *byte;
    }
    session.set(Area::SAVED, &saved)?;
    session.set(Area::UNFINISHED, &[WAITING])?;
    if matches!(debit, Debit::Balance | Debit::BalanceAndSum) {
        let rest = bcd::number(&balance).saturating_sub(amount);
        session.set_object(tag::CASH_BALANCE, &bcd::n12(rest))?;
    }
    if matches!(debit, Debit::Sum | Debit::BalanceAndSum) {
        let sum = bcd::number(&sum).saturating_add(amount);
        session.set_amount(Area::CUMULATIVE, sum)?;
    }
    if debit == Debit::ForeignCounter {
        session.set(Area::CURRENCY_COUNTER, &[counter.saturating_add(1)])?;
    }
    Ok(())
}

/// A qPBOC transaction whose last record was never read has not taken place. Called before anything
/// else that changes what it saved.
pub(super) fn restore_unfinished(place: &FinancialLayout, nvm: &mut Nvm) -> Result<(), Fault> {
    let at = |offset: usize| place.base.saturating_add(offset);
    let waits = nvm.byte(at(Area::UNFINISHED));
    if waits == 0 {
        return Ok(());
    }
    let saved = nvm.array::<13>(at(Area::SAVED));
    let (balance, rest) = saved.split_at(6);
    let (sum, counter) = rest.split_at(6);
    if let Some((address, 6)) = place.object(tag::CASH_BALANCE) {
        nvm.write(address, balance)?;
    }
    if waits == WAITING {
        nvm.write(at(Area::CUMULATIVE), sum)?;
    }
    nvm.write(at(Area::CURRENCY_COUNTER), counter)?;
    nvm.write(at(Area::UNFINISHED), &NOTHING_FINISHED)
}

/// When the last record of a qPBOC transaction is read: it counts, it is logged, and the record
/// carries what did not fit before.
///
/// # Status
/// `6985` the debit was undone: another logical channel has selected the application or gone on with
/// a transaction since \[choice\].
pub(super) fn at_record(
    session: &mut Session<'_>,
    record: (u8, u8),
    content: &mut alloc::vec::Vec<u8>,
) -> Result<(), StatusWord> {
    let Stage::Closed(Ending::Qpboc(Some(end))) = &session.transaction.stage else { return Ok(()) };
    if end.last != record {
        return Ok(());
    }
    content.extend_from_slice(&end.appended);
    let atc = session.transaction.begun.atc;
    let [unfinished, finished @ ..] = session.array::<3>(Area::UNFINISHED);
    if unfinished == 0 && finished == atc {
        return Ok(());
    }
    // A new ATC undoes what waits: what still waits at this one is this transaction's.
    if unfinished == 0 || session.array::<2>(Area::ATC) != atc {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    if processes(session).has(Processes::LOGS_QPBOC) {
        log::note_transaction(session)?;
    }
    let [high, low] = atc;
    session.set(Area::UNFINISHED, &[0, high, low])?;
    Ok(())
}

/// Available offline amount, tag 9F5D.
pub(super) fn available_offline(session: &Session<'_>) -> u64 {
    let processing = processes(session);
    let balance = session.limit(tag::CASH_BALANCE).unwrap_or(0);
    let lower = session.limit(tag::CUMULATIVE_LIMIT).unwrap_or(0);
    let upper = session.limit(tag::CUMULATIVE_UPPER_LIMIT).unwrap_or(lower);
    let left = upper.saturating_sub(session.amount(Area::CUMULATIVE));
    if processing.has(Processes::LOW_VALUE) {
        balance
    } else if processing.has(Processes::LOW_VALUE_AND_SUM) {
        left
    } else if processing.has(Processes::LOW_VALUE_OR_SUM) {
        balance.saturating_add(left)
    } else {
        0
    }
}
