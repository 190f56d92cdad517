//! `sscard pay` as a user runs it, and what it and `sscard emv` refuse.

use crate::sscard::{json, ok, run};

#[test]
fn an_online_payment_is_approved() {
    let payment = json(&["pay", "--amount", "12.34", "--pin", "123456", "--json"]);
    assert_eq!(payment["outcome"], "approved");
    let method = &payment["offline_data_authentication"];
    assert_eq!((&method["method"], &method["ok"]), (&"CDA".into(), &true.into()));
    assert_eq!(payment["cardholder_verification"], "offline_pin");
    assert_eq!(payment["first_ac"]["type"], "ARQC");
    assert_eq!(payment["first_ac"]["atc"], "0001");
    assert_eq!(payment["first_ac"]["cryptogram"].as_str().map(str::len), Some(16));
    assert_eq!(payment["issuer"]["arqc_ok"], true);
    assert_eq!(payment["issuer"]["arpc"].as_str().map(str::len), Some(16));
    assert_eq!(payment["second_ac"]["type"], "TC");
    assert_eq!(payment["scripts"].as_array().map(Vec::len), Some(0));
    let apdus = payment["apdus"].as_array().expect("apdus");
    assert!(apdus.iter().any(|apdu| apdu["meaning"] == "EXTERNAL AUTHENTICATE"));
    let text = payment.to_string();
    assert!(!text.contains("26123456"), "no PIN is shown");
}

#[test]
fn without_a_pin_the_terminal_still_asks_for_an_arqc() {
    let payment = json(&["pay", "--amount", "12.34", "--json"]);
    assert_eq!(payment["outcome"], "approved");
    assert_eq!(payment["first_ac"]["type"], "ARQC");
    let command = payment["apdus"]
        .as_array()
        .and_then(|apdus| apdus.iter().find(|apdu| apdu["meaning"] == "GET PROCESSING OPTIONS"))
        .and_then(|apdu| apdu["command"].as_str())
        .expect("GET PROCESSING OPTIONS");
    // 9F7A = 00, 9F02, 5F2A, DF69 = 00.
    assert_eq!(command, "80A800000C830A0000000000123401560000");
}

#[test]
fn contactless_offline_sm_and_declined() {
    for (arguments, outcome, kind) in [
        (&["--amount", "5.00", "--contactless"][..], "approved", "TC"),
        (&["--amount", "5.00", "--contactless", "--sm"], "approved", "TC"),
        (&["--amount", "5.00", "--offline"], "approved", "TC"),
        (&["--amount", "5.00", "--sm"], "approved", "ARQC"),
        (&["--amount", "5.00", "--decline"], "declined", "ARQC"),
    ] {
        let arguments = [&["pay", "--json"], arguments].concat();
        let payment = json(&arguments);
        assert_eq!(payment["outcome"], outcome, "{arguments:?}");
        assert_eq!(payment["first_ac"]["type"], kind, "{arguments:?}");
        assert_eq!(payment["offline_data_authentication"]["ok"], true, "{arguments:?}");
    }
}

#[test]
fn a_card_file_remembers_what_was_paid_and_what_the_issuer_wrote() {
    let folder = tempfile::tempdir().expect("folder");
    let card = folder.path().join("card.img");
    let card = card.to_str().expect("path");
    ok(&["new", "--profile", "gen2", "-o", card]);
    ok(&["pay", "--card", card, "--amount", "100", "--offline"]);
    let document = json(&["inspect", "--card", card, "--json"]);
    assert_eq!(document["accounts"][0]["balance_cents"], 90_000);
    assert_eq!(document["accounts"][0]["atc"], 1);
    let payment = json(&[
        "pay",
        "--card",
        card,
        "--amount",
        "1",
        "--script",
        "put-data=9F79:000000300000",
        "--script",
        "application-block",
        "--json",
    ]);
    assert_eq!(payment["scripts"][0]["sw"], "9000");
    assert_eq!(payment["scripts"][1]["sw"], "9000");
    let document = json(&["inspect", "--card", card, "--json"]);
    assert_eq!(document["accounts"][0]["balance_cents"], 300_000);
    assert_eq!(document["accounts"][0]["blocked"], true);
    assert_eq!(document["pins"][1]["path"], "A000000333010101");
    assert_eq!(json(&["pay", "--card", card, "--amount", "1", "--json"])["outcome"], "declined");
}

