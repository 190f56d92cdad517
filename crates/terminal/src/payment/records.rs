//! GET PROCESSING OPTIONS and the records of the AFL.

use std::collections::BTreeSet;

use sscard_apdu::hex;
use sscard_apdu::tlv::{Reader, Tag, begins_with};
use sscard_commands::Command;
use sscard_elements::tag;
use sscard_host::Transport;

use super::kernel::{Course, Kernel, has_room, need, template};
use super::{DataStore, PaymentError};
use crate::padding::without_padding;

const OPTIONS: &str = "GET PROCESSING OPTIONS";
const READ: &str = "READ RECORD";

/// GET PROCESSING OPTIONS; the value of its template and the template's tag.
pub(super) fn process<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
) -> Result<(Tag, Vec<u8>), PaymentError> {
    let list = kernel.data.value(tag::PDOL).unwrap_or_default().to_vec();
    course.pdol_values = kernel.data.answer(&list).map_err(|_| PaymentError::Malformed {
        command: "SELECT",
        tag: tag::PDOL,
        reason: "is not a data object list",
    })?;
    // Tag and length of the template: three bytes at most.
    has_room("SELECT", tag::PDOL, &course.pdol_values, 3)?;
    let mut data = Vec::new();
    sscard_apdu::tlv::Writer::new(&mut data).primitive(tag::COMMAND_TEMPLATE, &course.pdol_values);
    let answer = kernel.demand(OPTIONS, Command::GetProcessingOptions { data: &data, ne: 256 })?;
    let is_tagged = begins_with(&answer, tag::RESPONSE_FORMAT_2);
    let tag = if is_tagged { tag::RESPONSE_FORMAT_2 } else { tag::RESPONSE_FORMAT_1 };
    Ok((tag, template(OPTIONS, &answer, tag)?.to_vec()))
}

/// Begins the transaction: AIP and AFL, in either format.
pub(super) fn initiate<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
) -> Result<(), PaymentError> {
    let (tag, value) = process(kernel, course)?;
    let malformed = |tag, reason| PaymentError::Malformed { command: OPTIONS, tag, reason };
    if tag == tag::RESPONSE_FORMAT_2 {
        kernel.data.take(&value).map_err(|_| {
            malformed(tag::RESPONSE_FORMAT_2, "holds an object that cannot be read")
        })?;
    } else {
        let (aip, afl) = value
            .split_first_chunk::<2>()
            .ok_or(malformed(tag::RESPONSE_FORMAT_1, "is shorter than an AIP"))?;
        kernel.data.set(tag::INTERCHANGE_PROFILE, *aip);
        kernel.data.set(tag::FILE_LOCATOR, afl);
    }
    if need(&kernel.data, OPTIONS, tag::INTERCHANGE_PROFILE)?.len() != 2 {
        return Err(malformed(tag::INTERCHANGE_PROFILE, "is not two bytes long"));
    }
    Ok(())
}

/// Reads every record of the AFL, and keeps what offline data authentication covers.
pub(super) fn read<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
) -> Result<(), PaymentError> {
    let mut reading = Reading::default();
    let places = places(&kernel.data)?;
    places.into_iter().try_for_each(|place| reading.read_one(kernel, place))?;
    course.static_data = reading.static_data;
    for tag in MANDATORY {
        need(&kernel.data, READ, tag)?;
    }
    agree(&kernel.data)
}

/// What every card's records have; a transaction ends without (EMV Book 3 §7.2).
const MANDATORY: [Tag; 4] =
    [tag::PRIMARY_ACCOUNT_NUMBER, tag::EXPIRATION_DATE, tag::CDOL1, tag::CDOL2];

/// Track 2 (57) and tag 5A name one account.
pub(super) fn agree(data: &DataStore) -> Result<(), PaymentError> {
    let (Some(track), Some(number)) = (
        data.value(tag::TRACK_2_EQUIVALENT_DATA).map(hex::encode),
        data.value(tag::PRIMARY_ACCOUNT_NUMBER).map(hex::encode),
    ) else {
        return Ok(());
    };
    let digits = |text: &str, end: char| text.split(end).next().map(str::to_owned);
    if digits(&track, 'D') == digits(&number, 'F') {
        return Ok(());
    }
    Err(PaymentError::Malformed {
        command: READ,
        tag: tag::TRACK_2_EQUIVALENT_DATA,
        reason: "names another account than tag 5A",
    })
}

/// What was read so far.
#[derive(Default)]
pub(super) struct Reading {
    /// Tags that the card has given and gives once.
    given: BTreeSet<Tag>,
    /// What offline data authentication covers.
    pub(super) static_data: Vec<u8>,
}

/// A record that the AFL names.
#[derive(Clone, Copy)]
pub(super) struct Place {
    sfi: u8,
    number: u8,
    is_signed: bool,
}

/// The records of the AFL, in its order; there is at least one.
pub(super) fn places(data: &DataStore) -> Result<Vec<Place>, PaymentError> {
    let afl = need(data, OPTIONS, tag::FILE_LOCATOR)?;
    let malformed =
        |reason| PaymentError::Malformed { command: OPTIONS, tag: tag::FILE_LOCATOR, reason };
    let (entries, rest) = afl.as_chunks::<4>();
    if entries.is_empty() || !rest.is_empty() {
        return Err(malformed("is not a multiple of four bytes"));
    }
    let mut places = Vec::new();
    for [file, first, last, signed] in entries {
        let sfi = file >> 3;
        let count = last.checked_sub(*first).ok_or(malformed("ends before it begins"))?;
        if !(1..=30).contains(&sfi) || *first == 0 || *signed > count.saturating_add(1) {
            return Err(malformed("names impossible records"));
        }
        let numbers = (0_u8..).zip(*first..=*last);
        places.extend(numbers.map(|(place, number)| Place {
            sfi,
            number,
            is_signed: place < *signed,
        }));
    }
    Ok(places)
}

impl Reading {
    /// Reads a record and takes its objects.
    pub(super) fn read_one<T: Transport>(
        &mut self,
        kernel: &mut Kernel<'_, T>,
        Place { sfi, number, is_signed }: Place,
    ) -> Result<(), PaymentError> {
        let answer =
            kernel.demand(READ, Command::ReadRecord { p1: number, p2: sfi << 3 | 4, ne: 256 })?;
        let content = template(READ, &answer, tag::RECORD_TEMPLATE)?;
        self.take_once(&mut kernel.data, READ, tag::RECORD_TEMPLATE, content)?;
        if is_signed {
            self.static_data.extend_from_slice(if sfi <= 10 { content } else { &answer });
        }
        Ok(())
    }

    /// Takes the objects in a template, of which none may have come before: a card says what it has
    /// to say once (EMV Book 3 §10.2).
    pub(super) fn take_once(
        &mut self,
        data: &mut DataStore,
        command: &'static str,
        template: Tag,
        content: &[u8],
    ) -> Result<(), PaymentError> {
        let malformed = |tag, reason| PaymentError::Malformed { command, tag, reason };
        for object in Reader::new(without_padding(content)).filter_map(Result::ok) {
            let tag = object.tag;
            if !object.tag.is_constructed() && !self.given.insert(tag) {
                return Err(malformed(tag, "comes twice"));
            }
        }
        let unreadable = |_| malformed(template, "holds an object that cannot be read");
        data.take(content).map_err(unreadable)
    }
}
