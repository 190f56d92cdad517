//! Golden files of `sscard run`.

use std::fs;
use std::path::Path;

use crate::sscard::{folder, ok, path, run};

#[test]
fn golden_files_are_blessed_compared_and_keep_their_masks() {
    let folder = folder(&[("a.apdu", "select SSSE\nget_challenge 8\nverify pin=123456\n")]);
    let (script, golden) = (path(&folder, "a.apdu"), path(&folder, "a.apdu.golden"));
    ok(&["run", &script, "--bless"]);
    let written = fs::read_to_string(&golden).expect("golden");
    let challenge =
        written.lines().skip_while(|line| *line != "> 0084000008").nth(1).expect("challenge");
    assert!(challenge.ends_with("9000") && challenge.len() == 22, "{challenge}");
    assert_eq!(
        written.replace(&script, "a.apdu").replace(challenge, "< CHALLENGE"),
        "# a.apdu: what its exchanges have to be; x is any digit\n\n# SELECT SSSE 社会保障系统环境\n\
         > 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n< 611E\n\n# GET CHALLENGE 8 bytes\n> 0084000008\n\
         < CHALLENGE\n\n# VERIFY\n> 0020000003******\n< 9000\n"
    );
    assert_eq!(run(&["run", &script]).2, 0);
    let masked = written.replace(challenge, "< xxxxxxxxxxxxxxxx9000").replace("< 611E", "< 611F");
    fs::write(&golden, &masked).expect("written");
    let (stdout, stderr, code) = run(&["run", &script]);
    assert_eq!(code, 1);
    assert!(
        stdout.contains("  response 1 is not the golden one\n  expected 611F\n  found    611E\n              ^\n"),
        "{stdout}"
    );
    assert!(stderr.contains("a.apdu:1:1: response 1 is not the golden one"), "{stderr}");
    ok(&["run", &script, "--bless"]);
    let again = fs::read_to_string(&golden).expect("golden");
    assert_eq!(again, masked.replace("< 611F", "< 611E"));
    fs::write(&golden, "> 00\n").expect("written");
    let (_, stderr, code) = run(&["run", &script]);
    assert_eq!(code, 3);
    assert!(stderr.contains("a.apdu.golden:2:1: the last response is missing"), "{stderr}");
}

#[test]
fn a_script_that_fails_is_not_blessed() {
    let folder = folder(&[("a.apdu", "select SSSE\nexpect sw 9000\n")]);
    assert_eq!(run(&["run", &path(&folder, "a.apdu"), "--bless"]).2, 1);
    assert!(!Path::new(&path(&folder, "a.apdu.golden")).exists());
}

#[test]
fn a_golden_file_that_cannot_be_read_is_an_error() {
    let folder = folder(&[("a.apdu", "select SSSE\n")]);
    let golden = path(&folder, "a.apdu.golden");
    let script = path(&folder, "a.apdu");
    fs::write(&golden, b"\xFF\xFE hello\n").expect("written");
    let (_, stderr, code) = run(&["run", &script]);
    assert!(
        stderr.contains("a.apdu.golden:1:1: cannot be read: it is not UTF-8 text: byte 1"),
        "{stderr}"
    );
    assert_eq!(code, 3);
    fs::remove_file(&golden).expect("removed");
    fs::create_dir(&golden).expect("a folder");
    assert_eq!(run(&["run", &script]).2, 3);
    fs::remove_dir(&golden).expect("removed");
    assert_eq!(run(&["run", &script]).2, 0);
    fs::write(&golden, "\u{FEFF}> 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n< 611E\n")
        .expect("written");
    assert_eq!(run(&["run", &script]).2, 0);
    fs::write(&golden, "> 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n< 611F\n").expect("written");
    assert_eq!(run(&["run", &script]).2, 1);
}

#[test]
fn a_golden_file_that_cannot_be_read_is_not_blessed_over() {
    let folder = folder(&[("a.apdu", "select SSSE\n")]);
    let golden = path(&folder, "a.apdu.golden");
    let text = b"> 00A404000F7378312E73682EC9E7BBE1B1A3D5CF\n< 61xx\n# \xFF\n";
    fs::write(&golden, text).expect("written");
    assert_eq!(run(&["run", &path(&folder, "a.apdu"), "--bless"]).2, 3);
    assert_eq!(fs::read(&golden).expect("read"), text);
}
