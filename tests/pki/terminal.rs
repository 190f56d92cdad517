//! The terminal's side against the card, on both protocols.

use super::*;
use sscard_crypto::financial::sm2::Sm2PrivateKey;
use sscard_host::{Follow, InProcess};
use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};
use sscard_terminal::pki::{PkiApplication, PkiError, PkiPair, PkiRole, seal};

fn card(protocol: &str) -> Follow<InProcess> {
    let text = format!("base = \"gen3\"\nprotocol = \"{protocol}\"");
    let card = issue(&load(&text).expect("profile"), &synthetic_holder(7), &MasterKeys::test());
    Follow::new(InProcess::power_on(card.expect("card")).expect("power"))
}

#[test]
fn pki_the_terminal_generates_signs_opens_and_imports() {
    for protocol in ["T=0", "T=1"] {
        let mut card = card(protocol);
        let mut pki = PkiApplication::open(&mut card).expect("the application");
        assert_eq!(pki.tries_left(PkiRole::User), Ok(Some(6)));
        assert!(matches!(pki.sign(b"x"), Err(PkiError::Refused { .. })));
        pki.verify(PkiRole::User, &USER).expect("the PIN");
        assert_eq!(pki.tries_left(PkiRole::User), Ok(None));
        let certificate = pki.certificate(PkiPair::Signature).expect("a certificate");
        let key = pki.public_key(PkiPair::Signature).expect("a key");
        assert_eq!(certificate.public_key(), key.bytes());
        let signature = pki.sign(b"a message").expect("a signature");
        assert!(key.verify(&[b"a message"], &signature));
        let new = pki.generate(PkiPair::Signature).expect("a pair");
        assert!(new != key);
        let pair = Sm2PrivateKey::from_bytes(&[0x21; 32]).expect("a key");
        pki.import(&pair, &Key::new([9; 16]), &[0x3C; 32]).expect("imported");
        assert!(&pki.public_key(PkiPair::Encryption).expect("a key") == pair.public_key());
        for length in [0, 1, 15, 16, 5000] {
            let data = vec![0xA5; length];
            let sealed = seal(pair.public_key(), &data, &Key::new([7; 16]), &[0x3D; 32]);
            let sealed = sealed.expect("an envelope");
            assert_eq!(pki.open_envelope(&sealed).expect("opened")[..], data);
        }
        assert!(pki.open_envelope(b"no envelope").is_err());
        let der = certificate.der().to_vec();
        pki.write_certificate(PkiPair::Encryption, &der).expect("written");
        assert_eq!(pki.certificate(PkiPair::Encryption).expect("read").der(), der);
        assert!(pki.write_certificate(PkiPair::Encryption, &[0; 1021]).is_err());
    }
}

#[test]
fn pki_the_terminal_changes_and_unblocks_pins() {
    let mut card = card("T=0");
    let mut pki = PkiApplication::open(&mut card).expect("the application");
    pki.verify(PkiRole::User, &USER).expect("the PIN");
    pki.change_pin(PkiRole::User, &USER, &[0x24, 0x68]).expect("changed");
    for _ in 0..6 {
        pki.verify(PkiRole::User, &USER).expect_err("the old PIN");
    }
    assert_eq!(pki.tries_left(PkiRole::User), Ok(Some(0)));
    let error = pki.verify(PkiRole::User, &[0x24, 0x68]).expect_err("locked").to_string();
    assert!(error.contains("6983"), "{error}");
    pki.unblock(&ADMINISTRATOR, None).expect_err("the administrator was not verified");
    pki.verify(PkiRole::Administrator, &ADMINISTRATOR).expect("the PIN");
    pki.unblock(&ADMINISTRATOR, None).expect("unblocked");
    pki.verify(PkiRole::User, &[0x24, 0x68]).expect("the PIN");
    pki.unblock(&ADMINISTRATOR, Some(&USER)).expect("set");
    pki.verify(PkiRole::User, &USER).expect("the PIN");
}

#[test]
fn pki_a_card_without_the_application_and_one_without_certificates() {
    let card =
        issue(&built_in("gen2").expect("profile"), &synthetic_holder(7), &MasterKeys::test());
    let mut card = Follow::new(InProcess::power_on(card.expect("card")).expect("power"));
    let error = PkiApplication::open(&mut card).err().expect("none").to_string();
    assert_eq!(error, "the card has no PKI application: SELECT SS.CERT.ADF1 answered 6A82");
    let profile = load("base = \"gen3\"\n[pki]\nkeys = \"none\"\n").expect("profile");
    let card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    let mut card = Follow::new(InProcess::power_on(card).expect("power"));
    let mut pki = PkiApplication::open(&mut card).expect("the application");
    assert!(matches!(pki.certificate(PkiPair::Signature), Err(PkiError::Certificate(_))));
    let error = pki.public_key(PkiPair::Signature).expect_err("no key").to_string();
    assert_eq!(
        error,
        "GET PUBLIC KEY for signatures answered 6A88: no such key on the card (没有该密钥)"
    );
}
