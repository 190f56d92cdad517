//! Card risk management: the twelve checks before the first cryptogram and those of a terminal
//! that cannot go online (JR/T 0025.5 §14.4.3, §16.4).
//!
//! Every check is made, in order; a hit never stops the list. A comparison is skipped when the
//! terminal gave zeros or the card has no such element.

use super::amount::convert;
use super::session::{Flag, Session};
use super::transaction::IssuerAuthentication;
use crate::profile::Area;
use sscard_apdu::tlv::Tag;
use sscard_elements::{
    ApplicationDefaultAction, CardVerificationResults, IssuerAuthenticationIndicator, tag,
};

/// What the checks ask for.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Findings {
    pub(super) online: bool,
    pub(super) decline: bool,
    /// The application is to be blocked.
    pub(super) block: bool,
}

/// The transaction's currency against the card's: `None` when one of them is missing.
pub(super) fn currency_matches(session: &Session<'_>) -> Option<bool> {
    let own = session.object::<2>(tag::RISK_CURRENCY)?;
    let given = session.terminal::<2>(tag::TRANSACTION_CURRENCY);
    (given != [0, 0]).then_some(given == own)
}

/// The terminal's country against the issuer's: `None` when one of them is missing.
pub(super) fn country_matches(session: &Session<'_>) -> Option<bool> {
    let own = session.object::<2>(tag::RISK_COUNTRY)?;
    let given = session.terminal::<2>(tag::TERMINAL_COUNTRY);
    (given != [0, 0]).then_some(given == own)
}

/// The amount as it counts in the dual-currency sum; `None` in a third currency.
pub(super) fn dual_amount(session: &Session<'_>) -> Option<u64> {
    let amount = session.transaction_amount();
    match currency_matches(session)? {
        true => Some(amount),
        false => {
            let second = session.object::<2>(tag::SECOND_CURRENCY)?;
            let factor = session.object::<4>(tag::CONVERSION_FACTOR)?;
            (second == session.terminal::<2>(tag::TRANSACTION_CURRENCY))
                .then(|| convert(amount, factor))
        }
    }
}

/// Checks 3 and 4: offline data authentication failed in an earlier, declined transaction.
pub(super) fn note_failed_authentication(session: &mut Session<'_>) {
    if session.has(Flag::SdaFailed) {
        session.transaction.cvr.set(CardVerificationResults::LAST_SDA_FAILED);
    }
    if session.has(Flag::DdaFailed) {
        session.transaction.cvr.set(CardVerificationResults::LAST_DDA_FAILED);
    }
}

/// All twelve checks before the first cryptogram.
pub(super) fn before_first(session: &mut Session<'_>) -> Findings {
    let mut found = Findings::default();
    let ada = session.default_action();
    // 1: the last online transaction was not completed.
    if session.has(Flag::Online) {
        session.transaction.cvr.set(CardVerificationResults::LAST_ONLINE_NOT_COMPLETED);
        found.online = true;
    }
    // 2: issuer authentication failed in the last online transaction.
    if session.expects_issuer_authentication() && session.has(Flag::IssuerAuthenticationFailed) {
        session.transaction.cvr.set(CardVerificationResults::LAST_ISSUER_AUTHENTICATION_FAILED);
        found.online |= ada.has(ApplicationDefaultAction::ISSUER_AUTHENTICATION_FAILED_ONLINE);
    }
    // 3 and 4.
    note_failed_authentication(session);
    // 5: issuer scripts of the last online transaction.
    let scripts = session.byte(Area::SCRIPTS);
    session.transaction.cvr.set_scripts(scripts);
    if session.has(Flag::ScriptFailed) {
        session.transaction.cvr.set(CardVerificationResults::LAST_SCRIPT_FAILED);
        found.online |= ada.has(ApplicationDefaultAction::SCRIPT_FAILED_ONLINE);
    }
    if velocity(session) {
        session.transaction.cvr.set(CardVerificationResults::VELOCITY);
        found.online = true;
    }
    // 11: a new card.
    if session.array::<2>(Area::LAST_ONLINE_ATC) == [0, 0] {
        session.transaction.cvr.set(CardVerificationResults::NEW_CARD);
        found.online |= ada.has(ApplicationDefaultAction::NEW_CARD_ONLINE);
    }
    // 12: the PIN's tries were used up earlier.
    if !session.transaction.pin.presented && session.pin_tries() == 0 {
        session.transaction.cvr.set(CardVerificationResults::PIN_TRIES_EXCEEDED);
        found.decline |= ada.has(ApplicationDefaultAction::PIN_EXCEEDED_BEFORE_DECLINE);
        found.online |= ada.has(ApplicationDefaultAction::PIN_EXCEEDED_BEFORE_ONLINE);
        if ada.has(ApplicationDefaultAction::PIN_EXCEEDED_BEFORE_BLOCK) {
            found.decline = true;
            found.block = true;
        }
    }
    found
}

