//! The worked profiles of a bank's cards in `examples/`, issued and paid; personalisation data.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use sscard_core::{Card, Profile};
use sscard_host::{Follow, InProcess};
use sscard_profile::{
    BankKeys, MasterKeys, authorities, bank_keys, issue, load, load_dgi, synthetic_holder,
};
use sscard_terminal::payment::{AuthorityKeys, Outcome, Payment, Settings, TestIssuer, pay};

use super::own_bank::send;
use crate::harness::{bytes, hex};

fn example(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    fs::read_to_string(path).expect("example")
}

fn issued(profile: &Profile) -> Card {
    issue(profile, &synthetic_holder(7), &MasterKeys::test()).expect("card")
}

/// A payment at a terminal that is told the profile's authority, by a bank that is told its keys.
fn paid(profile: &Profile, keys: BankKeys, settings: Settings) -> Payment {
    let trusted = authorities(profile).iter().fold(AuthorityKeys::default(), |keys, authority| {
        let (index, key) = authority.rsa.clone().expect("RSA");
        keys.with_rsa(authority.rid, index, key)
    });
    let mut reader = Follow::new(InProcess::power_on(issued(profile)).expect("power"));
    let mut bank = TestIssuer { own: Some(keys), online_pin: None, ..TestIssuer::default() };
    let settings = Settings { amount: 1234, authorities: Arc::new(trusted), ..settings };
    pay(&mut reader, &mut bank, &settings).expect("payment")
}

fn is_approved(payment: &Payment) {
    assert_eq!(payment.issuer.as_ref().map(|answer| answer.arqc_ok), Some(true), "{payment:?}");
    assert!(
        payment
            .issuer
            .as_ref()
            .is_some_and(|answer| answer.status.is_some_and(sscard_apdu::StatusWord::is_success))
    );
    assert_eq!(payment.outcome, Outcome::Approved, "{payment:?}");
}

#[test]
fn a_banks_own_test_card_pays() {
    let text = example("bank-card.toml");
    let profile = load(&text).expect("profile");
    let settings = Settings { pin: Some("135790".to_owned()), ..Settings::default() };
    let payment = paid(&profile, bank_keys(&text).expect("keys"), settings);
    is_approved(&payment);
    assert!(payment.authentication.ok);
    assert_eq!(payment.first.map(|first| first.atc), Some([0x02, 0x40]));
}

#[test]
fn a_card_of_another_scheme_pays() {
    let text = example("foreign-emv.toml");
    let profile = load(&text).expect("profile");
    let settings = Settings {
        pin: Some("2468".to_owned()),
        aid: Some(bytes("F00000000101")),
        country: [0x08, 0x40],
        currency: [0x08, 0x40],
        ..Settings::default()
    };
    let payment = paid(&profile, bank_keys(&text).expect("keys"), settings);
    is_approved(&payment);
    assert!(payment.authentication.ok, "dynamic data authentication under its own authority");
    assert_eq!(hex(&payment.first.expect("ARQC").issuer_data)[..6], *"060112");
}

#[test]
fn personalisation_data_make_a_card_that_pays() {
    let profile = load_dgi(&example("bank-card.dgi"), "gen3").expect("profile");
    let keys = "[financial.keys]\ncard_ac = \"5445535420444749204143206B657931\"\n\
                card_mac = \"5445535420444749204D41436B657932\"\n";
    let settings = Settings {
        pin: Some("135790".to_owned()),
        action_codes: [[0; 5]; 3],
        ..Settings::default()
    };
    is_approved(&paid(&profile, bank_keys(keys).expect("keys"), settings));
    let mut card = issued(&profile);
    card.power_on().expect("power");
    // Nothing of the built-in bank is there beside.
    send(&mut card, "00A4040008A000000333010101");
    for (command, answer) in [
        ("00B2021400", "6A82"),
        ("80CA9F5D00", "6A88"),
        ("80CA9F7900", "6C09"),
        ("00B2010C00", "6C27"),
    ] {
        assert_eq!(send(&mut card, command), answer);
    }
    assert_eq!(
        send(&mut card, "00B2010C27"),
        "702557139999991234567890128D35122200000000000F5F200D544553542F4C492043454A49419000"
    );
}

