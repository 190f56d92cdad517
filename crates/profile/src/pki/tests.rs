use super::*;
use crate::{MasterKeys, built_in, issue as issue_card, load, synthetic_holder};

/// The shared pairs' certificates, and the authority's, as they would be made.
fn made() -> [Vec<u8>; 3] {
    let authority = TestKeys::get().sm2("ca").unwrap();
    let days = [[0x20, 0x24, 0x01, 0x01], [0x20, 0x44, 0x12, 0x31]];
    let pairs = test_pairs();
    [
        (CertificateUse::Authority, AUTHORITY, &authority.public_key().bytes()[..]),
        (CertificateUse::Signature, "TEST card", &pairs.signature.public),
        (CertificateUse::Encryption, "TEST card", &pairs.encryption.public),
    ]
    .map(|(usage, name, public)| {
        let public = public.try_into().unwrap();
        issue(&Request { usage, name, number: "", public, days }, AUTHORITY, authority).unwrap()
    })
}

/// `BLESS=1` writes the file's certificates anew.
#[test]
fn committed_certificates_are_those_that_would_be_made() {
    let made = made();
    if std::env::var_os("BLESS").is_some() {
        let mut certificates = made.iter();
        let mut text = String::new();
        for line in TEXT.lines() {
            if line.starts_with("certificate = ") {
                let der = hex::encode_upper(certificates.next().unwrap());
                text.push_str(&format!("certificate = \"{der}\"\n"));
            } else {
                text.push_str(&format!("{line}\n"));
            }
        }
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/keys/pki.toml"), text).unwrap();
        return;
    }
    let pairs = test_pairs();
    let committed = [&pairs.authority, &pairs.signature.certificate, &pairs.encryption.certificate];
    assert_eq!(made.each_ref(), committed, "run with BLESS=1");
}

#[test]
fn the_shared_pairs_are_pairs_and_the_authority_certified_them() {
    let pairs = test_pairs();
    let authority = CardCertificate::parse(&pairs.authority).unwrap();
    let ca = TestKeys::get().sm2("ca").unwrap().public_key();
    assert_eq!(authority.public_key(), ca.bytes());
    assert!(authority.is_signed_by(ca));
    assert_eq!(authority.subject(), authority.issuer());
    for pair in [&pairs.signature, &pairs.encryption] {
        let private = pair.private.as_slice().try_into().unwrap();
        let key = Sm2PrivateKey::from_bytes(private).unwrap();
        assert_eq!(key.public_key().bytes()[..], pair.public);
        let certificate = CardCertificate::parse(&pair.certificate).unwrap();
        assert_eq!(certificate.public_key()[..], pair.public);
        assert_eq!(certificate.issuer(), authority.subject());
        assert!(certificate.is_signed_by(ca) && !certificate.is_signed_by(key.public_key()));
        assert!(pair.certificate.len() < 500, "{}", pair.certificate.len());
    }
    assert_ne!(pairs.signature.public, pairs.encryption.public);
}

#[test]
fn a_certificate_file_is_read_to_its_end_and_no_further() {
    let der = &test_pairs().signature.certificate;
    let mut file = der.clone();
    file.resize(1020, 0);
    assert_eq!(CardCertificate::parse(&file).unwrap().der(), der);
    for length in 0..der.len() {
        assert!(CardCertificate::parse(&der[..length]).is_err(), "{length} bytes");
    }
    for bytes in [&[][..], &[0; 1020], &[0xFF; 1020], &[0x30, 0x80, 0, 0], b"text"] {
        assert!(CardCertificate::parse(bytes).is_err(), "{bytes:02X?}");
    }
}

#[test]
fn a_certificate_with_another_byte_is_none_or_not_the_authority_s() {
    let der = &test_pairs().signature.certificate;
    let ca = TestKeys::get().sm2("ca").unwrap().public_key();
    for place in 0..der.len() {
        let mut changed = der.clone();
        changed[place] ^= 0x01;
        if let Ok(certificate) = CardCertificate::parse(&changed) {
            assert!(!certificate.is_signed_by(ca), "byte {place}");
        }
    }
}

