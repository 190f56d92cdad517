//! Secrets that are asked for, on the way in and on the way out, and whose files they are in.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use crate::canary::commands::{SSCARD, said};
use crate::canary::secrets::{KEY, SELECT};
use crate::typed::Typed;

#[test]
fn what_is_asked_for_is_shown() {
    let verify = "0020000003739154";
    let shown = said(&["transmit", "--unsafe-show-secrets", SELECT, verify], b"", &[]);
    assert!(String::from_utf8_lossy(&shown).contains("> 0020000003739154\n"));
    let hidden = said(&["transmit", SELECT, verify], b"", &[]);
    assert!(String::from_utf8_lossy(&hidden).contains("> 0020000003000000\n< 63C5\n"));
    let folder = TempDir::new().expect("folder");
    let script = folder.path().join("a.apdu");
    fs::write(&script, "select SSSE\nverify pin=739154\nexpect sw 9000\n").expect("written");
    let script = script.display().to_string();
    let shown = said(&["run", "--unsafe-show-secrets", &script], b"", &[]);
    assert!(String::from_utf8_lossy(&shown).contains("2 │ verify pin=739154\n"));
    let hidden = said(&["run", &script], b"", &[]);
    assert!(String::from_utf8_lossy(&hidden).contains("2 │ verify pin=******\n"));
}

#[test]
fn what_may_hold_secrets_is_its_owner_s() {
    let folder = TempDir::new().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mode = |name: &str| fs::metadata(path(name)).expect("written").permissions().mode() & 0o777;
    let trace = path("trace.jsonl");
    said(&["transmit", "--unsafe-show-secrets", "--trace", &trace, SELECT], b"", &[]);
    said(&["trace", "convert", &trace, "-o", &path("report.html")], b"", &[]);
    fs::write(path("a.apdu"), "select SSSE\n").expect("written");
    said(&["run", "--report", &path("report.xml"), &path("a.apdu")], b"", &[]);
    for name in ["trace.jsonl", "report.html", "report.xml"] {
        assert_eq!(mode(name), 0o600, "{name}");
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o640)).expect("set");
    }
    said(&["transmit", "--trace", &trace, SELECT], b"", &[]);
    said(&["trace", "convert", &trace, "-o", &path("report.html")], b"", &[]);
    said(&["run", "--report", &path("report.xml"), &path("a.apdu")], b"", &[]);
    for name in ["trace.jsonl", "report.html", "report.xml"] {
        assert_eq!(mode(name), 0o640, "{name}");
    }
}

#[test]
fn secrets_come_from_standard_input_files_and_the_environment() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let of = |imk: &str, stdin: &str| {
        let args = ["emv", "keys", "--imk", imk, "--pan", "6200000000000000", "--atc", "0001"];
        text(said(&args, stdin.as_bytes(), &[]))
    };
    let folder = TempDir::new().expect("folder");
    let file = folder.path().join("key");
    fs::write(&file, format!("{}\n {}\n", &KEY[..16], KEY[16..].to_lowercase())).expect("written");
    let expected = of(KEY, "");
    assert!(expected.starts_with("card key: "), "{expected}");
    assert_eq!(of(&format!("@{}", file.display()), ""), expected);
    assert_eq!(of("-", &format!("{KEY}\r\nmore\n")), expected);
    assert_eq!(of("-", ""), "sscard: --imk -: standard input has no line for it\n");
    assert_eq!(of("@/dev/zero", ""), "sscard: /dev/zero: a key lives in a regular file\n");
    assert_eq!(of(&format!("{KEY}0"), ""), "sscard: --imk: it has an odd number of digits\n");
    assert_eq!(of(&format!("{KEY}00"), ""), "sscard: --imk: it must have 16 bytes, and has 17\n");
    assert_eq!(of("8F3G", ""), "sscard: --imk: character 4 is not a hexadecimal digit\n");
    fs::write(&file, "0".repeat(5000)).expect("written");
    let place = format!("@{}", file.display());
    assert_eq!(of(&place, ""), format!("sscard: --imk {place}: the file is too long for a key\n"));

    let pay = |more: &[&str], stdin: &str, environment: &[(&str, &str)]| {
        let args = [&["pay", "--amount", "1.00", "--authentication", "none"], more].concat();
        text(said(&args, stdin.as_bytes(), environment))
    };
    let with_pin = pay(&["--pin", "123456"], "", &[]);
    assert!(with_pin.contains("cardholder verification: PIN"), "{with_pin}");
    assert_eq!(pay(&["--pin", "-"], "123456\n", &[]), with_pin);
    assert_eq!(pay(&[], "", &[("SSCARD_PIN", "123456")]), with_pin);
    assert_eq!(pay(&["--pin", "123456"], "", &[("SSCARD_PIN", "999999")]), with_pin);
    assert_ne!(pay(&[], "", &[("SSCARD_PIN", "")]), with_pin);
    assert_eq!(pay(&["--pin", "-", "--online-pin", "-"], "123456\n123456\n", &[]), with_pin);
}

#[test]
fn a_terminal_is_asked_without_echo() {
    let args = ["emv", "keys", "--imk", "-", "--pan", "6200000000000000", "--atc", "0001"];
    let mut terminal = Typed::new(SSCARD, &args, &[]);
    terminal.until("imk: ");
    terminal.keys(format!("{}\x7F{}\r", &KEY[..31], &KEY[30..]));
    let before = terminal.until("card key: ");
    assert!(!before.contains("8F3A"), "{before}");
}