#[test]
fn scripts_without_an_issuer_to_send_them_are_wrong_usage() {
    for other in ["--contactless", "--offline"] {
        let (output, error, code) =
            run(&["pay", "--amount", "1", other, "--script", "pin-unblock"]);
        assert_eq!((output.as_str(), code), ("", 2), "{other}");
        for words in ["cannot be used with", "--script <SCRIPT>", other] {
            assert!(error.contains(words), "{error}");
        }
    }
    let payment = json(&["pay", "--amount", "1", "--script", "pin-unblock", "--json"]);
    assert_eq!(payment["scripts"][0]["sw"], "9000");
    assert_eq!(payment["issuer_script_results"], "2000000001");
    let payment = json(&["pay", "--amount", "1", "--json"]);
    assert!(payment["issuer_script_results"].is_null());
}

/// A card of a profile, and what to keep it in.
fn card_of(profile: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("folder");
    let text = folder.path().join("profile.toml");
    std::fs::write(&text, format!("base = \"gen2\"\n{profile}")).expect("written");
    let card = folder.path().join("card.img").display().to_string();
    ok(&["new", "--profile", text.to_str().expect("path"), "-o", &card]);
    (folder, card)
}

#[test]
fn an_offline_payment_without_authentication_is_declined() {
    for profile in ["[financial]\ncard_key = 0\n", "[financial]\nsm = \"only\"\n"] {
        let (_folder, card) = card_of(profile);
        let payment = json(&["pay", "--card", &card, "--amount", "5", "--offline", "--json"]);
        assert_eq!(payment["outcome"], "declined", "{profile}");
        assert_eq!(payment["first_ac"]["type"], "AAC", "{profile}");
        assert_eq!(payment["electronic_cash"], false, "{profile}");
        let online = json(&["pay", "--card", &card, "--amount", "5", "--json"]);
        assert_eq!(online["outcome"], "approved", "{profile}");
    }
    let payment = json(&["pay", "--amount", "5", "--offline", "--json"]);
    assert_eq!(
        (&payment["outcome"], &payment["electronic_cash"]),
        (&"approved".into(), &true.into())
    );
    let course = ok(&["pay", "--amount", "5", "--offline"]);
    assert!(course.contains("\npaid with e-cash\n"), "{course}");
}

#[test]
fn the_issuer_reads_the_standard_as_the_cards_profile_does() {
    let (_folder, card) =
        card_of("[financial]\nsm4_fold = \"xor\"\npin_change_key = \"unadjusted\"\n");
    let paid = json(&["pay", "--card", &card, "--amount", "1", "--sm", "--json"]);
    assert_eq!((&paid["outcome"], &paid["issuer"]["idd_ok"]), (&"approved".into(), &true.into()));
    ok(&["pay", "--card", &card, "--amount", "1", "--script", "pin-change=4321"]);
    let paid = json(&["pay", "--card", &card, "--amount", "1", "--pin", "4321", "--json"]);
    assert_eq!(paid["cardholder_verification"], "offline_pin");
    // Of the built-in card the issuer is told otherwise.
    let (_, error, code) = run(&["pay", "--amount", "1", "--sm", "--sm4-fold-xor"]);
    assert_eq!(code, 1);
    assert!(error.contains("wants no --sm4-fold-xor"), "{error}");
    let pin = ["--script", "pin-change=4321", "--pin-change-key", "odd-parity"];
    ok(&[&["pay", "--card", &card, "--amount", "1"][..], &pin].concat());
    let paid = json(&["pay", "--card", &card, "--amount", "1", "--pin", "4321", "--json"]);
    assert_ne!(paid["cardholder_verification"], "online_pin");
}

#[test]
fn an_online_pin_is_the_issuers_to_check() {
    let pay = |arguments: &[&str]| {
        json(&[&["pay", "--amount", "300.01", "--contactless", "--json"], arguments].concat())
    };
    let paid = pay(&["--pin", "123456"]);
    assert_eq!(
        (&paid["outcome"], &paid["cardholder_verification"]),
        (&"approved".into(), &"online_pin".into())
    );
    let paid = pay(&["--pin", "1234"]);
    assert_eq!(
        (&paid["outcome"], &paid["issuer"]["response_code"]),
        (&"declined".into(), &"55".into())
    );
    assert_eq!(pay(&["--pin", "1234", "--online-pin", "1234"])["outcome"], "approved");
    assert_eq!(pay(&[])["cardholder_verification"], "signature");
}

