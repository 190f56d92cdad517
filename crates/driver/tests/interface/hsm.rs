//! The functions in steps, with the software HSM of the tests between them.

use SSCardDriver::interface::{self, LARGE_ROOM};

use crate::harness::{
    Hsm, alone, c, card_info, done, failed, fields, host, last, of_card, of_text, of_two, own_card,
    plain, raw, write_card,
};

const PROFILES: [&str; 3] = ["gen1", "gen2", "gen3"];
const SENT_AWAY: [std::ffi::c_long; 5] = [-2201, -2202, -2203, -27272, -24];

fn basic_of(profile: &str) -> String {
    let code = if profile == "gen3" { "FFFFFFFF" } else { "EAB8B804" };
    let version = match profile {
        "gen1" => "1.00",
        "gen2" => "2.00",
        _ => "3.00",
    };
    format!(
        "999900|999901199206192161|T10164210|999900D156000005790776A7{code}|孙测戊|008153534386009999790776A7|\
         {version}|20240101|20340101|000000000000|sscard|"
    )
}

#[test]
fn basic_data_in_two_steps() {
    for profile in PROFILES {
        let _host = alone(profile, "");
        let (number, _) = plain(interface::iReadCardBas, 1);
        assert!(SENT_AWAY.contains(&number), "the caller goes to the HSM: {number}");
        let (number, text) = plain(interface::iReadCardBas_HSM_Step1, 1);
        assert_eq!(number, 0, "{}", last());
        let said = fields(&text);
        assert_eq!(said.len(), 9, "{text}");
        let algorithm = if profile == "gen3" { "03" } else { "01" };
        assert_eq!(said[..3], ["999900", "008153534386009999790776A7", algorithm]);
        let mut hsm = Hsm::new(profile);
        let internal = hsm.authenticate("SSSE", 0x00, said[4], said[5]);
        let key = if profile == "gen3" {
            let external = hsm.authenticate("SSSE", 0x0A, said[6], said[7]);
            format!("{internal}|{external}|")
        } else {
            assert_eq!(said[6..8], ["", ""], "no external authentication");
            format!("{internal}|")
        };
        assert_eq!(of_text(interface::iReadCardBas_HSM_Step2, &key), (0, basic_of(profile)));
        let again = of_text(interface::iReadCardBas_HSM_Step2, &key);
        assert_eq!(again, failed(-12, "未建立连接"), "a step is done once");
    }
}

#[test]
fn code_25_of_another_hsm_and_code_25538_of_a_wrong_proof() {
    let _host = alone("gen3", "");
    let (_, text) = plain(interface::iReadCardBas_HSM_Step1, 1);
    let said = fields(&text);
    let mut hsm = Hsm::new("gen3");
    let wrong = hsm.authenticate("SSSE", 0x0A, said[4], said[5]);
    let external = hsm.authenticate("SSSE", 0x0A, said[6], said[7]);
    let answer = of_text(interface::iReadCardBas_HSM_Step2, &format!("{wrong}|{external}|"));
    assert_eq!(answer, failed(-25, "内部认证与加密机不一致"));

    let (_, text) = plain(interface::iReadCardBas_HSM_Step1, 1);
    let said = fields(&text);
    let internal = hsm.authenticate("SSSE", 0x00, said[4], said[5]);
    let wrong = hsm.authenticate("SSSE", 0x04, said[6], said[7]);
    let answer = of_text(interface::iReadCardBas_HSM_Step2, &format!("{internal}|{wrong}|"));
    assert_eq!(answer, failed(-25538, "外部认证失败，剩余次数2次"));
}

#[test]
fn codes_23_41_and_42_of_a_key_that_is_none() {
    let _host = alone("gen3", "");
    for (key, number) in [("", -23), ("00|", -23), ("00|00|", -42), ("xx|00|", -41)] {
        assert_eq!(plain(interface::iReadCardBas_HSM_Step1, 1).0, 0);
        assert_eq!(of_text(interface::iReadCardBas_HSM_Step2, key).0, number, "{key}");
    }
}

#[test]
fn a_file_in_two_steps() {
    for profile in PROFILES {
        let _host = alone(profile, "");
        let card = card_info(profile);
        let (number, text) = of_two(interface::iReadCard_HSM_Step1, card, "DF01EF05|20|21|$");
        assert_eq!(number, 0, "{}", last());
        let said = fields(&text);
        assert_eq!((said.len(), said[1]), (5, "004F"), "RK1_DF01: {text}");
        let key = Hsm::new(profile).authenticate("DF01", 0x88, said[2], said[3]);
        assert_eq!(
            of_text(interface::iReadCard_HSM_Step2, &key),
            (0, "DF01EF05|||$".to_owned()),
            "{}",
            last()
        );
    }
}

