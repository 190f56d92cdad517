//! The second GENERATE AC: after the issuer's answer, or without one.
//!
//! # Reference
//! JR/T 0025.5 §16, annex B.7; spec/financial-details.md §1.5.

use sscard_apdu::StatusWord;
use sscard_elements::{
    ApplicationDefaultAction as Ada, CardVerificationResults as Cvr,
    CryptogramInformationData as Cid, tag,
};

use super::cryptogram::{compute, is_combined, note_combined};
use super::first::{advice, count_approved, count_declined, store_failed_authentication, wanted};
use super::{Account, Stage, issuer, log, qpboc, risk};
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain};

pub(super) fn generate(
    plain: Plain<'_>,
    account: &mut Account<'_>,
    answer: &mut Answer,
) -> Outcome {
    let wish = wanted(plain)?;
    if wish == Cid::ARQC {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    if plain.data.len() != account.plan.cdol2.length {
        return Err(StatusWord::WRONG_LENGTH);
    }
    qpboc::restore_unfinished(account);
    account.session.cdol2 = plain.data.to_vec();
    issuer::in_second_command(account)?;
    let wish = if account.session.is_blocked { Cid::AAC } else { wish };
    let code = account.terminal::<2>(tag::RESPONSE_CODE);
    let cid = if matches!(&code, b"Y3" | b"Z3") {
        unable_online(account, wish)
    } else {
        online_done(account, wish, code)
    };
    let kind = cid.kind();
    account.session.cvr[1] = account.session.cvr[1] & 0x3F | kind.byte();
    let combined = is_combined(account, plain.p1, kind);
    note_combined(account, combined);
    if kind == Cid::TC {
        log::note_transaction(account);
    }
    let given = compute(account, cid);
    account.session.stage = Stage::Ended;
    given.write(account, combined, answer);
    Ok(StatusWord::SUCCESS)
}

/// The issuer was reached: its response code decides where it came with its proof, else the terminal's.
fn online_done(account: &mut Account<'_>, wish: Cid, code: [u8; 2]) -> Cid {
    let issuer = account.session.issuer;
    let code = issuer.and_then(|issuer| issuer.code).unwrap_or(code);
    let is_approved = matches!(&code, b"00" | b"10" | b"11" | b"01" | b"02");
    let is_supported = account.has_issuer_authentication();
    let answer = issuer.and_then(|issuer| issuer.is_right);
    let is_missing = is_supported && answer.is_none();
    let is_wrong = is_supported && answer == Some(false);
    let is_due = is_missing && risk::is_issuer_mandatory(account.held());
    if is_missing {
        account.session.note(Cvr::NO_ISSUER_AUTHENTICATION);
    }
    if is_due {
        account.change().flags.issuer_failed = true;
    }
    let is_settled = !is_wrong && !is_due;
    if wish == Cid::AAC || !is_approved {
        if is_settled {
            forget_history(account);
        }
        return Cid::AAC;
    }
    let declines = is_wrong && account.acts(Ada::ISSUER_AUTHENTICATION_FAILED_DECLINE)
        || is_due && account.acts(Ada::NO_ISSUER_AUTHENTICATION_DECLINE);
    if declines {
        let mut cid = Cid::AAC;
        if account.acts(Ada::ADVICE_WHEN_ISSUER_FAILED) {
            cid.set(Cid::ADVICE_REQUIRED | Cid::ISSUER_AUTHENTICATION_FAILED);
        }
        return cid;
    }
    if is_settled {
        forget_history(account);
        let atc = u16::from_be_bytes(account.session.atc);
        let held = account.change();
        held.currency_counter = 0;
        held.country_counter = 0;
        held.sum = 0;
        held.dual_sum = 0;
        held.last_online_atc = atc;
    }
    Cid::TC
}

/// The issuer was not reached: the card checks once more, and counts as offline; the next transaction goes online.
fn unable_online(account: &mut Account<'_>, wish: Cid) -> Cid {
    account.session.note(Cvr::UNABLE_ONLINE);
    let found = risk::unable_online(account);
    if wish == Cid::AAC || found.decline {
        store_failed_authentication(account);
        count_declined(account);
        let mut cid = Cid::AAC;
        cid.set(advice(account));
        return cid;
    }
    count_approved(account);
    Cid::TC
}

/// The issuer knows now of failed authentications, of scripts, and of transactions that had not ended.
fn forget_history(account: &mut Account<'_>) {
    let held = account.change();
    held.flags.online = false;
    held.flags.sda_failed = false;
    held.flags.dda_failed = false;
    held.flags.script_failed = false;
    held.scripts = 0;
}
