//! Answers of a payment application: dynamic numbers, lengths, order, commands without Le, blocking.

use sscard_crypto::financial::{certificate, sm_certificate};
use sscard_profile::{TestKeys, load};

use crate::financial::bank::{AAC, ARQC, Bank, SELECT, TC, UN};
use crate::financial::d4_qpboc::Answer;
use crate::harness::{Desk, SELECT_SSSE, bytes};

#[test]
fn d4_the_icc_dynamic_number_is_07_the_counter_and_five_random_bytes() {
    for sm in [false, true] {
        let mut bank = Bank::with(&[]);
        bank.terminal.sm = sm;
        let mut seen = Vec::new();
        for counter in 1..=2_u8 {
            bank.begin();
            let answer = bytes(&bank.send(&format!("0088000004{UN}00")));
            let signature =
                if sm { &answer[2..answer.len() - 2] } else { &answer[3..answer.len() - 2] };
            let keys = TestKeys::get();
            let dynamic = if sm {
                let key = keys.sm2("card").expect("key").public_key();
                sm_certificate::verify_dynamic_data(key, signature, &bytes(UN))
            } else {
                let key = &keys.rsa("card-1152").expect("key").public;
                certificate::verify_dynamic_data(key, signature, &bytes(UN))
            };
            let dynamic = dynamic.expect("a signature");
            assert_eq!((dynamic.len(), &dynamic[..3]), (8, &[7, 0, counter][..]));
            seen.push(dynamic[3..].to_vec());
        }
        assert_ne!(seen[0], seen[1], "random");
    }
}

#[test]
fn d4_external_authenticate_without_a_response_code_is_6700_and_not_counted() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    let before = bank.card.image();
    for data in ["0011223344556677", "001122334455667730"] {
        assert_eq!(bank.send(&format!("00820000{:02X}{data}", data.len() / 2)), "6700", "{data}");
    }
    assert_eq!(bank.card.image(), before);
    assert_eq!(bank.issuer("00"), "9000", "the first that counts");
    assert_eq!(bank.second(TC, "00").kind(), TC);
}

#[test]
fn d5_a_contactless_online_answer_has_the_order_of_the_field() {
    let order = [0x82, 0x9F36, 0x57, 0x9F10, 0x9F26, 0x5F34, 0x9F6C, 0x9F5D, 0x5F20];
    let mut bank = Bank::with(&[]);
    bank.terminal.qualifiers = [0x20, 0x80, 0, 0];
    assert_eq!(Answer::parse(&bank.qpboc()).tags(), order);
    // With a product identification and an offline balance in a record: 9F63 before 5F34, 9F50 behind 9F6C.
    let mut rich = Bank::changed(|application| {
        application.records.push(sscard_core::FinancialRecord {
            sfi: sscard_apdu::Sfi::new(9).expect("a file"),
            number: 1,
            capacity: 64,
            content: bytes(&format!("9F6310{}9F5006000000001234", "11".repeat(16))),
        });
    });
    rich.terminal.qualifiers = [0x20, 0x80, 0, 0];
    let answer = Answer::parse(&rich.qpboc());
    let order =
        [0x82, 0x9F36, 0x57, 0x9F10, 0x9F26, 0x9F63, 0x5F34, 0x9F6C, 0x9F50, 0x9F5D, 0x5F20];
    assert_eq!(answer.tags(), order);
    assert_eq!(answer.value(0x9F63), "11".repeat(16));
}

#[test]
fn d5_the_card_transaction_qualifiers_are_those_of_personalisation() {
    for qualifiers in ["0200", "0220", "0230"] {
        let mut bank = Bank::with(&[(0x9F6C, qualifiers)]);
        bank.terminal.qualifiers = [0x20, 0x80, 0, 0];
        assert_eq!(Answer::parse(&bank.qpboc()).value(0x9F6C), qualifiers);
    }
}

#[test]
fn d6_on_t1_and_contactless_a_command_with_data_and_without_le_gets_its_data() {
    for contactless in [false, true] {
        let mut bank = Bank::with(&[]);
        bank.terminal.qualifiers = [0x40, 0, 0, 0];
        if contactless {
            bank.card.enter_field().expect("field");
        }
        let answer = bank.send(SELECT);
        assert!(answer.starts_with("6F") && answer.ends_with("9000"), "SELECT: {answer}");
        let options = if contactless { bank.qpboc_command() } else { bank.options_command() };
        assert_eq!(bank.send(&options), "80127D00080102001001040018010101200101009000");
        let signed = bank.send(&format!("0088000004{UN}"));
        assert!(signed.starts_with("808190") && signed.ends_with("9000"), "INTERNAL AUTHENTICATE");
        let data = bank.cdol1();
        let cryptogram = bank.send(&format!("80AE800034{data}"));
        assert!(cryptogram.starts_with("80") && cryptogram.ends_with("9000"), "GENERATE AC");
        // Case 1 has asked for nothing, and case 2 for what it says.
        assert_eq!(&bank.send("80CA9F36")[..2], "6C", "case 1");
        assert_eq!(bank.send("80CA9F3605"), "9F360200019000");
    }
}

