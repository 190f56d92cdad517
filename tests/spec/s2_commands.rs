//! §2.1 to §2.6, §8.5, §8.13 and §8.14: selection, files, challenges, answers in pieces.

use crate::harness::{Desk, SELECT_SSSE, hex};

const PIN: &str = "0020000003123456";
const FCI: &str = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103";

fn selected(mut desk: Desk) -> Desk {
    desk.data(SELECT_SSSE);
    desk
}

/// A second-generation card on T=0 with EF05 of the environment current.
fn at_issuer_data() -> Desk {
    let mut desk = selected(Desk::t0("gen2"));
    desk.data("00A4000002EF05");
    desk
}

fn issuer_records(desk: &mut Desk) -> Vec<String> {
    (1..=7).map(|number| desk.data(&format!("00B2{number:02X}2C00"))).collect()
}

#[test]
fn spec_2_1_select_by_name_without_and_with_le() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send(SELECT_SSSE), "611E");
    assert_eq!(desk.send("00C000001E"), format!("{FCI}9000"));
    assert_eq!(desk.send(&format!("{SELECT_SSSE}00")), "611E");
}

#[test]
fn spec_8_13_t1_select_without_le_counts_as_one_of_256() {
    let mut desk = Desk::t1("gen3");
    assert_eq!(desk.send(SELECT_SSSE), format!("{FCI}9000"));
    assert_eq!(desk.send(&format!("{SELECT_SSSE}00")), format!("{FCI}9000"));
}

#[test]
fn spec_2_1_ef_by_p1_00_01_and_02() {
    for select in ["00A4000002EF05", "00A4010002EF05", "00A4020002EF05"] {
        let mut desk = selected(Desk::t0("gen2"));
        assert_eq!(desk.send(select), "9000");
        assert_eq!(desk.send("00B2020003"), "0201339000");
    }
}

#[test]
fn spec_2_1_df_by_p1_00_and_01() {
    for select in ["00A4000002DF03", "00A4010002DF03"] {
        let mut desk = selected(Desk::t0("gen2"));
        assert_eq!(desk.data(select), "6F088406D15600000502");
    }
}

#[test]
fn spec_8_13_file_identifier_finds_itself_child_sibling_and_parent() {
    let mut desk = selected(Desk::t0("gen3"));
    for (fid, fci) in [
        ("DDF1", FCI),
        ("DF01", "6F088406D15600000500"),
        ("DF01", "6F088406D15600000500"),
        ("DF04", "6F088406D15600000503"),
        ("DDF1", FCI),
    ] {
        assert_eq!(desk.data(&format!("00A4000002{fid}")), fci);
    }
    desk.data("00A4000002DF01");
    desk.data("00A4000002EF0A");
    assert_eq!(desk.send("00A4000002EF0B"), "6A82");
}

#[test]
fn spec_2_1_empty_data_and_3f00_select_the_mf() {
    for select in ["00A40000", "00A4000000", "00A40000023F00"] {
        let mut desk = selected(Desk::t0("gen3"));
        assert_eq!(desk.data(select), "6F00");
    }
}

#[test]
fn spec_2_1_partial_name_and_next_occurrence() {
    let mut desk = Desk::t0("gen3");
    let aid = |last: u8| format!("6F088406D156000005{last:02X}");
    assert_eq!(desk.data("00A4040005D156000005"), aid(0));
    for last in 1..=4 {
        assert_eq!(desk.data("00A4040205D156000005"), aid(last));
    }
    assert_eq!(desk.send("00A4040205D156000005"), "6A82");
    assert_eq!(desk.data("00A4040005D156000005"), aid(0));
    assert_eq!(desk.data("00A40400077378312E73682E"), FCI);
}

