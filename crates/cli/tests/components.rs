//! Programs that know nothing of us, unchanged, under `sscard with`: no daemon is there.
//!
//! Each test fails where its program is missing. The library lies beside the program: `cargo build --workspace` makes it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod sscard;

use std::fs;

use serde_json::Value;
use sscard::{SELECT_SSSE, card, json, piped, program};
use tempfile::TempDir;

/// The program's stdout under `sscard with`; it succeeds.
fn with_input(args: &[&str], command: &[&str], input: &str) -> String {
    let output = piped(program().arg("with").args(args).arg("--").args(command), input);
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{stderr}");
    said
}

fn with(args: &[&str], command: &[&str]) -> String {
    with_input(args, command, "")
}

const TWO: [&str; 4] = ["--profile", "gen3", "--profile", "gen3"];

fn atr_of(path: &str) -> String {
    json(&["inspect", "--card", path, "--json"])["atr"].as_str().expect("an ATR").to_owned()
}

/// A new card's ATR, as `sscard` says it.
fn fresh_atr() -> String {
    let (_folder, path) = card(&["--profile", "gen3"]);
    atr_of(&path)
}

#[test]
fn opensc_tool_prints_the_atr_of_a_fresh_card() {
    let said = with(&[], &["opensc-tool", "--atr"]);
    assert_eq!(said.trim_end().replace(':', "").to_uppercase(), fresh_atr());
}

#[test]
fn opensc_tool_lists_the_readers() {
    let said = with(&TWO, &["opensc-tool", "--list-readers"]);
    let rows = "0    Yes             sscard 00 00\n1    Yes             sscard 01 00\n";
    assert!(said.ends_with(rows), "{said}");
    let said = with(&["--slots", "2", "--profile", "gen3"], &["opensc-tool", "--list-readers"]);
    assert!(said.ends_with("1    No              sscard 01 00\n"), "{said}");
}

#[test]
fn opensc_tool_sends_commands() {
    let (_folder, path) = card(&["--profile", "gen2"]);
    let sent =
        ["-s", SELECT_SSSE, "-s", "00A4000002EF05", "-s", "00B2072C0B", "-s", "0020000003111111"];
    let said = with(&["--card", &path], &[&["opensc-tool", "--reader", "0"][..], &sent].concat());
    assert_eq!(said.matches("Received (SW1=0x90, SW2=0x00)").count(), 3, "{said}");
    assert!(said.contains("07 09 54"), "the card number begins with T: {said}");
    assert!(said.contains("Received (SW1=0x63, SW2=0xC5)"), "{said}");
    // What it changed is in the card's file.
    let card = json(&["inspect", "--card", &path, "--json"]);
    assert_eq!(card["pins"][0]["tries_left"], 5);
}

#[test]
fn opensc_explorer_opens_the_card() {
    let said = with_input(&[], &["opensc-explorer"], &format!("apdu {SELECT_SSSE}\nquit\n"));
    assert!(said.contains("Received (SW1=0x90, SW2=0x00)\nSuccess!"), "{said}");
}

#[test]
fn pkcs11_tool_lists_the_readers_as_slots() {
    let module = opensc_module();
    let said = with(&TWO, &["pkcs11-tool", "--module", &module, "--list-slots"]);
    assert!(said.contains("Slot 0 (0x0): sscard 00 00\n  (token not recognized)"), "{said}");
    assert!(said.contains(": sscard 01 00\n  (token not recognized)"), "{said}");
}

/// Where the machine's architecture has it.
fn opensc_module() -> String {
    let folders = fs::read_dir("/usr/lib").expect("/usr/lib").flatten();
    let mut modules = folders.map(|folder| folder.path().join("opensc-pkcs11.so"));
    let found = modules.find(|module| module.exists());
    found.expect("apt-get install opensc-pkcs11").display().to_string()
}

/// p11-kit loads every module that is registered, OpenSC's among them, which looks for readers.
#[test]
fn p11_kit_loads_opensc_over_our_readers() {
    let said = with(&[], &["p11-kit", "list-modules"]);
    assert!(said.contains("library-description: OpenSC smartcard framework"), "{said}");
}

#[test]
fn pcsc_scan_shows_readers_and_cards() {
    let (_one, first) = card(&["--seed", "5"]);
    let (_two, second) = card(&["--seed", "6"]);
    let cards = ["--card", &first, "--card", &second];
    assert_eq!(with(&cards, &["pcsc_scan", "-r"]), "0: sscard 00 00\n1: sscard 01 00\n");
    let said = with(&cards, &["pcsc_scan", "-n", "-c", "-t", "1"]);
    for (number, path) in [(0, &first), (1, &second)] {
        assert!(said.contains(&format!(" Reader {number}: sscard 0{number} 00\n")), "{said}");
        let spaced = hex::decode(atr_of(path)).expect("hex");
        let spaced: Vec<String> = spaced.iter().map(|byte| format!("{byte:02X}")).collect();
        assert!(said.contains(&format!("ATR: {}\n", spaced.join(" "))), "{said}");
    }
}

#[test]
fn scriptor_sees_raw_answers() {
    let script = format!("reset\n{SELECT_SSSE}\n00C000001E\n00B2022C03\n00200000\n");
    let said = with_input(&[], &["scriptor", "-r", "sscard 00 00"], &script);
    for line in ["< 61 1E", "< 02 01 33 90 00", "< 63 C6"] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn pyscard_reads_locks_and_unblocks_the_card() {
    let (folder, path) = card(&["--profile", "gen2"]);
    let inspected: Value = json(&["inspect", "--card", &path, "--json", "--keys"]);
    let file = folder.path().join("inspect.json");
    fs::write(&file, inspected.to_string()).expect("written");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pcsc/read_card.py");
    let file = file.display().to_string();
    let said = with(&["--card", &path], &["/usr/bin/python3", script, "sscard 00 00", &file]);
    assert!(said.ends_with("all right\n"), "{said}");
}

#[test]
fn java_lists_waits_connects_and_resets() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/components/Terminals.java");
    let said = with(&["--slots", "2", "--profile", "gen3"], &["java", source]);
    let expected = format!(
        "sscard 00 00 true\nsscard 01 00 false\n1 empty\nfalse\ntrue false\nT=0 {}\n8 9000\nT=0\n",
        fresh_atr()
    );
    assert_eq!(said, expected);
}

#[test]
fn programs_at_the_same_time_see_the_same_card() {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().display().to_string();
    let script = "for n in 1 2 3 4 5; do opensc-tool --reader 0 --atr > $0/$n 2> /dev/null & done; wait; cat $0/?";
    let said = with(&[], &["sh", "-c", script, &path]);
    let atr = said.lines().next().expect("an ATR").to_owned();
    assert_eq!(atr.replace(':', "").to_uppercase(), fresh_atr());
    assert_eq!(said, format!("{atr}\n").repeat(5));
}
