//! docs/standards/financial.md §6: issuer scripts, PIN change.

use super::bank::{AAC, ARQC, Bank, SELECT, TC};
use crate::harness::{bytes, hex};

/// A card whose first cryptogram is an ARQC.
fn online(objects: &[(u16, &str)]) -> Bank {
    let mut bank = Bank::with(objects);
    bank.begin();
    assert_eq!(bank.first(ARQC).kind(), ARQC);
    bank
}

#[test]
fn d_6_application_block_shows_from_the_next_selection() {
    let mut bank = Bank::with(&[]);
    assert_eq!(bank.online().kind(), TC);
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.script("841E0000", &[]), "9000");
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.second(TC, "00").kind(), AAC, "the transaction ends declined");
    let answer = bank.send(&format!("{SELECT}00"));
    assert!(answer.starts_with("6F") && answer.ends_with("6283"), "{answer}");
    assert_eq!(bank.data(0x9F4F).len(), 50, "log format stays readable");
    assert_eq!(bank.status("00B2015C00"), "9000", "the log stays readable");
}

#[test]
fn d_6_application_unblock_over_the_aac_of_a_blocked_application() {
    let mut bank = online(&[]);
    assert_eq!(bank.script("841E0000", &[]), "9000");
    assert!(bank.begin().ends_with("9000"));
    assert_eq!(bank.first(ARQC).kind(), AAC);
    assert_eq!(bank.script("84180000", &[]), "9000");
    assert_eq!(bank.status(SELECT), "9000");
}

#[test]
fn d_6_unblock_session_under_sm4() {
    let mut bank = Bank::with(&[]);
    bank.terminal.sm = true;
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.script("841E0000", &[]), "9000");
    assert!(bank.begin().ends_with("9000"));
    let declined = bank.first(ARQC);
    assert_eq!((declined.kind(), declined.iad[7]), (AAC, 0x04));
    assert_eq!(declined.ac, bank.expected(&declined));
    assert_eq!(bank.script("84180000", &[]), "9000");
    assert_eq!(bank.status(SELECT), "9000");
}

#[test]
fn d_6_one_application_blocked_leaves_the_other() {
    let mut bank = Bank::new("applications = 2\n");
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.script("841E0000", &[]), "9000");
    assert_eq!(bank.status(SELECT), "6283");
    assert_eq!(bank.status("00A4040008A000000333010102"), "9000");
    assert_eq!(bank.options(), "80127D00080102001001040018010101200101009000");
    assert_eq!(bank.data(0x9F36), "0001", "its own counter");
    let first = bank.first(TC);
    assert_eq!((first.kind(), first.cvr().as_str()), (TC, "03901000"));
    // By the beginning of the name the blocked one is found and the other is next.
    assert_eq!(bank.status("00A4040005A000000333"), "6283");
    assert_eq!(bank.status("00A4040205A000000333"), "9000");
}

#[test]
fn d_6_block_and_unblock_in_a_state_that_is_already_so() {
    let mut bank = online(&[]);
    for header in ["84180000", "841E0000", "841E0000", "84180000"] {
        assert_eq!(bank.script(header, &[]), "9000");
    }
    assert_eq!(bank.status(SELECT), "9000");
}

#[test]
fn d_6_card_block_lets_the_transaction_finish_and_no_select_after_it() {
    let mut bank = online(&[]);
    assert_eq!(bank.script("84160000", &[]), "9000");
    assert_eq!(bank.script("84160000", &[]), "9000");
    assert_eq!(bank.issuer("00"), "9000");
    assert_eq!(bank.second(TC, "00").kind(), TC);
    for select in [SELECT, "00A404000E315041592E5359532E4444463031", "00A40000023F00"] {
        assert_eq!(bank.send(select), "6A81");
    }
    bank.card.reset().expect("power");
    for command in [SELECT, "80CA9F3600", "00B2011C00"] {
        assert_eq!(bank.send(command), "6A81", "no implicit selection either");
    }
}

