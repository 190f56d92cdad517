//! docs/standards/financial.md §4.2, §4.6, §4.7: qPBOC over the contactless interface.

use super::bank::{Bank, SELECT, objects_table};
use crate::harness::{bytes, hex};

/// What a qPBOC transaction answered: the objects of template 77, by tag.
pub(crate) struct Answer(Vec<(u32, String)>);

impl Answer {
    pub(crate) fn parse(answer: &str) -> Self {
        let answer = bytes(answer.strip_suffix("9000").unwrap_or_else(|| panic!("{answer}")));
        let mut objects = sscard_apdu::tlv::Reader::new(&answer);
        let template = objects.next().expect("template").expect("TLV");
        assert_eq!((template.tag.number(), objects.next().is_none()), (0x77, true));
        let children = sscard_apdu::tlv::Reader::new(template.value);
        Self(children.map(|o| o.expect("TLV")).map(|o| (o.tag.number(), hex(o.value))).collect())
    }

    pub(crate) fn tags(&self) -> Vec<u32> {
        self.0.iter().map(|(tag, _)| *tag).collect()
    }

    pub(crate) fn value(&self, tag: u32) -> &str {
        let found = self.0.iter().find(|(known, _)| *known == tag);
        found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no tag {tag:02X}"))
    }

    /// CVR out of the issuer application data.
    pub(super) fn cvr(&self) -> &str {
        &self.value(0x9F10)[6..14]
    }
}

/// A card with its qualifiers, and what the terminal says.
pub(super) fn tap(objects: &[(u16, &str)], qualifiers: [u8; 4], amount: u64) -> (Bank, String) {
    let mut bank = Bank::new(&objects_table(objects));
    bank.terminal.qualifiers = qualifiers;
    bank.terminal.amount = amount;
    let answer = bank.qpboc();
    (bank, answer)
}

/// qPBOC, online capable, no verification asked for.
pub(super) const ONLINE: [u8; 4] = [0x20, 0x00, 0x00, 0x80];
/// qPBOC, offline only.
pub(super) const OFFLINE: [u8; 4] = [0x28, 0x00, 0x00, 0x80];

pub(super) const TC: &str = "03900000";
pub(super) const ARQC: &str = "03A00000";
pub(super) const AAC: &str = "03800000";
pub(super) const VELOCITY_ARQC: &str = "03A02000";
pub(super) const VELOCITY_AAC: &str = "03802000";

pub(super) fn cvr(objects: &[(u16, &str)], qualifiers: [u8; 4], amount: u64) -> String {
    let (_, answer) = tap(objects, qualifiers, amount);
    if answer.len() == 4 { answer } else { Answer::parse(&answer).cvr().to_owned() }
}

/// Reads every record of the AFL; the last one's content.
pub(super) fn read_all(bank: &mut Bank, answer: &Answer) -> String {
    let afl = bytes(answer.value(0x94));
    let mut last = String::new();
    for entry in afl.chunks(4) {
        for number in entry[1]..=entry[2] {
            last = bank.send(&format!("00B2{number:02X}{:02X}00", entry[0] | 4));
            assert!(last.ends_with("9000"), "{last}");
        }
    }
    last
}

#[test]
fn d_4_2_path_selection() {
    let (_, quick) = tap(&[], ONLINE, 500);
    assert!(quick.starts_with("77"));
    let (_, standard) = tap(&[], [0x40, 0, 0, 0], 500);
    assert_eq!(standard, "80127D00080102001001040018010101200101009000");
    let (_, both) = tap(&[], [0x60, 0, 0, 0], 500);
    assert!(both.starts_with("77"), "qPBOC goes first");
    let (_, none) = tap(&[], [0x10, 0, 0, 0], 500);
    assert_eq!(none, "6985");
    let mut bank = Bank::new("qpboc = false\n");
    assert_eq!(bank.qpboc(), "6985");
    bank.terminal.qualifiers = [0x60, 0, 0, 0];
    assert!(bank.qpboc().starts_with("80"));
}

