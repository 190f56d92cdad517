//! §2.4, §2.5 and §2.12: updates, plain and protected, and the life cycle.

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

const PIN: &str = "0020000003123456";
const STK: u8 = 0x02;
const UK_SSSE: u8 = 0x04;
const BK: u8 = 0x05;
const STK_OF_APPLICATION: u8 = 0x82;
const MF: &str = "00A40000023F00";

fn selected(profile: &str) -> Desk {
    let mut desk = Desk::t0(profile);
    desk.data(SELECT_SSSE);
    desk
}

/// A card that may update the environment's files.
fn updating(profile: &str) -> Desk {
    let mut desk = selected(profile);
    assert_eq!(desk.authenticate("SSSE", UK_SSSE), "9000");
    desk
}

/// A card with `application` selected, the PIN verified and its key `id` authenticated.
fn updating_in(application: &str, id: u8) -> Desk {
    let mut desk = selected("gen3");
    desk.all_ok(&[PIN, &format!("00A4000002{application}")]);
    assert_eq!(desk.authenticate(application, id), "9000");
    desk
}

#[test]
fn spec_2_4_update_by_identifier() {
    let mut desk = updating("gen2");
    let name = format!("091EC0EEB2E2{}", "00".repeat(26));
    assert_eq!(desk.send("00A4000002EF06"), "9000");
    assert_eq!(desk.send(&format!("00DC090020{name}")), "9000");
    assert_eq!(desk.data("00B2090020"), name);
    assert_eq!(desk.send("00DC0A30030A0139"), "9000");
    assert_eq!(desk.data("00B20A3003"), "0A0139");
}

#[test]
fn spec_2_4_update_by_number() {
    let mut desk = updating("gen2");
    desk.data("00A4000002EF06");
    let record = format!("0812{}", hex(b"99990119800101001X"));
    assert_eq!(desk.send(&format!("00DC010414{record}")), "9000");
    assert_eq!(desk.data("00B2080014"), record);
    assert_eq!(desk.send("00DC0434030A0139"), "9000");
    assert_eq!(desk.data("00B2043403"), "0A0139");
}

#[test]
fn spec_2_4_update_outlives_power_off() {
    let mut desk = updating("gen2");
    assert_eq!(desk.send("00DC0A30030A0139"), "9000");
    desk.card.power_off();
    desk.card.power_on().expect("power");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.data("00B20A3003"), "0A0139");
}

#[test]
fn spec_2_4_length_that_does_not_match_the_data_6a85() {
    let mut desk = updating("gen2");
    for update in ["00DC0A30030A0239", "00DC0A30040A013900", "00DC0434030A0239"] {
        assert_eq!(desk.send(update), "6A85", "{update}");
    }
}

#[test]
fn spec_2_4_record_that_is_not_there_is_appended() {
    let extension = format!("4E14{}", "41".repeat(20));
    for place in ["4E30", "0734"] {
        let mut desk = updating("gen1");
        assert_eq!(desk.send(&format!("00DC{place}16{extension}")), "9000", "{place}");
        assert_eq!(desk.data("00B2073416"), extension);
        assert_eq!(desk.data("00B24E3016"), extension);
        assert_eq!(desk.data("00B201355B").len(), 2 * 0x5B);
    }
}

#[test]
fn spec_2_4_no_room_6a84() {
    let mut desk = updating("gen2");
    assert_eq!(desk.send("00DC5130035101FF"), "6A84");
    assert_eq!(desk.send("00DC4E30024E00"), "9000");
    assert_eq!(desk.send("00DC5130035101FF"), "9000");
    assert_eq!(desk.data("00B2083403"), "5101FF");
    assert_eq!(desk.send(&format!("00DC513015{}{}", "5113", "00".repeat(19))), "6A84");
    assert_eq!(desk.data("00B2083403"), "5101FF");
}

#[test]
fn spec_2_4_cyclic_file_keeps_the_newest_records() {
    let mut desk = updating_in("DF02", 0x89);
    desk.data("00A4000002EF16");
    assert_eq!(desk.send("00B2010412"), "6A83");
    let record = |byte: u8| hex(&[byte; 0x12]);
    for byte in 1..=5 {
        assert_eq!(desk.send(&format!("00DC000312{}", record(byte))), "9000");
    }
    for (number, byte) in (1..=4).zip([5, 4, 3, 2]) {
        assert_eq!(desk.data(&format!("00B2{number:02X}0412")), record(byte));
    }
    assert_eq!(desk.send("00B2050412"), "6A83");
    assert_eq!(desk.send(&format!("00DC000311{}", &record(6)[2..])), "6700");
}

