//! docs/standards/financial.md §1.1, §1.4: CVR, the twelve checks, the first cryptogram.

use sscard_crypto::financial::certificate::{CombinedData, verify_dynamic_data};
use sscard_crypto::financial::sha1;
use sscard_profile::TestKeys;

use super::bank::{AAC, ARQC, Ac, Bank, TC, UN};
use super::d4_qpboc::Answer;
use crate::harness::{bytes, hex};

/// A card that has been online once, so that it is not new.
pub(super) fn used(objects: &[(u16, &str)]) -> Bank {
    let mut bank = Bank::with(objects);
    assert_eq!(bank.online().kind(), TC);
    bank
}

#[test]
fn d_1_1_cvr_of_a_plain_online_transaction() {
    let mut bank = used(&[]);
    bank.begin();
    let first = bank.first(ARQC);
    assert_eq!((first.cid, first.cvr().as_str()), (ARQC, "03A00000"));
    assert_eq!(first.ac, bank.expected(&first));
    assert_eq!(bank.issuer("00"), "9000");
    let second = bank.second(TC, "00");
    assert_eq!((second.cid, second.cvr().as_str()), (TC, "03600000"));
    assert_eq!(second.ac, bank.expected(&second));
}

#[test]
fn d_1_1_cvr_b2b3_pin_performed_and_b2b2_failed_until_it_matches() {
    let mut bank = used(&[]);
    bank.begin();
    assert_eq!(bank.verify("000000"), "63C2");
    assert_eq!(bank.first(AAC).cvr(), "03860000");
    bank.begin();
    assert_eq!(bank.verify("000000"), "63C1");
    assert_eq!(bank.verify("123456"), "9000");
    assert_eq!(bank.first(AAC).cvr(), "03840000");
    assert_eq!(bank.data(0x9F17), "03");
}

#[test]
fn d_1_1_cvr_b4b2_dda_performed() {
    let mut bank = used(&[]);
    bank.begin();
    assert!(bank.send("00880000041E78EEBC00").ends_with("9000"));
    assert_eq!(bank.first(AAC).cvr(), "03800002");
}

#[test]
fn d_1_1_cvr_b4b2_cda() {
    let mut bank = used(&[]);
    bank.begin();
    let (pdol, cdol) = (bank.pdol(), bank.cdol1());
    let answer = Answer::parse(&bank.send(&format!("80AE500034{cdol}00")));
    assert_eq!(answer.tags(), [0x9F27, 0x9F36, 0x9F4B, 0x9F10]);
    assert_eq!((answer.value(0x9F27), answer.value(0x9F36)), ("40", "0002"));
    assert_eq!(&answer.value(0x9F10)[..16], "0701010390000201");
    let key = &TestKeys::get().rsa("card-1152").expect("key").public;
    let opened = verify_dynamic_data(key, &bytes(answer.value(0x9F4B)), &bytes(UN)).expect("CDA");
    let combined = CombinedData::parse(&opened).expect("dynamic data");
    assert_eq!((combined.number.len(), combined.cid), (7, TC));
    assert_eq!(combined.number[..2], [0x00, 0x02]);
    // The bit is set before the cryptogram is computed.
    let iad = bytes(answer.value(0x9F10));
    let ac = Ac { cid: TC, atc: [0, 2], ac: combined.cryptogram, iad };
    assert_eq!(ac.ac, bank.expected(&ac));
    let objects = format!("9F2701409F360200029F1013{}", answer.value(0x9F10));
    let hash = sha1(&[&bytes(&pdol), &bytes(&cdol), &bytes(&objects)]);
    assert_eq!(hex(combined.transaction_hash), hex(&hash));
    // An AAC never comes with a signature.
    bank.begin();
    let cdol = bank.cdol1();
    let declined = super::bank::parse(&bank.send(&format!("80AE100034{cdol}00")));
    assert_eq!((declined.cid, declined.cvr().as_str()), (AAC, "03800000"));
    assert_eq!(declined.ac, bank.expected(&declined));
}

