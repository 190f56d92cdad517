//! `sscard run --compare`.

use crate::sscard::{card, script};
use serde_json::Value;

/// Runs a script on a card of seed 1 and on another one.
fn compare(text: &str, other: &[&str], more: &[&str]) -> (String, String, i32) {
    let (_one, first) = card(&["--seed", "1"]);
    let (_two, second) = card(other);
    script(text, &[&["--card", &first, "--compare", &second], more].concat())
}

/// Rows in which both cards differ.
fn marked(stdout: &str) -> Vec<&str> {
    stdout.lines().filter(|line| line.starts_with(['~', '!'])).collect()
}

#[test]
fn two_cards_run_in_step_and_what_is_random_may_differ() {
    let text = "get_challenge 8\nreset\n@mode auto\nselect SSSE\nauthenticate 0A\nexpect sw 9000\nverify pin=123456\n";
    let (stdout, stderr, code) = compare(text, &["--seed", "1"], &[]);
    assert_eq!((marked(&stdout), stderr.as_str(), code), (vec![], "", 0));
    assert!(
        stdout.starts_with(
            "# a.apdu\n# GET CHALLENGE 8 bytes: 9000 success (成功)\n\
             \x20 > 00 84 00 00 08                                   > 00 84 00 00 08\n\
             \x20 < 64 BB 12 20 AB CC 6B 51 90 00                    < 64 BB 12 20 AB CC 6B 51 90 00\n\
             # reset\n# SELECT SSSE"
        ),
        "{stdout}"
    );
    assert!(
        stdout.ends_with(
            "\n  > 00 20 00 00 03 ** ** **                          > 00 20 00 00 03 ** ** **\n\
             \x20 < 90 00                                            < 90 00\n\
             a.apdu: 7 exchanges, both cards answer alike\n"
        ),
        "{stdout}"
    );
    // Record 01 names the card; challenges differ, and what the script computes of them.
    let (stdout, stderr, code) = compare(text, &["--seed", "2"], &["--ignore", "01"]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    let rows: Vec<_> = marked(&stdout).iter().map(|row| &row[..10]).collect();
    assert_eq!(rows, ["~ < 64 BB ", "~ < 01 10 ", "~ < F9 9F ", "~ > 00 82 "]);
}

#[test]
fn nothing_is_sent_after_the_first_difference() {
    let text = "@mode auto\nget_challenge 8\nselect SSSE\nget_challenge 8\n";
    let produced = ["--seed", "1", "--state", "produced"];
    let (stdout, stderr, code) = compare(text, &produced, &[]);
    assert_eq!((stderr.as_str(), code), ("sscard: the cards differ\n", 1));
    let from = stdout.find("exchange").expect("a difference");
    assert_eq!(
        &stdout[from..],
        "exchange 2 differs (a.apdu:3:1): status word; nothing was sent after it\n\
         \x20 first card                                         second card\n\
         ! SELECT SSSE 社会保障系统环境: 611E 30 bytes wait … SELECT SSSE 社会保障系统环境: 6283 selected application is deactivated\n\
         \x20 > 00 A4 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1  > 00 A4 04 00 0F 73 78 31 2E 73 68 2E C9 E7 BB E1\n\
         \x20   B1 A3 D5 CF                                        B1 A3 D5 CF\n\
         ! < 61 1E                                            < 62 83\n"
    );
    assert_eq!(stdout.matches("# GET CHALLENGE").count(), 1, "{stdout}");
    let (stdout, _, code) = compare(text, &produced, &["--json"]);
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    let compared = &found["compared"][0];
    assert_eq!((code, &found["passed"], &compared["equal"]), (1, &false.into(), &false.into()));
    assert_eq!((&compared["exchanges"], &compared["difference"]["n"]), (&2.into(), &2.into()));
    assert_eq!(compared["difference"]["what"], "status word");
    assert_eq!(compared["difference"]["b"]["response"], "6283");
    assert_eq!(compared["failures"], serde_json::json!([[], []]));
}

#[test]
fn with_exact_a_challenge_is_a_difference_too() {
    let text = "get_challenge 8\n";
    assert_eq!(compare(text, &["--seed", "2"], &[]).2, 0);
    let (stdout, _, code) = compare(text, &["--seed", "2"], &["--exact"]);
    assert_eq!((marked(&stdout).len(), code), (1, 1), "{stdout}");
    let (_, stderr, code) = script(text, &["--exact"]);
    assert_eq!((stderr.as_str(), code), ("sscard: --ignore and --exact belong to --compare\n", 2));
}

#[test]
fn a_script_that_fails_on_both_cards_or_on_one_is_told() {
    let (stdout, stderr, code) = compare("select SSSE\nexpect sw 9000\n", &["--seed", "1"], &[]);
    assert!(
        stdout.ends_with(
            "FAILED expect sw 9000 (a.apdu:2:1)\n  expected sw 9000, found 611E: 30 bytes wait for GET RESPONSE \
             (还有 30 字节数据可取)\n  expected 9000\n  found    611E\n           ^^^^\n  \
             meaning  30 bytes wait for GET RESPONSE (还有 30 字节数据可取)\n\
             a.apdu: 1 exchange, both cards answer alike, and the script fails on both\n"
        ),
        "{stdout}"
    );
    assert!(stderr.contains("[a.apdu:2:1]"), "{stderr}");
    assert!(stderr.ends_with("sscard: 1 expectation failed\n"), "{stderr}");
    assert_eq!(code, 1);
    let text = "get_challenge 8\nexpect data 64 ..\n";
    let (stdout, _, code) = compare(text, &["--seed", "2"], &[]);
    assert!(
        stdout.contains("on the second card:\n  FAILED expect data 64 .. (a.apdu:2:1)\n"),
        "{stdout}"
    );
    assert!(
        stdout.ends_with(
            "a.apdu: 1 exchange, both cards answer alike, but the script fails on the second card\n"
        ),
        "{stdout}"
    );
    assert_eq!(code, 1);
    let (stdout, stderr, code) = compare(&format!("{text}select SSSE\n"), &["--seed", "2"], &[]);
    assert!(
        stdout.ends_with(
            "after exchange 1 (a.apdu:1:1) the second card has finished but the other continues\n"
        ),
        "{stdout}"
    );
    assert!(stderr.contains("[a.apdu:2:1]"), "{stderr}");
    assert_eq!(code, 1);
}

#[test]
fn a_card_that_speaks_another_protocol_is_told() {
    let (stdout, stderr, code) =
        compare("@protocol T=1\nselect SSSE\n", &["--seed", "2"], &["--json"]);
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("the card speaks T0, the script wants T1"), "{stderr}");
    assert_eq!(found["compared"][0]["broken"][0]["line"], 1);
}

