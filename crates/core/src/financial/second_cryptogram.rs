//! The second GENERATE AC: after the issuer's answer, or without one.

use sscard_apdu::{StatusWord, dol};
use sscard_elements::{
    ApplicationDefaultAction, ApplicationInterchangeProfile, CardVerificationResults,
    CryptogramInformationData as Cid, tag,
};

use super::command::Request;
use super::first_cryptogram::{add_to_sums, advice, count_abroad, store_failed_authentication};
use super::session::{Flag, Session};
use super::transaction::{Ending, IssuerAuthentication, Kind, Stage, information};
use super::{authentication, cryptogram, issuer, log, qpboc, risk};
use crate::applet::Reply;
use crate::fault::Fault;
use crate::profile::Area;

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
    issuer::in_second_command(session)?;
    let code = session.terminal::<2>(tag::RESPONSE_CODE);
    let wish = if session.transaction.begun.blocked { Kind::Aac } else { request.kind };
    let (kind, cid) = if matches!(&code, b"Y3" | b"Z3") {
        unable_online(session, wish)?
    } else {
        online_done(session, wish, code)?
    };
    session.transaction.cvr.set_second(information(kind));
    let combined = request.combined
        && kind != Kind::Aac
        && session.transaction.begun.aip.has(ApplicationInterchangeProfile::CDA)
        && authentication::is_possible(session);
    if combined {
        session.transaction.cvr.set(CardVerificationResults::DDA_PERFORMED);
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
fn online_done(session: &mut Session<'_>, wish: Kind, code: [u8; 2]) -> Result<(Kind, Cid), Fault> {
    let answered = session.transaction.issuer().and_then(|issuer| issuer.response_code);
    let code = answered.unwrap_or(code);
    // Approved, or a referral that the terminal may approve.
    let approved = matches!(&code, b"00" | b"10" | b"11" | b"01" | b"02");
    let missing = session.expects_issuer_authentication()
        && session.transaction.issuer_authentication() == IssuerAuthentication::NotPerformed;
    let mandatory_missing = missing && risk::is_mandatory(session);
    if missing {
        session.transaction.cvr.set(CardVerificationResults::NO_ISSUER_AUTHENTICATION);
    }
    if mandatory_missing {
        session.raise(Flag::IssuerAuthenticationFailed)?;
    }
    let settled = risk::issuer_is_settled(session);
    if wish == Kind::Aac || !approved {
        if settled {
            clear_history(session)?;
        }
        return Ok((Kind::Aac, Cid::AAC));
    }
    let ada = session.default_action();
    let failed = session.expects_issuer_authentication()
        && session.transaction.issuer_authentication() == IssuerAuthentication::Failed;
    let decline = failed && ada.has(ApplicationDefaultAction::ISSUER_AUTHENTICATION_FAILED_DECLINE)
        || mandatory_missing && ada.has(ApplicationDefaultAction::NO_ISSUER_AUTHENTICATION_DECLINE);
    if decline {
        let advice = ada.has(ApplicationDefaultAction::ADVICE_WHEN_ISSUER_FAILED);
        let reason = Cid::ADVICE_REQUIRED | Cid::ISSUER_AUTHENTICATION_FAILED;
        return Ok((Kind::Aac, if advice { reason } else { Cid::AAC }));
    }
    if settled {
        clear_history(session)?;
        session.set(Area::CURRENCY_COUNTER, &[0, 0])?;
        session.set_amount(Area::CUMULATIVE, 0)?;
        session.set_amount(Area::DUAL_CUMULATIVE, 0)?;
        let atc = session.transaction.begun.atc;
        session.set(Area::LAST_ONLINE_ATC, &atc)?;
    }
    Ok((Kind::Tc, Cid::TC))
}

/// The terminal could not go online (response code Y3 or Z3).
fn unable_online(session: &mut Session<'_>, wish: Kind) -> Result<(Kind, Cid), Fault> {
    session.transaction.cvr.set(CardVerificationResults::UNABLE_ONLINE);
    let found = risk::unable_online(session);
    if wish == Kind::Aac || found.decline {
        store_failed_authentication(session)?;
        count_abroad(session, true)?;
        return Ok((Kind::Aac, Cid::AAC | advice(session)));
    }
    count_abroad(session, false)?;
    add_to_sums(session)?;
    Ok((Kind::Tc, Cid::TC))
}

/// Forgets what the issuer has now seen: unfinished online transactions, failed offline data
/// authentication, scripts.
fn clear_history(session: &mut Session<'_>) -> Result<(), Fault> {
    for flag in [Flag::Online, Flag::SdaFailed, Flag::DdaFailed, Flag::ScriptFailed] {
        session.lower(flag)?;
    }
    session.set(Area::SCRIPTS, &[0])
}
