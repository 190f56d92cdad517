//! §2.9 to §2.11: VERIFY, CHANGE PIN, UNBLOCK and RELOAD.

use crate::harness::{Desk, SELECT_SSSE, hex};

const PIN: &str = "0020000003123456";
const WRONG: &str = "0020000003654321";
const QUERY: &str = "0020000000";
const STK: u8 = 0x02;
const PUK: u8 = 0x06;

fn selected(profile: &str) -> Desk {
    let mut desk = Desk::t0(profile);
    desk.data(SELECT_SSSE);
    desk
}

/// A card whose PIN is locked.
fn locked(profile: &str) -> Desk {
    let mut desk = selected(profile);
    for left in (0..=5).rev() {
        assert_eq!(desk.send(WRONG), format!("63C{left}"));
    }
    desk
}

#[test]
fn spec_2_9_verify_is_bcd_without_a_length_byte() {
    for profile in ["gen1", "gen2", "gen3"] {
        let mut desk = selected(profile);
        assert_eq!(desk.send("0020000003123456"), "9000");
        assert_eq!(desk.send("002000000403123456"), "63C5");
        assert_eq!(desk.send("0020000006313233343536"), "63C4");
    }
}

#[test]
fn spec_2_9_verify_in_every_application() {
    for df in ["DF01", "DF02", "DF03", "DF04", "DF07"] {
        let mut desk = selected("gen3");
        desk.data(&format!("00A4000002{df}"));
        assert_eq!(desk.send(WRONG), "63C5", "{df}");
        assert_eq!(desk.send(PIN), "9000", "{df}");
    }
}

#[test]
fn spec_2_9_query_gives_the_tries_left_and_takes_none() {
    let mut desk = selected("gen3");
    for query in [QUERY, "00200000", QUERY] {
        assert_eq!(desk.send(query), "63C6");
    }
    assert_eq!(desk.send(WRONG), "63C5");
    assert_eq!(desk.send(QUERY), "63C5");
    assert_eq!(desk.send(PIN), "9000");
    assert_eq!(desk.send(QUERY), "63C6");
}

#[test]
fn spec_2_9_query_without_a_pin_answers_9000() {
    let mut desk = selected("gen3");
    desk.all_ok(&["805E010004123456FF"]);
    assert_eq!(desk.send(QUERY), "9000");
    assert_eq!(desk.send("00200000"), "9000");
}

#[test]
fn spec_2_9_sixth_wrong_pin_answers_63c0_and_then_6983() {
    let mut desk = selected("gen3");
    for status in ["63C5", "63C4", "63C3", "63C2", "63C1", "63C0", "6983", "6983"] {
        assert_eq!(desk.send(WRONG), status);
    }
    assert_eq!(desk.send(PIN), "6983");
    assert_eq!(desk.send(QUERY), "63C0");
}

#[test]
fn spec_2_9_right_pin_gives_the_tries_back() {
    let mut desk = selected("gen3");
    assert_eq!([desk.send(WRONG), desk.send(WRONG)], ["63C5", "63C4"]);
    assert_eq!(desk.send(PIN), "9000");
    assert_eq!(desk.send(WRONG), "63C5");
}

#[test]
fn spec_2_9_locked_pin_stays_locked_after_power_off() {
    let mut desk = locked("gen3");
    desk.card.power_off();
    desk.card.power_on().expect("power");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.send(PIN), "6983");
}

#[test]
fn spec_2_9_lengths_of_two_to_eight_bytes() {
    let mut desk = selected("gen3");
    let mut old = "123456".to_owned();
    for new in ["1234", "123F", "1234567890123456", "12345F"] {
        let lc = (old.len() + new.len()) / 2 + 1;
        desk.all_ok(&[&format!("805E0100{lc:02X}{old}FF{new}")]);
        assert_eq!(desk.send(&format!("00200000{:02X}{new}", new.len() / 2)), "9000");
        old = new.to_owned();
    }
    assert_eq!(desk.send("002000000112"), "6700");
    assert_eq!(desk.send("0020000009123456789012345678"), "6700");
}

