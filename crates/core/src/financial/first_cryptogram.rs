//! The first GENERATE AC: risk management decides, counters and flags follow.

use sscard_apdu::{StatusWord, dol};
use sscard_elements::{
    ApplicationDefaultAction, ApplicationInterchangeProfile, CardVerificationResults,
    CryptogramInformationData as Cid, TerminalVerificationResults as Tvr, tag,
};

use super::command::Request;
use super::session::{Flag, Session};
use super::transaction::{Ending, IssuerSession, Kind, Stage, information};
use super::{authentication, cryptogram, electronic_cash, log, qpboc, risk};
use crate::applet::Reply;
use crate::fault::Fault;
use crate::profile::{Area, Path};

/// The first GENERATE AC (INS AE) of a transaction.
///
/// # Status
/// `9000`, a blocked application with an AAC; `6700` not the length of CDOL1; `6985` the
/// transaction is over; a profile option (6985) before GET PROCESSING OPTIONS; `6A86`.
///
/// # Reference
/// JR/T 0025.5 §14, annex B.7.
pub(super) fn generate(
    session: &mut Session<'_>,
    request: Request,
    data: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let path = match session.transaction.stage {
        Stage::Selected => {
            return Err(StatusWord::new(session.plan.options.status_before_initiation));
        }
        Stage::Initiated(path) => path,
        Stage::Online(_) | Stage::Closed(_) => {
            return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
        }
    };
    if dol::total_length(&session.plan.cdol1) != Ok(data.len()) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    qpboc::restore_unfinished(session.place, session.nvm)?;
    session.transaction.given.cdol1 = data.to_vec();
    let cash = path == Path::ElectronicCash;
    let kind = if cash {
        electronic_cash::decide(session, request.kind)?
    } else {
        decide(session, request.kind)?
    };
    session.transaction.cvr.set_first(information(kind));
    let combined = request.combined
        && kind != Kind::Aac
        && session.transaction.begun.aip.has(ApplicationInterchangeProfile::CDA)
        && authentication::is_possible(session);
    if combined {
        session.transaction.cvr.set(CardVerificationResults::DDA_PERFORMED);
    }
    let mut cid = information(kind);
    match kind {
        Kind::Aac => {
            cid.set(advice(session));
            store_failed_authentication(session)?;
            if !cash {
                count_abroad(session, true)?;
            }
        }
        Kind::Arqc => session.raise(Flag::Online)?,
        Kind::Tc => {
            if !cash {
                count_abroad(session, false)?;
                add_to_sums(session)?;
                session.lower(Flag::Online)?;
            }
            log::note_transaction(session)?;
        }
    }
    let answer = cryptogram::Answer::compute(session, cid);
    let issuer = IssuerSession::new(answer.cryptogram);
    // An online transaction that began on the e-cash path goes on as an ordinary one.
    session.transaction.stage = match kind {
        Kind::Arqc => Stage::Online(issuer),
        Kind::Aac => Stage::Closed(Ending::Declined(issuer)),
        Kind::Tc => Stage::Closed(Ending::Approved),
    };
    answer.emit(session, combined, reply)?;
    Ok(StatusWord::SUCCESS)
}

/// The card moves only downwards: TC, ARQC, AAC.
fn decide(session: &mut Session<'_>, wish: Kind) -> Result<Kind, Fault> {
    let found = risk::before_first(session);
    if found.block {
        session.set_blocked(true)?;
    }
    Ok(if session.transaction.begun.blocked || wish == Kind::Aac || found.decline {
        Kind::Aac
    } else if wish == Kind::Arqc || found.online {
        Kind::Arqc
    } else {
        Kind::Tc
    })
}

/// Advice bits of an AAC by the application default action.
pub(super) fn advice(session: &Session<'_>) -> Cid {
    let ada = session.default_action();
    if session.transaction.pin.exhausted
        && ada.has(ApplicationDefaultAction::ADVICE_WHEN_PIN_EXCEEDED)
    {
        Cid::ADVICE_REQUIRED | Cid::PIN_TRIES_EXCEEDED
    } else if ada.has(ApplicationDefaultAction::ADVICE_WHEN_DECLINED) {
        Cid::ADVICE_REQUIRED
    } else {
        Cid::default()
    }
}

/// What the terminal's verification results (tag 95 byte 1) say of offline data authentication is
/// kept for the next transaction.
pub(super) fn store_failed_authentication(session: &mut Session<'_>) -> Result<(), Fault> {
    let results = Tvr::new(session.terminal(tag::TERMINAL_VERIFICATION_RESULTS));
    if results.has(Tvr::SDA_FAILED) {
        session.raise(Flag::SdaFailed)?;
    }
    if results.has(Tvr::DDA_FAILED | Tvr::CDA_FAILED) {
        session.raise(Flag::DdaFailed)?;
    }
    Ok(())
}

/// Raises the counters of transactions abroad; a declined one counts in both, an approved one in
/// another currency by [`add_to_sums`].
pub(super) fn count_abroad(session: &mut Session<'_>, declined: bool) -> Result<(), Fault> {
    if risk::country_matches(session) == Some(false) {
        raise(session, Area::COUNTRY_COUNTER)?;
    }
    if declined && risk::currency_matches(session) == Some(false) {
        raise(session, Area::CURRENCY_COUNTER)?;
    }
    Ok(())
}

/// Adds an approved amount to the sums, or counts a transaction in another currency.
pub(super) fn add_to_sums(session: &mut Session<'_>) -> Result<(), Fault> {
    match risk::currency_matches(session) {
        Some(true) => {
            let sum = session.amount(Area::CUMULATIVE).saturating_add(session.transaction_amount());
            session.set_amount(Area::CUMULATIVE, sum)?;
        }
        Some(false) => raise(session, Area::CURRENCY_COUNTER)?,
        None => {}
    }
    if let Some(amount) = risk::dual_amount(session) {
        let sum = session.amount(Area::DUAL_CUMULATIVE).saturating_add(amount);
        session.set_amount(Area::DUAL_CUMULATIVE, sum)?;
    }
    Ok(())
}

fn raise(session: &mut Session<'_>, counter: usize) -> Result<(), Fault> {
    let raised = session.byte(counter).saturating_add(1);
    session.set(counter, &[raised])
}
