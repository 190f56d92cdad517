//! I-20: what comes before or after its stage is refused, and what is refused changes nothing; every
//! list of data objects is answered with exactly its length.

use super::bank::{AAC, ARQC, Bank, SELECT, TC, pin_block};

/// Everything a card keeps, and what it shows of its PIN and its counter.
fn kept(bank: &mut Bank) -> (Vec<u8>, String, String) {
    (bank.card.image().as_bytes().to_vec(), bank.data(0x9F17), bank.data(0x9F36))
}

/// VERIFY is refused with the right PIN and with a wrong one, and neither is a try.
fn verify_is_refused(bank: &mut Bank, stage: &str) {
    let before = kept(bank);
    for pin in ["123456", "000000"] {
        assert_eq!(bank.verify(pin), "6985", "{stage} {pin}");
    }
    assert_eq!(kept(bank), before, "{stage}");
}

#[test]
fn i_20_verify_before_get_processing_options_is_refused_and_no_try() {
    let mut bank = Bank::with(&[]);
    verify_is_refused(&mut bank, "selected");
    bank.begin();
    assert_eq!(bank.verify("000000"), "63C2");
    // A selection begins anew.
    assert_eq!(bank.status(SELECT), "9000");
    verify_is_refused(&mut bank, "selected again");
    assert_eq!(bank.data(0x9F17), "02");
    // What came too early does not count in the transaction that follows.
    bank.begin();
    assert_eq!(bank.first(ARQC).cvr(), "03A01000");
}

#[test]
fn i_20_verify_after_the_first_cryptogram_is_refused_and_no_try() {
    for (kind, stage) in [(ARQC, "after an ARQC"), (TC, "after a TC"), (AAC, "after an AAC")] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        assert_eq!(bank.first(kind).kind(), kind);
        verify_is_refused(&mut bank, stage);
    }
}

#[test]
fn i_20_verify_after_the_issuer_and_after_the_second_cryptogram_is_refused_and_no_try() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.issuer("00"), "9000");
    verify_is_refused(&mut bank, "after EXTERNAL AUTHENTICATE");
    let second = bank.second(TC, "00");
    assert_eq!(second.cvr(), "03601000", "no PIN was presented");
    verify_is_refused(&mut bank, "after the second cryptogram");
    // A locked PIN says no more after its stage than before it.
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    bank.first(ARQC);
    assert_eq!(bank.verify("123456"), "6985");
}

#[test]
fn i_20_an_enciphered_pin_outside_its_stage_is_no_try() {
    let key = &sscard_profile::TestKeys::get().rsa("card-1152").expect("key").public;
    let mut bank = Bank::new("emv_enciphered_pin = true\n");
    let enciphered = |bank: &mut Bank, pin: &str| {
        let challenge = bank.send("0084000008")[..16].to_owned();
        let plain = format!("7F{}{challenge}", pin_block(pin));
        let mut plain = crate::harness::bytes(&plain);
        plain.resize(key.modulus().len(), 0x5A);
        let data = key.apply(&plain).expect("below the modulus");
        bank.send(&format!("00200088{:02X}{}", data.len(), crate::harness::hex(&data)))
    };
    assert_eq!(enciphered(&mut bank, "000000"), "6985");
    bank.begin();
    bank.first(ARQC);
    assert_eq!(enciphered(&mut bank, "000000"), "6985");
    bank.second(TC, "00");
    assert_eq!(enciphered(&mut bank, "000000"), "6985");
    assert_eq!(bank.data(0x9F17), "03");
}

/// The same data one byte shorter and one byte longer, and none.
fn misfits(data: &str) -> [String; 3] {
    [data[..data.len() - 2].to_owned(), format!("{data}00"), String::new()]
}

fn generate(kind: u8, data: &str) -> String {
    match data.len() / 2 {
        0 => format!("80AE{kind:02X}0000"),
        length => format!("80AE{kind:02X}00{length:02X}{data}00"),
    }
}

#[test]
fn d_7_cdol1_data_that_is_shorter_or_longer_is_refused_and_changes_nothing() {
    for kind in [TC, ARQC, AAC] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        let data = bank.cdol1();
        let before = bank.card.image();
        for wrong in misfits(&data) {
            assert_eq!(bank.send(&generate(kind, &wrong)), "6700", "{wrong}");
            assert_eq!(bank.card.image(), before, "{wrong}");
        }
        // Its stage is as it was.
        assert_eq!(bank.first(kind).kind(), kind);
    }
}

#[test]
fn d_7_cdol2_data_that_is_shorter_or_longer_is_refused_and_changes_nothing() {
    for kind in [TC, AAC] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.issuer("00"), "9000");
        let data = bank.cdol2("00");
        let before = bank.card.image();
        for wrong in misfits(&data) {
            assert_eq!(bank.send(&generate(kind, &wrong)), "6700", "{wrong}");
            assert_eq!(bank.card.image(), before, "{wrong}");
        }
        assert_eq!(bank.second(kind, "00").kind(), kind);
    }
}

