//! Another implementation's word: OpenSSL verifies a signature of the card and its certificate.
//!
//! A machine without an `openssl` that knows SM2 cannot run these; they say so and prove nothing there. CI has
//! one, and says by `SSCARD_REQUIRE_OPENSSL` that they have to run.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::*;
use sscard_profile::{CardCertificate, pki_authority};

/// Whether OpenSSL is there and knows SM2.
fn openssl() -> bool {
    let curves = Command::new("openssl").args(["ecparam", "-list_curves"]).output();
    let known = curves.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("SM2"));
    let required = std::env::var_os("SSCARD_REQUIRE_OPENSSL").is_some();
    assert!(known || !required, "SSCARD_REQUIRE_OPENSSL is set, and there is no openssl with SM2");
    if !known {
        eprintln!("SKIPPED: there is no openssl with SM2 here; nothing was verified");
    }
    known
}

fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    let output = output.expect("openssl");
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    write!(said, "{}", String::from_utf8_lossy(&output.stderr)).expect("text");
    said
}

fn certificate(desk: &mut Desk, sfi: u8) -> Vec<u8> {
    let mut file = Vec::new();
    for offset in [0, 250, 500, 750_usize] {
        desk.all_ok(&[&format!("00A400000200{sfi:02X}")]);
        file.extend(bytes(&desk.data(&format!("00B0{offset:04X}FA"))));
    }
    CardCertificate::parse(&file).expect("a certificate").der().to_vec()
}

#[test]
fn pki_openssl_verifies_the_certificates_of_the_card() {
    if !openssl() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let own = "base = \"gen3\"\nprotocol = \"T=1\"\n[pki]\nkeys = \"own\"\n";
    fs::write(at.join("authority.der"), pki_authority()).expect("written");
    run(at, &["x509", "-inform", "DER", "-in", "authority.der", "-out", "authority.pem"]);
    for mut desk in [Desk::t1("gen3"), Desk::toml(own)] {
        desk.all_ok(&[SELECT_ADF]);
        for sfi in [0x18, 0x19] {
            fs::write(at.join("card.der"), certificate(&mut desk, sfi)).expect("written");
            run(at, &["x509", "-inform", "DER", "-in", "card.der", "-out", "card.pem"]);
            let verify = ["verify", "-vfyopt", "distid:1234567812345678", "-no_check_time"];
            let said = run(at, &[&verify[..], &["-CAfile", "authority.pem", "card.pem"]].concat());
            assert_eq!(said, "card.pem: OK\n");
        }
    }
}

#[test]
fn pki_openssl_verifies_a_signature_of_the_card() {
    if !openssl() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let mut desk = user();
    let der = certificate(&mut desk, 0x18);
    let key = *CardCertificate::parse(&der).expect("a certificate").public_key();
    let key = sscard_crypto::financial::sm2::Sm2PublicKey::from_bytes(&key).expect("a point");
    let digest = hex(&key.message_digest(&[b"signed by the card"]));
    let signature = bytes(&desk.data(&format!("002A9E9A20{digest}40")));
    fs::write(at.join("card.der"), der).expect("written");
    fs::write(at.join("message"), b"signed by the card").expect("written");
    fs::write(at.join("other"), b"signed by nobody").expect("written");
    let number = |bytes: &[u8]| {
        let significant = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
        let mut value = bytes[significant..].to_vec();
        if value[0] >= 0x80 {
            value.insert(0, 0);
        }
        [&[0x02, value.len() as u8][..], &value].concat()
    };
    let numbers = [number(&signature[..32]), number(&signature[32..])].concat();
    let der = [&[0x30, numbers.len() as u8][..], &numbers].concat();
    fs::write(at.join("signature"), der).expect("written");
    run(at, &["x509", "-inform", "DER", "-in", "card.der", "-noout", "-pubkey", "-out", "key.pem"]);
    let verify = |message: &str| {
        let with = ["dgst", "-sm3", "-verify", "key.pem", "-sigopt", "distid:1234567812345678"];
        run(at, &[&with[..], &["-signature", "signature", message]].concat())
    };
    assert_eq!(verify("message"), "Verified OK\n");
    assert_ne!(verify("other"), "Verified OK\n");
}
