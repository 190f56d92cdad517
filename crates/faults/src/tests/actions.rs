use std::time::Duration;

use sscard_host::{InProcess, Layer, Transport, TransportError};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

use crate::{Faults, Misbehaving, Recipe};

const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// The environment's FCI.
const SELECTED: &str = "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388011E9000";
const SELECT_EF06: &[u8] = &[0x00, 0xA4, 0x00, 0x00, 0x02, 0xEF, 0x06];
const READ_NAME: &[u8] = &[0x00, 0xB2, 0x08, 0x00, 0x00];
const VERIFY_WRONG: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x99, 0x99, 0x99];
const TRIES: &[u8] = &[0x00, 0x20, 0x00, 0x00];

fn card() -> InProcess {
    let profile = load("base = \"gen2\"\nprotocol = \"T=1\"").expect("a profile");
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    InProcess::power_on(card).expect("power")
}

fn with(faults: &[&str]) -> Misbehaving<InProcess> {
    let faults = faults.iter().map(|text| text.parse().expect("a fault"));
    Misbehaving::new(card(), Faults::new(faults, 1))
}

fn hex(transport: &mut dyn Transport, command: &[u8]) -> String {
    let mut response = vec![0xEE; 3];
    match transport.transmit(command, &mut response) {
        Ok(()) => hex::encode_upper(&response),
        Err(error) => format!("{error} [{}]", hex::encode_upper(&response)),
    }
}

fn session(faults: &[&str], commands: &[&[u8]]) -> Vec<String> {
    let mut transport = with(faults);
    commands.iter().map(|command| hex(&mut transport, command)).collect()
}

#[test]
fn answers_are_bent_after_the_card_has_carried_the_command_out() {
    let plain = session(&[], &[SELECT, SELECT_EF06, READ_NAME]);
    let name = &plain[2];
    let one = |fault: &str| session(&[fault], &[SELECT, SELECT_EF06, READ_NAME]).remove(2);
    assert_eq!(one("sw=6100@3"), format!("{}6100", &name[..name.len() - 4]));
    assert_eq!(one("data=0102@ins=B2"), "01029000");
    assert_eq!(one("answer=90@3"), "90");
    assert_eq!(one("answer=@3"), "");
    assert_eq!(one("truncate=3@3"), name[..6]);
    assert_eq!(one("extra=AABB@3"), format!("{}AABB9000", &name[..name.len() - 4]));
    assert_eq!(one("flip=0@3"), format!("88{}", &name[2..]));
    assert_eq!(one("stale@3"), plain[1]);
    assert_eq!(one("size=2@3"), "08129000");
    assert_eq!(one("size=65536@3").len(), 2 * 65_538);
    let first = |fault: &str| session(&[fault], &[SELECT]).remove(0);
    let tail = &SELECTED[4..SELECTED.len() - 4];
    assert_eq!(first("add=DF20:01"), format!("6F1A{tail}DF2001019000"));
    assert_eq!(first("flip=88:6"), SELECTED.replace("88011E", "88011C"));
    assert_eq!(first("flip=88:8"), SELECTED, "there is no such bit");
    let drawn = one("flip@ins=B2");
    let changed = drawn.chars().zip(name.chars()).filter(|(one, other)| one != other).count();
    assert_eq!((drawn.len(), changed), (name.len(), 1), "one bit is one digit");
    assert_eq!(one("flip@ins=B2"), drawn, "the same seed");
}

#[test]
fn instead_keeps_the_command_from_the_card() {
    let got = session(&["instead:sw=6F00@1"], &[VERIFY_WRONG, SELECT, TRIES]);
    assert_eq!(got, ["6F00", SELECTED, "63C6"]);
    let got = session(&["sw=6F00@2"], &[SELECT, VERIFY_WRONG, TRIES]);
    assert_eq!(got, [SELECTED, "6F00", "63C5"]);
}

/// Over T=0 the answer comes by GET RESPONSE.
#[test]
fn the_instruction_that_an_answer_belongs_to_is_known() {
    let card = issue(
        &load("base = \"gen2\"").expect("a profile"),
        &synthetic_holder(1),
        &MasterKeys::test(),
    );
    let card = InProcess::power_on(card.expect("a card")).expect("power");
    let faults =
        ["set=84:00@for=A4", "sw=6F02@ins=C0,for=B2"].map(|text| text.parse().expect("a fault"));
    let mut transport = Misbehaving::new(card, Faults::new(faults, 1));
    assert_eq!(hex(&mut transport, SELECT), "6118");
    let get_response = [0x00, 0xC0, 0x00, 0x00, 0x18];
    assert_eq!(hex(&mut transport, &get_response), "6F08840100A50388011E9000");
}