#[test]
fn d_4_6_a_currency_that_is_not_allowed() {
    let foreign = |objects: &[(u16, &str)]| {
        let mut bank = Bank::new(&objects_table(objects));
        bank.terminal.currency = 0x0840;
        bank.terminal.qualifiers = ONLINE;
        Answer::parse(&bank.qpboc()).cvr().to_owned()
    };
    assert_eq!(foreign(&[(0x9F68, "80400000")]), AAC);
    // Without offline for other currencies: online; with it: offline, counted.
    assert_eq!(foreign(&[(0x9F68, "80000000")]), ARQC);
    assert_eq!(foreign(&[(0x9F68, "84000000")]), TC);
    assert_eq!(foreign(&[(0x9F68, "84000000"), (0x9F53, "00")]), VELOCITY_ARQC);
}

#[test]
fn d_4_6_b_offline_only_terminal_and_a_new_card() {
    assert_eq!(cvr(&[(0x9F68, "80200000")], OFFLINE, 500), "03801000");
    assert_eq!(cvr(&[(0x9F68, "80000000")], OFFLINE, 500), TC);
}

pub(super) fn without_tries(objects: &[(u16, &str)], qualifiers: [u8; 4]) -> String {
    let mut bank = Bank::new(&objects_table(objects));
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    bank.terminal.qualifiers = qualifiers;
    bank.terminal.amount = 500;
    Answer::parse(&bank.qpboc()).cvr().to_owned()
}

#[test]
fn d_4_6_b_and_c_pin_tries_exceeded() {
    assert_eq!(without_tries(&[(0x9F68, "88000000")], OFFLINE), "03804000");
    assert_eq!(without_tries(&[(0x9F68, "88000000")], ONLINE), "03A04000");
    assert_eq!(without_tries(&[(0x9F68, "80000000")], ONLINE), TC);
}

#[test]
fn d_4_6_b_holder_verification_offline_by_signature_or_not_at_all() {
    // Above the CVM limit of 300.00; the single limit is lifted.
    let objects = |processing| [(0x9F68, processing), (0x9F78, "000000100000")];
    assert_eq!(cvr(&objects("80001000"), [0x2A, 0, 0, 0], 40_000), TC);
    let (_, answer) = tap(&objects("80001000"), [0x2A, 0, 0, 0], 40_000);
    assert_eq!(Answer::parse(&answer).value(0x9F6C), "4000");
    assert_eq!(cvr(&objects("80001000"), OFFLINE, 40_000), "6985", "the terminal signs not");
    assert_eq!(cvr(&objects("80000000"), [0x2A, 0, 0, 0], 40_000), "6985", "the card signs not");
}

#[test]
fn d_4_6_c_online_pin_goes_before_signature() {
    let objects = |processing| [(0x9F68, processing), (0x9F78, "000000100000")];
    let (_, answer) = tap(&objects("80009000"), [0x26, 0, 0, 0], 40_000);
    let answer = Answer::parse(&answer);
    assert_eq!((answer.cvr(), answer.value(0x9F6C)), (ARQC, "8000"));
    let (_, answer) = tap(&objects("80009000"), [0x22, 0, 0, 0], 40_000);
    let answer = Answer::parse(&answer);
    assert_eq!((answer.cvr(), answer.value(0x9F6C)), (TC, "4000"));
    assert_eq!(cvr(&objects("80000000"), [0x26, 0, 0, 0], 40_000), "6985");
    // TTQ byte 2 bit 7 asks for it at any amount.
    let (_, answer) = tap(&objects("80009000"), [0x26, 0x40, 0, 0], 500);
    assert_eq!(Answer::parse(&answer).value(0x9F6C), "8000");
}

#[test]
fn d_4_6_c_the_terminal_wants_online() {
    assert_eq!(cvr(&[], [0x20, 0x80, 0, 0], 500), ARQC);
}

#[test]
fn d_4_6_c_a_new_card_goes_online() {
    assert_eq!(cvr(&[(0x9F68, "90000000")], ONLINE, 500), "03A01000");
}

