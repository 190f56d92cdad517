//! The first GENERATE AC: the card decides, counts, and gives its cryptogram.
//!
//! # Reference
//! JR/T 0025.5 §14, annex B.7; .13 §7.6; spec/financial-details.md §1.4, §5.

use sscard_apdu::StatusWord;
use sscard_core::Path;
use sscard_elements::{
    ApplicationDefaultAction as Ada, CryptogramInformationData as Cid,
    TerminalVerificationResults as Tvr, tag,
};

use super::cryptogram::{compute, is_combined, note_combined};
use super::lasting::add;
use super::{Account, Issuer, Stage, electronic_cash, log, qpboc, risk};
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain};

/// What P1 asks for, without the bit of combination.
pub(super) fn wanted(plain: Plain<'_>) -> Result<Cid, StatusWord> {
    let kind = match (plain.p1 & !0x10, plain.p2) {
        (0x00, 0x00) => Cid::AAC,
        (0x40, 0x00) => Cid::TC,
        (0x80, 0x00) => Cid::ARQC,
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    Ok(kind)
}

pub(super) fn generate(
    plain: Plain<'_>,
    account: &mut Account<'_>,
    answer: &mut Answer,
) -> Outcome {
    let wish = wanted(plain)?;
    let plan = account.plan;
    match account.session.stage {
        Stage::Initiated => {}
        Stage::Selected => {
            return Err(StatusWord::new(plan.application.options.status_before_initiation));
        }
        _ => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
    }
    if plain.data.len() != plan.cdol1.length {
        return Err(StatusWord::WRONG_LENGTH);
    }
    qpboc::restore_unfinished(account);
    account.session.cdol1 = plain.data.to_vec();
    let is_cash = account.session.path == Path::ElectronicCash;
    let kind = if is_cash { electronic_cash::decide(account, wish) } else { decide(account, wish) };
    // Bits 6 and 5 say what the first was, 8 and 7 that no second was asked for.
    account.session.cvr[1] = account.session.cvr[1] & 0x0F | 0x80 | kind.byte() >> 2;
    let combined = is_combined(account, plain.p1, kind);
    note_combined(account, combined);
    let mut cid = kind;
    if kind == Cid::AAC {
        cid.set(advice(account));
        store_failed_authentication(account);
        if !is_cash {
            count_declined(account);
        }
    } else if kind == Cid::ARQC {
        account.change().flags.online = true;
    } else {
        if !is_cash {
            count_approved(account);
            account.change().flags.online = false;
        }
        log::note_transaction(account);
    }
    let given = compute(account, cid);
    let issuer =
        Issuer { cryptogram: given.cryptogram, is_right: None, code: None, refuses_scripts: false };
    account.session.stage = if kind == Cid::ARQC { Stage::Online } else { Stage::EndedAtOnce };
    account.session.issuer = (kind != Cid::TC).then_some(issuer);
    given.write(account, combined, answer);
    Ok(StatusWord::SUCCESS)
}

/// A card moves from TC to ARQC to AAC, and never back; a blocked application is at the end of that way.
fn decide(account: &mut Account<'_>, wish: Cid) -> Cid {
    let found = risk::before_first(account);
    if found.block {
        account.change().is_blocked = true;
    }
    if account.session.is_blocked || found.decline || wish == Cid::AAC {
        Cid::AAC
    } else if found.online || wish == Cid::ARQC {
        Cid::ARQC
    } else {
        Cid::TC
    }
}

/// What an AAC says beside its kind.
pub(super) fn advice(account: &Account<'_>) -> Cid {
    if account.session.pin.used_up && account.acts(Ada::ADVICE_WHEN_PIN_EXCEEDED) {
        Cid::ADVICE_REQUIRED | Cid::PIN_TRIES_EXCEEDED
    } else if account.acts(Ada::ADVICE_WHEN_DECLINED) {
        Cid::ADVICE_REQUIRED
    } else {
        Cid::AAC
    }
}

/// What the terminal says of offline data authentication stays for the next transaction.
pub(super) fn store_failed_authentication(account: &mut Account<'_>) {
    let results = Tvr::new(account.terminal(tag::TERMINAL_VERIFICATION_RESULTS));
    let flags = &mut account.change().flags;
    flags.sda_failed |= results.has(Tvr::SDA_FAILED);
    flags.dda_failed |= results.has(Tvr::DDA_FAILED | Tvr::CDA_FAILED);
}

/// A declined transaction counts by country and by currency.
pub(super) fn count_declined(account: &mut Account<'_>) {
    count_country(account);
    if account.is_own_currency() == Some(false) {
        raise(&mut account.change().currency_counter);
    }
}

/// An approved one counts by country, and in the sums, or by currency.
pub(super) fn count_approved(account: &mut Account<'_>) {
    count_country(account);
    let amount = account.transaction_amount();
    match account.is_own_currency() {
        Some(true) => add(&mut account.change().sum, amount),
        Some(false) => raise(&mut account.change().currency_counter),
        None => {}
    }
    if let Some(amount) = risk::dual_amount(account) {
        add(&mut account.change().dual_sum, amount);
    }
}

fn count_country(account: &mut Account<'_>) {
    if account.is_own_country() == Some(false) {
        raise(&mut account.change().country_counter);
    }
}

fn raise(counter: &mut u8) {
    *counter = counter.saturating_add(1);
}