#[test]
fn a_command_is_bent_on_its_way() {
    let got = session(&["command:data=123456@ins=20"], &[SELECT, VERIFY_WRONG, TRIES]);
    assert_eq!(got[1], "9000", "the right PIN in the place of the wrong one");
}

#[test]
fn no_answer_says_what_the_callers_buffer_holds() {
    let mut cleared = with(&["mute@1"]);
    assert_eq!(hex(&mut cleared, SELECT), "no answer in time []");
    assert_eq!(hex(&mut cleared, SELECT), SELECTED, "the next one is answered");
    let mut stale = with(&["mute=stale@1"]);
    assert_eq!(hex(&mut stale, SELECT), "no answer in time [EEEEEE]");
}

#[test]
fn a_card_that_was_removed_stays_away() {
    for (fault, tries) in [("remove@2", 6), ("remove=inside@2", 5)] {
        let mut transport = with(&[fault]);
        assert_eq!(hex(&mut transport, SELECT), SELECTED);
        let removed = "the card was removed or lost its power []";
        assert_eq!(hex(&mut transport, VERIFY_WRONG), removed);
        assert_eq!(hex(&mut transport, SELECT), removed);
        assert_eq!(transport.reset(), Err(TransportError::Removed));
        assert_eq!(hex(transport.below_mut(), TRIES), format!("63C{tries}"), "{fault}");
    }
    let mut transport = with(&["remove=after@2"]);
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, VERIFY_WRONG), "63C5");
    assert_eq!(hex(&mut transport, SELECT), "the card was removed or lost its power []");
}

#[test]
fn a_reset_loses_what_was_selected() {
    let mut transport = with(&["reset@2"]);
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, SELECT_EF06), "the card was reset []");
    assert_eq!(hex(&mut transport, SELECT_EF06), "6A82");
}

#[test]
fn another_answer_to_reset_from_the_second_time_on() {
    let mut transport = with(&["atr=3B00@power=2"]);
    assert_ne!(transport.atr(), [0x3B, 0x00]);
    transport.reset().expect("power");
    assert_eq!(transport.atr(), [0x3B, 0x00]);
    transport.reset().expect("power");
    assert_ne!(transport.atr(), [0x3B, 0x00]);
}

