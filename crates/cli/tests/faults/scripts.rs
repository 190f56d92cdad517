//! The statement `fault` of scripts and of the shell.

use crate::sscard::{folder, ok, path, piped, program, run, script};

#[test]
fn a_script_sets_lists_and_clears_faults() {
    let text = "select SSSE\nexpect sw 61xx\nfault set sw=6F00@3 flip@ins=B2\nfault list\n> 00C000001E\nexpect sw 9000\n\
                > 00A4000002EF06\nexpect sw 6F00\nfault clear\nfault list\n> 00A4000002EF06\nexpect sw 9000\n";
    let (stdout, stderr, code) = script(text, &[]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    assert!(stdout.contains("sw=6F00@3\n"), "{stdout}");
    assert!(stdout.contains("flip@ins=B2\n"), "{stdout}");
    assert_eq!(stdout.matches("@ins=B2").count(), 1, "cleared: {stdout}");
}

#[test]
fn a_fault_stands_for_itself() {
    let text = "fault sw=6F00@1 \"set=84:00@2\"\nfault set=88:05@2\nfault list\nselect SSSE\nexpect sw 6F00\n> 00C000001E\n\
                expect data 6F 0E 84 01 00 A5 09 88 01 05 9F 0C 03 86 01 03\n";
    let (stdout, stderr, code) = script(text, &[]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    assert!(stdout.contains("sw=6F00@1\nset=84:00@2\nset=88:05@2\n"), "{stdout}");
}

#[test]
fn a_wrong_fault_is_an_error_of_the_script() {
    for (text, error) in [
        (
            "select SSSE\nfault set sw=61@3\n",
            "a.apdu:2:14: '61' is not two bytes, four hexadecimal digits",
        ),
        ("fault set \"mute@0\"\n", "a.apdu:1:17: '0' is not a number from 1 on"),
        ("fault set mute@1 stale=3\n", "a.apdu:1:24: stale takes no value"),
        ("fault set\n", "a.apdu:1:10: the fault is missing, such as: fault set mute@7"),
        (
            "fault\n",
            "a.apdu:1:6: faults are: fault SPEC …, fault set SPEC …, fault clear, fault list",
        ),
        ("fault sit\n", "a.apdu:1:7: there is no fault 'sit'; use sw, data,"),
        ("fault sw=61\n", "a.apdu:1:10: '61' is not two bytes, four hexadecimal digits"),
        ("fault set=5A\n", "a.apdu:1:11: '5A' is not TAG:HEX, such as 9F6C:8000"),
        ("fault clear mute\n", "unexpected 'mute' after the statement"),
    ] {
        let (stdout, stderr, code) = script(text, &[]);
        assert_eq!((stdout.as_str(), code), ("", 3), "{text}");
        assert!(stderr.contains(error), "{text}: {stderr}");
    }
}

#[test]
fn a_card_that_a_fault_took_away_comes_back() {
    let lines = "select SSSE\nfault set remove@2\nselect 3F00\nreset\nfault clear\nselect 3F00\nreset\nselect SSSE\nexpect sw 61xx\n\
                 fault set sw=6F00@2\n> 00C000001E\nexpect sw 6F00\n";
    let files = folder(&[]);
    let log = path(&files, "log.toml");
    let shell = |more: &[&str]| {
        let output = piped(program().args(["shell", "--keep-going"]).args(more), lines);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (untimed(&text(&output.stdout)), text(&output.stderr), output.status.code())
    };
    let (stdout, said, code) = shell(&["--fault-log", &log]);
    // The command, the reset, and the command before the card has power; then it is as if it were inserted anew.
    assert_eq!(said.matches("the card was removed or lost its power").count(), 3, "{said}");
    assert!(!said.contains("expected"), "{said}");
    assert_eq!(code, Some(7));
    let recipe = std::fs::read_to_string(&log).expect("a recipe");
    let wanted = "seed = 0\nfaults = [\n    \"remove@2\",\n    \"sw=6F00@2\",\n]\n\n[[fired]]\ncommand = 2\nfault = \"remove@2\"\n\n\
                  [[fired]]\ncommand = 2\nfault = \"sw=6F00@2,insert=2\"\n";
    assert_eq!(recipe, wanted);
    assert_eq!(shell(&["--faults", &log]), (stdout, said, code), "cleared where they were cleared");
}

/// Without what it took, "(32 µs)" behind a meaning, which is another time each time.
fn untimed(said: &str) -> String {
    let line = |line: &str| line.rsplit_once(" (").map_or(line, |(rest, _)| rest).to_owned();
    said.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn faults_of_a_script_know_what_was_selected_before() {
    let text = "@mode auto\nselect A000000333\nfault set sw=6F01@app=A000000333010101\nget_data 9F36\nexpect sw 6F01\n";
    let (_, stderr, code) = script(text, &[]);
    assert_eq!((stderr.as_str(), code), ("", 0));
}

#[test]
fn a_session_of_the_shell_is_a_recipe_too() {
    let files = folder(&[]);
    let log = path(&files, "log.toml");
    let lines = "select SSSE\nfault set flip@ins=C0\n> 00C000001E\nfault clear\n> 00A4000002EF06\n";
    let run_with = |more: &[&str]| {
        let output = piped(program().arg("shell").args(more), lines);
        assert_eq!(output.status.code(), Some(0));
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        untimed(&said)
    };
    let first = run_with(&["--fault-log", &log, "--fault-seed", "5"]);
    let recipe = std::fs::read_to_string(&log).expect("a recipe");
    assert!(
        recipe.starts_with(
            "seed = 5\nfaults = [\"flip@ins=C0\"]\n\n[[fired]]\ncommand = 2\nfault = \"flip="
        ),
        "{recipe}"
    );
    assert_eq!(recipe.matches("[[fired]]").count(), 1);
    // What the script set is in the recipe, and is not set a second time.
    assert_eq!(run_with(&["--faults", &log]), first);
    let session = ["00A404000F7378312E73682EC9E7BBE1B1A3D5CF", "00C000001E"];
    let elsewhere = ok(&[&["transmit", "--raw", "--faults", &log][..], &session].concat());
    let bent = first.lines().filter(|line| line.starts_with("< 6")).nth(1).expect("an answer");
    assert!(elsewhere.contains(bent), "{elsewhere}");
    let (_, _, code) = run(&["shell", "--fault-log", &path(&files, "no/log.toml")]);
    assert_eq!(code, 6);
}