#[test]
fn the_addresses_of_keys_are_those_of_the_ministry() {
    let _host = alone("gen2", "[pin]\npin = \"123456\"");
    let card = card_info("gen2");
    for (file, address) in [
        ("SSSEEF07$", "004C"),
        ("DF02EF05|42|$", "0064"),
        ("DF03EF05|61|$", "0196"),
        ("DF03EF06|45|$", "0193"),
        ("DF04EF05|81|$", "0182"),
        ("DF04EF06|90|$", "0182"),
        ("DF07EF05|F0|$", "007A"),
        ("DF07EF06|F5|$", "0080"),
        ("DF07EF07|F8|$", "0086"),
    ] {
        let (number, text) = of_two(interface::iReadCard_HSM_Step1, card, file);
        assert_eq!((number, fields(&text)[1]), (0, address), "{file}: {}", last());
    }
    for (file, address) in [
        ("SSSEEF06|0C|$", "0094"),
        ("DF01EF05|20|$", "0097"),
        ("DF01EF07|29|$", "009A"),
        ("DF01EF06|23|$", "0179"),
        ("DF01EF08|2B|$", "0176"),
        ("DF01EF0A|37|$", "009D"),
    ] {
        let (number, text) = of_two(interface::iWriteCard_HSM_Step1, card, file);
        assert_eq!((number, fields(&text)[1]), (0, address), "{file}: {}", last());
    }
}

#[test]
fn code_2204_of_a_file_that_needs_no_hsm() {
    let _host = alone("gen2", "[pin]\npin = \"123456\"");
    let card = card_info("gen2");
    for file in ["SSSEEF05|03|$", "SSSEEF06|09|$", "DF04EF08:01$"] {
        let answer = of_two(interface::iReadCard_HSM_Step1, card, file);
        let expected = failed(-2204, "不需要加密机认证");
        // A file without a record says so before it says anything else.
        assert!(answer == expected || answer.0 == -27267, "{file}: {answer:?}");
    }
}

#[test]
fn the_holder_of_a_third_generation_card_is_written_in_two_steps() {
    for profile in PROFILES {
        let _host = alone(profile, "");
        let card = card_info(profile);
        assert!(SENT_AWAY.contains(&write_card(card, "SSSEEF06|0C|$", "SSSEEF06|110101|$").0));
        let (_, text) = of_two(interface::iWriteCard_HSM_Step1, card, "SSSEEF06|09|0C|$");
        let said = fields(&text);
        let key = Hsm::new(profile).authenticate("SSSE", 0x04, said[2], said[3]);
        let (key, data) = (c(&key), c("SSSEEF06|李测甲|110101|$"));
        // SAFETY: the buffer has the documented room.
        let (number, _) = raw(LARGE_ROOM, |out| unsafe {
            interface::iWriteCard_HSM_Step2(key.as_ptr(), data.as_ptr(), out)
        });
        assert_eq!(number, 0, "{}", last());
        let (_, text) = plain(interface::iReadCardBas_HSM_Step1, 1);
        let said = fields(&text);
        let mut hsm = Hsm::new(profile);
        let mut key = hsm.authenticate("SSSE", 0x00, said[4], said[5]) + "|";
        if !said[6].is_empty() {
            key += &(hsm.authenticate("SSSE", 0x0A, said[6], said[7]) + "|");
        }
        let (_, text) = of_text(interface::iReadCardBas_HSM_Step2, &key);
        assert_eq!(fields(&text)[4], "李测甲");
    }
}

fn locked(profile: &str, pin: &str) -> (tempfile::TempDir, crate::harness::Host) {
    let state = format!("base = \"{profile}\"\n[state]\npin_tries_left = 0\n");
    own_card(&state, "", &format!("[pin]\npin = \"{pin}\"\nnew = \"{pin}\""))
}

