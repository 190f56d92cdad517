//! `sscard profile`, and what `new --profile` refuses.

use std::fs;
use std::path::Path;

use crate::sscard::{folder, json, ok, path, run};

/// Both commands refuse it, in the same words and at the same place, and no card is written.
fn refused(text: &str, place: &str, words: &str) {
    let folder = folder(&[("own.toml", text)]);
    let (file, card) = (path(&folder, "own.toml"), path(&folder, "card.img"));
    let said = format!("sscard: {file}:{place}: {words}");
    let (stdout, stderr, code) = run(&["profile", "check", &file]);
    assert!(stderr.starts_with(&said), "{stderr}\nnot\n{said}");
    assert_eq!((stdout.as_str(), code, stderr.lines().count()), ("", 3, 1), "{stderr}");
    let (_, by_new, code) = run(&["new", "--profile", &file, "-o", &card]);
    assert_eq!((by_new, code), (stderr, 3));
    assert!(!Path::new(&card).exists());
}

#[test]
fn a_sound_profile_is_told_in_a_line() {
    let folder = folder(&[("own.toml", "base = \"gen2\"\nname = \"own\"\n")]);
    let file = path(&folder, "own.toml");
    let said = ok(&["profile", "check", &file]);
    assert_eq!(said, format!("{file}: sound, its cards are called own\n"));
}

#[test]
fn what_is_wrong_has_its_line_and_column() {
    refused(
        "base = \"gen2\"\ncolour = \"red\"\n",
        "2:1",
        "unknown field `colour`, expected one of",
    );
    refused("base = \"gen2\"\npin_tries = \"six\"\n", "2:13", "invalid type: string \"six\"");
    refused("base = \"gen2\"\n\n[purse\n", "3:7", "unclosed table");
    refused("name = \"社保\"\nbase = \"gen9\"\n", "2:8", "base: there is no built-in profile");
    refused("base = \"gen2\"\nalgorithm = \"AES\"\n", "2:13", "algorithm: 'AES' is not 3DES");
    refused("channels = 21\n", "1:12", "the profile is not valid: 21 logical channels");
    refused(
        "base = \"gen2\"\nwithout = [\"DF01\", \"DF09\"]\n",
        "2:20",
        "without[1]: there is no 'DF09' in the catalogue",
    );
    refused(
        "base = \"gen2\"\n[access.\"SSSE/EF06\"]\nread = \"PIN\"\nupdate = \"UK9\"\n",
        "4:10",
        "access.\"SSSE/EF06\".update: 'UK9' is not free, never",
    );
    refused(
        "base = \"gen2\"\n[access.\"SSSE/EF66\"]\nread = \"PIN\"\n",
        "2:9",
        "access.\"SSSE/EF66\": there is no 'SSSE/EF66'",
    );
    refused(
        "base = \"gen3\"\nextended_length = true\n",
        "2:19",
        "the profile is not valid: extended length needs protocol T=1",
    );
    refused(
        "base = \"gen2\"\n[financial.objects]\n9F79 = \"00\"\n",
        "3:8",
        "financial.objects.9F79: '00' is not an amount",
    );
    refused(
        "base = \"gen2\"\n[purse]\nstart_day = \"0230\"\n",
        "3:13",
        "the profile is not valid: medical purse: the insurance year begins on a day MMDD",
    );
}

/// The plan is sound; what stands beside it does not fit.
#[test]
fn what_makes_no_card_has_its_line_too() {
    for (text, place, words) in [
        ("[holder.items]\n\"0A\" = \"313233\"\n", "3:8", "the value of item 0A (sex) is longer"),
        (
            "[holder.items]\n\"4E\" = \"00000000000000000000000000000000000000000000\"\n",
            "3:8",
            "the value of item 4E (name extension) is longer",
        ),
    ] {
        let words = format!("no card can be made of it: {words}");
        refused(&format!("base = \"gen2\"\n{text}"), place, &words);
    }
}

#[test]
fn a_number_out_of_its_range_is_told_the_range() {
    for versions in ["0", "16", "255"] {
        let words = format!("key_versions: '{versions}' is not a number of versions from 1 to 15");
        refused(&format!("key_versions = {versions}\n"), "1:16", &words);
    }
    let words = "mf_name: '1PAY.SYS.DDF01.99' is not a DF name of at most 16 bytes";
    refused("mf_name = \"1PAY.SYS.DDF01.99\"\n", "1:11", words);
}

