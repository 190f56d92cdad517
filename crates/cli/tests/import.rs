//! `sscard import`: what other programs' scripts become.

use std::fs;

use crate::sscard::{ok, run};
use tempfile::TempDir;

/// A file in a folder of its own.
fn file(name: &str, text: impl AsRef<[u8]>) -> (TempDir, String) {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("written");
    let path = path.display().to_string();
    (folder, path)
}

const SCRIPTOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts/scriptor.txt");

#[test]
fn a_scriptor_file_becomes_a_script() {
    let text = ok(&["import", SCRIPTOR]);
    let expected = "# Imported from scriptor.txt (scriptor).\nreset\n\
                    > 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n> 00A4000002EF05\n> 00B2032C06\n\
                    > 00B2032C06\n> 0020000003123456\n> 00200000\nreset\n> 00200000\nexit\n\
                    > 0084000008\n";
    assert_eq!(text, expected);
    let compatible = ok(&["import", SCRIPTOR, "--dialect", "scriptor-compat"]);
    assert!(compatible.ends_with("> 00200000\nexit\n"), "{compatible}");
}

#[test]
fn what_is_written_is_read_again() {
    let (folder, script) = file("kit.scr", "powerup;\n0x80 0x24 0 0 0 0x7F; // 90 00\n");
    let output = folder.path().join("kit.apdu").display().to_string();
    let args = ["import", &script, "--adopt-comments", "--le", "zero", "-o", &output];
    assert_eq!(ok(&args), "");
    let written = fs::read_to_string(&output).expect("written");
    let expected = "# Imported from kit.scr (javacard).\nreset\n\
                    # line 2: note: expectation adopted from a comment\n> 8024000000\n\
                    expect sw 9000\n";
    assert_eq!(written, expected);
    let again = ok(&["import", &output]);
    assert_eq!(again, "reset\n> 8024000000\nexpect sw 9000\n");
}

#[test]
fn unsupported_lines_are_all_named_and_nothing_is_written() {
    let (folder, script) = file(
        "load.gpsh",
        "mode_211\nopen_sc -security 1\nselect -AID A000000003\ninstall -file a\n",
    );
    let output = folder.path().join("out.apdu").display().to_string();
    let (stdout, stderr, code) = run(&["import", &script, "-o", &output]);
    assert_eq!((stdout.as_str(), code), ("", 3));
    let expected = format!(
        "{script}:1: note: mode_211: nothing to do here\nsscard: {script}: 2 lines cannot be \
         imported\n  line 2: open_sc is not supported\n  line 4: install is not supported\n"
    );
    assert_eq!(stderr, expected);
    assert!(!fs::exists(&output).expect("known"));
    let (stdout, stderr, code) = run(&["import", &script, "--keep-going"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("# line 4: unsupported: install is not supported\n"), "{stdout}");
    assert!(stderr.contains(":2: unsupported: open_sc is not supported\n"), "{stderr}");
}

#[test]
fn warnings_go_to_stderr_and_into_the_script() {
    let (_folder, script) = file("a.txt", "00A4000000\n# exit if it fails\n00B0000000\n");
    let (stdout, stderr, code) = run(&["import", &script]);
    assert_eq!(code, 0);
    assert_eq!(
        stderr,
        format!("{script}:2: warning: scriptor ends here: the line holds \"exit\"\n")
    );
    assert!(stdout.contains("\n# line 2: warning: scriptor ends here"), "{stdout}");
}

#[test]
fn what_is_no_script_is_refused() {
    let (_folder, script) = file("a.txt", b"\xFF\xFE0\x00");
    let (_, stderr, code) = run(&["import", &script]);
    assert_eq!((code, stderr), (3, format!("sscard: {script}: it is not UTF-8 text: byte 1\n")));
    let (_folder, script) = file("a.apdu", "verify pin=\n");
    let (_, stderr, code) = run(&["import", &script]);
    assert_eq!((code, stderr), (3, format!("sscard: {script}:1:12: a value is missing here\n")));
    assert_eq!(run(&["import", "/nonexistent"]).2, 3);
    assert_eq!(run(&["import", SCRIPTOR, "--dialect", "klingon"]).2, 2);
}

#[test]
fn what_is_taken_for_our_language_has_to_be_a_script() {
    let (_folder, script) = file("g1.txt", "hello world\nDELAY 5\n");
    let (stdout, stderr, code) = run(&["import", &script]);
    assert_eq!((stdout.as_str(), code), ("", 3));
    assert!(
        stderr.contains("'hello' is not a verb") && stderr.contains("'DELAY' is not a verb"),
        "{stderr}"
    );
    assert!(stderr.ends_with("if another program wrote it, say --dialect\n"), "{stderr}");
    let text = "\u{FEFF}mode_211\nenable_trace\nestablish_context\nput_sc_key\n";
    let (_folder, script) = file("bom.gps", text);
    let (_, stderr, code) = run(&["import", &script]);
    assert_eq!(code, 3);
    assert!(stderr.contains("line 4: "), "{stderr}");
}

#[test]
fn a_transcript_whose_pin_was_overwritten_is_not_a_script_with_another_pin() {
    let text = "# sscard: {\"ev\":\"apdu\",\"redacted\":true}\n> 00 20 00 00 03 00 00 00\n< 90 00 : Normal processing.\n";
    let (_folder, script) = file("t.txt", text);
    let (_, stderr, code) = run(&["run", &script]);
    assert!(stderr.contains("its PIN or key was overwritten when this was recorded"), "{stderr}");
    assert_eq!(code, 3);
}