#[test]
fn spec_2_1_select_by_path() {
    let mut desk = Desk::t0("gen2");
    assert_eq!(desk.data("00A4080004DDF1DF01"), "6F088406D15600000500");
    assert_eq!(desk.send("00A4080004DDF1EF05"), "9000");
    assert_eq!(desk.send("00B2020003"), "0201339000");
    assert_eq!(desk.send("00A4090004DF01EF15"), "9000");
    assert_eq!(desk.send("00A4080004DDF1EF09"), "6A82");
}

#[test]
fn spec_2_1_select_errors() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send("00A4040004D1560000"), "6700");
    assert_eq!(desk.send(&format!("00A4040011{}", "D1".repeat(17))), "6700");
    assert_eq!(desk.send("00A4000001DF"), "6700");
    assert_eq!(desk.send("00A4000003DF0100"), "6700");
    assert_eq!(desk.send("00A4040006D15600000509"), "6A82");
    assert_eq!(desk.send("00A4000002DF09"), "6A82");
    assert_eq!(desk.send("00A4050006D15600000500"), "6A86");
    assert_eq!(desk.send("00A4040106D15600000500"), "6A86");
}

#[test]
fn spec_2_1_refused_selection_leaves_the_current_file() {
    let mut desk = at_issuer_data();
    assert_eq!(desk.send("00A4000002DF09"), "6A82");
    assert_eq!(desk.send("00B2020003"), "0201339000");
}

#[test]
fn spec_2_2_commands_seen_in_the_field() {
    let mut desk = at_issuer_data();
    let records = issuer_records(&mut desk);
    assert_eq!(desk.send("00B2010012"), format!("{}9000", records[0]));
    assert_eq!(desk.send("00B2010412"), format!("{}9000", records[0]));
    assert_eq!(desk.send("00B2010540"), format!("{}9000", records.concat()));
    assert_eq!(desk.send("00B2072C0B"), format!("{}9000", records[6]));
    assert_eq!(desk.send("00B20105FF"), "6C40");
    desk.data("00A4000002EF06");
    let all = desk.send("00B201055B");
    assert_eq!(all.len(), 2 * 0x5B + 4);
    let mut one_by_one = String::new();
    for read in [
        "00B2080014",
        "00B2090020",
        "00B24E0016",
        "00B20A0003",
        "00B20B0003",
        "00B20C0005",
        "00B20D0006",
    ] {
        let answer = desk.send(read);
        assert_eq!(answer[..2], read[4..6], "{read}");
        one_by_one += answer.strip_suffix("9000").expect("9000");
    }
    assert_eq!(one_by_one + "9000", all);
    desk.all_ok(&[PIN, "00A4000002DF03", "00A4000002EF19"]);
    let proof = desk.send("00B2790029");
    let unset = "1803000000\
                 1903FFFFFF1A04FFFFFFFF1B04FFFFFFFF1C04FFFFFFFF1D030000001E04FFFFFFFF";
    assert_eq!(proof, format!("7927{unset}9000"));
}

#[test]
fn spec_2_2_short_identifier_makes_the_file_current() {
    let mut desk = selected(Desk::t0("gen2"));
    assert_eq!(desk.send("00B2020003"), "6986");
    assert_eq!(desk.send("00B2022803"), "0201339000");
    assert_eq!(desk.send("00B2020003"), "0201339000");
}

#[test]
fn spec_2_2_all_records_from_one_to_the_last() {
    let mut desk = at_issuer_data();
    let records = issuer_records(&mut desk);
    assert_eq!(desk.data("00B2030500"), records[2..].concat());
    assert_eq!(desk.data("00B2070500"), records[6]);
}

#[test]
fn spec_2_2_all_records_from_the_last_to_one() {
    let mut desk = at_issuer_data();
    let mut records = issuer_records(&mut desk);
    records.reverse();
    assert_eq!(desk.data("00B2010600"), records.concat());
    assert_eq!(desk.data("00B2050600"), records[..3].concat());
}

