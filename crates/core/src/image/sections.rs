//! The body in tagged sections: tag (2 bytes), length (4 bytes), value; numbers big-endian, tags rising.
//!
//! A new field gets a tag of its own, and is left out where it has its default: so older images lack it,
//! and older programs read images that do without. A tag below 8000 says that the card is not whole
//! without its section: a program that does not know it refuses the image. A section of 8000 and above is
//! passed over by such a program, and not in the image that it writes anew: what is lost with it must
//! harm nothing.

use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use sscard_apdu::Aid;

use super::{ImageError, Memory, Stored, serialised};
use crate::card::Card;
use crate::nvm::{Owned, Region};
use crate::profile::{Beside, Blueprint, FinancialApplication, OwnPlan, PinDigits};

/// First tag of the sections that a program may pass over.
const OPTIONAL: u16 = 0x8000;

/// Tags of the sections.
mod tag {
    /// The social security function and the card as a whole: `Blueprint`, postcard.
    pub(super) const BLUEPRINT: u16 = 0x0001;
    /// `FinancialPlan`, postcard; without it there are no payment applications.
    pub(super) const FINANCIAL: u16 = 0x0002;
    /// `PursePlan`, postcard; without it there is no medical purse.
    pub(super) const PURSE: u16 = 0x0003;
    /// Fewest and most digits of a PIN, a byte each; 3 and 16 without it.
    pub(super) const PIN_DIGITS: u16 = 0x0004;
    /// Whether READ RECORD works before GET PROCESSING OPTIONS, a byte for each payment application; 01
    /// without it.
    pub(super) const READ_BEFORE_INITIATION: u16 = 0x0005;
    /// Cryptograms and FCI of each payment application, `Option<OwnPlan>`, postcard; those of PBOC without it.
    pub(super) const FINANCIAL_OWN: u16 = 0x000B;
    /// `PkiPlan`, postcard; without it there is no PKI application.
    pub(super) const PKI: u16 = 0x000C;
    /// `OwnNames`, postcard; nothing on the card depends on them.
    pub(super) const NAMES: u16 = 0x8001;
    /// The profile's memory in address order.
    pub(super) const MEMORY: u16 = 0x0010;
    /// Number of complete notes (1 byte), the undo journal; without it nothing is open.
    pub(super) const JOURNAL: u16 = 0x0011;
    /// Memory of one applet: address (4 bytes), length of the AID (1), the AID, the content. As often as
    /// there are applets, by address.
    pub(super) const APPLET: u16 = 0x0012;
    /// `PsamPlan`, postcard; without it the card is no security module.
    pub(super) const PSAM: u16 = 0x0019;
    /// `Vec<KeyAlgorithm>`, postcard; without it all keys are of the card's algorithm.
    pub(super) const KEY_ALGORITHMS: u16 = 0x001A;
}

pub(super) fn emit(card: &Card) -> Vec<u8> {
    let (blueprint, nvm) = (card.profile().blueprint(), card.nvm());
    let mut body = Vec::new();
    section(&mut body, tag::BLUEPRINT, &[&serialised(blueprint)]);
    let Beside { financial, purse, pin_digits, psam, pki, key_algorithms } = blueprint.beside();
    section(&mut body, tag::FINANCIAL, &[&serialised(financial)]);
    if let Some(purse) = purse {
        section(&mut body, tag::PURSE, &[&serialised(purse)]);
    }
    if pin_digits != PinDigits::default() {
        section(&mut body, tag::PIN_DIGITS, &[&[pin_digits.min, pin_digits.max]]);
    }
    let early = |one: &FinancialApplication| one.options.read_before_initiation;
    if !financial.applications.iter().all(early) {
        let early: Vec<u8> = financial.applications.iter().map(|one| early(one).into()).collect();
        section(&mut body, tag::READ_BEFORE_INITIATION, &[&early]);
    }
    let own: Vec<_> = financial.applications.iter().map(OwnPlan::of).collect();
    if own.iter().any(Option::is_some) {
        section(&mut body, tag::FINANCIAL_OWN, &[&serialised(&own)]);
    }
    if let Some(pki) = pki {
        section(&mut body, tag::PKI, &[&serialised(pki)]);
    }
    section(&mut body, tag::MEMORY, &[&nvm.dump()]);
    let (journal, entries) = nvm.journal();
    if entries > 0 || !journal.is_empty() {
        section(&mut body, tag::JOURNAL, &[&[entries], journal]);
    }
    for Owned { aid, region } in nvm.regions() {
        let name = aid.as_bytes();
        // The memory ends at 1 MiB, a name at 16 bytes.
        let address = u32::try_from(region.base).unwrap_or(u32::MAX).to_be_bytes();
        let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
        section(&mut body, tag::APPLET, &[&address, &[length], name, &nvm.bytes(*region)]);
    }
    if let Some(psam) = psam {
        section(&mut body, tag::PSAM, &[&serialised(psam)]);
    }
    if !key_algorithms.is_empty() {
        section(&mut body, tag::KEY_ALGORITHMS, &[&serialised(&key_algorithms)]);
    }
    if !blueprint.names.is_empty() {
        section(&mut body, tag::NAMES, &[&serialised(&blueprint.names)]);
    }
    body
}

