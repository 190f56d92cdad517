//! The files of the application: READ BINARY and UPDATE BINARY.

use sscard_apdu::{FileId, Sfi, StatusWord};

use super::keys::{self, PUBLIC};
use super::{Needs, admit, form};
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Public,
    Private,
    Certificate,
}

/// What a pair is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Signature = 0,
    Encryption = 1,
}

/// Length of a certificate's file.
pub(super) const CERTIFICATE: usize = 1020;

/// All files by identifier.
pub(super) const FILES: [(u16, (Purpose, Kind)); 6] = [
    (0x0012, (Purpose::Signature, Kind::Public)),
    (0x0013, (Purpose::Signature, Kind::Private)),
    (0x0014, (Purpose::Encryption, Kind::Public)),
    (0x0015, (Purpose::Encryption, Kind::Private)),
    (0x0018, (Purpose::Signature, Kind::Certificate)),
    (0x0019, (Purpose::Encryption, Kind::Certificate)),
];

/// Place of the file with this identifier.
pub(super) fn place(fid: FileId) -> Option<u8> {
    let place = FILES.iter().position(|(known, _)| *known == fid.value())?;
    u8::try_from(place).ok()
}

/// Which file a command means, if it says so, and the offset.
fn addressed(plain: Plain<'_>) -> Result<(Option<Sfi>, usize), StatusWord> {
    if plain.p1 & 0x80 == 0 {
        return Ok((None, usize::from(plain.p1) << 8 | usize::from(plain.p2)));
    }
    // Bits 7 and 6 are 0, and 00 and 1F name no file (ISO/IEC 7816-4 §7.3.2).
    match plain.p1 & 0x7F {
        number @ 0x01..=0x1E => Ok((Sfi::new(number), plain.p2.into())),
        _ => Err(StatusWord::INCORRECT_P1_P2),
    }
}

fn find(sfi: Option<Sfi>, stand: &Stand<'_>) -> Result<u8, StatusWord> {
    match sfi {
        Some(sfi) => {
            let has = |(fid, _): &(u16, _)| fid & 0xFF == u16::from(sfi.number());
            let place = FILES.iter().position(has).ok_or(StatusWord::FILE_NOT_FOUND)?;
            Ok(u8::try_from(place).unwrap_or(u8::MAX))
        }
        None => stand.channel.pki.file.ok_or(StatusWord::COMMAND_NOT_ALLOWED_NO_CURRENT_EF),
    }
}

/// READ BINARY: public keys and certificates, by anybody; private keys, by nobody.
pub(super) fn read(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    form::no_data(plain)?;
    let (sfi, offset) = addressed(plain)?;
    admit(Needs::Nobody, stand)?;
    let place = find(sfi, stand)?;
    let (purpose, kind) = FILES[usize::from(place)].1;
    let length = match kind {
        Kind::Public => PUBLIC,
        Kind::Private => return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED),
        Kind::Certificate => CERTIFICATE,
    };
    if offset >= length {
        return Err(StatusWord::WRONG_P1_P2);
    }
    let wanted = if plain.ne == 0 { 256 } else { plain.ne };
    let range = offset..length.min(offset + wanted);
    let pki = &stand.lasting.pki;
    match kind {
        Kind::Certificate => answer.extend(&pki.certificates[purpose as usize][range]),
        _ => keys::read_public(&pki.pairs[purpose as usize], purpose, range, answer),
    }
    stand.channel.pki.file = Some(place);
    Ok(StatusWord::SUCCESS)
}

/// UPDATE BINARY: a piece of a certificate; keys are generated and imported.
pub(super) fn update(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let (sfi, offset) = addressed(plain)?;
    admit(Needs::Nobody, stand)?;
    let place = find(sfi, stand)?;
    let (purpose, kind) = FILES[usize::from(place)].1;
    if kind != Kind::Certificate {
        return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
    }
    admit(Needs::Either, stand)?;
    if offset >= CERTIFICATE {
        return Err(StatusWord::WRONG_P1_P2);
    }
    let range = offset..offset + plain.data.len();
    if range.is_empty() || range.end > CERTIFICATE {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let certificate = &mut stand.lasting.pki_mut().certificates[purpose as usize];
    std::sync::Arc::make_mut(certificate)[range].copy_from_slice(plain.data);
    stand.channel.pki.file = Some(place);
    Ok(StatusWord::SUCCESS)
}
