//! §2.16: in which order a protected command is refused: 6A86, 6700 → 9303, 6985 → 6982 → 6984 → 6988 → 6A80 (docs/decisions.md).

use crate::harness::{Desk, SELECT_SSSE};

fn selected(profile: &str) -> Desk {
    let mut desk = Desk::t1(profile);
    desk.data(SELECT_SSSE);
    desk
}

#[test]
fn spec_2_16_update_record_has_no_modes_5_and_6_whoever_asks_and_where() {
    let mut desk = selected("gen3");
    for command in ["00DC012D03020132", "00DC012E03020132", "04DC012D0702013200000000"] {
        assert_eq!(desk.send(command), "6A86", "{command}");
    }
    assert_eq!(desk.send("00DC000503020132"), "6A86", "no current file");
    let mut desk = deactivated_from_another_channel("gen3");
    assert_eq!(desk.send("00DC012D03020132"), "6A86");
}

#[test]
fn spec_2_16_data_without_room_for_a_mac_and_something_before_it_is_6700_for_everybody() {
    let mut desk = selected("gen3");
    for command in ["04DC022C0400000000", "04DC022C03020132", "04D687000400000000"] {
        assert_eq!(desk.send(command), "6700", "{command}");
    }
    let header = "04DC022C000100";
    let mut long = Desk::toml("base = \"gen3\"\nprotocol = \"T=1\"\nextended_length = true");
    long.data(SELECT_SSSE);
    assert_eq!(long.send(&format!("{header}{}", "00".repeat(256))), "6700");
}

#[test]
fn spec_2_16_what_is_no_mac_is_6700_in_whatever_state() {
    let states = [(selected("gen3"), "6982"), (deactivated_from_another_channel("gen3"), "6985")];
    for (mut desk, other) in states {
        for header in ["84240000", "841E0001", "84160000"] {
            assert_eq!(desk.send(&format!("{header}0500000000FF")), "6700", "{header}");
            assert_eq!(desk.send(&format!("{header}0400000000")), other, "{header}");
        }
        assert_eq!(desk.send(&format!("842400010C{}", "00".repeat(12))), "6700", "a block of 8");
        assert_eq!(desk.send(&format!("8424000114{}", "00".repeat(20))), other);
    }
}

/// DF01 is selected on the basic channel, and the environment deactivated by another.
fn deactivated_from_another_channel(profile: &str) -> Desk {
    let mut desk = selected(profile);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    assert_eq!(desk.send("0070000001"), "019000");
    desk.all_ok(&["01A404000F7378312E73682EC9E7BBE1B1A3D5CF", "00A4000002DF01"]);
    let challenge = desk.follow("0184000008");
    let challenge = crate::harness::bytes(&challenge[..16]);
    let proof = desk.session("SSSE", 0x04, &challenge);
    let proof = proof.authentication_data(&crate::harness::ORIGINAL);
    let original = crate::harness::hex(&crate::harness::ORIGINAL);
    let command = format!("0182000410{}{original}", crate::harness::hex(&proof));
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(desk.send("01040000"), "9000");
    desk
}

#[test]
fn spec_2_12_deactivated_the_environment_s_ef05_is_read_and_no_application_s() {
    let mut desk = deactivated_from_another_channel("gen3");
    assert_eq!(desk.send("0020000003123456"), "6985");
    assert_eq!(desk.send("00B2202800"), "6985", "EF05 of DF01");
    assert_eq!(desk.status(SELECT_SSSE), "6283");
    assert_eq!(desk.data("00B2022C00"), "020133");
}
