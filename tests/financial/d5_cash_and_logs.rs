//! docs/standards/financial.md §5 and §8: e-cash over contacts, the logs.

use super::bank::{AAC, ARQC, Bank, TC};
use crate::harness::{bytes, hex};

const CASH: &str = "80127D00080101001001040018010101280101009000";
const STANDARD: &str = "80127D00080102001001040018010101200101009000";

fn shopper(objects: &[(u16, &str)]) -> Bank {
    let mut bank = Bank::with(objects);
    bank.terminal.cash = true;
    bank
}

#[test]
fn d_5_the_seven_conditions_of_the_e_cash_path() {
    assert_eq!(shopper(&[]).begin(), CASH);
    let mut bank = shopper(&[]);
    bank.terminal.cash = false;
    assert_eq!(bank.begin(), STANDARD, "1: the terminal");
    let mut bank = shopper(&[]);
    bank.terminal.currency = 0x0840;
    assert_eq!(bank.begin(), STANDARD, "2: the currency");
    assert_eq!(shopper(&[(0x9F79, "000000001233")]).begin(), STANDARD, "3: the balance");
    assert_eq!(shopper(&[(0x9F79, "000000001234")]).begin(), CASH);
    assert_eq!(shopper(&[(0x9F78, "000000001233")]).begin(), STANDARD, "4: the single limit");
    let mut bank = shopper(&[]);
    bank.terminal.cash = false;
    bank.begin();
    bank.first(ARQC);
    bank.wrong_issuer();
    bank.terminal.cash = true;
    assert_eq!(bank.begin(), STANDARD, "5: issuer authentication failed");
    let mut bank = shopper(&[]);
    bank.terminal.cash = false;
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.send("841E00000400000000"), "6988");
    bank.terminal.cash = true;
    assert_eq!(bank.begin(), STANDARD, "6: a script failed");
    let mut bank = shopper(&[]);
    bank.terminal.cash = false;
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    bank.terminal.cash = true;
    assert_eq!(bank.begin(), STANDARD, "7: no PIN try left");
}

#[test]
fn d_5_a_tc_debits_and_shows_the_new_balance() {
    let mut bank = shopper(&[]);
    bank.begin();
    assert_eq!(bank.send("00B2012C00"), "70099F74064543433030319000");
    let first = bank.first(TC);
    assert_eq!((first.cid, first.cvr().as_str()), (TC, "03900000"));
    assert_eq!(first.ac, bank.expected(&first));
    assert_eq!(bank.data(0x9F79), "000000098766");
    let balance = [0x00, 0x00, 0x09, 0x87, 0x66];
    let mac = bank.expected_mac(first.atc, &[balance]);
    assert_eq!(hex(&first.iad[8..]), format!("0A01{}{}", hex(&balance), hex(&mac)));
}

#[test]
fn d_5_the_log_of_an_e_cash_tc() {
    let mut bank = shopper(&[]);
    bank.begin();
    bank.first(TC);
    let shop = "20".repeat(20);
    let record = format!("2601011200000000000012340000000000000156 0156{shop}000001");
    assert_eq!(bank.send("00B2015C00"), format!("{}9000", record.replace(' ', "")));
    assert_eq!(bank.send("00B2025C00"), "6A83", "once");
}

#[test]
fn d_5_under_sm_algorithms() {
    // A card of both families by DF69, an SM-only card whatever the terminal says.
    for (profile, asked) in [("", true), ("sm = \"only\"\n", false)] {
        let mut bank = Bank::new(profile);
        (bank.terminal.cash, bank.terminal.sm) = (true, asked);
        assert_eq!(bank.begin(), "80127D00080101004001030018010101280101009000", "{profile}");
        bank.terminal.sm = true;
        let first = bank.first(TC);
        assert_eq!((first.cid, first.cvr().as_str()), (TC, "03900000"));
        assert_eq!(hex(&first.iad[..8]), "0701010390000004");
        assert_eq!(first.ac, bank.expected(&first));
        let balance = [0x00, 0x00, 0x09, 0x87, 0x66];
        let mac = bank.expected_mac(first.atc, &[balance]);
        assert_eq!(hex(&first.iad[8..]), format!("0A01{}{}", hex(&balance), hex(&mac)));
        assert_eq!(bank.data(0x9F79), "000000098766");
    }
}

#[test]
fn d_5_other_counters_do_not_move() {
    let mut bank = shopper(&[(0x9F58, "01"), (0x9F54, "000000000000")]);
    for _ in 0..3 {
        bank.begin();
        assert_eq!(bank.first(TC).kind(), TC, "no velocity check in e-cash");
    }
    bank.terminal.cash = false;
    bank.begin();
    // The ordinary path counts transactions by the ATC, and its own sums.
    assert_eq!(bank.first(TC).cvr(), "03A03000");
}

#[test]
fn d_5_an_aac_and_an_arqc_debit_nothing() {
    for (asked, kind) in [(AAC, AAC), (ARQC, ARQC)] {
        let mut bank = shopper(&[]);
        bank.begin();
        assert_eq!(bank.first(asked).kind(), kind);
        assert_eq!(bank.data(0x9F79), "000000100000");
    }
    // After an ARQC the transaction goes on as an ordinary one.
    let mut bank = shopper(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.second(TC, "00").kind(), TC);
    assert_eq!(bank.data(0x9F79), "000000100000");
}