#[test]
fn a_payment_that_breaks_off_shows_its_course() {
    let (_folder, card) = card_of("[financial]\nsm = \"only\"\n");
    let broken = ["pay", "--card", &card, "--amount", "1", "--contactless"];
    let (course, error, code) = run(&broken);
    assert_eq!(code, 1);
    assert!(course.starts_with("SELECT PPSE\n") && course.ends_with("  < 6985\n"), "{course}");
    assert!(course.contains("      9F02 amount, authorised"), "{course}");
    assert!(error.contains("GET PROCESSING OPTIONS answered 6985"), "{error}");
    assert!(error.contains("wants --sm"), "{error}");
    let (output, _, code) = run(&[&broken[..], &["--json"]].concat());
    let object: serde_json::Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!((code, &object["outcome"]), (1, &"failed".into()));
    assert!(object["error"].as_str().is_some_and(|text| text.contains("6985")), "{object}");
    assert_eq!(object["apdus"].as_array().map(Vec::len), Some(3));
    assert_eq!(json(&[&broken[..], &["--sm", "--json"]].concat())["outcome"], "approved");
}

#[test]
fn a_blocked_card_and_a_blocked_application_say_so() {
    let (_folder, card) = card_of("");
    ok(&["pay", "--card", &card, "--amount", "1", "--script", "application-block"]);
    let course = ok(&["pay", "--card", &card, "--amount", "1"]);
    let last = course.lines().last().expect("a line");
    assert_eq!(
        last,
        "declined: the application is blocked; --script application-unblock takes the block away"
    );
    let course = ok(&["pay", "--card", &card, "--amount", "1", "--script", "application-unblock"]);
    assert!(
        course.ends_with("blocked; the script unblocked it for the next payment\n"),
        "{course}"
    );
    ok(&["pay", "--card", &card, "--amount", "1", "--script", "card-block"]);
    let (course, error, code) = run(&["pay", "--card", &card, "--amount", "1"]);
    assert_eq!((error.as_str(), code), ("sscard: payment: the card is blocked: 6A81\n", 1));
    assert!(course.starts_with("SELECT PSE"), "{course}");
}

#[test]
fn of_two_applications_the_one_that_is_not_blocked_pays() {
    let (_folder, card) = card_of("[financial]\napplications = 2\n");
    let paid = |arguments: &[&str]| {
        json(&[&["pay", "--card", &card, "--amount", "1", "--json"], arguments].concat())
    };
    assert_eq!(paid(&["--script", "application-block"])["aid"], "A000000333010101");
    assert_eq!(paid(&[])["aid"], "A000000333010102");
    let first = paid(&["--aid", "A000000333010101"]);
    assert_eq!(
        (&first["outcome"], &first["application_blocked"]),
        (&"declined".into(), &true.into())
    );
    assert_eq!(paid(&["--script", "application-unblock"])["aid"], "A000000333010101");
    assert_eq!(paid(&[])["outcome"], "approved");
    assert_eq!(paid(&["--aid", "A000000333010102"])["aid"], "A000000333010102");
}

#[test]
fn options_without_effect_are_wrong_usage() {
    let keys =
        ["--imk", "F0C34A8124CEE0A91A0B034AA97D6EAC", "--pan", "6228000100001", "--atc", "0240"];
    let arqc = ["--arqc", "5D016C91005E7CC2"];
    let pay = |rest: &[&str]| [&["pay", "--amount", "1"][..], rest].concat().join(" ");
    let emv = |verb, rest: &[&str]| [&["emv", verb][..], &keys, rest].concat().join(" ");
    for (line, words) in [
        (pay(&["--contactless", "--authentication", "sda"]), "--authentication has no effect"),
        (pay(&["--offline", "--decline"]), "cannot be used with"),
        (pay(&["--offline", "--online-pin", "1234"]), "cannot be used with"),
        (pay(&["--pin-change-key", "unadjusted"]), "--script <SCRIPT>"),
        (emv("arpc", &arqc), "this scheme takes --arc"),
        (
            emv("arpc", &[&arqc[..], &["--arc", "00", "--csu", "00000000"]].concat()),
            "--csu goes with",
        ),
        (
            emv("arpc", &[&arqc[..], &["--scheme", "visa-cvn18", "--arc", "00"]].concat()),
            "visa-cvn18 takes --csu, and no --arc",
        ),
        (emv("arpc", &[&arqc[..], &["--scheme", "visa-cvn18"]].concat()), "visa-cvn18 takes --csu"),
        (emv("keys", &["--sm4-fold-xor"]), "--sm4-fold-xor goes with --cipher sm4 alone"),
        (emv("keys", &arqc), "--arqc has no effect"),
        (
            emv(
                "script-mac",
                &[&arqc[..], &["--command", "8418000008", "--mac-length", "8"]].concat(),
            ),
            "a script MAC of pboc has 4 bytes",
        ),
        (
            emv(
                "script-mac",
                &[&arqc[..], &["--command", "8418000008", "--mac-length", "9"]].concat(),
            ),
            "9 is not in 4..=8",
        ),
    ] {
        let (output, error, code) = run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!((output.as_str(), code), ("", 2), "{line}: {error}");
        assert!(error.contains(words), "{line}: {error}");
    }
}