#[test]
fn a_pin_is_reloaded_in_three_steps() {
    for profile in PROFILES {
        let (_folder, _host) = locked(profile, "654321");
        let mut hsm = Hsm::new(profile);
        let (number, text) = of_card(interface::iReloadPIN_HSM_Step1, card_info(profile));
        assert_eq!(number, 0, "{}", last());
        let said = fields(&text);
        let algorithm = if profile == "gen3" { "03" } else { "01" };
        assert_eq!(said[..2], [algorithm, "0090"], "PUK");
        let key = hsm.authenticate("SSSE", 0x06, said[2], said[3]);
        let (number, text) = of_text(interface::iReloadPIN_HSM_Step2, &key);
        assert_eq!(number, 0, "{}", last());
        let said = fields(&text);
        let header = if profile == "gen3" { "8424000114" } else { "842400010C" };
        assert_eq!(
            [said[0], said[1], said[3], said[4], said[5]],
            [algorithm, "0173", header, "654321", ""],
            "STK"
        );
        let command = hsm.command(said[3], said[2], Some(&[0x65, 0x43, 0x21]));
        assert_eq!(command.len(), if profile == "gen3" { 50 } else { 34 });
        assert_eq!(of_text(interface::iReloadPIN_HSM_Step3, &command), done(), "{}", last());
        assert_eq!(plain(interface::iVerifyPIN, 1), done(), "{profile}");
    }
}

#[test]
fn a_pin_is_unblocked_in_three_steps() {
    for profile in PROFILES {
        let (_folder, _host) = locked(profile, "123456");
        let mut hsm = Hsm::new(profile);
        let (_, text) = of_card(interface::iUnblockPIN_HSM_Step1, card_info(profile));
        let said = fields(&text);
        let key = hsm.authenticate("SSSE", 0x06, said[2], said[3]);
        let (number, text) = of_text(interface::iUnblockPIN_HSM_Step2, &key);
        assert_eq!(number, 0, "{}", last());
        let said = fields(&text);
        assert_eq!([said[1], said[3]], ["0173", "8424000004"]);
        let command = hsm.command(said[3], said[2], None);
        assert_eq!(command.len(), 18);
        assert_eq!(of_text(interface::iUnblockPIN_HSM_Step3, &command), done(), "{}", last());
        assert_eq!(plain(interface::iVerifyPIN, 1), done(), "{profile}");
    }
}

#[test]
fn a_command_of_the_hsm_that_is_another_or_has_a_wrong_mac() {
    for (command, number) in [
        ("", -42),
        ("842400000", -42),
        ("84240000040011223", -42),
        ("8424000004GG112233", -41),
        ("8424000104001122331122334455667788", -42),
        ("842400010C00112233445566778899AABB", -42),
        ("8416000004001122FF", -23),
        ("0420000004001122FF", -23),
        ("842400000400112233", -27016),
    ] {
        let (_folder, _host) = locked("gen3", "123456");
        let (_, text) = of_card(interface::iUnblockPIN_HSM_Step1, card_info("gen3"));
        let said = fields(&text);
        let key = Hsm::new("gen3").authenticate("SSSE", 0x06, said[2], said[3]);
        assert_eq!(of_text(interface::iUnblockPIN_HSM_Step2, &key).0, 0);
        let answer = of_text(interface::iUnblockPIN_HSM_Step3, command);
        assert_eq!(answer.0, number, "{command}: {}", last());
    }
}

#[test]
fn a_payment_in_two_steps() {
    let profile = "base = \"gen2\"\n[state.purse]\nbalance = 10000\n";
    let (_folder, _host) = own_card(profile, "", "[pin]\npin = \"123456\"");
    let mut hsm = Hsm::new("gen2");
    for (pay, account, expected) in [
        (
            "0.1|0.2|20151118185001|",
            "00000000",
            "0000|000000000000|00000000|20151118185001|0.00|0.10|0.20|100.00|",
        ),
        (
            "12.34|0|0|20261130101500|",
            "000004D2",
            "0001|000000000000|00000001|20261130101500|12.34|0.00|0.00|87.66|",
        ),
    ] {
        let (number, text) = of_two(interface::iDoDebit_HSM_Step1, card_info("gen2"), pay);
        assert_eq!(number, 0, "{}", last());
        let said = fields(&text);
        assert_eq!([said[0], said[1], said[8], said[9]], ["01", "017F", account, ""], "{text}");
        // As the programs of the field put it together: random, counter, counter; account, the rest.
        let factor = [said[2], said[3], said[3]].concat();
        let data = [account, said[4], said[5], said[6], said[7]].concat();
        let mac = hsm.purchase_mac(&factor, &data);
        let key = format!("0000{}|{}|{mac}|", said[3], said[7]);
        let (number, text) = of_text(interface::iDoDebit_HSM_Step2, &key);
        assert_eq!(number, 0, "{}", last());
        assert!(text.starts_with(expected), "{text}");
        let amounts = [account, said[4], said[5]].concat();
        assert_eq!(fields(&text)[9], hsm.purchase_mac(&factor, &amounts), "MAC2");
    }
}

