//! The second GENERATE AC: after the issuer's answer, or without one.

use sscard_apdu::{StatusWord, dol};

use super::command::Request;
use super::first_cryptogram::{add_to_sums, advice, count_abroad, store_failed_authentication};
use super::session::{Flag, Session};
use super::transaction::{CvrBit, Ending, IssuerAuthentication, Kind, Stage};
use super::{authentication, cryptogram, log, qpboc, risk};
use crate::applet::Reply;
use crate::fault::Fault;
use crate::profile::Area;

/// Advice required because issuer authentication failed.
const ADVICE_ISSUER_FAILED: u8 = 0x08 | 0x03;

/// The second GENERATE AC (INS AE) of a transaction that went online, or tried to.
///
/// # Status
/// `9000`; `6700` not the length of CDOL2; `6A86` an ARQC is asked for.
///
/// # Reference
/// JR/T 0025.5 §16, annex B.7.
pub(super) fn generate(
    session: &mut Session<'_>,
    request: Request,
    data: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    if request.kind == Kind::Arqc {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    if dol::total_length(&session.plan.cdol2) != Ok(data.len()) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    qpboc::restore_unfinished(session.place, session.nvm)?;
    session.transaction.given.cdol2 = data.to_vec();
    let code = session.terminal::<2>(0x8A);
    let (kind, cid) = if matches!(&code, b"Y3" | b"Z3") {
        unable_online(session, request.kind)?
    } else {
        online_done(session, request.kind, code)?
    };
    session.transaction.cvr.set_second(kind);
    let combined = request.combined
        && kind != Kind::Aac
        && session.transaction.begun.aip[0] & 0x01 != 0
        && authentication::is_possible(session);
    if combined {
        session.transaction.cvr.set(CvrBit::DDA_PERFORMED);
    }
    if kind == Kind::Tc {
        log::note_transaction(session)?;
    }
    let answer = cryptogram::Answer::compute(session, cid);
    if let Stage::Online(issuer) = session.transaction.stage {
        session.transaction.stage = Stage::Closed(Ending::Online(issuer));
    }
    answer.emit(session, combined, reply)?;
    Ok(StatusWord::SUCCESS)
}

/// The issuer has answered.
fn online_done(session: &mut Session<'_>, wish: Kind, code: [u8; 2]) -> Result<(Kind, u8), Fault> {
    let answered = session.transaction.issuer().and_then(|issuer| issuer.response_code);
    let code = answered.unwrap_or(code);
    // Approved, or a referral that the terminal may approve.
    let approved = matches!(&code, b"00" | b"10" | b"11" | b"01" | b"02");
    let missing = session.supports_issuer_authentication()
        && session.transaction.issuer_authentication() == IssuerAuthentication::NotPerformed;
    let mandatory_missing = missing && risk::is_mandatory(session);
    if missing {
        session.transaction.cvr.set(CvrBit::NO_ISSUER_AUTHENTICATION);
    }
    if mandatory_missing {
        session.raise(Flag::IssuerAuthenticationFailed)?;
    }
    let settled = risk::issuer_is_settled(session);
    if wish == Kind::Aac || !approved {
        if settled {
            clear_history(session)?;
        }
        return Ok((Kind::Aac, Kind::Aac.cid()));
    }
    let ada = session.default_action();
    let failed = session.supports_issuer_authentication()
        && session.transaction.issuer_authentication() == IssuerAuthentication::Failed;
    let decline = failed && ada & risk::action::ISSUER_AUTHENTICATION_FAILED_DECLINE != 0
        || mandatory_missing && ada & risk::action::NO_ISSUER_AUTHENTICATION_DECLINE != 0;
    if decline {
        let advice = ada & risk::action::ADVICE_WHEN_ISSUER_FAILED != 0;
        return Ok((Kind::Aac, if advice { ADVICE_ISSUER_FAILED } else { 0 }));
    }
    if settled {
        clear_history(session)?;
        session.set(Area::CURRENCY_COUNTER, &[0, 0])?;
        session.set_amount(Area::CUMULATIVE, 0)?;
        session.set_amount(Area::DUAL_CUMULATIVE, 0)?;
        let atc = session.transaction.begun.atc;
        session.set(Area::LAST_ONLINE_ATC, &atc)?;
    }
    Ok((Kind::Tc, Kind::Tc.cid()))
}

/// The terminal could not go online (response code Y3 or Z3).
fn unable_online(session: &mut Session<'_>, wish: Kind) -> Result<(Kind, u8), Fault> {
    session.transaction.cvr.set(CvrBit::UNABLE_ONLINE);
    let found = risk::unable_online(session);
    if wish == Kind::Aac || found.decline {
        store_failed_authentication(session)?;
        count_abroad(session, true)?;
        return Ok((Kind::Aac, Kind::Aac.cid() | advice(session)));
    }
    count_abroad(session, false)?;
    add_to_sums(session)?;
    Ok((Kind::Tc, Kind::Tc.cid()))
}

/// Forgets what the issuer has now seen: unfinished online transactions, failed offline data
/// authentication, scripts.
fn clear_history(session: &mut Session<'_>) -> Result<(), Fault> {
    for flag in [Flag::Online, Flag::SdaFailed, Flag::DdaFailed, Flag::ScriptFailed] {
        session.lower(flag)?;
    }
    session.set(Area::SCRIPTS, &[0])
}
