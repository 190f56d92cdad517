//! The PKI application of an inspected card.

use sscard_core::Card;
use sscard_core::inspect::{PinView, PkiContent, PkiFileView, PkiView};
use sscard_lexicon::pki::file_name;
use sscard_profile::CardCertificate;

use super::{InspectedPair, InspectedPki, RevealedKey};
use crate::pki;
use crate::unit::Hex;

/// Counters by the path of their PIN.
pub(super) fn pins(card: &Card) -> Vec<(String, PinView)> {
    let pins = |view: PkiView| [("PKI/user", view.user), ("PKI/administrator", view.administrator)];
    let pins = card.inspect_pki().map(pins);
    pins.into_iter().flatten().map(|(path, pin)| (path.to_owned(), pin)).collect()
}

pub(super) fn document(card: &Card) -> Option<InspectedPki> {
    let view = card.inspect_pki()?;
    Some(InspectedPki { signature: pair(&view, false), encryption: pair(&view, true) })
}

fn pair(view: &PkiView, is_of_encryption: bool) -> InspectedPair {
    let find = |content| {
        let is = |file: &&PkiFileView| {
            file.is_of_encryption == is_of_encryption && file.content == content && file.is_there
        };
        view.files.iter().find(is)
    };
    let public = find(PkiContent::PublicKey).map(|file| &file.bytes[..]);
    let certificate = find(PkiContent::Certificate).and_then(certificate);
    InspectedPair {
        public_key: public.map(Hex::of),
        has_private_key: find(PkiContent::PrivateKey).is_some(),
        certificate_fits: certificate
            .as_ref()
            .is_some_and(|certificate| Some(&certificate.public_key()[..]) == public),
        certificate: certificate.as_ref().map(pki::view),
    }
}

fn certificate(file: &PkiFileView) -> Option<CardCertificate> {
    CardCertificate::parse(&file.bytes).ok()
}

/// The private keys, for whoever asks for keys.
pub(super) fn keys(card: &Card) -> Vec<RevealedKey> {
    let key = |key: &sscard_core::inspect::PkiPrivateKey| RevealedKey {
        application: "PKI".to_owned(),
        id: Some(Hex::of(key.fid.to_bytes())),
        name: file_name(key.fid).map(|name| name.en.into()),
        version: None,
        algorithm: "SM2",
        value: Hex::of(*key.value),
    };
    card.reveal_pki_keys().iter().map(key).collect()
}
