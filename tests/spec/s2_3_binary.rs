//! §2.3 and §2.5: READ BINARY and UPDATE BINARY at the edges of a file, Le 00, what is refused.

use crate::harness::{Desk, SELECT_SSSE};

/// EF08 of the environment, 4,096 bytes of which each says where it stands, is current.
fn desk(mut desk: Desk) -> Desk {
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00A4000002EF08"]);
    for offset in (0..0x1000).step_by(0x80) {
        let content = bytes(offset, 0x80);
        desk.all_ok(&[&format!("00D6{offset:04X}80{content}")]);
    }
    desk
}

/// What stands in the file.
fn bytes(from: usize, count: usize) -> String {
    (from..from + count).map(|at| format!("{:02X}", (at ^ (at >> 8)) & 0xFF)).collect()
}

#[test]
fn spec_2_3_le_00_is_256_bytes() {
    for mut desk in [desk(Desk::t0("gen3")), desk(Desk::t1("gen3"))] {
        for offset in [0, 1, 0x0E00, 0x0F00] {
            let answer = desk.send(&format!("00B0{offset:04X}00"));
            assert_eq!(answer, format!("{}9000", bytes(offset, 256)), "{offset:04X}");
        }
        assert_eq!(desk.send("00B0880500"), format!("{}9000", bytes(5, 256)));
        assert_eq!(desk.send("00B0000001"), format!("{}9000", bytes(0, 1)));
        assert_eq!(desk.send("00B00000FF"), format!("{}9000", bytes(0, 255)));
    }
}

#[test]
fn spec_2_3_t0_le_beyond_the_end_is_6cxx_and_changes_nothing() {
    let mut desk = desk(Desk::t0("gen3"));
    for (read, answer) in [
        ("00B00F0100", "6CFF"),
        ("00B00F01FF", "9000"),
        ("00B00FFF00", "6C01"),
        ("00B00FFF02", "6C01"),
        ("00B00FF011", "6C10"),
        ("00B00FF010", "9000"),
        ("00B00FF00F", "9000"),
    ] {
        let said = desk.send(read);
        assert_eq!(said[said.len() - 4..], *answer, "{read}");
        assert_eq!(said.len() == 4, answer != "9000", "{read}: {said}");
    }
    // Without Le, T=0 asks for 256 bytes.
    assert_eq!(desk.send("00B00F00"), format!("{}9000", bytes(0xF00, 256)));
}

#[test]
fn spec_2_3_t1_le_beyond_the_end_gives_what_is_there() {
    let mut desk = desk(Desk::t1("gen3"));
    for (read, offset, count) in [
        ("00B00F0100", 0xF01, 255),
        ("00B00FFF00", 0xFFF, 1),
        ("00B00FFF02", 0xFFF, 1),
        ("00B00FF00F", 0xFF0, 15),
        ("00B00FF011", 0xFF0, 16),
    ] {
        assert_eq!(desk.send(read), format!("{}9000", bytes(offset, count)), "{read}");
    }
}

#[test]
fn spec_2_3_offsets_up_to_the_last_byte_and_no_further() {
    for mut desk in [desk(Desk::t0("gen3")), desk(Desk::t1("gen3"))] {
        assert_eq!(desk.send("00B00FFF01"), format!("{}9000", bytes(0xFFF, 1)));
        for read in ["00B0100000", "00B0100001", "00B0100101", "00B07FFF01"] {
            assert_eq!(desk.send(read), "6B00", "{read}");
        }
        // By short identifier the offset is one byte: EF16 of DF01 has 128h bytes, free to read.
        desk.all_ok(&["00A4000002DF01"]);
        assert_eq!(desk.send("00B096FF01"), "009000");
        assert_eq!(desk.send("00B0012701"), "009000");
        assert_eq!(desk.send("00B0012801"), "6B00");
    }
}

