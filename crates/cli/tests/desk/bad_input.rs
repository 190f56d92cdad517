//! What cannot be used, and what it leaves as it was.

use std::fs;

use serde_json::json;

use crate::desk::city::{CARD, City, LI, card};

const HEADER: &str = "name,number,mobile,bank,old_card";

#[test]
fn every_bad_row_is_named_and_nobody_is_imported() {
    let city = City::new();
    let rows = [
        "李测甲,999901198001011211,13800000001,ICBC,",
        "王测乙,999901197502020024,13800000002,BOC,",
        "钱测丁,999901199212120121,1380000,BOC,",
        "赵测丙,999901201503030011,13800000003,ICBC",
    ];
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    fs::write(city.path("utf-8.csv"), &text).expect("written");
    fs::write(city.path("gbk.csv"), encoding_rs::GBK.encode(&text).0).expect("written");
    let wrong = [
        (3, "the check character of number 999901197502020024 is wrong: it should be 3"),
        (4, "a mobile number has eleven digits"),
        (5, "4 fields instead of 5"),
    ];
    for (file, encoding) in [
        ("utf-8.csv", "utf-8"),
        ("gbk.csv", "gbk"),
        ("utf-8.csv", "detected"),
        ("gbk.csv", "detected"),
    ] {
        let import = format!("import @{file} --encoding {encoding}");
        let (stdout, stderr, code) = city.run(&import);
        assert_eq!((stdout.as_str(), code), ("", 3));
        let lines: Vec<_> = stderr.lines().collect();
        assert_eq!(
            lines[0],
            format!("sscard: {}: 3 of the rows do not fit; nobody was imported", city.path(file))
        );
        for (line, (number, reason)) in lines[1..].iter().zip(wrong) {
            assert_eq!(*line, format!("  line {number}: {reason}"));
        }
        let (stdout, stderr, code) = city.run(&format!("{import} --json"));
        assert_eq!((stderr.as_str(), code), ("", 3));
        let rows = wrong.map(|(line, reason)| json!({ "line": line, "reason": reason }));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&stdout).expect("JSON"),
            json!({ "schema": 1, "imported": 0, "wrong_rows": rows })
        );
    }
    assert_eq!(city.json("show")["holders"], json!([]));
}

#[test]
fn a_gbk_file_is_imported() {
    let city = City::new();
    let text = format!("{HEADER}\n李测甲,999901198001011211,13800000001,ICBC,\n");
    fs::write(city.path("gbk.csv"), encoding_rs::GBK.encode(&text).0).expect("written");
    let (_, stderr, code) = city.run("import @gbk.csv --encoding utf-8");
    assert_eq!(code, 3);
    assert!(stderr.ends_with("gbk.csv: the text is not UTF-8; nobody was imported\n"), "{stderr}");
    assert_eq!(city.json("import @gbk.csv"), json!({ "schema": 1, "imported": 1, "old_cards": 0 }));
    assert_eq!(city.json("show")["holders"][0]["name"], "李测甲");
}

#[test]
fn a_row_that_the_register_refuses_takes_all_back() {
    let city = City::delivered();
    let before = city.state();
    let rows = "钱测丁,999901199212120121,13800000004,BOC,gen1\n李测甲,999901198001011211,13800000001,ICBC,\n周测己,999901198811110078,13800000005,XYZ,";
    fs::write(city.path("more.csv"), format!("{HEADER}\n{rows}\n")).expect("written");
    let (_, stderr, code) = city.run("import @more.csv --old-cards @more");
    assert_eq!(code, 3);
    assert!(
        stderr.contains("  line 3: number 999901198001011211 is in the register already"),
        "{stderr}"
    );
    assert!(stderr.contains("  line 4: bank 'XYZ' is not one of ABC, BOC, CCB, ICBC"), "{stderr}");
    assert_eq!(city.state(), before);
    assert_eq!(fs::read_dir(city.path("more")).expect("folder").count(), 0);
    let (_, stderr, code) = city.run("import @residents.csv");
    assert_eq!(code, 2);
    assert!(stderr.contains("--old-cards FOLDER: 1 of the residents has an old card"), "{stderr}");
}

#[test]
fn a_batch_that_cannot_be_written_takes_all_back() {
    let city = City::new();
    fs::write(
        city.path("residents.csv"),
        format!(
            "{HEADER}\n李测甲,{LI},13800000001,ICBC,\n王测乙,999901197502020023,13800000002,BOC,\n"
        ),
    )
    .expect("written");
    city.ok("import @residents.csv");
    let before = city.state();
    let batch =
        "batch --name 2026-1 --opens 2026-12-01 --closes 2026-12-31 --to village --cards @cards";
    // Another card is where the second one goes.
    fs::create_dir(city.path("cards")).expect("folder");
    fs::write(city.path(&format!("cards/{CARD}.img")), "another").expect("written");
    let (_, stderr, code) = city.run(batch);
    assert_eq!(code, 6);
    assert!(stderr.contains("another card is there already"), "{stderr}");
    assert_eq!(fs::read_dir(city.path("cards")).expect("folder").count(), 1);
    assert_eq!(city.state(), before);
    fs::remove_file(city.path(&format!("cards/{CARD}.img"))).expect("removed");
    city.ok(batch);
    let (_, stderr, code) = city.run(batch);
    assert_eq!((code, stderr.as_str()), (3, "sscard: batch 2026-1 is there already\n"));
    let (_, _, code) = city.run(&batch.replace("--closes 2026-12-31", "--closes 2026-11-30"));
    assert_eq!(code, 2);
}

