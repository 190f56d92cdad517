//! A bank's own card by profile: number, lists, records, keys, counters.

use sscard_core::Card;
use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, DerivationOption, Padding, card_key, mac_algorithm_3, pboc_session_key,
};
use sscard_host::{Follow, InProcess};
use sscard_profile::{MasterKeys, bank_keys, issue, load, synthetic_holder};
use sscard_terminal::payment::{Outcome, Settings, TestIssuer, pay};

use super::bank::{Bank, parse};
use crate::harness::{bytes, hex};

/// A card on T=1 of a profile.
pub(super) fn card(profile: &str) -> Card {
    let profile = load(profile).unwrap_or_else(|error| panic!("{error}"));
    let mut card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    card.power_on().expect("power");
    card
}

pub(super) fn send(card: &mut Card, command: &str) -> String {
    let mut response = Vec::new();
    card.transmit(&bytes(command), &mut response);
    hex(&response)
}

const OWN: &str = r#"
base = "gen3"
protocol = "T=1"
[financial]
pan = "6228480000000000018"
pan_sequence = "02"
aid = "A0000003330101 06"
label = "MY BANK"
aip = "7C00"
atc = "023F"
pdol = "9F7A01 9F0206 5F2A02"
cdol1 = "9F0206 9A03 9F3704"
cdol2 = "8A02 9F3704"
cvm_list = "4203 1E03 1F00"
service_code = "201"
expiry_date = "301231"
[financial.keys]
ac = "00112233445566778899AABBCCDDEEFF"
card_mac = "0123456789ABCDEFFEDCBA9876543210"
[financial.keys.sm4]
enc = "102132435465768798A9BACBDCEDFE0F"
[[financial.records]]
sfi = 1
record = 2
tags = { "9F1F" = "303132", "9F62" = "absent" }
[[financial.records]]
sfi = 7
record = 1
data = "7003 9F1900"
[financial.objects]
DF20 = "CAFE"
9F13 = "0200"
9F17 = "02"
"#;

fn key(digits: &str) -> Key {
    Key::new(bytes(digits).try_into().expect("16 bytes"))
}

#[test]
fn card_keys_come_from_the_issuers_master_keys_by_pan_and_sequence() {
    let card = card(OWN);
    let keys = card.reveal_account_keys();
    let find = |name: &str, algorithm: &str| {
        let found = keys.iter().find(|key| key.name == name && key.algorithm == algorithm);
        hex(&found.expect("key").value)
    };
    let derived = |cipher, master: &str| {
        let pan = "6228480000000000018";
        let key = card_key(cipher, DerivationOption::A, &key(master), pan, "02").expect("PAN");
        hex(key.expose())
    };
    let ac = derived(Cipher::TripleDes, "00112233445566778899AABBCCDDEEFF");
    assert_eq!(find("UDK-AC", "3DES"), ac);
    assert_eq!(find("UDK-MAC", "3DES"), "0123456789ABCDEFFEDCBA9876543210", "the card's own");
    let enc = derived(Cipher::Sm4, "102132435465768798A9BACBDCEDFE0F");
    assert_eq!(find("UDK-ENC", "SM4"), enc);
    // What the profile does not tell is the test bank's.
    let test = hex(b"TEST BANK ENC v1");
    assert_eq!(find("UDK-ENC", "3DES"), derived(Cipher::TripleDes, &test));
}

#[test]
fn the_fci_has_the_own_aid_label_and_pdol() {
    let mut card = card(OWN);
    assert_eq!(
        send(&mut card, "00A4040008A00000033301010600"),
        "6F368408A000000333010106A52A50074D592042414E4B8701019F38099F7A019F02065F2A025F2D027A68BF0C0A\
         9F4D020B0ADF4D020C0A9000"
    );
    assert_eq!(send(&mut card, "00A4040008A000000333010101"), "6A82");
}

#[test]
fn records_hold_what_the_profile_says() {
    let mut card = card(OWN);
    send(&mut card, "00A4040008A000000333010106");
    // Track 2 by the number, the expiry and the service code that result.
    assert_eq!(
        send(&mut card, "00B2010C00"),
        "702C57136228480000000000018D30122010000000000F5F200F544553542F43415244484F4C4445525F300202019000"
    );
    let holder = hex(&synthetic_holder(7).social_security_number);
    assert_eq!(send(&mut card, "00B2020C00"), format!("701B9F6112{holder}9F1F033031329000"));
    assert_eq!(send(&mut card, "00B2013C00"), "70039F19009000");
    let signed = send(&mut card, "00B2011C00");
    for object in [
        "5A0A6228480000000000018F",
        "5F340102",
        "5F2403301231",
        "8E0E000000000000000042031E031F00",
        "8C089F02069A039F3704",
        "8D058A029F3704",
    ] {
        assert!(signed.contains(object), "{object} in {signed}");
    }
}

