//! What `run` reports of scripts and cases that were not run.

use std::fs;

use crate::sscard::{folder, path, run};
use serde_json::Value;
use tempfile::TempDir;

const GOOD: &str =
    "case \"one\" { select SSSE\nexpect sw 9000|61xx }\ncase \"two\" { get_challenge 8 }\n";
const FAILS: &str = "case \"first\" { select SSSE\nexpect sw 9000|61xx }\n\
                     case \"outer\" { expect sw 6A82\ncase \"inner\" { reset } }\n\
                     case \"last\" { reset }\n";

/// Exit code, outcomes of the scripts, the JSON and the JUnit report.
fn outcomes(folder: &TempDir, more: &[&str]) -> (i32, Vec<String>, Value, String) {
    let (a, b, c) = (path(folder, "a.apdu"), path(folder, "b.apdu"), path(folder, "c.apdu"));
    let report = path(folder, "report.xml");
    let args = ["run", &a, &b, &c, "--json", "--report", &report];
    let (stdout, _, code) = run(&[&args[..], more].concat());
    let place = format!("{}/", folder.path().display());
    let document: Value =
        serde_json::from_str(&stdout.replace(&place, "")).expect("one JSON document");
    let scripts = document["scripts"].as_array().expect("scripts");
    let outcome =
        |script: &Value| format!("{} {}", script["script"], script["outcome"]).replace('"', "");
    let outcomes = scripts.iter().map(outcome).collect();
    let report = fs::read_to_string(&report).expect("report").replace(&place, "");
    (code, outcomes, document, report)
}

/// `case outcome` of all cases, indented.
fn cases(script: &Value) -> Vec<String> {
    fn collect(steps: &Value, depth: usize, found: &mut Vec<String>) {
        for step in steps.as_array().expect("steps") {
            let Some(name) = step["case"].as_str() else { continue };
            let outcome = step["outcome"].as_str().expect("outcome");
            found.push(format!("{:depth$}{name} {outcome}", ""));
            collect(&step["steps"], depth + 1, found);
        }
    }
    let mut found = Vec::new();
    collect(&script["steps"], 0, &mut found);
    found
}

#[test]
fn what_stands_behind_a_failure_is_skipped() {
    let folder = folder(&[("a.apdu", GOOD), ("b.apdu", FAILS), ("c.apdu", GOOD)]);
    let (code, outcomes, document, report) = outcomes(&folder, &[]);
    assert_eq!(code, 1);
    assert_eq!(outcomes, ["a.apdu passed", "b.apdu failed", "c.apdu skipped"]);
    let scripts = &document["scripts"];
    assert_eq!(cases(&scripts[0]), ["one passed", "two passed"]);
    assert_eq!(
        cases(&scripts[1]),
        ["first passed", "outer failed", " inner skipped", "last skipped"]
    );
    assert_eq!(cases(&scripts[2]), ["one skipped", "two skipped"]);
    assert_eq!(scripts[1]["steps"][3]["place"], "b.apdu:5:1");
    assert!(report.contains("tests=\"8\" skipped=\"4\" failures=\"1\" errors=\"0\""), "{report}");
    for name in ["outer / inner", "last", "one", "two"] {
        let place = format!("<testcase name=\"{name}\" classname=\"");
        let case = report.rsplit(&place).next().expect("the case");
        let case = case.split("</testcase>").next().expect("its end");
        assert!(case.contains("<skipped"), "{name}: {report}");
    }
}

#[test]
fn a_script_that_cannot_be_used_is_the_error_and_all_others_are_skipped() {
    let folder = folder(&[("a.apdu", GOOD), ("b.apdu", "selekt SSSE\n"), ("c.apdu", "reset\n")]);
    let (code, outcomes, document, report) = outcomes(&folder, &[]);
    assert_eq!(code, 3);
    assert_eq!(outcomes, ["a.apdu skipped", "b.apdu error", "c.apdu skipped"]);
    assert_eq!(cases(&document["scripts"][0]), ["one skipped", "two skipped"]);
    assert_eq!(document["scripts"][1]["errors"][0]["line"], 1);
    assert_eq!(document["errors"][0]["message"], "'selekt' is not a verb");
    assert!(report.contains("tests=\"4\" skipped=\"3\" failures=\"0\" errors=\"1\""), "{report}");
    assert!(
        report.contains("<error message=\"b.apdu:1:1: &apos;selekt&apos; is not a verb\""),
        "{report}"
    );
    assert!(
        report.contains("<testcase name=\"c.apdu\" classname=\"c.apdu\">\n            <skipped"),
        "{report}"
    );
}

#[test]
fn without_a_reader_the_first_is_an_error_and_the_rest_is_skipped() {
    let folder = folder(&[("a.apdu", GOOD), ("b.apdu", GOOD), ("c.apdu", "reset\n")]);
    let (code, outcomes, document, report) = outcomes(&folder, &["--reader", "no such reader"]);
    assert_eq!(code, 4);
    assert_eq!(outcomes, ["a.apdu error", "b.apdu skipped", "c.apdu skipped"]);
    assert_eq!(cases(&document["scripts"][0]), ["one skipped", "two skipped"]);
    assert!(document["scripts"][0]["error"].is_string());
    assert!(report.contains("tests=\"6\" skipped=\"5\" failures=\"0\" errors=\"1\""), "{report}");
}

