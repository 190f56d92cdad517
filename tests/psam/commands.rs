//! Environments, files, and every command in every wrong place.

use super::{CARD, CITY, RANDOM, SELECT_PSAM, module};
use crate::harness::{Desk, SELECT_SSSE, hex};

const DES: &str = "7378312E73682EC9E7BBE1B1A3D5CF";
const SSF33: &str = "7378322E73682EC9E7BBE1B1A3D5CF";
const SM4: &str = "7378332E73682EC9E7BBE1B1A3D5CF";

#[test]
fn an_environment_s_name_says_its_algorithm() {
    for (profile, name) in [
        ("base = \"psam-3des\"", DES),
        ("base = \"psam-sm4\"\nalgorithm = \"SSF33\"", SSF33),
        ("base = \"psam-sm4\"", SM4),
    ] {
        let mut desk = Desk::toml(profile);
        let fci = format!("6F16840F{name}A503880101");
        assert_eq!(desk.data(&format!("00A404000F{name}")), fci);
        assert_eq!(desk.data(SELECT_PSAM), "6F088406D15600000590");
        for other in [DES, SSF33, SM4].iter().filter(|other| **other != name) {
            assert_eq!(desk.send(&format!("00A404000F{other}")), "6A82");
        }
    }
}

#[test]
fn the_des_environment_is_the_mf_and_the_others_lie_in_it() {
    let mut des = Desk::t0("psam-3des");
    assert!(des.data("00A40000023F00").contains(DES));
    assert_eq!(des.status("00A4000002DF01"), "9000");
    let mut sm4 = Desk::t0("psam-sm4");
    assert!(!sm4.data("00A40000023F00").contains(SM4));
    assert!(sm4.data("00A4000002DDF1").contains(SM4));
    assert_eq!(sm4.status("00A4000002DF01"), "9000");
}

#[test]
fn a_selection_on_t0_leaves_its_data_for_get_response() {
    let mut desk = Desk::t0("psam-3des");
    assert_eq!(desk.send(SELECT_PSAM), "610A");
    assert_eq!(desk.send("00C000000A"), "6F088406D156000005909000");
}

#[test]
fn ef15_has_the_serial_ef16_the_terminal_s_number_ef18_the_counter() {
    let mut desk = Desk::t1("psam-sm4");
    desk.all_ok(&["00A4000002DDF1"]);
    // The serial of seed 7 is that of its ATR.
    let atr = desk.card.atr();
    let atr = sscard_apdu::Atr::parse(&atr).expect("ATR");
    let serial = hex(&atr.historical_bytes()[9..]);
    assert_eq!(desk.data("00B095000E"), format!("01999900000000{serial}000000"));
    assert_eq!(desk.data("00B0960006"), format!("999900{}", &serial[2..]));
    assert_eq!(&desk.data("00B2010C00")[..4], "6116", "the DIR file has a record");
    desk.all_ok(&[SELECT_PSAM]);
    assert_eq!(desk.data("00B0980004"), "00000000");
    assert_eq!(desk.data("00B0970019").len(), 50);
}

#[test]
fn a_terminal_number_of_the_profile_s_own() {
    let mut desk = Desk::toml("base = \"psam-3des\"\n[psam]\nterminal = \"410100813475\"");
    assert_eq!(desk.data("00B0960006"), "410100813475");
}

#[test]
fn get_challenge_has_4_8_or_16_bytes() {
    let mut desk = module("psam-3des");
    for length in ["04", "08", "10"] {
        assert_eq!(desk.status(&format!("00840000{length}")), "9000");
    }
    assert_eq!(desk.send("0084000005"), "6700");
    assert_eq!(desk.send("0084010008"), "6A86");
}

#[test]
fn without_the_application_nothing_is_computed() {
    let mut desk = Desk::t1("psam-3des");
    for command in [
        &format!("BFDE481218{CARD}{CITY}{RANDOM}")[..],
        &format!("BFEC481210{CARD}{CITY}"),
        "80FA0000080000000000000000",
        &format!("8070000034{}", "00".repeat(0x34)),
        &format!("84D400011C{}", "00".repeat(0x1C)),
    ] {
        assert_eq!(desk.send(command), "6985", "{command}");
    }
}

#[test]
fn commands_out_of_order_get_6901() {
    let mut desk = module("psam-3des");
    assert_eq!(desk.send("80FA0000080000000000000000"), "6901");
    assert_eq!(desk.send("80FA05001000000000000000008000000000000000"), "6901");
    assert_eq!(desk.send("807200000400000000"), "6901");
    desk.all_ok(&[&format!("BFDE481218{CARD}{CITY}{RANDOM}")]);
    assert_eq!(desk.send("80FA0100088000000000000000"), "6901", "no MAC was begun");
    assert_eq!(desk.send("80FA0300088000000000000000"), "6901");
    // A key goes with the selection.
    desk.all_ok(&[SELECT_PSAM]);
    assert_eq!(desk.send("80FA0000080000000000000000"), "6901");
}