/// GET PROCESSING OPTIONS of a built-in card over contacts, without Le.
const OPTIONS: &str = "80A800000C830A0000000000000001560000";

#[test]
fn d7_get_response_comes_in_class_00_or_in_that_of_the_command() {
    for class in ["00", "80"] {
        let mut desk = Desk::t0("gen2");
        assert_eq!(&desk.send(SELECT)[..2], "61");
        assert_eq!(desk.send("80C0000010"), "6E00", "SELECT was of class 00");
        assert_eq!(&desk.send(SELECT)[..2], "61");
        assert_eq!(desk.send(OPTIONS), "6114");
        let fetched = desk.send(&format!("{class}C0000014"));
        assert_eq!(fetched, "80127D00080102001001040018010101200101009000", "{class}");
        let again = if class == "00" { "6985" } else { "6E00" };
        assert_eq!(desk.send(&format!("{class}C0000014")), again, "nothing waits");
    }
    for (other, answer) in [
        ("84C0000014", "6E00"),
        ("A0C0000014", "6E00"),
        ("B0C0000014", "6E00"),
        ("04C0000014", "6E00"),
        ("0CC0000014", "6E00"),
        ("90C0000014", "6E00"),
        ("10C0000014", "6884"),
    ] {
        let mut desk = Desk::t0("gen2");
        desk.send(SELECT);
        assert_eq!(desk.send(OPTIONS), "6114");
        assert_eq!(desk.send(other), answer, "{other}");
    }
}

#[test]
fn d7_the_purse_answers_get_response_in_its_class_and_the_load_goes_on() {
    let mut desk = Desk::t0("gen2");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456", "00A4000002DF04"]);
    assert_eq!(desk.send("B02800010B010000000199990000000100"), "6110");
    assert_eq!(desk.send("80C0000010"), "6E00");
    assert_eq!(desk.send("B02800010B0100000001999900000001"), "6110");
    assert_eq!(desk.send("B0C0000010").len(), 2 * 16 + 4);
    let wrong = format!("B02A00000B20261124101530{}", "00".repeat(4));
    assert_eq!(desk.send(&wrong), "9302", "the load is still on");
}

#[test]
fn d8_a_terminal_without_the_quick_pass_bit_gets_the_answer_of_contacts() {
    // Contactless debit and credit, without qPBOC.
    for qualifiers in [[0x40, 0, 0, 0], [0xD6, 0, 0, 0], [0xC0, 0x80, 0, 0]] {
        let mut bank = Bank::with(&[]);
        bank.terminal.qualifiers = qualifiers;
        assert_eq!(bank.qpboc(), "80127D00080102001001040018010101200101009000");
        assert_eq!(bank.first(ARQC).kind(), ARQC, "and goes on with GENERATE AC");
    }
    let mut bank = Bank::with(&[]);
    bank.terminal.qualifiers = [0xF6, 0, 0, 0];
    assert!(bank.qpboc().starts_with("77"), "bit 6 says qPBOC");
}

#[test]
fn d10_after_a_script_that_blocks_the_application_the_second_cryptogram_is_an_aac() {
    for code in ["00", "Y3"] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        assert_eq!(bank.first(ARQC).kind(), ARQC);
        assert_eq!(bank.script("841E0000", &[]), "9000");
        if code == "00" {
            assert_eq!(bank.issuer("00"), "9000");
        }
        assert_eq!(bank.second(TC, code).kind(), AAC, "{code}");
        assert_eq!(bank.status(SELECT), "6283");
    }
    // A script that was refused blocks nothing.
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.send("841E00000400000000"), "6988");
    assert_eq!(bank.second(TC, "00").kind(), TC);
}

#[test]
fn d10_an_unblocking_script_of_the_same_session_brings_no_tc_back() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.script("841E0000", &[]), "9000");
    assert_eq!(bank.script("84180000", &[]), "9000");
    assert_eq!(bank.second(TC, "00").kind(), AAC);
    assert_eq!(bank.status(SELECT), "9000", "the next transaction is free");
    assert!(bank.options().ends_with("9000"));
}

#[test]
fn d3_the_example_card_has_aip_7c00_and_pays() {
    let profile = load(include_str!("../../examples/aip-7c00.toml")).expect("a profile");
    let mut bank = Bank::new("aip = \"7C00\"\n");
    assert_eq!(bank.begin(), "80127C00080102001001040018010101200101009000");
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.second(TC, "00").kind(), TC);
    let options = &profile.blueprint().financial.applications[0].processing_options;
    assert!(options.iter().all(|options| options.aip == [0x7C, 0x00]));
}
