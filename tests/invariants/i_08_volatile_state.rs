//! I-8: what reset, power-off and leaving an application clear, and what they keep.

use crate::harness::{Desk, SELECT_SSSE};

const DF01: &str = "00A4040006D15600000500";
const DF02: &str = "00A4040006D15600000501";
const READ_DF01: &str = "00B2012C04";
const READ_DF02: &str = "00B2012C05";

fn in_df01_with_key() -> Desk {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, DF01]);
    assert_eq!(desk.authenticate("DF01", 0x88), "9000");
    desk.all_ok(&[READ_DF01]);
    desk
}

#[test]
fn i_8_power_off_and_reset_clear_everything() {
    for reset in [false, true] {
        let mut desk = Desk::t0("gen3");
        desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
        assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
        desk.all_ok(&["00A4000002EF06", "00B2010400"]);
        desk.challenge();
        if reset {
            desk.card.reset().expect("power");
        } else {
            desk.card.power_off();
            desk.card.power_on().expect("power");
        }
        assert_eq!(desk.send("00B2010400"), "6986", "no current file");
        desk.all_ok(&[SELECT_SSSE]);
        assert_eq!(desk.send("00B2013414"), "6982", "RK_SSSE is forgotten");
        assert_eq!(desk.send(&format!("0082000A10{}", "00".repeat(16))), "6984", "no challenge");
        desk.all_ok(&[DF01]);
        assert_eq!(desk.send(READ_DF01), "6982", "the PIN is forgotten");
    }
}

#[test]
fn i_8_the_same_df_again_keeps_its_keys() {
    let mut desk = in_df01_with_key();
    desk.all_ok(&[DF01, READ_DF01]);
}

#[test]
fn i_8_another_application_clears_the_keys_of_the_first() {
    let mut desk = in_df01_with_key();
    desk.all_ok(&[DF02, DF01]);
    assert_eq!(desk.send(READ_DF01), "6982");
}

#[test]
fn i_8_the_environment_clears_the_keys_of_an_application() {
    let mut desk = in_df01_with_key();
    desk.all_ok(&[SELECT_SSSE, DF01]);
    assert_eq!(desk.send(READ_DF01), "6982");
}

#[test]
fn i_8_keys_of_one_application_open_no_other_although_their_numbers_agree() {
    let mut desk = in_df01_with_key();
    desk.all_ok(&[DF02]);
    assert_eq!(desk.send(READ_DF02), "6982");
}

#[test]
fn i_8_keys_of_the_environment_last_inside_it_and_not_outside() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&[DF01, SELECT_SSSE, "00B2013414"]);
    desk.all_ok(&["00A40000023F00", SELECT_SSSE]);
    assert_eq!(desk.send("00B2013414"), "6982");
}

#[test]
fn i_8_the_pin_lasts_until_power_off() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456", DF01, READ_DF01, DF02, READ_DF02]);
    desk.all_ok(&["00A40000023F00", DF01, READ_DF01]);
}

#[test]
fn i_8_a_challenge_is_good_once_and_only_where_it_was_asked_for() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    desk.challenge();
    desk.all_ok(&[DF01]);
    assert_eq!(desk.send(&format!("0082008810{}", "00".repeat(16))), "6984");
}

#[test]
fn i_8_selecting_a_file_forgets_the_record_pointer() {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE, "00A4000002EF05"]);
    let first = desk.data("00B2000200");
    let second = desk.data("00B2000200");
    assert_ne!(first, second);
    desk.all_ok(&["00A4000002EF05"]);
    assert_eq!(desk.data("00B2000200"), first);
}

#[test]
fn i_8_the_bank_application_drops_what_the_keys_of_the_environment_proved() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    desk.all_ok(&["00B2013414"]);
    desk.all_ok(&["00A4040008A000000333010101", SELECT_SSSE]);
    assert_eq!(desk.send("00B2013414"), "6982", "RK_SSSE");
    assert_eq!(desk.send("00040000"), "6982", "UK_SSSE");
    // What an application's own key proved likewise.
    let mut desk = in_df01_with_key();
    desk.all_ok(&["00A4040008A000000333010101", DF01]);
    assert_eq!(desk.send(READ_DF01), "6982");
}

#[test]
fn i_8_a_reloaded_pin_has_to_be_verified_anew() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    assert_eq!(desk.authenticate("SSSE", 0x06), "9000");
    assert_eq!(desk.reload_pin(&[0x12, 0x34, 0x56]), "9000");
    desk.all_ok(&[DF01]);
    assert_eq!(desk.send(READ_DF01), "6982");
    desk.all_ok(&["0020000003123456", READ_DF01]);
}