#[test]
fn a_payment_with_a_wrong_mac_or_another_time() {
    let _host = alone("gen2", "[pin]\npin = \"123456\"");
    for (key, number) in [
        ("00000000|20151118185001|00000000|", -37634),
        ("00000000|20151118185002|00000000|", -23),
        ("00000000|20151118185001|", -23),
        ("0000|20151118185001|00000000|", -42),
        ("0000000x|20151118185001|00000000|", -41),
    ] {
        let (first, _) =
            of_two(interface::iDoDebit_HSM_Step1, card_info("gen2"), "0.1|0.2|20151118185001|");
        assert_eq!(first, 0, "{}", last());
        assert_eq!(of_text(interface::iDoDebit_HSM_Step2, key).0, number, "{key}");
    }
}

/// The card keeps its power between steps and nowhere else: whatever comes between ends them.
#[test]
fn code_12_of_a_step_without_the_one_before() {
    let _host = alone("gen2", "[pin]\npin = \"123456\"\nnew = \"654321\"");
    let card = card_info("gen2");
    let seconds: [unsafe extern "system" fn(_, _) -> _; 9] = [
        interface::iReadCardBas_HSM_Step2,
        interface::iReadCard_HSM_Step2,
        interface::iReloadPIN_HSM_Step2,
        interface::iReloadPIN_HSM_Step3,
        interface::iUnblockPIN_HSM_Step2,
        interface::iUnblockPIN_HSM_Step3,
        interface::iDoDebit_HSM_Step2,
        interface::iReadCardBas_HSM_Step2,
        interface::iReadCard_HSM_Step2,
    ];
    for second in seconds {
        assert_eq!(of_text(second, "00"), failed(-12, "未建立连接"));
    }
    // Another function's first step is no first step.
    for second in &seconds[1..7] {
        assert_eq!(plain(interface::iReadCardBas_HSM_Step1, 1).0, 0);
        assert_eq!(of_text(*second, "00").0, -12);
    }
    // A whole function in between.
    let (_, text) = of_card(interface::iUnblockPIN_HSM_Step1, card);
    let said = fields(&text);
    let key = Hsm::new("gen2").authenticate("SSSE", 0x06, said[2], said[3]);
    assert_eq!(plain(interface::iVerifyPIN, 1), done());
    assert_eq!(of_text(interface::iUnblockPIN_HSM_Step2, &key).0, -12);
}

#[test]
fn first_steps_have_the_failures_of_their_functions() {
    let _host = host("[card]\nnone = true");
    let card = card_info("gen2");
    assert_eq!(plain(interface::iReadCardBas_HSM_Step1, 1).0, -2);
    assert_eq!(plain(interface::iReadCardBas_HSM_Step1, 7).0, -14);
    assert_eq!(of_card(interface::iReloadPIN_HSM_Step1, card).0, -2);
    assert_eq!(of_card(interface::iUnblockPIN_HSM_Step1, card).0, -2);
    assert_eq!(of_two(interface::iReadCard_HSM_Step1, card, "SSSEEF06|09|$").0, -2);
    assert_eq!(of_two(interface::iWriteCard_HSM_Step1, card, "SSSEEF06|09|$").0, -2);
    assert_eq!(of_two(interface::iDoDebit_HSM_Step1, card, "0.1|0.2|20151118185001|").0, -2);
    assert_eq!(of_two(interface::iReadCard_HSM_Step1, card, "x").0, -23);
    assert_eq!(of_two(interface::iWriteCard_HSM_Step1, card, "x").0, -23);
    assert_eq!(of_two(interface::iDoDebit_HSM_Step1, card, "x").0, -23);
}

#[test]
fn a_card_with_ssf33_is_left_to_the_hsm() {
    let (_folder, _host) = own_card("base = \"gen2\"\nalgorithm = \"SSF33\"\n", "", "");
    // The virtual card cannot compute it: 6A81 to INTERNAL AUTHENTICATE.
    assert_eq!(plain(interface::iReadCardBas_HSM_Step1, 1).0, -27265, "{}", last());
    let answer = of_two(interface::iReadCard_HSM_Step1, card_info("gen2"), "SSSEEF05|03|$");
    assert!([-22, -2204].contains(&answer.0), "{answer:?}");
}