#[test]
fn an_old_name_beside_the_new_one_is_told() {
    refused(
        "[financial]\nqpboc = true\nquick = false\n",
        "3:1",
        "qpboc and quick name the same setting: leave quick out, it is the old name",
    );
    refused(
        "[financial]\nquick_cryptogram_version = \"01\"\nqpboc_cryptogram_version = \"17\"\n",
        "3:1",
        "qpboc_cryptogram_version and quick_cryptogram_version name the same setting",
    );
}

#[test]
fn a_script_names_the_place_in_its_profile() {
    let folder = folder(&[("own.toml", "base = \"gen2\"\npin_tries = 99\n")]);
    let script = path(&folder, "a.apdu");
    fs::write(&script, "@profile own.toml\nselect SSSE\n").expect("written");
    let (_, stderr, code) = run(&["run", &script]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("own.toml:2:13: the profile is not valid: 99 PIN tries"), "{stderr}");
}

#[test]
fn options_of_new_say_the_state_and_win_over_the_profile() {
    let profile = "base = \"gen2\"\n[holder]\nseed = 5\nname = \"李测甲\"\n[state]\npin_tries_left = 2\n\
        life_cycle = \"deactivated\"\n[state.files]\n\"SSSE/EF08\" = \"@photo.bin\"\n";
    let folder = folder(&[("own.toml", profile), ("photo.bin", "AB"), ("other.bin", "CD")]);
    let (file, card) = (path(&folder, "own.toml"), path(&folder, "card.img"));
    ok(&["new", "--profile", &file, "-o", &card]);
    let document = json(&["inspect", "--card", &card, "--json"]);
    let content = |document: &serde_json::Value, path: &str| {
        let files = document["files"].as_array().expect("files").clone();
        files.into_iter().find(|file| file["path"] == path).expect("a file")
    };
    assert_eq!(document["pins"][0]["tries_left"], 2);
    assert_eq!(document["life_cycle"], "deactivated");
    assert!(content(&document, "SSSE/EF08")["bytes"].as_str().expect("hex").starts_with("414200"));
    let other = format!("SSSE/EF08={}", path(&folder, "other.bin"));
    let options = [
        "new",
        "--profile",
        &file,
        "-o",
        &card,
        "--state",
        "active",
        "--pin-tries-left",
        "1",
        "--file",
        &other,
        "--set",
        "name=孙测乙",
        "--blocked",
        "A000000333010101",
        "--expired",
        "--atr",
        "3B00",
    ];
    let (said, warning, code) = run(&options);
    assert_eq!((said.ends_with("gen2 card, activated, ATR 3B00\n"), code), (true, 0), "{said}");
    assert!(
        warning.starts_with("sscard: warning: atr: its historical bytes do not end in 86009999"),
        "{warning}"
    );
    let document = json(&["inspect", "--card", &card, "--json"]);
    assert_eq!(
        (&document["pins"][0]["tries_left"], &document["life_cycle"]),
        (&1.into(), &"activated".into())
    );
    assert_eq!(document["accounts"][0]["blocked"], true);
    assert!(content(&document, "SSSE/EF08")["bytes"].as_str().expect("hex").starts_with("434400"));
    assert_eq!(content(&document, "SSSE/EF05")["records"][5]["text"], "20191231");
    assert_eq!(content(&document, "SSSE/EF06")["records"][1]["text"], "孙测乙");
    ok(&["new", "--profile", &file, "-o", &card, "--state", "active"]);
    let seeded = json(&["read", "--card", &card, "--json"]);
    ok(&["new", "--profile", &file, "-o", &card, "--seed", "1", "--state", "active"]);
    let other = json(&["read", "--card", &card, "--json"]);
    assert_ne!(
        seeded["holder"]["social_security_number"],
        other["holder"]["social_security_number"]
    );
    assert_eq!(other["holder"]["name"], "孙测戊", "a seed is another person");
    for (option, value, words) in [
        ("--pin-tries-left", "7", "--pin-tries-left 7: the PIN has 6 tries in all"),
        ("--blocked", "DF99", "--blocked DF99: 'DF99' is not card, SSSE"),
        ("--file", "SSSE/EF99=own.toml", "own.toml"),
    ] {
        let (_, stderr, code) = run(&["new", option, value, "-o", &path(&folder, "no.img")]);
        assert_eq!((code, stderr.contains(words)), (3, true), "{stderr}");
    }
    for (option, value) in [("--file", "SSSE/EF08"), ("--atr", "3B")] {
        let (_, _, code) = run(&["new", option, value, "-o", &path(&folder, "no.img")]);
        assert_eq!(code, 2);
    }
    assert!(!Path::new(&path(&folder, "no.img")).exists());
}

