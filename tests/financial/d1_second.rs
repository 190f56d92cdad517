//! docs/standards/financial.md §1.5: the second cryptogram, after the issuer answered or without an answer.

use super::bank::{AAC, ARQC, Bank, TC};
use super::d1_risk::used;

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
fn d_1_5_online_flag_stays_after_unable_online() {
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
fn d_1_5_unsupported_issuer_authentication_accepts_and_clears() {
    let mut bank = Bank::new("aip = \"7900\"\n[financial.objects]\n9F52 = \"2000\"\n");
    bank.terminal.tvr = [0x48, 0, 0, 0, 0];
    bank.begin();
    bank.first(AAC);
    bank.terminal.tvr = [0; 5];
    bank.begin();
    assert_eq!(bank.first(ARQC).cvr(), "03A01104");
    let second = bank.second(TC, "00");
    assert_eq!((second.cid, second.cvr().as_str()), (TC, "03601104"), "no byte 3 bit 3");
    assert_eq!(bank.data(0x9F13), "0002");
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03900000");
}

#[test]
fn d_1_5_optional_issuer_authentication_not_performed_accepts_and_clears() {
    let mut bank = used(&[(0x9F56, "00")]);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.second(TC, "00").cvr(), "03600400");
    assert_eq!(bank.data(0x9F13), "0002");
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03900000", "neither unfinished nor failed");
}

#[test]
fn d_1_5_clears_currency_and_country_counters() {
    let mut bank = used(&[(0x9F53, "01"), (0x9F72, "01")]);
    let abroad = |bank: &mut Bank| {
        (bank.terminal.currency, bank.terminal.country) = (0x0392, 0x0392);
        bank.begin();
        bank.first(TC).cvr()
    };
    assert_eq!(abroad(&mut bank), "03900000");
    assert_eq!(abroad(&mut bank.clone()), "03A02000", "both counters are full");
    (bank.terminal.currency, bank.terminal.country) = (0x0156, 0x0156);
    assert_eq!(bank.online().cvr(), "03600000");
    assert_eq!(abroad(&mut bank), "03900000");
}

#[test]
fn d_1_5_aac_branch_leaves_9f13_and_counters() {
    let mut bank = used(&[(0x9F53, "01"), (0x9F72, "01"), (0x9F54, "000000001234")]);
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC);
    (bank.terminal.currency, bank.terminal.country) = (0x0392, 0x0392);
    bank.begin();
    assert_eq!(bank.first(TC).kind(), TC);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.second(AAC, "00").cvr(), "03202000");
    assert_eq!(bank.data(0x9F13), "0001");
    for (currency, country) in [(0x0392, 0x0156), (0x0156, 0x0392), (0x0156, 0x0156)] {
        let mut other = bank.clone();
        (other.terminal.currency, other.terminal.country) = (currency, country);
        other.begin();
        assert_eq!(other.first(TC).cvr(), "03A02000", "{currency:04X} {country:04X}");
    }
}

#[test]
fn d_1_5_unable_online_tc_adds_sums_and_logs() {
    for (limits, cvr) in [
        ([(0x9F54, "000000002468"), (0x9F75, "000000002468")], "03A08000"),
        ([(0x9F54, "000000002467"), (0x9F75, "000000002468")], "03A0A000"),
        ([(0x9F54, "000000002468"), (0x9F75, "000000002467")], "03A0A000"),
    ] {
        let mut bank = used(&limits);
        bank.begin();
        bank.first(ARQC);
        let second = bank.second(TC, "Y3");
        assert_eq!((second.cid, second.cvr().as_str()), (TC, "03610000"));
        let shop = "20".repeat(20);
        let record = format!("2601011200000000000012340000000000000156 0156{shop}000002");
        assert_eq!(bank.send("00B2015C00"), format!("{}9000", record.replace(' ', "")));
        assert_eq!(bank.data(0x9F13), "0001");
        bank.begin();
        assert_eq!(bank.first(TC).cvr(), cvr);
    }
}

#[test]
fn d_1_5_unable_online_tc_counts_abroad() {
    let mut bank = used(&[(0x9F53, "01"), (0x9F72, "01")]);
    (bank.terminal.currency, bank.terminal.country) = (0x0392, 0x0392);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.second(TC, "Z3").cvr(), "03610000");
    for (currency, country) in [(0x0392, 0x0156), (0x0156, 0x0392)] {
        let mut other = bank.clone();
        (other.terminal.currency, other.terminal.country) = (currency, country);
        other.begin();
        assert_eq!(other.first(TC).cvr(), "03A0A000", "{currency:04X} {country:04X}");
    }
}

#[test]
fn d_1_5_unable_online_aac_raises_counters() {
    let mut bank = used(&[(0x9F53, "01"), (0x9F72, "01"), (0x9F54, "000000001234")]);
    (bank.terminal.currency, bank.terminal.country) = (0x0392, 0x0392);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.second(AAC, "Z3").cvr(), "03210000");
    for (currency, country, cvr) in
        [(0x0392, 0x0156, "03A0A000"), (0x0156, 0x0392, "03A0A000"), (0x0156, 0x0156, "03A08000")]
    {
        let mut other = bank.clone();
        (other.terminal.currency, other.terminal.country) = (currency, country);
        other.begin();
        assert_eq!(other.first(TC).cvr(), cvr, "{currency:04X} {country:04X}");
    }
    assert_eq!(&bank.send("00B2015C00")[86..90], "0001", "no log but that of the one before");
}

#[test]
fn d_1_5_unable_online_dual_over_9f5c() {
    // 12.34 USD at 7.0 are 86.38.
    let mut bank = used(&[(0x9F5C, "000000008638"), (0x9F73, "10000070")]);
    bank.terminal.currency = 0x0840;
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.second(TC, "Y3").cvr(), "03610000", "equal is not above");
    bank.begin();
    bank.first(ARQC);
    let second = bank.second(TC, "Y3");
    assert_eq!((second.cid, second.cvr().as_str()), (AAC, "0321A000"));
}

#[test]
fn d_1_5_unable_online_checks_run_even_for_aac() {
    let mut bank = used(&[(0x9F59, "00")]);
    bank.begin();
    assert_eq!(bank.first(ARQC).cvr(), "03A00000");
    let second = bank.second(AAC, "Y3");
    assert_eq!((second.cid, second.cvr().as_str()), (AAC, "03212000"));
}