#[test]
fn spec_2_4_cyclic_records_are_added_by_number_1_as_seen_in_the_field() {
    let mut desk = updating_in("DF04", 0x86);
    desk.data("00A4000002EF15");
    assert_eq!(desk.send("00DC010403000131"), "9000");
    assert_eq!(desk.send("00DC010403000232"), "9000");
    assert_eq!(desk.data("00B2010403"), "000232");
    assert_eq!(desk.data("00B2020403"), "000131");
    assert_eq!(desk.send("00DC020403000939"), "9000");
    assert_eq!(desk.data("00B2020403"), "000939");
    assert_eq!(desk.send("00B2030403"), "6A83");
}

#[test]
fn spec_1_7_fixed_records_of_df03() {
    let mut desk = updating_in("DF03", 0x8D);
    desk.data("00A4000002EF19");
    let record = format!("79271803333130{}", &desk.data("00B2020429")[14..]);
    assert_eq!(desk.send(&format!("00DC020429{record}")), "9000");
    assert_eq!(desk.data("00B2020429"), record);
    assert!(desk.data("00B2010429").starts_with("79271803000000"));
    assert_eq!(desk.send("00DC0204057903180130"), "6700");
}

#[test]
fn spec_2_4_update_errors() {
    let mut desk = updating("gen2");
    assert_eq!(desk.send("00DC020003020132"), "6986");
    assert_eq!(desk.send("00DC025003020132"), "6A82");
    assert_eq!(desk.send("00DC023803020132"), "6981");
    assert_eq!(desk.send("00DC022F03020132"), "6A86");
    assert_eq!(desk.send("00D685000100"), "6981");
    assert_eq!(desk.send("00A4000002DF01"), "610A");
    assert_eq!(desk.send("00DC20280420023130"), "6982");
}

#[test]
fn spec_2_4_protected_update_under_stk() {
    for profile in ["gen2", "gen3"] {
        let mut desk = updating(profile);
        desk.data("00A4000002EF05");
        let update = desk.protect("SSSE", STK, "04DC0200", &bytes("020132"));
        assert!(update.starts_with("04DC020007020132"));
        assert_eq!(desk.send(&update), "9000");
        assert_eq!(desk.data("00B2020003"), "020132");
    }
}

#[test]
fn spec_2_4_protected_update_under_the_key_of_the_application() {
    for profile in ["gen2", "gen3"] {
        let mut desk = selected(profile);
        desk.all_ok(&[PIN, "00A4000002DF01"]);
        assert_eq!(desk.authenticate("DF01", 0x83), "9000");
        let record = bytes("20023130");
        let wrong = desk.protect("SSSE", STK, "04DC2028", &record);
        assert_eq!(desk.send(&wrong), "6988");
        let right = desk.protect("DF01", STK_OF_APPLICATION, "04DC2028", &record);
        assert_eq!(desk.send(&right), "9000");
        assert_eq!(desk.data("00B2202804"), "20023130");
    }
}

#[test]
fn spec_2_4_protected_update_errors() {
    let mut desk = selected("gen2");
    let update = desk.protect("SSSE", STK, "04DC0228", &bytes("020132"));
    assert_eq!(desk.send(&update), "6982");
    assert_eq!(desk.authenticate("SSSE", UK_SSSE), "9000");
    assert_eq!(desk.send(&update), "6984");
    let update = desk.protect("SSSE", STK, "04DC0228", &bytes("020132"));
    let tampered = update.replacen("020132", "020134", 1);
    assert_eq!(desk.send(&tampered), "6988");
    assert_eq!(desk.send(&update), "6984");
    assert_eq!(desk.data("00B2022803"), "020133");
}

#[test]
fn spec_2_16_mac_over_lc_without_the_mac_6988() {
    for profile in ["gen2", "gen3"] {
        let mut desk = updating(profile);
        let challenge = desk.challenge();
        let input = bytes("04DC022803020132");
        let mac = desk.session("SSSE", STK, &challenge).mac(&input);
        assert_eq!(desk.send(&format!("04DC022807020132{}", hex(&mac))), "6988");
    }
}

#[test]
fn spec_2_5_protected_update_binary() {
    for profile in ["gen2", "gen3"] {
        let mut desk = updating(profile);
        assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
        desk.data("00A4000002EF07");
        let update = desk.protect("SSSE", STK, "04D60010", &bytes("A1A2A3"));
        assert_eq!(desk.send(&update), "9000");
        assert_eq!(desk.data("00B0000F05"), "00A1A2A300");
        assert_eq!(desk.send("04D6001007A1A2A300000000"), "6984");
    }
}

#[test]
fn spec_2_12_application_block_is_permanent() {
    for profile in ["gen2", "gen3"] {
        let mut desk = selected(profile);
        assert_eq!(desk.authenticate("SSSE", BK), "9000");
        let block = desk.protect("SSSE", STK, "841E0001", &[]);
        assert!(block.starts_with("841E000104"));
        assert_eq!(desk.send(&block), "9000");
        for command in [PIN, "0084000008", "00B2012812", "0020000000", "0044000000", SELECT_SSSE] {
            assert_eq!(desk.send(command), "9303", "{command}");
        }
        desk.card.power_off();
        desk.card.power_on().expect("power");
        assert_eq!(desk.send(SELECT_SSSE), "9303");
        assert_eq!(desk.send("00A4000002DDF1"), "9303");
        assert_eq!(desk.send("00A4040006D15600000500"), "9303");
        assert_eq!(desk.data(MF), "6F00");
    }
}

