//! `sscard read`: what it says beside the data, and its exit code.

use crate::sscard::{SELECT_SSSE, card, json, ok, run};
use serde_json::Value;

fn tries(image: &str) -> Value {
    json(&["inspect", "--card", image, "--json"])["pins"][0]["tries_left"].clone()
}

fn refused(answer: &str) -> String {
    format!("sscard: the social security PIN (SSSE) was not accepted: VERIFY answered {answer}\n")
}

#[test]
fn a_wrong_pin_uses_one_try_is_said_and_exits_with_1() {
    let (_folder, image) = card(&[]);
    for (number, more) in
        [(5, &[][..]), (4, &["--all"]), (3, &["--json"]), (2, &["--all", "--json"])]
    {
        let args = ["read", "--card", &image, "--pin", "111111"];
        let (stdout, stderr, code) = run(&[&args[..], more].concat());
        let answer = format!(
            "63C{number}: PIN not verified, {number} tries left (密码未通过，剩余 {number} 次)"
        );
        assert_eq!((stderr, code), (refused(&answer), 1), "{more:?}");
        assert!(stdout.contains("孙测戊"), "what can be read is read: {stdout}");
        assert_eq!(tries(&image), number, "{more:?}");
    }
    let (_, stderr, _) = run(&["read", "--card", &image, "--pin", "111111"]);
    assert_eq!(stderr, refused("63C1: PIN not verified, 1 try left (密码未通过，剩余 1 次)"));
    let (_, stderr, _) = run(&["read", "--card", &image, "--pin", "111111"]);
    assert_eq!(stderr, refused("63C0: wrong PIN, it is locked (密码错误，已锁定), 0 tries left"));
    let (_, stderr, code) = run(&["read", "--card", &image, "--pin", "123456"]);
    assert_eq!(
        (stderr, code),
        (refused("6983: PIN is locked (密码已锁定), 0 tries left"), 1),
        "the right one is of no use any more"
    );
}

#[test]
fn the_right_pin_is_presented_once_with_and_without_all() {
    let (folder, image) = card(&[]);
    let trace = folder.path().join("t.jsonl").display().to_string();
    for more in [&[][..], &["--all"]] {
        let args = ["read", "--card", &image, "--pin", "123456", "--trace", &trace];
        let (_, stderr, code) = run(&[&args[..], more].concat());
        assert_eq!((stderr.as_str(), code), ("", 0), "{more:?}");
        let text = std::fs::read_to_string(&trace).expect("trace");
        assert_eq!(text.matches("\"0020").count(), 1, "{text}");
        std::fs::remove_file(&trace).expect("removed");
    }
    ok(&["transmit", "--card", &image, SELECT_SSSE, "0020000003111111"]);
    assert_eq!(tries(&image), 5);
    ok(&["read", "--card", &image, "--pin", "123456"]);
    assert_eq!(tries(&image), 6, "it was presented without --all");
}

#[test]
fn a_locked_pin_is_said_and_asking_uses_no_try() {
    let (_folder, image) = card(&[]);
    ok(&["read", "--card", &image]);
    assert_eq!(tries(&image), 6);
    for _ in 0..6 {
        ok(&["transmit", "--card", &image, SELECT_SSSE, "0020000003111111"]);
    }
    let (stdout, stderr, code) = run(&["read", "--card", &image, "--json"]);
    let words = "the social security PIN (SSSE) is locked: VERIFY without data answered 63C0";
    assert_eq!((stderr, code), (format!("sscard: {words}\n"), 0));
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["remarks"], serde_json::json!([words]));
}

