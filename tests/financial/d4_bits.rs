//! docs/standards/financial.md §4.1: each bit of TTQ (9F66), CTQ (9F6C) and card additional processing
//! (9F68), set and not set.

use super::d4_qpboc::{
    AAC, ARQC, Answer, OFFLINE, ONLINE, TC, VELOCITY_AAC, VELOCITY_ARQC, cvr, foreign, read_all,
    tap, without_tries,
};

/// Status word, or CVR and CTQ.
fn seen((_, answer): (super::bank::Bank, String)) -> String {
    if answer.len() == 4 {
        return answer;
    }
    let answer = Answer::parse(&answer);
    format!("{} {}", answer.cvr(), answer.value(0x9F6C))
}

/// 400.00, above the CVM limit of 300.00 and within the limit of one payment.
fn large(processing: &str, qualifiers: [u8; 4]) -> String {
    seen(tap(&[(0x9F68, processing), (0x9F78, "000000100000")], qualifiers, 40_000))
}

#[test]
fn d_4_1_ttq_b1b7_contactless_full() {
    assert!(tap(&[], [0x40, 0, 0, 0], 500).1.starts_with("8012"));
    assert_eq!(tap(&[], [0x00, 0, 0, 0], 500).1, "6985");
}

#[test]
fn d_4_1_ttq_b1b6_quick() {
    assert!(tap(&[], [0x20, 0, 0, 0], 500).1.starts_with("77"));
    assert!(tap(&[], [0x60, 0, 0, 0], 500).1.starts_with("77"));
}

#[test]
fn d_4_1_ttq_b1b5_contact() {
    let objects = [(0x9F68, "82000000")];
    assert_eq!(cvr(&objects, [0x30, 0x80, 0, 0], 500), "6985", "the person is sent to it");
    assert_eq!(cvr(&objects, [0x20, 0x80, 0, 0], 500), ARQC);
}

#[test]
fn d_4_1_ttq_b1b4_offline_only() {
    let poor = [(0x9F79, "000000000100")];
    assert_eq!(cvr(&poor, [0x28, 0, 0, 0], 500), VELOCITY_AAC);
    assert_eq!(cvr(&poor, [0x20, 0, 0, 0], 500), VELOCITY_ARQC);
    assert_eq!(cvr(&[], [0x28, 0x80, 0, 0], 500), TC, "online required of one that cannot");
}

#[test]
fn d_4_1_ttq_b1b3_online_pin_and_ctq_b8() {
    assert_eq!(large("80008000", [0x24, 0, 0, 0]), "03A00000 8000");
    assert_eq!(large("80008000", [0x20, 0, 0, 0]), "6985");
}

#[test]
fn d_4_1_ttq_b1b2_signature_and_ctq_b7() {
    assert_eq!(large("80001000", [0x22, 0, 0, 0]), "03900000 4000");
    assert_eq!(large("80001000", [0x20, 0, 0, 0]), "6985");
}

#[test]
fn d_4_1_ttq_b2b8_online_required() {
    assert_eq!(cvr(&[], [0x20, 0x80, 0, 0], 500), ARQC);
    assert_eq!(cvr(&[], [0x20, 0x00, 0, 0], 500), TC);
}

#[test]
fn d_4_1_ttq_b2b7_holder_verification_required() {
    let objects = [(0x9F68, "80001000")];
    assert_eq!(seen(tap(&objects, [0x22, 0x40, 0, 0], 1)), "03900000 4000");
    assert_eq!(seen(tap(&objects, [0x22, 0x00, 0, 0], 1)), "03900000 0000");
    assert_eq!(seen(tap(&objects, [0x20, 0x40, 0, 0], 1)), "6985");
}

#[test]
fn d_4_1_ttq_b3_says_nothing() {
    assert_eq!(seen(tap(&[], [0x20, 0, 0xFF, 0], 500)), "03900000 0000");
}

#[test]
fn d_4_1_ttq_b4b8_fdda_01() {
    for (byte, has) in [(0x80, true), (0x7F, false)] {
        let (mut bank, answer) = tap(&[], [0x20, 0, 0, byte], 500);
        let last = read_all(&mut bank, &Answer::parse(&answer));
        assert_eq!(last.contains("9F690801"), has, "{byte:02X}");
    }
}

#[test]
fn d_4_1_ctq_of_the_card_is_kept() {
    let objects = [(0x9F6C, "3000"), (0x9F68, "80009000")];
    assert_eq!(seen(tap(&objects, ONLINE, 500)), "03900000 3000", "bits 6 and 5");
    assert_eq!(seen(tap(&objects, [0x26, 0x40, 0, 0], 500)), "03A00000 B000");
    assert_eq!(seen(tap(&[(0x9F6C, "absent")], ONLINE, 500)), "03900000 0000");
}

#[test]
fn d_4_1_9f68_b1b8_low_value() {
    let objects = |processing| [(0x9F68, processing), (0x9F79, "000000000500")];
    assert_eq!(cvr(&objects("80000000"), ONLINE, 500), TC);
    assert_eq!(cvr(&objects("80000000"), ONLINE, 501), VELOCITY_ARQC);
    assert_eq!(cvr(&objects("00000000"), ONLINE, 500), ARQC);
}

