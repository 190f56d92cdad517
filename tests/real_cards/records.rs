//! Records and bytes: the record pointer, and the lengths that are refused.

use crate::harness::{Desk, SELECT_SSSE};

/// A card of generation 2 that may update the environment's files, EF05 current, no record read.
fn updating() -> Desk {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    desk.all_ok(&["00A4000002EF05"]);
    desk
}

/// Number of the record that "next" gives: EF05 has a record for each tag 01…07.
fn next(desk: &mut Desk) -> String {
    desk.data("00B2000200")[..2].to_owned()
}

#[test]
fn a7_first_last_next_and_previous_move_the_record_pointer() {
    for (moves, then) in [
        (&["00B2030000"][..], "04"),
        (&["00B2050100"], "06"),
        (&["00B2000200", "00B2000200"], "03"),
        (&["00B2040000", "00B2000300"], "04"),
        (&["00DC020003020133"], "03"),
    ] {
        let mut desk = updating();
        desk.all_ok(moves);
        assert_eq!(next(&mut desk), then, "{moves:?}");
    }
}

#[test]
fn a7_reading_and_updating_by_number_move_no_pointer() {
    for command in ["00B2050400", "00B2050500", "00B2050600", "00B2052C00", "00DC020403020133"] {
        let mut desk = updating();
        desk.all_ok(&["00B2010012", command]);
        assert_eq!(next(&mut desk), "02", "{command}");
        let mut fresh = updating();
        fresh.all_ok(&[command]);
        assert_eq!(next(&mut fresh), "01", "{command}: there is no current record");
    }
}

#[test]
fn a8_update_record_without_data_is_6700() {
    let mut desk = updating();
    for command in ["00DC0204", "00DC020000", "00DC022C"] {
        assert_eq!(desk.send(command), "6700", "{command}");
    }
    let command = desk.protect("SSSE", 0x02, "04DC0204", &[]);
    assert_eq!(desk.send(&command), "6700", "a MAC alone");
}

#[test]
fn a8_internal_authenticate_with_other_p1_p2_is_6a86() {
    let mut desk = updating();
    let data = "5A".repeat(16);
    for parameters in ["0001", "0100", "0004", "0084", "FFFF"] {
        assert_eq!(desk.send(&format!("0088{parameters}10{data}")), "6A86", "{parameters}");
    }
    assert_eq!(desk.send(&format!("0088000010{data}")), "6108");
}

#[test]
fn a8_update_binary_partly_past_the_end_is_6700_and_behind_it_6b00() {
    let mut desk = updating();
    desk.all_ok(&["00A4000002EF08"]);
    let before = desk.card.image();
    assert_eq!(desk.send("00D60FFF02A1A2"), "6700");
    assert_eq!(desk.send("00D6100001A1"), "6B00");
    assert_eq!(desk.card.image(), before);
    assert_eq!(desk.send("00D60FFE02A1A2"), "9000");
}

#[test]
fn a12_no_select_by_name_finds_the_mf() {
    for profile in ["gen1", "gen2", "gen3"] {
        let mut desk = Desk::t0(profile);
        assert_eq!(desk.data("00A40000023F00"), "6F00", "{profile}: by its identifier");
        let directory = desk.status("00A404000E315041592E5359532E4444463031");
        let is_there = if profile == "gen1" { "6A82" } else { "9000" };
        assert_eq!(directory, is_there, "{profile}: the payment directory's name alone");
        assert_eq!(desk.send("00A40400023F00"), "6700", "{profile}");
    }
    let mut named = Desk::toml("base = \"gen1\"\nmf_name = \"1PAY.SYS.DDF01\"");
    let fci = "6F10840E315041592E5359532E4444463031";
    assert_eq!(named.data("00A404000E315041592E5359532E4444463031"), fci);
}
