//! Rules of the bank card that a single command after a refusal, on another channel or in a later
//! transaction shows.

use sscard_core::Profile;
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

use super::bank::{AAC, ARQC, Bank, SELECT, TC, UN, objects_table};
use crate::harness::{bytes, hex};

/// qPBOC, online capable, fDDA version 01.
const ONLINE: [u8; 4] = [0x20, 0x00, 0x00, 0x80];
/// The last record of qPBOC's AFL under RSA.
const LAST: &str = "00B2012C00";

/// The value of a tag in template 77.
fn find(answer: &str, tag: u32) -> Option<String> {
    let answer = bytes(answer.strip_suffix("9000").unwrap_or_else(|| panic!("{answer}")));
    let template = sscard_apdu::tlv::Reader::new(&answer).next().expect("template").expect("TLV");
    assert_eq!(template.tag.number(), 0x77);
    let mut objects = sscard_apdu::tlv::Reader::new(template.value).map(|o| o.expect("TLV"));
    objects.find(|object| object.tag.number() == tag).map(|object| hex(object.value))
}

/// CVR of a qPBOC answer.
fn qpboc_cvr(answer: &str) -> String {
    find(answer, 0x9F10).expect("9F10")[6..14].to_owned()
}

/// A card that has been online once, so that it is not new.
fn used(objects: &[(u16, &str)]) -> Bank {
    let mut bank = Bank::with(objects);
    assert_eq!(bank.online().kind(), TC);
    bank
}

/// A card whose first cryptogram is an ARQC.
fn online() -> Bank {
    let mut bank = used(&[]);
    bank.begin();
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    bank
}

/// Taps a card for an amount; the answer of GET PROCESSING OPTIONS.
fn tap(bank: &mut Bank, amount: u64) -> String {
    bank.terminal.qualifiers = ONLINE;
    bank.terminal.amount = amount;
    bank.qpboc()
}

#[test]
fn i_14_a_refused_path_begins_no_transaction() {
    // No common path; contacts preferred; a verification that card and terminal do not share.
    for (objects, qualifiers) in [
        (&[][..], [0x10, 0, 0, 0]),
        (&[(0x9F68, "82000000")], [0x30, 0x80, 0, 0]),
        (&[(0x9F68, "80000000")], [0x20, 0x40, 0, 0]),
    ] {
        let mut bank = Bank::with(objects);
        bank.terminal.qualifiers = qualifiers;
        assert_eq!(bank.qpboc(), "6985");
        let data = bank.cdol1();
        for kind in ["40", "80", "00"] {
            assert_eq!(bank.send(&format!("80AE{kind}0034{data}00")), "6985");
        }
        assert_eq!(bank.send("00880000041E78EEBC00"), "6985");
        assert_eq!(bank.verify("123456"), "6985");
        assert_eq!(bank.data(0x9F36), "0000");
        bank.terminal.qualifiers = [0x40, 0, 0, 0];
        assert!(bank.qpboc_options().starts_with("80"), "the selection is as it was");
        let first = bank.first(ARQC);
        assert_eq!((first.kind(), first.atc), (ARQC, [0, 1]));
    }
}

/// The same command on logical channel 1.
fn on_channel_1(command: &str) -> String {
    let mut command = bytes(command);
    command[0] |= 1;
    hex(&command)
}

/// Begins a qPBOC transaction on logical channel 1; its answer.
fn tap_on_channel_1(bank: &mut Bank, amount: u64) -> String {
    bank.terminal.amount = amount;
    assert_eq!(bank.status(&on_channel_1(SELECT)), "9000");
    bank.terminal.qualifiers = ONLINE;
    let command = format!("{}00", bank.qpboc_command());
    bank.send(&on_channel_1(&command))
}

