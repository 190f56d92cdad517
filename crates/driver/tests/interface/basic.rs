//! iReadCardBas, and the failures that every function shares.

use std::fs;
use std::process::Command;

use SSCardDriver::interface::{self, ROOM};
use tempfile::TempDir;

use crate::harness::{alone, coded, failed, host, last, own, own_card, plain, raw, with_module};

fn basic() -> (std::ffi::c_long, String) {
    plain(interface::iReadCardBas, 1)
}

#[test]
fn the_synthetic_holder_of_each_generation() {
    for (profile, code, version) in [
        ("gen1", "999900D156000005790776A7EAB8B804", "1.00"),
        ("gen2", "999900D156000005790776A7EAB8B804", "2.00"),
        ("gen3", "999900D156000005790776A7FFFFFFFF", "3.00"),
    ] {
        let _host = with_module(profile, "");
        let expected = format!(
            "999900|999901199206192161|T10164210|{code}|孙测戊|008153534386009999790776A7|{version}|\
             20240101|20340101|9999000776A7|sscard|"
        );
        assert_eq!(basic(), (0, expected), "{profile}");
    }
}

#[test]
fn text_is_gbk_unless_the_configuration_says_otherwise() {
    let _host = coded("[card]\nprofile = \"gen2\"\n[psam]\nprofile = \"psam-3des\"");
    // SAFETY: the buffer has the documented room.
    let (number, bytes) = raw(ROOM, |out| unsafe { interface::iReadCardBas(1, out) });
    assert_eq!(number, 0);
    assert_eq!(
        bytes,
        b"999900|999901199206192161|T10164210|999900D156000005790776A7EAB8B804|\xCB\xEF\xB2\xE2\xCE\xEC|\
          008153534386009999790776A7|2.00|20240101|20340101|9999000776A7|sscard|"
    );
    // SAFETY: as above.
    let (number, bytes) = raw(ROOM, |out| unsafe { interface::iReadCardBas(5, out) });
    assert_eq!((number, bytes), (-14, b"\xC3\xFC\xC1\xEE\xB2\xCE\xCA\xFD\xB4\xED".to_vec()));
}

/// The sample of the interface's documentation, byte for byte: a card with its items, a module with its terminal.
#[test]
fn the_documentation_s_sample() {
    let (_module, module) = own("base = \"psam-3des\"\n[psam]\nterminal = \"410100813475\"\n");
    let (_card, card) = own(
        "base = \"gen1\"\natr = \"3B6D000000814E43238697159900BF7C7A\"\n[holder]\n\
         identification_code = \"639900D15600000500BF7C7A48FB4966\"\nsocial_security_number = \"111111198101011110\"\n\
         number = \"X00000019\"\nname = \"张三\"\nissue_date = \"20101001\"\nexpiry_date = \"20201001\"\n\
         division = \"639900\"\nserial = \"00BF7C7A\"\n",
    );
    let key = irk(&card);
    fs::write(&card, format!("{}\n{key}", fs::read_to_string(&card).expect("profile")))
        .expect("written");
    let _host = host(&format!(
        "device = \"终端设备号\"\n[card]\nprofile = \"{card}\"\n[psam]\nprofile = \"{module}\"\n"
    ));
    assert_eq!(
        basic(),
        (
            0,
            "639900|111111198101011110|X00000019|639900D15600000500BF7C7A48FB4966|张三|\
             00814E43238697159900BF7C7A|1.00|20101001|20201001|410100813475|终端设备号|"
                .to_owned()
        ),
        "{}",
        last()
    );
}

/// The sample's factor is another than its division and serial make: its IRK by value.
fn irk(_card: &str) -> String {
    use sscard_core::catalogue::KEYS;
    use sscard_crypto::Suite;
    let masters = sscard_profile::MasterKeys::test();
    let factor = [0x86, 0x97, 0x15, 0x99, 0x00, 0xBF, 0x7C, 0x7A];
    let key = masters.card(Suite::TripleDes, b"639900", &factor, &KEYS[0]);
    format!(
        "[[keys]]\ndf = \"SSSE\"\nid = \"00\"\nvalue = \"{}\"\n",
        sscard_apdu::hex::encode(key.expose())
    )
}

