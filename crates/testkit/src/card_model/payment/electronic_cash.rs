//! E-cash over contacts (电子现金): when it is chosen, and what the first cryptogram takes.
//!
//! # Reference
//! JR/T 0025.13 §7.2, §7.6; spec/financial-details.md §5.

use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_elements::{CryptogramInformationData as Cid, tag};

use super::{Account, risk};

/// What differs between the two commands by its nature.
const FREE: [Tag; 3] = [
    tag::TERMINAL_VERIFICATION_RESULTS,
    tag::TRANSACTION_STATUS_INFORMATION,
    tag::UNPREDICTABLE_NUMBER,
];

/// Whether the seven conditions of its path hold.
pub(super) fn is_chosen(account: &Account<'_>) -> bool {
    let held = account.held();
    let amount = account.transaction_amount();
    let covers = |limit| held.amount(limit).is_some_and(|limit| amount <= limit);
    let terminal_wants = account.terminal(tag::CASH_SUPPORT_INDICATOR) == [0x01];
    let currency = held.fixed::<2>(tag::RISK_CURRENCY);
    terminal_wants
        && currency == Some(account.terminal(tag::TRANSACTION_CURRENCY))
        && covers(tag::CASH_BALANCE)
        && covers(tag::CASH_SINGLE_LIMIT)
        && !held.flags.issuer_failed
        && !held.flags.script_failed
        && held.tries > 0
}

/// The kind of the first cryptogram on its path: of all checks there are two, which decide nothing; a TC takes the amount.
pub(super) fn decide(account: &mut Account<'_>, wish: Cid) -> Cid {
    risk::note_failed_authentication(account);
    if account.session.is_blocked {
        return Cid::AAC;
    }
    if wish != Cid::TC {
        return wish;
    }
    let balance = account.held().amount(tag::CASH_BALANCE).unwrap_or(0);
    match balance.checked_sub(account.transaction_amount()) {
        Some(rest) if is_as_begun(account) => {
            account.change().put(tag::CASH_BALANCE, &bcd::n12(rest));
            Cid::TC
        }
        _ => Cid::AAC,
    }
}

/// Whether what both lists ask for is what it was at GET PROCESSING OPTIONS.
fn is_as_begun(account: &Account<'_>) -> bool {
    let (plan, session) = (account.plan, &*account.session);
    let mut compared = plan.pdol.entries.iter().filter(|(tag, _)| !FREE.contains(tag));
    compared.all(|(tag, _)| {
        let now = plan.cdol1.value(*tag, &session.cdol1);
        now.is_none() || now == plan.pdol.value(*tag, &session.pdol)
    })
}
