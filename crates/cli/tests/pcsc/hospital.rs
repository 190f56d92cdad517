//! The reader programs of docs/ci.md, in Python and C, and cards that misbehave: what the page says is what happens.

use std::fs;
use std::process::Command;
use std::sync::PoisonError;

use serde_json::json;
use tempfile::TempDir;

use super::browser::http;
use super::{READER_IN_USE, SSCARD, Served, ok, reader, served_with, start_pcscd, text};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/ci");

#[test]
fn a_pyscard_program_meets_slow_mute_removed_garbage_and_6100() {
    let _turn = READER_IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    start_pcscd();
    let folder = TempDir::new().expect("folder");
    let report = folder.path().join("report.xml");
    let output = Command::new(format!("{EXAMPLES}/run.sh"))
        .arg(&report)
        .env("SSCARD", SSCARD)
        .output()
        .expect("runs: apt-get install python3-pytest python3-pyscard");
    assert!(output.status.success(), "{}", text(&output));
    let report = fs::read_to_string(report).expect("a report");
    assert!(report.contains("errors=\"0\" failures=\"0\" skipped=\"0\" tests=\"12\""), "{report}");
    for case in [
        "test_a_right_card_is_read",
        "test_a_slow_card_is_given_up_in_time",
        "test_a_mute_card_is_given_up_and_the_next_one_is_read",
        "test_a_card_that_goes_in_the_middle_is_told_from_a_bad_one",
        "test_garbage_is_no_card_number[stale]",
        "test_6100_ends_and_is_not_followed_for_ever",
    ] {
        assert!(report.contains(&format!("name=\"{case}\"")), "{case}: {report}");
    }
}

#[test]
fn a_program_in_c_tells_a_right_card_from_wrong_ones() {
    let served = served_with(&["gen3"], &["--api", "127.0.0.1:0"]);
    let program = served.folder.path().join("hospital_reader").display().to_string();
    let flags = ok("pkg-config", &["--cflags", "--libs", "libpcsclite"]);
    let source = format!("{EXAMPLES}/hospital_reader.c");
    let mut args = vec!["-Wall", "-Wextra", "-Werror", "-o", &program, &source];
    args.extend(flags.split_whitespace());
    ok("cc", &args);
    assert_eq!(ok(&program, &[reader()]), format!("{}\n", card_number(&served)));
    for (fault, code, said) in [
        ("flip=1@ins=B2", 2, "the item is not the one that was asked for"),
        ("data=FFFFFFFF@ins=B2", 2, "the item is not the one that was asked for"),
        ("sw=6100@ins=B2", 2, "status 6"),
        ("sw=6D00@ins=B2", 2, "status 6D00"),
        ("remove@ins=B2,nth=1", 1, "no answer: "),
    ] {
        let faults = json!({ "faults": [fault] }).to_string();
        let (status, body) = http(served.api_port(), "PUT", "/api/v1/slots/0/faults", &faults);
        assert_eq!(status, 200, "{body}");
        let output = Command::new(&program).arg(reader()).output().expect("runs");
        assert_eq!(output.status.code(), Some(code), "{fault}: {}", text(&output));
        assert!(text(&output).contains(said), "{fault}: {}", text(&output));
    }
}

fn card_number(served: &Served) -> String {
    let card = served.inspect(0);
    let files = card["files"].as_array().expect("files");
    let file = files.iter().find(|file| file["path"] == "SSSE/EF05").expect("EF05");
    let records = file["records"].as_array().expect("records");
    let record = records.iter().find(|record| record["tag"] == "07").expect("the card number");
    record["text"].as_str().expect("text").to_owned()
}
