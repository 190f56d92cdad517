//! A purchase with the medical purse: MAC1 and MAC2 come from the module.

use super::{CARD, CITY, PROVINCE, SELECT_PSAM, card_key, module, suite};
use crate::harness::{Desk, bytes, hex};

const TIME: &str = "20261124101530";
const AMOUNTS: &str = "000003E8000000640000000A";
const PURCHASE: &str = "32";

/// Data of INIT SAM FOR PURCHASE.
fn data(algorithm: &str, version: &str) -> String {
    format!("A1A2A3A40005{AMOUNTS}{PURCHASE}{TIME}{version}{algorithm}{CARD}{CITY}{PROVINCE}")
}

fn terminal(desk: &Desk) -> String {
    hex(&desk.card.inspect_psam().expect("a module").terminal)
}

#[test]
fn init_counts_and_answers_mac1_and_credit_checks_mac2() {
    for (profile, algorithm) in [("psam-3des", "00"), ("psam-3des", "01"), ("psam-sm4", "03")] {
        let suite = suite(profile);
        for version in 1..=3_u8 {
            let mut desk = module(profile);
            let entry = sscard_core::catalogue::psam_key("DF04", sscard_core::KeyId(0x87), version);
            let key = card_key(suite, entry.expect("DPK"), version);
            let answer =
                desk.data(&format!("8070000034{}", data(algorithm, &format!("{version:02X}"))));
            let session = suite.session_key(&key, &bytes("A1A2A3A400050001"));
            let mac1 =
                session.mac(&bytes(&format!("{AMOUNTS}{PURCHASE}{}{TIME}", terminal(&desk))));
            assert_eq!(answer, format!("00000001{}", hex(&mac1)));
            let mac2 = hex(&session.mac(&bytes(AMOUNTS)));
            assert_eq!(desk.send(&format!("8072000004{mac2}")), "9000");
            // It is taken once.
            assert_eq!(desk.send(&format!("8072000004{mac2}")), "6901");
        }
    }
}

#[test]
fn a_counter_is_given_once_whatever_becomes_of_the_purchase() {
    let mut desk = module("psam-3des");
    let init = format!("8070000034{}", data("00", "01"));
    for expected in 1..=5 {
        assert_eq!(desk.data(&init)[..8], format!("{expected:08X}"));
    }
    assert_eq!(desk.send("807200000400000000"), "9302");
    desk.card.power_off();
    desk.card.power_on().expect("power");
    desk.all_ok(&[SELECT_PSAM]);
    assert_eq!(desk.data("00B0980004"), "00000005");
    assert_eq!(desk.data(&init)[..8], *"00000006");
}

#[test]
fn a_wrong_le_on_t1_does_not_count_twice() {
    let mut desk = module("psam-3des");
    let init = format!("8070000034{}", data("00", "01"));
    assert_eq!(desk.send(&format!("{init}04")), "6108");
    assert_eq!(desk.send("00C0000008")[..8], *"00000001");
}

#[test]
fn anything_between_ends_the_pair_but_get_response_does_not() {
    let mut desk = Desk::t0("psam-3des");
    desk.all_ok(&[SELECT_PSAM]);
    let init = format!("8070000034{}", data("00", "01"));
    assert_eq!(desk.send(&init), "6108");
    assert_eq!(desk.send("00C0000008").len(), 20);
    assert_eq!(desk.send("807200000400000000"), "9302");
    assert_eq!(desk.send("807200000400000000"), "6901", "a wrong MAC2 ends it, too");
    desk.data(&init);
    desk.all_ok(&["0084000008"]);
    assert_eq!(desk.send("807200000400000000"), "6901");
}

#[test]
fn what_the_module_cannot_do_it_says_and_does_not_count() {
    let mut desk = module("psam-3des");
    assert_eq!(desk.send(&format!("8070000034{}", data("03", "01"))), "6A81");
    assert_eq!(desk.send(&format!("8070000034{}", data("00", "04"))), "9403");
    assert_eq!(desk.send(&format!("807000002C{}", &data("00", "01")[..88])), "6700");
    assert_eq!(desk.data("00B0980004"), "00000000");
    assert_eq!(module("psam-sm4").send(&format!("8070000034{}", data("00", "01"))), "6A81");
}
