//! financial-details.md §1: CVR, default action, the twelve checks, both cryptograms.

use super::bank::{AAC, ARQC, Bank, TC};

/// A card that has been online once, so that it is not new.
fn used(objects: &[(u16, &str)]) -> Bank {
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
fn d_1_2_ada_absent_counts_as_0000() {
    let mut bank = used(&[(0x9F52, "absent")]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.wrong_issuer(), "6300");
    // Without ADA byte 1 bit 7 a failed issuer authentication does not decline.
    assert_eq!(bank.second(TC, "00").kind(), TC);
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
fn d_1_4_aac_advice_by_ada_b1b5_and_b1b4() {
    let mut bank = used(&[(0x9F52, "1000")]);
    bank.begin();
    assert_eq!(bank.first(AAC).cid, 0x08);
    let mut bank = used(&[(0x9F52, "0800")]);
    bank.begin();
    assert_eq!(bank.first(AAC).cid, 0x00);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    assert_eq!(bank.first(AAC).cid, 0x0A, "reason 010");
}

#[test]
fn d_1_4_tc_lowers_the_online_flag() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    bank.begin();
    // The terminal may not be able to go online: the second cryptogram approves.
    assert_eq!(bank.first(TC).kind(), ARQC);
    assert_eq!(bank.second(TC, "Y3").kind(), TC);
    bank.begin();
    assert_eq!(bank.first(TC).kind(), ARQC, "the flag stays up after unable online");
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
fn d_1_5_online_done_clears_history_counters_and_sums() {
    let mut bank = Bank::with(&[(0x9F54, "000000001234"), (0x9F53, "01")]);
    bank.terminal.tvr = [0x40, 0, 0, 0, 0];
    bank.begin();
    bank.first(AAC);
    bank.terminal.tvr = [0; 5];
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC, "the sum is full now");
    let second = bank.online();
    assert_eq!(second.kind(), TC);
    assert_eq!(bank.data(0x9F13), "0003", "last online ATC");
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (TC, "03900000"));
}

#[test]
fn d_1_5_response_codes_decide() {
    for (code, kind) in
        [("00", TC), ("10", TC), ("11", TC), ("01", TC), ("02", TC), ("05", AAC), ("51", AAC)]
    {
        let mut bank = used(&[]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.issuer(code), "9000");
        // The code that came with EXTERNAL AUTHENTICATE counts, not the one in CDOL2.
        assert_eq!(bank.second(TC, "00").kind(), kind, "{code}");
    }
}

#[test]
fn d_1_5_aac_branch_clears_only_when_the_issuer_is_settled() {
    let mut bank = used(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.issuer("05"), "9000");
    assert_eq!(bank.second(AAC, "05").cvr(), "03200000");
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03900000", "online flag lowered");
    // Mandatory and missing.
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.second(AAC, "05").cvr(), "03200400");
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03A08800");
}

#[test]
fn d_1_5_tc_branch_without_issuer_authentication() {
    // Indicator mandatory or optional, ADA byte 1 bit 6: decline.
    for (indicator, ada, kind, last) in
        [("80", "2000", AAC, "0001"), ("80", "0000", TC, "0001"), ("00", "2000", TC, "0002")]
    {
        let mut bank = used(&[(0x9F56, indicator), (0x9F52, ada)]);
        bank.begin();
        bank.first(ARQC);
        let second = bank.second(TC, "00");
        assert_eq!(second.kind(), kind, "{indicator} {ada}");
        assert_eq!(&second.cvr()[4..], "0400");
        assert_eq!(bank.data(0x9F13), last, "{indicator} {ada}");
    }
}

#[test]
fn d_1_5_tc_branch_after_failed_issuer_authentication() {
    for (ada, kind, cid) in [("4000", AAC, 0x00), ("4400", AAC, 0x0B), ("0000", TC, TC)] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.wrong_issuer(), "6300");
        let second = bank.second(TC, "00");
        assert_eq!((second.kind(), second.cid), (kind, cid), "{ada}");
        assert_eq!(bank.data(0x9F13), "0001", "nothing is cleared");
    }
}

#[test]
fn d_1_5_unable_online_upper_limit_9f59() {
    let mut bank = used(&[(0x9F58, "00"), (0x9F59, "01")]);
    bank.begin();
    bank.first(TC);
    let second = bank.second(TC, "Y3");
    assert_eq!((second.kind(), second.cvr().as_str()), (TC, "03612000"));
    bank.begin();
    bank.first(TC);
    let second = bank.second(TC, "Z3");
    assert_eq!((second.kind(), second.cvr().as_str()), (AAC, "0321A000"));
}

#[test]
fn d_1_5_unable_online_a_new_card() {
    for (ada, kind) in [("0100", AAC), ("0000", TC)] {
        let mut bank = Bank::with(&[(0x9F52, ada)]);
        bank.begin();
        bank.first(ARQC);
        let second = bank.second(TC, "Y3");
        assert_eq!(second.kind(), kind);
        assert_eq!(&second.cvr()[4..6], "10");
    }
}

#[test]
fn d_1_5_unable_online_pin_tries_exceeded() {
    for (ada, kind) in [("0010", AAC), ("0000", TC)] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        for _ in 0..3 {
            bank.verify("000000");
        }
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.second(TC, "Y3").kind(), kind, "{ada}");
    }
}

#[test]
fn d_1_5_unable_online_upper_cumulative_amount_9f5c() {
    let mut bank = used(&[(0x9F54, "000000000000"), (0x9F5C, "000000001234")]);
    bank.begin();
    bank.first(TC);
    assert_eq!(bank.second(TC, "Y3").kind(), TC);
    bank.begin();
    bank.first(TC);
    let second = bank.second(TC, "Y3");
    assert_eq!((second.kind(), second.cvr().as_str()), (AAC, "0321A000"));
}

#[test]
fn d_1_5_unable_online_aac_stores_what_failed_and_leaves_9f13() {
    let mut bank = used(&[]);
    bank.begin();
    bank.terminal.tvr = [0x40, 0, 0, 0, 0];
    bank.first(ARQC);
    assert_eq!(bank.second(AAC, "Y3").cvr(), "03210000");
    assert_eq!(bank.data(0x9F13), "0001");
    bank.terminal.tvr = [0; 5];
    bank.begin();
    assert_eq!(bank.first(AAC).cvr(), "03808100");
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
    assert_eq!(bank.send("00B2011C00"), "6985");
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
