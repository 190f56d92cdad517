//! GET PROCESSING OPTIONS and the records of the AFL.

use sscard_apdu::tlv::{Tag, begins_with};
use sscard_commands::ins;
use sscard_elements::tag;
use sscard_host::Transport;

use super::PaymentError;
use super::kernel::{Kernel, Request};

const OPTIONS: &str = "GET PROCESSING OPTIONS";
const READ: &str = "READ RECORD";

/// GET PROCESSING OPTIONS; the value of its template and the template's tag.
pub(super) fn process<T: Transport>(
    kernel: &mut Kernel<'_, T>,
) -> Result<(Tag, Vec<u8>), PaymentError> {
    let list = kernel.data.value(tag::PDOL).unwrap_or_default().to_vec();
    kernel.pdol_values = kernel.data.answer(&list).map_err(|_| PaymentError::Malformed {
        command: "SELECT",
        tag: tag::PDOL,
        reason: "is not a data object list",
    })?;
    let mut data = Vec::new();
    sscard_apdu::tlv::Writer::new(&mut data).primitive(tag::COMMAND_TEMPLATE, &kernel.pdol_values);
    let answer = kernel.demand(&Request {
        name: OPTIONS,
        class: 0x80,
        ins: ins::GET_PROCESSING_OPTIONS,
        p1: 0x00,
        p2: 0x00,
        data: &data,
        answered: true,
    })?;
    let is_tagged = begins_with(&answer, tag::RESPONSE_FORMAT_2);
    let tag = if is_tagged { tag::RESPONSE_FORMAT_2 } else { tag::RESPONSE_FORMAT_1 };
    Ok((tag, Kernel::<T>::template(OPTIONS, &answer, tag)?.to_vec()))
}

/// Begins the transaction: AIP and AFL, in either format.
pub(super) fn initiate<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<(), PaymentError> {
    let (tag, value) = process(kernel)?;
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
    if kernel.need(OPTIONS, tag::INTERCHANGE_PROFILE)?.len() != 2 {
        return Err(malformed(tag::INTERCHANGE_PROFILE, "has not two bytes"));
    }
    Ok(())
}

/// Reads every record of the AFL, and keeps what offline data authentication covers.
pub(super) fn read<T: Transport>(kernel: &mut Kernel<'_, T>) -> Result<(), PaymentError> {
    places(kernel)?.into_iter().try_for_each(|place| read_one(kernel, place))
}

/// A record that the AFL names.
#[derive(Clone, Copy)]
pub(super) struct Place {
    sfi: u8,
    number: u8,
    is_signed: bool,
}

/// The records of the AFL, in its order; there is at least one.
pub(super) fn places<T: Transport>(kernel: &Kernel<'_, T>) -> Result<Vec<Place>, PaymentError> {
    let afl = kernel.need(OPTIONS, tag::FILE_LOCATOR)?;
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
            return Err(malformed("names records that cannot be"));
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

/// Reads a record and takes its objects.
pub(super) fn read_one<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    Place { sfi, number, is_signed }: Place,
) -> Result<(), PaymentError> {
    let answer = kernel.demand(&Request {
        name: READ,
        class: 0x00,
        ins: ins::READ_RECORD,
        p1: number,
        p2: sfi << 3 | 4,
        data: &[],
        answered: true,
    })?;
    let content = Kernel::<T>::template(READ, &answer, tag::RECORD_TEMPLATE)?;
    kernel.take_once(READ, tag::RECORD_TEMPLATE, content)?;
    if is_signed {
        kernel.static_data.extend_from_slice(if sfi <= 10 { content } else { &answer });
    }
    Ok(())
}