#[test]
fn a_produced_card_pays_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let card = folder.path().join("card.img");
    let card = card.to_str().expect("path");
    ok(&["new", "--state", "produced", "-o", card]);
    let payment = json(&["pay", "--card", card, "--amount", "1", "--json"]);
    assert_eq!(
        (&payment["outcome"], &payment["first_ac"]["type"]),
        (&"declined".into(), &"AAC".into())
    );
}

#[test]
fn a_card_without_a_bank_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let card = folder.path().join("card.img");
    let card = card.to_str().expect("path");
    ok(&["new", "--profile", "gen1", "-o", card]);
    let (_, error, code) = run(&["pay", "--card", card, "--amount", "1"]);
    assert_eq!(code, 1);
    assert!(error.contains("the card has no payment application: 6A82"), "{error}");
}

#[test]
fn the_course_of_a_payment_names_every_data_element() {
    let course = ok(&["pay", "--amount", "5.00", "--contactless", "--date", "2026-11-24"]);
    for line in [
        "SELECT PPSE",
        "GET PROCESSING OPTIONS",
        "      9F02 amount, authorised (授权金额): 000000000500 = 5.00",
        "        9F36 ATC application transaction counter (应用交易计数器): 0001 = 1",
        "             CVR B2b6-5 first GENERATE AC returned TC (第一次GENERATE AC返回TC)",
        "             e-cash balance 995.00 (电子现金余额 995.00)",
        "approved: 5.00 CNY",
    ] {
        assert!(course.lines().any(|found| found == line), "{line}\n{course}");
    }
}

#[test]
fn commands_of_the_bank_are_named_in_transmit() {
    let output = ok(&["transmit", "00A4040008A000000333010101", "80CA9F3605"]);
    assert!(output.contains("# SELECT A000000333010101: 614D "), "{output}");
    assert!(
        output.contains("#   9F36 ATC application transaction counter (应用交易计数器): 0000 = 0"),
        "{output}"
    );
}

#[test]
fn bad_input_says_what_and_where() {
    for (arguments, words) in [
        (&["pay", "--amount", "1.234"][..], "--amount 1.234: an amount is"),
        (&["pay", "--amount", "1", "--pin", "12"], "--pin: a bank PIN has 4 to 12 digits"),
        (&["pay", "--amount", "1", "--script", "explode"], "--script: 'explode' is not a script"),
        (
            &[
                "emv",
                "keys",
                "--imk",
                "00000000000000000000000000000000",
                "--pan",
                "12a",
                "--atc",
                "0001",
            ],
            "--pan 12a: an account number has 1 to 19 digits",
        ),
        (
            &[
                "emv",
                "keys",
                "--imk",
                "00000000000000000000000000000000",
                "--pan",
                "12",
                "--psn",
                "1",
                "--atc",
                "0001",
            ],
            "--psn 1: a sequence number has two digits",
        ),
        (&["pay", "--amount", "1", "--date", "yesterday"], "--date yesterday: a date is written"),
        (
            &["emv", "arqc", "--imk", "00", "--pan", "1", "--atc", "0001", "--data", "00"],
            "--imk: it must have 16 bytes",
        ),
        (
            &["emv", "decode", "77069F270180"],
            "decode: it is not a BER-TLV string; for a value alone",
        ),
        (&["emv", "decode", "foo", "00"], "foo: it is neither a known tag nor one of"),
        (
            &["emv", "decode", "9F02", "12"],
            "9F02 12: amount, authorised (授权金额) has 6 bytes, not 1",
        ),
        (
            &["emv", "decode", "9F02", "AAAAAAAAAAAA"],
            "nothing can be said of these bytes as amount",
        ),
        (&["emv", "decode", "tvr", "0008"], "has 5 bytes, not 2"),
        (&["emv", "decode", "cvr", "03"], "has 4 bytes, not 1"),
        (&["emv", "decode", "70", "01"], "70 01: it holds no BER-TLV objects"),
        (&["pay", "--amount", "1", "--aid", "A0"], "--aid A0: an AID has 5 to 16 bytes"),
        (&["pay", "--amount", "1", "--online-pin", "x"], "--online-pin: a bank PIN has"),
        (&["pay", "--amount", "1", "--date", "2026-02-29"], "and there is such a day"),
        (&["pay", "--amount", "1", "--date", "2050-01-01"], "in the years 2000 to 2049"),
        (
            &["pay", "--amount", "1", "--script", "update-record=4:999:00"],
            "the record's number must be 1 to 254",
        ),
        (
            &[
                "emv",
                "arpc",
                "--imk",
                "F0C34A8124CEE0A91A0B034AA97D6EAC",
                "--pan",
                "1",
                "--atc",
                "0001",
                "--arqc",
                "5D016C91005E7CC2",
                "--arc",
                "00",
                "--data",
                "xyz",
            ],
            "--data xyz: character 1 is not a hexadecimal digit",
        ),
        (&["emv", "decode", "95", "0"], "95 0: it has an odd number of digits"),
    ] {
        let (_, error, code) = run(arguments);
        // An option of ours is usage, bytes to compute with are an input.
        let expected = if arguments[0] == "pay" { 2 } else { 3 };
        assert_eq!(code, expected, "{arguments:?}");
        assert!(error.contains(words), "{error}");
    }
}

