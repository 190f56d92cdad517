//! READ RECORD: the application's records in template 70, the logs as they are.

use alloc::vec::Vec;

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_elements::tag;

use super::session::Session;
use super::{log, qpboc};
use crate::applet::Reply;

/// Where a record of SFI 1…10 lies.
pub(super) struct FoundRecord {
    pub(super) address: usize,
    pub(super) capacity: usize,
}

/// READ RECORD (INS B2) by number.
///
/// # Status
/// `9000`; `6A82` no such file; `6A83` no such record; `6A86`; `6700`; a profile option (6985) for SFI 1…10
/// before GET PROCESSING OPTIONS, when the profile keeps them closed until then.
///
/// # Reference
/// JR/T 0025.5 annex B.11, §18; .13 §10.2 for the load log.
pub(super) fn read(
    session: &mut Session<'_>,
    sfi: u8,
    number: u8,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    if sfi > 10 {
        return log::read(session, sfi, number, reply);
    }
    let options = &session.plan.options;
    if !options.read_before_initiation && !session.transaction.is_running() {
        return Err(StatusWord::new(options.status_before_initiation));
    }
    let record = find(session, sfi, number)?;
    let mut content = Vec::new();
    let length = usize::from(session.nvm.byte(record.address)).min(record.capacity);
    session.nvm.read_into(record.address.saturating_add(1), length, &mut content);
    qpboc::at_record(session, (sfi, number), &mut content)?;
    Writer::new(reply.buffer()).primitive(tag::RECORD_TEMPLATE, &content);
    Ok(StatusWord::SUCCESS)
}

/// Finds a record of SFI 1…10.
pub(super) fn find(session: &Session<'_>, sfi: u8, number: u8) -> Result<FoundRecord, StatusWord> {
    let records = &session.plan.records;
    if !records.iter().any(|record| record.sfi.number() == sfi) {
        return Err(StatusWord::FILE_NOT_FOUND);
    }
    let position = records
        .iter()
        .position(|record| (record.sfi.number(), record.number) == (sfi, number))
        .ok_or(StatusWord::RECORD_NOT_FOUND)?;
    let capacity = records.get(position).map_or(0, |record| usize::from(record.capacity));
    let address = session.place.record(position).ok_or(StatusWord::RECORD_NOT_FOUND)?;
    Ok(FoundRecord { address, capacity })
}
