//! §2.9, §2.10, §5: the PIN at its limits, and what must not open, close or count.

use sscard_core::LifeCycle;
use sscard_profile::built_in;

use crate::harness::{Desk, SELECT_SSSE};

const PIN: &str = "0020000003123456";
const WRONG: &str = "0020000003111111";
const DF01: &str = "00A4040006D15600000500";
/// After the PIN, or DF01's read key.
const READ_DF01: &str = "00B2012C04";

fn selected() -> Desk {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    desk
}

fn tries(desk: &Desk) -> u8 {
    desk.card.inspect_pin().tries_left
}

fn is_verified(desk: &Desk) -> bool {
    let mut copy = desk.clone();
    copy.all_ok(&[DF01]);
    copy.send(READ_DF01).ends_with("9000")
}

#[test]
fn spec_2_9_presented_lengths_of_2_to_8_bytes() {
    for (length, answer) in [(1, "6700"), (2, "63C5"), (8, "63C5"), (9, "6700"), (255, "6700")] {
        let mut desk = selected();
        let command = format!("00200000{length:02X}{}", "12".repeat(length));
        assert_eq!(desk.send(&command), answer, "{length}");
        assert_eq!(tries(&desk), if answer == "6700" { 6 } else { 5 }, "{length}");
    }
}

#[test]
fn spec_2_9_a_refused_command_is_no_try_and_takes_no_verification_back() {
    let mut desk = selected();
    desk.all_ok(&[PIN]);
    for (command, answer) in [
        ("0020000103111111", "6A88"),
        ("0020008003111111", "6A88"),
        ("0020010003111111", "6A86"),
        ("8020000003111111", "6E00"),
        ("042000000311111100000000", "6700"),
        ("0420000007111111 00000000", "6882"),
        ("0020000001 11", "6700"),
        ("0020000009 111111111111111111", "6700"),
        ("00200000", "63C6"),
    ] {
        assert_eq!(desk.send(command), answer, "{command}");
        assert_eq!(tries(&desk), 6, "{command}");
        assert!(is_verified(&desk), "{command}");
    }
    assert_eq!(desk.send(WRONG), "63C5");
    assert!(!is_verified(&desk), "a wrong one does");
}

#[test]
fn spec_2_9_every_count_from_the_last_try_to_none() {
    for limit in [3_u8, 15] {
        let mut desk = Desk::toml(&format!("base = \"gen3\"\npin_tries = {limit}"));
        desk.all_ok(&[SELECT_SSSE]);
        for left in (1..limit).rev() {
            assert_eq!(desk.send(WRONG), format!("63C{left:X}"));
        }
        // One is left: the right PIN gives all back, the wrong one takes the last.
        let mut lucky = desk.clone();
        assert_eq!(lucky.send("00200000"), "63C1");
        assert_eq!(lucky.send(PIN), "9000");
        assert_eq!(lucky.send("00200000"), format!("63C{limit:X}"));
        assert_eq!(desk.send(WRONG), "63C0");
        for command in [PIN, WRONG] {
            assert_eq!(desk.send(command), "6983", "{command}");
        }
        assert_eq!(desk.send("00200000"), "63C0", "asked, a locked PIN says no tries");
        assert_eq!(desk.send("805E010007123456FF222222"), "6983", "nor is it changed");
        assert_eq!(tries(&desk), 0);
        assert!(!is_verified(&desk));
    }
}

#[test]
fn spec_2_9_the_last_wrong_try_takes_an_earlier_verification_back() {
    let mut desk = selected();
    desk.all_ok(&[PIN]);
    for _ in 0..6 {
        desk.send(WRONG);
    }
    assert!(!is_verified(&desk));
    assert_eq!(desk.send(PIN), "6983");
    assert!(!is_verified(&desk));
}

#[test]
fn spec_2_9_the_pin_is_not_the_banks() {
    let mut desk = Desk::t1("gen2");
    desk.all_ok(&[SELECT_SSSE, PIN]);
    let bank = "00A4040008A000000333010101";
    desk.all_ok(&[bank]);
    assert_eq!(desk.send(PIN), "6A86", "the bank's reference is 80");
    assert_eq!(desk.send("80CA9F1700"), "9F1701039000");
    assert_eq!(tries(&desk), 6);
    assert!(is_verified(&desk), "it lasts until power-off");
}

#[test]
fn spec_2_9_the_bank_pin_opens_nothing_here() {
    let mut desk = Desk::t1("gen2");
    desk.all_ok(&["00A4040008A000000333010101"]);
    assert_eq!(desk.status("80A800000C830A0000000000123401560000"), "9000");
    assert_eq!(desk.send("002000800826123456FFFFFFFF"), "9000");
    desk.all_ok(&[SELECT_SSSE]);
    assert!(!is_verified(&desk));
}

#[test]
fn spec_2_9_without_the_environment_there_is_no_pin() {
    let mut desk = Desk::t0("gen3");
    for command in [PIN, WRONG, "00200000"] {
        assert_eq!(desk.send(command), "6A88", "{command}");
    }
    assert_eq!(tries(&desk), 6);
}

#[test]
fn spec_2_9_deactivated_neither_counts_nor_verifies() {
    let mut desk = Desk::of(&built_in("gen3").expect("built-in"), LifeCycle::Deactivated);
    assert_eq!(desk.status(SELECT_SSSE), "6283");
    for command in [PIN, WRONG, "00200000", "805E010007123456FF222222"] {
        assert_eq!(desk.send(command), "6985", "{command}");
    }
    assert_eq!(tries(&desk), 6);
}

