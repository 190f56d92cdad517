//! `sscard inspect`: the bank's side.

use crate::sscard::{card, json, ok};
use serde_json::Value;

const AID: &str = "A000000333010101";

fn list<'v>(document: &'v Value, name: &str) -> &'v Vec<Value> {
    document[name].as_array().expect("a list")
}

#[test]
fn records_of_directory_account_and_log_are_files() {
    let (_folder, image) = card(&[]);
    ok(&["pay", "--card", &image, "--amount", "12.34", "--date", "2026-11-24"]);
    let document = json(&["inspect", "--card", &image, "--json"]);
    let file = |path: &str| {
        let found = list(&document, "files").iter().find(|file| file["path"] == path);
        found.unwrap_or_else(|| panic!("{path}"))
    };
    let object = |path: &str, tag: &str| {
        let record = list(file(path), "records").iter().find(|record| record["tag"] == tag);
        record.unwrap_or_else(|| panic!("{path} {tag}"))["value"].clone()
    };
    assert_eq!(object("315041592E5359532E4444463031/1/1", "4F"), AID);
    let record = format!("{AID}/3/1");
    assert_eq!(file(&record)["sfi"], 3);
    assert_eq!(object(&record, "5F24"), "340101");
    assert_eq!(object(&record, "9F07"), "FF00");
    let bytes = file(&record)["bytes"].as_str().expect("hex");
    assert!(bytes.starts_with("7081") && bytes.contains("5F2403340101"), "{bytes}");
    let log = format!("{AID}/11/1");
    assert_eq!(
        (&file(&log)["structure"], &file(&log)["name"]),
        (&"cyclic".into(), &"transaction log".into())
    );
    assert_eq!(object(&log, "9A"), "261124");
    assert_eq!(object(&log, "9F02"), "000000001234");
    assert!(!list(&document, "files").iter().any(|file| file["path"] == format!("{AID}/11/2")));
}

#[test]
fn data_objects_and_directories_stand_with_the_accounts() {
    let (_folder, image) = card(&[]);
    ok(&["pay", "--card", &image, "--amount", "1"]);
    let document = json(&["inspect", "--card", &image, "--json"]);
    let account = &document["accounts"][0];
    let object = |tag: &str| {
        let found = list(account, "data_objects").iter().find(|object| object["tag"] == tag);
        found.unwrap_or_else(|| panic!("{tag}"))
    };
    assert_eq!(object("9F36")["value"], "0001");
    assert_eq!(object("9F36")["name"], "application transaction counter");
    assert_eq!(object("9F17")["value"], "03");
    assert_eq!(object("9F79")["value"], "000000100000");
    for tag in ["9F13", "9F4F", "DF4F", "9F77", "9F78", "9F6D", "9F6C", "9F51"] {
        assert!(object(tag)["value"].is_string(), "{tag}");
    }
    let names = list(&document, "payment_directories").iter();
    let names: Vec<_> = names.map(|directory| directory["name"].as_str().expect("text")).collect();
    assert_eq!(names, ["1PAY.SYS.DDF01", "2PAY.SYS.DDF01"]);
    assert_eq!(
        (&document["pins"][0]["path"], &document["pins"][1]["path"]),
        (&"SSSE".into(), &AID.into())
    );
}

#[test]
fn the_bank_s_keys_are_shown_on_demand_alone() {
    assert!(json(&["inspect", "--json"]).get("keys").is_none());
    let document = json(&["inspect", "--json", "--keys"]);
    let keys = list(&document, "keys").iter().filter(|key| key["application"] == AID);
    let keys: Vec<_> = keys
        .map(|key| {
            let text = |name: &str| key[name].as_str().expect("text");
            (text("name"), text("algorithm"), text("value"))
        })
        .collect();
    let named: Vec<_> = keys.iter().map(|(name, algorithm, _)| (*name, *algorithm)).collect();
    assert_eq!(
        named,
        [
            ("UDK-AC", "3DES"),
            ("UDK-MAC", "3DES"),
            ("UDK-ENC", "3DES"),
            ("UDK-AC", "SM4"),
            ("UDK-MAC", "SM4"),
            ("UDK-ENC", "SM4"),
            ("ICC private key", "RSA"),
            ("ICC private key", "SM2"),
        ]
    );
    let (plain, revealed) = (ok(&["inspect"]), ok(&["inspect", "--keys"]));
    for (name, _, value) in keys {
        assert!(!plain.contains(value), "{name}");
        assert!(revealed.contains(&format!("{value} (TEST key)")), "{name}");
    }
}

