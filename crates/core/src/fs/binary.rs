//! READ BINARY and UPDATE BINARY on transparent files.

use sscard_apdu::{Sfi, StatusWord};

use super::{find, require};
use crate::applet::{Context, Reply};

/// Where in a transparent file a command begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BinaryPlace {
    pub(crate) sfi: Option<Sfi>,
    pub(crate) offset: usize,
}

impl BinaryPlace {
    /// P1 with bit 8: a short identifier, and P2 is the offset; else P1 P2 is the offset.
    pub(crate) fn parse(p1: u8, p2: u8) -> Result<Self, StatusWord> {
        if p1 & 0x80 == 0 {
            return Ok(Self { sfi: None, offset: usize::from(u16::from_be_bytes([p1, p2])) });
        }
        match (p1 & 0x60, Sfi::from_binary_p1(p1)) {
            (0, Some(sfi)) => Ok(Self { sfi: Some(sfi), offset: usize::from(p2) }),
            _ => Err(StatusWord::INCORRECT_P1_P2),
        }
    }
}

/// READ BINARY (INS B0): bytes of a transparent file from an offset, as many as Le asks for and
/// the file holds.
///
/// # Status
/// `9000`; `6981` the file has records; `6982`; `6986` no current EF; `6A82` no file with this
/// short identifier; `6A86`; `6B00` offset at or past the end; `6Cxx`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5; ISO/IEC 7816-4 §11.3.3.
pub(crate) fn read(
    context: &mut Context<'_>,
    place: BinaryPlace,
    ne: usize,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let file = find(context, place.sfi)?;
    let size = file.require_bytes()?;
    require(context, file.plan.read)?;
    let rest = match size.checked_sub(place.offset) {
        None | Some(0) => return Err(StatusWord::WRONG_P1_P2),
        Some(rest) => rest,
    };
    let wanted = if ne == 0 { 256 } else { ne };
    let address = file.address.saturating_add(place.offset);
    context.nvm.read_into(address, rest.min(wanted), reply.buffer());
    context.channel.enter_file(file.position);
    Ok(StatusWord::SUCCESS)
}

/// UPDATE BINARY (INS D6): overwrites bytes of a transparent file.
///
/// # Status
/// `9000`; `6700` no data, or it runs past the end; `6981`; `6982`; `6986`; `6A82`; `6A86`; `6B00` offset past the
/// end; under secure messaging `6984`, `6988`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5; ISO/IEC 7816-4 §11.3.5.
pub(crate) fn update(
    context: &mut Context<'_>,
    place: BinaryPlace,
    data: &[u8],
) -> Result<StatusWord, StatusWord> {
    let file = find(context, place.sfi)?;
    let size = file.require_bytes()?;
    require(context, file.plan.update)?;
    if place.offset >= size {
        return Err(StatusWord::WRONG_P1_P2);
    }
    if place.offset.saturating_add(data.len()) > size {
        return Err(StatusWord::WRONG_LENGTH);
    }
    context.nvm.write(file.address.saturating_add(place.offset), data)?;
    context.channel.enter_file(file.position);
    Ok(StatusWord::SUCCESS)
}