#[test]
fn d_5_values_that_differ_from_the_pdol_decline() {
    let mut bank = shopper(&[]);
    bank.begin();
    bank.terminal.amount = 1;
    assert_eq!(bank.first(TC).kind(), AAC, "another amount");
    let mut bank = shopper(&[]);
    bank.begin();
    bank.terminal.currency = 0x0840;
    assert_eq!(bank.first(TC).kind(), AAC, "another currency");
    let mut bank = shopper(&[]);
    bank.begin();
    bank.terminal.tvr = [0x80, 0, 0, 0, 0];
    assert_eq!(bank.first(TC).kind(), TC, "the terminal's results differ by nature");
    assert_eq!(bank.data(0x9F79), "000000098766");
}

#[test]
fn d_5_checks_3_and_4_are_made() {
    let mut bank = shopper(&[]);
    bank.terminal.tvr = [0x48, 0, 0, 0, 0];
    bank.begin();
    bank.first(AAC);
    bank.terminal.tvr = [0; 5];
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03900104");
}

#[test]
fn d_5_a_balance_over_its_limit_is_refused() {
    for (option, status) in [("", "6A80"), ("status_of_balance_over_limit = \"6985\"\n", "6985")] {
        let mut bank = Bank::new(option);
        bank.begin();
        bank.first(ARQC);
        assert_eq!(bank.script("04DA9F79", &bytes("000000500001")), status);
        assert_eq!(bank.data(0x9F79), "000000100000");
        assert_eq!(bank.script("04DA9F79", &bytes("000000500000")), "9000");
        assert_eq!(bank.data(0x9F79), "000000500000");
    }
}

#[test]
fn d_8_transaction_log_is_written_for_a_tc_only() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(AAC);
    assert_eq!(bank.send("00B2015C00"), "6A83");
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.send("00B2015C00"), "6A83");
    bank.second(AAC, "05");
    assert_eq!(bank.send("00B2015C00"), "6A83");
    bank.online();
    let shop = "20".repeat(20);
    let record = format!("260101120000000000001234000000000000015601 56{shop}000003");
    assert_eq!(bank.send("00B2015C00"), format!("{}9000", record.replace(' ', "")));
    assert_eq!(bank.send("00B2025C00"), "6A83");
    assert_eq!(bank.send("00B2005C00"), "6A83");
}

#[test]
fn d_8_transaction_log_is_cyclic_and_the_newest_is_1() {
    let mut bank =
        Bank::with(&[(0x9F58, "FF"), (0x9F54, "000099999999"), (0x9F75, "000099999999")]);
    for amount in 1..=13 {
        bank.terminal.amount = amount;
        bank.begin();
        assert_eq!(bank.first(TC).kind(), TC);
    }
    for number in 1..=10_u64 {
        let record = bank.send(&format!("00B2{number:02X}5C00"));
        assert_eq!(&record[12..24], format!("{:012}", 14 - number), "record {number}");
    }
    assert_eq!(bank.send("00B20B5C00"), "6A83");
}

#[test]
fn d_8_load_log_of_every_put_data_9f79() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.script("04DA9F79", &bytes("000000200000")), "9000");
    assert_eq!(bank.script("04DA9F79", &bytes("000000300000")), "9000");
    assert_eq!(bank.script("04DA9F58", &[0x05]), "9000");
    let tail = format!("2601011200000156{}0001", "20".repeat(20));
    assert_eq!(bank.send("00B2016400"), format!("9F79000000200000000000300000{tail}9000"));
    assert_eq!(bank.send("00B2026400"), format!("9F79000000100000000000200000{tail}9000"));
    assert_eq!(bank.send("00B2036400"), "6A83");
}

#[test]
fn d_8_load_log_read_as_a_whole_with_a_mac() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    for balance in 1..=12_u32 {
        assert_eq!(bank.script("04DA9F79", &bytes(&format!("{balance:012}"))), "9000");
    }
    let answer = bank.send("00B2006400");
    let answer = bytes(answer.strip_suffix("9000").expect("9000"));
    assert_eq!(answer.len(), 227);
    assert_eq!(hex(&answer[..3]), "00010A");
    assert_eq!(hex(&answer[3..25]), "9F790000000000110000000000122601011200000001");
    let (body, mac) = answer.split_at(223);
    let key = sscard_crypto::financial::pboc_session_key(
        bank.cipher(),
        &bank.card_key("MAC"),
        [0x00, 0x01],
    );
    let expected = sscard_crypto::financial::mac(
        bank.cipher(),
        &key,
        &[body],
        sscard_crypto::financial::Fold::Left,
    );
    assert_eq!(mac, &expected[..4]);
}

#[test]
fn d_8_a_card_of_sm_algorithms_alone_has_no_other_mac() {
    let mut bank = Bank::new("sm = \"only\"\n");
    bank.terminal.sm = true;
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.script("04DA9F79", &bytes("000000200000")), "9000");
    let summary = bank.send("00B2006400");
    // Before a transaction nothing has chosen, and there is nothing to choose.
    assert_eq!(bank.status(super::bank::SELECT), "9000");
    assert_eq!(bank.send("00B2006400"), summary);
}

#[test]
fn d_8_logs_are_read_by_anybody_on_a_blocked_application() {
    let mut bank = Bank::with(&[]);
    bank.online();
    assert_eq!(bank.script("04DA9F79", &bytes("000000200000")), "9000");
    assert_eq!(bank.script("841E0000", &[]), "9000");
    assert_eq!(bank.status(super::bank::SELECT), "6283");
    assert!(bank.send("00B2015C00").ends_with("9000"));
    assert!(bank.send("00B2016400").ends_with("9000"));
    assert!(bank.send("00B2006400").ends_with("9000"));
    assert_eq!(bank.data(0xDF4F), "9A039F21039F1A029F4E149F3602");
}
