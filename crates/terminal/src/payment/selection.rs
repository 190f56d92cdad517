//! Application selection: by the payment directory, else by the list of known AIDs.
//!
//! Source: EMV Book 1 §12; JR/T 0025.6 §6.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::{Reader, Tag};
use sscard_host::Transport;

use super::PaymentError;
use super::kernel::{Kernel, Request};

/// What the terminal knows: UnionPay, any product.
const KNOWN: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33];
const MOST_RECORDS: u8 = 16;

/// Selects an application and takes its FCI.
pub(super) fn select<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<(), PaymentError> {
    let mut candidates = match &kernel.settings.aid {
        Some(aid) => vec![aid.clone()],
        None if kernel.settings.contactless => of_contactless_directory(kernel)?,
        None => of_directory(kernel)?,
    };
    if candidates.is_empty() {
        candidates.push(KNOWN.to_vec());
    }
    let mut last = StatusWord::FILE_NOT_FOUND;
    for aid in candidates {
        let (data, status) = by_name(kernel, &aid)?;
        if status == StatusWord::SUCCESS || status == StatusWord::SELECTED_FILE_DEACTIVATED {
            let data = if data.is_empty() { fetch(kernel)? } else { data };
            let fci = Kernel::<T>::template("SELECT", &data, 0x6F)?;
            let malformed = |_| PaymentError::Malformed {
                command: "SELECT",
                tag: 0x6F,
                reason: "holds an object that cannot be read",
            };
            kernel.data.take(fci).map_err(malformed)?;
            kernel.aid = kernel.need("SELECT", 0x84)?.to_vec();
            return Ok(());
        }
        last = status;
    }
    Err(PaymentError::NoApplication(last))
}

fn by_name<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    name: &[u8],
) -> Result<(Vec<u8>, StatusWord), PaymentError> {
    kernel.send(&Request {
        name: "SELECT",
        class: 0x00,
        ins: 0xA4,
        p1: 0x04,
        p2: 0x00,
        data: name,
        answered: true,
    })
}

/// What waits behind a warning on T=0.
fn fetch<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Vec<u8>, PaymentError> {
    kernel.demand(&Request {
        name: "GET RESPONSE",
        class: 0x00,
        ins: 0xC0,
        p1: 0x00,
        p2: 0x00,
        data: &[],
        answered: true,
    })
}

/// AIDs out of the PSE's directory file, by priority; none when there is no PSE.
fn of_directory<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Vec<Vec<u8>>, PaymentError> {
    let (data, status) = by_name(kernel, b"1PAY.SYS.DDF01")?;
    if status != StatusWord::SUCCESS {
        return Ok(Vec::new());
    }
    let file = sscard_apdu::tlv::find(&data, &[Tag::new(0x6F), Tag::new(0xA5), Tag::new(0x88)]);
    let Ok(Some([sfi @ 1..=10])) = file else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for number in 1..=MOST_RECORDS {
        let (record, status) = kernel.send(&Request {
            name: "READ RECORD",
            class: 0x00,
            ins: 0xB2,
            p1: number,
            p2: sfi << 3 | 4,
            data: &[],
            answered: true,
        })?;
        if status != StatusWord::SUCCESS {
            break;
        }
        entries(Kernel::<T>::template("READ RECORD", &record, 0x70)?, &mut found);
    }
    Ok(by_priority(found))
}

/// AIDs out of the PPSE's FCI.
fn of_contactless_directory<T: Transport>(
    kernel: &mut Kernel<'_, T>,
) -> Result<Vec<Vec<u8>>, PaymentError> {
    let (data, status) = by_name(kernel, b"2PAY.SYS.DDF01")?;
    if status != StatusWord::SUCCESS {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let path = [Tag::new(0x6F), Tag::new(0xA5), Tag::new(0xBF0C)];
    if let Ok(Some(list)) = sscard_apdu::tlv::find(&data, &path) {
        entries(list, &mut found);
    }
    Ok(by_priority(found))
}

/// AID and priority of every entry 61 whose AID the terminal knows.
fn entries(list: &[u8], found: &mut Vec<(u8, Vec<u8>)>) {
    for entry in Reader::new(list).filter_map(Result::ok) {
        if entry.tag != Tag::new(0x61) {
            continue;
        }
        let object = |tag| sscard_apdu::tlv::find(entry.value, &[Tag::new(tag)]).ok().flatten();
        let priority = object(0x87).and_then(<[u8]>::first).copied().unwrap_or(0) & 0x0F;
        if let Some(aid) = object(0x4F).filter(|aid| aid.starts_with(KNOWN)) {
            // Priority 0 is none and comes last.
            found.push((priority.wrapping_sub(1), aid.to_vec()));
        }
    }
}

fn by_priority(mut found: Vec<(u8, Vec<u8>)>) -> Vec<Vec<u8>> {
    found.sort_by_key(|(priority, _)| *priority);
    found.into_iter().map(|(_, aid)| aid).collect()
}
