//! E-cash over contacts (电子现金): when it is chosen, and the debit at the first cryptogram.

use sscard_apdu::bcd;
use sscard_apdu::dol;
use sscard_apdu::tlv::Tag;
use sscard_elements::tag;

use super::risk;
use super::session::{Flag, Session};
use super::transaction::{Kind, in_list};
use crate::fault::Fault;

/// Terminal verification results, transaction status and unpredictable number differ by nature.
const NOT_COMPARED: [Tag; 3] = [
    tag::TERMINAL_VERIFICATION_RESULTS,
    tag::TRANSACTION_STATUS_INFORMATION,
    tag::UNPREDICTABLE_NUMBER,
];

/// The seven conditions of the e-cash path (JR/T 0025.13 §7.2).
pub(super) fn is_chosen(session: &Session<'_>) -> bool {
    let amount = session.transaction_amount();
    let within = |tag| session.limit(tag).is_some_and(|limit| amount <= limit);
    session.terminal::<1>(tag::CASH_SUPPORT_INDICATOR) == [1]
        && session.object::<2>(tag::RISK_CURRENCY)
            == Some(session.terminal(tag::TRANSACTION_CURRENCY))
        && within(tag::CASH_BALANCE)
        && within(tag::CASH_SINGLE_LIMIT)
        && !session.has(Flag::IssuerAuthenticationFailed)
        && !session.has(Flag::ScriptFailed)
        && session.pin_tries() != 0
}

/// The first cryptogram of an e-cash transaction: the terminal's wish, once its data is the same
/// as at GET PROCESSING OPTIONS; a TC debits the balance (JR/T 0025.13 §7.6).
pub(super) fn decide(session: &mut Session<'_>, wish: Kind) -> Result<Kind, Fault> {
    risk::note_failed_authentication(session);
    if session.transaction.begun.blocked || wish == Kind::Aac {
        return Ok(Kind::Aac);
    }
    if wish == Kind::Arqc {
        return Ok(Kind::Arqc);
    }
    let balance = session.limit(tag::CASH_BALANCE).unwrap_or(0);
    let rest = balance.checked_sub(session.transaction_amount());
    let Some(rest) = rest.filter(|_| is_unchanged(session)) else { return Ok(Kind::Aac) };
    if let Some((address, 6)) = session.place.object(tag::CASH_BALANCE) {
        session.nvm.write(address, &bcd::n12(rest))?;
    }
    Ok(Kind::Tc)
}

/// Whether every element of both lists has the value it had at GET PROCESSING OPTIONS.
fn is_unchanged(session: &Session<'_>) -> bool {
    let (plan, transaction) = (session.plan, &*session.transaction);
    dol::DolReader::new(&plan.pdol).filter_map(Result::ok).all(|entry| {
        let tag = entry.tag;
        let now = in_list(&plan.cdol1, &transaction.given.cdol1, tag);
        NOT_COMPARED.contains(&tag)
            || now.is_none()
            || now == in_list(&plan.pdol, &transaction.given.pdol, tag)
    })
}
