//! §2.1, §2.2 and §2.4 at their limits: record numbers, short identifiers, the record pointer, and what
//! a refused command must not do.

use crate::harness::{Desk, SELECT_SSSE};

/// EF05 of the environment, seven records, is current and its first record was read.
fn at_first() -> Desk {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE, "00A4000002EF05", "00B2010012"]);
    desk
}

#[test]
fn spec_2_2_record_numbers_from_1_to_the_last() {
    let mut desk = at_first();
    assert_eq!(desk.send("00B207040B").len(), 2 * 11 + 4);
    for read in ["00B208040B", "00B2FF040B", "00B2FE040B", "00B208050B", "00B208060B"] {
        assert_eq!(desk.send(read), "6A83", "{read}");
    }
    assert_eq!(desk.send("00B201040B"), "6C12", "the first");
}

#[test]
fn spec_2_2_record_00_is_the_current_one() {
    let mut desk = at_first();
    assert_eq!(desk.send("00B2020003"), "0201339000");
    assert_eq!(desk.send("00B2000403"), "0201339000");
    assert_eq!(desk.send("00B200041B"), "6C03");
    desk.all_ok(&["00A4000002EF05"]);
    assert_eq!(desk.send("00B2000412"), "6A83", "a file that was selected has no current record");
}

#[test]
fn spec_2_2_next_and_previous_end_at_the_ends() {
    let mut desk = at_first();
    assert_eq!(desk.send("00B2000312"), "6A83", "before the first");
    assert_eq!(desk.send("00B2000203"), "0201339000", "the pointer has not moved");
    desk.all_ok(&["00B207000B"]);
    assert_eq!(desk.send("00B200020B"), "6A83", "behind the last");
    assert_eq!(desk.data("00B2000300").len(), 2 * 6, "the sixth, the pointer has not moved");
    // Without a current record, next is the first and previous the last.
    desk.all_ok(&["00A4000002EF05"]);
    assert_eq!(desk.send("00B200020B"), "6C12");
    assert_eq!(desk.send("00B200030B").len(), 2 * 11 + 4);
}

#[test]
fn spec_2_2_a_refused_read_leaves_file_and_record() {
    for (read, answer) in [
        ("00B2080412", "6A83"),
        ("00B2000312", "6A83"),
        ("00B2770012", "6A83"),
        ("00B2015412", "6A82"),
        ("00B2010712", "6A86"),
        ("00B201FC12", "6A86"),
        ("00B2010401AA12", "6700"),
        ("00B2010400", "6C12"),
        ("00B2010500", "6C40"),
        ("00B2013C12", "6981"),
        ("80B2010412", "6E00"),
    ] {
        let mut desk = at_first();
        assert_eq!(desk.send(read), answer, "{read}");
        assert_eq!(desk.send("00B2000203"), "0201339000", "{read}: the second is the next");
    }
}

#[test]
fn spec_2_2_a_refused_read_of_another_file_does_not_make_it_current() {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE, "00A4000002EF05", "00B2010012"]);
    // EF06 is closed without RK_SSSE.
    assert_eq!(desk.send("00B2013414"), "6982");
    assert_eq!(desk.send("00B2000203"), "0201339000");
    // The other file at its first record: the pointer of the first file is gone.
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00B2083014"]);
    assert_eq!(desk.data("00B2000200").len(), 2 * 32, "the name");
}

#[test]
fn spec_2_2_the_record_pointer_of_one_file_says_nothing_of_another() {
    let mut desk = at_first();
    desk.all_ok(&["00B2020003"]);
    // The first of EF06, 20 bytes; its third would be another.
    assert_eq!(desk.send("00B2003214").len(), 2 * 20 + 4, "next");
    desk.all_ok(&["00B2022803"]);
    assert_eq!(desk.send("00B2003306"), desk.clone().send("00B2073406"), "previous is the last");
    let mut desk = at_first();
    assert_eq!(desk.send("00B2003414"), "6A83", "no current record in EF06");
}