#[test]
fn d_4_6_e_low_value_check() {
    let objects = [(0x9F68, "80000000"), (0x9F6D, "000000001000")];
    assert_eq!(cvr(&objects, ONLINE, 50_000 - 20_000), TC);
    assert_eq!(cvr(&[(0x9F79, "000000002000"), objects[1]], ONLINE, 1_000), TC);
    assert_eq!(cvr(&[(0x9F79, "000000002000"), objects[1]], ONLINE, 1_001), VELOCITY_ARQC);
    assert_eq!(cvr(&[(0x9F79, "000000002000"), objects[1]], OFFLINE, 2_000), TC);
    assert_eq!(cvr(&[(0x9F79, "000000002000"), objects[1]], OFFLINE, 2_001), VELOCITY_AAC);
    let single = [(0x9F78, "000000000499")];
    assert_eq!(cvr(&single, ONLINE, 500), VELOCITY_ARQC);
    assert_eq!(cvr(&single, OFFLINE, 500), VELOCITY_AAC);
    // Absent 9F68: the low-value check alone.
    assert_eq!(cvr(&[(0x9F68, "absent")], ONLINE, 500), TC);
}

#[test]
fn d_4_6_e_low_value_and_cumulative_total() {
    let objects = [(0x9F68, "40000000"), (0x9F54, "000000000500"), (0x9F5C, "000000000600")];
    assert_eq!(cvr(&objects, ONLINE, 500), TC);
    assert_eq!(cvr(&objects, ONLINE, 501), VELOCITY_ARQC);
    assert_eq!(cvr(&objects, OFFLINE, 600), TC);
    assert_eq!(cvr(&objects, OFFLINE, 601), VELOCITY_AAC);
}

#[test]
fn d_4_6_e_low_value_or_cumulative_total() {
    let objects = [
        (0x9F68, "20000000"),
        (0x9F79, "000000000100"),
        (0x9F54, "000000000500"),
        (0x9F5C, "000000000500"),
    ];
    let (mut bank, answer) = tap(&objects, ONLINE, 500);
    let answer = Answer::parse(&answer);
    assert_eq!(answer.cvr(), TC, "the sum takes it");
    read_all(&mut bank, &answer);
    assert_eq!(bank.data(0x9F79), "000000000100", "the balance is as it was");
    // The sum is full: the balance takes what fits, the rest goes online.
    bank.terminal.amount = 100;
    let answer = Answer::parse(&bank.qpboc());
    assert_eq!(answer.cvr(), TC);
    read_all(&mut bank, &answer);
    assert_eq!(bank.data(0x9F79), "000000000000");
    assert_eq!(Answer::parse(&bank.qpboc()).cvr(), VELOCITY_ARQC);
}

#[test]
fn d_4_6_e_no_option_set() {
    assert_eq!(cvr(&[(0x9F68, "00000000")], ONLINE, 500), ARQC);
    assert_eq!(cvr(&[(0x9F68, "00000000")], OFFLINE, 500), AAC);
}

#[test]
fn d_4_6_f_prefers_contact_when_online() {
    assert_eq!(cvr(&[(0x9F68, "82000000")], [0x30, 0x80, 0, 0], 500), "6985");
    assert_eq!(cvr(&[(0x9F68, "82000000")], [0x20, 0x80, 0, 0], 500), ARQC);
}

#[test]
fn d_4_6_f_prepaid_is_debited_at_the_arqc() {
    let objects = [(0x9F68, "80800000")];
    let (mut bank, answer) = tap(&objects, [0x20, 0x80, 0, 0], 500);
    assert_eq!(Answer::parse(&answer).cvr(), ARQC);
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.data(0x9F79), "000000099500", "and not given back");
    assert_eq!(cvr(&objects, [0x20, 0x80, 0, 0], 0), AAC);
    let poor = [(0x9F68, "80800000"), (0x9F79, "000000000499")];
    assert_eq!(cvr(&poor, [0x20, 0x80, 0, 0], 500), AAC);
}