#[test]
fn spec_2_12_card_block_answers_6a81_to_everything() {
    for profile in ["gen2", "gen3"] {
        let mut desk = selected(profile);
        assert_eq!(desk.authenticate("SSSE", BK), "9000");
        let block = desk.protect("SSSE", STK, "84160000", &[]);
        assert!(block.starts_with("8416000004"));
        assert_eq!(desk.send(&block), "9000");
        for command in [MF, SELECT_SSSE, PIN, "0084000008", "00B2012812", "00C0000000"] {
            assert_eq!(desk.send(command), "6A81", "{command}");
        }
        desk.card.power_off();
        assert!(desk.card.power_on().is_ok());
        assert_eq!(desk.send(SELECT_SSSE), "6A81");
        assert_eq!(desk.send(MF), "6A81");
    }
}

#[test]
fn spec_2_12_blocking_needs_bk_a_challenge_and_a_mac() {
    for header in ["841E0001", "84160000"] {
        let mut desk = selected("gen3");
        let block = desk.protect("SSSE", STK, header, &[]);
        assert_eq!(desk.send(&block), "6982");
        assert_eq!(desk.authenticate("SSSE", BK), "9000");
        assert_eq!(desk.send(&block), "6984");
        desk.challenge();
        assert_eq!(desk.send(&format!("{header}0400000000")), "6988");
        let block = desk.protect("SSSE", BK, header, &[]);
        assert_eq!(desk.send(&block), "6988");
        assert_eq!(desk.send(PIN), "9000");
    }
}

/// A deactivated card, just powered, with the environment selected.
fn deactivated() -> Desk {
    let mut desk = updating("gen3");
    assert_eq!(desk.send("00040000"), "9000");
    desk.card.power_off();
    desk.card.power_on().expect("power");
    assert_eq!(desk.send(SELECT_SSSE), "6283");
    desk
}

#[test]
fn spec_2_12_deactivation_needs_uk_ssse() {
    let mut desk = selected("gen3");
    assert_eq!(desk.send("00040000"), "6982");
    assert_eq!(desk.send("00440000"), "6982");
    let mut desk = deactivated();
    assert_eq!(desk.send("00440000"), "6982");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    assert_eq!(desk.send("00440000"), "6982");
}

#[test]
fn spec_2_12_activation_brings_everything_back() {
    let mut desk = deactivated();
    assert_eq!(desk.authenticate("SSSE", UK_SSSE), "9000");
    assert_eq!(desk.send("00440000"), "9000");
    desk.all_ok(&[PIN, "00A4000002DF01", "00B2202804"]);
    desk.card.power_off();
    desk.card.power_on().expect("power");
    assert_eq!(desk.send(SELECT_SSSE), "611E");
}

#[test]
fn spec_8_13_t0_deactivated_answers_6283_at_once_and_keeps_the_fci() {
    let fci = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103";
    let mut desk = deactivated();
    assert_eq!(desk.send("00C000001E"), format!("{fci}9000"));
    let mut desk = Desk::t1("gen3");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.authenticate("SSSE", UK_SSSE), "9000");
    assert_eq!(desk.send("00040000"), "9000");
    assert_eq!(desk.send(&format!("{SELECT_SSSE}00")), format!("{fci}6283"));
}

#[test]
fn spec_2_12_deactivated_still_works() {
    let mut desk = deactivated();
    assert_eq!(desk.status("00B2012812"), "9000");
    assert_eq!(desk.send("00A4020002EF05"), "9000");
    assert_eq!(desk.status("00B2010540"), "9000");
    assert_eq!(desk.status("0084000008"), "9000");
    let data = "00".repeat(16);
    assert_eq!(desk.status(&format!("0088000010{data}")), "9000");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    assert_eq!(desk.fail_authentication(0x06), "63C2");
}

#[test]
fn spec_2_12_deactivated_refuses_everything_else_with_6985() {
    let mut desk = deactivated();
    for id in [0x0A, UK_SSSE, BK, 0x06] {
        assert_eq!(desk.authenticate("SSSE", id), "9000");
    }
    for command in [
        "00A4000002DF01",
        "00A4040006D15600000500",
        "00A4020002EF06",
        "00A4020002EF07",
        "00A4020002EF1E",
        "00B2083014",
        "00B201F41A",
        "00B0870001",
        "00D687000100",
        "00DC022803020132",
        PIN,
        "0020000000",
        "805E010007123456FF222222",
        "842400000400000000",
        "842400010400000000",
        "841E00010400000000",
        "841600000400000000",
        "00040000",
    ] {
        assert_eq!(desk.send(command), "6985", "{command}");
    }
}
