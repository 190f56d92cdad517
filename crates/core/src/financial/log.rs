//! The transaction log (交易日志) and the load log (圈存日志): cyclic, the newest is record 1.

use alloc::vec::Vec;

use sscard_apdu::StatusWord;
use sscard_apdu::dol;
use sscard_apdu::tlv::Tag;
use sscard_elements::tag;

use super::cryptogram;
use super::session::Session;
use crate::applet::Reply;
use crate::fault::Fault;
use crate::profile::{Area, LOAD_LOG_HEAD, Log};

/// Most records of the summary that P1 = 00 reads.
const SUMMARY: u8 = 10;

/// One of the two logs with its place in memory.
#[derive(Clone, Copy)]
struct Place<'p> {
    plan: &'p Log,
    address: usize,
    /// Length of a record.
    length: usize,
}

impl<'p> Place<'p> {
    fn new(plan: &'p Log, address: usize, head: usize) -> Self {
        let length = dol::total_length(&plan.format).unwrap_or(0).saturating_add(head);
        Self { plan, address, length }
    }

    fn used(self, session: &Session<'_>) -> u8 {
        session.nvm.byte(self.address).min(self.plan.records)
    }

    /// Address of a record; the newest is number 1.
    fn record(self, session: &Session<'_>, number: u8) -> Option<usize> {
        let used = self.used(session);
        if number == 0 || number > used {
            return None;
        }
        let newest = session.nvm.byte(self.address.saturating_add(1));
        let back = number.saturating_sub(1);
        let slots = u16::from(self.plan.records);
        let slot = u16::from(newest)
            .saturating_add(slots)
            .saturating_sub(back.into())
            .checked_rem(slots)?;
        Some(self.slot(slot.into()))
    }

    fn slot(self, slot: usize) -> usize {
        self.address.saturating_add(2).saturating_add(slot.saturating_mul(self.length))
    }

    fn append(self, session: &mut Session<'_>, record: &[u8]) -> Result<(), Fault> {
        let used = self.used(session);
        let newest = session.nvm.byte(self.address.saturating_add(1));
        let slot = if used == 0 {
            0
        } else {
            newest.saturating_add(1).checked_rem(self.plan.records).unwrap_or(0)
        };
        let fits = record.get(..self.length).unwrap_or(record);
        session.nvm.write(self.slot(slot.into()), fits)?;
        let used = used.saturating_add(1).min(self.plan.records);
        session.nvm.write(self.address, &[used, slot])
    }
}

fn transaction_log<'p>(session: &Session<'p>) -> Option<Place<'p>> {
    let plan = session.plan.transaction_log.as_ref()?;
    Some(Place::new(plan, session.place.transaction_log, 0))
}

fn load_log<'p>(session: &Session<'p>) -> Option<Place<'p>> {
    let plan = session.plan.load_log.as_ref()?;
    Some(Place::new(plan, session.place.load_log, LOAD_LOG_HEAD))
}

/// The values that a log format asks for: the terminal's, and the card's ATC.
fn values(session: &Session<'_>, format: &[u8], out: &mut Vec<u8>) {
    let transaction = &*session.transaction;
    let lookup = |tag: Tag| {
        let alignment = dol::Alignment::Other;
        if tag == tag::TRANSACTION_COUNTER {
            return Some((&transaction.begun.atc[..], alignment));
        }
        transaction.given.value(session.plan, tag).map(|value| (value, alignment))
    };
    // The format was read when the profile was checked.
    let _ = dol::fill(format, lookup, out);
}

/// Writes the transaction log, once a transaction.
pub(super) fn note_transaction(session: &mut Session<'_>) -> Result<(), Fault> {
    let Some(place) = transaction_log(session) else { return Ok(()) };
    let mut record = Vec::with_capacity(place.length);
    values(session, &place.plan.format, &mut record);
    place.append(session, &record)
}

/// Writes the load log: tag, old and new balance, values.
pub(super) fn note_load(
    session: &mut Session<'_>,
    tag: Tag,
    old: &[u8; 6],
    new: &[u8],
) -> Result<(), Fault> {
    let Some(place) = load_log(session) else { return Ok(()) };
    let mut record = Vec::with_capacity(place.length);
    tag.emit(&mut record);
    record.extend_from_slice(old);
    record.extend_from_slice(new);
    values(session, &place.plan.format, &mut record);
    place.append(session, &record)
}

/// Reads a record of a log; P1 = 00 on the load log reads all of it with a MAC.
pub(super) fn read(
    session: &mut Session<'_>,
    sfi: u8,
    number: u8,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let load = load_log(session).filter(|place| place.plan.sfi.number() == sfi);
    if let Some(place) = load
        && number == 0
    {
        summarise(session, place, reply);
        return Ok(StatusWord::SUCCESS);
    }
    let place = load
        .or_else(|| transaction_log(session).filter(|place| place.plan.sfi.number() == sfi))
        .ok_or(StatusWord::FILE_NOT_FOUND)?;
    let address = place.record(session, number).ok_or(StatusWord::RECORD_NOT_FOUND)?;
    session.nvm.read_into(address, place.length, reply.buffer());
    Ok(StatusWord::SUCCESS)
}

/// ATC, number of records, at most ten of {P1 P2, old, new, date, time, ATC}, MAC (JR/T 0025.13
/// §10.2).
fn summarise(session: &Session<'_>, place: Place<'_>, reply: &mut Reply<'_>) {
    let atc = session.array::<2>(Area::ATC);
    let count = place.used(session).min(SUMMARY);
    let mut body = Vec::new();
    for number in 1..=count {
        let Some(address) = place.record(session, number) else { continue };
        let mut record = Vec::new();
        session.nvm.read_into(address, place.length, &mut record);
        let (head, rest) = record.split_at(LOAD_LOG_HEAD.min(record.len()));
        body.extend_from_slice(head);
        for (tag, length) in [
            (tag::TRANSACTION_DATE, 3_usize),
            (tag::TRANSACTION_TIME, 3),
            (tag::TRANSACTION_COUNTER, 2),
        ] {
            let value = super::transaction::in_list(&place.plan.format, rest, tag).unwrap_or(&[]);
            body.extend(value.iter().copied().chain(core::iter::repeat(0)).take(length));
        }
    }
    let mac = cryptogram::mac_of_card(session, atc, &[&atc, &[count], &body]);
    reply.extend(&atc);
    reply.extend(&[count]);
    reply.extend(&body);
    reply.extend(&mac);
}
