//! Cardholder verification by the card's CVM list.
//!
//! Source: EMV Book 3 §10.5; JR/T 0025.6 §11.

use sscard_apdu::bcd;
use sscard_commands::Command;
use sscard_crypto::financial::format_2_block;
use sscard_elements::{
    ApplicationInterchangeProfile as Aip, TerminalCapabilities, TerminalVerificationResults as Tvr,
    TransactionStatusInformation as Tsi, tag,
};
use sscard_host::Transport;

use super::checks::is_electronic_cash;
use super::kernel::Kernel;
use super::{HolderVerification, PaymentError};

/// CVM results byte 3.
const RESULT_UNKNOWN: u8 = 0x00;
const RESULT_FAILED: u8 = 0x01;
const RESULT_SUCCESSFUL: u8 = 0x02;

/// Goes through the CVM list until a rule succeeds, or one fails for good.
pub(super) fn verify<T: Transport>(
    kernel: &mut Kernel<'_, T>,
) -> Result<HolderVerification, PaymentError> {
    // E-cash asks for no verification (JR/T 0025.13 §7.4).
    if !kernel.profile().has(Aip::HOLDER_VERIFICATION)
        || is_electronic_cash(kernel.settings, &kernel.data)
    {
        return Ok(HolderVerification::NotPerformed);
    }
    let Some(list) = kernel.data.value(tag::CVM_LIST).map(<[u8]>::to_vec) else {
        kernel.tvr.set(Tvr::CARD_DATA_MISSING);
        return Ok(HolderVerification::NotPerformed);
    };
    kernel.tsi.set(Tsi::HOLDER_VERIFICATION);
    let malformed = || PaymentError::Malformed {
        command: "READ RECORD",
        tag: tag::CVM_LIST,
        reason: "is not a list of cardholder verification methods",
    };
    let (x, rest) = list.split_first_chunk::<4>().ok_or_else(malformed)?;
    let (y, rules) = rest.split_first_chunk::<4>().ok_or_else(malformed)?;
    let (rules, []) = rules.as_chunks::<2>() else { return Err(malformed()) };
    let limits = [u32::from_be_bytes(*x), u32::from_be_bytes(*y)];
    let mut last = [0x3F, 0x00, RESULT_FAILED];
    for [method, condition] in rules {
        if !applies(kernel, *method, *condition, limits) {
            continue;
        }
        let (result, holder) = perform(kernel, *method)?;
        last = [*method, *condition, result];
        if result != RESULT_FAILED {
            kernel.data.set(tag::CVM_RESULTS, last);
            return Ok(holder);
        }
        // Without bit 7 a failure ends the list.
        if method & 0x40 == 0 {
            break;
        }
    }
    kernel.tvr.set(Tvr::HOLDER_NOT_VERIFIED);
    kernel.data.set(tag::CVM_RESULTS, last);
    Ok(HolderVerification::Failed)
}

/// Whether a rule's condition holds (EMV Book 3 annex C3).
fn applies<T: Transport>(
    kernel: &Kernel<'_, T>,
    method: u8,
    condition: u8,
    [x, y]: [u32; 2],
) -> bool {
    let amount = bcd::number(kernel.data.value(tag::AMOUNT_AUTHORISED).unwrap_or_default());
    let own_currency = kernel
        .data
        .array::<2>(tag::APPLICATION_CURRENCY)
        .is_none_or(|own| own == kernel.settings.currency);
    match condition {
        0x00 => true,
        // Cash at a machine, and cash with a purchase, are not sold here.
        0x01 | 0x04 | 0x05 => false,
        0x02 => true,
        0x03 => supports(kernel, method),
        0x06 => own_currency && amount < u64::from(x),
        0x07 => own_currency && amount > u64::from(x),
        0x08 => own_currency && amount < u64::from(y),
        0x09 => own_currency && amount > u64::from(y),
        _ => false,
    }
}

/// Whether the terminal is capable of a method.
fn supports<T: Transport>(kernel: &Kernel<'_, T>, method: u8) -> bool {
    let capable = |bits| kernel.capabilities.has(bits);
    match method & 0x3F {
        0x01 | 0x03 => capable(TerminalCapabilities::PLAINTEXT_PIN),
        0x02 => capable(TerminalCapabilities::ONLINE_PIN) && kernel.settings.online,
        0x1E => capable(TerminalCapabilities::SIGNATURE),
        0x1F => capable(TerminalCapabilities::NO_VERIFICATION),
        0x04 | 0x05 => capable(TerminalCapabilities::ENCIPHERED_PIN),
        0x20 => capable(TerminalCapabilities::IDENTITY_DOCUMENT),
        _ => false,
    }
}

fn perform<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    method: u8,
) -> Result<(u8, HolderVerification), PaymentError> {
    Ok(match method & 0x3F {
        0x01 | 0x03 => {
            let ok = plaintext_pin(kernel)?;
            let result = if ok { RESULT_SUCCESSFUL } else { RESULT_FAILED };
            (result, HolderVerification::OfflinePin)
        }
        0x02 if !supports(kernel, method) => (RESULT_FAILED, HolderVerification::Failed),
        0x02 if kernel.settings.pin.as_deref() == Some("") => {
            kernel.tvr.set(Tvr::PIN_NOT_ENTERED);
            (RESULT_FAILED, HolderVerification::Failed)
        }
        0x02 => {
            kernel.tvr.set(Tvr::ONLINE_PIN_ENTERED);
            (RESULT_UNKNOWN, HolderVerification::OnlinePin)
        }
        0x1E => (RESULT_UNKNOWN, HolderVerification::Signature),
        0x1F => (RESULT_SUCCESSFUL, HolderVerification::NoneRequired),
        0x20 => (RESULT_UNKNOWN, HolderVerification::Signature),
        0x00 => (RESULT_FAILED, HolderVerification::Failed),
        _ => {
            kernel.tvr.set(Tvr::UNKNOWN_METHOD);
            (RESULT_FAILED, HolderVerification::Failed)
        }
    })
}

/// VERIFY with the PIN the holder enters; one entry, no second chance.
///
/// `[choice]` A card whose data authentication failed is told no PIN: its list of methods may have been changed to get
/// one in the clear.
fn plaintext_pin<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<bool, PaymentError> {
    if kernel.tvr.has(Tvr::SDA_FAILED | Tvr::DDA_FAILED | Tvr::CDA_FAILED) {
        return Ok(false);
    }
    let tries = kernel.get_data(tag::PIN_TRY_COUNTER)?;
    if tries.as_deref() == Some(&[0x00]) {
        kernel.tvr.set(Tvr::PIN_TRIES_EXCEEDED);
        return Ok(false);
    }
    let Some(block) = kernel.settings.pin.as_deref().and_then(format_2_block) else {
        kernel.tvr.set(Tvr::PIN_NOT_ENTERED);
        return Ok(false);
    };
    let (_, status) = kernel.send("VERIFY", Command::Verify { reference: 0x80, pin: &*block })?;
    if matches!(status.value(), 0x63C0 | 0x6983 | 0x6984) {
        kernel.tvr.set(Tvr::PIN_TRIES_EXCEEDED);
    }
    Ok(status.is_success())
}