#[test]
fn lengths_parameters_and_keys_that_are_not_there() {
    let mut desk = module("psam-3des");
    let load = format!("BFDE481218{CARD}{CITY}{RANDOM}");
    desk.all_ok(&[&load]);
    for (command, status) in [
        (format!("BFDE481217{CARD}{CITY}{}", &RANDOM[2..]), "6700"),
        (format!("BFDE481210{CARD}{CITY}"), "6700"),
        (format!("BFDE48121A{CARD}{CITY}{RANDOM}0101"), "6700"),
        ("BFDE4812".to_owned(), "6700"),
        (format!("BFEC481218{CARD}{CITY}{RANDOM}"), "6700"),
        (format!("BFEC481212{CARD}{CITY}0101"), "6700"),
        // No level, a class that is none.
        (format!("BFDE081208{RANDOM}"), "6A86"),
        (format!("BFDE451218{CARD}{CITY}{RANDOM}"), "6A86"),
        // The province's key has two levels, not one; no such key; no such version.
        (format!("BFDE281210{CARD}{RANDOM}"), "6A88"),
        (format!("BFDE48FF18{CARD}{CITY}{RANDOM}"), "6A88"),
        (format!("BFDE481219{CARD}{CITY}{RANDOM}04"), "6A88"),
        // Purchase keys work for purchases alone.
        (format!("BFDE620120{CARD}{CITY}{RANDOM}{RANDOM}"), "6985"),
        (format!("BFEC620118{CARD}{CITY}{RANDOM}"), "6985"),
        ("80FA00000700000000000000".to_owned(), "6700"),
        ("80FA0000".to_owned(), "6700"),
        ("80FA0500080000000000000000".to_owned(), "6700"),
        ("80FA0001080000000000000000".to_owned(), "6A86"),
        ("80FA0400080000000000000000".to_owned(), "6A86"),
        (format!("8070000033{}", "00".repeat(0x33)), "6700"),
        ("8070000100".to_owned(), "6A86"),
        ("807200000300000000".to_owned(), "6700"),
        ("8072000003000000".to_owned(), "6700"),
    ] {
        assert_eq!(desk.send(&command), status, "{command}");
    }
    // What was refused did not take the key away.
    assert_eq!(desk.status("80FA0000080000000000000000"), "9000");
}

/// Instructions of the module, with the class each has.
const HAS: [(u8, u8); 12] = [
    (0x00, 0xA4),
    (0x00, 0xC0),
    (0x00, 0x84),
    (0x00, 0xB0),
    (0x00, 0xB2),
    (0xBF, 0xDE),
    (0xBF, 0xEC),
    (0x80, 0xFA),
    (0x80, 0x70),
    (0x80, 0x72),
    (0x80, 0xD4),
    (0x00, 0x70),
];

#[test]
fn every_class_and_instruction_is_told_apart() {
    let desk = module("psam-3des");
    for class in [0x00, 0x80, 0xBF, 0xB0, 0xA0] {
        for ins in 0..=0xFF {
            let mut answer = Vec::new();
            desk.card.clone().transmit(&[class, ins, 0x00, 0x00], &mut answer);
            let answer = &answer[answer.len() - 2..];
            let has = HAS.iter().any(|known| known.1 == ins);
            let has_here = HAS.contains(&(class, ins));
            let name = format!("{class:02X}{ins:02X}: {answer:02X?}");
            match (has, has_here) {
                // Protected in class 84, refused in class 80.
                (_, true) if ins == 0xD4 => assert_eq!(answer, [0x6E, 0x00], "{name}"),
                (_, true) => assert!(!matches!(answer, [0x6D | 0x6E, _]), "{name}"),
                (true, false) => assert_eq!(answer, [0x6E, 0x00], "{name}"),
                (false, _) if matches!(class, 0x00 | 0x80 | 0xBF) => {
                    assert_eq!(answer, [0x6D, 0x00], "{name}");
                }
                (false, _) => assert_eq!(answer, [0x6E, 0x00], "{name}"),
            }
        }
    }
}

#[test]
fn what_takes_no_protection_says_so() {
    let mut desk = module("psam-3des");
    assert_eq!(desk.send("84FA0000080000000000000000"), "6882");
    assert_eq!(desk.send("0484000008"), "6882");
}

#[test]
fn a_module_with_ssf33_names_it_and_computes_nothing() {
    let mut desk = Desk::toml("base = \"psam-sm4\"\nalgorithm = \"SSF33\"\nprotocol = \"T=1\"");
    desk.all_ok(&[SELECT_PSAM]);
    let block = "00".repeat(16);
    assert_eq!(desk.send(&format!("BFDE481220{CARD}{CITY}{block}")), "6A81");
    assert_eq!(desk.send(&format!("80FA000010{block}")), "6A81");
    assert_eq!(desk.status("0084000008"), "9000");
}

#[test]
fn a_module_is_no_social_security_card() {
    // With triple DES its environment has the name of a card's.
    let mut desk = Desk::t1("psam-3des");
    desk.all_ok(&[SELECT_SSSE]);
    for command in ["0020000003123456", "0088000010", "008200041000", "B026000104", "80CA9F1700"] {
        assert!(matches!(&desk.send(command)[..], "6D00" | "6E00" | "6700"), "{command}");
    }
    assert_eq!(desk.send("00B2012812"), "6A82", "EF05");
}