#[test]
fn spec_2_9_verify_of_another_reference_6a88() {
    assert_eq!(selected("gen3").send("0020000103123456"), "6A88");
}

#[test]
fn spec_5_number_of_tries_is_a_setting() {
    for tries in [3, 8, 10, 15] {
        let mut desk = Desk::toml(&format!("base = \"gen3\"\npin_tries = {tries}"));
        desk.data(SELECT_SSSE);
        for left in (0..tries).rev() {
            assert_eq!(desk.send(WRONG), format!("63C{left:X}"));
        }
        assert_eq!(desk.send(WRONG), "6983");
    }
}

#[test]
fn spec_2_10_change_pin() {
    for profile in ["gen1", "gen2", "gen3"] {
        let mut desk = selected(profile);
        assert_eq!(desk.send("805E010007123456FF222222"), "9000");
        assert_eq!(desk.send(PIN), "63C5");
        assert_eq!(desk.send("0020000003222222"), "9000");
    }
}

#[test]
fn spec_2_10_wrong_old_pin_counts() {
    let mut desk = selected("gen3");
    for status in ["63C5", "63C4", "63C3", "63C2", "63C1", "63C0", "6983"] {
        assert_eq!(desk.send("805E010007111111FF222222"), status);
    }
    assert_eq!(desk.send("805E010007123456FF222222"), "6983");
}

#[test]
fn spec_2_10_success_gives_the_tries_back() {
    let mut desk = selected("gen3");
    assert_eq!(desk.send(WRONG), "63C5");
    assert_eq!(desk.send("805E010007123456FF222222"), "9000");
    assert_eq!(desk.send(QUERY), "63C6");
}

#[test]
fn spec_2_10_either_side_may_be_empty() {
    let mut desk = selected("gen3");
    assert_eq!(desk.send("805E010004123456FF"), "9000");
    assert_eq!(desk.send(QUERY), "9000");
    assert_eq!(desk.send("805E010004FF654321"), "9000");
    assert_eq!(desk.send(PIN), "63C5");
    assert_eq!(desk.send("0020000003654321"), "9000");
}

#[test]
fn spec_2_10_lengths_and_data() {
    let mut desk = selected("gen3");
    assert_eq!(desk.send("805E010002FF12"), "6700");
    assert_eq!(desk.send(&format!("805E010012123456FF{}", "11".repeat(14))), "6700");
    assert_eq!(desk.send("805E010007123456EE222222"), "6A80");
    assert_eq!(desk.send("805E010007123456FF2222AA"), "6A80");
    assert_eq!(desk.send("805E010107123456FF222222"), "6A86");
    assert_eq!(desk.send(QUERY), "63C6");
    assert_eq!(desk.send(PIN), "9000");
}

#[test]
fn spec_2_10_longest_change() {
    let mut desk = selected("gen3");
    desk.all_ok(&["805E01000C123456FF1111111111111111"]);
    assert_eq!(desk.send("805E0100111111111111111111FF2222222222222222"), "9000");
    assert_eq!(desk.send("00200000082222222222222222"), "9000");
}

#[test]
fn spec_2_10_only_in_the_environment_itself() {
    let mut desk = selected("gen3");
    desk.data("00A4000002DF01");
    assert_eq!(desk.send("805E010007123456FF222222"), "6985");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.send("805E010007123456FF222222"), "9000");
}

#[test]
fn spec_2_11_unblock_gives_the_tries_back_and_keeps_the_pin() {
    for profile in ["gen1", "gen2", "gen3"] {
        let mut desk = locked(profile);
        assert_eq!(desk.authenticate("SSSE", PUK), "9000");
        let unblock = desk.protect("SSSE", STK, "84240000", &[]);
        assert_eq!(unblock.len(), 18);
        assert!(unblock.starts_with("8424000004"));
        assert_eq!(desk.send(&unblock), "9000");
        assert_eq!(desk.send(QUERY), "63C6");
        assert_eq!(desk.send(PIN), "9000");
    }
}