#[test]
fn a_blank_card_of_the_third_generation_has_no_holder_yet() {
    let empty = "FF".repeat(0x20).replace("FF", "00");
    let items =
        |tag: &str, bytes: usize| format!("\"{tag}\" = \"{}\"\n", &empty[..bytes.min(32) * 2]);
    let profile = format!(
        "base = \"gen3\"\n[holder.items]\n{}{}{}{}",
        items("07", 9),
        items("08", 0x12),
        items("09", 0x1E),
        items("4E", 0x14)
    );
    let (_folder, _host) = own_card(&profile, "psam-sm4", "");
    assert_eq!(
        basic(),
        (
            0,
            "999900|||999900D156000005790776A7FFFFFFFF||008153534386009999790776A7|3.00|20240101|20340101|\
             9999000776A7|sscard|"
                .to_owned()
        ),
        "{}",
        last()
    );
}

#[test]
fn a_long_name_goes_on_in_its_extension() {
    let name = "测".repeat(15) + "试甲乙";
    let (_folder, _host) =
        own_card(&format!("base = \"gen3\"\n[holder]\nname = \"{name}\"\n"), "psam-sm4", "");
    let (number, text) = basic();
    assert_eq!((number, text.split('|').nth(4)), (0, Some(name.as_str())));
}

#[test]
fn the_terminal_and_the_device_are_the_configuration_s_where_no_module_says_them() {
    let _host = host(
        "terminal = \"123456789012\"\ndevice = \"窗口3\"\n[card]\nprofile = \"gen3\"\n[psam]\nprofile = \"psam-sm4\"",
    );
    assert!(basic().1.ends_with("|9999000776A7|窗口3|"), "the module's own number counts first");
}

#[test]
fn code_1_what_is_no_social_security_card() {
    for profile in ["psam-sm4", "psam-3des"] {
        let _host = alone(profile, "");
        assert_eq!(basic(), failed(-1, "卡类型不对"), "{profile}");
    }
}

#[test]
fn code_2_no_card() {
    for table in ["none = true", "profile = \"gen3\"\nplace = \"nowhere\""] {
        let _host = host(&format!("[card]\n{table}"));
        assert_eq!(basic(), failed(-2, "无卡"));
    }
}

#[test]
fn code_4_a_file_that_holds_no_card() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("card.img");
    fs::write(&path, "no card").expect("written");
    let _host = host(&format!("[card]\nfile = \"{}\"", path.display()));
    assert_eq!(basic(), failed(-4, "卡无应答"));
}

#[test]
fn code_5_no_such_pcsc_library() {
    let _host = host("[pcsc]\nlibrary = \"libno-such-pcsc.so.9\"");
    assert_eq!(basic(), failed(-5, "加载动态库错"));
    assert!(last().contains("libno-such-pcsc.so.9"), "{}", last());
}

#[test]
fn code_5_a_library_that_is_no_pcsc_library() {
    let _host = host("[pcsc]\nlibrary = \"libc.so.6\"");
    assert_eq!(basic().0, -5);
    assert!(last().contains("SCardEstablishContext"), "{}", last());
}

#[test]
fn code_11_the_card_s_file_is_not_there_or_in_use() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("card.img");
    let _host = host(&format!("[card]\nfile = \"{}\"", path.display()));
    assert_eq!(basic(), failed(-11, "读卡器连接错"));
    assert!(last().contains("card.img"), "{}", last());
    fs::write(&path, "").expect("written");
    let other = fs::File::open(&path).expect("file");
    other.lock().expect("locked");
    assert_eq!(basic(), failed(-11, "读卡器连接错"));
    assert!(last().contains("another sscard is using this card"), "{}", last());
}

#[test]
fn code_14_an_interface_that_there_is_not() {
    let _host = with_module("gen3", "");
    for number in [0, 5, -1, i32::MIN, i32::MAX] {
        assert_eq!(plain(interface::iReadCardBas, number), failed(-14, "命令参数错"));
    }
}

