//! docs/standards/financial.md §1.2: each bit of the application default action (ADA, tag 9F52).

use super::bank::{AAC, ARQC, Ac, Bank, SELECT, TC};
use super::d1_risk::used;

#[test]
fn d_1_2_ada_absent_counts_as_0000() {
    let mut bank = used(&[(0x9F52, "absent")]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.wrong_issuer(), "6300");
    // Without ADA byte 1 bit 7 a failed issuer authentication does not decline.
    assert_eq!(bank.second(TC, "00").kind(), TC);
}

/// A card with this default action whose PIN lost its last try in an earlier transaction.
fn without_tries(ada: &str) -> Bank {
    let mut bank = used(&[(0x9F52, ada)]);
    bank.begin();
    for expected in ["63C2", "63C1", "63C0"] {
        assert_eq!(bank.verify("000000"), expected);
    }
    bank.begin();
    bank
}

/// CID and CVR.
fn seen(answer: &Ac) -> (u8, String) {
    (answer.cid, answer.cvr())
}

fn of(cid: u8, cvr: &str) -> (u8, String) {
    (cid, cvr.to_owned())
}

#[test]
fn d_1_2_ada_b1b8_issuer_authentication_failed_goes_online_next() {
    for (ada, expected) in [("8000", of(ARQC, "03A00800")), ("0000", of(TC, "03900800"))] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.issuer("00"), "9000");
        assert_eq!(bank.issuer("00"), "6985", "which counts as failed");
        assert_eq!(seen(&bank.second(TC, "00")), of(TC, "03600000"));
        bank.begin();
        assert_eq!(seen(&bank.first(TC)), expected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b1b7_issuer_authentication_failed_declines() {
    for (ada, expected) in [("4000", of(AAC, "03280000")), ("0000", of(TC, "03680000"))] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.wrong_issuer(), "6300");
        assert_eq!(seen(&bank.second(TC, "00")), expected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b1b6_mandatory_issuer_authentication_missing_declines() {
    for (ada, expected) in [("2000", of(AAC, "03200400")), ("0000", of(TC, "03600400"))] {
        let mut bank = used(&[(0x9F52, ada), (0x9F56, "80")]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(seen(&bank.second(TC, "00")), expected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b1b5_declined_creates_an_advice() {
    for (ada, cid) in [("1000", 0x08), ("0000", 0x00)] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        assert_eq!(seen(&bank.first(AAC)), of(cid, "03800000"), "{ada}");
    }
}

#[test]
fn d_1_2_ada_b1b4_pin_tries_exceeded_and_declined_creates_an_advice() {
    for (ada, cid) in [("0800", 0x0A), ("1800", 0x0A), ("1000", 0x08), ("0000", 0x00)] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        for _ in 0..3 {
            bank.verify("000000");
        }
        assert_eq!(seen(&bank.first(AAC)), of(cid, "03864000"), "{ada}");
        // Tries that went in an earlier transaction are none of this one.
        bank.begin();
        let later = if ada == "1800" || ada == "1000" { 0x08 } else { 0x00 };
        assert_eq!(seen(&bank.first(AAC)), of(later, "03804000"), "{ada}");
    }
}

#[test]
fn d_1_2_ada_b1b3_declined_for_issuer_authentication_creates_an_advice() {
    for (ada, cid) in [("2400", 0x0B), ("2000", 0x00)] {
        let mut bank = used(&[(0x9F52, ada), (0x9F56, "80")]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(seen(&bank.second(TC, "00")), of(cid, "03200400"), "missing, {ada}");
    }
    for (ada, cid) in [("4400", 0x0B), ("4000", 0x00)] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.wrong_issuer(), "6300");
        assert_eq!(seen(&bank.second(TC, "00")), of(cid, "03280000"), "failed, {ada}");
    }
}

#[test]
fn d_1_2_ada_b1b2_a_new_card_goes_online() {
    for (ada, expected) in [("0200", of(ARQC, "03A01000")), ("0000", of(TC, "03901000"))] {
        let mut bank = Bank::with(&[(0x9F52, ada)]);
        bank.begin();
        assert_eq!(seen(&bank.first(TC)), expected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b1b1_a_new_card_unable_online_declines() {
    for (ada, expected) in [("0100", of(AAC, "03211000")), ("0000", of(TC, "03611000"))] {
        let mut bank = Bank::with(&[(0x9F52, ada)]);
        bank.begin();
        assert_eq!(seen(&bank.first(ARQC)), of(ARQC, "03A01000"));
        assert_eq!(seen(&bank.second(TC, "Y3")), expected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b2b8_the_last_pin_try_blocks_the_application() {
    for (ada, cvr, selected) in [("0080", "03964200", "6283"), ("0000", "03964000", "9000")] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.begin();
        for _ in 0..3 {
            bank.verify("000000");
        }
        assert_eq!(seen(&bank.first(TC)), of(TC, cvr), "{ada}");
        assert_eq!(bank.status(SELECT), selected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b2b7_pin_tries_exceeded_earlier_declines() {
    assert_eq!(seen(&without_tries("0040").first(TC)), of(AAC, "03804000"));
    assert_eq!(seen(&without_tries("0000").first(TC)), of(TC, "03904000"));
}

#[test]
fn d_1_2_ada_b2b6_pin_tries_exceeded_earlier_goes_online() {
    assert_eq!(seen(&without_tries("0020").first(TC)), of(ARQC, "03A04000"));
    assert_eq!(seen(&without_tries("0060").first(TC)), of(AAC, "03804000"), "declining is lower");
}

#[test]
fn d_1_2_ada_b2b5_pin_tries_exceeded_earlier_and_unable_online_declines() {
    for (ada, expected) in [("0010", of(AAC, "03214000")), ("0000", of(TC, "03614000"))] {
        let mut bank = without_tries(ada);
        assert_eq!(seen(&bank.first(ARQC)), of(ARQC, "03A04000"));
        assert_eq!(seen(&bank.second(TC, "Y3")), expected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b2b4_a_failed_script_goes_online() {
    for (ada, expected) in [("0008", of(ARQC, "03A00008")), ("0000", of(TC, "03900008"))] {
        let mut bank = used(&[(0x9F52, ada)]);
        bank.online();
        assert_eq!(bank.send("801E000000"), "6987", "without its protection it is not counted");
        bank.begin();
        assert_eq!(seen(&bank.first(TC)), expected, "{ada}");
    }
}

#[test]
fn d_1_2_ada_b2b3_pin_tries_exceeded_earlier_declines_and_blocks() {
    let mut bank = without_tries("0004");
    assert_eq!(seen(&bank.first(TC)), of(AAC, "03804000"));
    assert_eq!(bank.status(SELECT), "6283");
    let mut bank = without_tries("0000");
    bank.first(TC);
    assert_eq!(bank.status(SELECT), "9000");
}

#[test]
fn d_1_2_ada_b2b2_and_b2b1_say_nothing() {
    let mut bank = without_tries("0003");
    assert_eq!(seen(&bank.first(ARQC)), of(ARQC, "03A04000"));
    assert_eq!(seen(&bank.second(TC, "Y3")), of(TC, "03614000"));
    assert_eq!(bank.status(SELECT), "9000");
}