#[test]
fn rows_that_are_not_run_are_skipped_by_their_names() {
    let rows =
        "for row in csv \"t.csv\" { case \"row ${row.id}\" { select SSSE\nexpect sw $row.sw } }\n";
    let rows = rows.replace("expect sw $row.sw", "expect data == $row.data");
    let rows = rows.replace("expect data == $row.data", "expect sw == $row.sw");
    let files = [
        ("a.apdu", rows.as_str()),
        ("b.apdu", "reset\n"),
        ("c.apdu", "case \"$x.y\" { reset }\n"),
        ("t.csv", "id,sw\nred,611E\ngreen,6A82\nblue,611E\n"),
    ];
    let folder = folder(&files);
    fs::write(path(&folder, "c.apdu"), "reset\n").expect("written");
    let (code, outcomes, document, _) = outcomes(&folder, &[]);
    assert_eq!((code, &outcomes[0]), (1, &"a.apdu failed".to_owned()));
    assert_eq!(
        cases(&document["scripts"][0]),
        ["row red passed", "row green failed", "row blue skipped"]
    );
}

#[test]
fn on_error_continue_skips_what_stands_in_the_failed_case_alone() {
    let text = format!("@on-error continue\n{FAILS}");
    let folder = folder(&[("a.apdu", &text), ("b.apdu", GOOD), ("c.apdu", GOOD)]);
    let (code, outcomes, document, _) = outcomes(&folder, &[]);
    assert_eq!((code, outcomes.len()), (1, 3));
    assert_eq!(
        cases(&document["scripts"][0]),
        ["first passed", "outer failed", " inner skipped", "last passed"]
    );
}

#[test]
fn what_exit_leaves_out_is_meant() {
    let text = format!("case \"zero\" {{ reset }}\nexit\n{GOOD}");
    let folder = folder(&[("a.apdu", &text), ("b.apdu", GOOD), ("c.apdu", GOOD)]);
    let (code, outcomes, document, _) = outcomes(&folder, &[]);
    assert_eq!(
        (code, &outcomes[..]),
        (0, &["a.apdu passed", "b.apdu passed", "c.apdu passed"].map(str::to_owned)[..])
    );
    assert_eq!(cases(&document["scripts"][0]), ["zero passed"]);
}

#[test]
fn a_card_that_does_not_fit_breaks_the_run_and_is_said_once() {
    let text = format!("@protocol T=1\n{GOOD}");
    let folder = folder(&[("a.apdu", &text), ("b.apdu", GOOD), ("c.apdu", GOOD)]);
    let image = path(&folder, "card.img");
    crate::sscard::ok(&["new", "-o", &image]);
    let (code, outcomes, document, report) = outcomes(&folder, &["--card", &image]);
    assert_eq!(code, 6);
    assert_eq!(outcomes, ["a.apdu broken", "b.apdu skipped", "c.apdu skipped"]);
    assert_eq!(cases(&document["scripts"][0]), ["one skipped", "two skipped"]);
    assert!(report.contains("errors=\"1\""), "{report}");
    let (_, stderr, code) = run(&["run", &path(&folder, "a.apdu"), "--card", &image]);
    assert_eq!(code, 6);
    assert_eq!(stderr.matches("the card speaks T0, the script wants T1").count(), 1, "{stderr}");
}

#[test]
fn many_errors_are_counted() {
    let pins: String = (0..50).map(|row| format!("1{row}x\n")).collect();
    let folder = folder(&[
        ("a.apdu", "for row in csv \"t.csv\" { verify pin=$row.pin }\n"),
        ("t.csv", &format!("pin\n{pins}")),
    ]);
    let (_, stderr, code) = run(&["run", &path(&folder, "a.apdu")]);
    assert_eq!(code, 3);
    assert_eq!(stderr.matches("  × ").count(), 20, "{stderr}");
    assert!(stderr.contains("sscard: … and 30 more errors\n"), "{stderr}");
    assert!(stderr.contains("t.csv:2:1: pin: "), "the first row: {stderr}");
}

#[test]
fn a_line_of_a_megabyte_is_refused_with_its_number() {
    let long = format!("select SSSE\n00A4{}\n", "00".repeat(0x8_0001));
    let folder = folder(&[("a.apdu", &long), ("b.scr", &long), ("c.apdu", "select SSSE\n")]);
    for name in ["a.apdu", "b.scr"] {
        let (_, stderr, code) = run(&["run", &path(&folder, name)]);
        assert_eq!(code, 3, "{name}");
        assert!(stderr.contains(&format!("{name}:2:1: this line has more than 1 MiB")), "{name}");
        assert!(stderr.len() < 2000, "{name}: {}", stderr.len());
    }
    fs::write(path(&folder, "c.apdu.golden"), long).expect("written");
    let (_, stderr, code) = run(&["run", &path(&folder, "c.apdu")]);
    assert_eq!(code, 3);
    assert!(stderr.contains("c.apdu.golden:2:1: this line has more than 1 MiB"), "{stderr}");
    let (_, stderr, code) = run(&["import", &path(&folder, "b.scr")]);
    assert_eq!(code, 3);
    assert!(stderr.contains("b.scr:2:1: this line has more than 1 MiB"), "{stderr}");
}

#[test]
fn many_lines_that_cannot_be_imported_are_counted() {
    let folder = folder(&[("a.scr", &"paint it black;\n".repeat(30_000))]);
    let (_, stderr, code) = run(&["import", &path(&folder, "a.scr"), "--dialect", "javacard"]);
    assert_eq!(code, 3);
    assert!(stderr.lines().count() < 30, "{stderr}");
    assert!(stderr.contains("  … and 9981 more\n"), "{stderr}");
}