#[test]
fn an_expired_card_and_a_day_that_cannot_be_are_said() {
    let (_folder, image) =
        card(&["--set", "expiry_date=2030-06-30", "--set", "birth_date=20230230"]);
    let read = |date: &str| run(&["read", "--card", &image, "--date", date]);
    let day = "sscard: SSSE/EF06 0D 出生日期 (birth date): 20230230 is not a day of the calendar\n";
    let (_, stderr, code) = read("2030-06-30");
    assert_eq!((stderr.as_str(), code), (day, 0), "the last day counts");
    let (_, stderr, code) = read("2030-07-01");
    let expired = "sscard: the card has expired: it was valid until 20300630\n";
    assert_eq!((stderr, code), (format!("{expired}{day}"), 0));
    let stdout = ok(&["read", "--card", &image, "--date", "2030-07-01", "--json"]);
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(document["remarks"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_card_whose_holder_stays_closed_exits_with_1() {
    let (_folder, image) = card(&[]);
    // RK_SSSE locked by wrong authentications.
    let wrong = "0082000A100000000000000000000000000000000000";
    for _ in 0..3 {
        let challenge = "0084000008";
        run(&["transmit", "--card", &image, SELECT_SSSE, challenge, wrong]);
    }
    let (_, stderr, code) = run(&["read", "--card", &image]);
    assert_eq!(
        (stderr.as_str(), code),
        (
            "sscard: the holder's data could not be read: READ RECORD of SSSE/EF06 answered 6982: access \
             rule not met (不满足安全状态)\n",
            1
        )
    );
}

#[test]
fn in_the_field_of_a_contactless_reader_the_holder_is_read_all_the_same() {
    let (_folder, image) = card(&[]);
    let over_contacts = json(&["read", "--card", &image, "--all", "--pin", "123456", "--json"]);
    let in_the_field =
        json(&["read", "--card", &image, "--all", "--pin", "123456", "--contactless", "--json"]);
    assert_eq!(in_the_field["atr"], "3B80800101");
    assert_eq!(in_the_field["files"], over_contacts["files"]);
    assert_eq!(in_the_field["holder"], over_contacts["holder"]);
    assert!(in_the_field["holder"].is_object());
}

/// A reader with keys of its own: what a profile's tables name counts, everything else is a TEST key.
#[test]
fn a_reader_is_told_its_keys() {
    let (folder, image) = card(&[]);
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name).display().to_string();
        std::fs::write(&path, text).expect("written");
        path
    };
    let inspected = json(&["inspect", "--card", &image, "--keys", "--json"]);
    let value = |id: &str| {
        let keys = inspected["keys"].as_array().expect("keys");
        let key = keys.iter().find(|key| key["application"] == "SSSE" && key["id"] == id);
        key.expect("a key")["value"].as_str().expect("its value").to_owned()
    };
    let table = |id: &str, value: &str| {
        format!("[[keys]]\ndf = \"SSSE\"\nid = \"{id}\"\nvalue = \"{value}\"\n")
    };
    let right = file("right.toml", &(table("00", &value("00")) + &table("0A", &value("0A"))));
    let (stdout, stderr, code) = run(&["read", "--card", &image, "--keys", &right]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("孙测戊"), "{stdout}");
    // Another internal authentication key: the card is a stranger to this reader.
    let other = file("other.toml", &table("00", &"5A".repeat(16)));
    let (_, stderr, code) = run(&["read", "--card", &image, "--keys", &other]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("other.toml"), "{stderr}");
    // Another read key: the holder stays closed.
    let other = file("closed.toml", &table("0A", &"5A".repeat(16)));
    let (stdout, _, code) = run(&["read", "--card", &image, "--keys", &other]);
    assert_eq!(code, 1);
    assert!(!stdout.contains("孙测戊"), "{stdout}");
    let wrong = file("wrong.toml", &table("0A", "5A5A5A5A5A5A5A5A5A"));
    let (_, stderr, code) = run(&["read", "--card", &image, "--keys", &wrong]);
    assert_eq!(code, 3);
    assert!(stderr.contains("wrong.toml:4:9: keys[0].value: a key has 16 bytes"), "{stderr}");
    assert!(!stderr.contains("5A5A"), "{stderr}");
    // Scripts have the same keys.
    let script =
        file("s.apdu", "@mode auto\n@destructive\nselect SSSE\nauthenticate 0A\nexpect sw 9000\n");
    ok(&["run", &script, "--card", &image, "--keys", &right]);
    let (_, _, code) = run(&["run", &script, "--card", &image, "--keys", &other]);
    assert_eq!(code, 1);
}