#[test]
fn a_register_that_is_none_is_named_and_left_alone() {
    let city = City::new();
    let (_, stderr, code) = city.run("show --register @nowhere.db");
    assert_eq!(code, 3);
    assert!(stderr.contains("there is no register; make one with 'sscard desk init'"), "{stderr}");
    assert!(!fs::exists(city.path("nowhere.db")).expect("looked"));
    for bytes in [&b"hello"[..], &[0x5A; 8192]] {
        fs::write(city.path("other.db"), bytes).expect("written");
        for command in ["show", "outbox", "resume", "events"] {
            let (_, stderr, code) = city.run(&format!("{command} --register @other.db"));
            assert_eq!(code, 3, "{stderr}");
            assert!(stderr.contains("not a register of sscard"), "{stderr}");
        }
        assert_eq!(fs::read(city.path("other.db")).expect("read"), bytes);
    }
    let (_, stderr, code) = city.run("init");
    assert_eq!(code, 3);
    assert!(stderr.contains("a file is there already; nothing was changed"), "{stderr}");
}

#[test]
fn a_busy_register_is_5() {
    let city = City::active();
    let other = rusqlite::Connection::open(city.path("city.db")).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let (_, stderr, code) =
        city.run(&format!("pin reset --at village --papers identity-card --card {}", card()));
    assert_eq!(code, 5);
    assert!(
        stderr.contains("another program is using the register; nothing was changed"),
        "{stderr}"
    );
}

#[test]
fn a_card_in_use_is_5() {
    let city = City::collected();
    let locked = fs::File::open(city.path(&card()[1..])).expect("opened");
    locked.lock().expect("locked");
    let (_, stderr, code) =
        city.run(&format!("activate --at village --papers identity-card --card {}", card()));
    assert_eq!(code, 5);
    assert!(stderr.contains("another sscard is using this card"), "{stderr}");
}

