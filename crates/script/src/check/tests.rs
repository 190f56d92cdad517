use std::path::Path;

use super::*;

/// A program out of files by their names; the first is the script.
pub(crate) fn program(files: &[(&str, &str)]) -> Result<Program, Vec<ScriptError>> {
    let read = |path: &Path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
    };
    Program::load(Path::new(files[0].0), &read)
}

fn checked(files: &[(&str, &str)], target: Target) -> (Vec<String>, Vec<String>) {
    let shown = |errors: Vec<ScriptError>| errors.iter().map(ToString::to_string).collect();
    match program(files).and_then(|program| check(program, target)) {
        Ok(checked) => (Vec::new(), shown(checked.warnings().to_vec())),
        Err(errors) => (shown(errors), Vec::new()),
    }
}

fn errors(text: &str) -> Vec<String> {
    checked(&[("a.apdu", text)], Target::Virtual).0
}

const NONE: [&str; 0] = [];

#[test]
fn all_errors_are_found_not_only_the_first() {
    assert_eq!(
        errors("selekt SSSE\nread_record sfi=31 rec=1\n00A4\nlet x = sm3($y)\nexpect data $x\n"),
        [
            "a.apdu:1:1: 'selekt' is not a verb",
            "a.apdu:2:17: sfi: 31 is not within 0 to 30",
            "a.apdu:3:1: a command has at least CLA INS P1 P2, these are 2 bytes",
            "a.apdu:4:13: '$y' is not defined here",
        ]
    );
}

#[test]
fn advice_says_what_may_be_meant() {
    let advice = |text: &str| {
        let program = program(&[("a.apdu", text)]).unwrap();
        check(program, Target::Virtual).unwrap_err()[0].advice.clone().unwrap()
    };
    assert_eq!(advice("selekt SSSE"), "is 'select' meant?");
    assert_eq!(advice("let key = 00\nprint $kei"), "is '$key' meant?");
    assert_eq!(advice("print $x"), "bind it first: let x = …");
    assert_eq!(advice("print smm3(00)"), "is 'sm3' meant?");
    assert_eq!(advice("print left(00)"), "left(data, count)");
    assert_eq!(advice("put_data 9F79"), "put_data tag data mac");
}

#[test]
fn names_live_in_their_block() {
    assert_eq!(
        errors("case \"a\" { let x = 00\nprint $x }\nprint $x"),
        ["a.apdu:3:7: '$x' is not defined here"]
    );
    assert_eq!(errors("let x = 00\ncase \"a $x ${x}\" { print $x }"), NONE);
}

#[test]
fn a_response_stands_below_a_command() {
    assert_eq!(
        errors("expect sw 9000\nprint resp\n0084000008\nexpect sw 9000\nprint resp[0..8] || sw"),
        [
            "a.apdu:1:1: there is no response yet: no command precedes this",
            "a.apdu:2:7: there is no response yet: no command precedes this",
        ]
    );
}

#[test]
fn what_a_card_says_is_bytes_of_some_length() {
    assert_eq!(
        errors("let c = get_challenge 8\nlet m = sm4_ecb($c[0..8], $c)\nprint sw ^ 001122"),
        [
            "a.apdu:2:17: key: expected 16 bytes, found 8",
            "a.apdu:3:7: 2 bytes cannot be xored with 3",
        ]
    );
    assert_eq!(errors("let c = get_challenge 8\nprint sm4_ecb($c || $c, $c || $c)"), NONE);
}

#[test]
fn text_that_no_card_can_hold_is_refused_beforehand() {
    assert_eq!(
        errors("> 00A4040004 \"𠮷\""),
        ["a.apdu:1:3: character 1, '𠮷' (U+20BB7), is not in GBK and cannot stand on a card"]
    );
}

