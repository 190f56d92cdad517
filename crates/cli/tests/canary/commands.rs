//! The program's commands as it lists them itself, and how they are run here.

use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) const SSCARD: &str = env!("CARGO_BIN_EXE_sscard");

/// Every command that has none below it, such as `desk pin change`.
pub(crate) fn all() -> Vec<String> {
    let mut found = Vec::new();
    below("", &mut found);
    assert!(found.len() > 30, "{found:?}");
    found
}

fn below(command: &str, found: &mut Vec<String>) {
    let help = Command::new(SSCARD).args(command.split_whitespace()).arg("--help").output();
    let help = String::from_utf8(help.expect("runs").stdout).expect("UTF-8");
    let list = help.split_once("Commands:\n").map(|(_, list)| list);
    let Some(list) = list else { return found.push(command.to_owned()) };
    let names = list.lines().take_while(|line| !line.is_empty());
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    for name in names.filter_map(|line| line.split_whitespace().next()) {
        if name != "help" {
            below(format!("{command} {name}").trim(), found);
        }
    }
}

/// Each command has an entry, and each entry is a command's.
pub(crate) fn have_entries(entries: &[&str]) {
    let commands = all();
    let missing: Vec<_> =
        commands.iter().filter(|name| !entries.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "these commands have no entry: {missing:?}");
    for entry in entries {
        assert!(commands.iter().any(|name| name == entry), "{entry} is not a command");
    }
}

/// Everything that a run says: stdout, then stderr.
pub(crate) fn said(args: &[&str], stdin: &[u8], environment: &[(&str, &str)]) -> Vec<u8> {
    // What a relative name makes is gone with it.
    let here = TempDir::new().expect("folder");
    let mut program = Command::new(SSCARD)
        .args(args)
        .current_dir(here.path())
        .env_remove("SSCARD_READER")
        .env_remove("SSCARD_PIN")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    // A program that asks for nothing may be gone already.
    let _ = program.stdin.take().expect("a pipe").write_all(stdin);
    let output = program.wait_with_output().expect("ends");
    let said = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&said);
    assert!(!text.contains("panicked at"), "{args:?}: {text}");
    said
}