#[test]
fn conditions_hold_together() {
    let commands = [SELECT, SELECT_EF06, READ_NAME, READ_NAME, READ_NAME, READ_NAME];
    let struck = |fault: &str| -> Vec<usize> {
        let got = session(&[fault], &commands);
        (1..).zip(&got).filter(|(_, answer)| answer.as_str() == "6F01").map(|(n, _)| n).collect()
    };
    assert_eq!(struck("answer=6F01@every=2"), [2, 4, 6]);
    assert_eq!(struck("answer=6F01@ins=B2,nth=2"), [4]);
    assert_eq!(struck("answer=6F01@ins=B2,times=2"), [3, 4]);
    assert_eq!(struck("answer=6F01@ins=B2,record=08"), [3, 4, 5, 6]);
    assert_eq!(struck("answer=6F01@ins=B2,record=09"), [0; 0]);
    assert_eq!(struck("answer=6F01@file=EF06,ins=B2"), [3, 4, 5, 6]);
    assert_eq!(struck("answer=6F01@file=EF05"), [0; 0]);
    assert_eq!(struck("answer=6F01@app=7378312E73"), [2, 3, 4, 5, 6]);
    assert_eq!(struck("answer=6F01@app=A000000333"), [0; 0]);
    assert_eq!(struck("answer=6F01@status=9000,times=1"), [1]);
    assert_eq!(struck("answer=6F01@after=1s"), [0; 0]);
    assert_eq!(struck("answer=6F01@p=0"), [0; 0]);
    assert_eq!(struck("answer=6F01@p=1"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(struck("answer=6F01@power=1,2"), [2]);
}

#[test]
fn a_recipe_replays_byte_for_byte() {
    let faults = ["flip@p=0.5", "tlv=double@p=0.3", "mute@p=0.1", "command:flip@ins=20"];
    let commands = [SELECT, SELECT_EF06, READ_NAME, VERIFY_WRONG, READ_NAME, READ_NAME, TRIES];
    let recipe =
        Recipe::new(faults.iter().map(|text| text.parse().expect("a fault")).collect(), 42);
    let run = |faults: Faults| {
        let mut transport = Misbehaving::new(card(), faults);
        let got: Vec<String> =
            commands.iter().cycle().take(40).map(|command| hex(&mut transport, command)).collect();
        (got, recipe.of_run(transport.at_work()))
    };
    let (first, written) = run(recipe.replay());
    assert!(written.fired.as_ref().is_some_and(|fired| fired.len() > 10));
    let read = Recipe::parse(&written.to_string()).expect("a recipe");
    let (second, _) = run(read.replay());
    assert_eq!(first, second);
}

#[test]
fn slowness_is_taken() {
    let mut transport = with(&["slow=30ms@1"]);
    let started = std::time::Instant::now();
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert!(started.elapsed() >= Duration::from_millis(30));
}

#[test]
fn what_stands_for_the_card_and_what_bends_a_command_reach_it_to_the_byte() {
    for (fault, second) in [
        ("instead:sw=6F00@2", "6F00"),
        ("instead:data=0102@2", "01029000"),
        ("instead:answer=90@2", "90"),
        ("instead:stale@2", SELECTED),
        ("instead:slow=1ms@2", "9000"),
        ("instead:mute@2", "no answer in time []"),
        ("instead:mute=stale@2", "no answer in time [EEEEEE]"),
    ] {
        let got = session(&[fault], &[SELECT, VERIFY_WRONG, TRIES]);
        assert_eq!(got, [SELECTED, second, "63C6"], "{fault}");
    }
    for (fault, second, third) in [
        ("command:data=123456@2", "9000", "63C6"),
        ("command:data=654321@2", "63C5", "63C5"),
        ("command:truncate=4@2", "63C6", "63C6"),
        ("command:truncate=6@2", "6700", "63C6"),
        ("command:extra=00@2", "63C5", "63C5"),
        ("command:extra=0000@2", "6700", "63C6"),
        ("command:flip=0@2", "63C5", "63C5"),
    ] {
        let got = session(&[fault], &[SELECT, VERIFY_WRONG, TRIES]);
        assert_eq!(got, [SELECTED, second, third], "{fault}");
    }
}

fn cut(card: &mut InProcess, written: Option<u64>) {
    match written {
        Some(written) => card.card_mut().cut_power_after(written),
        None => card.card_mut().disarm_cut(),
    }
}

#[test]
fn a_cut_that_waits_is_cleared_with_the_faults() {
    let fault = "cut=2@2".parse().expect("a fault");
    let mut transport = Misbehaving::new(card(), Faults::new([fault], 1)).cutting(cut);
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, TRIES), "63C6");
    assert_eq!(transport.below().card().bytes_until_cut(), Some(2), "armed");
    Transport::faults(&mut transport).expect("it takes faults").clear_faults();
    assert_eq!(hex(&mut transport, VERIFY_WRONG), "63C5");
}

#[test]
fn a_power_cut_is_the_cards_own() {
    let cutting = |written: u64| {
        let fault = format!("cut={written}@2").parse().expect("a fault");
        Misbehaving::new(card(), Faults::new([fault], 1)).cutting(cut)
    };
    let mut transport = cutting(0);
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, VERIFY_WRONG), "the card was removed or lost its power []");
    assert!(!transport.below().card().is_powered());
    transport.reset().expect("power comes back");
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, TRIES), "63C6", "nothing was written");
    let mut transport = cutting(1000);
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, VERIFY_WRONG), "63C5");
    let written = 1000 - transport.below().card().bytes_until_cut().expect("armed");
    assert!(written > 0, "a try was written");
    let mut transport = cutting(written);
    hex(&mut transport, SELECT);
    assert_eq!(
        hex(&mut transport, VERIFY_WRONG),
        "63C5",
        "as many bytes as are needed may be written"
    );
    let mut transport = cutting(written - 1);
    hex(&mut transport, SELECT);
    assert_eq!(hex(&mut transport, VERIFY_WRONG), "the card was removed or lost its power []");
}

