//! The groups of the test norms: each script of `tests/conformance` on the virtual card, and the page that says what
//! came of it.
//!
//! Only the groups' names are public; the cases and their names are ours, and no number of the norms' is claimed.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::sscard::program;

const APPLICATION: &str = "JR/T 0045";
const CARD: &str = "LD/T 6001.3";

/// The norm, its group, the script without its ending.
const GROUPS: [(&str, &str, &str); 35] = [
    (APPLICATION, "directory selection", "jrt0045-directory-selection"),
    (APPLICATION, "application selection", "jrt0045-application-selection"),
    (APPLICATION, "initiation", "jrt0045-initiation"),
    (APPLICATION, "record reading", "jrt0045-record-reading"),
    (APPLICATION, "offline data authentication", "jrt0045-offline-data-authentication"),
    (APPLICATION, "processing restrictions", "jrt0045-processing-restrictions"),
    (APPLICATION, "cardholder verification", "jrt0045-cardholder-verification"),
    (APPLICATION, "terminal and card risk management", "jrt0045-risk-management"),
    (APPLICATION, "card action analysis", "jrt0045-card-action-analysis"),
    (APPLICATION, "online processing", "jrt0045-online-processing"),
    (APPLICATION, "issuer authentication", "jrt0045-issuer-authentication"),
    (APPLICATION, "scripts", "jrt0045-scripts"),
    (APPLICATION, "logs", "jrt0045-logs"),
    (CARD, "SSSE_RECORD", "ldt6001-ssse-record"),
    (CARD, "SSSE_SAFETY", "ldt6001-ssse-safety"),
    (CARD, "DF01_RECORD", "ldt6001-df01-record"),
    (CARD, "DF01_SAFETY", "ldt6001-df01-safety"),
    (CARD, "DF02_RECORD", "ldt6001-df02-record"),
    (CARD, "DF02_SAFETY", "ldt6001-df02-safety"),
    (CARD, "DF03_RECORD", "ldt6001-df03-record"),
    (CARD, "DF03_SAFETY", "ldt6001-df03-safety"),
    (CARD, "DF04_RECORD", "ldt6001-df04-record"),
    (CARD, "DF04_SAFETY", "ldt6001-df04-safety"),
    (CARD, "DF05_RECORD", "ldt6001-df05-record"),
    (CARD, "DF05_SAFETY", "ldt6001-df05-safety"),
    (CARD, "DF06_RECORD", "ldt6001-df06-record"),
    (CARD, "DF06_SAFETY", "ldt6001-df06-safety"),
    (CARD, "DF07_RECORD", "ldt6001-df07-record"),
    (CARD, "DF07_SAFETY", "ldt6001-df07-safety"),
    (CARD, "KEY_VER1", "ldt6001-key-ver1"),
    (CARD, "KEY_VER2", "ldt6001-key-ver2"),
    (CARD, "KEY_VER3", "ldt6001-key-ver3"),
    (CARD, "ACSE_RECORD", "ldt6001-acse-record"),
    (CARD, "ACSE_SAFETY", "ldt6001-acse-safety"),
    (CARD, "CHECK_CERT", "ldt6001-check-cert"),
];

const HEAD: &str = "\
# Conformance by the test norms' groups

The test norms of the field arrange their cases in groups: JR/T 0045 those of the payment application, LD/T 6001.3 those of the social security
card's data and keys. Their tables of contents are public, their cases are not: the cases below are ours, under the groups' names, and
stand for no case number of a norm. What a card has to answer comes from [the standards](standards/README.md) and
[decisions.md](decisions.md).

```sh
sscard run tests/conformance/*.apdu                        # on virtual cards, a fresh one for each
sscard run --reader NAME tests/conformance/jrt0045-logs.apdu   # on a fresh test card in a reader
```

The scripts use up tries, block and write: a card in a reader is to be a new one with TEST keys (or `--keys`) for each, of the profile that
its `@profile` names. This page is written by the test that runs them (`BLESS=1 cargo test -p sscard --test cli conformance`), which fails
when a case fails or the page says something else; in CI they run through pcscd, too, each on a fresh card.

| norm | group | cases | on the virtual card |
|---|---|---|---|
";

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance"))
}

/// What one script came to: its cases with their outcomes, and its own.
fn outcome(script: &str) -> (Vec<(String, bool)>, bool) {
    let path = folder().join(format!("{script}.apdu"));
    let output = program().args(["run", "--json"]).arg(&path).output().expect("runs");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let document: Value = serde_json::from_str(&said).expect("JSON");
    let ran = &document["scripts"][0];
    let steps = ran["steps"].as_array().into_iter().flatten();
    let cases = steps
        .filter_map(|step| Some((step["case"].as_str()?.to_owned(), step["outcome"] == "passed")));
    (cases.collect(), document["passed"] == true)
}

#[test]
fn every_group_passes_on_the_virtual_card_and_the_page_says_so() {
    let mut page = HEAD.to_owned();
    let mut failed = Vec::new();
    for (norm, group, script) in GROUPS {
        let (cases, passed) = outcome(script);
        assert!(!cases.is_empty(), "{script} has no case");
        let good = cases.iter().filter(|(_, passed)| *passed).count();
        if !passed || good < cases.len() {
            failed.push(script);
        }
        let names: Vec<_> = cases.iter().map(|(name, _)| name.replace('|', "\\|")).collect();
        writeln!(
            page,
            "| {norm} | [{group}](../tests/conformance/{script}.apdu) | {} | {good} of {} pass |",
            names.join(" · "),
            cases.len()
        )
        .expect("text");
    }
    assert_eq!(failed, Vec::<&str>::new(), "run them: sscard run tests/conformance/NAME.apdu");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &page).expect("written");
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == page,
        "docs/conformance.md is stale: BLESS=1 cargo test -p sscard --test cli conformance"
    );
}

#[test]
fn every_script_belongs_to_a_group_and_says_to_which() {
    let entries = fs::read_dir(folder()).expect("tests/conformance");
    let names =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"));
    let there: BTreeSet<String> = names.filter(|name| name.ends_with(".apdu")).collect();
    let listed: BTreeSet<String> =
        GROUPS.iter().map(|(.., script)| format!("{script}.apdu")).collect();
    assert_eq!(there, listed);
    for (norm, group, script) in GROUPS {
        let text = fs::read_to_string(folder().join(format!("{script}.apdu"))).expect("a script");
        assert_eq!(text.lines().next(), Some(&*format!("# {norm}: {group}")), "{script}");
    }
}