#[test]
fn spec_2_2_short_identifiers_1_to_30() {
    let mut desk = at_first();
    for sfi in 1..=31_u8 {
        let answer = desk.send(&format!("00B201{:02X}FF", sfi << 3 | 4));
        let expected = match sfi {
            0x05 => "6C12",
            0x06 => "6C14",
            0x07 | 0x08 => "6981",
            0x1E => "6C1A",
            31 => "6A86",
            _ => "6A82",
        };
        assert_eq!(answer, expected, "{sfi:02X}");
    }
}

#[test]
fn a7_access_by_number_does_not_move_the_record_pointer() {
    for mode in ["04", "05", "06"] {
        let mut desk = at_first();
        desk.data(&format!("00B202{mode}00"));
        assert_eq!(desk.send("00B2000203"), "0201339000", "{mode}: the second is still the next");
    }
    // Both by number 7 are the last one alone.
    let mut desk = at_first();
    let last = desk.data("00B2070400");
    assert_eq!(desk.data("00B2070500"), last);
    assert_eq!(desk.data("00B2070600"), last);
}

/// A card that may update the environment's files, EF05 is current.
fn updating() -> Desk {
    let mut desk = at_first();
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    desk
}

#[test]
fn spec_2_4_a_refused_update_changes_nothing_and_moves_nothing() {
    let mut desk = updating();
    let before = desk.card.image();
    for (update, answer) in [
        ("00DC020403020134".to_owned(), "9000"),
        ("00DC0204020201".to_owned(), "6A85"),
        ("00DC02040402013333".to_owned(), "6A85"),
        ("00DC020403030133".to_owned(), "6A80"),
        ("00DC030003020133".to_owned(), "6A80"),
        ("00DC02050302013A".to_owned(), "6A86"),
        ("00DC02060302013A".to_owned(), "6A86"),
        ("00DC02070302013A".to_owned(), "6A86"),
        ("00DC02540302013A".to_owned(), "6A82"),
        ("00DC023C0302013A".to_owned(), "6981"),
        (format!("00DC0204FF02FD{}", "55".repeat(253)), "6A84"),
        ("00DC0204".to_owned(), "6700"),
    ] {
        let mut one = desk.clone();
        assert_eq!(one.send(&update), answer, "{update}");
        if answer != "9000" {
            assert_eq!(one.card.image(), before, "{update}");
            assert_eq!(one.send("00B2000203"), "0201339000", "{update}: the pointer");
        }
    }
    assert_eq!(desk.send("00DC020403020134"), "9000");
    assert_eq!(desk.data("00B2000400").len(), 2 * 18, "by number it moves no pointer");
    assert_eq!(desk.send("00DC020003020134"), "9000");
    assert_eq!(desk.send("00B2000403"), "0201349000", "by identifier it does");
}

#[test]
fn spec_2_4_cyclic_records_are_numbered_from_the_newest_and_the_oldest_goes() {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456", "00A4000002DF02"]);
    assert_eq!(desk.authenticate("DF02", 0x89), "9000", "UK6");
    desk.all_ok(&["00A4000002EF16"]);
    let record = |number: u8| format!("{number:02X}").repeat(0x12);
    let records = desk.card.inspect();
    let file = records.iter().flat_map(|df| &df.files).find(|file| file.path == "DF02/EF16");
    let sscard_core::Structure::Cyclic { records, length } = file.expect("EF16").structure else {
        panic!("not cyclic")
    };
    assert_eq!(length, 0x12);
    for number in 1..=records + 1 {
        assert_eq!(desk.send(&format!("00DC000312{}", record(number))), "9000", "{number}");
        assert_eq!(desk.send("00B2010412"), format!("{}9000", record(number)));
        let held = number.min(records);
        let oldest = number + 1 - held;
        assert_eq!(desk.send(&format!("00B2{held:02X}0412")), format!("{}9000", record(oldest)));
        assert_eq!(desk.send(&format!("00B2{:02X}0412", held + 1)), "6A83", "{number}");
    }
    let before = desk.card.image();
    for update in ["00DC000311", "00DC000313"] {
        let length = usize::from_str_radix(&update[8..], 16).expect("hex");
        assert_eq!(desk.send(&format!("{update}{}", "EE".repeat(length))), "6700", "{update}");
    }
    assert_eq!(desk.card.image(), before);
}