#[test]
fn faults_are_told_in_text_through_every_layer() {
    let mut card = sscard_host::Follow::new(with(&[]));
    let mut faults = |request: &mut dyn FnMut(&mut dyn sscard_host::TakesFaults)| {
        request(card.faults().expect("it takes faults"));
    };
    faults(&mut |faults| {
        assert_eq!(faults.set_fault("sw=6F00@2"), Ok(()));
        assert_eq!(faults.set_fault("remove@4"), Ok(()));
        let refusal = faults.set_fault("mute@0").expect_err("no fault");
        assert_eq!(refusal, "mute@0, character 6: '0' is not a number from 1 on");
        let refusal = faults.set_fault("cut=12@4").expect_err("nothing here cuts the power");
        assert!(refusal.starts_with("cut=12@4: the power of a card in a reader"), "{refusal}");
        assert_eq!(faults.set_faults(), ["sw=6F00@2", "remove@4"]);
    });
    assert_eq!(hex(&mut card, SELECT), SELECTED);
    assert_eq!(hex(&mut card, SELECT_EF06), "6F00");
    assert_eq!(hex(&mut card, SELECT_EF06), "9000");
    let removed = "the card was removed or lost its power []";
    assert_eq!(hex(&mut card, SELECT_EF06), removed);
    assert_eq!(card.reset(), Err(TransportError::Removed));
    card.faults().expect("it takes faults").clear_faults();
    assert_eq!(hex(&mut card, SELECT), removed, "it comes back with a reset");
    assert_eq!(card.reset(), Ok(()));
    card.faults().expect("it takes faults").set_fault("sw=6F01@2").expect("a fault");
    assert_eq!(hex(&mut card, SELECT), SELECTED, "inserted anew, commands count anew");
    assert_eq!(hex(&mut card, SELECT_EF06), "6F01");
    assert!(self::card().faults().is_none(), "a card alone takes none");
}

#[test]
fn a_slow_cards_time_is_the_callers_to_spend() {
    let mut card = with(&["slow=1000s@1"]).waiting(|time| {
        assert_eq!(time, Duration::from_secs(1000));
        Err(TransportError::Interrupted)
    });
    assert_eq!(hex(&mut card, SELECT), "interrupted []");
    assert_eq!(hex(&mut card, SELECT), SELECTED);
}

#[test]
fn counts_of_61_and_6c_are_wrong_once_or_for_ever() {
    let profile = load("base = \"gen2\"\nprotocol = \"T=0\"").expect("a profile");
    let card = || {
        let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
        InProcess::power_on(card).expect("power")
    };
    let wrong_length: &[u8] = &[0x00, 0xB2, 0x08, 0x00, 0x01];
    for (fault, wanted) in [
        ("count=05@times=1", ["6105", "6118", "9000"]),
        ("count=FF", ["61FF", "61FF", "9000"]),
        ("count=01@status=6118,nth=2", ["6118", "6101", "9000"]),
    ] {
        let faults = Faults::new([fault.parse().expect("a fault")], 1);
        let mut transport = Misbehaving::new(card(), faults);
        let got = [SELECT, SELECT, SELECT_EF06].map(|command| hex(&mut transport, command));
        assert_eq!(got, wanted, "{fault}");
    }
    let mut transport =
        Misbehaving::new(card(), Faults::new(["count=77@3".parse().expect("a fault")], 1));
    let got = [SELECT, SELECT_EF06, wrong_length].map(|command| hex(&mut transport, command));
    assert_eq!(got[2], "6C77");
}

#[test]
fn a_card_that_is_put_in_has_its_commands_counted_anew() {
    let mut transport = with(&["remove@2"]);
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, SELECT), "the card was removed or lost its power []");
    assert_eq!(transport.reset(), Err(TransportError::Removed), "it is outside");
    transport.put_in();
    let lost = "the card was removed or lost its power []";
    assert_eq!(hex(&mut transport, SELECT), lost, "it has no power yet");
    transport.reset().expect("it is in again");
    assert_eq!(hex(&mut transport, SELECT), SELECTED);
    assert_eq!(hex(&mut transport, SELECT), "the card was removed or lost its power []");
}