#[test]
fn what_is_wrong_in_the_command_line_is_2() {
    let city = City::active();
    let card = card();
    for (line, words) in [
        (
            format!("pin reset --at village --card {card} --date tomorrow"),
            "--date tomorrow: a date is written YYYY-MM-DD",
        ),
        (
            format!("pin change --at village --card {card} --old 12 --new 123456"),
            "transaction password: it has six digits",
        ),
        (
            format!("query-pin --at village --card {card} --new 1"),
            "query password: it has eight digits",
        ),
        (
            format!("mobile --at village --card {card} --mobile 1"),
            "mobile number: a mobile number has eleven digits",
        ),
        (
            "pin reset --at village".to_owned(),
            "--card FILE, --reader NAME or --holder NUMBER: say which card or whose",
        ),
        ("init --register @a.db --profile gen9".to_owned(), "'gen9' is not a built-in profile"),
        (
            "init --register @b.db --bank ICBC".to_owned(),
            "--bank ICBC: a bank is written CODE=NAME",
        ),
        (
            "init --register @c.db --bank A=a --bank A=b".to_owned(),
            "--bank A=b: this code stands there already",
        ),
        (
            format!("replace --at card-outlet:ICBC --reason damaged --card {card} -o {card}"),
            "this file is in use here",
        ),
        (
            format!("replace --at card-outlet:ICBC --reason damaged --card {card} -o @city.db"),
            "this file is in use here",
        ),
        (
            "init --register @c.db --child-present XYZ".to_owned(),
            "--child-present XYZ: no bank of this register",
        ),
        (
            "batch --name 2 --opens 2026-12-02 --closes 2026-12-01 --to village --cards @cards"
                .to_owned(),
            "a batch that opens on 2026-12-02 cannot close on 2026-12-01",
        ),
        (
            "batch --name 2 --opens soon --closes 2026-12-01 --to village --cards @cards"
                .to_owned(),
            "--opens soon: a date is written YYYY-MM-DD",
        ),
        (
            format!(
                "change --at card-outlet:ICBC --papers identity-card --reason social-security-number --number 999901198001011212 --card {card} -o @new.img"
            ),
            "social security number: the check character of number 999901198001011212 is wrong",
        ),
    ] {
        let (_, stderr, code) = city.run(&line);
        assert_eq!(code, 2, "{line}: {stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    // A register that does not know somebody is none of that.
    for (line, words) in [
        (
            "show --holder 1",
            "1 is not in the register; residents are added by 'sscard desk import'",
        ),
        (
            "cancel --at hr-outlet --papers identity-card --holder 999901198001011211 --reason bank --bank XYZ",
            "XYZ is not a cooperating bank of this register",
        ),
    ] {
        let (_, stderr, code) = city.run(line);
        assert_eq!(code, 3, "{line}: {stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    for line in [
        "pin reset --at town-hall --holder 1",
        "pin reset --at bank-branch --holder 1",
        "pin reset --at village --papers passport --holder 1",
        "replace --at card-outlet:ICBC --holder 1 --reason boredom -o @new.img",
        "change --at card-outlet:ICBC --holder 1 --reason bank -o @new.img",
        "change --at card-outlet:ICBC --holder 1 --reason name -o @new.img",
        "collect --at village",
    ] {
        assert_eq!(city.run(line).2, 2, "{line}");
    }
    for file in ["a.db", "b.db", "c.db"] {
        assert!(!fs::exists(city.path(file)).expect("looked"), "{file}");
    }
}

#[test]
fn a_million_bad_rows_are_twenty_lines() {
    let city = City::new();
    fs::write(city.path("bad.csv"), format!("{HEADER}\n{}", ",,,,\n".repeat(30_000)))
        .expect("written");
    let (_, stderr, code) = city.run("import @bad.csv");
    assert_eq!((code, stderr.lines().count()), (3, 22));
    assert!(
        stderr.ends_with("  line 21: the name is missing\n  ... and 29,980 more\n"),
        "{stderr}"
    );
    let (stdout, _, code) = city.run("import @bad.csv --json");
    let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(code, 3);
    assert_eq!(document["wrong_rows"].as_array().map(Vec::len), Some(1_000));
    assert_eq!(document["more_wrong_rows"], 29_000);
    fs::write(city.path("one.csv"), format!("{HEADER}\n,,,,\n")).expect("written");
    let (_, stderr, _) = city.run("import @one.csv");
    assert!(stderr.contains(": 1 of the rows does not fit; nobody was imported"), "{stderr}");
}

#[test]
fn one_of_something_is_one() {
    let city = City::new();
    let row = "李测甲,999901198001011211,13800000001,ICBC,gen1";
    fs::write(city.path("one.csv"), format!("{HEADER}\n{row}\n")).expect("written");
    let text = city.ok("import @one.csv --old-cards @old");
    assert_eq!(text, "1 resident imported, 1 of them with an old card\n");
    let text = city
        .ok("batch --name 1 --opens 2026-12-01 --closes 2026-12-31 --to village --cards @cards");
    assert!(text.starts_with("batch 1: 1 card delivered to village"), "{text}");
}

#[cfg(unix)]
#[test]
fn an_input_without_an_end_is_refused() {
    let city = City::new();
    let (_, stderr, code) = city.run("import /dev/zero");
    assert_eq!(code, 3);
    assert!(stderr.contains("/dev/zero: it is a device, not a file"), "{stderr}");
}

#[test]
fn what_gives_orders_to_a_terminal_enters_no_register() {
    let city = City::active();
    let before = city.state();
    for order in ["\u{1B}[31m", "\u{7}", "\n", "\u{9B}2J", "\u{202E}", "\u{2029}"] {
        let text = format!("甲{order}乙");
        fs::write(city.path("bad.csv"), format!("{HEADER}\n\"{text}\",{LI},13800000001,ICBC,\n"))
            .expect("written");
        let place = format!("village:{text}");
        let bank = format!("A={text}");
        let change = format!(
            "change --at card-outlet:ICBC --papers identity-card --card {} -o @new.img",
            card()
        );
        let batch = "batch --opens 2026-12-01 --closes 2026-12-31 --cards @cards";
        let reset = format!("pin reset --papers identity-card --card {}", card());
        for (line, more, code) in [
            ("import @bad.csv", &[][..], 3),
            (batch, &["--name", &text, "--to", "village"], 2),
            (batch, &["--name", "2", "--to", &place], 2),
            (&reset, &["--at", &place], 2),
            ("init --register @other.db", &["--bank", &bank], 2),
            (&change, &["--reason", "name", "--name", &text], 2),
            (&change, &["--reason", "photo", "--photo", &text], 2),
            (&change, &["--reason", "social-security-number", "--number", &text], 2),
        ] {
            let (stdout, stderr, found) = city.run_words(line, more);
            assert_eq!((stdout.as_str(), found), ("", code), "{line} {more:?}: {stderr}");
            // What the parser of the command line repeats is the program's own matter.
            if !more.contains(&place.as_str()) {
                let told = stderr.replace('\n', "");
                assert!(
                    !told.contains(|c: char| c.is_control() || c == '\u{202E}' || c == '\u{2029}'),
                    "{stderr:?}"
                );
                assert!(stderr.contains("甲\\"), "{stderr:?}");
            }
        }
    }
    assert_eq!(city.state(), before);
    assert!(!fs::exists(city.path("other.db")).expect("looked"));
}
