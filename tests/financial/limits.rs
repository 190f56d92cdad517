//! Each limit of the bank card at one below, at it and one above.

use super::bank::{AAC, ARQC, Bank, TC};
use super::d1_risk::used;
use super::d4_qpboc::{
    AAC as QPBOC_AAC, OFFLINE, ONLINE, TC as QPBOC_TC, VELOCITY_AAC, VELOCITY_ARQC, cvr, foreign,
};

fn cents(amount: u64) -> String {
    format!("{amount:012}")
}

/// The second cryptogram of a terminal that could not go online.
fn unable(bank: &mut Bank) -> (u8, String) {
    bank.begin();
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    let second = bank.second(TC, "Y3");
    (second.kind(), second.cvr())
}

#[test]
fn d_1_5_9f59_at_the_limit() {
    // Two offline transactions lie behind the last online one: this is the third.
    for (limit, kind) in [("02", AAC), ("03", TC), ("04", TC)] {
        let mut bank = used(&[(0x9F59, limit)]);
        for _ in 0..2 {
            bank.begin();
            assert_eq!(bank.first(TC).kind(), TC);
        }
        let (found, cvr) = unable(&mut bank);
        assert_eq!(found, kind, "{limit}");
        assert_eq!(&cvr[4..6] == "20", kind == AAC, "{limit} {cvr}");
    }
}

#[test]
fn d_1_5_9f5c_of_both_sums_at_the_limit() {
    for (limit, kind) in [(2467, AAC), (2468, TC), (2469, TC)] {
        let limit = cents(limit);
        // 9F54 alone is far away; 1234 was added offline, 1234 is asked for.
        for second_currency in ["absent", "0840"] {
            let mut bank = used(&[(0x9F5C, &limit), (0x9F76, second_currency)]);
            bank.begin();
            assert_eq!(bank.first(TC).kind(), TC);
            assert_eq!(unable(&mut bank).0, kind, "{limit} {second_currency}");
        }
    }
}

#[test]
fn d_1_4_9f54_and_9f75_at_the_limit() {
    for tag in [0x9F54, 0x9F75] {
        for (limit, kind) in [(1233, ARQC), (1234, TC), (1235, TC)] {
            let mut bank = used(&[(tag, &cents(limit))]);
            bank.begin();
            assert_eq!(bank.first(TC).kind(), kind, "{tag:04X} {limit}");
        }
    }
}

#[test]
fn d_1_4_9f53_and_9f72_at_the_limit() {
    for (limit, kinds) in [("00", [ARQC, ARQC]), ("01", [TC, ARQC]), ("02", [TC, TC])] {
        for tag in [0x9F53_u16, 0x9F72] {
            let mut bank = used(&[(tag, limit), (0x9F76, "absent")]);
            let place = if tag == 0x9F53 {
                &mut bank.terminal.currency
            } else {
                &mut bank.terminal.country
            };
            *place = 0x0392;
            for kind in kinds {
                bank.begin();
                assert_eq!(bank.first(TC).kind(), kind, "{tag:04X} {limit}");
            }
        }
    }
}

#[test]
fn d_1_4_9f58_at_the_limit() {
    for (limit, kind) in [("00", ARQC), ("01", TC)] {
        let mut bank = used(&[(0x9F58, limit)]);
        bank.begin();
        assert_eq!(bank.first(TC).kind(), kind, "{limit}");
    }
}

#[test]
fn d_1_5_unable_online_with_a_pin_that_was_presented_does_not_look_at_its_tries() {
    let mut bank = used(&[(0x9F52, "0010")]);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    assert_eq!(bank.second(TC, "Y3").kind(), TC, "the tries went in this transaction");
    assert_eq!(unable(&mut bank).0, AAC, "and in an earlier one");
}

#[test]
fn d_1_4_check_12_is_not_made_when_the_pin_was_presented() {
    let mut bank = used(&[(0x9F52, "0040")]);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    assert_eq!(bank.first(TC).kind(), TC);
    bank.begin();
    assert_eq!(bank.verify("123456"), "6984");
    assert_eq!(bank.first(TC).kind(), TC, "presented, and refused");
    bank.begin();
    assert_eq!(bank.first(TC).kind(), AAC);
}

#[test]
fn d_4_6_9f78_at_the_limit() {
    for (amount, kind) in [(499, QPBOC_TC), (500, QPBOC_TC), (501, VELOCITY_ARQC)] {
        for option in ["80000000", "40000000", "20000000"] {
            let objects = [(0x9F68, option), (0x9F78, "000000000500")];
            assert_eq!(cvr(&objects, ONLINE, amount), kind, "{option} {amount}");
            let offline = if kind == VELOCITY_ARQC { VELOCITY_AAC } else { kind };
            assert_eq!(cvr(&objects, OFFLINE, amount), offline, "{option} {amount}");
        }
    }
}