#[test]
fn d_4_1_9f68_b1b7_low_value_and_sum() {
    let objects = |balance, limit| [(0x9F68, "40000000"), (0x9F79, balance), (0x9F54, limit)];
    assert_eq!(cvr(&objects("000000000500", "000000000500"), ONLINE, 500), TC);
    assert_eq!(cvr(&objects("000000000499", "000000000500"), ONLINE, 500), VELOCITY_ARQC);
    assert_eq!(cvr(&objects("000000000500", "000000000499"), ONLINE, 500), VELOCITY_ARQC);
    let (mut bank, answer) = tap(&objects("000000000500", "000000000500"), ONLINE, 200);
    read_all(&mut bank, &Answer::parse(&answer));
    assert_eq!(bank.data(0x9F79), "000000000300");
    assert_eq!(bank.data(0x9F5D), "000000499800");
}

#[test]
fn d_4_1_9f68_b1b6_low_value_or_sum() {
    let objects = |balance, limit| [(0x9F68, "20000000"), (0x9F79, balance), (0x9F54, limit)];
    assert_eq!(cvr(&objects("000000000500", "000000000000"), ONLINE, 500), TC);
    assert_eq!(cvr(&objects("000000000000", "000000000500"), ONLINE, 500), TC);
    assert_eq!(cvr(&objects("000000000499", "000000000499"), ONLINE, 500), VELOCITY_ARQC);
}

#[test]
fn d_4_1_9f68_b1b5_new_card() {
    assert_eq!(cvr(&[(0x9F68, "90000000")], ONLINE, 500), "03A01000");
    assert_eq!(cvr(&[(0x9F68, "80000000")], ONLINE, 500), TC);
}

#[test]
fn d_4_1_9f68_b1b4_pin_tries() {
    assert_eq!(without_tries(&[(0x9F68, "88000000")], ONLINE), "03A04000");
    assert_eq!(without_tries(&[(0x9F68, "88000000")], OFFLINE), "03804000");
    assert_eq!(without_tries(&[(0x9F68, "80000000")], OFFLINE), TC);
}

#[test]
fn d_4_1_9f68_b1b3_offline_in_another_currency() {
    assert_eq!(seen(foreign(&[(0x9F68, "84000000")], ONLINE, 500)), "03900000 0000");
    assert_eq!(seen(foreign(&[(0x9F68, "80000000")], ONLINE, 500)), "03A00000 0000");
}

#[test]
fn d_4_1_9f68_b1b2_prefers_contact() {
    assert_eq!(cvr(&[(0x9F68, "82000000")], [0x30, 0x80, 0, 0], 500), "6985");
    assert_eq!(cvr(&[(0x9F68, "80000000")], [0x30, 0x80, 0, 0], 500), ARQC);
    assert_eq!(cvr(&[(0x9F68, "82000000")], [0x30, 0x00, 0, 0], 500), TC, "offline it may stay");
}

#[test]
fn d_4_1_9f68_b2b8_prepaid() {
    for (processing, balance) in [("80800000", "000000099500"), ("80000000", "000000100000")] {
        let (mut bank, answer) = tap(&[(0x9F68, processing)], [0x20, 0x80, 0, 0], 500);
        assert_eq!(Answer::parse(&answer).cvr(), ARQC);
        assert_eq!(bank.data(0x9F79), balance);
    }
}

#[test]
fn d_4_1_9f68_b2b7_no_other_currency() {
    assert_eq!(seen(foreign(&[(0x9F68, "84400000")], ONLINE, 500)), format!("{AAC} 0000"));
    assert_eq!(cvr(&[(0x9F68, "84400000")], ONLINE, 500), TC, "its own");
}

#[test]
fn d_4_1_9f68_b2b6_new_card_offline_only() {
    assert_eq!(cvr(&[(0x9F68, "80200000")], OFFLINE, 500), "03801000");
    assert_eq!(cvr(&[(0x9F68, "80200000")], ONLINE, 500), TC, "the terminal can go online");
    assert_eq!(cvr(&[(0x9F68, "80000000")], OFFLINE, 500), TC);
}

#[test]
fn d_4_1_9f68_b2b5_logs() {
    for (processing, status) in [("80100000", "9000"), ("80000000", "6A83")] {
        let (mut bank, answer) = tap(&[(0x9F68, processing)], ONLINE, 500);
        read_all(&mut bank, &Answer::parse(&answer));
        assert_eq!(bank.status("00B2015C00"), status, "{processing}");
    }
}

#[test]
fn d_4_1_9f68_b3b8_online_pin_in_own_currency() {
    assert_eq!(large("80008000", [0x24, 0, 0, 0]), "03A00000 8000");
    assert_eq!(large("80004000", [0x24, 0, 0, 0]), "6985");
}

#[test]
fn d_4_1_9f68_b3b5_signature() {
    assert_eq!(large("80001000", [0x22, 0, 0, 0]), "03900000 4000");
    assert_eq!(large("80000000", [0x22, 0, 0, 0]), "6985");
}
