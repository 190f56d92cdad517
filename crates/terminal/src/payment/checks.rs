//! Processing restrictions, terminal risk management, terminal action analysis.
//!
//! Source: EMV Book 3 §10.4, §10.6, §10.7; JR/T 0025.6 §10, §12, §13.

use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_elements::{
    ApplicationInterchangeProfile as Aip, ApplicationUsageControl,
    CryptogramInformationData as Cid, TerminalVerificationResults as Tvr,
    TransactionStatusInformation as Tsi, tag,
};
use sscard_host::Transport;

use super::kernel::Kernel;
use super::{DataStore, PaymentError, Settings};

/// Version of the application that the terminal knows: PBOC 3.0.
const VERSION: [u8; 2] = [0x00, 0x30];

/// Versions, application usage control, dates: TVR byte 2.
pub(super) fn restrict(settings: &Settings, data: &DataStore, tvr: &mut Tvr) {
    if data.array::<2>(tag::APPLICATION_VERSION).is_some_and(|version| version != VERSION) {
        tvr.set(Tvr::VERSIONS_DIFFER);
    }
    let today = bcd::full_date(settings.date);
    if data.array::<3>(tag::EXPIRATION_DATE).is_some_and(|expiry| bcd::full_date(expiry) < today) {
        tvr.set(Tvr::EXPIRED);
    }
    if data
        .array::<3>(tag::EFFECTIVE_DATE)
        .is_some_and(|effective| bcd::full_date(effective) > today)
    {
        tvr.set(Tvr::NOT_YET_EFFECTIVE);
    }
    if let Some(control) = data.array(tag::USAGE_CONTROL) {
        let control = ApplicationUsageControl::new(control);
        let domestic = data.array::<2>(tag::ISSUER_COUNTRY) == Some(settings.country);
        // Purchases of goods, at a terminal that is no ATM.
        let service = if domestic {
            ApplicationUsageControl::DOMESTIC_GOODS
        } else {
            ApplicationUsageControl::INTERNATIONAL_GOODS
        };
        if !control.has(service) || !control.has(ApplicationUsageControl::ELSEWHERE_THAN_ATMS) {
            tvr.set(Tvr::SERVICE_NOT_ALLOWED);
        }
    }
}

/// Floor limit and velocity: TVR byte 4, and a new card: TVR byte 2.
///
/// `[choice]` The floor limit is the terminal's own and holds whatever the AIP says of terminal risk
/// management.
pub(super) fn manage_risk<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<(), PaymentError> {
    if kernel.settings.amount >= kernel.settings.floor_limit {
        kernel.tvr.set(Tvr::OVER_FLOOR_LIMIT);
    }
    if !kernel.profile().has(Aip::TERMINAL_RISK_MANAGEMENT) {
        return Ok(());
    }
    kernel.tsi.set(Tsi::TERMINAL_RISK_MANAGEMENT);
    let limits = (
        kernel.data.array::<1>(tag::LOWER_OFFLINE_LIMIT),
        kernel.data.array::<1>(tag::UPPER_OFFLINE_LIMIT),
    );
    let (Some([lower]), Some([upper])) = limits else { return Ok(()) };
    let atc = kernel.get_data(tag::TRANSACTION_COUNTER)?;
    let last = kernel.get_data(tag::LAST_ONLINE_COUNTER)?;
    let number = |value: &Option<Vec<u8>>| {
        value.as_deref().and_then(|value| value.try_into().ok()).map(u16::from_be_bytes)
    };
    match (number(&atc), number(&last)) {
        (Some(atc), Some(last)) => {
            let offline = atc.saturating_sub(last);
            if offline > u16::from(lower) {
                kernel.tvr.set(Tvr::LOWER_LIMIT_EXCEEDED);
            }
            if offline > u16::from(upper) {
                kernel.tvr.set(Tvr::UPPER_LIMIT_EXCEEDED);
            }
            if last == 0 {
                kernel.tvr.set(Tvr::NEW_CARD);
            }
        }
        _ => kernel.tvr.set(Tvr::LOWER_LIMIT_EXCEEDED | Tvr::UPPER_LIMIT_EXCEEDED),
    }
    Ok(())
}

/// Whether the transaction goes the e-cash path: the terminal offered it, and the card's records
/// hold the issuer's authorisation code.
pub(super) fn is_electronic_cash(settings: &Settings, data: &DataStore) -> bool {
    settings.electronic_cash && data.value(tag::CASH_AUTHORISATION_CODE).is_some()
}

/// Positions of the terminal's action codes.
const DEFAULT: usize = 0;
const DENIAL: usize = 1;
const ONLINE: usize = 2;

/// Whether a bit of the TVR is in the issuer's action code `tag` or in the terminal's; `absent` stands
/// for each byte of an issuer's that the card does not have.
fn hits(
    settings: &Settings,
    data: &DataStore,
    tvr: Tvr,
    tag: Tag,
    absent: u8,
    terminal: usize,
) -> bool {
    let issuer = data.array::<5>(tag).unwrap_or([absent; 5]);
    let terminal = settings.action_codes.get(terminal).copied().unwrap_or_default();
    tvr.has(Tvr::new(issuer) | Tvr::new(terminal))
}

/// Whether the default action codes decline what cannot go online (EMV Book 3 §10.7).
pub(super) fn declines_by_default(settings: &Settings, data: &DataStore, tvr: Tvr) -> bool {
    hits(settings, data, tvr, tag::ISSUER_ACTION_CODE_DEFAULT, 0xFF, DEFAULT)
}

/// The kind of cryptogram to ask for.
pub(super) fn analyse<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Cid, PaymentError> {
    let (settings, data, tvr) = (kernel.settings, &kernel.data, kernel.tvr);
    if let Some(wish) = settings.wish {
        return Ok(Cid::new([wish]));
    }
    if hits(settings, data, tvr, tag::ISSUER_ACTION_CODE_DENIAL, 0x00, DENIAL) {
        return Ok(Cid::AAC);
    }
    if is_electronic_cash(settings, data) {
        return electronic_cash(kernel);
    }
    if settings.online {
        let goes_online = hits(settings, data, tvr, tag::ISSUER_ACTION_CODE_ONLINE, 0xFF, ONLINE);
        return Ok(if goes_online { Cid::ARQC } else { Cid::TC });
    }
    Ok(if declines_by_default(settings, data, tvr) { Cid::AAC } else { Cid::TC })
}

/// What is left after the payment against the reset threshold (JR/T 0025.13 §7.5).
///
/// `[choice]` What the default action codes decline for its first three bytes, such as a failed
/// authentication, is not paid with e-cash: it goes online or is declined. Floor limit and velocity
/// (byte 4) do not bind e-cash, whose limits are its own.
fn electronic_cash<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Cid, PaymentError> {
    let [authentication, restrictions, holder, ..] = kernel.tvr.bytes();
    let results = Tvr::new([authentication, restrictions, holder, 0, 0]);
    if declines_by_default(kernel.settings, &kernel.data, results) {
        return Ok(if kernel.settings.online { Cid::ARQC } else { Cid::AAC });
    }
    let balance = kernel.get_data(tag::CASH_BALANCE)?;
    let threshold = kernel.get_data(tag::CASH_RESET_THRESHOLD)?;
    let amount = |value: Option<Vec<u8>>| value.map_or(0, |value| bcd::number(&value));
    let left = amount(balance).checked_sub(kernel.settings.amount);
    let above = left.is_some_and(|left| left >= amount(threshold));
    Ok(if above || !kernel.settings.online { Cid::TC } else { Cid::ARQC })
}

#[cfg(test)]
mod tests;