#[test]
fn d_1_1_cvr_b3b7_pin_tries_exceeded_and_b3b2_blocked_by_default_action() {
    let mut bank = used(&[(0x9F52, "0080")]);
    bank.begin();
    for expected in ["63C2", "63C1", "63C0", "6983"] {
        assert_eq!(bank.verify("000000"), expected);
    }
    let first = bank.first(TC);
    // The current transaction may run to its end.
    assert_eq!((first.kind(), first.cvr().as_str()), (TC, "03964200"));
    assert_eq!(bank.status(super::bank::SELECT), "6283");
}

#[test]
fn d_1_1_get_data_9f17_sets_b3b7_when_no_try_is_left() {
    let mut bank = used(&[]);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    bank.begin();
    assert_eq!(bank.data(0x9F17), "00");
    assert_eq!(bank.first(AAC).cvr(), "03804000");
}

#[test]
fn d_1_4_check_1_online_authorisation_not_completed() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (ARQC, "03A08000"));
}

#[test]
fn d_1_4_check_2_issuer_authentication_failed_last_time() {
    for (ada, kind, cvr) in [("8000", ARQC, "03A00800"), ("0000", TC, "03900800")] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.issuer("00"), "9000");
        // The second one of a transaction counts as failed, but the issuer has been there.
        assert_eq!(bank.issuer("00"), "6985");
        assert_eq!(bank.second(TC, "00").kind(), TC);
        bank.begin();
        let next = bank.first(TC);
        assert_eq!((next.kind(), next.cvr().as_str()), (kind, cvr));
    }
    // After a wrong ARPC nothing is cleared: the online flag is up as well.
    let mut bank = used(&[(0x9F52, "0000")]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.wrong_issuer(), "6300");
    assert_eq!(bank.second(AAC, "05").cvr(), "03280000");
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03A08800");
}

#[test]
fn d_1_4_check_3_sda_failed_in_a_declined_transaction() {
    let mut bank = used(&[]);
    bank.terminal.tvr = [0x40, 0, 0, 0, 0];
    bank.begin();
    assert_eq!(bank.first(AAC).kind(), AAC);
    bank.terminal.tvr = [0; 5];
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (TC, "03900100"));
}

#[test]
fn d_1_4_check_4_dda_or_cda_failed_in_a_declined_transaction() {
    for tvr in [0x08, 0x04] {
        let mut bank = used(&[]);
        bank.terminal.tvr = [tvr, 0, 0, 0, 0];
        bank.begin();
        bank.first(AAC);
        bank.terminal.tvr = [0; 5];
        bank.begin();
        let next = bank.first(TC);
        assert_eq!((next.kind(), next.cvr().as_str()), (TC, "03900004"));
    }
}

#[test]
fn d_1_4_check_5_script_counter_and_failure() {
    for (ada, kind, cvr) in [("0000", TC, "03900018"), ("0008", ARQC, "03A00018")] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.online();
        // One command after the second cryptogram, with a wrong MAC.
        assert_eq!(bank.send("841E00000400000000"), "6988");
        bank.begin();
        let next = bank.first(TC);
        assert_eq!((next.kind(), next.cvr().as_str()), (kind, cvr));
    }
}

#[test]
fn d_1_4_check_6_more_offline_transactions_than_9f58() {
    let mut bank = used(&[(0x9F58, "02")]);
    for expected in [TC, TC, ARQC] {
        bank.begin();
        let next = bank.first(TC);
        assert_eq!(next.kind(), expected);
        if expected == ARQC {
            assert_eq!(next.cvr(), "03A02000", "strictly greater");
        }
    }
}

#[test]
fn d_1_4_check_7_another_currency_9f53() {
    let mut bank = used(&[(0x9F53, "01"), (0x9F76, "absent")]);
    bank.terminal.currency = 0x0392;
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC);
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (ARQC, "03A02000"));
}

#[test]
fn d_1_4_check_8_another_country_9f72() {
    let mut bank = used(&[(0x9F72, "01")]);
    bank.terminal.country = 0x0392;
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC);
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (ARQC, "03A02000"));
}

#[test]
fn d_1_4_check_9_cumulative_amount_9f54() {
    let mut bank = used(&[(0x9F54, "000000002468")]);
    for expected in [TC, TC, ARQC] {
        bank.begin();
        assert_eq!(bank.first(TC).kind(), expected, "1234 twice is within 2468");
    }
}