#[test]
fn d_4_6_and_balance_and_sum_each_at_its_limit() {
    let balance = [
        (0x9F68, "40000000"),
        (0x9F79, "000000000500"),
        (0x9F54, "000000009000"),
        (0x9F5C, "000000009000"),
    ];
    let sum = [
        (0x9F68, "40000000"),
        (0x9F79, "000000009000"),
        (0x9F54, "000000000500"),
        (0x9F5C, "000000000500"),
    ];
    for objects in [balance, sum] {
        for (amount, kind) in [(499, QPBOC_TC), (500, QPBOC_TC), (501, VELOCITY_ARQC)] {
            assert_eq!(cvr(&objects, ONLINE, amount), kind, "{objects:?} {amount}");
        }
    }
}

#[test]
fn d_4_6_or_balance_and_sum_each_at_its_limit() {
    for (balance, sum) in [("000000000500", "000000000000"), ("000000000000", "000000000500")] {
        let objects = [(0x9F68, "20000000"), (0x9F79, balance), (0x9F54, sum), (0x9F5C, sum)];
        for (amount, kind) in [(499, QPBOC_TC), (500, QPBOC_TC), (501, VELOCITY_ARQC)] {
            assert_eq!(cvr(&objects, ONLINE, amount), kind, "{balance} {amount}");
        }
    }
}

#[test]
fn d_4_6_9f6b_asks_for_the_holder_above_the_limit_only() {
    // A terminal without signature or PIN cannot verify anybody.
    for (amount, answer) in [(499, QPBOC_TC), (500, QPBOC_TC), (501, "6985")] {
        assert_eq!(cvr(&[(0x9F6B, "000000000500")], ONLINE, amount), answer, "{amount}");
    }
}

#[test]
fn d_4_6_the_counter_abroad_at_9f53() {
    let objects = |limit| [(0x9F68, "84000000"), (0x9F53, limit)];
    for (limit, kind) in [("00", VELOCITY_AAC), ("01", QPBOC_TC)] {
        let (mut bank, answer) = foreign(&objects(limit), OFFLINE, 100);
        let first = super::d4_qpboc::Answer::parse(&answer);
        assert_eq!(first.cvr(), kind, "{limit}");
        if kind == QPBOC_TC {
            super::d4_qpboc::read_all(&mut bank, &first);
            let second = bank.qpboc();
            assert_eq!(super::d4_qpboc::Answer::parse(&second).cvr(), VELOCITY_AAC, "{limit}");
        }
    }
    assert_ne!(QPBOC_AAC, VELOCITY_AAC);
}

#[test]
fn d_5_e_cash_to_the_last_cent() {
    for (tag, limit, cash) in [
        (0x9F79, "000000001233", false),
        (0x9F79, "000000001234", true),
        (0x9F79, "000000001235", true),
        (0x9F78, "000000001233", false),
        (0x9F78, "000000001234", true),
        (0x9F78, "000000001235", true),
    ] {
        let mut bank = Bank::with(&[(tag, limit)]);
        bank.terminal.cash = true;
        let afl = if cash { "0801010010" } else { "0801020010" };
        assert_eq!(&bank.begin()[8..18], afl, "{tag:04X} {limit}");
        if cash {
            assert_eq!(bank.first(TC).kind(), TC, "{tag:04X} {limit}");
            let left = if tag == 0x9F79 { limit.parse::<u64>().expect("number") } else { 100_000 };
            assert_eq!(bank.data(0x9F79), cents(left - 1234));
        }
    }
}

#[test]
fn d_5_a_load_up_to_the_balance_limit_and_no_further() {
    for (amount, answer) in [(99_999, "9000"), (100_000, "9000"), (100_001, "refused")] {
        let mut bank = Bank::with(&[(0x9F77, "000000100000")]);
        bank.begin();
        bank.first(ARQC);
        bank.issuer("00");
        bank.second(TC, "00");
        let data = crate::harness::bytes(&cents(amount));
        let said = bank.script("04DA9F79", &data);
        assert_eq!(said == "9000", answer == "9000", "{amount}: {said}");
        let now = if answer == "9000" { cents(amount) } else { cents(100_000) };
        assert_eq!(bank.data(0x9F79), now, "{amount}");
    }
}

#[test]
fn d_6_put_data_takes_digits_only() {
    for wrong in ["00000000000A", "0000000000A0", "A00000000000", "0A0000000000"] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        bank.first(ARQC);
        bank.issuer("00");
        bank.second(TC, "00");
        assert_eq!(bank.script("04DA9F79", &crate::harness::bytes(wrong)), "6A80", "{wrong}");
        assert_eq!(bank.data(0x9F79), cents(100_000), "{wrong}");
    }
}

#[test]
fn d_6_the_script_counter_stops_at_15() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    bank.issuer("00");
    bank.second(TC, "00");
    let mut seen = Vec::new();
    for _ in 0..17 {
        assert_eq!(bank.script("04DA9F58", &[5]), "9000");
        let mut next = bank.clone();
        next.begin();
        seen.push(next.first(ARQC).cvr()[6..].to_owned());
    }
    let expected: Vec<String> = (1..=17_u8).map(|count| format!("{:X}0", count.min(15))).collect();
    assert_eq!(seen, expected);
}