#[test]
fn the_interface_decides_where_a_card_is_looked_for() {
    for (place, found) in [
        ("contact", [true, false, true, true]),
        ("contactless", [false, true, true, true]),
        ("both", [true, true, true, true]),
    ] {
        let _host = host(&format!(
            "[card]\nprofile = \"gen3\"\nplace = \"{place}\"\n[psam]\nprofile = \"psam-sm4\""
        ));
        for (number, found) in (1..).zip(found) {
            let expected = if found { 0 } else { -2 };
            assert_eq!(plain(interface::iReadCardBas, number).0, expected, "{place} {number}");
        }
    }
}

/// A contactless reader makes up an ATR: there are no historical bytes to show.
#[test]
fn on_the_antenna_there_are_no_historical_bytes() {
    let _host = with_module("gen3", "");
    let (number, text) = plain(interface::iReadCardBas, 2);
    assert_eq!((number, text.split('|').nth(5)), (0, Some("")));
    let (number, text) = plain(interface::iReadCardBas, 4);
    assert_eq!((number, text.split('|').nth(5)), (0, Some("")));
    let (_, text) = plain(interface::iReadCardBas, 3);
    assert_eq!(text.split('|').nth(5), Some("008153534386009999790776A7"));
}

#[test]
fn code_20_a_code_that_begins_with_no_division() {
    let (_folder, _host) = own_card(
        "base = \"gen2\"\n[holder.items]\n\"01\" = \"FFFFFFD156000005790776A7FFFFFFFF\"\n",
        "psam-3des",
        "",
    );
    assert_eq!(basic(), failed(-20, "卡识别码格式错"));
}

#[test]
fn code_21_a_card_of_another_city_s_keys() {
    let (_folder, _host) = own_card(
        "base = \"gen3\"\n[[keys]]\ndf = \"SSSE\"\nid = \"00\"\nvalue = \"000102030405060708090A0B0C0D0E0F\"\n",
        "psam-sm4",
        "",
    );
    assert_eq!(basic(), failed(-21, "内部认证失败（用户卡不合法）"));
}

#[test]
fn codes_2201_2202_2203_send_the_caller_to_the_hsm() {
    {
        let _host = alone("gen3", "");
        assert_eq!(basic(), failed(-2201, "无PSAM卡"));
    }
    {
        // Another card stands where the module should.
        let _host = host("[card]\nprofile = \"gen3\"\n[psam]\nprofile = \"gen3\"");
        assert_eq!(basic(), failed(-2201, "无PSAM卡"));
    }
    {
        let _host = host("[card]\nprofile = \"gen3\"\n[psam]\nprofile = \"psam-3des\"");
        assert_eq!(basic(), failed(-2202, "PSAM卡算法不支持"));
    }
    {
        let (_folder, _host) = own_card("base = \"gen3\"\nalgorithm = \"SSF33\"\n", "psam-sm4", "");
        assert_eq!(basic(), failed(-2202, "PSAM卡算法不支持"), "SSF33 is not public");
    }
    let (_folder, module) = own("base = \"psam-sm4\"\n[psam]\nwithout = [\"RK_SSSE\"]\n");
    let _host = host(&format!("[card]\nprofile = \"gen3\"\n[psam]\nprofile = \"{module}\""));
    assert_eq!(basic(), failed(-2203, "PSAM卡内没有RKSSSE密钥"));
}

#[test]
fn code_27272_a_module_without_the_key_of_the_card_s_proof() {
    let (_folder, module) = own("base = \"psam-sm4\"\n[psam]\nwithout = [\"IRK\"]\n");
    let _host = host(&format!("[card]\nprofile = \"gen3\"\n[psam]\nprofile = \"{module}\""));
    assert_eq!(basic(), failed(-27272, "未找到密钥"));
}

#[test]
fn codes_of_a_blocked_environment_a_blocked_card_and_a_deactivated_one() {
    for (state, number, words) in [
        ("blocked = [\"SSSE\"]", -37635, "应用已被永久锁定"),
        ("blocked = [\"card\"]", -27265, "不支持该功能、卡被锁定"),
        ("life_cycle = \"deactivated\"", -27013, "不满足使用条件"),
    ] {
        let profile = format!("base = \"gen3\"\n[state]\n{state}\n");
        let (_folder, _host) = own_card(&profile, "psam-sm4", "");
        assert_eq!(basic(), failed(number, words), "{state}");
    }
}

