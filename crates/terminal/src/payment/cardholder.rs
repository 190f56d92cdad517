//! Cardholder verification by the card's CVM list.
//!
//! Source: EMV Book 3 §10.5; JR/T 0025.6 §11.

use sscard_commands::ins;
use sscard_crypto::financial::format_2_block;
use sscard_elements::tag;
use sscard_host::Transport;

use super::checks::is_electronic_cash;
use super::kernel::{Kernel, Request, cents};
use super::{HolderVerification, PaymentError};

/// TVR byte 3.
const FAILED: u8 = 0x80;
const UNKNOWN_METHOD: u8 = 0x40;
const TRIES_EXCEEDED: u8 = 0x20;
const NOT_ENTERED: u8 = 0x08;
const ONLINE_PIN: u8 = 0x04;
/// CVM results byte 3.
const RESULT_UNKNOWN: u8 = 0x00;
const RESULT_FAILED: u8 = 0x01;
const RESULT_SUCCESSFUL: u8 = 0x02;

/// Goes through the CVM list until a rule succeeds, or one fails for good.
pub(super) fn verify<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<(), PaymentError> {
    // E-cash asks for no verification (JR/T 0025.13 §7.4).
    if kernel.profile() & 0x10 == 0 || is_electronic_cash(kernel) {
        return Ok(());
    }
    let Some(list) = kernel.data.value(tag::CVM_LIST).map(<[u8]>::to_vec) else {
        kernel.tvr[0] |= 0x20;
        return Ok(());
    };
    kernel.tsi[0] |= 0x40;
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
            kernel.holder = holder;
            kernel.data.set(tag::CVM_RESULTS, last);
            return Ok(());
        }
        // Without bit 7 a failure ends the list.
        if method & 0x40 == 0 {
            break;
        }
    }
    kernel.holder = HolderVerification::Failed;
    kernel.tvr[2] |= FAILED;
    kernel.data.set(tag::CVM_RESULTS, last);
    Ok(())
}

/// Whether a rule's condition holds (EMV Book 3 annex C3).
fn applies<T: Transport>(
    kernel: &Kernel<'_, T>,
    method: u8,
    condition: u8,
    [x, y]: [u32; 2],
) -> bool {
    let amount = cents(kernel.data.value(tag::AMOUNT_AUTHORISED).unwrap_or_default());
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

/// Terminal capabilities byte 2.
fn supports<T: Transport>(kernel: &Kernel<'_, T>, method: u8) -> bool {
    let capabilities = kernel.capabilities[1];
    match method & 0x3F {
        0x01 | 0x03 => capabilities & 0x80 != 0,
        0x02 => capabilities & 0x40 != 0 && kernel.settings.online,
        0x1E => capabilities & 0x20 != 0,
        0x1F => capabilities & 0x08 != 0,
        0x04 | 0x05 => capabilities & 0x10 != 0,
        0x20 => capabilities & 0x01 != 0,
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
            kernel.tvr[2] |= NOT_ENTERED;
            (RESULT_FAILED, HolderVerification::Failed)
        }
        0x02 => {
            kernel.tvr[2] |= ONLINE_PIN;
            (RESULT_UNKNOWN, HolderVerification::OnlinePin)
        }
        0x1E => (RESULT_UNKNOWN, HolderVerification::Signature),
        0x1F => (RESULT_SUCCESSFUL, HolderVerification::NoneRequired),
        0x20 => (RESULT_UNKNOWN, HolderVerification::Signature),
        0x00 => (RESULT_FAILED, HolderVerification::Failed),
        _ => {
            kernel.tvr[2] |= UNKNOWN_METHOD;
            (RESULT_FAILED, HolderVerification::Failed)
        }
    })
}

/// VERIFY with the PIN the holder enters; one entry, no second chance.
fn plaintext_pin<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<bool, PaymentError> {
    let tries = kernel.get_data(tag::PIN_TRY_COUNTER)?;
    if tries.as_deref() == Some(&[0x00]) {
        kernel.tvr[2] |= TRIES_EXCEEDED;
        return Ok(false);
    }
    let Some(block) = kernel.settings.pin.as_deref().and_then(format_2_block) else {
        kernel.tvr[2] |= NOT_ENTERED;
        return Ok(false);
    };
    let (_, status) = kernel.send(&Request {
        name: "VERIFY",
        class: 0x00,
        ins: ins::VERIFY,
        p1: 0x00,
        p2: 0x80,
        data: &*block,
        answered: false,
    })?;
    if matches!(status.value(), 0x63C0 | 0x6983 | 0x6984) {
        kernel.tvr[2] |= TRIES_EXCEEDED;
    }
    Ok(status.is_success())
}