#[test]
fn spec_2_10_new_pins_of_2_to_8_bytes_and_none() {
    for (new, answer) in [
        ("", "9000"),
        ("22", "6A80"),
        ("2222", "9000"),
        ("2222222222222222", "9000"),
        ("222222222222222222", "6A80"),
        ("2A22", "6A80"),
        ("222F", "9000"),
        ("2F22", "6A80"),
        ("22FF", "6A80"),
    ] {
        let mut desk = selected();
        let data = format!("123456FF{new}");
        assert_eq!(desk.send(&format!("805E0100{:02X}{data}", data.len() / 2)), answer, "{new}");
        // A new PIN that cannot be is no try.
        assert_eq!(tries(&desk), 6, "{new}");
        let now = if answer == "9000" { new } else { "123456" };
        let verify = format!("00200000{:02X}{now}", now.len() / 2);
        assert_eq!(desk.send(if now.is_empty() { "00200000" } else { &verify }), "9000", "{new}");
    }
}

#[test]
fn spec_2_10_a_new_pin_that_cannot_be_is_refused_before_the_old_one_is_tried() {
    let mut desk = selected();
    desk.all_ok(&[PIN]);
    for data in ["111111FF22", "111111FF2A22", "111111222222"] {
        let change = format!("805E0100{:02X}{data}", data.len() / 2);
        assert_eq!(desk.send(&change), "6A80", "{data}");
        assert_eq!(tries(&desk), 6, "{data}");
        assert!(is_verified(&desk), "{data}");
    }
}

#[test]
fn spec_2_10_lc_from_3_to_17() {
    for (data, answer) in [
        ("12FF", "6700"),
        ("FF2222", "63C5"),
        ("1234567812345678FF2222222222222222", "63C5"),
        ("1234567812345678FF222222222222222222", "6700"),
        ("12345622", "6A80"),
    ] {
        let mut desk = selected();
        assert_eq!(desk.send(&format!("805E0100{:02X}{data}", data.len() / 2)), answer, "{data}");
        assert_eq!(tries(&desk), if answer == "63C5" { 5 } else { 6 }, "{data}");
        desk.all_ok(&[PIN]);
    }
}

#[test]
fn spec_2_10_a_wrong_old_pin_changes_nothing_and_takes_the_verification_back() {
    let mut desk = selected();
    desk.all_ok(&[PIN]);
    assert_eq!(desk.send("805E010007111111FF222222"), "63C5");
    assert!(!is_verified(&desk));
    assert_eq!(desk.send("0020000003222222"), "63C4");
    desk.all_ok(&[PIN]);
}

#[test]
fn spec_2_10_a_change_verifies_nothing_by_itself() {
    let mut desk = selected();
    desk.all_ok(&["805E010007123456FF222222"]);
    assert!(!is_verified(&desk));
    for (command, answer) in [
        ("805E000007222222FF333333", "6A86"),
        ("805E010107222222FF333333", "6A86"),
        ("005E010007222222FF333333", "6E00"),
    ] {
        assert_eq!(desk.send(command), answer, "{command}");
    }
    desk.all_ok(&["0020000003222222"]);
}

#[test]
fn spec_2_7_external_authentication_lengths_and_counts() {
    let mut desk = selected();
    for (length, answer) in [(0, "6700"), (15, "6700"), (18, "6700")] {
        desk.challenge();
        assert_eq!(
            desk.send(&format!("0082000A{length:02X}{}", "11".repeat(length))),
            answer,
            "{length}"
        );
    }
    // Neither those, nor one without a challenge, took a try: three wrong ones lock.
    let mut fresh = selected();
    assert_eq!(fresh.send(&format!("0082000A10{}", "11".repeat(16))), "6984");
    for answer in ["63C2", "63C1", "63C0", "6983"] {
        assert_eq!(desk.fail_authentication(0x0A), answer);
        assert_eq!(fresh.fail_authentication(0x0A), answer);
    }
    assert_eq!(desk.authenticate("SSSE", 0x0A), "6983", "the right one comes too late");
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000", "another key has its own tries");
    desk.card.reset().expect("power");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x0A), "6983", "locked for good");
}

#[test]
fn spec_2_7_a_right_authentication_gives_the_tries_back() {
    let mut desk = selected();
    assert_eq!(desk.fail_authentication(0x0A), "63C2");
    assert_eq!(desk.fail_authentication(0x0A), "63C1");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    assert_eq!(desk.fail_authentication(0x0A), "63C2");
    assert!(desk.send("00B2013414").ends_with("9000"), "what was proved stays proved");
}

#[test]
fn spec_2_7_a_key_that_is_not_there_uses_no_challenge_and_proves_nothing() {
    let mut desk = selected();
    let challenge = desk.challenge();
    for id in [0x00_u8, 0x02, 0x01, 0x0B, 0x7F, 0x80, 0x88, 0xFF] {
        assert_eq!(desk.send(&format!("008200{id:02X}10{}", "11".repeat(16))), "6A88", "{id:02X}");
    }
    assert_eq!(desk.send(&format!("0082010A10{}", "11".repeat(16))), "6A86");
    let data =
        desk.session("SSSE", 0x0A, &challenge).authentication_data(&crate::harness::ORIGINAL);
    let data = [&data[..], &crate::harness::ORIGINAL].concat();
    assert_eq!(desk.send(&format!("0082000A10{}", crate::harness::hex(&data))), "9000");
}
