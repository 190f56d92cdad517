//! Card risk management: what the card checks by itself before a cryptogram.
//!
//! # Reference
//! JR/T 0025.5 §14.4.3, §16; spec/financial-details.md §1.4, §1.5: every check is made, in order, and a hit never stops the list. One is
//! skipped when the terminal gave zeros for an element, or the card lacks one.

use sscard_apdu::bcd;
use sscard_elements::{
    ApplicationDefaultAction as Ada, CardVerificationResults as Cvr, IssuerAuthenticationIndicator,
    tag,
};

use super::{Account, Lasting};

/// What the checks ask for.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Wish {
    pub(super) online: bool,
    pub(super) decline: bool,
    /// The application is to be blocked.
    pub(super) block: bool,
}

/// The twelve checks before the first cryptogram.
pub(super) fn before_first(account: &mut Account<'_>) -> Wish {
    let held = account.held().clone();
    let mut wish = Wish::default();
    // 1
    if held.flags.online {
        account.session.note(Cvr::LAST_ONLINE_NOT_COMPLETED);
        wish.online = true;
    }
    // 2
    if account.has_issuer_authentication() && held.flags.issuer_failed {
        account.session.note(Cvr::LAST_ISSUER_AUTHENTICATION_FAILED);
        wish.online |= account.acts(Ada::ISSUER_AUTHENTICATION_FAILED_ONLINE);
    }
    // 3 and 4
    note_failed_authentication(account);
    // 5
    account.session.cvr[3] |= held.scripts << 4;
    if held.flags.script_failed {
        account.session.note(Cvr::LAST_SCRIPT_FAILED);
        wish.online |= account.acts(Ada::SCRIPT_FAILED_ONLINE);
    }
    // 6 to 10
    if is_too_often(account, &held) || is_too_much(account, &held) {
        account.session.note(Cvr::VELOCITY);
        wish.online = true;
    }
    // 11
    if held.last_online_atc == 0 {
        account.session.note(Cvr::NEW_CARD);
        wish.online |= account.acts(Ada::NEW_CARD_ONLINE);
    }
    // 12
    if held.tries == 0 && !account.session.pin.came {
        account.session.note(Cvr::PIN_TRIES_EXCEEDED);
        wish.online |= account.acts(Ada::PIN_EXCEEDED_BEFORE_ONLINE);
        wish.block = account.acts(Ada::PIN_EXCEEDED_BEFORE_BLOCK);
        wish.decline = wish.block || account.acts(Ada::PIN_EXCEEDED_BEFORE_DECLINE);
    }
    wish
}

/// Checks 3 and 4, which e-cash has as well: offline data authentication failed in an earlier transaction that was declined.
pub(super) fn note_failed_authentication(account: &mut Account<'_>) {
    let flags = account.held().flags;
    if flags.sda_failed {
        account.session.note(Cvr::LAST_SDA_FAILED);
    }
    if flags.dda_failed {
        account.session.note(Cvr::LAST_DDA_FAILED);
    }
}

/// Checks 6 to 8: transactions since the last online one, in another currency, in another country.
fn is_too_often(account: &Account<'_>, held: &Lasting) -> bool {
    let is_above = |count: u64, limit| held.count(limit).is_some_and(|limit| count > limit);
    let currency = u64::from(held.currency_counter) + 1;
    let country = u64::from(held.country_counter) + 1;
    is_above(offline_transactions(account), tag::LOWER_OFFLINE_LIMIT_OF_CARD)
        || account.is_own_currency() == Some(false)
            && is_above(currency, tag::INTERNATIONAL_CURRENCY_LIMIT)
        || account.is_own_country() == Some(false)
            && is_above(country, tag::INTERNATIONAL_COUNTRY_LIMIT)
}

/// Checks 9 and 10: the sum in the card's currency, and in both.
fn is_too_much(account: &Account<'_>, held: &Lasting) -> bool {
    let is_above = |sum: u64, limit| held.amount(limit).is_some_and(|limit| sum > limit);
    let amount = account.transaction_amount();
    if amount == 0 {
        return false;
    }
    account.is_own_currency() == Some(true) && is_above(held.sum + amount, tag::CUMULATIVE_LIMIT)
        || dual_amount(account)
            .is_some_and(|amount| is_above(held.dual_sum + amount, tag::DUAL_CUMULATIVE_LIMIT))
}

/// Counter less that of the last online transaction.
fn offline_transactions(account: &Account<'_>) -> u64 {
    let now = u16::from_be_bytes(account.session.atc);
    now.saturating_sub(account.held().last_online_atc).into()
}

/// The amount as it counts in the sum of both currencies: as it is in the card's, converted in the second; none in a third.
pub(super) fn dual_amount(account: &Account<'_>) -> Option<u64> {
    let amount = account.transaction_amount();
    if account.is_own_currency()? {
        return Some(amount);
    }
    let second = account.held().fixed::<2>(tag::SECOND_CURRENCY)?;
    let factor = account.held().fixed::<4>(tag::CONVERSION_FACTOR)?;
    (second == account.terminal::<2>(tag::TRANSACTION_CURRENCY)).then(|| converted(amount, factor))
}

/// By 9F73: its first digit says how many of the other seven stand behind the decimal point.
fn converted(amount: u64, factor: [u8; 4]) -> u64 {
    let digits = bcd::number(&factor) % 10_000_000;
    let scale = 10_u128.pow((factor[0] >> 4).into());
    let product = u128::from(amount) * u128::from(digits) / scale;
    u64::try_from(product).unwrap_or(u64::MAX)
}

/// The checks when the terminal could not go online.
pub(super) fn unable_online(account: &mut Account<'_>) -> Wish {
    let held = account.held().clone();
    let mut wish = Wish::default();
    let limit = held.count(tag::UPPER_OFFLINE_LIMIT_OF_CARD);
    if limit.is_some_and(|limit| offline_transactions(account) > limit) {
        account.session.note(Cvr::VELOCITY);
        wish.decline = true;
    }
    if held.last_online_atc == 0 {
        account.session.note(Cvr::NEW_CARD);
        wish.decline |= account.acts(Ada::NEW_CARD_OFFLINE_DECLINE);
    }
    if held.tries == 0
        && !account.session.pin.came
        && account.acts(Ada::PIN_EXCEEDED_OFFLINE_DECLINE)
    {
        account.session.note(Cvr::PIN_TRIES_EXCEEDED);
        wish.decline = true;
    }
    if let Some(limit) = held.amount(tag::CUMULATIVE_UPPER_LIMIT) {
        let amount = account.transaction_amount();
        let own = account.is_own_currency() == Some(true) && held.sum + amount > limit;
        let both = dual_amount(account).is_some_and(|amount| held.dual_sum + amount > limit);
        if own || both {
            account.session.note(Cvr::VELOCITY);
            wish.decline = true;
        }
    }
    wish
}

/// 9F56 bit 8.
pub(super) fn is_issuer_mandatory(held: &Lasting) -> bool {
    let indicator = held.fixed(tag::ISSUER_AUTHENTICATION_INDICATOR).unwrap_or_default();
    IssuerAuthenticationIndicator::new(indicator).has(IssuerAuthenticationIndicator::MANDATORY)
}
