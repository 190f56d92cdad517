//! The files of the PKI application: where they lie, READ BINARY and UPDATE BINARY.

use sscard_apdu::{FileId, Sfi, StatusWord};

use super::Place;
use crate::applet::{Context, Reply};
use crate::fs::binary::BinaryPlace;
pub(super) use crate::profile::PKI_PRIVATE as PRIVATE;
use crate::profile::{PKI_CERTIFICATE as CERTIFICATE, PKI_PUBLIC as PUBLIC, PkiArea};

/// Tag and length in front of a key in its file.
pub(super) const HEADER: usize = PUBLIC - 64;

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A public key.
    Public,
    /// A private key.
    Private,
    /// A certificate.
    Certificate,
}

/// What a pair is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Purpose {
    /// Signatures.
    Signature,
    /// Encryption.
    Encryption,
}

/// A file of the PKI application.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    pub(crate) fid: FileId,
    pub(crate) kind: Kind,
    pub(crate) purpose: Purpose,
    /// From the start of the application's area.
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

const fn file(fid: u16, purpose: Purpose, kind: Kind, offset: usize) -> File {
    let length = match kind {
        Kind::Public => PUBLIC,
        Kind::Private => PRIVATE,
        Kind::Certificate => CERTIFICATE,
    };
    File { fid: FileId::new(fid), kind, purpose, offset, length }
}

/// All files by identifier.
pub(crate) const FILES: [File; 6] = [
    file(0x0012, Purpose::Signature, Kind::Public, PkiArea::SIGNATURE_PUBLIC),
    file(0x0013, Purpose::Signature, Kind::Private, PkiArea::SIGNATURE_PRIVATE),
    file(0x0014, Purpose::Encryption, Kind::Public, PkiArea::ENCRYPTION_PUBLIC),
    file(0x0015, Purpose::Encryption, Kind::Private, PkiArea::ENCRYPTION_PRIVATE),
    file(0x0018, Purpose::Signature, Kind::Certificate, PkiArea::SIGNATURE_CERTIFICATE),
    file(0x0019, Purpose::Encryption, Kind::Certificate, PkiArea::ENCRYPTION_CERTIFICATE),
];

impl File {
    /// The short identifier: the low byte of the file's.
    pub(crate) fn sfi(self) -> Option<Sfi> {
        self.fid.sfi()
    }
}

impl Purpose {
    /// The file of a kind.
    pub(crate) fn file(self, kind: Kind) -> File {
        let [public, private, certificate] = match self {
            Self::Signature => [FILES[0], FILES[1], FILES[4]],
            Self::Encryption => [FILES[2], FILES[3], FILES[5]],
        };
        match kind {
            Kind::Public => public,
            Kind::Private => private,
            Kind::Certificate => certificate,
        }
    }
}

/// The file with this identifier.
///
/// # Errors
/// 6A82 there is none.
pub(super) fn by_identifier(fid: FileId) -> Result<File, StatusWord> {
    FILES.into_iter().find(|file| file.fid == fid).ok_or(StatusWord::FILE_NOT_FOUND)
}

/// Position among [`FILES`] of the file with this identifier.
pub(super) fn position(fid: FileId) -> Option<u8> {
    FILES.iter().position(|file| file.fid == fid).and_then(|place| u8::try_from(place).ok())
}

/// The file that READ BINARY or UPDATE BINARY means, and its position.
fn find(context: &Context<'_>, sfi: Option<Sfi>) -> Result<(File, u8), StatusWord> {
    let position = match sfi {
        Some(sfi) => {
            let found = FILES.iter().position(|file| file.sfi() == Some(sfi));
            let found = found.and_then(|position| u8::try_from(position).ok());
            found.ok_or(StatusWord::FILE_NOT_FOUND)?
        }
        None => context.channel.cursor.ef.ok_or(StatusWord::COMMAND_NOT_ALLOWED_NO_CURRENT_EF)?,
    };
    let file = FILES.get(usize::from(position)).ok_or(StatusWord::FILE_NOT_FOUND)?;
    Ok((*file, position))
}

/// READ BINARY (INS B0): public keys and certificates, by anybody; a key or certificate that is not there is
/// all 00.
///
/// # Status
/// `9000`; `6982` a private key; `6985` the application is not selected; `6986` no current EF; `6A82` no file
/// with this short identifier; `6A86`; `6B00` offset at or past the end; `6Cxx`.
pub(super) fn read(
    context: &mut Context<'_>,
    area: Place,
    place: BinaryPlace,
    ne: usize,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let (file, position) = find(context, place.sfi)?;
    if file.kind == Kind::Private {
        return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
    }
    let rest = match file.length.checked_sub(place.offset) {
        None | Some(0) => return Err(StatusWord::WRONG_P1_P2),
        Some(rest) => rest,
    };
    let wanted = if ne == 0 { 256 } else { ne };
    let address = area.at(file.offset).saturating_add(place.offset);
    context.nvm.read_into(address, rest.min(wanted), reply.buffer());
    context.channel.enter_file(position);
    Ok(StatusWord::SUCCESS)
}

/// UPDATE BINARY (INS D6): a piece of a certificate, after the user's or the administrator's PIN. Keys are
/// generated and imported, not written \[choice\].
///
/// # Status
/// `9000`; `6700` no data, or past the end; `6982` a key, or no PIN; `6985`; `6986`; `6A82`; `6A86`; `6B00`
/// offset at or past the end.
pub(super) fn update(
    context: &mut Context<'_>,
    area: Place,
    place: BinaryPlace,
    data: &[u8],
    may_change: bool,
) -> Result<StatusWord, StatusWord> {
    let (file, position) = find(context, place.sfi)?;
    if file.kind != Kind::Certificate || !may_change {
        return Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED);
    }
    if place.offset >= file.length {
        return Err(StatusWord::WRONG_P1_P2);
    }
    if data.is_empty() || place.offset.saturating_add(data.len()) > file.length {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let address = area.at(file.offset).saturating_add(place.offset);
    context.nvm.write(address, data)?;
    context.channel.enter_file(position);
    Ok(StatusWord::SUCCESS)
}
