//! The commands that help with the program itself: doctor, completions, man.

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Runs the program; stdout, stderr and the exit code.
fn run(args: &[&str]) -> (String, String, i32) {
    let output = Command::cargo_bin("sscard").expect("built").args(args).output().expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().expect("exit code"))
}

#[cfg(target_os = "linux")]
#[test]
fn doctor_names_what_a_bare_machine_lacks_and_exits_with_4() {
    let bare = TempDir::new().expect("folder");
    let root = bare.path().display().to_string();
    let (stdout, stderr, code) = run(&["doctor", "--root", &root]);
    assert_eq!(code, 4);
    for line in [
        "missing  package     pcscd is not installed",
        "                     mend it with: sudo apt-get install pcscd",
        "missing  driver      the virtual reader's driver is not installed",
        "missing  daemon      pcscd does not run",
        "ok       port        35963 is free",
    ] {
        assert!(stdout.lines().any(|found| found == line), "{line}: {stdout}");
    }
    assert_eq!(stderr, "sscard: PC/SC cannot be used yet; the commands above mend it\n");
}

#[cfg(target_os = "linux")]
#[test]
fn doctor_json_has_the_documented_fields() {
    let bare = TempDir::new().expect("folder");
    let root = bare.path().display().to_string();
    let (stdout, _, code) = run(&["doctor", "--json", "--root", &root]);
    assert_eq!(code, 4);
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((&document["schema"], &document["ready"]), (&Value::from(1), &Value::from(false)));
    for check in document["checks"].as_array().expect("list") {
        let keys: Vec<_> = check.as_object().expect("object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["check", "finding", "remedy", "state"]);
        assert!(["ok", "note", "missing"].contains(&check["state"].as_str().expect("text")));
        assert_eq!(check["remedy"].is_null(), check["state"] == "ok", "{check}");
    }
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (stdout, stderr, code) = run(&["completions", shell]);
        assert_eq!((stderr.as_str(), code), ("", 0), "{shell}");
        assert!(stdout.contains("transmit") && stdout.contains("doctor"), "{shell}");
    }
}

#[test]
fn every_command_has_a_page_with_the_exit_codes() {
    let (page, _, code) = run(&["man"]);
    assert_eq!(code, 0);
    let commands = page.lines().filter_map(|line| line.strip_prefix("sscard\\-"));
    let commands: Vec<_> = commands.filter_map(|line| line.strip_suffix("(1)")).collect();
    assert!(commands.len() >= 9, "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let (page, stderr, code) = run(&["man", command]);
        assert_eq!((stderr.as_str(), code), ("", 0), "{command}");
        assert!(page.contains(&format!(".TH sscard-{command} 1")), "{page}");
        assert!(page.contains("Exit codes: 0 done;"), "{page}");
    }
}

#[test]
fn a_page_that_is_not_there_names_those_that_are() {
    let (_, stderr, code) = run(&["man", "nope"]);
    assert_eq!(code, 3);
    assert!(stderr.starts_with("sscard: man nope: there is no such command; there are new, read,"));
}