#[test]
fn what_cities_add_is_read_with_its_names() {
    let profile = "base = \"gen2\"\nwith = [\"DF05\", \"DF06\", \"SSSE/EF0D\"]\n\
        [[files]]\ndf = \"SSSE\"\nid = \"EF0D\"\nrecords = [\"EA0C 303030303030303030303132\", \"EB03 999901\"]\n";
    let folder = folder(&[("city.toml", profile)]);
    let (file, card) = (path(&folder, "city.toml"), path(&folder, "card.img"));
    ok(&["new", "--profile", &file, "-o", &card]);
    let text = ok(&["read", "--all", "--card", &card]);
    for line in [
        "SSSE/EF0D  地区扩展信息 (regional data)",
        "EA  分类号 (classification number): 000000000012",
        "EB  首次申领地 (place of first application): 999901",
        "DF05/EF05  生命与健康信息 (health data)",
        "DF06/EF05  救助与优抚信息1 (relief data 1)",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let (_folder, plain) = crate::sscard::card(&["--profile", "gen2"]);
    let text = ok(&["read", "--all", "--card", &plain]);
    assert!(!text.contains("EF0D") && !text.contains("DF05"), "{text}");
}

#[test]
fn what_nobody_knows_of_is_read_too() {
    let profile = "base = \"gen2\"\n\
        [[applications]]\ndf = \"DF0A\"\naid = \"D1560000050A\"\nlabel = \"市民服务\"\n\
        [[applications]]\ndf = \"DF0B\"\n\
        [[applications]]\ndf = \"D0C1\"\naid = \"A00000000102\"\nlabel = \"公交\"\n\
        [[files]]\ndf = \"SSSE\"\nid = \"EF10\"\nstructure = \"transparent\"\nread = \"PIN\"\nsize = 300\ndata = \"CAFE\"\n\
        [[files]]\ndf = \"DF01\"\nid = \"EF1D\"\nstructure = \"variable\"\nrecords = [\"E102 3132\"]\n\
        [[files]]\ndf = \"DF0A\"\nid = \"EF05\"\nstructure = \"cyclic\"\nread = \"KEY:84\"\nrecords_max = 3\n\
        records = [\"000102\", \"FF0000\"]\n\
        [[files]]\ndf = \"DF0A\"\nid = \"EF06\"\nstructure = \"transparent\"\nsize = 256\ndata = \"01\"\n\
        [[files]]\ndf = \"DF0B\"\nid = \"EF1E\"\nstructure = \"fixed\"\nrecord_length = 4\nrecords_max = 2\nrecords = []\n\
        [[files]]\ndf = \"D0C1\"\nid = \"EF05\"\nstructure = \"variable\"\nrecords = [\"E20141\"]\n\
        [[keys]]\ndf = \"DF0A\"\nid = \"84\"\nvalue = \"54455354204B455920434954592D3834\"\n";
    let folder = folder(&[("city.toml", profile)]);
    let (file, card) = (path(&folder, "city.toml"), path(&folder, "card.img"));
    ok(&["new", "--profile", &file, "-o", &card]);
    let files = |more: &[&str]| {
        let read = [&["read", "--all", "--json", "--card", &card][..], more].concat();
        let document = json(&read);
        let files = document["files"].as_array().expect("files").clone();
        move |path: &str| {
            files
                .iter()
                .find(|file| file["path"] == path)
                .unwrap_or_else(|| panic!("{path}"))
                .clone()
        }
    };
    let plain = files(&[]);
    assert_eq!(plain("SSSE/EF10")["refused"], "6982");
    assert_eq!(plain("DF01/EF1D")["records"][0]["value"], "3132");
    assert_eq!(plain("DF0A/EF05")["refused"], "6982");
    assert_eq!(plain("DF0A/EF05")["application_label"], "市民服务");
    assert_eq!(plain("DF0A/EF06")["bytes"], format!("01{}", "00".repeat(255)));
    assert_eq!(plain("DF0B/EF1E")["records"], serde_json::json!([]));
    assert!(plain("DF0B/EF1E")["application_label"].is_null());
    assert_eq!(plain("A00000000102/EF05")["records"][0]["tag"], "E2");
    assert_eq!(plain("A00000000102/EF05")["application_label"], "公交");
    let opened = files(&["--keys", &file, "--pin", "123456"]);
    assert_eq!(opened("SSSE/EF10")["bytes"], format!("CAFE{}", "00".repeat(298)));
    let records = opened("DF0A/EF05")["records"].clone();
    assert_eq!((&records[0]["value"], &records[1]["value"]), (&"000102".into(), &"FF0000".into()));
    let text = ok(&["read", "--all", "--card", &card]);
    for line in
        ["DF0A/EF06  市民服务\n  256 bytes, set\n", "DF0B/EF1E\n", "DF01/EF1D\n  E1  3132\n"]
    {
        assert!(text.contains(line), "{text}");
    }
    // A key that was not told is not tried.
    let document = json(&["inspect", "--card", &card, "--json", "--keys"]);
    assert!(document["keys"].as_array().expect("keys").len() > 1);
    // By a module in a slot, in a field, over T=1 they are the same.
    let psam = path(&folder, "psam.img");
    ok(&["new", "--profile", "psam-3des", "-o", &psam]);
    let module = files(&["--psam", &psam]);
    assert_eq!(module("DF0A/EF06"), plain("DF0A/EF06"));
}

#[test]
fn a_key_of_another_algorithm_opens_with_that_algorithm() {
    let profile = "base = \"gen2\"\n[access.\"SSSE/EF06\"]\nread = \"RK_SSSE\"\n\
        [[keys]]\ndf = \"SSSE\"\nid = \"0A\"\nalgorithm = \"SM4\"\nvalue = \"000102030405060708090A0B0C0D0E0F\"\n";
    let folder = folder(&[("own.toml", profile)]);
    let (file, card) = (path(&folder, "own.toml"), path(&folder, "card.img"));
    ok(&["new", "--profile", &file, "-o", &card]);
    let keys = json(&["inspect", "--card", &card, "--json", "--keys"])["keys"].clone();
    let of = |id: &str| {
        let keys = keys.as_array().expect("keys").clone();
        keys.into_iter().find(|key| key["application"] == "SSSE" && key["id"] == id).expect("a key")
    };
    assert_eq!((&of("0A")["algorithm"], &of("00")["algorithm"]), (&"SM4".into(), &"3DES".into()));
    let document = json(&["read", "--card", &card, "--keys", &file, "--json"]);
    assert_eq!(document["holder"]["name"], "孙测戊");
    let (_, stderr, code) = run(&["read", "--card", &card]);
    assert_eq!(code, 1, "{stderr}");
    made_again(&card, &folder);
}

#[test]
fn a_name_extension_that_a_kiosk_filled_reads_as_none() {
    let folder = folder(&[(
        "own.toml",
        "base = \"gen2\"\n[holder.items]\n\"4E\" = \"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\"\n",
    )]);
    let (file, card) = (path(&folder, "own.toml"), path(&folder, "card.img"));
    ok(&["new", "--profile", &file, "-o", &card]);
    let (text, complaints, _) = run(&["read", "--card", &card]);
    assert!(text.contains("4E  姓名扩展 (name extension): \n"), "{text}");
    assert!(!complaints.contains("GBK"), "{complaints}");
}

/// A card that is exported and made anew without further options looks the same, keys included.
fn made_again(card: &str, folder: &tempfile::TempDir) -> String {
    let (profile, again) = (path(folder, "out.toml"), path(folder, "again.img"));
    ok(&["profile", "export", "--card", card, "-o", &profile]);
    ok(&["new", "--profile", &profile, "-o", &again]);
    let look = |card: &str| ok(&["inspect", "--card", card, "--json", "--keys"]);
    assert_eq!(look(card), look(&again));
    again
}

#[test]
fn an_exported_card_is_made_again_after_some_use() {
    for (profile, use_of) in [
        ("gen1", &["00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "0020000003111111"][..]),
        ("gen2", &["00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "0020000003111111"]),
        ("gen3", &["00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "0020000003111111"]),
    ] {
        let (folder, card) = crate::sscard::card(&["--profile", profile, "--seed", "4"]);
        if profile != "gen1" {
            let pay = [
                "pay",
                "--card",
                &card,
                "--amount",
                "1.00",
                "--date",
                "2026-11-24",
                "--pin",
                "123456",
            ];
            ok(&pay);
            ok(&[&pay[..7], &["--contactless"]].concat());
        }
        if profile == "gen2" {
            let script = path(&folder, "load.apdu");
            let load = include_str!("../../../examples/purse_load_and_purchase.apdu");
            fs::write(&script, load).expect("written");
            ok(&["run", "--card", &card, &script]);
        }
        ok(&[&["transmit", "--card", &card][..], use_of].concat());
        let again = made_again(&card, &folder);
        let document = json(&["inspect", "--card", &again, "--json"]);
        assert_eq!(document["pins"][0]["tries_left"], 5, "{profile}");
        if profile != "gen1" {
            assert_eq!(document["accounts"][0]["atc"], 2);
        }
        if profile == "gen2" {
            assert_ne!(document["medical_purse"]["loads"], 0);
        }
    }
}

#[test]
fn an_exported_module_is_made_again_after_some_use() {
    let hospital = "../../examples/psam.toml";
    for (profile, holders) in [(hospital, "gen2"), ("psam-sm4", "gen3")] {
        let (folder, psam) = crate::sscard::card(&["--profile", profile, "--seed", "4"]);
        let card = path(&folder, "holder.img");
        ok(&["new", "--profile", holders, "-o", &card]);
        if profile == hospital {
            let script = "../../examples/psam_purchase.apdu";
            ok(&["run", "--card", &card, "--psam", &psam, script]);
        }
        let length = if profile == hospital { 28 } else { 36 };
        let wrong = format!("84D40001{length:02X}{}", "00".repeat(length));
        let use_of = ["00A4040006D15600000590", "0084000008", &wrong];
        let (said, _, _) = run(&[&["transmit", "--card", &psam][..], &use_of].concat());
        assert!(said.contains("6988"), "{said}");
        let again = made_again(&psam, &folder);
        let module = &json(&["inspect", "--card", &again, "--json"])["security_module"];
        assert_eq!(module["master_tries_left"], 2, "{module}");
        ok(&["read", "--card", &card, "--psam", &again, "--date", "2026-11-24"]);
    }
}

#[test]
fn an_option_wins_over_an_exported_profile() {
    let (folder, card) =
        crate::sscard::card(&["--profile", "gen2", "--seed", "4", "--pin-tries-left", "2"]);
    let (profile, again) = (path(&folder, "out.toml"), path(&folder, "again.img"));
    ok(&["profile", "export", "--card", &card, "-o", &profile]);
    ok(&[
        "new",
        "--profile",
        &profile,
        "--set",
        "name=李测甲",
        "--pin-tries-left",
        "4",
        "--seed",
        "9",
        "-o",
        &again,
    ]);
    let (_folder, other) = crate::sscard::card(&["--profile", "gen2", "--seed", "9"]);
    let look = |card: &str| json(&["read", "--card", card, "--json"]);
    let (made, seeded, before) = (look(&again), look(&other), look(&card));
    assert_eq!(made["holder"]["name"], "李测甲");
    assert_eq!(
        made["holder"]["social_security_number"],
        seeded["holder"]["social_security_number"]
    );
    assert_eq!(made["atr"], seeded["atr"]);
    assert_ne!(made["atr"], before["atr"]);
    assert_eq!(json(&["inspect", "--card", &again, "--json"])["pins"][0]["tries_left"], 4);
}

#[test]
fn an_export_is_for_its_owner_alone_and_says_what_it_is() {
    let folder = folder(&[]);
    let file = path(&folder, "out.toml");
    ok(&["profile", "export", "-o", &file]);
    let text = fs::read_to_string(&file).expect("a profile");
    assert_eq!(text, ok(&["profile", "export"]));
    assert!(
        text.starts_with("# Made by `sscard profile export`: it holds the card's keys and PINs.\n")
    );
    assert!(text.contains("# 姓名 (name)\n") && text.contains("pin = \"123456\""), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(
        ok(&["profile", "check", &file]),
        format!("{file}: sound, its cards are called gen3\n")
    );
}

#[test]
fn a_profile_is_shown_as_the_card_that_it_makes() {
    let (_folder, card) = crate::sscard::card(&["--profile", "gen2"]);
    for more in [&[][..], &["--json"], &["--keys"], &["--json", "--keys"]] {
        let shown = ok(&[&["profile", "show", "gen2"][..], more].concat());
        assert_eq!(shown, ok(&[&["inspect", "--card", &card][..], more].concat()));
    }
}

#[test]
fn the_schema_of_a_profile_is_json() {
    let schema: serde_json::Value =
        serde_json::from_str(&ok(&["profile", "schema"])).expect("JSON");
    for table in ["financial", "files", "keys", "applications", "state", "holder", "access"] {
        assert!(!schema["properties"][table].is_null(), "{table}");
    }
}

#[test]
fn the_example_of_a_city_is_issued_and_read() {
    let (folder, card) = crate::sscard::card(&["--profile", "../../examples/city.toml"]);
    let text = ok(&["read", "--all", "--card", &card]);
    for line in [
        "09  姓名 (name): 李测甲",
        "4E  姓名扩展 (name extension): ",
        "SSSE/EF0D  地区扩展信息 (regional data)",
        "EA  分类号 (classification number): 000000000012",
        "DF05/EF05  生命与健康信息 (health data)",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let script = path(&folder, "city.apdu");
    let text = "mode auto\n00A4040006D1560000050A\nexpect sw 9000\n\
        # Records of the city's own file.\n00B2012C00\nexpect sw 9000\nexpect data E10420261231\n\
        00B2013400\nexpect sw 6982\n\
        @expect sw 9000\n";
    let text = text.replace("@expect sw 9000\n", "");
    fs::write(&script, text.replace("mode auto", "@mode auto")).expect("written");
    ok(&["run", "--card", &card, &script]);
    let shown = ok(&["inspect", "--card", &card]);
    for line in [
        "DF0A D1560000050A 市民服务",
        "EF05  公交月票: linear variable 32, read free, update KEY:84",
        "EF06  借书记录: cyclic 5 × 8, read PIN|KEY:84, update KEY:84",
        "key 84 v1 UK_CITY",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    made_again(&card, &folder);
}

#[test]
fn the_example_of_generation_1_is_issued_and_read() {
    let (folder, card) = crate::sscard::card(&["--profile", "../../examples/generation-1.toml"]);
    let document = json(&["read", "--all", "--card", &card, "--json"]);
    assert_eq!(document["card"]["version"], "1.00");
    assert_eq!(document["holder"]["name"], "王测乙");
    assert!(document["holder"]["name_extension"].is_null());
    let (text, _, _) = run(&["read", "--card", &card, "--date", "2026-11-24"]);
    assert!(text.contains("2015"), "{text}");
    assert_eq!(json(&["inspect", "--card", &card, "--json"])["pins"][0]["tries_left"], 2);
    made_again(&card, &folder);
}

#[test]
fn a_new_value_on_a_card_of_generation_1_is_filled_with_e() {
    let write = |profile: &str, version: &str| {
        let text = format!(
            "@profile {profile}\n@mode auto\nselect SSSE\nread_record sfi=5 rec=1\n{version}\
             select DF01\nauthenticate key=87 df=DF01\nexpect sw 9000\n\
             write_item DF01 EF0A 38 3031\nexpect sw 9000\nverify pin=123456\nread_record sfi=10 tag=38\n"
        );
        let folder = folder(&[("item.apdu", &text)]);
        run(&["run", &path(&folder, "item.apdu")])
    };
    let version = "read_record sfi=5 tag=03\n";
    let (said, _, code) = write("gen1", version);
    assert!(code == 0 && said.contains("> 00DC38500638043031EEEE\n"), "{said}");
    assert!(said.contains("< 38043031EEEE9000\n"), "{said}");
    let (said, _, code) = write("gen2", version);
    assert!(code == 0 && said.contains("> 00DC38500438023031\n"), "{said}");
    let (_, complaint, code) = write("gen1", "");
    assert_eq!(code, 1);
    assert!(complaint.contains("the card's version is not known"), "{complaint}");
}