#[test]
fn spec_2_1_a_refused_selection_leaves_df_file_record_challenge_and_keys() {
    for (select, answer) in [
        ("00A4000002DF09", "6A82"),
        ("00A40000020000", "6A82"),
        ("00A4000001DF", "6700"),
        ("00A4000003DF0100", "6700"),
        ("00A4040004D1560000", "6700"),
        ("00A4040011D156000005000102030405060708090A0B", "6700"),
        ("00A4040006D156000005FF", "6A82"),
        ("00A4010006D15600000501", "6700"),
        ("00A4040106D15600000501", "6A86"),
        ("00A4040306D15600000501", "6A86"),
        ("00A4040406D15600000501", "6A86"),
        ("00A4000202DF02", "6A86"),
        ("00A4050002DF02", "6A86"),
        ("00A4070002DF02", "6A86"),
        ("00A40A0002DF02", "6A86"),
        ("00A4080003DDF1DF", "6700"),
        ("00A4080004DDF1DF09", "6A82"),
        ("00A4080004DF09DF01", "6A82"),
        ("00A4090002DF09", "6A82"),
        ("00A4030002DF02", "6A86"),
        ("80A4000002DF02", "6E00"),
    ] {
        let mut desk = Desk::t0("gen2");
        desk.all_ok(&[SELECT_SSSE]);
        assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
        desk.all_ok(&["00A4000002EF05", "00B2010012"]);
        let challenge = desk.challenge();
        let said = desk.status(select);
        assert_eq!(said, answer, "{select}");
        let data = desk.session("SSSE", 0x0A, &challenge);
        let data = crate::harness::hex(&data.authentication_data(&crate::harness::ORIGINAL));
        let original = crate::harness::hex(&crate::harness::ORIGINAL);
        assert_eq!(desk.send(&format!("0082000A10{data}{original}")), "9000", "{select}");
        assert_eq!(desk.send("00B2000203"), "0201339000", "{select}");
        assert_eq!(desk.send("00DC020403020133"), "9000", "{select}");
    }
}

#[test]
fn spec_2_1_df_names_of_5_to_16_bytes() {
    let mut desk = Desk::t0("gen3");
    let name = &SELECT_SSSE[10..];
    for length in [5_usize, 6, 14, 15] {
        let select = format!("00A40400{length:02X}{}", &name[..2 * length]);
        assert_eq!(desk.status(&select), "9000", "{select}");
    }
    assert_eq!(desk.status(&format!("00A4040010{name}00")), "6A82", "16 bytes are a name");
    assert_eq!(desk.status(&format!("00A4040004{}", &name[..8])), "6700");
    assert_eq!(desk.status(&format!("00A4040011{name}0000")), "6700");
    assert_eq!(desk.status("00A40400"), "6700", "no name at all");
}

#[test]
fn spec_2_12_another_command_forgets_what_waits_for_get_response() {
    for between in ["0084000008", "00B2010012", "00A4000002EF05", "00200000", "00B2", "FF000000"] {
        let mut desk = Desk::t0("gen3");
        assert_eq!(desk.send(SELECT_SSSE), "611E");
        desk.send(between);
        let answer = desk.send("00C000001E");
        // What is refused before its channel is looked at leaves the answer where it is.
        let waits = matches!(between, "00B2" | "FF000000");
        assert_eq!(answer == "6F00", !waits, "{between}: {answer}");
    }
}

#[test]
fn spec_2_12_get_response_of_more_than_waits() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send(SELECT_SSSE), "611E");
    for le in ["1F", "FF", "00"] {
        assert_eq!(desk.send(&format!("00C00000{le}")), "6C1E", "{le}");
    }
    for command in ["00C001001E", "00C000011E"] {
        assert_eq!(desk.send(command), "6A86", "{command}");
    }
    assert!(desk.send("00C000001E").ends_with("9000"), "all of it waits still");
}