#[test]
fn d_8_the_summary_of_loads_has_ten_at_most() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    bank.issuer("00");
    bank.second(TC, "00");
    let log = bank.send("00A4040008A00000033301010100");
    let at = log.find("DF4D02").expect("a load log") + 6;
    let sfi = u8::from_str_radix(&log[at..at + 2], 16).expect("hex");
    let most = usize::from_str_radix(&log[at + 2..at + 4], 16).expect("hex");
    for _ in 0..12 {
        bank.begin();
        bank.first(ARQC);
        bank.issuer("00");
        bank.second(TC, "00");
        assert_eq!(bank.script("04DA9F79", &crate::harness::bytes(&cents(500))), "9000");
        let summary = bank.send(&format!("00B200{:02X}00", sfi << 3 | 4));
        let count = usize::from_str_radix(&summary[4..6], 16).expect("hex");
        // ATC, number, {P1 P2, old, new, date, time, ATC}, MAC.
        assert_eq!(summary.len(), 2 * (3 + count * 22 + 4 + 2), "{summary}");
        assert!(count <= most.min(10), "{summary}");
    }
    let summary = bank.send(&format!("00B200{:02X}00", sfi << 3 | 4));
    assert_eq!(summary[4..6], format!("{:02X}", most.min(10)));
    assert_eq!(bank.send(&format!("00B2{:02X}{:02X}00", most + 1, sfi << 3 | 4)), "6A83");
    assert!(bank.send(&format!("00B2{most:02X}{:02X}00", sfi << 3 | 4)).ends_with("9000"));
}

#[test]
fn d_1_5_a_good_online_transaction_forgets_a_failed_script() {
    let mut bank = Bank::with(&[(0x9F52, "0008")]);
    bank.begin();
    bank.first(ARQC);
    bank.issuer("00");
    bank.second(TC, "00");
    assert_eq!(bank.script("04DA9F51", &[0x01, 0x56]), "6A80");
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (ARQC, "03A00018"), "it goes online for it");
    bank.issuer("00");
    bank.second(TC, "00");
    bank.begin();
    let next = bank.first(TC);
    assert_eq!((next.kind(), next.cvr().as_str()), (TC, "03900000"));
}

#[test]
fn d_1_5_a_good_online_transaction_forgets_a_failed_authentication_of_each_kind() {
    for (byte, cvr) in [(0x40, "03900100"), (0x08, "03900004"), (0x04, "03900004")] {
        let mut bank = used(&[]);
        bank.terminal.tvr[0] = byte;
        bank.begin();
        bank.first(AAC);
        bank.terminal.tvr[0] = 0;
        bank.begin();
        assert_eq!(bank.first(TC).cvr(), cvr, "{byte:02X}");
        bank.online();
        bank.begin();
        assert_eq!(bank.first(TC).cvr(), "03900000", "{byte:02X}");
    }
}

#[test]
fn d_5_an_e_cash_aac_abroad_counts_nothing() {
    let mut bank = used(&[(0x9F72, "00")]);
    bank.terminal.country = 0x0392;
    bank.terminal.cash = true;
    bank.begin();
    assert_eq!(bank.first(AAC).kind(), AAC);
    bank.terminal.cash = false;
    bank.begin();
    assert_eq!(bank.first(TC).kind(), ARQC, "one more is above 00");
    let mut bank = used(&[(0x9F72, "01")]);
    bank.terminal.country = 0x0392;
    bank.terminal.cash = true;
    bank.begin();
    bank.first(AAC);
    bank.terminal.cash = false;
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC, "the first that counts");
}

#[test]
fn d_6_update_record_up_to_its_capacity_and_no_further() {
    // SFI 04 holds 16 bytes in its record.
    for (length, answer) in [(15_usize, "9000"), (16, "9000"), (17, "6A84")] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        bank.first(ARQC);
        bank.issuer("00");
        bank.second(TC, "00");
        let content = format!("9F1F{:02X}{}", length - 3, "31".repeat(length - 3));
        let record = format!("70{length:02X}{content}");
        assert_eq!(bank.script("04DC0124", &crate::harness::bytes(&record)), answer, "{length}");
        let now = bank.send("00B2012400");
        assert_eq!(now == format!("{record}9000"), answer == "9000", "{now}");
    }
}

#[test]
fn d_6_update_record_takes_one_template_and_nothing_behind_it() {
    for record in ["70049F1401059F230102", "70009F140105", "61049F140105", ""] {
        let mut bank = Bank::with(&[]);
        bank.begin();
        bank.first(ARQC);
        bank.issuer("00");
        bank.second(TC, "00");
        assert_eq!(bank.script("04DC0124", &crate::harness::bytes(record)), "6A85", "{record}");
        assert_eq!(bank.send("00B2012400"), "70089F14010A9F2301149000", "{record}");
    }
}