#[test]
fn spec_2_3_short_identifiers_1_to_30_and_the_bits_beside_them() {
    let mut desk = desk(Desk::t0("gen3"));
    for (read, answer) in [
        ("00B0810001", "6A82"),
        ("00B09D0001", "6A82"),
        // SFI 1E is the directory of records.
        ("00B09E0001", "6981"),
        ("00B0800001", "6A86"),
        ("00B09F0001", "6A86"),
        ("00B0A80001", "6A86"),
        ("00B0C80001", "6A86"),
        ("00B0E80001", "6A86"),
        ("00B000000201AA01", "6700"),
    ] {
        assert_eq!(desk.send(read), answer, "{read}");
    }
    for update in ["00D6800001AA", "00D69F0001AA", "00D6A80001AA"] {
        assert_eq!(desk.send(update), "6A86", "{update}");
    }
    assert_eq!(
        desk.send("00B0000002"),
        format!("{}9000", bytes(0, 2)),
        "the file is still current"
    );
}

#[test]
fn spec_2_3_a_refused_read_moves_no_file_and_no_record() {
    let mut desk = desk(Desk::t0("gen3"));
    desk.all_ok(&["00A4000002EF05", "00B2010012"]);
    for (read, answer) in [("00B0880F00", "9000"), ("00B0870000", "9000")] {
        // What succeeds moves the current file…
        let mut moved = desk.clone();
        assert!(moved.send(read).ends_with(answer), "{read}");
        assert_eq!(moved.send("00B2010012"), "6981", "{read}");
    }
    for (read, answer) in [
        ("00B0810001", "6A82"),
        ("00B0850001", "6981"),
        ("00B0800001", "6A86"),
        ("00B201340000", "6700"),
        ("00B0000001", "6981"),
        ("00B0870002AABB", "6700"),
    ] {
        assert_eq!(desk.send(read), answer, "{read}");
    }
    // …and what is refused does not: the second record is the next.
    assert_eq!(desk.send("00B2000203"), "0201339000");
}

#[test]
fn spec_2_3_6cxx_leaves_the_current_file_as_it_was() {
    let mut desk = desk(Desk::t0("gen3"));
    desk.all_ok(&["00A4040006D15600000500", "00B0960004"]);
    assert_eq!(desk.send("00B0972800").len(), 2 * 256 + 4);
    assert_eq!(desk.send("00B0972900"), "6CFF");
    desk.all_ok(&["00A4000002DDF1", "00A4000002EF05", "00B2010012"]);
    assert_eq!(desk.send("00B2000200"), "6C03");
    assert_eq!(desk.send("00B2000200"), "6C03", "the pointer has not moved");
    assert_eq!(desk.send("00B2000203"), "0201339000");
}

#[test]
fn spec_2_5_updates_up_to_the_last_byte_and_no_further() {
    let mut desk = desk(Desk::t0("gen3"));
    for (update, answer) in [
        ("00D60FFF01A1", "9000"),
        ("00D60FFF02A2A2", "6700"),
        ("00D60FFE02A3A3", "9000"),
        ("00D60FFE03A4A4A4", "6700"),
        ("00D6100001A5", "6B00"),
        ("00D6100101A5", "6B00"),
        ("00D60000", "6700"),
        ("00D60FFF", "6700"),
        ("00D6850001A6", "6981"),
        ("00D6810001A6", "6A82"),
    ] {
        assert_eq!(desk.send(update), answer, "{update}");
    }
    assert_eq!(desk.data("00B00FFC04"), format!("{}A3A3", bytes(0xFFC, 2)));
    assert_eq!(desk.data("00B0000004"), bytes(0, 4));
    let longest = format!("00D60000FF{}", "77".repeat(255));
    assert_eq!(desk.send(&longest), "9000");
    assert_eq!(desk.data("00B000FE02"), format!("77{}", bytes(0xFF, 1)));
}

#[test]
fn spec_2_5_a_refused_update_changes_nothing_and_moves_nothing() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "00A4000002EF05", "00B2010012"]);
    let before = desk.card.image();
    for (update, answer) in [
        ("00D6870001AA", "6982"),
        ("00D6880001AA", "6982"),
        ("00D6810001AA", "6A82"),
        ("00D6850001AA", "6981"),
        ("00D6000001AA", "6981"),
    ] {
        assert_eq!(desk.send(update), answer, "{update}");
    }
    assert_eq!(desk.card.image(), before);
    assert_eq!(desk.send("00B2000203"), "0201339000");
}