#[test]
fn d_1_4_check_10_dual_currency_amount_9f75() {
    // 12.34 USD at 7.0 are 86.38.
    let mut bank = used(&[(0x9F75, "000000008638"), (0x9F73, "10000070")]);
    bank.terminal.currency = 0x0840;
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC);
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (ARQC, "03A02000"));
}

#[test]
fn d_1_4_check_11_a_new_card() {
    for (ada, kind, cvr) in [("0000", TC, "03901000"), ("0200", ARQC, "03A01000")] {
        let mut bank = Bank::with(&[(0x9F52, ada)]);
        bank.begin();
        let first = bank.first(TC);
        assert_eq!((first.kind(), first.cvr().as_str()), (kind, cvr));
    }
}

#[test]
fn d_1_4_check_12_pin_tries_exceeded_earlier() {
    for (ada, kind, cvr, selected) in [
        ("0000", TC, "03904000", "9000"),
        ("0020", ARQC, "03A04000", "9000"),
        ("0040", AAC, "03804000", "9000"),
        ("0004", AAC, "03804000", "6283"),
    ] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        for _ in 0..3 {
            bank.verify("000000");
        }
        bank.begin();
        let next = bank.first(TC);
        assert_eq!((next.kind(), next.cvr().as_str()), (kind, cvr), "{ada}");
        assert_eq!(bank.status(super::bank::SELECT), selected, "{ada}");
    }
}

#[test]
fn d_1_4_comparison_skipped_when_the_terminal_gives_zeros() {
    let mut bank = used(&[(0x9F53, "00"), (0x9F72, "00")]);
    bank.terminal.currency = 0;
    bank.terminal.country = 0;
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC);
}

#[test]
fn d_1_4_every_check_is_made_after_a_hit() {
    let mut bank = Bank::with(&[(0x9F58, "00"), (0x9F52, "0200")]);
    bank.terminal.tvr = [0x48, 0, 0, 0, 0];
    bank.begin();
    bank.first(AAC);
    bank.terminal.tvr = [0; 5];
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03A03104");
}

#[test]
fn d_1_4_the_card_moves_only_downwards() {
    let mut bank = used(&[]);
    for (asked, given) in [(TC, TC), (ARQC, ARQC), (AAC, AAC)] {
        bank.begin();
        let mut other = bank.clone();
        assert_eq!(other.first(asked).kind(), given);
    }
}

#[test]
fn d_1_4_a_blocked_application_always_answers_aac() {
    let mut bank = used(&[]);
    bank.online();
    assert_eq!(bank.script("841E0000", &[]), "9000");
    for asked in [TC, ARQC, AAC] {
        assert!(bank.begin().ends_with("9000"), "a blocked application gives its options");
        assert_eq!(bank.first(asked).kind(), AAC);
    }
}

#[test]
fn d_1_4_a_different_value_than_in_the_pdol_is_no_error() {
    let mut bank = used(&[]);
    bank.begin();
    bank.terminal.amount = 99;
    let first = bank.first(ARQC);
    assert_eq!(first.ac, bank.expected(&first), "the value of CDOL1 counts");
}

#[test]
fn i_20_order_of_a_transaction() {
    let mut bank = used(&[]);
    let data = bank.cdol1();
    let generate = format!("80AE400034{data}00");
    assert_eq!(bank.status(super::bank::SELECT), "9000");
    assert_eq!(bank.send(&generate), "6985", "before GET PROCESSING OPTIONS");
    assert_eq!(bank.verify("123456"), "6985");
    assert_eq!(bank.send("00880000041E78EEBC00"), "6985");
    bank.begin();
    assert_eq!(bank.options(), "6985", "a second time");
    bank.first(TC);
    assert_eq!(bank.send(&generate), "6985", "after a TC");
    bank.begin();
    bank.first(ARQC);
    bank.second(TC, "00");
    let third = bank.cdol2("00");
    assert_eq!(bank.send(&format!("80AE400022{third}00")), "6985", "a third time");
}
