//! Bodies of versions 1 and 2: fields in a row (postcard): blueprint, memory, journal; from version 2
//! the financial plan and, on cards that have one, the plan of the medical purse.

use serde::Deserialize;

use super::{ImageError, Memory, Stored};
use crate::profile::Blueprint;

#[derive(Deserialize)]
struct Body<'b> {
    blueprint: Blueprint,
    #[serde(borrow)]
    memory: &'b [u8],
    journal: &'b [u8],
    entries: u8,
}

pub(super) fn parse(version: u16, body: &[u8]) -> Result<Stored<'_>, ImageError> {
    let malformed = |_| ImageError::Malformed;
    let (body, mut rest) = postcard::take_from_bytes::<Body<'_>>(body).map_err(malformed)?;
    let mut blueprint = body.blueprint;
    if version > 1 {
        (blueprint.financial, rest) = postcard::take_from_bytes(rest).map_err(malformed)?;
        if !rest.is_empty() {
            let (purse, end) = postcard::take_from_bytes(rest).map_err(malformed)?;
            (blueprint.purse, rest) = (Some(purse), end);
        }
    }
    if !rest.is_empty() {
        return Err(ImageError::Malformed);
    }
    let Body { memory, journal, entries, .. } = body;
    let memory = Memory { bytes: memory, journal, entries, regions: alloc::vec::Vec::new() };
    Ok(Stored { blueprint, memory })
}
