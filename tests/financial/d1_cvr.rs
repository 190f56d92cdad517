//! docs/standards/financial.md §1.1: each bit of the CVR that the checks and the issuer set, alone.

use super::bank::{AAC, ARQC, Ac, Bank, SELECT, TC};
use super::d1_risk::used;

/// The first cryptogram of a transaction that asks for a TC: its CVR.
fn next(bank: &mut Bank) -> String {
    bank.begin();
    bank.first(TC).cvr()
}

#[test]
fn d_1_1_cvr_b1_is_03_and_begins_anew_with_every_transaction() {
    let mut bank = used(&[]);
    bank.begin();
    bank.verify("000000");
    assert!(bank.send("00880000041E78EEBC00").ends_with("9000"));
    assert_eq!(bank.first(AAC).cvr(), "03860002");
    assert_eq!(next(&mut bank), "03900000");
}

#[test]
fn d_1_1_cvr_b2b8_b7_second_cryptogram() {
    let of = |answer: Ac| (answer.kind(), answer.cvr());
    let mut bank = used(&[]);
    bank.begin();
    assert_eq!(of(bank.first(ARQC)), (ARQC, "03A00000".to_owned()), "10: not requested yet");
    bank.issuer("00");
    let mut other = bank.clone();
    assert_eq!(of(bank.second(AAC, "00")), (AAC, "03200000".to_owned()), "00: AAC");
    assert_eq!(of(other.second(TC, "00")), (TC, "03600000".to_owned()), "01: TC");
}

#[test]
fn d_1_1_cvr_b2b6_b5_first_cryptogram() {
    for (kind, cvr) in [(AAC, "03800000"), (TC, "03900000"), (ARQC, "03A00000")] {
        let mut bank = used(&[]);
        bank.begin();
        let first = bank.first(kind);
        assert_eq!((first.kind(), first.cvr().as_str()), (kind, cvr));
    }
}

#[test]
fn d_1_1_cvr_b2b4_issuer_authentication_failed() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.wrong_issuer(), "6300");
    assert_eq!(bank.second(AAC, "05").cvr(), "03280000");
}

#[test]
fn d_1_1_cvr_b2b1_unable_online() {
    for code in ["Y3", "Z3"] {
        let mut bank = used(&[]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.clone().second(TC, code).cvr(), "03610000");
        assert_eq!(bank.second(AAC, code).cvr(), "03210000");
    }
}

#[test]
fn d_1_1_cvr_b3b8_last_online_not_completed() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    bank.card.power_on().expect("power");
    assert_eq!(next(&mut bank), "03A08000");
}

#[test]
fn d_1_1_cvr_b3b7_verify_while_blocked() {
    let mut bank = used(&[]);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    bank.begin();
    assert_eq!(bank.verify("123456"), "6984");
    assert_eq!(bank.first(AAC).cvr(), "03864000", "with byte 2 bit 2");
}

#[test]
fn d_1_1_cvr_b3b6_velocity_exceeded() {
    assert_eq!(next(&mut used(&[(0x9F58, "00")])), "03A02000");
}

#[test]
fn d_1_1_cvr_b3b5_new_card() {
    assert_eq!(next(&mut Bank::with(&[])), "03901000");
}

#[test]
fn d_1_1_cvr_b3b4_issuer_authentication_failed_in_the_last_online_transaction() {
    let mut bank = used(&[(0x9F52, "0000")]);
    bank.begin();
    bank.first(ARQC);
    bank.issuer("00");
    assert_eq!(bank.issuer("00"), "6985");
    bank.second(TC, "00");
    assert_eq!(next(&mut bank), "03900800");
    bank.online();
    assert_eq!(next(&mut bank), "03900000", "a good one lowers the flag");
}

#[test]
fn d_1_1_cvr_b3b3_issuer_authentication_not_performed_after_online() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.clone().second(TC, "00").cvr(), "03600400");
    assert_eq!(bank.second(AAC, "05").cvr(), "03200400");
}

#[test]
fn d_1_1_cvr_b3b2_is_of_the_transaction_that_blocks() {
    let mut bank = used(&[(0x9F52, "0080")]);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    assert_eq!(bank.first(TC).cvr(), "03964200");
    assert_eq!(bank.status(SELECT), "6283");
    bank.options();
    assert_eq!(bank.first(TC).cvr(), "03804000", "later it is byte 3 bit 7 alone");
}

#[test]
fn d_1_1_cvr_b3b1_and_b4b3_offline_authentication_failed_in_the_last_declined_transaction() {
    for (tvr, cvr) in [(0x40, "03900100"), (0x08, "03900004"), (0x04, "03900004")] {
        for (kind, cvr) in [(AAC, cvr), (TC, "03900000")] {
            let mut bank = used(&[]);
            bank.terminal.tvr = [tvr, 0, 0, 0, 0];
            bank.begin();
            bank.first(kind);
            bank.terminal.tvr = [0; 5];
            assert_eq!(next(&mut bank), cvr, "{tvr:02X}");
        }
    }
}

#[test]
fn d_1_1_cvr_b4b8_to_b5_scripts_after_the_second_cryptogram() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.script("04DA9F58", &[0x05]), "9000", "before it they are not counted");
    bank.issuer("00");
    bank.second(TC, "00");
    for count in 1..=3 {
        assert_eq!(bank.script("04DA9F58", &[0x05]), "9000");
        assert_eq!(next(&mut bank.clone()), format!("039000{count}0"));
    }
}

#[test]
fn d_1_1_cvr_b4b4_script_failed() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.send("841E00000400000000"), "6988");
    bank.issuer("00");
    bank.second(TC, "Y3");
    assert_eq!(next(&mut bank), "03A08008");
}