#[test]
fn a_card_that_is_not_there_leaves_the_other_one_alone() {
    let (stdout, stderr, code) = script("select SSSE\n", &["--compare", "no such reader"]);
    assert_eq!((stdout.as_str(), code), ("# a.apdu\n", 4));
    assert!(!stderr.contains("stopped"), "{stderr}");
}

#[test]
fn an_image_that_is_not_there_is_no_reader() {
    let (_, stderr, code) = script("select SSSE\n", &["--compare", "nope.img"]);
    assert!(stderr.starts_with("sscard: nope.img: No such file"), "{stderr}");
    assert_eq!(code, 3);
}

#[test]
fn the_exchange_is_named_by_the_card_that_goes_on() {
    let text = "case \"a\" {\n@on-error continue\nget_challenge 8\nexpect data 64 ..\nselect SSSE\n}\n\
                case \"b\" {\nreset\n}\n";
    let (_one, first) = card(&["--seed", "1"]);
    let (_two, second) = card(&["--seed", "2"]);
    for [one, two] in [[&first, &second], [&second, &first]] {
        let (stdout, _, code) = script(text, &["--card", one, "--compare", two]);
        assert!(stdout.contains("exchange 2 differs"), "{stdout}");
        assert_eq!(code, 1);
    }
}

#[test]
fn a_script_that_cannot_begin_on_one_card_has_not_ended_there() {
    let folder = crate::sscard::folder(&[("t1.toml", "base = \"gen3\"\nprotocol = \"T=1\"\n")]);
    let t1 = crate::sscard::path(&folder, "t1.toml");
    let (stdout, stderr, code) =
        compare("@protocol T=0\nselect SSSE\n", &["--profile", &t1], &["--json"]);
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    let compared = &found["compared"][0];
    assert_eq!((&compared["difference"], code), (&Value::Null, 6), "{stderr}");
    assert!(compared["broken"][0].is_null() && compared["broken"][1]["line"] == 1, "{compared}");
    assert!(stderr.contains("the card speaks T1, the script wants T0"), "{stderr}");
}

#[test]
fn commands_that_differ_are_sent_to_neither_card() {
    let text = "case \"a\" {\n@on-error continue\nget_challenge 8\nexpect data 64 ..\nget_challenge 4\n}\n\
                case \"b\" {\nread_record sfi=5 rec=7 le=11\n}\n";
    let (stdout, _, code) = compare(text, &["--seed", "2"], &[]);
    let from = stdout.find("exchange 2").expect("a difference");
    assert_eq!(
        &stdout[from..],
        "exchange 2 differs (a.apdu:5:1): command; sent to neither\n\
         \x20 first card                                         second card\n\
         ! GET CHALLENGE 4 bytes: no response                 READ RECORD number 7 of EF05: no response\n\
         ! > 00 84 00 00 04                                   > 00 B2 07 2C 0B\n"
    );
    assert_eq!(code, 1);
}