#[test]
fn i_14_another_channel_cannot_undo_a_quick_debit() {
    let mut bank = Bank::with(&[]);
    assert_eq!(qpboc_cvr(&tap(&mut bank, 500)), "03900000");
    assert_eq!(bank.send("0070000001"), "019000");
    let mut read = bank.clone();
    let mut probed = bank.clone();
    // The other channel undoes the debit, so the last record does not approve.
    assert_eq!(bank.status(&on_channel_1(SELECT)), "9000");
    assert_eq!(bank.data(0x9F79), "000000100000");
    assert!(bank.send("00B2011C00").ends_with("9000"));
    for _ in 0..2 {
        assert_eq!(bank.send(LAST), "6985");
    }
    assert_eq!(bank.data(0x9F79), "000000100000");
    assert_eq!(bank.send("00B2015C00"), "6A83", "no log");
    // Once the last record is read, nothing undoes it.
    let last = read.send(LAST);
    assert!(last.contains("9F4B") && last.ends_with("9000"));
    assert_eq!(read.status(&on_channel_1(SELECT)), "9000");
    assert_eq!(read.data(0x9F79), "000000099500");
    assert_eq!(read.send(LAST), last, "again");
    assert_eq!(read.send("00B2025C00"), "6A83", "one log");
    // A wrong Le has read nothing.
    assert!(probed.send("00B2012C05").starts_with("6C"));
    assert_eq!(probed.status(&on_channel_1(SELECT)), "9000");
    assert_eq!(probed.send(LAST), "6985");
    assert_eq!(probed.data(0x9F79), "000000100000");
}

#[test]
fn i_15_two_quick_transactions_commit_their_own_debits() {
    let mut bank = Bank::with(&[]);
    assert_eq!(qpboc_cvr(&tap(&mut bank, 500)), "03900000");
    assert_eq!(bank.send("0070000001"), "019000");
    let other = tap_on_channel_1(&mut bank, 700);
    assert_eq!(qpboc_cvr(&other), "03900000");
    assert_eq!(find(&other, 0x9F36).as_deref(), Some("0002"));
    assert_eq!(bank.send(LAST), "6985", "the first has been undone");
    let last = bank.send(&on_channel_1(LAST));
    assert!(last.ends_with("9000"));
    assert_eq!(bank.data(0x9F79), "000000099300");
    assert_eq!(bank.send(LAST), "6985", "the second has not committed the first");
    assert_eq!(bank.send(&on_channel_1(LAST)), last);
    assert_eq!(bank.data(0x9F79), "000000099300");
    // One after the other, each counts.
    assert_eq!(qpboc_cvr(&tap(&mut bank, 500)), "03900000");
    let first = bank.send(LAST);
    assert!(first.ends_with("9000"));
    assert_eq!(bank.send("0070000001"), "019000");
    assert_eq!(qpboc_cvr(&tap_on_channel_1(&mut bank, 700)), "03900000");
    assert!(bank.send(&on_channel_1(LAST)).ends_with("9000"));
    assert_eq!(bank.data(0x9F79), "000000098100");
}

#[test]
fn i_14_a_waiting_quick_debit_does_not_undo_a_load() {
    let mut bank = Bank::with(&[]);
    bank.terminal.qualifiers = [0x40, 0, 0, 0];
    assert!(bank.qpboc().starts_with("80"));
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    assert_eq!(bank.send("0070000001"), "019000");
    let load = bank.script_command("04DA9F79", &bytes("000000200000"));
    assert_eq!(qpboc_cvr(&tap_on_channel_1(&mut bank, 500)), "03900000");
    assert_eq!(bank.send(&load), "9000");
    assert_eq!(bank.send(&on_channel_1(LAST)), "6985");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.data(0x9F79), "000000200000");
}

const AND_TOTAL: (u16, &str) = (0x9F68, "40000000");

#[test]
fn d_4_6_e_ctta_is_cleared_by_an_online_transaction() {
    let mut bank = Bank::with(&[AND_TOTAL, (0x9F54, "000000000500"), (0x9F56, "00")]);
    assert_eq!(qpboc_cvr(&tap(&mut bank, 500)), "03900000");
    assert!(bank.send(LAST).ends_with("9000"));
    assert_eq!(qpboc_cvr(&tap(&mut bank, 100)), "03A02000", "the total is full");
    bank.card.power_on().expect("power");
    bank.begin();
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    assert_eq!(bank.second(TC, "00").kind(), TC);
    assert_eq!(qpboc_cvr(&tap(&mut bank, 100)), "03900000");
}