#[test]
fn get_data_gives_own_objects_and_counters() {
    let mut card = card(OWN);
    send(&mut card, "00A4040008A000000333010106");
    for (command, answer) in [
        ("80CADF2000", "DF2002CAFE9000"),
        ("80CA9F3600", "9F3602023F9000"),
        ("80CA9F1300", "9F130202009000"),
        ("80CA9F1700", "9F1701029000"),
        ("80CADF2100", "6A88"),
    ] {
        assert_eq!(send(&mut card, command), answer);
    }
    assert_eq!(send(&mut card, "80A800000B830900000000000100015600")[4..8], *"7C00");
    assert_eq!(send(&mut card, "80CA9F3600"), "9F360202409000", "the first transaction");
}

#[test]
fn what_cdol1_lacks_counts_as_zeros_in_the_cryptogram() {
    let mut card = card(OWN);
    send(&mut card, "00A4040008A000000333010106");
    send(&mut card, "80A800000B830900000000000100015600");
    let answer = bytes(&send(&mut card, "80AE80000D0000000001002611240102030400"));
    let (atc, ac, iad) = (&answer[3..5], &answer[5..13], &answer[13..]);
    assert_eq!(hex(atc), "0240");
    let master = key("00112233445566778899AABBCCDDEEFF");
    let pan = "6228480000000000018";
    let card_key = card_key(Cipher::TripleDes, DerivationOption::A, &master, pan, "02").unwrap();
    let session = pboc_session_key(Cipher::TripleDes, &card_key, [0x02, 0x40]);
    let cvr = hex(&iad[3..7]);
    // Amount; other amount, country, results and currency are not in CDOL1; date; type; number; AIP, ATC, CVR.
    let data = format!("000000000100{}261124000102030 47C000240{cvr}", "00".repeat(6 + 2 + 5 + 2));
    let expected = mac_algorithm_3(&session, &[&bytes(&data.replace(' ', ""))], Padding::Bit);
    assert_eq!(hex(ac), hex(&expected));
}

#[test]
fn an_empty_cdol1_leaves_the_cryptogram_with_nothing_of_the_pdol() {
    let mut bank = Bank::changed(|application| application.cdol1.clear());
    bank.begin();
    let ac = parse(&bank.send("80AE800000"));
    let data = format!("{}7D00{}{}", "00".repeat(29), hex(&ac.atc), ac.cvr());
    let session = pboc_session_key(Cipher::TripleDes, &bank.card_key("AC"), ac.atc);
    let expected = mac_algorithm_3(&session, &[&bytes(&data)], Padding::Bit);
    assert_eq!(hex(&ac.ac), hex(&expected));
}

#[test]
fn a_bank_that_is_told_the_profile_pays_the_card() {
    let settings = Settings { amount: 1234, pin: Some("123456".to_owned()), ..Settings::default() };
    let pay_with = |issuer: &mut TestIssuer| {
        let mut reader = Follow::new(InProcess::power_on(card(OWN)).expect("power"));
        pay(&mut reader, issuer, &settings).expect("payment")
    };
    let own = Some(bank_keys(OWN).expect("keys"));
    let paid = pay_with(&mut TestIssuer { own, ..TestIssuer::default() });
    assert!(paid.authentication.ok, "its certificates are for the own number");
    assert_eq!(paid.issuer.as_ref().map(|answer| answer.arqc_ok), Some(true));
    assert_eq!(paid.outcome, Outcome::Approved);
    let stranger = pay_with(&mut TestIssuer::default());
    assert_eq!(stranger.issuer.map(|answer| answer.arqc_ok), Some(false));
}

#[test]
fn two_applications_differ_in_what_their_tables_say() {
    let text = r#"
base = "gen3"
protocol = "T=1"
[financial]
aid = "A000000333010101"
pan = "6228480000000000018"
[[financial.application]]
aid = "A000000333010103"
label = "SECOND"
pdol = "9F0206"
[financial.application.keys]
card_ac = "0123456789ABCDEFFEDCBA9876543210"
"#;
    let mut card = card(text);
    let first = send(&mut card, "00A4040008A00000033301010100");
    assert!(first.contains("500A50424F43204445424954"), "{first}");
    let second = send(&mut card, "00A4040008A00000033301010300");
    assert!(second.contains("50065345434F4E448701029F38039F0206"), "{second}");
    let keys = card.reveal_account_keys();
    let ac = |aid: &str| {
        let found = keys.iter().find(|key| hex(&key.aid) == aid && key.name == "UDK-AC");
        hex(&found.expect("key").value)
    };
    assert_eq!(ac("A000000333010103"), "0123456789ABCDEFFEDCBA9876543210");
    assert_ne!(ac("A000000333010101"), ac("A000000333010103"));
}

