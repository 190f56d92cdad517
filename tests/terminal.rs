//! The reader's side: what it reads, and what it says when it cannot.

mod own_keys;

use sscard_apdu::StatusWord;
use sscard_core::LifeCycle;
use sscard_crypto::Algorithm;
use sscard_host::{Exchange, Follow, InProcess, Layer, Recorder, Secrets, Transport};
use sscard_profile::{built_in, load};
use sscard_terminal::purse::{
    Amounts, PurseCounter, PurseError, balance, load as load_purse, proof, purchase,
};
use sscard_terminal::{
    CardReport, CardSecurity, ReadError, ReadOptions, SoftwareModule, read_card,
};

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

const PIN: [u8; 3] = [0x12, 0x34, 0x56];

fn read(desk: Desk, options: ReadOptions<'_>) -> Result<CardReport, ReadError> {
    let card = InProcess::power_on(desk.card).expect("power");
    read_card(&mut Follow::new(card), &mut SoftwareModule::test(3), options)
}

#[test]
fn every_generation_on_both_protocols_is_read_alike() {
    for name in ["gen1", "gen2", "gen3"] {
        let all = ReadOptions { applications: true, pin: Some(&PIN) };
        let by_characters = read(Desk::t0(name), all).expect("read");
        let by_blocks = read(Desk::t1(name), all).expect("read");
        for tag in [0x01, 0x03, 0x07, 0x08, 0x09, 0x0A, 0x0D] {
            assert!(by_characters.text(tag).is_some(), "{name} {tag:02X}");
            if tag != 0x01 {
                assert_eq!(by_characters.text(tag), by_blocks.text(tag), "{name} {tag:02X}");
            }
        }
        let refused = by_characters.files.iter().filter(|file| file.refused.is_some());
        let refused: Vec<_> = refused.map(|file| file.fid).collect();
        let missing: &[u16] = if name == "gen1" { &[0xEF08] } else { &[] };
        assert_eq!(refused, missing, "{name}");
    }
}

/// The ATR of a card in a field has no key factor: it comes out of the identification code.
#[test]
fn every_generation_is_read_in_the_field_of_a_contactless_reader_as_over_contacts() {
    for name in ["gen1", "gen2", "gen3"] {
        let all = ReadOptions { applications: true, pin: Some(&PIN) };
        let over_contacts = read(Desk::t1(name), all).expect("read");
        let card = InProcess::enter_field(Desk::t1(name).card).expect("a field");
        assert_eq!(card.atr(), [0x3B, 0x80, 0x80, 0x01, 0x01]);
        let in_the_field =
            read_card(&mut Follow::new(card), &mut SoftwareModule::test(3), all).expect("read");
        assert_eq!(
            format!("{:?}", in_the_field.files),
            format!("{:?}", over_contacts.files),
            "{name}"
        );
    }
}

#[test]
fn the_maker_of_a_card_in_a_field_is_found_by_its_own_proof() {
    let profile = load("base = \"gen3\"\nhistorical = \"00815353438697\"").expect("profile");
    let holder = sscard_profile::synthetic_holder(3);
    let masters = sscard_profile::MasterKeys::test();
    let card = sscard_profile::issue(&profile, &holder, &masters).expect("a card");
    let mut card = Follow::new(InProcess::enter_field(card).expect("a field"));
    let options = ReadOptions { applications: true, pin: Some(&PIN) };
    let report = read_card(&mut card, &mut SoftwareModule::test(3), options).expect("read");
    assert!(report.files.iter().all(|file| file.refused.is_none()));
    // One of another city stays a stranger, whatever the maker.
    let own = sscard_profile::MasterKeys::with_roots("own", |_, _, _| {
        sscard_crypto::Key::new([0x5A; sscard_crypto::Key::LENGTH])
    });
    let stranger = read_card(&mut card, &mut SoftwareModule::new(own, 3), options).err();
    assert_eq!(stranger, Some(ReadError::NotGenuine { keys: "own".to_owned() }));
}

#[test]
fn transparent_files_are_read_whole() {
    let options = ReadOptions { applications: true, pin: None };
    let report = read(Desk::t0("gen3"), options).expect("read");
    let sizes: Vec<_> =
        report.files.iter().map(|file| file.bytes.len()).filter(|n| *n > 0).collect();
    assert_eq!(sizes, [0x300, 0x1000, 0x128, 0x128, 0x128, 0x128, 0x128]);
}