#[test]
fn a_word_where_a_name_is_meant_is_no_value() {
    assert_eq!(
        errors("0084000008\nexpect rnd == 00"),
        ["a.apdu:2:8: 'rnd' is a word: a name wants a $, a function its (…)"]
    );
}

#[test]
fn rows_are_checked_with_their_cells() {
    let script = "for row in csv \"cards.csv\" { verify pin=$row.pin\nprint $row.nme }\n";
    let found = checked(
        &[("a.apdu", script), ("cards.csv", "name, pin\n王, 123456\n李, 12a\n")],
        Target::Virtual,
    );
    assert_eq!(
        found.0,
        [
            "a.apdu:2:7: the table has no column 'nme'",
            "cards.csv:3:4: pin: 0 to 12 digits are wanted: character 3 is none",
        ]
    );
    let found = checked(&[("a.apdu", script), ("cards.csv", "name,pin\n1\n")], Target::Virtual);
    assert_eq!(found.0, ["cards.csv:2:1: this row has 1 cell, the first line names 2"]);
    let found = checked(&[("a.apdu", script)], Target::Virtual);
    assert_eq!(found.0, ["a.apdu:1:1: the table 'cards.csv' cannot be read: no such file"]);
}

#[test]
fn includes_bind_into_the_includer_and_never_into_a_circle() {
    let files = [("d/a.apdu", "include \"b.apdu\"\nprint $x"), ("d/b.apdu", "let x = 00")];
    assert_eq!(checked(&files, Target::Virtual).0, NONE);
    let circle = [("d/a.apdu", "include \"../d/b.apdu\""), ("d/b.apdu", "include \"a.apdu\"")];
    assert_eq!(checked(&circle, Target::Virtual).0, ["d/b.apdu:1:1: 'd/a.apdu' includes itself"]);
    let missing = [("a.apdu", "include \"b.apdu\"")];
    assert_eq!(
        checked(&missing, Target::Virtual).0,
        ["a.apdu:1:1: the script 'b.apdu' cannot be read: no such file"]
    );
}

#[test]
fn an_error_in_an_include_points_into_it() {
    let files = [("a.apdu", "include \"b.apdu\""), ("b.apdu", "\n  00A40")];
    assert_eq!(
        checked(&files, Target::Virtual).0,
        ["b.apdu:2:3: '00A40' has an odd number of hex digits"]
    );
}

#[test]
fn settings_of_the_run_stand_on_the_first_level() {
    assert_eq!(
        errors("case \"a\" { @seed 1\n@mode auto }\n"),
        ["a.apdu:1:12: '@seed 1' applies to the whole run"]
    );
}

#[test]
fn a_malformed_command_is_sent_with_a_warning() {
    let (errors, warnings) = checked(&[("a.apdu", "00A4000005 3F00")], Target::Virtual);
    assert_eq!(errors, NONE);
    assert_eq!(
        warnings,
        [
            "a.apdu:1:1: no command of the four cases: Lc does not match the data; it is sent as it is"
        ]
    );
}

#[test]
fn destructive_commands_are_announced_on_a_reader() {
    let text = "verify pin=123456\nverify\n> 0020000003 123456\nauthenticate key=0A\n\
                let x = 0020\n> $x 0000\n00A4000000\n";
    let found = checked(&[("a.apdu", text)], Target::Reader).0;
    let refused = |line, column| {
        format!("a.apdu:{line}:{column}: a destructive command without @destructive")
    };
    assert_eq!(found, [refused(1, 1), refused(3, 3), refused(4, 1)]);
    assert_eq!(checked(&[("a.apdu", text)], Target::Virtual).0, NONE);
    let announced = format!("@destructive\n{text}");
    assert_eq!(checked(&[("a.apdu", &announced)], Target::Reader).0, NONE);
    // What is not known yet may be anything.
    let later = "let c = get_challenge 8\n> $c 00";
    assert_eq!(checked(&[("a.apdu", later)], Target::Reader).0, [refused(2, 3)]);
}