#[test]
fn spec_2_2_first_last_next_and_previous_of_an_identifier() {
    let mut desk = selected(Desk::t0("gen2"));
    desk.all_ok(&["00A4000002DF01"]);
    assert_eq!(desk.authenticate("DF01", 0x89), "9000");
    desk.all_ok(&[PIN, "00A4000002EF15"]);
    let degree = |code: &str| format!("40345703{code}5803FFFFFF5928{}", "00".repeat(40));
    let codes = ["303031", "303032", "303033"];
    for (number, code) in (2..).zip(codes) {
        desk.all_ok(&[&format!("00DC{number:02X}0436{}", degree(code))]);
    }
    desk.data("00A4000002EF15");
    for code in codes {
        assert_eq!(desk.send("00B2400236"), degree(code) + "9000");
    }
    assert_eq!(desk.send("00B2400236"), "6A83");
    assert_eq!(desk.send("00B2400336"), degree(codes[1]) + "9000");
    assert_eq!(desk.send("00B2400036"), degree(codes[0]) + "9000");
    assert_eq!(desk.send("00B2400136"), degree(codes[2]) + "9000");
}

#[test]
fn spec_8_5_t0_le_other_than_the_length_answers_6cxx() {
    let mut desk = at_issuer_data();
    for (read, status) in [
        ("00B2010000", "6C12"),
        ("00B2010010", "6C12"),
        ("00B2010013", "6C12"),
        ("00B2010400", "6C12"),
        ("00B2070009", "6C0B"),
        ("00B207041B", "6C0B"),
        ("00B2070100", "6C0B"),
        ("00B2070200", "6C0B"),
        ("00B2070300", "6C0B"),
        ("00B2010500", "6C40"),
        ("00B2010612", "6C40"),
    ] {
        assert_eq!(desk.send(read), status, "{read}");
    }
}

#[test]
fn spec_8_5_lenient_card_gives_what_fits() {
    let mut desk = Desk::toml("base = \"gen2\"\nlenient_le = true");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.send("00B2022803"), "0201339000");
    assert_eq!(desk.send("00B2022802"), "02019000");
    assert_eq!(desk.send("00B2022800"), "0201339000");
}

#[test]
fn spec_8_13_t1_ne_below_the_length_is_6cxx_and_above_gives_the_data() {
    let mut desk = selected(Desk::t1("gen2"));
    assert_eq!(desk.send("00B2022802"), "6C03");
    for le in ["03", "04", "FF", "00"] {
        assert_eq!(desk.send(&format!("00B20228{le}")), "0201339000");
    }
}

#[test]
fn spec_8_13_t0_has_no_extended_length() {
    let mut desk = at_issuer_data();
    assert_eq!(desk.send("00B20104000012"), "6700");
    assert_eq!(desk.send("002000000000031234560000"), "6700");
}

#[test]
fn spec_8_13_records_beyond_256_bytes_come_as_a_chain() {
    for (df, sfi, length) in [("DF02", 5, 436), ("DF03", 6, 401)] {
        for mut desk in [Desk::t0("gen3"), Desk::t1("gen3")] {
            desk.all_ok(&[SELECT_SSSE, PIN, &format!("00A4000002{df}")]);
            let read = format!("00B201{:02X}00", sfi << 3 | 5);
            assert_eq!(desk.send(&read), "6100");
            let first = desk.send("00C0000000");
            assert_eq!(first.len(), 2 * 256 + 4);
            let rest = length - 256;
            let (first, status) = first.split_at(512);
            assert_eq!(status, format!("61{rest:02X}"));
            let second = desk.send(&format!("00C00000{rest:02X}"));
            assert_eq!(second.len(), 2 * rest + 4);
            assert!(second.ends_with("9000"));
            let records: String = (1..)
                .map(|number| desk.follow(&format!("00B2{number:02X}{:02X}00", sfi << 3 | 4)))
                .take_while(|answer| answer != "6A83")
                .map(|answer| answer.strip_suffix("9000").expect("9000").to_owned())
                .collect();
            assert_eq!(format!("{first}{second}"), records + "9000");
        }
    }
}

