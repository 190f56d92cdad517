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
    assert_eq!(hex(&mut transport, SELECT_EF06), "the card was reset by another program []");
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
        (got, recipe.of_run(transport.faults()))
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
