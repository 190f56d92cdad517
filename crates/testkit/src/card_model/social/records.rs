//! READ RECORD and UPDATE RECORD.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5 and part 3 §5.3; ISO/IEC 7816-4 §11.4; spec/social-security.md §2.2 and §2.4; spec/real-cards.md A7 and
//! A8; docs/decisions.md "cyclic files", "UPDATE RECORD", "record pointer".

use std::sync::Arc;

use sscard_apdu::StatusWord;
use sscard_core::Structure;

use super::files::{of_record_command, require_records};
use super::form::when;
use super::lasting::Content;
use super::plan::File;
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain, Stand};

const FIRST: u8 = 0;
const LAST: u8 = 1;
const NEXT: u8 = 2;
const PREVIOUS: u8 = 3;
const NUMBER: u8 = 4;
const TO_LAST: u8 = 5;
const FROM_LAST: u8 = 6;

fn mode(plain: Plain<'_>) -> u8 {
    plain.p2 & 0x07
}

/// READ RECORD: one record, or all from or up to one.
pub(in crate::card_model) fn read(
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    let (place, file) = of_record_command(plain, stand)?;
    require_records(file)?;
    let may = stand.channel.social.satisfies(file.read);
    when(may, StatusWord::SECURITY_STATUS_NOT_SATISFIED)?;
    let number = resolve(plain, place, file, stand).ok_or(StatusWord::RECORD_NOT_FOUND)?;
    let from_here = &stand.lasting.social.records(file.index)[usize::from(number) - 1..];
    match mode(plain) {
        TO_LAST => from_here.iter().for_each(|record| answer.extend(record)),
        FROM_LAST => from_here.iter().rev().for_each(|record| answer.extend(record)),
        _ => answer.extend(&from_here[0]),
    }
    stand.channel.social.enter_file(place);
    point(plain, number, stand);
    Ok(StatusWord::SUCCESS)
}

/// Number of the record that is meant; none when there is none.
fn resolve(plain: Plain<'_>, place: u8, file: File, stand: &Stand<'_>) -> Option<u8> {
    let session = &stand.channel.social;
    let records = stand.lasting.social.records(file.index);
    // The pointer is the current file's.
    let current = if session.ef == Some(place) { session.record } else { 0 };
    let is_named = |record: &[u8]| match file.structure {
        _ if plain.p1 == 0 => true,
        Structure::Cyclic { .. } => false,
        _ => record[0] == plain.p1,
    };
    let mut named = (1..).zip(records).filter(|(_, record)| is_named(record)).map(|(at, _)| at);
    match mode(plain) {
        FIRST => named.next(),
        LAST => named.last(),
        NEXT => named.find(|at| *at > current),
        PREVIOUS if current == 0 => named.last(),
        PREVIOUS => named.take_while(|at| *at < current).last(),
        _ => {
            let number = if plain.p1 == 0 { current } else { plain.p1 };
            (1..=records.len()).contains(&number.into()).then_some(number)
        }
    }
}

/// First, last, next and previous move the pointer, access by number does not.
fn point(plain: Plain<'_>, number: u8, stand: &mut Stand<'_>) {
    if mode(plain) < NUMBER {
        stand.channel.social.record = number;
    }
}

/// UPDATE RECORD: one that is not there is appended.
pub(super) fn update(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let (place, file) = of_record_command(plain, stand)?;
    require_records(file)?;
    let may = stand.channel.social.satisfies(file.update);
    when(may, StatusWord::SECURITY_STATUS_NOT_SATISFIED)?;
    let is_cyclic = matches!(file.structure, Structure::Cyclic { .. });
    if !is_cyclic {
        is_object(plain.data)?;
        let fits_its_name =
            mode(plain) == NUMBER || matches!(plain.p1, 0) || plain.data[0] == plain.p1;
        when(fits_its_name, StatusWord::INCORRECT_DATA)?;
    }
    let found = match mode(plain) {
        PREVIOUS if is_cyclic => None,
        NUMBER if is_cyclic && plain.p1 == 1 => None,
        _ => resolve(plain, place, file, stand),
    };
    let records = stand.lasting.social.records(file.index);
    let old = found.map(|number| &records[usize::from(number) - 1]);
    let keeps_tag = is_cyclic || old.is_none_or(|old| old[0] == plain.data[0]);
    when(keeps_tag, StatusWord::INCORRECT_DATA)?;
    let held: usize = records.iter().map(|record| record.len()).sum();
    let count = records.len();
    match file.structure {
        Structure::LinearVariable { capacity } => {
            let used = held - old.map_or(0, |old| old.len()) + plain.data.len();
            when(used <= capacity.into(), StatusWord::NOT_ENOUGH_MEMORY)?;
        }
        Structure::LinearFixed { records, length } => {
            when(plain.data.len() == usize::from(length), StatusWord::WRONG_LENGTH)?;
            let has_room = found.is_some() || count < records.into();
            when(has_room, StatusWord::NOT_ENOUGH_MEMORY)?;
        }
        Structure::Cyclic { length, .. } => {
            when(plain.data.len() == usize::from(length), StatusWord::WRONG_LENGTH)?;
        }
        Structure::Transparent { .. } => {}
    }
    let mut number = found.unwrap_or(1);
    if let Content::Records(records) = stand.lasting.social_mut().content_mut(file.index) {
        let new: Arc<[u8]> = Arc::from(plain.data);
        match (found, file.structure) {
            (Some(number), _) => records[usize::from(number) - 1] = new,
            (None, Structure::Cyclic { records: most, .. }) => {
                records.insert(0, new);
                records.truncate(most.into());
            }
            (None, _) => {
                records.push(new);
                number = u8::try_from(records.len()).unwrap_or(u8::MAX);
            }
        }
    }
    stand.channel.social.enter_file(place);
    point(plain, number, stand);
    Ok(StatusWord::SUCCESS)
}

/// Exactly one simple-TLV object: tag 01 to FE; a length of one byte, or FF and two.
fn is_object(data: &[u8]) -> Result<(), StatusWord> {
    when(!matches!(data[0], 0x00 | 0xFF), StatusWord::INCORRECT_DATA)?;
    let says = match data[1..] {
        [0xFF, high, low, ..] => Some(4 + usize::from(u16::from_be_bytes([high, low]))),
        [0xFF, ..] | [] => None,
        [length, ..] => Some(2 + usize::from(length)),
    };
    when(says == Some(data.len()), StatusWord::NC_INCONSISTENT_WITH_TLV)
}
