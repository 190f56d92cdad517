//! iDoDebit and iReadDebitRecord.

use SSCardDriver::interface;

use crate::harness::{Host, alone, card_info, failed, host, last, of_two, own, own_card, plain};

const PURSE: &str = "base = \"gen2\"\n[state.purse]\nbalance = 10000\n";
const PIN: &str = "[pin]\npin = \"123456\"";

fn with_money(more: &str) -> (tempfile::TempDir, Host) {
    own_card(PURSE, "psam-3des", more)
}

fn debit(pay: &str) -> (std::ffi::c_long, String) {
    of_two(interface::iDoDebit, card_info("gen2"), pay)
}

#[test]
fn the_account_the_holder_and_the_fund_pay() {
    let (_folder, _host) = with_money(PIN);
    let (number, text) = debit("12.34|0.10|0.20|20261130101500|");
    assert_eq!(number, 0, "{}", last());
    let (head, certificate) = text.trim_end_matches('|').rsplit_once('|').expect("fields");
    assert_eq!(head, "0000|9999000776A7|00000001|20261130101500|12.34|0.10|0.20|87.66");
    assert_eq!(certificate.len(), 8);
    let (number, text) = debit("0.1|0.2|20151118185001|");
    assert_eq!(number, 0, "the sample of the field: {}", last());
    assert!(
        text.starts_with("0001|9999000776A7|00000002|20151118185001|0.00|0.10|0.20|87.66|"),
        "{text}"
    );
    assert_eq!(
        plain(interface::iReadDebitRecord, 1),
        (
            0,
            "0001|32|9999000776A7|20151118185001|0.00|0.10|0.20|$\
             0000|32|9999000776A7|20261130101500|12.34|0.10|0.20|$"
                .to_owned()
        )
    );
}

#[test]
fn more_than_there_is() {
    let (_folder, _host) = with_money(PIN);
    assert_eq!(debit("100.01|0|0|20261130101500|"), failed(-37889, "未知错误（9401）"));
    assert_eq!(debit("100|0|0|20261130101500|").0, 0, "all there is");
}

#[test]
fn code_23_of_what_is_to_be_paid() {
    let (_folder, _host) = with_money(PIN);
    for pay in [
        "",
        "|",
        "0.1|20151118185001|",
        "0.1|0.2|0.3|0.4|20151118185001|",
        "0.1|0.2|2015111818500|",
        "0.1|0.2|20151318185001|",
        "0.123|0.2|20151118185001|",
        "-1|0.2|20151118185001|",
        "a|0.2|20151118185001|",
        "0.1|0.2|二〇一五年十一月|",
    ] {
        assert_eq!(debit(pay), failed(-23, "传入数据不合法"), "{pay}");
    }
}

#[test]
fn codes_of_a_pin_that_is_wrong_or_not_entered() {
    for (pin, number) in [("000000", -51), ("cancel", -31), ("1", -33)] {
        let (_folder, _host) = with_money(&format!("[pin]\npin = \"{pin}\""));
        assert_eq!(debit("0.1|0.2|20151118185001|").0, number);
        assert_eq!(plain(interface::iReadDebitRecord, 1).0, number);
    }
    let (_folder, _host) = with_money("[pin]\npin = \"123456\"\nrefuse_initial = true");
    assert_eq!(debit("0.1|0.2|20151118185001|"), failed(-35, "初始密码不能交易"));
}

#[test]
fn codes_2201_37635_and_37891_of_a_module_that_does_not_pay() {
    {
        let _host = alone("gen2", PIN);
        assert_eq!(debit("0.1|0.2|20151118185001|"), failed(-2201, "无PSAM卡"));
    }
    let (_folder, module) =
        own("base = \"psam-3des\"\n[psam]\nwithout = [\"DPK/1\", \"DPK/2\", \"DPK/3\"]\n");
    let _host = host(&format!("[card]\nprofile = \"gen2\"\n[psam]\nprofile = \"{module}\"\n{PIN}"));
    assert_eq!(
        debit("0.1|0.2|20151118185001|"),
        failed(-37891, "PSAM卡不支持消费交易"),
        "{}",
        last()
    );
}

#[test]
fn a_card_without_a_purse_or_with_a_blocked_one() {
    {
        let (_folder, _host) = own_card("base = \"gen3\"\n", "psam-sm4", PIN);
        let answer = of_two(interface::iDoDebit, card_info("gen3"), "0.1|0.2|20151118185001|");
        assert_eq!(answer.0, -0x6E00, "{}", last());
    }
    let (_folder, _host) =
        own_card("base = \"gen2\"\n[state]\nblocked = [\"DF04\"]\n", "psam-3des", PIN);
    assert_eq!(debit("0.1|0.2|20151118185001|"), failed(-37635, "应用已被永久锁定"));
}

#[test]
fn code_37634_of_a_card_whose_purchase_key_is_another() {
    let profile = format!(
        "{PURSE}[[keys]]\ndf = \"DF04\"\nid = \"87\"\nvalue = \"000102030405060708090A0B0C0D0E0F\"\n"
    );
    let (_folder, _host) = own_card(&profile, "psam-3des", PIN);
    assert_eq!(debit("0.1|0.2|20151118185001|"), failed(-37634, "MAC无效"));
}

#[test]
fn no_transactions_are_no_records() {
    let _host = alone("gen2", PIN);
    let (number, text) = plain(interface::iReadDebitRecord, 1);
    assert_eq!((number, text.as_str()), (0, ""), "{}", last());
}
