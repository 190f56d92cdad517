//! ISO/IEC 7816-4 §5.3.3: command chaining. The parts of a chain have the same CLA but for bit 5, INS,
//! P1 and P2; a command that has not ends the chain and counts as itself.

use crate::harness::{Desk, SELECT_SSSE};

/// A card whose transparent file EF08 may be read and written.
fn desk(mut desk: Desk) -> Desk {
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00A4000002EF08"]);
    desk
}

fn begin() -> Desk {
    desk(Desk::t0("gen3"))
}

fn content(desk: &mut Desk) -> String {
    desk.data("00B0000006")
}

#[test]
fn iso_5_3_3_the_last_part_carries_out_all_of_it() {
    let mut desk = begin();
    assert_eq!(desk.send("10D6000002A1A2"), "9000");
    assert_eq!(desk.send("10D6000001A3"), "9000");
    assert_eq!(desk.send("00D6000002A4A5"), "9000");
    assert_eq!(content(&mut desk), "A1A2A3A4A500");
}

#[test]
fn iso_5_3_3_a_part_alone_changes_nothing() {
    let mut desk = begin();
    let before = desk.card.image();
    assert_eq!(desk.send("10D6000002A1A2"), "9000");
    assert_eq!(desk.card.image(), before);
    assert_eq!(content(&mut desk), "000000000000");
}

#[test]
fn iso_5_3_3_a_part_of_a_pin_is_no_try_and_the_whole_is_one() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.send("1020000003111111"), "9000");
    assert_eq!(desk.card.inspect_pin().tries_left, 6);
    assert_eq!(desk.send("00A40000023F00"), "6102");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.send("10200000021234"), "9000");
    assert_eq!(desk.status("00A4040006D15600000500"), "9000");
    assert_eq!(desk.send("00B2012C04"), "6982", "half a PIN opens nothing");
    assert_eq!(desk.send("10200000021234"), "9000");
    assert_eq!(desk.send("002000000156"), "9000");
    desk.all_ok(&["00B2012C04"]);
    assert_eq!(desk.send("10200000021111"), "9000");
    assert_eq!(desk.send("002000000111"), "63C5");
    assert_eq!(desk.send("00B2012C04"), "6982");
}

#[test]
fn iso_5_3_3_a_last_part_with_another_p2_p1_or_ins_stands_alone() {
    for (last, written) in [
        ("00D6000101BB", "00BB00000000"),
        ("00D6000201BB", "0000BB000000"),
        // Another P1: the short identifier of the same file.
        ("00D6880001BB", "BB0000000000"),
        ("00D6880301BB", "000000BB0000"),
    ] {
        let mut desk = begin();
        assert_eq!(desk.send("10D6000002A1A2"), "9000");
        assert_eq!(desk.send(last), "9000", "{last}");
        assert_eq!(content(&mut desk), written, "{last}");
        assert_eq!(desk.send("00D6000001CC"), "9000", "the chain is over");
        assert_eq!(content(&mut desk)[..2], *"CC", "{last}");
    }
    let mut desk = begin();
    assert_eq!(desk.send("10D6000002A1A2"), "9000");
    assert_eq!(desk.send("00200000021234"), "63C5", "another INS: the PIN is these two bytes");
}

#[test]
fn iso_5_3_3_a_last_part_of_another_class_stands_alone() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.send("90200000021234"), "6E00", "there is no VERIFY in class 80");
    assert_eq!(desk.send("002000000156"), "6700", "one byte is not a PIN");
    assert_eq!(desk.card.inspect_pin().tries_left, 6);
    // A protected one is no part of a plain chain either: its MAC is over its own data.
    let mut desk = begin();
    let command = desk.protect("SSSE", 0x02, "04D60000", &[0xC1]);
    assert_eq!(desk.send("10D6000002A1A2"), "9000");
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(content(&mut desk), "C10000000000");
}