fn section(body: &mut Vec<u8>, tag: u16, parts: &[&[u8]]) {
    let length = parts.iter().map(|part| part.len()).fold(0, usize::saturating_add);
    body.extend_from_slice(&tag.to_be_bytes());
    body.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    parts.iter().for_each(|part| body.extend_from_slice(part));
}

pub(super) fn parse(body: &[u8]) -> Result<Stored<'_>, ImageError> {
    let mut blueprint: Option<Blueprint> = None;
    let mut financial = None;
    let mut purse = None;
    let mut pin_digits = None;
    let mut psam = None;
    let mut early = None;
    let mut own: Option<Vec<Option<OwnPlan>>> = None;
    let mut pki = None;
    let mut names = None;
    let mut key_algorithms = Vec::new();
    let mut bytes = None;
    let mut journal = None;
    let mut regions = Vec::new();
    let (mut rest, mut last) = (body, 0);
    while !rest.is_empty() {
        let (tag, value, behind) = split(rest).ok_or(ImageError::Malformed)?;
        if tag < last || (tag == last && tag != tag::APPLET && tag < OPTIONAL) {
            return Err(ImageError::Malformed);
        }
        (rest, last) = (behind, tag);
        match tag {
            tag::BLUEPRINT => blueprint = Some(whole(value)?),
            tag::FINANCIAL => financial = Some(whole(value)?),
            tag::PURSE => purse = Some(whole(value)?),
            tag::PIN_DIGITS => {
                let [min, max] = *value else { return Err(ImageError::Malformed) };
                pin_digits = Some(PinDigits { min, max });
            }
            tag::READ_BEFORE_INITIATION => early = Some(value),
            tag::FINANCIAL_OWN => own = Some(whole(value)?),
            tag::PKI => pki = Some(whole(value)?),
            tag::MEMORY => bytes = Some(value),
            tag::JOURNAL => journal = Some(value.split_first().ok_or(ImageError::Malformed)?),
            tag::APPLET => regions.push(region(value).ok_or(ImageError::Malformed)?),
            tag::NAMES => names = Some(whole(value)?),
            tag::PSAM => psam = Some(whole(value)?),
            tag::KEY_ALGORITHMS => key_algorithms = whole(value)?,
            OPTIONAL.. => {}
            _ => return Err(ImageError::UnknownSection(tag)),
        }
    }
    let mut blueprint = blueprint.ok_or(ImageError::Malformed)?;
    blueprint.financial = financial.unwrap_or_default();
    blueprint.purse = purse;
    blueprint.pin_digits = pin_digits.unwrap_or_default();
    blueprint.psam = psam;
    blueprint.key_algorithms = key_algorithms;
    if let Some(early) = early {
        let applications = &mut blueprint.financial.applications;
        if early.len() != applications.len() {
            return Err(ImageError::Malformed);
        }
        for (one, early) in applications.iter_mut().zip(early) {
            one.options.read_before_initiation = *early != 0;
        }
    }
    if let Some(own) = own {
        let applications = &mut blueprint.financial.applications;
        if own.len() != applications.len() {
            return Err(ImageError::Malformed);
        }
        for (application, own) in applications.iter_mut().zip(own) {
            if let Some(own) = own {
                own.put_into(application);
            }
        }
    }
    blueprint.pki = pki;
    blueprint.names = names.unwrap_or_default();
    let bytes = bytes.ok_or(ImageError::Malformed)?;
    let (entries, journal) = journal.map_or((0, &[][..]), |(entries, notes)| (*entries, notes));
    Ok(Stored { blueprint, memory: Memory { bytes, journal, entries, regions } })
}

/// Tag and value of the first section, and what is behind it.
fn split(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (value, rest) = rest.split_at_checked(length)?;
    Some((u16::from_be_bytes(*tag), value, rest))
}

/// A value, which takes up its section.
fn whole<T: DeserializeOwned>(value: &[u8]) -> Result<T, ImageError> {
    match postcard::take_from_bytes(value) {
        Ok((value, [])) => Ok(value),
        _ => Err(ImageError::Malformed),
    }
}

fn region(value: &[u8]) -> Option<(Owned, &[u8])> {
    let (address, rest) = value.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first()?;
    let (name, content) = rest.split_at_checked(usize::from(*length))?;
    let aid = Aid::new(name).filter(|_| name.len() >= 5)?;
    let base = usize::try_from(u32::from_be_bytes(*address)).ok()?;
    Some((Owned { aid, region: Region { base, length: content.len() } }, content))
}
