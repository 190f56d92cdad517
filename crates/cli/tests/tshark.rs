//! Wireshark reads our pcapng without any setting.
//!
//! Needs tshark, and fails without it: `apt-get install tshark`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::process::Command;

use sscard::ok;
use tempfile::TempDir;

mod sscard;

/// Fields of every packet, as tshark prints them with no configuration of anybody.
fn decoded(path: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let nowhere = TempDir::new().expect("folder");
    let mut command = Command::new("tshark");
    command.args(["-r", path, "-T", "fields", "-E", "separator=\t"]);
    for field in fields {
        command.args(["-e", field]);
    }
    let command = command.env("HOME", nowhere.path()).env("XDG_CONFIG_HOME", nowhere.path());
    let output = command.env("LC_ALL", "C.UTF-8").output();
    let output = output.expect("tshark is missing: apt-get install tshark");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| line.split('\t').map(ToOwned::to_owned).collect()).collect()
}

/// A capture of what the arguments do.
fn capture(args: &[&str]) -> (TempDir, String) {
    let folder = TempDir::new().expect("folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (trace, capture) = (at("t.jsonl"), at("t.pcapng"));
    ok(&[args, &["--trace", &trace]].concat());
    ok(&["trace", "convert", &trace, "-o", &capture]);
    (folder, capture)
}

const COLUMNS: [&str; 4] =
    ["_ws.col.Protocol", "_ws.col.Info", "frame.comment", "frame.interface_name"];

#[test]
fn a_reading_is_decoded() {
    let (_folder, capture) = capture(&["read", "--all", "--pin", "123456"]);
    let packets = decoded(&capture, &COLUMNS);
    let info: Vec<&str> = packets.iter().map(|packet| packet[1].as_str()).collect();
    assert!(info[0].starts_with("ATR"), "{}", info[0]);
    for part in [
        "Select file",
        "Response APDU (to Select file)",
        "Read record, EF 5, record 1",
        "Response APDU (to Read record)",
        "Verify",
    ] {
        assert!(info.iter().any(|line| line.starts_with(part)), "{part}: {info:?}");
    }
    let select = &packets[1];
    assert_eq!(select[0], "ISO 7816");
    assert!(select[2].starts_with("SELECT SSSE 社会保障系统环境"), "{}", select[2]);
    assert_eq!(select[3], "sscard virtual reader");
    let comments: String = packets.iter().map(|packet| packet[2].as_str()).collect();
    assert!(comments.contains("name (姓名)") && comments.contains("孙测戊"));
    assert!(!comments.contains("123456") && comments.contains("redacted (已隐去)"));
}

#[test]
fn a_payment_is_decoded() {
    let (_folder, capture) = capture(&["pay", "--amount", "12.34", "--pin", "123456"]);
    let packets = decoded(&capture, &COLUMNS);
    let has = |part: &str| packets.iter().any(|packet| packet[1].starts_with(part));
    assert!(has("Select file") && has("Read record, EF 1, record 1") && has("Get response"));
    let comments: String = packets.iter().map(|packet| packet[2].as_str()).collect();
    // What the dissector does not know is in the comments.
    for part in ["GET PROCESSING OPTIONS", "GENERATE AC, ARQC", "应用交易计数器", "= 12.34"]
    {
        assert!(comments.contains(part), "{part}");
    }
}

#[test]
fn status_words_and_data_are_fields() {
    let (_folder, capture) = capture(&["read"]);
    let fields = ["iso7816.apdu.sw1", "iso7816.apdu.sw2", "iso7816.apdu.ins", "iso7816.apdu.p1"];
    let packets = decoded(&capture, &fields);
    let status = |packet: &Vec<String>| packet[0] == "0x90" && packet[1] == "0x00";
    assert!(packets.iter().any(status), "{packets:?}");
    assert!(packets.iter().any(|packet| packet[2] == "0xa4" && packet[3] == "0x04"), "{packets:?}");
}