#[test]
fn d_6_pin_change_without_the_old_pin() {
    for sm in [false, true] {
        let mut bank = Bank::with(&[]);
        bank.terminal.sm = sm;
        bank.begin();
        assert_eq!(bank.verify("000000"), "63C2");
        bank.first(ARQC);
        let data = bank.new_pin("4321", None);
        assert_eq!(bank.script("84240002", &data), "9000");
        bank.begin();
        assert_eq!(bank.data(0x9F17), "03", "PIN change gives the tries back");
        assert_eq!(bank.verify("123456"), "63C2");
        assert_eq!(bank.verify("4321"), "9000");
    }
}

#[test]
fn d_6_pin_change_bound_to_the_old_pin() {
    let mut bank = online(&[]);
    let data = bank.new_pin("654321", Some("123456"));
    assert_eq!(bank.script("84240001", &data), "9000");
    bank.begin();
    assert_eq!(bank.verify("654321"), "9000");
    bank.first(ARQC);
    // Another old PIN gives digits that are none, or another PIN: never the one that was meant.
    let data = bank.new_pin("111111", Some("999999"));
    let status = bank.script("84240001", &data);
    bank.begin();
    assert_ne!(bank.verify("111111"), "9000");
    assert_eq!(status, "6A80");
}

#[test]
fn d_6_parity_of_the_pin_change_key_is_a_profile_option() {
    let mut bank = Bank::new("pin_change_key = \"unadjusted\"\n");
    bank.begin();
    bank.first(ARQC);
    let (mac_key, plain) = (bank.session("ENC"), bank.card_key("ENC"));
    let block = sscard_crypto::financial::pin_change_block(&plain, "4321", None).expect("PIN");
    let data =
        sscard_crypto::financial::encipher_script(bank.cipher(), &mac_key, &*block).expect("short");
    assert_eq!(bank.script("84240002", &data), "9000");
    bank.begin();
    assert_eq!(bank.verify("4321"), "9000");
}

#[test]
fn d_6_pin_change_wrong_length_6700() {
    for sm in [false, true] {
        for p2 in ["01", "02"] {
            for length in [0, 8, 15, 17, 24] {
                let mut bank = Bank::with(&[]);
                bank.terminal.sm = sm;
                bank.begin();
                bank.first(ARQC);
                let header = format!("842400{p2}");
                assert_eq!(bank.script(&header, &vec![0x5A; length]), "6700", "{p2}, {length}");
                bank.begin();
                assert_eq!(bank.verify("123456"), "9000");
                assert_eq!(&bank.first(AAC).cvr()[6..], "08", "a script that failed");
            }
        }
    }
    let mut bank = online(&[]);
    assert_eq!(bank.script("84240000", &[0x5A; 16]), "6700", "PIN unblock has no data");
}

#[test]
fn d_6_pin_unblock_gives_the_tries_back() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    for _ in 0..3 {
        bank.verify("000000");
    }
    bank.first(ARQC);
    assert_eq!(bank.script("84240000", &[]), "9000");
    bank.begin();
    assert_eq!(bank.verify("123456"), "9000");
}

#[test]
fn d_6_the_same_atc_and_cryptogram_bind_every_command() {
    let mut bank = online(&[]);
    assert_eq!(bank.script("04DA9F58", &[0x05]), "9000");
    assert_eq!(bank.script("04DA9F59", &[0x06]), "9000");
    bank.issuer("00");
    bank.second(TC, "00");
    // Not the second cryptogram.
    assert_eq!(bank.script("04DA9F53", &[0x07]), "9000");
    assert_eq!(bank.data(0x9F58), "05");
    assert_eq!(bank.data(0x9F53), "07");
}

#[test]
fn d_6_after_one_wrong_mac_every_later_command_is_refused() {
    let mut bank = online(&[]);
    let good = bank.script_command("841E0000", &[]);
    let mut wrong = bytes(&good);
    wrong[8] ^= 1;
    assert_eq!(bank.send(&hex(&wrong)), "6988");
    assert_eq!(bank.send(&good), "6985");
    assert_eq!(bank.status(SELECT), "9000", "nothing was blocked");
}

