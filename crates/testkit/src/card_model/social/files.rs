//! Which file a command means, and the bytes of transparent ones.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5; ISO/IEC 7816-4 §11.3; spec/social-security.md §2.3 and §2.5.

use sscard_apdu::StatusWord;
use sscard_core::Structure;

use super::form::when;
use super::lasting::Content;
use super::plan::File;
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// Bytes that a command without Le would get.
const WHOLE: usize = 256;

/// The file of a short identifier, 0 for the current one, and its place in the DF.
fn find(stand: &Stand<'_>, sfi: u8) -> Result<(u8, File), StatusWord> {
    let session = &stand.channel.social;
    let files = stand.plan.social.files(session.df);
    if sfi == 0 {
        let place = session.ef.ok_or(StatusWord::COMMAND_NOT_ALLOWED_NO_CURRENT_EF)?;
        return Ok((place, files[usize::from(place)]));
    }
    let found = (0..).zip(files).find(|(_, file)| file.sfi == sfi);
    found.map(|(place, file)| (place, *file)).ok_or(StatusWord::FILE_NOT_FOUND)
}

pub(super) fn of_record_command(
    plain: Plain<'_>,
    stand: &Stand<'_>,
) -> Result<(u8, File), StatusWord> {
    find(stand, plain.p2 >> 3)
}

pub(super) fn of_binary_command(
    plain: Plain<'_>,
    stand: &Stand<'_>,
) -> Result<(u8, File), StatusWord> {
    find(stand, if plain.p1 & 0x80 == 0 { 0 } else { plain.p1 & 0x1F })
}

fn offset(plain: Plain<'_>) -> usize {
    let low = usize::from(plain.p2);
    if plain.p1 & 0x80 == 0 { usize::from(plain.p1) << 8 | low } else { low }
}

pub(super) fn require_records(file: File) -> Result<(), StatusWord> {
    let is_transparent = matches!(file.structure, Structure::Transparent { .. });
    when(!is_transparent, StatusWord::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE)
}

/// Size of a transparent file.
pub(super) fn size(file: File) -> Result<usize, StatusWord> {
    match file.structure {
        Structure::Transparent { size } => Ok(size.into()),
        _ => Err(StatusWord::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE),
    }
}

/// READ BINARY.
pub(in crate::card_model) fn read_binary(
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    let (place, file) = of_binary_command(plain, stand)?;
    size(file)?;
    let may = stand.channel.social.satisfies(file.read);
    when(may, StatusWord::SECURITY_STATUS_NOT_SATISFIED)?;
    let rest = stand.lasting.social.bytes(file.index).get(offset(plain)..);
    let rest = rest.filter(|rest| !rest.is_empty()).ok_or(StatusWord::WRONG_P1_P2)?;
    let wanted = if plain.ne == 0 { WHOLE } else { plain.ne };
    answer.extend(&rest[..wanted.min(rest.len())]);
    stand.channel.social.enter_file(place);
    Ok(StatusWord::SUCCESS)
}

/// UPDATE BINARY.
pub(super) fn update_binary(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let (place, file) = of_binary_command(plain, stand)?;
    let size = size(file)?;
    let may = stand.channel.social.satisfies(file.update);
    when(may, StatusWord::SECURITY_STATUS_NOT_SATISFIED)?;
    let start = offset(plain);
    when(start < size, StatusWord::WRONG_P1_P2)?;
    let end = start + plain.data.len();
    when(end <= size, StatusWord::WRONG_LENGTH)?;
    if let Content::Bytes(bytes) = stand.lasting.social_mut().content_mut(file.index) {
        bytes[start..end].copy_from_slice(plain.data);
    }
    stand.channel.social.enter_file(place);
    Ok(StatusWord::SUCCESS)
}
