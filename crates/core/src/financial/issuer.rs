//! EXTERNAL AUTHENTICATE: the issuer proves itself with its response cryptogram (ARPC).

use sscard_apdu::StatusWord;
use sscard_elements::{CardVerificationResults, tag};

use super::cryptogram;
use super::session::{Flag, Session};
use super::transaction::{IssuerAuthentication, IssuerSession, Stage, in_list};
use crate::profile::ResponseMethod;

/// EXTERNAL AUTHENTICATE (INS 82): ARPC (8), authorisation response code (2), issuer's own (0…6); under
/// method 2 of EMV ARPC (4), card status update (4), issuer's own (0…8).
///
/// # Status
/// `9000`; `6300` wrong; `6985` no ARQC was given, the AIP does not offer it, or it is the second one
/// of the transaction, which then counts as failed; `6700` no whole response code, or more: nothing counts.
///
/// # Reference
/// JR/T 0025.5 §15, annex B.4.
pub(super) fn authenticate(
    session: &mut Session<'_>,
    data: &[u8],
) -> Result<StatusWord, StatusWord> {
    let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    let Stage::Online(issuer) = session.transaction.stage else { return Err(refused) };
    if !session.supports_issuer_authentication() {
        return Err(refused);
    }
    // Without a response code behind the cryptogram there is nothing to check, and nothing counts.
    if session.plan.cryptogram.response == ResponseMethod::One && data.len() < 10 {
        return Err(StatusWord::WRONG_LENGTH);
    }
    if issuer.authentication != IssuerAuthentication::NotPerformed {
        session.raise(Flag::IssuerAuthenticationFailed)?;
        return Ok(refused);
    }
    settle(session, issuer, data)
}

/// Issuer authentication data (tag 91) in the data of CDOL2, as schemes without EXTERNAL AUTHENTICATE have
/// it; zeros are none.
pub(super) fn in_second_command(session: &mut Session<'_>) -> Result<(), StatusWord> {
    let Stage::Online(issuer) = session.transaction.stage else { return Ok(()) };
    if issuer.authentication != IssuerAuthentication::NotPerformed {
        return Ok(());
    }
    let list = &session.plan.cdol2;
    let given = &session.transaction.given.cdol2;
    let data = in_list(list, given, tag::ISSUER_AUTHENTICATION_DATA).map(<[u8]>::to_vec);
    match data {
        Some(data) if data.iter().any(|byte| *byte != 0) => {
            settle(session, issuer, &data).map(drop)
        }
        _ => Ok(()),
    }
}

fn settle(
    session: &mut Session<'_>,
    issuer: IssuerSession,
    data: &[u8],
) -> Result<StatusWord, StatusWord> {
    let (is_right, code) = match session.plan.cryptogram.response {
        ResponseMethod::One => with_code(session, &issuer, data)?,
        ResponseMethod::Two => with_update(session, &issuer, data)?,
    };
    let authentication =
        if is_right { IssuerAuthentication::Succeeded } else { IssuerAuthentication::Failed };
    let answered = IssuerSession { authentication, response_code: code, ..issuer };
    session.transaction.stage = Stage::Online(answered);
    if authentication == IssuerAuthentication::Succeeded {
        session.lower(Flag::IssuerAuthenticationFailed)?;
        return Ok(StatusWord::SUCCESS);
    }
    session.transaction.cvr.set(CardVerificationResults::ISSUER_AUTHENTICATION_FAILED);
    session.raise(Flag::IssuerAuthenticationFailed)?;
    Ok(StatusWord::AUTHENTICATION_FAILED)
}

/// Method 1: whether the ARPC of 8 bytes is right, and the response code behind it.
fn with_code(
    session: &Session<'_>,
    issuer: &IssuerSession,
    data: &[u8],
) -> Result<(bool, Option<[u8; 2]>), StatusWord> {
    let (arpc, rest) = data.split_first_chunk::<8>().ok_or(StatusWord::WRONG_LENGTH)?;
    let code = rest.first_chunk::<2>().copied();
    let expected = |code| cryptogram::arpc(session, issuer, code);
    let is_right = |code| sscard_crypto::proves(&expected(code), arpc);
    Ok((code.is_some_and(is_right), code))
}

/// Method 2: whether the ARPC of 4 bytes is right, and what its card status update says of the
/// transaction: approved by byte 2 bit 8 (EMV Book 3 annex C10), as a response code.
fn with_update(
    session: &Session<'_>,
    issuer: &IssuerSession,
    data: &[u8],
) -> Result<(bool, Option<[u8; 2]>), StatusWord> {
    let (arpc, rest) = data.split_first_chunk::<4>().ok_or(StatusWord::WRONG_LENGTH)?;
    let (update, own) = rest.split_first_chunk::<4>().ok_or(StatusWord::WRONG_LENGTH)?;
    let expected = cryptogram::arpc_of_update(session, issuer, *update, own);
    let [_, second, ..] = *update;
    let code = if second & 0x80 != 0 { *b"00" } else { *b"05" };
    Ok((sscard_crypto::proves(&expected, arpc), Some(code)))
}
