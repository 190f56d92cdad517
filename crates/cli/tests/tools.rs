//! The commands that help with the program itself: doctor, completions, man.

use crate::sscard::run;
use serde_json::Value;
use tempfile::TempDir;

#[cfg(target_os = "linux")]
#[test]
fn doctor_names_what_a_bare_machine_lacks_and_exits_with_4() {
    let bare = TempDir::new().expect("folder");
    let root = bare.path().display().to_string();
    let (stdout, stderr, code) = run(&["doctor", "--root", &root]);
    assert_eq!(code, 4);
    for line in [
        "missing  package     pcscd is not installed",
        "                     fix it with: sudo apt-get install pcscd",
        "missing  driver      the virtual reader's driver is not installed",
        "missing  daemon      pcscd does not run",
        "ok       port        35963 is free",
    ] {
        assert!(stdout.lines().any(|found| found == line), "{line}: {stdout}");
    }
    assert_eq!(stderr, "sscard: PC/SC cannot be used yet; run the commands above to fix it\n");
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
fn a_command_of_a_command_has_a_page() {
    let (page, stderr, code) = run(&["man", "desk", "activate"]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(page.contains(".TH sscard-desk-activate 1"), "{page}");
    assert!(page.contains("\\fBsscard desk activate\\fR"), "{page}");
    let (_, stderr, code) = run(&["man", "desk", "nope"]);
    assert_eq!(code, 2);
    assert!(
        stderr.starts_with("sscard: man desk nope: there is no such command; there are init,"),
        "{stderr}"
    );
    let (_, stderr, code) = run(&["man", "read", "nope"]);
    let words = "sscard: man read nope: there is no such command; it has no commands of its own\n";
    assert_eq!((stderr.as_str(), code), (words, 2));
}

#[test]
fn a_page_that_is_not_there_names_those_that_are() {
    let (_, stderr, code) = run(&["man", "nope"]);
    assert_eq!(code, 2);
    assert!(
        stderr.starts_with(
            "sscard: man nope: there is no such command; there are new, profile, read,"
        )
    );
}

/// I-9 over the whole program: eight bytes of a key, as hex or as they are, stand in no output.
#[test]
fn i_9_no_output_holds_a_key_unless_asked() {
    let folder = TempDir::new().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (image, broken) = (path("card.img"), path("broken.img"));
    let mut said = String::new();
    let mut say = |args: &[&str]| {
        let (stdout, stderr, code) = run(args);
        said += &stdout;
        said += &stderr;
        code
    };
    assert_eq!(say(&["new", "--seed", "9", "-o", &image]), 0);
    // The end of an image holds keys; what is wrong with it is said without them.
    let mut bytes = std::fs::read(&image).expect("image");
    bytes.truncate(bytes.len() - 9);
    std::fs::write(&broken, bytes).expect("written");
    for args in [
        &["read", "--card", &image, "--all", "--pin", "123456"][..],
        &["read", "--card", &image, "--all", "--pin", "123456", "--json"],
        &["inspect", "--card", &image],
        &["inspect", "--card", &image, "--json"],
        &["transmit", "--card", &image, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "0084000010"],
        &["doctor"],
        &["man"],
    ] {
        say(args);
    }
    for command in ["read", "inspect"] {
        assert_eq!(say(&[command, "--card", &broken]), 3);
    }
    assert_eq!(say(&["transmit", "--card", &broken, "00"]), 3);
    let (keys, _, _) = run(&["inspect", "--card", &image, "--json", "--keys"]);
    let keys: Value = serde_json::from_str(&keys).expect("JSON");
    let keys = keys["keys"].as_array().expect("keys");
    assert!(keys.len() > 10 && said.len() > 5000, "{} keys, {} bytes", keys.len(), said.len());
    for key in keys {
        let value = key["value"].as_str().expect("hex");
        for start in (0..=16).step_by(2) {
            let canary = &value[start..start + 16];
            assert!(!said.contains(canary), "{canary} of {}", key["id"]);
        }
    }
}