#[test]
fn d_6_mac_of_more_than_four_bytes() {
    // The MAC is four bytes long: of a longer one all but the last four are data.
    for length in 5..=8 {
        for data in ["", "000000200000"] {
            let mut bank = online(&[]);
            let header = if data.is_empty() { "841E0000" } else { "04DA9F79" };
            let lc = data.len() / 2 + length;
            let block = bytes(&format!("{header}{lc:02X}"));
            let parts: [&[u8]; 4] = [&block, &[0x00, 0x01], &bank.first_cryptogram(), &bytes(data)];
            let mac = sscard_crypto::financial::mac(
                bank.cipher(),
                &bank.session("MAC"),
                &parts,
                sscard_crypto::financial::Fold::Left,
            );
            let command = format!("{}{data}{}", hex(&block), hex(&mac[..length]));
            assert_eq!(bank.send(&command), "6988", "{command}");
            assert_eq!(bank.data(0x9F79), "000000100000");
            assert_eq!(bank.status(SELECT), "9000");
        }
    }
    let mut bank = online(&[]);
    assert_eq!(bank.send("841E000003001122"), "6987", "shorter than a MAC is none");
}

#[test]
fn i_11_every_flipped_bit_of_a_script_is_refused() {
    let bank = online(&[]);
    let command = bytes(&bank.script_command("04DA9F79", &bytes("000000200000")));
    for bit in 0..command.len() * 8 {
        // A flipped class, length or instruction is another command altogether.
        if bit / 8 == 4 || bit / 8 < 2 {
            continue;
        }
        let mut flipped = command.clone();
        flipped[bit / 8] ^= 0x80 >> (bit % 8);
        let mut other = bank.clone();
        assert_eq!(other.send(&hex(&flipped)), "6988", "bit {bit}");
        assert_eq!(other.data(0x9F79), "000000100000");
    }
}

#[test]
fn i_11_a_replayed_script_is_refused() {
    let mut bank = online(&[]);
    let command = bank.script_command("04DA9F79", &bytes("000000200000"));
    assert_eq!(bank.send(&command), "9000");
    bank.begin();
    bank.first(ARQC);
    assert_eq!(bank.send(&command), "6988", "the counter has moved on");
    bank.card.reset().expect("power");
    assert_eq!(bank.status(SELECT), "9000");
    assert_eq!(bank.send(&command), "6985");
}

#[test]
fn d_6_scripts_need_a_cryptogram() {
    let mut bank = Bank::with(&[]);
    for command in ["841E00000400000000", "04DA9F58050500000000"] {
        assert_eq!(bank.send(command), "6985", "selected");
    }
    bank.begin();
    assert_eq!(bank.send("841E00000400000000"), "6985", "before the first GENERATE AC");
    bank.first(TC);
    assert_eq!(bank.send("841E00000400000000"), "6985", "after a TC");
}

#[test]
fn d_6_failed_issuer_authentication_refuses_scripts_and_missing_does_not() {
    let mut bank = online(&[]);
    let mut other = bank.clone();
    assert_eq!(bank.wrong_issuer(), "6300");
    assert_eq!(bank.script("841E0000", &[]), "6985");
    assert_eq!(other.script("841E0000", &[]), "9000");
}

#[test]
fn d_6_script_counter_counts_secured_commands_after_the_second_cryptogram() {
    let mut bank = online(&[]);
    assert_eq!(bank.script("04DA9F58", &[0x05]), "9000");
    bank.issuer("00");
    bank.second(TC, "00");
    for _ in 0..17 {
        assert_eq!(bank.script("04DA9F58", &[0x05]), "9000");
    }
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "039000F0", "it stops at 15");
    // A completed online transaction forgets them.
    bank.online();
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03900000");
}

#[test]
fn d_6_script_failure_flag_for_missing_wrong_and_failed() {
    for (command, status) in [("841E000000", "6987"), ("801E000000", "6987")] {
        let mut bank = online(&[]);
        assert_eq!(bank.send(command), status);
        bank.begin();
        assert_eq!(&bank.first(AAC).cvr()[6..], "08", "{command}");
    }
    let mut bank = online(&[]);
    // A right MAC, and a value that the card refuses.
    assert_eq!(bank.script("04DA9F79", &bytes("000000500001")), "6A80");
    bank.begin();
    assert_eq!(&bank.first(AAC).cvr()[6..], "08");
}