#[test]
fn d_7_pdol_data_that_is_shorter_or_longer_begins_no_transaction() {
    let mut bank = Bank::with(&[]);
    let values = bank.pdol();
    let before = bank.card.image();
    for wrong in misfits(&values) {
        let length = wrong.len() / 2;
        let command = format!("80A80000{:02X}83{length:02X}{wrong}00", length + 2);
        assert_eq!(bank.send(&command), "6985", "{wrong}");
        // The right values in a template that says another length.
        let command = format!("80A800000C83{length:02X}{values}00");
        assert_eq!(bank.send(&command), "6985", "{length}");
        assert_eq!(bank.card.image(), before, "{wrong}");
    }
    assert!(bank.options().ends_with("9000"));
    assert_eq!(bank.data(0x9F36), "0001");
}

#[test]
fn d_7_ddol_data_that_is_shorter_or_longer_is_refused() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    for wrong in ["00880000031E78EE00", "00880000051E78EEBC0000", "0088000000"] {
        assert_eq!(bank.send(wrong), "6700", "{wrong}");
    }
    for wrong in ["00880100041E78EEBC00", "00880001041E78EEBC00"] {
        assert_eq!(bank.send(wrong), "6A86", "{wrong}");
    }
    assert_eq!(bank.first(ARQC).cvr(), "03A01000", "nothing was signed");
}

#[test]
fn i_20_internal_authenticate_before_and_after_its_stage() {
    let sign = "00880000041E78EEBC00";
    let mut bank = Bank::with(&[]);
    assert_eq!(bank.send(sign), "6985", "selected");
    bank.begin();
    assert_eq!(bank.status(sign), "9000");
    assert_eq!(bank.status(sign), "9000", "as often as one likes");
    bank.first(ARQC);
    assert_eq!(bank.send(sign), "6985", "after the first cryptogram");
    let second = bank.second(TC, "00");
    assert_eq!(second.kind(), TC);
    assert_eq!(bank.send(sign), "6985", "after the second");
}

#[test]
fn i_20_external_authenticate_before_and_after_its_stage() {
    for kind in [TC, AAC] {
        let mut bank = Bank::with(&[]);
        let before = bank.card.image();
        assert_eq!(bank.wrong_issuer(), "6985", "selected");
        assert_eq!(bank.card.image(), before);
        bank.begin();
        let before = bank.card.image();
        assert_eq!(bank.wrong_issuer(), "6985", "no cryptogram yet");
        assert_eq!(bank.card.image(), before);
        bank.first(kind);
        let before = bank.card.image();
        assert_eq!(bank.issuer("00"), "6985", "no ARQC");
        assert_eq!(bank.card.image(), before);
    }
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    bank.second(AAC, "05");
    let before = bank.card.image();
    assert_eq!(bank.issuer("00"), "6985", "after the second cryptogram");
    assert_eq!(bank.card.image(), before);
}

#[test]
fn i_20_a_second_request_for_options_begins_nothing() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    for kind in [None, Some(ARQC)] {
        if let Some(kind) = kind {
            bank.first(kind);
        }
        let before = bank.card.image();
        assert_eq!(bank.options(), "6985");
        assert_eq!(bank.card.image(), before);
    }
    assert_eq!(bank.second(TC, "00").kind(), TC, "the transaction goes on");
    assert_eq!(bank.options(), "6985", "nor after its end");
    assert_eq!(bank.data(0x9F36), "0001");
}

#[test]
fn i_20_records_only_after_options_where_the_profile_says_so() {
    let mut bank = Bank::closed();
    let read = "00B2011C00";
    assert_eq!(bank.send(read), "6985", "selected");
    bank.begin();
    assert_eq!(bank.status(read), "9000");
    bank.first(ARQC);
    assert_eq!(bank.status(read), "9000", "during");
    bank.second(TC, "00");
    assert_eq!(bank.status(read), "9000", "after");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.send(read), "6985", "selected again");
    bank.begin();
    bank.card.reset().expect("power");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.send(read), "6985", "after a reset");
}

#[test]
fn i_20_a_cryptogram_kind_that_is_none_is_refused_and_changes_nothing() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    let data = bank.cdol1();
    let before = bank.card.image();
    for p1 in [0x01_u8, 0x20, 0x41, 0x48, 0x60, 0x81, 0xA0, 0xC0, 0xD0, 0xFF] {
        assert_eq!(bank.send(&format!("80AE{p1:02X}0034{data}00")), "6A86", "{p1:02X}");
    }
    for p2 in [0x01_u8, 0x80, 0xFF] {
        assert_eq!(bank.send(&format!("80AE40{p2:02X}34{data}00")), "6A86", "{p2:02X}");
    }
    assert_eq!(bank.card.image(), before);
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    let data = bank.cdol2("00");
    let before = bank.card.image();
    for p1 in [0x80_u8, 0x90, 0xC0] {
        assert_eq!(bank.send(&generate(p1, &data)), "6A86", "{p1:02X}");
    }
    assert_eq!(bank.card.image(), before);
    assert_eq!(bank.second(TC, "00").kind(), TC);
}
