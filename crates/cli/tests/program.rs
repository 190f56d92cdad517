//! The program as a user meets it: arguments in, output and exit code out.

use std::fs;
use std::path::PathBuf;

use crate::sscard::{SELECT_SSSE, card, json, ok, run};
use serde_json::Value;
use tempfile::TempDir;

fn exchanges(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn read_without_arguments_reads_the_built_in_card() {
    let text = ok(&["read"]);
    for line in ["  09  姓名 (name): 孙测戊", "  03  规范版本 (specification version): 3.00"]
    {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn read_json_has_the_documented_fields() {
    let document = json(&["read", "--json"]);
    let keys =
        |value: &Value| value.as_object().expect("object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&document), ["algorithm", "atr", "card", "holder", "schema"]);
    let mut card = [
        "identification_code",
        "class",
        "version",
        "initialisation_organisation",
        "issue_date",
        "expiry_date",
        "number",
    ];
    let mut holder = [
        "social_security_number",
        "name",
        "name_extension",
        "sex",
        "ethnicity",
        "birthplace",
        "birth_date",
    ];
    card.sort_unstable();
    holder.sort_unstable();
    assert_eq!(keys(&document["card"]), card);
    assert_eq!(keys(&document["holder"]), holder);
    assert_eq!(document["algorithm"], "SM4");
    assert_eq!(document["atr"], "3B6D0000008153534386009999790776A7");
    assert_eq!(document["card"]["identification_code"], "999900D156000005790776A7FFFFFFFF");
    assert_eq!(document["card"]["issue_date"], "20240101");
    assert_eq!(document["holder"]["name"], "孙测戊");
    assert_eq!(document["holder"]["social_security_number"], "999901199206192161");
}

#[test]
fn every_generation_is_read() {
    for (profile, version, algorithm) in
        [("gen1", "1.00", "3DES"), ("gen2", "2.00", "3DES"), ("gen3", "3.00", "SM4")]
    {
        let (_folder, path) = card(&["--profile", profile, "--seed", "5"]);
        let document = json(&["read", "--card", &path, "--json"]);
        assert_eq!(document["card"]["version"], version);
        assert_eq!(document["algorithm"], algorithm);
        let extension = &document["holder"]["name_extension"];
        assert_eq!(extension.is_null(), profile == "gen1", "generation 1 has no name extension");
    }
}

#[test]
fn read_all_reads_what_keys_and_pin_open() {
    let (_folder, path) = card(&["--profile", "gen2"]);
    let document = json(&["read", "--card", &path, "--all", "--pin", "123456", "--json"]);
    let files = document["files"].as_array().expect("files");
    assert_eq!(files.len(), sscard_core::catalogue::files().count());
    for file in files {
        assert!(file["refused"].is_null(), "{file}");
    }
    let without_pin = json(&["read", "--card", &path, "--all", "--json"]);
    let closed: Vec<_> = without_pin["files"]
        .as_array()
        .expect("files")
        .iter()
        .filter(|file| !file["refused"].is_null())
        .map(|file| (file["path"].as_str().expect("path"), file["refused"].as_str().expect("SW")))
        .collect();
    assert_eq!(closed, [("DF04/EF06", "6982"), ("DF04/EF08", "6982")]);
}

#[test]
fn transmit_prints_every_exchange_and_its_meaning() {
    let text = ok(&["transmit", SELECT_SSSE, "00 a4 00 00 02 ef 05", "00B2020000"]);
    assert_eq!(
        exchanges(&text),
        [
            "> 00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
            "< 611E",
            "> 00C000001E",
            "< 6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C038601039000",
            "> 00A4000002EF05",
            "< 9000",
            "> 00B2020000",
            "< 6C03",
            "> 00B2020003",
            "< 0201339000",
        ]
    );
    assert!(text.contains("#   02 card class (卡的类别): 33 = 3"), "{text}");
    let raw = ok(&["transmit", "--raw", SELECT_SSSE]);
    assert_eq!(exchanges(&raw)[1..], ["< 611E"]);
}

#[test]
fn transmit_exits_0_whatever_the_status_word_unless_checked() {
    assert_eq!(run(&["transmit", "00B2010012"]).2, 0);
    assert_eq!(run(&["transmit", "--check", SELECT_SSSE]).2, 0);
    assert_eq!(run(&["transmit", "--check", "00B2010012"]).2, 1);
}

#[test]
fn transmit_hides_pins_and_keys_unless_they_are_asked_for() {
    let verify = "0020000003123456";
    let text = ok(&["transmit", SELECT_SSSE, verify]);
    assert!(text.contains("> 0020000003000000\n< 9000\n"), "{text}");
    let text = ok(&["transmit", "--unsafe-show-secrets", SELECT_SSSE, verify]);
    assert!(text.contains("> 0020000003123456\n< 9000\n"), "{text}");
}

#[test]
fn transmit_finds_a_mistake_before_it_sends_anything() {
    let (_folder, path) = card(&[]);
    let before = fs::read(&path).expect("image");
    for (wrong, reason) in [
        ("00B2010", "it has an odd number of digits"),
        ("00G2", "character 3 is not a hexadecimal digit"),
        ("", "it is empty"),
    ] {
        let (stdout, stderr, code) = run(&["transmit", "--card", &path, SELECT_SSSE, wrong]);
        assert_eq!((stdout.as_str(), code), ("", 3));
        assert_eq!(stderr, format!("sscard: APDU 2: {reason}\n"));
    }
    assert_eq!(fs::read(&path).expect("image"), before);
}

#[test]
fn state_is_kept_between_calls() {
    let (folder, path) = card(&[]);
    let wrong = ["transmit", "--card", &path, "--raw", SELECT_SSSE, "0020000003111111"];
    for left in (0..6).rev() {
        assert_eq!(exchanges(&ok(&wrong))[3], format!("< 63C{left}"));
    }
    assert_eq!(exchanges(&ok(&wrong))[3], "< 6983");
    let document = json(&["inspect", "--card", &path, "--json"]);
    assert_eq!(document["pins"][0]["tries_left"], 0);
    assert_eq!(document["pins"][0]["tries_max"], 6);
    let beside = fs::read_dir(folder.path()).expect("folder").count();
    assert_eq!(beside, 1, "nothing stays beside the image");
}

#[test]
fn two_copies_of_one_image_repeat_each_other() {
    let (folder, path) = card(&["--seed", "9"]);
    let copy = folder.path().join("copy.img").display().to_string();
    fs::copy(&path, &copy).expect("copied");
    let mut seen = Vec::new();
    for _ in 0..3 {
        let commands = [SELECT_SSSE, "0084000008", "0084000010"];
        let of = |path| ok(&[&["transmit", "--card", path], &commands[..]].concat());
        let (one, other) = (of(path.as_str()), of(copy.as_str()));
        assert_eq!(one, other);
        assert!(!seen.contains(&one), "each power-on draws other challenges");
        seen.push(one);
    }
}

#[test]
fn new_sets_items_and_computes_the_check_character() {
    let (_folder, path) = card(&[
        "--set",
        "name=欧阳测试",
        "--set",
        "number=X0000001",
        "--set",
        "expiry_date=2031-12-31",
        "--set",
        "0A=9",
    ]);
    let document = json(&["read", "--card", &path, "--json"]);
    assert_eq!(document["holder"]["name"], "欧阳测试");
    assert_eq!(document["card"]["number"], "X00000019");
    assert_eq!(document["card"]["expiry_date"], "20311231");
    assert_eq!(document["holder"]["sex"], "9");
}

#[test]
fn a_long_name_goes_on_in_the_extension() {
    let long = "阿卜杜热合曼阿卜杜热合曼买买提测试";
    let (_folder, path) = card(&["--set", &format!("name={long}")]);
    let document = json(&["read", "--card", &path, "--json"]);
    let holder = &document["holder"];
    let joined =
        [&holder["name"], &holder["name_extension"]].map(|part| part.as_str().expect("text"));
    assert_eq!(joined.concat(), long);
}

#[test]
fn new_refuses_what_a_card_cannot_hold_and_writes_nothing() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("card.img").display().to_string();
    for (assignment, reason) in [
        ("name=𠮷", "name: character 1, '𠮷' (U+20BB7), is not in GBK and cannot stand on a card"),
        ("colour=red", "there is no item 'colour'; the items are identification_code, class"),
        ("sex=12", "sex: 2 bytes, but the record holds 1"),
        ("birth_date=tomorrow", "birth_date: 'tomorrow' must be up to 8 digits"),
        ("name", "'name' is not KEY=VALUE"),
    ] {
        let (_, stderr, code) = run(&["new", "--set", assignment, "-o", &path]);
        assert_eq!(code, 3, "{assignment}");
        assert!(stderr.contains(reason), "{stderr}");
        assert!(!PathBuf::from(&path).exists());
    }
}

#[test]
fn a_profile_of_ones_own_is_a_toml_file() {
    let folder = TempDir::new().expect("folder");
    let profile = folder.path().join("own.toml").display().to_string();
    let path = folder.path().join("card.img").display().to_string();
    fs::write(&profile, "base = \"gen2\"\nname = \"own\"\nprotocol = \"T=1\"\npin_tries = 3\n")
        .expect("written");
    ok(&["new", "--profile", &profile, "-o", &path]);
    let text = ok(&["transmit", "--card", &path, &format!("{SELECT_SSSE}00"), "00200000"]);
    assert_eq!(
        exchanges(&text)[1..],
        ["< 6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388011E9000", "> 00200000", "< 63C3"]
    );
    fs::write(&profile, "base = \"gen2\"\ncolour = \"red\"\n").expect("written");
    let (_, stderr, code) = run(&["new", "--profile", &profile, "-o", &path]);
    assert_eq!(code, 3);
    assert!(stderr.contains("own.toml:2:1: ") && stderr.contains("colour"), "{stderr}");
    let (_, stderr, code) = run(&["new", "--profile", "gen9", "-o", &path]);
    assert_eq!((code, stderr.contains("psam-sm4 or a TOML file")), (3, true));
}

#[test]
fn a_profile_that_is_no_text_is_named() {
    let (_folder, path) = card(&[]);
    let (_, stderr, code) = run(&["new", "--profile", &path, "-o", &path]);
    assert_eq!(stderr, format!("sscard: {path}: not UTF-8 text; a profile is a TOML file\n"));
    assert_eq!(code, 3);
}

#[test]
fn a_profile_may_leave_items_files_and_applications_out() {
    let folder = TempDir::new().expect("folder");
    let profile = folder.path().join("own.toml").display().to_string();
    let path = folder.path().join("card.img").display().to_string();
    let without = "without = [\"SSSE/EF06/0C\", \"SSSE/EF05/02\", \"SSSE/EF07\", \"DF01\"]\n";
    fs::write(&profile, format!("base = \"gen2\"\n{without}")).expect("written");
    ok(&["new", "--profile", &profile, "-o", &path]);
    let document = json(&["read", "--card", &path, "--all", "--json"]);
    assert!(document["holder"]["birthplace"].is_null());
    assert!(document["card"]["class"].is_null());
    assert!(!document["holder"]["name"].is_null());
    for (path, unknown) in [("DF09", "DF09"), ("SSSE", "SSSE"), ("SSSE/EF06/77", "SSSE/EF06/77")] {
        fs::write(&profile, format!("base = \"gen2\"\nwithout = [\"{path}\"]\n")).expect("written");
        let (_, stderr, code) = run(&["new", "--profile", &profile, "-o", "never.img"]);
        assert_eq!(
            (code, stderr.contains(&format!("there is no '{unknown}'"))),
            (3, true),
            "{stderr}"
        );
    }
    let long = "阿卜杜热合曼阿卜杜热合曼买买提测试";
    let (_, stderr, code) =
        run(&["new", "--profile", "gen1", "--set", &format!("name={long}"), "-o", "never.img"]);
    assert_eq!(
        (stderr.as_str(), code),
        (
            "sscard: --set name: 34 bytes in GBK, but a gen1 card has 30 for it and no item 4E (name \
             extension): shorten the name, or make a card that has one (gen2, gen3)\n",
            3
        )
    );
    let (_, stderr, code) =
        run(&["new", "--profile", "gen1", "--set", "name_extension=李", "-o", "never.img"]);
    assert_eq!(
        (stderr.as_str(), code),
        (
            "sscard: this card cannot be made: this card has no item 4E (name extension) in EF05 or \
             EF06\n",
            3
        )
    );
}

#[test]
fn a_produced_card_waits_for_activation() {
    let (_folder, path) = card(&["--state", "produced"]);
    let document = json(&["inspect", "--card", &path, "--json"]);
    assert_eq!(document["life_cycle"], "deactivated");
    let text = ok(&["transmit", "--card", &path, SELECT_SSSE, "00C000001E", "00B2062C0A"]);
    assert_eq!(exchanges(&text)[1], "< 6283");
    assert!(exchanges(&text)[3].starts_with("< 6F1C840F"));
    let (stdout, stderr, code) = run(&["read", "--card", &path, "--json"]);
    let reason = "the holder's data could not be read: the card is deactivated (未启用)";
    assert_eq!((stderr, code), (format!("sscard: {reason}\n"), 1));
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["card"]["version"], "3.00");
    assert!(document["holder"]["name"].is_null());
    assert_eq!(document["remarks"], serde_json::json!([reason]));
}

#[test]
fn inspect_shows_files_rules_and_keys_only_on_demand() {
    let plain = json(&["inspect", "--json"]);
    assert!(plain.get("keys").is_none());
    let files = plain["files"].as_array().expect("files");
    let holder = files.iter().find(|file| file["path"] == "SSSE/EF06").expect("EF06");
    assert_eq!(holder["structure"], "linear variable");
    assert_eq!((&holder["read"], &holder["update"]), (&"RK_SSSE".into(), &"UK_SSSE".into()));
    assert_eq!(holder["records"].as_array().expect("records").len(), 7);
    let document = json(&["inspect", "--json", "--keys"]);
    let keys = document["keys"].as_array().expect("keys");
    let stk =
        keys.iter().find(|key| key["application"] == "SSSE" && key["id"] == "02").expect("STK");
    assert_eq!((&stk["version"], &stk["algorithm"]), (&1.into(), &"SM4".into()));
    assert_eq!(stk["value"].as_str().expect("hex").len(), 32);
    let value = stk["value"].as_str().expect("hex");
    assert!(!ok(&["inspect"]).contains(value));
    assert!(ok(&["inspect", "--keys"]).contains(&format!("{value} (TEST key)")));
}

#[test]
fn wrong_usage_exits_2() {
    assert_eq!(run(&["transmit"]).2, 2);
    assert_eq!(run(&["paint"]).2, 2);
    assert_eq!(run(&["read", "--card", "a", "--reader", "b"]).2, 2);
    for args in [
        &["read", "--pin", "12a4"][..],
        &["read", "--date", "yesterday"],
        &["pay", "--amount", "1,5"],
        &["pay", "--amount", "1", "--pin", "1"],
        &["pay", "--amount", "1", "--aid", "zz"],
        &["pay", "--amount", "1", "--date", "2026-13-01"],
        &["pay", "--amount", "1", "--script", "paint"],
        &["run", "a.apdu", "b.apdu", "--golden", "g"],
        &["run", "a.apdu", "b.apdu", "--trace", "t"],
        &["trace", "replay", "-"],
        &["man", "desk", "paint"],
    ] {
        let (stdout, stderr, code) = run(args);
        assert_eq!((stdout.as_str(), code), ("", 2), "{args:?}: {stderr}");
        assert!(!stderr.is_empty(), "{args:?}");
    }
}

#[cfg(not(feature = "pcsc"))]
#[test]
fn a_build_without_pcsc_says_how_to_get_one() {
    for args in [&["readers"][..], &["read", "--reader", "Virtual"]] {
        let (_, stderr, code) = run(args);
        assert_eq!(code, 4);
        assert!(stderr.contains("--features pcsc"), "{stderr}");
    }
}