#[test]
fn a_card_of_another_city_is_not_genuine() {
    let profile = built_in("gen3").expect("built-in");
    let mut holder = sscard_profile::synthetic_holder(7);
    let masters = sscard_profile::MasterKeys::test();
    let keys = masters
        .keys_of(&profile, &holder)
        .with_accounts(sscard_profile::account_keys(&profile, &holder));
    holder = sscard_profile::with_accounts(&profile, &holder);
    // The card says another city than the one its keys were derived for.
    holder.division = *b"990200";
    let card = sscard_core::personalise(&profile, &holder, &keys).expect("card");
    let card = InProcess::power_on(card).expect("power");
    let outcome =
        read_card(&mut Follow::new(card), &mut SoftwareModule::test(3), ReadOptions::default());
    assert_eq!(outcome.err(), Some(ReadError::NotGenuine { keys: "TEST keys".to_owned() }));
}

#[test]
fn ssf33_is_an_algorithm_that_the_terminal_lacks() {
    for text in [
        "base = \"gen2\"\nalgorithm = \"SSF33\"\nannounce_algorithm = true",
        "base = \"gen3\"\nalgorithm = \"SSF33\"",
    ] {
        let profile = load(text).expect("profile");
        let mut desk = Desk::of(&profile, LifeCycle::Activated);
        desk.all_ok(&[SELECT_SSSE, "00B2012C12"]);
        assert_eq!(desk.send(&format!("0088000010{}", "00".repeat(16))), "6A81");
        desk.challenge();
        assert_eq!(desk.send(&format!("0082000410{}", "00".repeat(16))), "6A81");
        let outcome = read(desk, ReadOptions::default());
        assert_eq!(outcome.err(), Some(ReadError::AlgorithmNotAvailable(Algorithm::Ssf33)));
    }
}

#[test]
fn spec_1_2_without_9f0c_beijing_is_ssf33_and_others_are_3des() {
    let profile = built_in("gen2").expect("built-in");
    let mut holder = sscard_profile::synthetic_holder(7);
    holder.division = *b"110000";
    let card = sscard_profile::issue(&profile, &holder, &sscard_profile::MasterKeys::test());
    let card = InProcess::power_on(card.expect("card")).expect("power");
    let outcome =
        read_card(&mut Follow::new(card), &mut SoftwareModule::test(3), ReadOptions::default());
    assert_eq!(outcome.err(), Some(ReadError::AlgorithmNotAvailable(Algorithm::Ssf33)));
    let report = read(Desk::t0("gen2"), ReadOptions::default()).expect("read");
    assert_eq!(report.algorithm, Algorithm::TripleDes);
}

#[test]
fn a_deactivated_card_shows_its_issuer_data_only() {
    let profile = built_in("gen3").expect("built-in");
    for protocol in ["T=0", "T=1"] {
        let profile = match protocol {
            "T=0" => profile.clone(),
            _ => crate::harness::t1("gen3"),
        };
        let desk = Desk::of(&profile, LifeCycle::Deactivated);
        let report = read(desk, ReadOptions::default()).expect("read");
        assert!(report.deactivated);
        assert_eq!(report.text(0x03).as_deref(), Some("3.00"));
        assert_eq!(report.text(0x09), None);
    }
}

#[test]
fn a_blocked_card_says_so() {
    for (header, status) in [("841E0001", 0x9303), ("84160000", 0x6A81)] {
        let mut desk = Desk::t0("gen3");
        desk.all_ok(&[SELECT_SSSE]);
        assert_eq!(desk.authenticate("SSSE", 0x05), "9000");
        let command = desk.protect("SSSE", 0x02, header, &[]);
        assert_eq!(desk.send(&command), "9000");
        let outcome = read(desk, ReadOptions::default());
        assert_eq!(outcome.err(), Some(ReadError::Blocked(StatusWord::new(status))));
    }
}

#[test]
fn a_wrong_pin_is_tried_once() {
    let desk = Desk::t0("gen2");
    let card = InProcess::power_on(desk.card).expect("power");
    let mut card = Follow::new(card);
    let options = ReadOptions { applications: true, pin: Some(&[0x99, 0x99, 0x99]) };
    read_card(&mut card, &mut SoftwareModule::test(3), options).expect("read");
    assert_eq!(card.below().card().inspect_pin().tries_left, 5);
}