#[test]
fn d_4_6_contact_counters_and_flags_are_untouched() {
    let (mut bank, answer) = tap(&[], ONLINE, 500);
    read_all(&mut bank, &Answer::parse(&answer));
    let (mut other, _) = tap(&[], [0x20, 0x80, 0, 0], 500);
    for bank in [&mut bank, &mut other] {
        bank.card.power_on().expect("power");
        bank.begin();
        assert_eq!(bank.first(super::bank::TC).cvr(), "03901000", "a new card, nothing else");
        assert_eq!(bank.data(0x9F36), "0002");
    }
}

#[test]
fn d_4_6_a_blocked_application_declines() {
    let mut bank = Bank::new("");
    bank.begin();
    bank.first(super::bank::ARQC);
    assert_eq!(bank.script("841E0000", &[]), "9000");
    let answer = bank.qpboc();
    assert_eq!(Answer::parse(&answer).cvr(), AAC);
}

#[test]
fn d_4_7_the_debit_counts_when_the_last_record_is_read() {
    let (mut bank, answer) = tap(&[], ONLINE, 500);
    let before = bank.clone();
    let parsed = Answer::parse(&answer);
    read_all(&mut bank, &parsed);
    bank.card.enter_field().expect("field");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.data(0x9F79), "000000099500");
    assert!(bank.send("00B2015C00").ends_with("9000"), "logged: 9F68 byte 2 bit 5");
    // The card leaves the field before the last record: nothing was paid.
    let mut bank = before;
    bank.send("00B2011C00");
    bank.card.enter_field().expect("field");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.data(0x9F79), "000000100000");
    assert_eq!(bank.send("00B2015C00"), "6A83", "no log either");
    assert_eq!(bank.data(0x9F36), "0001", "but the counter has moved");
}

#[test]
fn d_4_7_the_last_record_again_debits_once() {
    let (mut bank, answer) = tap(&[], ONLINE, 500);
    let answer = Answer::parse(&answer);
    let first = read_all(&mut bank, &answer);
    assert_eq!(read_all(&mut bank, &answer), first);
    assert_eq!(bank.data(0x9F79), "000000099500");
    assert!(bank.send("00B2015C00").ends_with("9000"));
    assert_eq!(bank.send("00B2025C00"), "6A83", "one log");
    // A wrong Le asks again and does nothing.
    let (mut bank, answer) = tap(&[], ONLINE, 500);
    let answer = Answer::parse(&answer);
    assert!(bank.send("00B2012C05").starts_with("6C"));
    bank.card.enter_field().expect("field");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.data(0x9F79), "000000100000");
    assert_eq!(answer.cvr(), TC);
}

#[test]
fn d_3_an_sm_only_card_wants_df69_in_the_field() {
    let mut bank = Bank::new("sm = \"only\"\n");
    assert_eq!(bank.qpboc(), "6985");
    bank.terminal.sm = true;
    assert!(bank.qpboc().starts_with("77"));
    bank.terminal.sm = false;
    bank.card.power_on().expect("power");
    assert_eq!(bank.begin(), "80127D00080102004001030018010101200101009000", "contact: ignored");
}

/// A tap in another currency.
pub(super) fn foreign(objects: &[(u16, &str)], qualifiers: [u8; 4], amount: u64) -> (Bank, String) {
    let mut bank = Bank::new(&objects_table(objects));
    (bank.terminal.qualifiers, bank.terminal.amount) = (qualifiers, amount);
    bank.terminal.currency = 0x0840;
    let answer = bank.qpboc();
    (bank, answer)
}

#[test]
fn d_4_6_mismatch_holder_verification_b3b6() {
    // The CVM limit is one of the card's own currency: without bit 6 nobody is asked.
    let (_, answer) = foreign(&[(0x9F68, "84001000")], [0x22, 0, 0, 0], 40_000);
    let answer = Answer::parse(&answer);
    assert_eq!((answer.cvr(), answer.value(0x9F6C)), (TC, "0000"));
    for qualifiers in [[0x22, 0, 0, 0], [0x2A, 0, 0, 0]] {
        let (_, answer) = foreign(&[(0x9F68, "84003000")], qualifiers, 1);
        let answer = Answer::parse(&answer);
        assert_eq!((answer.cvr(), answer.value(0x9F6C)), (TC, "4000"));
    }
    for qualifiers in [ONLINE, OFFLINE] {
        assert_eq!(foreign(&[(0x9F68, "84003000")], qualifiers, 1).1, "6985", "nothing in common");
    }
}

