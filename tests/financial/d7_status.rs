//! docs/standards/financial.md §7: status words, command by command.

use sscard_profile::TestKeys;

use super::bank::{AAC, ARQC, Bank, SELECT, TC, UN, pin_block};
use crate::harness::{Desk, bytes, hex};

#[test]
fn d_7_select_and_next_occurrence() {
    let mut bank = Bank::unselected("applications = 2\n");
    assert_eq!(bank.status("00A4040005A000000333"), "9000", "by the beginning of the name");
    let first = bank.send("00A4040005A00000033300");
    assert!(first.contains("8408A000000333010101"), "{first}");
    let next = bank.send("00A4040205A00000033300");
    assert!(next.contains("8408A000000333010102"), "{next}");
    assert_eq!(bank.send("00A4040205A00000033300"), "6A82", "no more");
    assert_eq!(bank.send("00A4040008A00000033301010300"), "6A82");
}

#[test]
fn d_7_payment_directories() {
    let pse = "00A404000E315041592E5359532E444446303100";
    let ppse = "00A404000E325041592E5359532E444446303100";
    let mut bank = Bank::unselected("");
    assert_eq!(
        bank.send(pse),
        "6F1E840E315041592E5359532E4444463031A50C8801015F2D027A689F1101019000"
    );
    let record = "702661244F08A000000333010101500A50424F432044454249548701019F1208BDE8BCC7D3A6D3C3";
    assert_eq!(bank.send("00B2010C00"), format!("{record}9000"));
    assert_eq!(bank.send("00B2020C00"), "6A83");
    assert_eq!(bank.send("00B2011400"), "6A82");
    assert_eq!(bank.send("00B2010C0100"), "6700", "it takes no data");
    assert_eq!(bank.send("80A8000002830000"), "6E00", "no class of its");
    assert_eq!(bank.send("00A8000002830000"), "6D00", "no instruction of its");
    assert_eq!(
        bank.send(ppse),
        "6F30840E325041592E5359532E4444463031A51EBF0C1B\
         61194F08A000000333010101500A50424F432044454249548701019000"
    );
    let mut absent = Bank::unselected("pse = \"absent\"\nppse = \"absent\"\n");
    assert_eq!(absent.send(ppse), "6A82");
    let mut blocked = Bank::unselected("pse = \"blocked\"\nppse = \"blocked\"\n");
    for select in [pse, ppse] {
        let answer = blocked.send(select);
        assert!(answer.starts_with("6F") && answer.ends_with("6283"), "{answer}");
    }
}

#[test]
fn d_7_get_processing_options() {
    let mut bank = Bank::with(&[]);
    let right = format!("{}00", bank.options_command());
    let wrong = [
        "80A80000028300 00".to_owned(),
        format!("80A800000D830B{}0000", bank.pdol()),
        right.replacen("830A", "840A", 1),
        "80A8000000".to_owned(),
    ];
    for command in wrong {
        assert_eq!(bank.send(&command), "6985", "{command}");
    }
    assert_eq!(bank.send(&right.replacen("80A80000", "80A80100", 1)), "6A86");
    assert_eq!(bank.send(&right.replacen("80A8", "00A8", 1)), "6E00");
    assert_eq!(bank.data(0x9F36), "0000", "nothing was counted");
    let answer = bank.options();
    assert_eq!(answer, "80127D00080102001001040018010101200101009000");
    assert_eq!(bank.data(0x9F36), "0001");
    let mut other = Bank::new("status_of_wrong_pdol_data = \"6A80\"\n");
    assert_eq!(other.send("80A8000002830000"), "6A80");
}

#[test]
fn d_7_get_processing_options_without_le() {
    // On T=1 no Le is as good as one of 256, on T=0 the answer always waits; the transaction has begun once.
    let mut bank = Bank::with(&[]);
    let command = bank.options_command();
    assert_eq!(bank.send(&command), "80127D00080102001001040018010101200101009000");
    assert_eq!(bank.data(0x9F36), "0001");
}

