//! Parameters, lengths and objects of a command.

use sscard_apdu::tlv::{Reader, Tag};
use sscard_apdu::{FileId, StatusWord};
use sscard_elements::pki as tag;

use super::files::{self, Kind, Purpose};
use crate::card_model::stand::Plain;

pub(super) fn parameters(plain: Plain<'_>, p1: u8, p2: u8) -> Result<(), StatusWord> {
    if [plain.p1, plain.p2] == [p1, p2] { Ok(()) } else { Err(StatusWord::INCORRECT_P1_P2) }
}

pub(super) fn no_data(plain: Plain<'_>) -> Result<(), StatusWord> {
    if plain.data.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}

/// The values of objects with these tags, in this order and no more.
pub(super) fn objects<const N: usize>(
    data: &[u8],
    tags: [Tag; N],
) -> Result<[&[u8]; N], StatusWord> {
    if data.is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let found: Result<Vec<_>, _> = Reader::new(data).collect();
    let found = found.map_err(|_| StatusWord::INCORRECT_DATA)?;
    if found.len() != N || found.iter().zip(tags).any(|(object, tag)| object.tag != tag) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    Ok(std::array::from_fn(|at| found[at].value))
}

pub(super) fn sized<const N: usize>(value: &[u8]) -> Result<[u8; N], StatusWord> {
    value.try_into().map_err(|_| StatusWord::INCORRECT_DATA)
}

/// What a pair is for whose file of this kind is named.
pub(super) fn key_file(value: &[u8], kind: Kind) -> Result<Purpose, StatusWord> {
    let fid = FileId::from_bytes(sized(value)?);
    let place = files::place(fid).ok_or(StatusWord::FILE_NOT_FOUND)?;
    let (purpose, found) = files::FILES[usize::from(place)].1;
    if found == kind { Ok(purpose) } else { Err(StatusWord::INCORRECT_DATA) }
}

/// The pair whose two files are named.
pub(super) fn pair(data: &[u8]) -> Result<Purpose, StatusWord> {
    let [public, private] = objects(data, [tag::PUBLIC_KEY_FILE, tag::PRIVATE_KEY_FILE])?;
    let public = key_file(public, Kind::Public)?;
    let private = key_file(private, Kind::Private)?;
    if public == private { Ok(public) } else { Err(StatusWord::INCORRECT_DATA) }
}