#[test]
fn the_rsa_key_of_personalisation_data_is_checked() {
    let made = load("base = \"gen3\"\n[financial.icc]\nrsa = { seed = 5, bits = 768 }\n")
        .expect("profile");
    let card = issued(&made);
    let keys = card.reveal_account_keys();
    let key = keys.iter().find(|key| key.algorithm == "RSA").expect("RSA");
    let [p, q, dp, dq, inverse] =
        [0, 1, 2, 3, 4].map(|part| hex(&key.value[48 * part..48 * (part + 1)]));
    let base = example("bank-card.dgi");
    let groups = |inverse: &str| {
        format!("{base}8201 30 {inverse}\n8202 30 {dq}\n8203 30 {dp}\n8204 30 {q}\n8205 30 {p}\n")
    };
    let profile = load_dgi(&groups(&inverse), "gen3").expect("profile");
    let personalised = issued(&profile).reveal_account_keys();
    let same = personalised.iter().find(|key| key.algorithm == "RSA").expect("RSA");
    assert_eq!(*same.value, *key.value);
    let error = load_dgi(&groups(&dp), "gen3").expect_err("no key").to_string();
    assert!(error.contains("DGI 8201: 8201 to 8205 are no private key"), "{error}");
}

#[test]
fn a_mistake_in_personalisation_data_is_refused_with_its_place() {
    let whole = example("bank-card.dgi");
    let with = |from: &str, to: &str| whole.replace(from, to);
    for (text, refusal) in [
        (String::new(), "1:1: DGI: there is no group in this file"),
        ("zz".to_owned(), "1:1: DGI: a line is DGI, LENGTH and DATA"),
        ("# x\n0101".to_owned(), "2:1: DGI 0101: LENGTH is missing"),
        ("0101 1".to_owned(), "1:6: DGI 0101: LENGTH is one byte, or FF and two bytes"),
        ("0101 02 7".to_owned(), "1:9: DGI 0101: DATA is no even number"),
        ("0101 03 7000".to_owned(), "1:6: DGI 0101: LENGTH says 3 bytes, and DATA has 2"),
        ("0101 02 7000\n 0101 02 7000".to_owned(), "2:2: DGI 0101: it stands in line 1 already"),
        ("0B01 02 7000".to_owned(), "1:9: DGI 0B01: records of SFI 11 to 30 are logs"),
        ("7FFF 01 00".to_owned(), "1:9: DGI 7FFF: this group is not known, see docs/dgi.md"),
        ("0101 02 7000".to_owned(), "1:1: DGI 9104: it is missing"),
        (with("92BEF1", "92BEF0"), "18:9: DGI 9000: the first value does not check the first key"),
        (with("9000 09", "9001 09"), "18:9: DGI 9001: this group is not known"),
        (with("8000 30 54", "8000 2F "), "17:9: DGI 8000: it is three keys of 16 bytes"),
        (
            with("18010100\n9200", "18010200\n9200"),
            "8:9: financial.afl: it leads to record 2 of SFI 3",
        ),
        (with("0303\n", "0203\n"), "21:9: DGI 9010: tries left and limit differ"),
        (
            with("26135790FFFFFFFF", "2613579AFFFFFFFF"),
            "20:9: DGI 8010: it is a PIN block of format 2",
        ),
        (with("0D01 12 9F5102", "0D01 12 9F51FF"), "DGI 0D01: its data is no row of TLV objects"),
        (with("9F77060000001", "9F77060000000"), "15:9: financial.objects.9F79"),
        (with("8C159F0206", "8C159F02FF"), "financial.records"),
    ] {
        let error =
            load_dgi(&text, "gen3").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(refusal), "{error}\n instead of {refusal}");
    }
}