#[test]
fn own_keys_come_from_the_seed_and_the_certificate_names_the_holder() {
    let profile = load("base = \"gen3\"\n[pki]\nkeys = \"own\"\n").unwrap();
    let [one, again, other] = [1, 1, 2].map(synthetic_holder);
    let pairs = |holder| own_pairs(&profile, holder).unwrap();
    assert!(pairs(&one) == pairs(&again));
    assert!(pairs(&one)[0].private != pairs(&other)[0].private);
    assert!(pairs(&one)[0].private != pairs(&one)[1].private);
    let certificate = CardCertificate::parse(&pairs(&one)[0].certificate).unwrap();
    let number = std::str::from_utf8(&one.social_security_number).unwrap();
    assert!(certificate.subject().contains(number), "{}", certificate.subject());
    let (name, ..) = encoding_rs::GBK.decode(&one.name);
    assert!(certificate.subject().contains(&*name), "{}", certificate.subject());
    assert_eq!(certificate.validity(), ["2024-01-01T00:00:00Z", "2034-01-01T23:59:59Z"]);
    assert!(certificate.is_signed_by(TestKeys::get().sm2("ca").unwrap().public_key()));
    assert!(own_pairs(&built_in("gen3").unwrap(), &one).is_none());
    issue_card(&profile, &one, &MasterKeys::test()).unwrap();
}

#[test]
fn settings_of_the_table() {
    let plan = |text: &str| load(&format!("base = \"gen2\"\n[pki]\n{text}\n"));
    let key = hex::encode([0x11; 32]);
    let profile = plan(&format!(
        "pin = \"1234567\"\npin_tries = 3\nadministrator_pin = \"87654321\"\n\
         administrator_pin_tries = 15\nkeys = \"none\"\nsignature_key = \"{key}\"\n\
         encryption_certificate = \"3000\"\n"
    ));
    let profile = profile.unwrap();
    let pki = profile.blueprint().pki.as_ref().unwrap();
    assert_eq!((&pki.user.value[..], pki.user.tries), (&[0x12, 0x34, 0x56, 0x7F][..], 3));
    assert_eq!(
        (&pki.administrator.value[..], pki.administrator.tries),
        (&[0x87, 0x65, 0x43, 0x21][..], 15)
    );
    assert_eq!((pki.signature.private.len(), pki.signature.public.len()), (32, 64));
    assert_eq!(
        (pki.encryption.private.len(), &pki.encryption.certificate[..]),
        (0, &[0x30, 0x00][..])
    );
    assert!(plan("present = false").unwrap().blueprint().pki.is_none());
    for wrong in [
        "pin = \"123\"",
        "pin = \"12345678901234567\"",
        "pin = \"12x4\"",
        "pin_tries = 0",
        "administrator_pin_tries = 16",
        "keys = \"some\"",
        "signature_key = \"00\"",
        "signature_key = \"0000000000000000000000000000000000000000000000000000000000000000\"",
        "signature_certificate = \"3\"",
        "other = 1",
    ] {
        assert!(plan(wrong).is_err(), "{wrong}");
    }
    let long = format!("signature_certificate = \"{}\"", "30".repeat(1021));
    assert!(plan(&long).is_err());
}

#[test]
fn a_wrong_pin_or_key_is_not_repeated() {
    let error = load("base = \"gen3\"\n[pki]\npin = \"73914\x41\"\n").unwrap_err().to_string();
    assert!(!error.contains("73914"), "{error}");
    let error =
        load("base = \"gen3\"\n[pki]\nsignature_key = \"73914\"\n").unwrap_err().to_string();
    assert!(!error.contains("73914"), "{error}");
}
