//! What a terminal may ask of a payment application before and at GET PROCESSING OPTIONS.

use crate::financial::bank::{Bank, SELECT, TC};
use crate::harness::{bytes, hex};

/// Records that terminals of the field read straight after SELECT.
const RECORDS: [&str; 4] = ["00B2010C00", "00B2011400", "00B2011C00", "00B2012400"];

#[test]
fn d1_records_are_readable_after_select_before_get_processing_options() {
    let mut bank = Bank::with(&[]);
    let counter = bank.data(0x9F36);
    let early = RECORDS.map(|record| bank.send(record));
    assert!(early.iter().all(|answer| answer.starts_with("70") && answer.ends_with("9000")));
    assert_eq!(bank.data(0x9F36), counter, "no transaction has begun");
    assert!(bank.options().ends_with("9000"));
    assert_eq!(RECORDS.map(|record| bank.send(record)), early, "the same afterwards");
    assert_eq!(bank.first(TC).kind(), TC);
    assert_eq!(RECORDS.map(|record| bank.send(record)), early);
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(RECORDS.map(|record| bank.send(record)), early, "selected again");
    assert_eq!(bank.send("00B2063C00"), "6A82", "no such file");
    assert_eq!(bank.send("00B2061400"), "6A83", "no such record");
}

#[test]
fn d1_read_record_alone_comes_before_get_processing_options() {
    let mut bank = Bank::with(&[]);
    let generate = format!("80AE400034{}00", bank.cdol1());
    for command in [generate.as_str(), "002000800826123456FFFFFFFF", "00880000041E78EEBC00"] {
        assert_eq!(bank.send(command), "6985", "{command}");
    }
}

#[test]
fn d1_a_profile_keeps_the_records_closed_and_says_with_which_status() {
    let mut bank = Bank::closed();
    for record in RECORDS {
        assert_eq!(bank.send(record), "6985", "{record}");
    }
    assert_eq!(bank.send("00B2015C00"), "6A83", "the log is open, and empty");
    bank.begin();
    for record in RECORDS {
        assert_eq!(bank.status(record), "9000", "{record}");
    }
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.send(RECORDS[2]), "6985", "selected again");
}

#[test]
fn d1_an_image_keeps_whether_records_are_closed() {
    let bank = Bank::closed();
    let image = bank.card.image();
    let mut card = sscard_core::Card::from_image(&image).expect("loads");
    assert!(card.image() == image);
    assert_ne!(card.profile().blueprint(), Bank::with(&[]).card.profile().blueprint());
    card.power_on().expect("power");
    let mut response = Vec::new();
    card.transmit(&bytes(SELECT), &mut response);
    card.transmit(&bytes("00B2011C00"), &mut response);
    assert_eq!(hex(&response), "6985");
}

/// PDOL of an FCI, and the FCI's other end.
fn pdol(bank: &mut Bank, contactless: bool) -> String {
    if contactless {
        bank.card.enter_field().expect("field");
    }
    let fci = bytes(&bank.send(&format!("{SELECT}00")));
    let at = fci.windows(2).position(|pair| pair == [0x9F, 0x38]).expect("a PDOL");
    hex(&fci[at + 3..at + 3 + usize::from(fci[at + 2])])
}

const CONTACT: &str = "9F7A019F02065F2A02";
const CONTACTLESS: &str = "9F66049F02069F03069F1A0295055F2A029A039C019F3704";

#[test]
fn d2_the_contact_pdol_is_9f7a_9f02_5f2a_and_df69_where_the_card_has_sm() {
    for (sm, end) in [("both", "DF6901"), ("only", "DF6901"), ("no", "")] {
        let mut bank = Bank::new(&format!("sm = \"{sm}\"\n"));
        assert_eq!(pdol(&mut bank, false), format!("{CONTACT}{end}"), "{sm}");
    }
}

#[test]
fn d2_the_contactless_pdol_asks_for_35_bytes_and_df69_where_the_card_has_sm() {
    for (sm, end, length) in [("both", "DF6901", 36), ("only", "DF6901", 36), ("no", "", 35)] {
        let mut bank = Bank::new(&format!("sm = \"{sm}\"\n"));
        let list = pdol(&mut bank, true);
        assert_eq!(list, format!("{CONTACTLESS}{end}"), "{sm}");
        let asked = sscard_apdu::dol::total_length(&bytes(&list)).expect("a list");
        assert_eq!(asked + 2, length, "with template 83");
    }
}

#[test]
fn d2_what_clients_of_the_field_send_begins_a_transaction() {
    let mut bank = Bank::new("sm = \"no\"\n");
    let options = "80A800000B8309000000000000000156";
    assert_eq!(bank.send(&format!("{options}00")), "80127D00080102001001040018010101200101009000");
}