#[test]
fn followed_exchanges_are_in_the_trace_under_the_follower() {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    let card = InProcess::power_on(desk.card).expect("power");
    let mut card = Follow::new(Recorder::new(card, Secrets::Redacted));
    let mut response = Vec::new();
    for command in [SELECT_SSSE, "0020000003123456", "00A4040006D15600000501"] {
        card.transmit(&bytes(command), &mut response).expect("answer");
    }
    card.below_mut().take();
    card.transmit(&bytes("00B2012D00"), &mut response).expect("answer");
    assert_eq!(response.len(), 436 + 2);
    let commands: Vec<_> = card.below_mut().take().iter().map(Exchange::command_hex).collect();
    assert_eq!(commands, ["00B2012D00", "00C0000000", "00C00000B4"]);
    card.transmit(&bytes("00B2012C00"), &mut response).expect("answer");
    let trace = card.below_mut().take();
    let commands: Vec<_> = trace.iter().map(Exchange::command_hex).collect();
    assert_eq!(commands, ["00B2012C00", "00B2012C05"]);
    assert_eq!(trace[0].response_hex(), "6C05");
    assert_eq!(hex(&response), "42030000009000");
}

/// A card in a reader with DF04 selected and the PIN verified, and what its keys are derived with.
fn purse(profile: &str) -> (Follow<InProcess>, CardSecurity) {
    let profile = load(profile).expect("profile");
    let suite = profile.algorithm().suite().expect("suite");
    let desk = Desk::of(&profile, LifeCycle::Activated);
    let atr = sscard_apdu::Atr::parse(&desk.card.atr()).expect("ATR").historical_bytes().to_vec();
    let factor = sscard_crypto::factor::card(&atr).expect("factor");
    let mut card = Follow::new(InProcess::power_on(desk.card).expect("power"));
    let mut response = Vec::new();
    for command in [SELECT_SSSE, "0020000003123456", "00A4000002DF04"] {
        card.transmit(&bytes(command), &mut response).expect("in process");
        assert!(response.ends_with(&[0x90, 0x00]), "{command}");
    }
    (card, CardSecurity { suite, division: *b"999900", factor })
}

const LOADING: PurseCounter = PurseCounter {
    terminal: [0x99, 0x99, 0x00, 0x00, 0x00, 0x01],
    time: [0x20, 0x26, 0x11, 0x24, 0x10, 0x15, 0x30],
    kind: 0x31,
};

#[test]
fn the_medical_purse_is_loaded_and_spent_at_a_counter() {
    for profile in
        ["base = \"gen2\"", "base = \"gen2\"\nprotocol = \"T=1\"", "base = \"gen3\"\n[purse]"]
    {
        let (mut card, security) = purse(profile);
        let mut module = SoftwareModule::test(1);
        let loaded = load_purse(&mut card, &mut module, &security, &LOADING, 10_000).expect("load");
        assert_eq!((loaded.balance, loaded.counter), (10_000, 0));
        let paying = PurseCounter { kind: 0x32, ..LOADING };
        let amounts = Amounts { account: 1_234, holder: 100, fund: 10 };
        let paid = purchase(&mut card, &mut module, &security, &paying, 7, amounts).expect("pay");
        assert_eq!((paid.balance_before, paid.counter), (10_000, 0));
        assert_eq!(balance(&mut card), Ok(8_766));
        let (_, certificate) = proof(&mut card, 0x32, 0).expect("proof");
        assert_eq!(certificate, paid.certificate);
        assert_eq!(proof(&mut card, 0x31, 0).expect("proof").1, loaded.certificate);
    }
}

#[test]
fn a_purse_that_refuses_or_lies_is_told_apart() {
    let (mut card, security) = purse("base = \"gen2\"");
    let mut module = SoftwareModule::test(1);
    let paying = PurseCounter { kind: 0x32, ..LOADING };
    let amounts = Amounts { account: 1, ..Amounts::default() };
    let refused =
        purchase(&mut card, &mut module, &security, &paying, 7, amounts).expect_err("poor");
    assert_eq!(
        refused.to_string(),
        "INITIALIZE PURCHASE answered 9401: insufficient balance (金额不足)"
    );
    let elsewhere = CardSecurity { division: *b"990200", ..security };
    let lied = load_purse(&mut card, &mut module, &elsewhere, &LOADING, 1).expect_err("other keys");
    assert_eq!(lied, PurseError::WrongMac("MAC1"));
    assert_eq!(balance(&mut card), Ok(0));
    let missing = proof(&mut card, 0x31, 0).expect_err("no load");
    assert!(missing.to_string().starts_with("GET TRANSACTION PROOF answered 9406"), "{missing}");
}
