//! The PKI application of an inspected card.

use std::io::{self, Write};

use sscard_core::Card;
use sscard_core::inspect::{PkiContent, PkiFileView};
use sscard_lexicon::{pki::file_name, shown};
use sscard_profile::CardCertificate;

use crate::commands::hex;

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

fn certificate(file: &PkiFileView) -> Option<CardCertificate> {
    CardCertificate::parse(&file.bytes).ok()
}