#[test]
fn d_7_get_processing_options_t0_with_and_without_le() {
    let command = Bank::with(&[]).options_command();
    // A TPDU of T=0 has no Le; an APDU's Le changes nothing but where GET RESPONSE begins.
    for command in [command.clone(), format!("{command}00")] {
        let mut desk = Desk::t0("gen2");
        assert_eq!(&desk.send(SELECT)[..2], "61");
        assert_eq!(desk.send(&command), "6114", "{command}");
        assert_eq!(desk.send("00C0000014"), "80127D00080102001001040018010101200101009000");
        assert_eq!(desk.send("00C0000014"), "6985", "nothing waits");
        assert_eq!(desk.send("80CA9F3600"), "6C05");
        assert_eq!(desk.send("80CA9F3605"), "9F360200019000");
        assert_eq!(desk.send(&command), "6985", "the transaction has begun once");
    }
}

#[test]
fn d_7_generate_ac() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    let data = bank.cdol1();
    assert_eq!(bank.send(&format!("80AE800033{}00", &data[2..])), "6700");
    assert_eq!(bank.send(&format!("80AEC00034{data}00")), "6A86");
    assert_eq!(bank.send(&format!("80AE800134{data}00")), "6A86");
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    let data = bank.cdol2("00");
    assert_eq!(bank.send(&format!("80AE800022{data}00")), "6A86", "no second ARQC");
    assert_eq!(bank.send(&format!("80AE400021{}00", &data[2..])), "6700");
    assert_eq!(bank.second(AAC, "05").kind(), AAC);
}

#[test]
fn d_7_external_authenticate() {
    let mut bank = Bank::with(&[]);
    assert_eq!(bank.wrong_issuer(), "6985", "no cryptogram yet");
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.send("008200000700112233445566"), "6700");
    assert_eq!(bank.send("0082000100"), "6A86");
    assert_eq!(bank.wrong_issuer(), "6300");
    assert_eq!(bank.issuer("00"), "6985", "a second one in the transaction");
    // A longer one carries the issuer's own data.
    bank.begin();
    bank.first(ARQC);
    let good = bank.clone();
    let arpc = sscard_crypto::financial::arpc_method_1(
        good.cipher(),
        &good.session("AC"),
        &good.first_cryptogram(),
        *b"00",
    );
    assert_eq!(bank.send(&format!("0082000010{}3030AABBCCDDEEFF", hex(&arpc))), "9000");
}

#[test]
fn d_7_get_data() {
    let mut bank = Bank::with(&[]);
    let expected: [(u16, &str); 23] = [
        (0x9F36, "0000"),
        (0x9F13, "0000"),
        (0x9F17, "03"),
        (0x9F4F, "9A039F21039F02069F03069F1A025F2A029F4E149C019F3602"),
        (0xDF4F, "9A039F21039F1A029F4E149F3602"),
        (0x9F79, "000000100000"),
        (0x9F6D, "000000000000"),
        (0x9F5D, "000000100000"),
        (0x9F51, "0156"),
        (0x9F52, "C000"),
        (0x9F72, "05"),
        (0x9F53, "05"),
        (0x9F54, "000000200000"),
        (0x9F75, "000000500000"),
        (0x9F5C, "000000500000"),
        (0x9F73, "10000070"),
        (0x9F56, "80"),
        (0x9F57, "0156"),
        (0x9F58, "0A"),
        (0x9F59, "14"),
        (0x9F76, "0840"),
        (0x9F77, "000000500000"),
        (0x9F78, "000000050000"),
    ];
    for (tag, value) in expected {
        assert_eq!(bank.data(tag), value, "{tag:04X}");
    }
    assert_eq!(bank.data(0x9F68), "81109000");
    assert_eq!(bank.data(0x9F6B), "000000030000");
    for tag in ["9F55", "9F5B", "9F69", "9F6C", "9F10", "5A00", "0000"] {
        assert_eq!(bank.send(&format!("80CA{tag}00")), "6A88", "{tag}");
    }
    assert_eq!(bank.send("80CA9F7905"), "6C09", "a wrong Le");
    let mut silent = Bank::new("shows_pin_tries = false\n");
    assert_eq!(silent.send("80CA9F1700"), "6A88");
}