#[test]
fn spec_2_2_read_record_errors() {
    let mut desk = selected(Desk::t0("gen2"));
    assert_eq!(desk.send("00B2010012"), "6986");
    assert_eq!(desk.send("00B2015412"), "6A82");
    assert_eq!(desk.send("00B2082812"), "6A83");
    assert_eq!(desk.send("00B2082C12"), "6A83");
    assert_eq!(desk.send("00B2012F12"), "6A86");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    assert_eq!(desk.send("00B2013C12"), "6981");
    assert_eq!(desk.send("00A4000002DF01"), "610A");
    assert_eq!(desk.send("00B2202804"), "6982");
}

#[test]
fn spec_2_3_read_binary() {
    let mut desk = selected(Desk::t0("gen3"));
    desk.data("00A4000002DF01");
    assert_eq!(desk.authenticate("DF01", 0x8A), "9000");
    desk.all_ok(&["00A4000002EF16", "00D6000004A1A2A3A4", "00D6011808B1B2B3B4B5B6B7B8"]);
    assert_eq!(desk.send("00B0000004"), "A1A2A3A49000");
    assert_eq!(desk.send("00B0000102"), "A2A39000");
    assert_eq!(desk.send("00B0011A02"), "B3B49000");
    assert_eq!(desk.send("00B0960204"), "A3A400009000");
    desk.data("00A4000002EF17");
    assert_eq!(desk.send("00B0960004"), "A1A2A3A49000");
    assert_eq!(desk.send("00B0012801"), "6B00");
    assert_eq!(desk.send("00B0950001"), "6981");
    assert_eq!(desk.send("00B08B0001"), "6A82");
    desk.data("00A4000002DF02");
    assert_eq!(desk.send("00B0000001"), "6986");
}

#[test]
fn spec_2_5_update_binary_in_pieces_of_70h() {
    let mut desk = selected(Desk::t0("gen3"));
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.data("00A4000002EF08");
    for (offset, byte) in [(0x0000, "11"), (0x0070, "22"), (0x00E0, "33")] {
        desk.all_ok(&[&format!("00D6{offset:04X}70{}", byte.repeat(0x70))]);
    }
    assert_eq!(desk.send("00B0006F02"), "11229000");
    assert_eq!(desk.send("00B000DF02"), "22339000");
    assert_eq!(desk.send("00B0014F02"), "33009000");
    assert_eq!(desk.send("00D610000100"), "6B00");
}

#[test]
fn spec_2_6_challenge_lengths() {
    let mut desk = selected(Desk::t0("gen3"));
    for length in [4, 8, 16] {
        let answer = desk.send(&format!("00840000{length:02X}"));
        assert_eq!(answer.len(), 2 * length + 4);
        assert!(answer.ends_with("9000"));
    }
    assert_eq!(desk.send("0084000007"), "6700");
    assert_eq!(desk.send("0084010008"), "6A86");
}

#[test]
fn spec_8_14_challenges_of_two_sessions_differ_and_copies_repeat() {
    let mut desk = selected(Desk::t0("gen3"));
    let mut copy = desk.clone();
    let first = desk.challenge();
    assert_eq!(copy.challenge(), first);
    assert_ne!(hex(&desk.challenge()), hex(&first));
    desk.card.power_off();
    desk.card.power_on().expect("power");
    desk.data(SELECT_SSSE);
    assert_ne!(desk.challenge(), first);
}

#[test]
fn spec_2_12_get_response() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send("00C0000010"), "6F00");
    assert_eq!(desk.send(SELECT_SSSE), "611E");
    assert_eq!(desk.send("00C0000010"), format!("{}610E", &FCI[..32]));
    assert_eq!(desk.send("00C000000E"), format!("{}9000", &FCI[32..]));
    assert_eq!(desk.send("00C0000001"), "6F00");
}
