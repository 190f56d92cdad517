//! What reviews found beside the canaries: places that they did not reach.

use crate::canary::commands::said;
use crate::canary::hostile::{Stage, check};

/// The report, the message or the file, and no order in it.
fn clean(what: &str, bytes: &[u8]) {
    check(what, bytes);
    let text = String::from_utf8_lossy(bytes);
    assert!(!text.lines().any(|line| line.trim_start().starts_with("FAKE")), "{what}: {text}");
}

#[test]
fn a_skipped_case_and_a_script_that_is_not_begun_are_shown_in_a_report() {
    let stage = Stage::new();
    let (first, report) = (stage.path("first.apdu"), stage.path("skipped.xml"));
    stage.write("first.apdu", "00A40400\nexpect sw 9000\n");
    let hostile = stage.path("jd\x1B[2J\u{202E}.apdu");
    std::fs::write(&hostile, "case \"a\u{202E}FAKE\" { > 00A40400 }\n").expect("written");
    said(&["run", &first, &hostile, "--report", &report], b"", &[]);
    let xml = std::fs::read(&report).expect("a report");
    clean("report", &xml);
    assert!(String::from_utf8_lossy(&xml).contains("skipped"));
}

#[test]
fn a_key_of_a_profile_is_shown_in_one_line() {
    let stage = Stage::new();
    let profile = stage.path("p.toml");
    for text in ["base=\"gen3\"\n\"a\\nFAKE\\u009b\" = 1\n", "[financial.\"x\\nFAKE\"]\n"] {
        std::fs::write(&profile, text).expect("written");
        let output = stage.path("never.img");
        clean("profile", &said(&["new", "--profile", &profile, "-o", &output], b"", &[]));
    }
}

#[test]
fn comments_of_pcapng_give_no_orders() {
    let stage = Stage::new();
    let (trace, output) = (stage.path("h.jsonl"), stage.path("h.pcapng"));
    let hostile = "x\\u001b[2J\\nFAKE\\u202e";
    let text = format!(
        "{{\"ev\":\"trace\",\"schema\":1,\"tool\":\"{hostile}\",\"atr\":\"3B00\"}}\n\
         {{\"ev\":\"apdu\",\"t_ns\":1,\"reader\":\"{hostile}\",\"cmd\":\"00A40400\",\"note\":\"{hostile}\",\"err\":\"{hostile}\"}}\n"
    );
    std::fs::write(&trace, text).expect("written");
    said(&["trace", "convert", &trace, "-o", &output], b"", &[]);
    let bytes = std::fs::read(&output).expect("converted");
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("FAKE"), "what is written out is there");
    assert!(!text.contains('\x1B') && !text.contains("\nFAKE") && !text.contains('\u{202E}'));
}

#[test]
fn what_stands_behind_a_statement_is_not_repeated() {
    let folder = crate::sscard::folder(&[
        ("a.apdu", "let q = 00 20 00 00 03 98 76 54\n"),
        ("b.apdu", "print 00 20 00 00 03 98 76 54\n"),
        ("c.apdu", "let p = \"987654\" \"987654\"\n"),
    ]);
    for name in ["a.apdu", "b.apdu", "c.apdu"] {
        let script = crate::sscard::path(&folder, name);
        let report = crate::sscard::path(&folder, "r.xml");
        let run = ["run", &script, "--json", "--report", &report];
        let (stdout, stderr, code) = crate::sscard::run(&run);
        assert_eq!(code, 3, "{stderr}");
        let xml = std::fs::read_to_string(&report).expect("a report");
        for text in [stdout, stderr, xml] {
            assert!(!text.contains("98 76 54") && !text.contains("987654"), "{name}: {text}");
        }
    }
    let (_, stderr, _) = crate::sscard::run(&["read", "--pin=987654", "98765x"]);
    assert!(!stderr.contains("98765"), "{stderr}");
}