#[test]
fn spec_2_11_unblock_without_puk_6982() {
    let mut desk = locked("gen3");
    let unblock = desk.protect("SSSE", STK, "84240000", &[]);
    assert_eq!(desk.send(&unblock), "6982");
    let reload = desk.protect("SSSE", STK, "84240001", &[0; 16]);
    assert_eq!(desk.send(&reload), "6982");
    assert_eq!(desk.send(PIN), "6983");
}

#[test]
fn spec_2_11_unblock_without_challenge_6984() {
    let mut desk = locked("gen3");
    assert_eq!(desk.authenticate("SSSE", PUK), "9000");
    assert_eq!(desk.send("842400000411223344"), "6984");
    assert_eq!(desk.send(PIN), "6983");
}

#[test]
fn spec_2_11_unblock_wrong_mac_6988() {
    let mut desk = locked("gen3");
    assert_eq!(desk.authenticate("SSSE", PUK), "9000");
    desk.challenge();
    assert_eq!(desk.send("842400000411223344"), "6988");
    let with_puk = desk.protect("SSSE", PUK, "84240000", &[]);
    assert_eq!(desk.send(&with_puk), "6988");
    assert_eq!(desk.send(PIN), "6983");
}

#[test]
fn spec_2_11_reload_has_one_enciphered_block() {
    for (profile, header) in
        [("gen1", "842400010C"), ("gen2", "842400010C"), ("gen3", "8424000114")]
    {
        let mut desk = locked(profile);
        assert_eq!(desk.authenticate("SSSE", PUK), "9000");
        let challenge = desk.challenge();
        let block = desk.session("SSSE", STK, &challenge).encipher(&[0x88; 3]).expect("block");
        let reload = desk.protect_with("SSSE", STK, &challenge, "84240001", &block);
        assert!(reload.starts_with(header), "{profile}: {reload}");
        assert_eq!(desk.send(&reload), "9000");
        assert_eq!(desk.send(QUERY), "63C6");
        assert_eq!(desk.send(PIN), "63C5");
        assert_eq!(desk.send("0020000003888888"), "9000");
    }
}

#[test]
fn spec_2_11_reload_of_the_mac_alone_empties_the_pin() {
    for profile in ["gen2", "gen3"] {
        let mut desk = locked(profile);
        assert_eq!(desk.authenticate("SSSE", PUK), "9000");
        let reload = desk.protect("SSSE", STK, "84240001", &[]);
        assert!(reload.starts_with("8424000104"));
        assert_eq!(desk.send(&reload), "9000");
        assert_eq!(desk.send(QUERY), "9000");
        assert_eq!(desk.send("805E010004FF654321"), "9000");
    }
}

#[test]
fn spec_2_11_reload_wrong_mac_6988_and_no_challenge_6984() {
    let mut desk = locked("gen3");
    assert_eq!(desk.authenticate("SSSE", PUK), "9000");
    desk.challenge();
    let reload = format!("8424000114{}", hex(&[0; 20]));
    assert_eq!(desk.send(&reload), "6988");
    assert_eq!(desk.send(&reload), "6984");
    assert_eq!(desk.send(PIN), "6983");
}

#[test]
fn spec_2_11_reload_of_the_other_algorithm_s_block_6700() {
    for (profile, length) in [("gen2", 16), ("gen3", 8)] {
        let mut desk = selected(profile);
        assert_eq!(desk.authenticate("SSSE", PUK), "9000");
        let reload = desk.protect("SSSE", STK, "84240001", &vec![0; length]);
        assert_eq!(desk.send(&reload), "6700", "{profile}");
    }
}

#[test]
fn spec_2_11_puk_locks_after_three_wrong_authentications() {
    let mut desk = locked("gen3");
    for status in ["63C2", "63C1", "63C0", "6983"] {
        assert_eq!(desk.fail_authentication(PUK), status);
    }
    assert_eq!(desk.authenticate("SSSE", PUK), "6983");
}

#[test]
fn spec_2_11_purse_commands_are_not_there() {
    let mut desk = selected("gen3");
    assert_eq!(desk.send("805E000007123456FF222222"), "6A86");
    assert_eq!(desk.send("801800000411223344"), "6D00");
}