#[test]
fn d_4_1_ctta_is_the_cumulative_amount_of_9f54() {
    let mut bank = used(&[AND_TOTAL, (0x9F54, "000000002000")]);
    // What is spent over contacts counts in the field.
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC, "12.34");
    let mut full = bank.clone();
    assert_eq!(qpboc_cvr(&tap(&mut full, 767)), "03A02000");
    assert_eq!(qpboc_cvr(&tap(&mut bank, 766)), "03900000");
    // What is spent in the field counts over contacts, once it counts at all.
    let mut unread = bank.clone();
    assert!(bank.send(LAST).ends_with("9000"));
    for (bank, kind) in [(&mut bank, ARQC), (&mut unread, TC)] {
        bank.card.power_on().expect("power");
        bank.terminal.amount = 1;
        bank.begin();
        assert_eq!(bank.first(TC).kind(), kind);
    }
}

#[test]
fn d_6_wrong_p1_p2_counts_and_fails() {
    for header in ["84240003", "84240100", "841E0100", "84180001", "84160100", "04DC0123"] {
        let mut bank = online();
        bank.issuer("00");
        assert_eq!(bank.second(TC, "00").kind(), TC);
        assert_eq!(bank.script(header, &[]), "6A86", "{header}");
        bank.begin();
        assert_eq!(bank.first(TC).cvr(), "03900018", "{header}");
    }
}

#[test]
fn d_6_a_wrong_mac_goes_before_wrong_p1_p2() {
    let mut bank = online();
    assert_eq!(bank.send("842400030400000000"), "6988");
    assert_eq!(bank.script("841E0000", &[]), "6985", "the session takes no more");
    let mut bank = online();
    assert_eq!(bank.send("8424000300"), "6987");
    let mut bank = used(&[]);
    bank.begin();
    assert_eq!(bank.send("842400030400000000"), "6985", "no cryptogram yet");
}

/// A card whose contactless PDOL lacks a tag, with the answer to a qPBOC transaction of 5.00.
fn tap_without(wanted: u32, objects: &[(u16, &str)]) -> String {
    let mut elements = vec![
        (0xDF69, "DF6901", "00"),
        (0x9F66, "9F6604", "20000080"),
        (0x9F02, "9F0206", "000000000500"),
        (0x9F03, "9F0306", "000000000000"),
        (0x9F1A, "9F1A02", "0156"),
        (0x95, "9505", "0000000000"),
        (0x5F2A, "5F2A02", "0156"),
        (0x9A, "9A03", "260101"),
        (0x9C, "9C01", "00"),
        (0x9F37, "9F3704", UN),
    ];
    elements.retain(|(tag, ..)| *tag != wanted);
    let list = |part: fn(&(u32, &'static str, &'static str)) -> &'static str| {
        elements.iter().map(part).collect::<String>()
    };
    let text = format!("base = \"gen2\"\n[financial]\ncard_key = 1024\n{}", objects_table(objects));
    let mut blueprint = load(&text).expect("profile").blueprint().clone();
    blueprint.financial.applications[0].contactless_pdol = bytes(&list(|element| element.1));
    let profile = Profile::new(blueprint).expect("plan");
    let mut bank = Bank::new("");
    bank.card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    bank.card.enter_field().expect("field");
    assert_eq!(bank.status(SELECT), "9000");
    let values = list(|element| element.2);
    let length = values.len() / 2;
    bank.send(&format!("80A80000{:02X}83{length:02X}{values}00", length + 2))
}

#[test]
fn d_4_5_a_missing_element_fails_fdda() {
    // Another currency is taken offline, as a transaction without a currency counts.
    let offline = (0x9F68, "84000000");
    let answer = tap_without(0, &[offline]);
    assert_eq!(find(&answer, 0x9F4B).map(|value| value.len()), Some(256), "nothing is missing");
    for tag in [0x9F02, 0x5F2A, 0x9F37] {
        let answer = tap_without(tag, &[offline]);
        assert_eq!(qpboc_cvr(&answer), "03900000", "{tag:X}");
        assert_eq!(find(&answer, 0x9F4B), None, "{tag:X}");
    }
    let answer = tap_without(0, &[offline, (0x9F69, "absent")]);
    assert_eq!(find(&answer, 0x9F4B), None);
    // Version 00 needs no more than the unpredictable number.
    let mut bank = Bank::with(&[(0x9F69, "absent")]);
    bank.terminal.qualifiers = [0x20, 0, 0, 0];
    bank.terminal.amount = 500;
    assert_eq!(qpboc_cvr(&bank.qpboc()), "03900000");
    assert!(bank.send(LAST).contains("9F4B8190"));
    let mut bank = Bank::with(&[(0x9F69, "absent")]);
    tap(&mut bank, 500);
    assert_eq!(bank.send(LAST), "70099F74064543433030319000");
}