/// What `emv ca` prints is what `pay --ca` takes, and a terminal that trusts another authority believes no card.
#[test]
fn a_terminal_is_told_whom_to_trust() {
    let folder = tempfile::tempdir().expect("folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name).display().to_string();
        std::fs::write(&path, text).expect("written");
        path
    };
    let pay = |file: &str, more: &[&str]| {
        json(&[&["pay", "--amount", "5.00", "--ca", file, "--json"], more].concat())
    };
    let printed = |form: &[&str]| ok(&[&["emv", "ca"], form].concat());
    for (name, form) in [
        ("fields", &[][..]),
        ("pem", &["--form", "pem"]),
        ("capk", &["--form", "capk"]),
        ("columns", &["--form", "columns"]),
        ("json", &["--json"]),
    ] {
        let trusted = file(name, &printed(form));
        let payment = pay(&trusted, &[]);
        assert_eq!(payment["offline_data_authentication"]["ok"], true, "{name}");
        assert_eq!(payment["outcome"], "approved", "{name}");
        if matches!(name, "fields" | "pem" | "json") {
            assert_eq!(
                pay(&trusted, &["--sm"])["offline_data_authentication"]["ok"],
                true,
                "{name}"
            );
        }
    }
    let stranger =
        file("stranger", &printed(&["--form", "columns"]).replace("\tA000000333", "\tA000000003"));
    let payment = pay(&stranger, &[]);
    assert_eq!(payment["offline_data_authentication"]["ok"], false);
    let broken = file("broken", "rid A000000333\nindex 01\nmodulus 00\n");
    let (_, stderr, code) = run(&["pay", "--amount", "5.00", "--ca", &broken]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("line 1: a modulus without an exponent"), "{stderr}");
    let (_, stderr, code) =
        run(&["pay", "--amount", "5.00", "--ca", &file("broken.json", "{\"keys\": [{}]}")]);
    assert_eq!((code, stderr.contains("keys[0]: a key without a rid")), (3, true), "{stderr}");
}

/// A card with a bank's own keys is paid with by a terminal whose issuer is told them, and by no other.
#[test]
fn a_terminal_is_told_the_banks_keys() {
    let folder = tempfile::tempdir().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let keys =
        format!("[financial.keys]\nac = \"{}\"\nmac = \"{}\"\n", "1F".repeat(16), "2C".repeat(16));
    std::fs::write(path("bank.toml"), format!("base = \"gen3\"\n{keys}")).expect("written");
    std::fs::write(path("keys.toml"), &keys).expect("written");
    ok(&["new", "--profile", &path("bank.toml"), "-o", &path("card.img")]);
    let pay = |more: &[&str]| {
        run(&[&["pay", "--card", &path("card.img"), "--amount", "5.00", "--json"], more].concat())
    };
    // A profile is such a file, too.
    for file in ["keys.toml", "bank.toml"] {
        let (stdout, stderr, code) = pay(&["--keys", &path(file)]);
        assert_eq!((stderr.as_str(), code), ("", 0), "{file}");
        let payment: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!(payment["issuer"]["arqc_ok"], true, "{file}");
        assert_eq!(payment["outcome"], "approved", "{file}");
    }
    let (stdout, _, _) = pay(&[]);
    let payment: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(payment["issuer"]["arqc_ok"], false, "{stdout}");
    std::fs::write(path("wrong.toml"), "[financial.keys]\nac = \"1F1F\"\n").expect("written");
    let (_, stderr, code) = pay(&["--keys", &path("wrong.toml")]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("wrong.toml:2:6: ") && !stderr.contains("1F1F"), "{stderr}");
}
