//! The PKI application of an inspected card.

use std::io::{self, Write};

use sscard_core::Card;
use sscard_core::inspect::{PinView, PkiContent, PkiFileView, PkiView};
use sscard_lexicon::{pki::file_name, shown};
use sscard_profile::CardCertificate;

use super::super::{hex, pki};
use crate::documents::inspect::{InspectedPair, InspectedPki, RevealedKey};
use crate::documents::unit::Hex;

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

/// The application as a tree.
pub(super) fn print(out: &mut dyn Write, card: &Card, keys: bool) -> io::Result<()> {
    let Some(view) = card.inspect_pki() else { return Ok(()) };
    writeln!(out)?;
    writeln!(out, "PKI.社会保障/SS.CERT.ADF1")?;
    for (whose, pin) in [("user", view.user), ("administrator", view.administrator)] {
        writeln!(out, "  PIN {whose}: {} of {} tries left", pin.tries_left, pin.tries_max)?;
    }
    for file in &view.files {
        let name = file_name(file.fid).map(|name| name.to_string()).unwrap_or_default();
        write!(out, "  {} {name}: ", file.fid)?;
        match (file.content, file.is_there) {
            (_, false) => writeln!(out, "empty")?,
            (PkiContent::PublicKey, _) => writeln!(out, "{}", hex(&file.bytes))?,
            (PkiContent::PrivateKey, _) => writeln!(out, "there, never read")?,
            (PkiContent::Certificate, _) => match certificate(file) {
                Some(certificate) => writeln!(out, "{}", shown(certificate.subject()))?,
                None => writeln!(out, "no certificate that can be read")?,
            },
        }
    }
    if keys {
        for key in card.reveal_pki_keys() {
            writeln!(out, "  key {}: {}", key.fid, hex(&*key.value))?;
        }
    }
    Ok(())
}