#[test]
fn d_1_2_ada_b1b4_only_in_the_transaction_that_exhausts() {
    let mut bank = used(&[(0x9F52, "0800")]);
    bank.begin();
    for expected in ["63C2", "63C1", "63C0"] {
        assert_eq!(bank.verify("000000"), expected);
    }
    bank.begin();
    assert_eq!(bank.verify("123456"), "6984");
    assert_eq!(bank.verify("123456"), "6983");
    let first = bank.first(AAC);
    assert_eq!((first.cid, first.cvr().as_str()), (0x00, "03864000"));
}

#[test]
fn d_1_5_unable_online_aac_creates_advice() {
    let mut bank = used(&[(0x9F52, "1000")]);
    bank.begin();
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    assert_eq!(bank.second(AAC, "Y3").cid, 0x08);
    // Declined by the card itself, in the transaction that used the PIN's tries up.
    let mut bank = used(&[(0x9F52, "0800"), (0x9F59, "00")]);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    assert_eq!(bank.second(TC, "Z3").cid, 0x0A, "reason 010");
    let mut bank = used(&[(0x9F52, "0000")]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.second(AAC, "Z3").cid, 0x00);
}

#[test]
fn d_7_external_authenticate_lc() {
    let authenticate = |length: usize, code: &[u8]| {
        let mut bank = online();
        let arpc = sscard_crypto::financial::arpc_method_1(
            bank.cipher(),
            &bank.session("AC"),
            &bank.first_cryptogram(),
            *b"00",
        );
        let mut data = [&arpc[..], code].concat();
        data.resize(length, 0);
        let status = bank.send(&format!("00820000{length:02X}{}", hex(&data)));
        (status, bank)
    };
    for (length, code, status) in [
        (0x07, &b""[..], "6700"),
        (0x08, b"", "6700"),
        (0x09, b"0", "6700"),
        (0x0A, b"00", "9000"),
        (0x10, b"00", "9000"),
        (0x11, b"00", "6700"),
    ] {
        assert_eq!(authenticate(length, code).0, status, "{length:02X}");
    }
    // Without a response code nothing was performed: a whole answer is still taken.
    let (_, mut bank) = authenticate(0x08, b"");
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.second(TC, "00").cvr(), "03600000");
}

#[test]
fn d_4_3_static_discretionary_data() {
    let mut bank = Bank::new("discretionary_data_static = \"0102030405\"\n");
    bank.begin();
    assert_eq!(hex(&bank.first(TC).iad), "0701010390100001050102030405");
    let answer = tap(&mut bank, 500);
    assert_eq!(find(&answer, 0x9F10).as_deref(), Some("0701010390000001050102030405"));
    assert_eq!(bank.send("80CA9F1000"), "6A88");
    let longest = "00".repeat(15);
    let mut bank = Bank::new(&format!("discretionary_data_static = \"{longest}\"\n"));
    bank.begin();
    assert_eq!(hex(&bank.first(TC).iad), format!("07010103901000010F{longest}"));
    for lines in [
        "discretionary_data_static = \"\"",
        "discretionary_data_static = \"00112233445566778899AABBCCDDEEFF\"",
        "discretionary_data_static = \"0G\"",
        "discretionary_data_static = \"01\"\ndiscretionary_data = 1",
    ] {
        let error = load(&format!("base = \"gen2\"\n[financial]\n{lines}\n")).expect_err(lines);
        assert!(error.to_string().contains(": financial.discretionary_data_static"), "{error}");
    }
}

#[test]
fn d_4_1_the_default_low_value_check_needs_9f79_and_9f77() {
    let load = |lines: &str, objects: &[(u16, &str)]| {
        load(&format!("base = \"gen2\"\n[financial]\n{lines}{}", objects_table(objects)))
    };
    for tag in [0x9F79, 0x9F77] {
        let without = [(0x9F68, "absent"), (tag, "absent")];
        let error = load("", &without).expect_err("9F68 is absent").to_string();
        let expected = format!("financial.objects.{tag:04X}: 'absent' is not possible");
        assert!(error.contains(&expected), "{error}");
        load("qpboc = false\n", &without).expect("no qPBOC path");
        load("", &without[1..]).expect("9F68 says which check");
    }
    load("", &[(0x9F68, "absent")]).expect("both are there");
}
