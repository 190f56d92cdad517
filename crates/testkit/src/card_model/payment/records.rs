//! READ RECORD: the records of SFI 1 to 10 in template 70, the logs as they are.
//!
//! # Reference
//! JR/T 0025.5 annex B.11, §18; .13 §10.2; spec/real-cards.md D1; spec/financial-details.md §7, §8.

use sscard_apdu::StatusWord;
use sscard_core::{Log, SmSupport};
use sscard_crypto::financial::mac;
use sscard_elements::tag;

use super::{Account, qpboc};
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain};

/// Tag and both balances in front of a load log's record.
const LOAD_HEAD: usize = 14;
/// Most records in the summary of the load log.
const SUMMARY: usize = 10;
/// What the summary shows of a record behind its head.
const SUMMARISED: [(sscard_apdu::tlv::Tag, usize); 3] =
    [(tag::TRANSACTION_DATE, 3), (tag::TRANSACTION_TIME, 3), (tag::TRANSACTION_COUNTER, 2)];

/// The file that P2 names when P1 is a record number.
pub(super) fn file_of(p2: u8) -> Result<u8, StatusWord> {
    match p2 >> 3 {
        sfi @ 1..=30 if p2 & 0x07 == 0x04 => Ok(sfi),
        _ => Err(StatusWord::INCORRECT_P1_P2),
    }
}

pub(super) fn read(plain: Plain<'_>, account: &mut Account<'_>, answer: &mut Answer) -> Outcome {
    if !plain.data.is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let sfi = file_of(plain.p2)?;
    if sfi > 10 {
        return read_log(account, sfi, plain.p1, answer);
    }
    let options = &account.plan.application.options;
    if !options.read_before_initiation && !account.session.is_running() {
        return Err(StatusWord::new(options.status_before_initiation));
    }
    let content = find(account, sfi, plain.p1)?.content.clone();
    let mut whole = Answer::default();
    whole.extend(&content);
    whole.append(qpboc::at_record(account, (sfi, plain.p1))?);
    answer.template(tag::RECORD_TEMPLATE, whole);
    Ok(StatusWord::SUCCESS)
}

/// A record of SFI 1 to 10: 6A82 there is no such file, 6A83 it has no such record.
pub(super) fn find<'a>(
    account: &'a Account<'_>,
    sfi: u8,
    number: u8,
) -> Result<&'a super::lasting::Record, StatusWord> {
    let held = account.held();
    if held.records.iter().all(|record| record.sfi != sfi) {
        return Err(StatusWord::FILE_NOT_FOUND);
    }
    held.record(sfi, number).ok_or(StatusWord::RECORD_NOT_FOUND)
}

/// Logs are free to read, of a blocked application as well; record 00 of the load log is all of it under a MAC.
fn read_log(account: &Account<'_>, sfi: u8, number: u8, answer: &mut Answer) -> Outcome {
    let (application, held) = (&account.plan.application, account.held());
    let is = |log: &Option<Log>| log.as_ref().is_some_and(|log| log.sfi.number() == sfi);
    let records = if is(&application.load_log) {
        if number == 0 {
            summarise(account, answer);
            return Ok(StatusWord::SUCCESS);
        }
        &held.load_log
    } else if is(&application.transaction_log) {
        &held.transaction_log
    } else {
        return Err(StatusWord::FILE_NOT_FOUND);
    };
    let place = usize::from(number).checked_sub(1);
    let record = place.and_then(|place| records.get(place)).ok_or(StatusWord::RECORD_NOT_FOUND)?;
    answer.extend(record);
    Ok(StatusWord::SUCCESS)
}

/// `ATC | n | n × {P1 P2, old, new, 9A, 9F21, 9F36} | MAC`.
fn summarise(account: &Account<'_>, answer: &mut Answer) {
    let held = account.held();
    let atc = held.atc.to_be_bytes();
    let shown = held.load_log.iter().take(SUMMARY);
    let mut body = atc.to_vec();
    body.push(u8::try_from(shown.len()).unwrap_or(u8::MAX));
    for record in shown {
        let (head, values) = record.split_at(LOAD_HEAD);
        body.extend_from_slice(head);
        for (tag, length) in SUMMARISED {
            let value = account.plan.load_log.value(tag, values).unwrap_or_default();
            let end = body.len() + length;
            body.extend(value.iter().take(length));
            body.resize(end, 0);
        }
    }
    // Before a transaction has chosen, a card that has SM alone has no other keys.
    let sm = account.session.sm || account.plan.application.sm == SmSupport::SmOnly;
    let cipher = account.plan.keys(sm).cipher;
    let key = account.mac_key(sm, atc);
    let whole = mac(cipher, &key, &[&body], account.plan.fold());
    answer.extend(&body);
    answer.extend(&whole[..4]);
}