#[test]
fn d_6_put_data_list() {
    let puttable: [(u16, &str); 13] = [
        (0x9F72, "01"),
        (0x9F53, "02"),
        (0x9F54, "000000000003"),
        (0x9F75, "000000000004"),
        (0x9F5C, "000000000005"),
        (0x9F73, "10000006"),
        (0x9F58, "07"),
        (0x9F59, "08"),
        (0x9F79, "000000000009"),
        (0x9F77, "000000000010"),
        (0x9F78, "000000000011"),
        (0x9F6D, "000000000012"),
        (0x9F6B, "000000000013"),
    ];
    let mut bank = online(&[]);
    for (tag, value) in puttable {
        assert_eq!(bank.script(&format!("04DA{tag:04X}"), &bytes(value)), "9000", "{tag:04X}");
        assert_eq!(bank.data(tag), value);
    }
    for tag in [0x9F51_u16, 0x9F52, 0x9F56, 0x9F57, 0x9F76, 0x9F36, 0x9F10, 0xDF79] {
        let mut bank = online(&[]);
        assert_eq!(bank.script(&format!("04DA{tag:04X}"), &[0x01]), "6A80", "{tag:04X}");
    }
    let mut bank = online(&[]);
    assert_eq!(bank.script("04DA9F58", &[0x01, 0x02]), "6700");
}

#[test]
fn d_6_update_record() {
    let mut bank = online(&[]);
    let record = bytes("70089F140105 9F23010A");
    assert_eq!(bank.script("04DC0124", &record), "9000");
    assert_eq!(bank.send("00B2012400"), hex(&record) + "9000");
    let cases: [(&str, &str, &str); 5] = [
        ("04DC0224", "70049F140105", "6A83"),
        ("04DC0134", "70049F140105", "6A82"),
        ("04DC0124", "9F140105", "6A85"),
        ("04DC0124", "70049F1401", "6A85"),
        ("04DC0124", "70119F14010500000000000000000000000000", "6A84"),
    ];
    for (header, record, status) in cases {
        let mut bank = online(&[]);
        assert_eq!(bank.script(header, &bytes(record)), status, "{header} {record}");
    }
}

#[test]
fn d_4_6_the_counter_is_exhausted_at_65535() {
    let mut bank = Bank::with(&[]);
    for _ in 0..65_535 {
        assert!(bank.begin().ends_with("9000"));
    }
    assert_eq!(bank.data(0x9F36), "FFFF");
    assert_eq!(bank.begin(), "6985");
    assert_eq!(bank.data(0x9F36), "FFFF");
}

#[test]
fn the_two_functions_of_a_card_share_nothing_but_the_card() {
    // The social security PIN locked: the bank's is not touched, and the other way round.
    let mut bank = Bank::with(&[]);
    assert_eq!(bank.status(crate::harness::SELECT_SSSE), "9000");
    for expected in ["63C5", "63C4", "63C3", "63C2", "63C1", "63C0", "6983"] {
        assert_eq!(bank.send("0020000003000000"), expected);
    }
    bank.begin();
    assert_eq!(bank.verify("123456"), "9000");
    for _ in 0..3 {
        bank.verify("000000");
    }
    bank.first(ARQC);
    assert_eq!(bank.script("841E0000", &[]), "9000");
    let mut other = Bank::with(&[]);
    assert_eq!(other.status(crate::harness::SELECT_SSSE), "9000");
    assert_eq!(other.send("0020000003123456"), "9000");
    assert_eq!(bank.status(crate::harness::SELECT_SSSE), "9000");
    assert_eq!(bank.send("00B2072C0B").len(), 26, "the social security function reads on");
    assert_eq!(bank.status(SELECT), "6283");
}

#[test]
fn d_1_3_a_card_from_its_image_remembers() {
    let mut bank = Bank::with(&[]);
    bank.begin();
    bank.first(ARQC);
    let mut card = sscard_core::Card::from_image(&bank.card.image()).expect("own image");
    card.power_on().expect("power");
    bank.card = card;
    bank.begin();
    assert_eq!(bank.first(TC).cvr(), "03A09000", "online not completed, new card");
    assert_eq!(bank.data(0x9F36), "0002");
}