#[test]
fn iso_5_3_3_a_part_with_another_p2_begins_a_new_chain() {
    for (parts, written) in [
        (["10D6000002A1A2", "10D6000101B1", "00D6000101B2"], "00B1B2000000"),
        (["10D6000102A1A2", "10D6000001B1", "00D6000001B2"], "B1B200000000"),
        (["10D6000002A1A2", "10D6880101B1", "00D6880101B2"], "00B1B2000000"),
        (["10200000023344", "10D6000001B1", "00D6000001B2"], "B1B200000000"),
        // Back again: what the first part brought is gone.
        (["10D6000002A1A2", "10D6000101B1", "00D6000001B2"], "B20000000000"),
    ] {
        let mut desk = begin();
        for part in parts {
            assert_eq!(desk.send(part), "9000", "{parts:?} {part}");
        }
        assert_eq!(content(&mut desk), written, "{parts:?}");
    }
}

#[test]
fn iso_5_3_3_a_command_between_the_parts_ends_the_chain() {
    for between in ["00B0000001", "0084000008", "00A4000002EF08", "00200000", "00D6000301AA"] {
        let mut desk = begin();
        assert_eq!(desk.send("10D6000002A1A2"), "9000");
        desk.follow(between);
        assert_eq!(desk.send("00D6000401EE"), "9000");
        let written = if between == "00D6000301AA" { "000000AAEE00" } else { "00000000EE00" };
        assert_eq!(content(&mut desk), written, "{between}");
    }
}

#[test]
fn iso_5_3_3_a_part_on_another_channel_is_of_another_chain() {
    let mut desk = begin();
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send("10D6000002A1A2"), "9000");
    assert_eq!(desk.send("01D6000001BB"), "6986", "alone, and there is no current file");
    assert_eq!(desk.send("11D6000001CC"), "9000");
    assert_eq!(desk.send("00D6000001A3"), "9000");
    assert_eq!(content(&mut desk), "A1A2A3000000");
}

#[test]
fn iso_5_3_3_reset_and_power_off_forget_the_chain() {
    for power in [false, true] {
        let mut open = begin();
        assert_eq!(open.send("10D6000002A1A2"), "9000");
        if power {
            open.card.power_off();
            open.card.power_on().expect("power");
        } else {
            open.card.reset().expect("power");
        }
        let mut desk = desk(open);
        assert_eq!(desk.send("00D6000001BB"), "9000");
        assert_eq!(content(&mut desk), "BB0000000000");
    }
}

#[test]
fn iso_5_3_3_chains_end_at_65535_bytes() {
    let part = format!("10D60000FF{}", "5A".repeat(255));
    for (last, answer) in [("00D60000", "6700"), ("00D6000001AA", "6700"), ("10D6000001AA", "6700")]
    {
        let mut desk = begin();
        for _ in 0..257 {
            assert_eq!(desk.send(&part), "9000");
        }
        assert_eq!(desk.send(last), answer, "{last}: 65,535 bytes, the file has 4,096");
        assert_eq!(desk.send("00D6000001AA"), "9000", "the chain is over");
        assert_eq!(content(&mut desk), "AA0000000000");
    }
}

#[test]
fn iso_5_3_3_a_refused_chain_leaves_nothing_behind() {
    let mut desk = begin();
    // It runs past the end: 4,095 and two bytes.
    assert_eq!(desk.send("10D60FFF01A1"), "9000");
    assert_eq!(desk.send("00D60FFF01A2"), "6700");
    assert_eq!(desk.data("00B00FFF01"), "00");
    assert_eq!(desk.send("00D60FFF01A3"), "9000", "alone");
    assert_eq!(desk.data("00B00FFF01"), "A3");
}

#[test]
fn iso_5_3_3_a_protected_command_is_not_chained() {
    let mut desk = begin();
    for (class, answer) in [("14", "6884"), ("94", "6E00")] {
        assert_eq!(desk.send(&format!("{class}D6000006A1A200000000")), answer, "{class}");
    }
    assert_eq!(content(&mut desk), "000000000000");
}

#[test]
fn iso_5_3_3_manage_channel_and_get_response_are_no_end_of_another_chain() {
    let mut desk = begin();
    assert_eq!(desk.send("10D6000002A1A2"), "9000");
    assert_eq!(desk.send("0070000001"), "019000", "alone: no data is wrong with it");
    assert_eq!(desk.send("00D6000201BB"), "9000");
    assert_eq!(content(&mut desk), "0000BB000000");
}