#[test]
fn d_7_read_record() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    assert_eq!(bank.send("00B2012400"), "70089F14010A9F2301149000");
    assert_eq!(bank.send("00B2022400"), "6A83");
    assert_eq!(bank.send("00B2013400"), "6A82");
    assert_eq!(bank.send("00B2012500"), "6A86");
    assert_eq!(bank.send("00B201240100"), "6700");
}

#[test]
fn d_7_verify() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    assert_eq!(bank.send("0020000008261234 56FFFFFFFF"), "6A86", "P2 must be 80");
    assert_eq!(bank.send("0020008808261234 56FFFFFFFF"), "6A86", "PBOC takes no enciphered PIN");
    assert_eq!(bank.send("0020008007261234 56FFFFFF"), "6700");
    for expected in ["63C2", "63C1", "63C0", "6983", "6983"] {
        assert_eq!(bank.verify("000000"), expected);
    }
    bank.begin();
    assert_eq!(bank.verify("123456"), "6984", "the first one of a later transaction");
    assert_eq!(bank.verify("123456"), "6983");
}

#[test]
fn d_7_verify_behind_a_cryptogram_is_6985_whatever_goes_before_the_options() {
    let mut bank = Bank::new("status_before_initiation = \"6D00\"\n");
    assert_eq!(bank.verify("123456"), "6D00");
    bank.begin();
    assert_eq!(bank.verify("123456"), "9000");
    bank.first(ARQC);
    assert_eq!(bank.verify("123456"), "6985");
    assert_eq!(bank.issuer("00"), "9000");
    bank.second(TC, "00");
    assert_eq!(bank.verify("123456"), "6985");
}

/// VERIFY with the PIN block and the card's number under the card's public key.
fn enciphered(pin: &str, challenge: &str) -> String {
    let key = &TestKeys::get().rsa("card-1152").expect("key").public;
    let mut plain = bytes(&format!("7F{}{challenge}", pin_block(pin)));
    plain.resize(key.modulus().len(), 0x5A);
    let data = key.apply(&plain).expect("below the modulus");
    format!("00200088{:02X}{}", data.len(), hex(&data))
}

#[test]
fn d_7_enciphered_pin_when_the_profile_offers_it() {
    let mut bank = Bank::new("emv_enciphered_pin = true\n");
    bank.begin();
    let challenge = |bank: &mut Bank| bank.send("0084000008")[..16].to_owned();
    assert_eq!(bank.send(&enciphered("123456", UN)), "6984", "no challenge yet");
    let number = challenge(&mut bank);
    let right = enciphered("123456", &number);
    assert_eq!(bank.send(&right), "9000");
    assert_eq!(bank.send(&right), "6984", "its challenge is used up");
    challenge(&mut bank);
    assert_eq!(bank.send(&right), "6984", "another challenge");
    assert_eq!(bank.data(0x9F17), "03", "none of them was a try");
    let number = challenge(&mut bank);
    assert_eq!(bank.send(&enciphered("000000", &number)), "63C2");
    challenge(&mut bank);
    assert_eq!(bank.send(&format!("002000888F{}", "5A".repeat(143))), "6700");
    let number = challenge(&mut bank);
    assert_eq!(bank.send(&enciphered("123456", &number)), "9000");
    assert_eq!(bank.data(0x9F17), "03");
    assert_eq!(bank.first(AAC).cvr(), "03841000");
}

#[test]
fn d_7_unknown_instruction_and_class() {
    let mut bank = Bank::with(&[]);
    assert_eq!(bank.send("00B0000000"), "6D00");
    assert_eq!(bank.send("80B2011C00"), "6E00");
    assert_eq!(bank.send("04B2011C00"), "6882");
    assert_eq!(bank.status("0084000000"), "9000", "EMV asks with Le 00");
    assert_eq!(bank.send("0084000000").len(), 20);
    assert_eq!(bank.send("0084000004").len(), 12);
    assert_eq!(bank.send("0084000005"), "6700");
}
