//! Application selection: by the payment directory, else by the list of known AIDs.
//!
//! Source: EMV Book 1 §12; JR/T 0025.6 §6.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Reader;
use sscard_commands::{Command, Selection};
use sscard_elements::tag;
use sscard_host::Transport;

use super::PaymentError;
use super::kernel::{Kernel, Selected, need, template};
use crate::padding::{self, without_padding};

/// What the terminal knows: UnionPay, any product.
const KNOWN: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33];
const MOST_RECORDS: u8 = 16;
/// Selects an application and takes its FCI.
pub(super) fn select<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Selected, PaymentError> {
    let candidates = match &kernel.settings.aid {
        Some(aid) => vec![aid.clone()],
        None if kernel.settings.contactless => of_contactless_directory(kernel)?,
        None => of_directory(kernel)?,
    };
    if candidates.is_empty() {
        return by_list(kernel);
    }
    let mut last = StatusWord::FILE_NOT_FOUND;
    let mut blocked = None;
    let count = candidates.len();
    for (number, aid) in (1..).zip(&candidates) {
        let (data, status) = by_name(kernel, aid)?;
        // EMV Book 1 §12.4: a blocked application is taken off the list of candidates.
        let is_blocked = status == StatusWord::SELECTED_FILE_DEACTIVATED;
        if is_blocked && !kernel.settings.takes_blocked && number < count {
            blocked.get_or_insert(aid);
            continue;
        }
        if is_blocked && !kernel.settings.takes_blocked && blocked.is_some() {
            break;
        }
        if status == StatusWord::SUCCESS || is_blocked {
            return take(kernel, data, is_blocked, aid);
        }
        last = status;
    }
    match blocked {
        Some(aid) => again(kernel, aid),
        None => Err(PaymentError::NoApplication(last)),
    }
}

/// The first application under what the terminal knows that is not blocked (EMV Book 1 §12.3.3).
fn by_list<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Selected, PaymentError> {
    let (data, status) = by_name(kernel, KNOWN)?;
    match status {
        StatusWord::SUCCESS => return take(kernel, data, false, KNOWN),
        StatusWord::SELECTED_FILE_DEACTIVATED if kernel.settings.takes_blocked => {
            return take(kernel, data, true, KNOWN);
        }
        StatusWord::SELECTED_FILE_DEACTIVATED => {}
        other => return Err(PaymentError::NoApplication(other)),
    }
    for _ in 1..MOST_RECORDS {
        match select_name(kernel, KNOWN, true)? {
            (data, StatusWord::SUCCESS) => return take(kernel, data, false, KNOWN),
            (_, StatusWord::SELECTED_FILE_DEACTIVATED) => {}
            _ => break,
        }
    }
    again(kernel, KNOWN)
}

/// An application that was selected before.
fn again<T: Transport>(kernel: &mut Kernel<'_, T>, aid: &[u8]) -> Result<Selected, PaymentError> {
    match by_name(kernel, aid)? {
        (data, StatusWord::SUCCESS) => take(kernel, data, false, aid),
        (data, StatusWord::SELECTED_FILE_DEACTIVATED) => take(kernel, data, true, aid),
        (_, status) => Err(PaymentError::NoApplication(status)),
    }
}

/// The FCI of the application that is selected now. Its name has to begin with what was asked for: brands that were mixed
/// up on the way are told by it (EMV Book 1 §12.4).
fn take<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    data: Vec<u8>,
    is_blocked: bool,
    asked: &[u8],
) -> Result<Selected, PaymentError> {
    let data = if data.is_empty() { fetch(kernel)? } else { data };
    let fci = template("SELECT", &data, tag::FCI_TEMPLATE)?;
    let malformed = |_| PaymentError::Malformed {
        command: "SELECT",
        tag: tag::FCI_TEMPLATE,
        reason: "holds an object that cannot be read",
    };
    kernel.data.take(fci).map_err(malformed)?;
    let aid = need(&kernel.data, "SELECT", tag::DF_NAME)?.to_vec();
    if !aid.starts_with(asked) {
        return Err(PaymentError::Malformed {
            command: "SELECT",
            tag: tag::DF_NAME,
            reason: "names another application than the one that was selected",
        });
    }
    Ok(Selected { aid, blocked: is_blocked })
}

fn by_name<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    name: &[u8],
) -> Result<(Vec<u8>, StatusWord), PaymentError> {
    select_name(kernel, name, false)
}

fn select_name<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    name: &[u8],
    next: bool,
) -> Result<(Vec<u8>, StatusWord), PaymentError> {
    kernel.send("SELECT", Command::Select { by: Selection::Name, next, name })
}

/// What waits behind a warning on T=0.
fn fetch<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Vec<u8>, PaymentError> {
    kernel.demand("GET RESPONSE", Command::GetResponse { ne: 256 })
}

/// AIDs out of the PSE's directory file, by priority; none when there is no PSE.
fn of_directory<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<Vec<Vec<u8>>, PaymentError> {
    let (data, status) = by_name(kernel, b"1PAY.SYS.DDF01")?;
    if status != StatusWord::SUCCESS {
        return Ok(Vec::new());
    }
    let file = padding::find(
        &data,
        &[tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY, tag::SHORT_FILE_IDENTIFIER],
    );
    let Ok(Some([sfi @ 1..=10])) = file else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for number in 1..=MOST_RECORDS {
        let (record, status) = kernel
            .send("READ RECORD", Command::ReadRecord { p1: number, p2: sfi << 3 | 4, ne: 256 })?;
        if status != StatusWord::SUCCESS {
            break;
        }
        entries(template("READ RECORD", &record, tag::RECORD_TEMPLATE)?, &mut found);
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
    let path = [tag::FCI_TEMPLATE, tag::FCI_PROPRIETARY, tag::FCI_DISCRETIONARY];
    if let Ok(Some(list)) = padding::find(&data, &path) {
        entries(list, &mut found);
    }
    Ok(by_priority(found))
}

/// AID and priority of every entry 61 whose AID the terminal knows.
fn entries(list: &[u8], found: &mut Vec<(u8, Vec<u8>)>) {
    for entry in Reader::new(without_padding(list)).filter_map(Result::ok) {
        if entry.tag != tag::APPLICATION_TEMPLATE {
            continue;
        }
        let object = |tag| padding::find(entry.value, &[tag]).ok().flatten();
        let priority =
            object(tag::APPLICATION_PRIORITY).and_then(<[u8]>::first).copied().unwrap_or(0) & 0x0F;
        if let Some(aid) = object(tag::APPLICATION_IDENTIFIER).filter(|aid| aid.starts_with(KNOWN))
        {
            // Priority 0 is none and comes last.
            found.push((priority.wrapping_sub(1), aid.to_vec()));
        }
    }
}

fn by_priority(mut found: Vec<(u8, Vec<u8>)>) -> Vec<Vec<u8>> {
    found.sort_by_key(|(priority, _)| *priority);
    found.into_iter().map(|(_, aid)| aid).collect()
}
