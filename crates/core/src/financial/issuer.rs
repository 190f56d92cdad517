//! EXTERNAL AUTHENTICATE: the issuer proves itself with its response cryptogram (ARPC).

use sscard_apdu::StatusWord;
use sscard_elements::CardVerificationResults;

use super::cryptogram;
use super::session::{Flag, Session};
use super::transaction::{IssuerAuthentication, IssuerSession, Stage};

/// EXTERNAL AUTHENTICATE (INS 82): ARPC (8), authorisation response code (2), issuer's own (0…6).
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
    if issuer.authentication != IssuerAuthentication::NotPerformed {
        session.raise(Flag::IssuerAuthenticationFailed)?;
        return Ok(refused);
    }
    let (arpc, rest) = data.split_first_chunk::<8>().ok_or(StatusWord::WRONG_LENGTH)?;
    let code = rest.first_chunk::<2>().copied();
    let expected = |code| cryptogram::arpc(session, &issuer, code);
    let is_right = |code| sscard_crypto::secrets_equal(&expected(code), arpc);
    let authentication = if code.is_some_and(is_right) {
        IssuerAuthentication::Succeeded
    } else {
        IssuerAuthentication::Failed
    };
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
