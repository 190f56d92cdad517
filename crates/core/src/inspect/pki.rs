//! The PKI application: its PINs' counters and its files; private keys only on request.

use alloc::vec::Vec;

use sscard_apdu::FileId;
use zeroize::Zeroizing;

use super::PinView;
use crate::card::Card;
use crate::pki::{self, FILES, Kind, Pin, Purpose};

/// The PKI application of a card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PkiView {
    /// The user's PIN.
    pub user: PinView,
    /// The administrator's PIN.
    pub administrator: PinView,
    /// Its files by identifier.
    pub files: Vec<PkiFileView>,
}

/// A file of the PKI application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PkiFileView {
    /// File identifier, 0012 to 0019.
    pub fid: FileId,
    /// What it holds.
    pub content: PkiContent,
    /// Whether its pair is for encryption; else for signatures.
    pub is_of_encryption: bool,
    /// Whether a key or a certificate is there.
    pub is_there: bool,
    /// X and Y of a public key; a certificate's file, 00 behind it; of a private key nothing.
    pub bytes: Vec<u8>,
}

/// What a file of the PKI application holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PkiContent {
    /// A public key.
    PublicKey,
    /// A private key.
    PrivateKey,
    /// A certificate.
    Certificate,
}

/// A private key of the PKI application in the clear.
#[derive(Clone)]
pub struct PkiPrivateKey {
    /// Its file.
    pub fid: FileId,
    /// The number, 32 bytes.
    pub value: Zeroizing<[u8; 32]>,
}

impl Card {
    /// The PKI application, when the card has one.
    #[must_use]
    pub fn inspect_pki(&self) -> Option<PkiView> {
        let (plan, area) = pki::of(self.profile())?;
        let nvm = self.nvm();
        let pin = |pin: Pin| PinView {
            tries_left: pin.tries_left(nvm, area),
            tries_max: pin.most_tries(plan),
        };
        let files = FILES.into_iter().map(|file| {
            let mut bytes = Vec::new();
            let content = match file.kind {
                Kind::Public => {
                    let key = pki::public_key(nvm, area, file.purpose);
                    bytes.extend(key.into_iter().flatten());
                    PkiContent::PublicKey
                }
                Kind::Private => PkiContent::PrivateKey,
                Kind::Certificate => {
                    nvm.read_into(area.at(file.offset), file.length, &mut bytes);
                    PkiContent::Certificate
                }
            };
            PkiFileView {
                fid: file.fid,
                content,
                is_of_encryption: file.purpose == Purpose::Encryption,
                is_there: nvm.byte(area.at(file.offset)) != 0,
                bytes,
            }
        });
        let files = files.collect();
        Some(PkiView { user: pin(Pin::User), administrator: pin(Pin::Administrator), files })
    }

    /// The private keys of the PKI application in the clear, as [`Card::reveal_keys`].
    #[must_use]
    pub fn reveal_pki_keys(&self) -> Vec<PkiPrivateKey> {
        let Some((_, area)) = pki::of(self.profile()) else { return Vec::new() };
        let pairs = [Purpose::Signature, Purpose::Encryption];
        let keys = pairs.into_iter().filter_map(|purpose| {
            let key = pki::private_key(self.nvm(), area, purpose).ok()?;
            Some(PkiPrivateKey { fid: purpose.file(Kind::Private).fid, value: key.to_bytes() })
        });
        keys.collect()
    }
}