#[test]
fn d_4_6_mismatch_online_pin_b3b7() {
    let (_, answer) = foreign(&[(0x9F68, "84006000")], [0x24, 0, 0, 0], 1);
    let answer = Answer::parse(&answer);
    assert_eq!((answer.cvr(), answer.value(0x9F6C)), (ARQC, "8000"));
    // Bit 8 is for the card's own currency.
    assert_eq!(foreign(&[(0x9F68, "8400A000")], [0x24, 0, 0, 0], 1).1, "6985");
    let own = [(0x9F68, "84004000"), (0x9F78, "000000100000")];
    assert_eq!(cvr(&own, [0x24, 0, 0, 0], 40_000), "6985");
}

#[test]
fn d_4_6_mismatch_offline_only_velocity_declines() {
    let objects = [(0x9F68, "84000000"), (0x9F53, "01")];
    let (mut bank, answer) = foreign(&objects, OFFLINE, 500);
    let answer = Answer::parse(&answer);
    assert_eq!(answer.cvr(), TC);
    read_all(&mut bank, &answer);
    let answer = Answer::parse(&bank.qpboc());
    assert_eq!((answer.cvr(), answer.value(0x9F6C)), (VELOCITY_AAC, "0000"));
}

#[test]
fn d_4_6_f_prepaid_debits_ctta() {
    let objects = [(0x9F68, "40800000"), (0x9F5C, "000000000600")];
    let (mut bank, answer) = tap(&objects, [0x20, 0x80, 0, 0], 500);
    assert_eq!(Answer::parse(&answer).cvr(), ARQC);
    bank.card.enter_field().expect("field");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.data(0x9F79), "000000099500");
    assert_eq!(bank.data(0x9F5D), "000000000100", "and not given back");
}

#[test]
fn d_4_7_no_log_without_9f68_b2b5() {
    let (mut bank, answer) = tap(&[(0x9F68, "80000000")], ONLINE, 500);
    read_all(&mut bank, &Answer::parse(&answer));
    assert_eq!(bank.data(0x9F79), "000000099500");
    assert_eq!(bank.send("00B2015C00"), "6A83");
}

#[test]
fn d_4_7_foreign_counter_is_restored() {
    let objects = [(0x9F68, "84000000"), (0x9F53, "01")];
    let (mut bank, answer) = foreign(&objects, ONLINE, 500);
    assert_eq!(Answer::parse(&answer).cvr(), TC);
    // The card left the field before the last record.
    let answer = Answer::parse(&bank.qpboc());
    assert_eq!(answer.cvr(), TC, "as if the first had not been");
    read_all(&mut bank, &answer);
    assert_eq!(Answer::parse(&bank.qpboc()).cvr(), VELOCITY_ARQC);
}

#[test]
fn d_4_7_sum_is_restored() {
    let objects = [(0x9F68, "40000000"), (0x9F54, "000000000500")];
    let (mut bank, answer) = tap(&objects, ONLINE, 500);
    assert_eq!(Answer::parse(&answer).cvr(), TC);
    let answer = Answer::parse(&bank.qpboc());
    assert_eq!(answer.cvr(), TC);
    read_all(&mut bank, &answer);
    assert_eq!(Answer::parse(&bank.qpboc()).cvr(), VELOCITY_ARQC);
}

/// STABILITY.md: a renamed setting keeps its old name.
#[test]
fn the_old_names_of_qpboc_in_a_profile_are_read() {
    for (old, new) in [
        ("quick = false\n", "qpboc = false\n"),
        ("quick_cryptogram_version = \"17\"\n", "qpboc_cryptogram_version = \"17\"\n"),
    ] {
        let (mut old, mut new) = (Bank::new(old), Bank::new(new));
        assert_eq!(old.qpboc(), new.qpboc());
        assert_ne!(new.qpboc(), Bank::new("").qpboc());
    }
}
