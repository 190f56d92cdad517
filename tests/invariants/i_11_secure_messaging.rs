//! I-11: a flipped bit anywhere is refused without a change, a replay is refused.

use proptest::prelude::*;

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

/// A desk that has all it needs for UNBLOCK, and the right command.
fn ready(profile: &str) -> (Desk, Vec<u8>) {
    let mut desk = Desk::t0(profile);
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.send("0020000003111111"), "63C5");
    assert_eq!(desk.authenticate("SSSE", 0x06), "9000");
    let command = bytes(&desk.protect("SSSE", 0x02, "84240000", &[]));
    (desk, command)
}

/// A desk in DF04 that may update EF06, and the right protected command.
fn ready_to_update(profile: &str) -> (Desk, Vec<u8>) {
    let mut desk = Desk::t0(profile);
    desk.all_ok(&[SELECT_SSSE, "00A4040006D15600000503"]);
    assert_eq!(desk.authenticate("DF04", 0x86), "9000");
    let command = bytes(&desk.protect("DF04", 0x82, "04DC9030", &[0x90, 0x01, 0x31]));
    (desk, command)
}

#[test]
fn i_11_every_flipped_bit_is_refused_and_changes_nothing() {
    for (desk, command) in
        ["gen2", "gen3"].into_iter().flat_map(|name| [ready(name), ready_to_update(name)])
    {
        assert_eq!(desk.clone().send(&hex(&command)), "9000");
        let before = desk.card.image();
        for bit in 0..command.len() * 8 {
            let mut flipped = command.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let mut desk = desk.clone();
            let answer = desk.send(&hex(&flipped));
            // Without its protection bit the header is another command, e.g. plain UPDATE RECORD
            // of a terminal that may update: it is carried out as what it says it is.
            let is_plain = flipped[0] & 0x0C == 0;
            let answers_as_chain = flipped[0] & 0x10 != 0 && is_plain;
            assert!(answers_as_chain || answer != "9000", "bit {bit} of {}", hex(&command));
            if !is_plain && flipped[..5] == command[..5] {
                assert_eq!(answer, "6988", "bit {bit} of {}", hex(&command));
            }
            assert!(desk.card.image() == before, "bit {bit} of {} changed the card", hex(&command));
        }
    }
}

#[test]
fn i_11_a_replay_is_refused() {
    for (mut desk, command) in [ready("gen2"), ready("gen3"), ready_to_update("gen3")] {
        assert_eq!(desk.send(&hex(&command)), "9000");
        let before = desk.card.image();
        assert_eq!(desk.send(&hex(&command)), "6984", "the challenge is used up");
        desk.challenge();
        assert_eq!(desk.send(&hex(&command)), "6988", "the MAC is of another challenge");
        assert!(desk.card.image() == before);
    }
}

#[test]
fn i_11_a_wrong_mac_uses_the_challenge_up() {
    let (mut desk, command) = ready("gen3");
    let mut wrong = command.clone();
    *wrong.last_mut().expect("MAC") ^= 1;
    assert_eq!(desk.send(&hex(&wrong)), "6988");
    assert_eq!(desk.send(&hex(&command)), "6984");
}

#[test]
fn i_11_the_key_of_another_application_makes_no_mac() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "00A4040006D15600000503"]);
    assert_eq!(desk.authenticate("DF04", 0x86), "9000");
    for (application, id) in [("SSSE", 0x02), ("DF03", 0x82)] {
        let command = desk.protect(application, id, "04DC9030", &[0x90, 0x01, 0x31]);
        assert_eq!(desk.send(&command), "6988");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn i_11_only_the_right_mac_is_accepted(mac in any::<[u8; 4]>()) {
        let (mut desk, command) = ready("gen2");
        let forged = [&command[..5], &mac].concat();
        let expected = if forged == command { "9000" } else { "6988" };
        prop_assert_eq!(desk.send(&hex(&forged)), expected);
    }

    #[test]
    fn i_11_a_reloaded_pin_is_the_one_that_was_sent(digits in "[0-9]{4,16}") {
        let mut desk = Desk::t0("gen3");
        desk.all_ok(&[SELECT_SSSE]);
        prop_assert_eq!(desk.authenticate("SSSE", 0x06), "9000");
        let mut pin = vec![0; digits.len().div_ceil(2)];
        sscard_apdu::bcd::encode(&digits, &mut pin).expect("digits");
        prop_assert_eq!(desk.reload_pin(&pin), "9000");
        let verify = format!("00200000{:02X}{}", pin.len(), hex(&pin));
        prop_assert_eq!(desk.send(&verify), "9000");
    }
}