#[test]
fn a_profile_that_contradicts_itself_is_refused_with_its_place() {
    for (lines, refusal) in [
        (
            "pan = \"12345\"",
            "3:7: financial.pan: '12345' is not an account number of 8 to 19 digits",
        ),
        ("pan_sequence = \"1\"", "3:16: financial.pan_sequence: '1' is not two digits"),
        (
            "cdol1 = \"9F02FF\"",
            "3:9: financial.cdol1: it asks for 255 bytes, and a command has room for 252",
        ),
        ("pdol = \"9F02\"", "3:8: financial.pdol: '9F02' is not a list of tags and lengths"),
        ("aid = \"A0\"", "3:7: financial.aid: 'A0' is not an application identifier"),
        ("atc = 65536", "3:7: financial.atc: '65536' is not a counter"),
        (
            "afl = \"08010200 30010100\"",
            "3:7: financial.afl: it leads to record 1 of SFI 6, which is not on the card",
        ),
        ("afl = \"0801\"", "3:7: financial.afl: '0801' is not entries of four bytes"),
        ("[financial.keys]\nac = \"00\"", "4:6: a key is 32 hexadecimal digits, and here are 2"),
        (
            "[financial.keys]\nac = \"zz112233445566778899AABBCCDDEEFF\"",
            "4:6: a key is 32 hexadecimal digits, and one here is none",
        ),
        ("[financial.keys]\nxx = \"00\"", "4:1: unknown field `xx`"),
        (
            "[[financial.records]]\nsfi = 11\nrecord = 1\ndata = \"7000\"",
            "4:7: financial.records[0].sfi: '11' is not a short file identifier",
        ),
        (
            "[[financial.records]]\nsfi = 1\nrecord = 0\ndata = \"7000\"",
            "5:10: financial.records[0].record: '0' is not a record number",
        ),
        (
            "[[financial.records]]\nsfi = 1\nrecord = 1",
            "3:1: financial.records[0]: data or tags is missing",
        ),
        (
            "[[financial.records]]\nsfi = 1\nrecord = 1\ndata = \"7005\"",
            "6:8: financial.records[0].data: '7005' is not a template 70",
        ),
        (
            "pan = \"6228480000000018\"\n[[financial.records]]\nsfi = 3\nrecord = 1\ntags = { \"5A\" = \"6228480000000026\" }",
            "tag 5A is named here and, with another value, as financial.pan",
        ),
        (
            "[[financial.records]]\nsfi = 1\nrecord = 1\ndata = \"7000\"\n[[financial.records]]\nsfi = 1\nrecord = 1\ndata = \"7000\"",
            "record 1 of SFI 1 is named in two places",
        ),
        (
            "cdol1 = \"9F0206\"\n[[financial.records]]\nsfi = 3\nrecord = 1\ndata = \"7000\"",
            "3:9: financial.cdol1: no record holds it",
        ),
        (
            "atc = 1\n[financial.objects]\n9F36 = \"0001\"",
            "3:7: financial.atc: the counter is named here and as object 9F36",
        ),
        (
            "[financial.fci]\n\"9F38\" = \"9F0206\"",
            "4:10: financial.fci.9F38: tag 9F38 has the setting pdol",
        ),
        (
            "[financial.objects]\n9F10 = \"04\"",
            "4:8: financial.objects.9F10: tag 9F10 is made for each transaction",
        ),
        (
            "[financial.objects]\nDF20 = \"00\"\n\"df20\" = \"00\"",
            "5:10: financial.objects.df20: tag DF20 is named in two places",
        ),
        (
            "scheme = \"amex\"",
            "3:10: financial.scheme: 'amex' is not pboc, emv-csk, visa-cvn10 or visa-cvn18",
        ),
        (
            "[[financial.application]]\npdol = \"9F02\"",
            "4:8: financial.application[0].pdol: '9F02' is not a list",
        ),
        (
            "[[financial.application]]\npse = \"absent\"",
            "4:7: financial.application[0].pse: it belongs to the card",
        ),
    ] {
        let error = load(&format!("base = \"gen3\"\n[financial]\n{lines}\n")).expect_err(lines);
        assert!(error.to_string().contains(refusal), "{error}\n instead of {refusal}");
    }
}

/// A whole record of the longest kind, and one byte more.
#[test]
fn a_record_has_at_most_253_bytes() {
    let profile = |length: usize| {
        format!(
            "base = \"gen3\"\n[[financial.records]]\nsfi = 9\nrecord = 1\ndata = \"7081{length:02X}{}\"\n",
            "00".repeat(length)
        )
    };
    assert!(load(&profile(253)).is_ok());
    let error = load(&profile(254)).expect_err("too long").to_string();
    assert!(error.starts_with("5:8: financial.records[0].data"), "{error}");
}

/// PAN and expiry in another record than the default one, as on real cards: they leave the default one, and the
/// same value may be a setting, too.
#[test]
fn an_object_stands_once_where_one_afl_reads_both_records() {
    let text = r#"
base = "gen3"
protocol = "T=1"
[financial]
pan = "6228480000000018"
[[financial.records]]
sfi = 2
record = 2
tags = { "5A" = "6228480000000018", "5F24" = "301231" }
"#;
    let mut card = card(text);
    send(&mut card, "00A4040008A000000333010101");
    assert!(send(&mut card, "00B2021400").contains("5A0862284800000000185F2403301231"));
    let signed = send(&mut card, "00B2011C00");
    assert!(!signed.contains("5A08") && !signed.contains("5F2403"), "{signed}");
    assert!(send(&mut card, "00B2010C00").contains("57116228480000000018D3012220"), "track 2");
}