#[test]
fn codes_25536_to_25538_and_27011_of_external_authentication() {
    let (_folder, _host) = own_card(
        "base = \"gen3\"\n[[keys]]\ndf = \"SSSE\"\nid = \"0A\"\nvalue = \"000102030405060708090A0B0C0D0E0F\"\n",
        "psam-sm4",
        "",
    );
    for (number, words) in [
        (-25538, "外部认证失败，剩余次数2次"),
        (-25537, "外部认证失败，剩余次数1次"),
        (-25536, "外部认证失败，剩余次数0次"),
        (-27011, "密钥锁定"),
    ] {
        assert_eq!(basic(), failed(number, words));
    }
}

#[test]
fn a_card_in_a_file_keeps_what_it_answered_and_is_free_between_two_functions() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("card.img");
    let profile = sscard_profile::built_in("gen3").expect("gen3");
    let card = sscard_profile::issue(
        &profile,
        &sscard_profile::synthetic_holder(1),
        &sscard_profile::MasterKeys::test(),
    )
    .expect("a card");
    fs::write(&path, card.image().as_bytes()).expect("written");
    let _host = host(&format!("[card]\nfile = \"{}\"\n[pin]\npin = \"000000\"", path.display()));
    assert_eq!(plain(interface::iVerifyPIN, 1).0, -51);
    let file = fs::File::open(&path).expect("file");
    file.try_lock().expect("nobody holds the card");
    drop(file);
    assert_eq!(
        plain(interface::iVerifyPIN, 1),
        failed(-51, "PIN校验失败，剩余次数4次"),
        "the first try counted"
    );
}

/// A file that is no configuration is no reader; a process of its own has its own variables.
#[test]
fn code_11_of_a_configuration_that_cannot_be_read() {
    const INSIDE: &str = "SSCARD_DRIVER_TEST_BROKEN";
    if std::env::var_os(INSIDE).is_some() {
        // SAFETY: the buffer has the documented room.
        let (number, _) = raw(ROOM, |out| unsafe { interface::iReadCardBas(1, out) });
        assert_eq!(number, -11);
        assert!(last().contains("colour"), "{}", last());
        return;
    }
    let (_folder, path) = own("colour = 1\n");
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["--exact", "basic::code_11_of_a_configuration_that_cannot_be_read"])
        .env("SSCARD_DRIVER_CONFIG", path)
        .env(INSIDE, "1")
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The configuration is found by its variable; a process of its own has its own variables.
#[test]
fn the_configuration_is_named_by_a_variable() {
    const INSIDE: &str = "SSCARD_DRIVER_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        let (number, text) = basic();
        assert_eq!(number, 0, "{}", last());
        assert!(text.ends_with("|by variable|"), "{text}");
        return;
    }
    let (_folder, path) = own(
        "device = \"by variable\"\nencoding = \"utf-8\"\n[card]\nprofile = \"gen2\"\n[psam]\nprofile = \"psam-3des\"\n",
    );
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["--exact", "basic::the_configuration_is_named_by_a_variable"])
        .env("SSCARD_DRIVER_CONFIG", path)
        .env(INSIDE, "1")
        .output()
        .expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_configuration_that_is_none_is_refused_with_its_place() {
    let _host = host("");
    for (text, part) in [
        ("colour = 1", "colour"),
        ("terminal = \"12\"", "12 digits"),
        ("[card]\nfile = \"a\"\nprofile = \"gen3\"", "not several"),
        ("[card]\nplace = \"under the table\"", "place"),
        ("encoding = \"latin-1\"", "latin-1"),
        ("[card]\nseed = 1", "seed"),
    ] {
        let text = crate::harness::c(text);
        // SAFETY: the text ends in 00.
        let number = unsafe { interface::SSCardDriver_Configure(text.as_ptr()) };
        assert_eq!(number, -14);
        assert!(last().contains(part), "{part}: {}", last());
    }
}
