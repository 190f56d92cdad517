//! The scripts of `examples/` through pcscd.

use std::fs;
use std::process::{Command, Stdio};

use super::{SSCARD, reader, run, served, served_as, text};

/// Scripts whose card is another one than a third-generation card over contacts: its profile, how it
/// is made, how it is served.
const SPECIAL: [(&str, &str, &[&str], &[&str]); 7] = [
    ("purse_load_and_purchase.apdu", "gen2", &[], &[]),
    ("psam_purchase.apdu", "gen2", &[], &[]),
    ("psam_read.apdu", "gen2", &[], &[]),
    ("desk_activation.apdu", "gen3", &["--state", "produced"], &[]),
    ("contactless_purchase.apdu", "gen3", &[], &["--contactless"]),
    ("chaining.apdu", "T=1", &[], &[]),
    ("extended_length.apdu", "extended-length.toml", &[], &[]),
];

#[test]
fn every_example_runs_through_pcscd() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let entries = fs::read_dir(folder).expect("examples");
    let names =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"));
    let mut scripts: Vec<_> = names.filter(|name| name.ends_with(".apdu")).collect();
    scripts.sort();
    assert!(scripts.len() >= 14, "{scripts:?}");
    let work = tempfile::tempdir().expect("folder");
    let t1 = work.path().join("t1.toml");
    fs::write(&t1, "base = \"gen3\"\nprotocol = \"T=1\"\n").expect("written");
    let t1 = t1.display().to_string();
    for name in scripts {
        let special = SPECIAL.iter().find(|(script, ..)| *script == name);
        let (_, profile, made, options) = special.copied().unwrap_or(("", "gen3", &[], &[]));
        let beside = format!("{folder}/{profile}");
        let profile = match profile {
            "T=1" => t1.as_str(),
            file if file.ends_with(".toml") => beside.as_str(),
            name => name,
        };
        // A fresh card for each.
        let _served = served_as(&[profile], made, options);
        let path = format!("{folder}/{name}");
        let output = run(SSCARD, &["run", "--reader", reader(), &path], "");
        assert!(output.status.success(), "{name}: {}", text(&output));
    }
}

/// The groups of the test norms, each on a fresh card of the profile that its script names.
#[test]
fn every_group_of_the_test_norms_passes_through_pcscd() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
    let entries = fs::read_dir(folder).expect("tests/conformance");
    let names =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"));
    let mut scripts: Vec<_> = names.filter(|name| name.ends_with(".apdu")).collect();
    scripts.sort();
    assert!(scripts.len() >= 32, "{scripts:?}");
    for name in scripts {
        let path = format!("{folder}/{name}");
        let script = fs::read_to_string(&path).expect("a script");
        let named = script.lines().find_map(|line| line.strip_prefix("@profile "));
        let named = named.map_or("gen3", |name| name.trim().trim_matches('"'));
        let beside = format!("{folder}/{named}");
        let profile = if named.ends_with(".toml") { &beside } else { named };
        let options: &[&str] = if script.lines().any(|line| line == "@contactless") {
            &["--contactless"]
        } else {
            &[]
        };
        let _served = served_as(&[profile], &[], options);
        let output = run(SSCARD, &["run", "--destructive", "--reader", reader(), &path], "");
        assert!(output.status.success(), "{name}: {}", text(&output));
    }
}

#[test]
fn a_card_in_a_reader_and_a_virtual_one_answer_in_step() {
    let served = served(&["gen3"]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tour.apdu");
    let compare =
        |other: &str| run(SSCARD, &["run", script, "--reader", reader(), "--compare", other], "");
    let output = compare(&served.image(0));
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("tour.apdu: 18 exchanges, both cards answer alike"), "{said}");
    assert_eq!(compare("nobody's").status.code(), Some(4));
    let output = compare(reader());
    assert!(text(&output).contains("both names mean the same reader"), "{}", text(&output));
    assert_eq!(output.status.code(), Some(2));
    // The script's own card is another person's.
    let output = run(SSCARD, &["run", script, "--compare", reader()], "");
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("exchange 4 differs"), "{said}");
}

#[test]
fn the_shell_authenticates_to_a_card_in_a_reader_only_when_told_to() {
    let _served = served(&["gen3"]);
    let shell = |lines: &str| run(SSCARD, &["shell", "--reader", reader()], lines);
    let output = shell("read_card\n");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("say @destructive first"), "{}", text(&output));
    let output = shell("@destructive\nread_card\nselect SSSE\nverify\nexpect sw 63C6\n");
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("SSSE/EF06  持卡人基本信息"), "{}", text(&output));
}

#[test]
fn a_card_that_vanishes_ends_a_script_with_7() {
    let work = tempfile::tempdir().expect("folder");
    let script = work.path().join("long.apdu").display().to_string();
    fs::write(&script, "get_challenge 8\n".repeat(200_000)).expect("written");
    for more in [&[][..], &["--compare", "IMAGE"]] {
        let mut served = served(&["gen3"]);
        let image = served.image(0);
        let more = more.iter().map(|word| if *word == "IMAGE" { &image } else { *word });
        let args = ["run", &script, "--reader", reader()].into_iter().chain(more);
        let running = Command::new(SSCARD)
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("runs");
        std::thread::sleep(std::time::Duration::from_secs(2));
        served.card_goes();
        let output = running.wait_with_output().expect("its end");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(7), "{said}");
        let words = "the card was removed or lost its power";
        assert_eq!(said.matches(words).count(), 1, "once: {said}");
    }
}

#[test]
fn a_replay_uses_up_tries_of_a_card_in_a_reader_only_when_told_to() {
    let work = tempfile::tempdir().expect("folder");
    let trace = work.path().join("t.jsonl").display().to_string();
    let script =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/external_authentication.apdu");
    assert!(run(SSCARD, &["run", script, "--trace", &trace], "").status.success());
    let _served = served(&["gen3"]);
    let output = run(SSCARD, &["trace", "replay", &trace, "--reader", reader()], "");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("say --destructive"), "{}", text(&output));
    let replay = ["trace", "replay", &trace, "--reader", reader(), "--destructive"];
    assert_eq!(run(SSCARD, &replay, "").status.code(), Some(1));
}