#[test]
fn the_tree_shows_the_same() {
    let text = ok(&["inspect"]);
    for line in [
        "\n1PAY.SYS.DDF01 315041592E5359532E4444463031 present\n",
        "  A000000333010101/3/1  应用记录 (payment record): linear variable 220, read free, update issuer script\n",
        "    5F24 application expiration date (应用失效日期): 340101 = 2034-01-01\n",
        "  9F79 e-cash balance (电子现金余额): 000000100000 = 1000.00\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
}

#[test]
fn transparent_files_have_their_bytes() {
    let document = json(&["inspect", "--json"]);
    let photo = list(&document, "files").iter().find(|file| file["path"] == "SSSE/EF08");
    let bytes = photo.expect("EF08")["bytes"].as_str().expect("hex");
    assert!(bytes.len() > 1000 && bytes.bytes().all(|digit| digit == b'0'));
}

/// The objects that a list of the card asks for are those of its record, in its order.
#[test]
fn pay_says_what_the_card_asked_for() {
    let document = json(&["pay", "--amount", "1", "--date", "2026-11-24", "--json"]);
    let asked: Vec<_> = list(&document, "apdus")
        .iter()
        .map(|apdu| (apdu["command"].as_str().expect("hex"), list(apdu, "asked")))
        .collect();
    let of = |start: &str| {
        let found = asked.iter().find(|(command, _)| command.starts_with(start));
        found.expect("the command").1
    };
    let first = of("80AE90");
    assert_eq!(
        first[0],
        serde_json::json!({ "tag": "9F02", "length": 6, "value": "000000000100" })
    );
    let tags: Vec<_> = first.iter().map(|object| object["tag"].as_str().expect("tag")).collect();
    assert_eq!(tags, ["9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "9F21", "9F4E"]);
    let length: u64 = first.iter().map(|object| object["length"].as_u64().expect("number")).sum();
    let (command, _) = asked.iter().find(|(command, _)| command.starts_with("80AE90")).expect("it");
    assert_eq!(command[8..10], format!("{length:02X}"));
    assert_eq!(of("80AE50")[0]["tag"], "8A");
    assert_eq!(of("80A8")[0]["tag"], "9F7A");
    assert!(of("00A4").is_empty() && of("00B2").is_empty());
    let dynamic = json(&["pay", "--amount", "1", "--authentication", "dda", "--json"]);
    let random = list(&dynamic, "apdus")
        .iter()
        .find(|apdu| apdu["command"].as_str().is_some_and(|command| command.starts_with("0088")));
    assert_eq!(list(random.expect("INTERNAL AUTHENTICATE"), "asked")[0]["tag"], "9F37");
}

#[test]
fn a_key_of_ones_own_is_not_called_a_test_key() {
    let folder = tempfile::TempDir::new().expect("folder");
    let profile = folder.path().join("own.toml").display().to_string();
    let image = folder.path().join("own.img").display().to_string();
    let own = "00112233445566778899AABBCCDDEEFF";
    let text = format!(
        "base = \"gen3\"\n[[keys]]\ndf = \"SSSE\"\nid = \"0A\"\nversion = 1\nvalue = \"{own}\"\n"
    );
    std::fs::write(&profile, text).expect("written");
    ok(&["new", "--profile", &profile, "-o", &image]);
    let shown = ok(&["inspect", "--card", &image, "--keys"]);
    let line = shown.lines().find(|line| line.contains(own)).expect("the key");
    assert!(!line.contains("TEST"), "{line}");
    assert!(shown.contains("key 02 v1 STK") && shown.contains("(TEST key)"), "{shown}");
}