/// Checks 6 to 10: too much has happened offline.
fn velocity(session: &Session<'_>) -> bool {
    let above = |offset: usize, limit: Tag| {
        session.counter_limit(limit).is_some_and(|limit| next_exceeds(session.byte(offset), limit))
    };
    let currency = currency_matches(session);
    // An amount of zeros is none: nothing is compared with 9F54 and 9F75.
    let has_amount = session.transaction_amount() != 0;
    // 6: transactions since the last online one.
    offline_transactions(session) > limit_or_none(session, tag::LOWER_OFFLINE_LIMIT_OF_CARD)
        // 7: in another currency.
        || currency == Some(false)
            && above(Area::CURRENCY_COUNTER, tag::INTERNATIONAL_CURRENCY_LIMIT)
        // 8: in another country.
        || country_matches(session) == Some(false)
            && above(Area::COUNTRY_COUNTER, tag::INTERNATIONAL_COUNTRY_LIMIT)
        // 9: the sum in the card's currency.
        || has_amount
            && currency == Some(true)
            && exceeds(session, Area::CUMULATIVE, session.transaction_amount(), tag::CUMULATIVE_LIMIT)
        // 10: the sum in both currencies.
        || has_amount && dual_amount(session).is_some_and(|amount| {
            exceeds(session, Area::DUAL_CUMULATIVE, amount, tag::DUAL_CUMULATIVE_LIMIT)
        })
}

/// Whether one more transaction is above the limit; the counter itself stops at 255.
fn next_exceeds(counter: u8, limit: u8) -> bool {
    u16::from(counter).saturating_add(1) > u16::from(limit)
}

fn offline_transactions(session: &Session<'_>) -> u16 {
    let atc = u16::from_be_bytes(session.transaction.begun.atc);
    atc.saturating_sub(u16::from_be_bytes(session.array(Area::LAST_ONLINE_ATC)))
}

fn limit_or_none(session: &Session<'_>, limit: Tag) -> u16 {
    session.counter_limit(limit).map_or(u16::MAX, u16::from)
}

fn exceeds(session: &Session<'_>, sum: usize, amount: u64, limit: Tag) -> bool {
    let next = session.amount(sum).saturating_add(amount);
    session.limit(limit).is_some_and(|limit| next > limit)
}

/// The checks of a terminal that wanted to go online and could not.
pub(super) fn unable_online(session: &mut Session<'_>) -> Findings {
    let mut found = Findings::default();
    let ada = session.default_action();
    if offline_transactions(session) > limit_or_none(session, tag::UPPER_OFFLINE_LIMIT_OF_CARD) {
        session.transaction.cvr.set(CardVerificationResults::VELOCITY);
        found.decline = true;
    }
    if session.array::<2>(Area::LAST_ONLINE_ATC) == [0, 0] {
        session.transaction.cvr.set(CardVerificationResults::NEW_CARD);
        found.decline |= ada.has(ApplicationDefaultAction::NEW_CARD_OFFLINE_DECLINE);
    }
    let exceeded = !session.transaction.pin.presented && session.pin_tries() == 0;
    if exceeded && ada.has(ApplicationDefaultAction::PIN_EXCEEDED_OFFLINE_DECLINE) {
        session.transaction.cvr.set(CardVerificationResults::PIN_TRIES_EXCEEDED);
        found.decline = true;
    }
    let upper = tag::CUMULATIVE_UPPER_LIMIT;
    let single = currency_matches(session) == Some(true)
        && exceeds(session, Area::CUMULATIVE, session.transaction_amount(), upper);
    let dual = dual_amount(session)
        .is_some_and(|amount| exceeds(session, Area::DUAL_CUMULATIVE, amount, upper));
    if single || dual {
        session.transaction.cvr.set(CardVerificationResults::VELOCITY);
        found.decline = true;
    }
    found
}

/// Whether the issuer was authenticated, or did not have to be.
pub(super) fn issuer_is_settled(session: &Session<'_>) -> bool {
    match session.transaction.issuer_authentication() {
        _ if !session.expects_issuer_authentication() => true,
        IssuerAuthentication::Succeeded => true,
        IssuerAuthentication::NotPerformed => !is_mandatory(session),
        IssuerAuthentication::Failed => false,
    }
}

/// Issuer authentication indicator, tag 9F56 bit 8.
pub(super) fn is_mandatory(session: &Session<'_>) -> bool {
    session.object::<1>(tag::ISSUER_AUTHENTICATION_INDICATOR).is_some_and(|indicator| {
        IssuerAuthenticationIndicator::new(indicator).has(IssuerAuthenticationIndicator::MANDATORY)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_1_4_a_counter_of_255_is_above_every_limit() {
        assert!(next_exceeds(255, 255), "256 > 255");
        assert!(!next_exceeds(254, 255));
        assert!(next_exceeds(0, 0));
    }
}
