//! `sscard pki`: the PKI application as a terminal uses it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use sscard_crypto::financial::sm2::Sm2PublicKey;
use sscard_host::whole_file::Audience;
use sscard_lexicon::shown;
use sscard_profile::{CardCertificate, pki_authority, signature_from_der, signature_to_der};
use sscard_terminal::pki::{PkiApplication, PkiError, PkiPair, PkiRole};
use sscard_trace::Mode;

use super::hex;
use crate::args::{CertificateArgs, PkiArgs, PkiCommand, SignArgs, VerifyArgs};
use crate::documents::pki::{
    CertificateDocument, SignatureDocument, VerificationDocument, by_test_authority, view,
};
use crate::documents::unit::Hex;
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::source::{Recorded, Source};
use crate::{read_file, secret_input};

pub(crate) fn run(args: &PkiArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        PkiCommand::Sign(args) => sign(args, out),
        PkiCommand::Verify(args) => verify(args, out),
        PkiCommand::Certificate(args) => certificate(args, out),
    }
}

/// Does something with a card, and keeps what became of it whatever came of that.
fn with_card<T>(
    source: Source,
    work: impl FnOnce(&mut Recorded<'_>) -> Result<T, PkiError>,
) -> Result<T, Failure> {
    let mut source = source;
    let done = work(&mut source.recorded());
    let closed = source.close();
    match (done, closed) {
        (Ok(value), closed) => closed.map(|()| value),
        (Err(error), Ok(())) => Err(error.into()),
        (Err(error), Err(second)) => {
            complain!("sscard: {second}");
            Err(error.into())
        }
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, Failure> {
    read_file::read(path).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })
}

fn sign(args: &SignArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.pin.as_deref().is_some_and(|pin| pin != "-") {
        let rule = "a PIN does not stand on the command line: write --pin -, or set SSCARD_PIN";
        return Err(Failure::Usage(format!("--pin: {rule}")));
    }
    let message = contents(&args.file)?;
    let pin = secret_input::pin_or_environment("--pin", args.pin.as_deref())?;
    let pin = pin.ok_or_else(|| {
        let rule = "signing needs the user's PIN: write --pin -, or set SSCARD_PIN";
        Failure::Usage(rule.to_owned())
    })?;
    let pin = super::read::pin_bytes(&pin)?;
    let source = Source::open(&args.card)?.traced(&args.record, Mode::Auto)?;
    let (signature, key, certificate) = with_card(source, |card| {
        let mut pki = PkiApplication::open(card)?;
        pki.verify(PkiRole::User, &pin)?;
        let signature = pki.sign(&message)?;
        let key = pki.public_key(PkiPair::Signature)?;
        let certificate = match pki.certificate(PkiPair::Signature) {
            Ok(certificate) => Some(certificate),
            Err(PkiError::Certificate(_)) => None,
            Err(error) => return Err(error),
        };
        Ok((signature, key, certificate))
    })?;
    let certificate = certificate.filter(|certificate| certificate.public_key() == key.bytes());
    let der = signature_to_der(&signature);
    if let Some(path) = &args.output {
        super::write_file(path, &der, Audience::Everybody)?;
    }
    if args.json {
        let document = SignatureDocument {
            schema: SCHEMA,
            signature: Hex::of(signature),
            der: Hex::of(&der),
            public_key: Hex::of(key.bytes()),
            certificate: certificate.as_ref().map(view),
        };
        documents::print(out, &document)?;
        return Ok(());
    }
    writeln!(out, "signature  {}", hex(&signature))?;
    writeln!(out, "public key {}", hex(key.bytes()))?;
    match certificate {
        Some(certificate) => writeln!(out, "signed by  {}", shown(certificate.subject()))?,
        None => writeln!(out, "signed by  a key that the card has no certificate of")?,
    }
    Ok(())
}

fn verify(args: &VerifyArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let message = contents(&args.file)?;
    let signature = given_signature(&args.signature)?;
    let certificate = match &args.certificate {
        Some(path) => of_file(path)?,
        None => {
            let source = Source::open(&args.card)?.traced(&args.record, Mode::Auto)?;
            with_card(source, |card| PkiApplication::open(card)?.certificate(PkiPair::Signature))?
        }
    };
    let key = Sm2PublicKey::from_bytes(certificate.public_key());
    let right = key.is_some_and(|key| key.verify(&[&message], &signature));
    if args.json {
        let certificate = view(&certificate);
        documents::print(out, &VerificationDocument { schema: SCHEMA, right, certificate })?;
    } else {
        let verdict = if right { "right" } else { "wrong" };
        writeln!(out, "signature  {verdict}")?;
        writeln!(out, "signed by  {}", shown(certificate.subject()))?;
        writeln!(out, "issuer     {}", issuer(&certificate))?;
    }
    if right { Ok(()) } else { Err(Failure::Signature) }
}

fn certificate(args: &CertificateArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let certificate = if args.authority {
        CardCertificate::parse(pki_authority()).map_err(|error| input("test authority", &error))?
    } else {
        let pair = if args.encryption { PkiPair::Encryption } else { PkiPair::Signature };
        let source = Source::open(&args.card)?.traced(&args.record, Mode::Auto)?;
        with_card(source, |card| PkiApplication::open(card)?.certificate(pair))?
    };
    if let Some(path) = &args.output {
        super::write_file(path, certificate.pem().as_bytes(), Audience::Everybody)?;
    }
    if args.json {
        let certificate = view(&certificate);
        documents::print(out, &CertificateDocument { schema: SCHEMA, certificate })?;
        return Ok(());
    }
    print(out, &certificate)?;
    Ok(())
}

fn print(out: &mut dyn Write, certificate: &CardCertificate) -> io::Result<()> {
    let [first, last] = certificate.validity();
    writeln!(out, "subject    {}", shown(certificate.subject()))?;
    writeln!(out, "issuer     {}", issuer(certificate))?;
    writeln!(out, "serial     {}", hex(certificate.serial()))?;
    writeln!(out, "valid      {first} to {last}")?;
    writeln!(out, "public key {}", hex(certificate.public_key()))
}

/// The issuer, and whether it is the test authority by its signature.
fn issuer(certificate: &CardCertificate) -> String {
    let name = shown(certificate.issuer());
    if by_test_authority(certificate) {
        format!("{name}: signed by the test authority")
    } else {
        format!("{name}: not signed by the test authority")
    }
}

fn input(place: &str, reason: &dyn std::fmt::Display) -> Failure {
    Failure::Input { place: place.to_owned(), reason: reason.to_string() }
}

fn of_file(path: &Path) -> Result<CardCertificate, Failure> {
    let bytes = contents(path)?;
    let certificate = CardCertificate::parse_any(&bytes);
    certificate.map_err(|error| input(&shown_path(path), &error))
}

/// A signature as hexadecimal digits, or out of a file.
fn given_signature(said: &str) -> Result<[u8; 64], Failure> {
    if let Ok(bytes) = hex::decode(said)
        && let Ok(signature) = bytes.try_into()
    {
        return Ok(signature);
    }
    let path = Path::new(said);
    if fs::metadata(path).is_err() {
        let rule = "it is no file, and not 128 hexadecimal digits";
        return Err(input("signature", &rule));
    }
    let der = contents(path)?;
    signature_from_der(&der)
        .ok_or_else(|| input(&shown_path(path), &"it is no SM2 signature in DER"))
}
