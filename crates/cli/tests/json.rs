//! Every JSON document of the program: byte for byte the one that stands in `tests/json`, and of the
//! form that `docs/json.schema.json` describes.
//!
//! `BLESS=1 cargo test -p sscard --test cli json` writes the documents anew; read the difference before you accept it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

mod schema;

use schema::Schema;

/// One command of a session.
enum Run {
    /// It makes what the next ones need.
    Setup(&'static str),
    /// It prints a document of this type with this exit code.
    Prints { file: &'static str, of: &'static str, code: i32, command: &'static str },
}

const fn setup(command: &'static str) -> Run {
    Run::Setup(command)
}

const fn prints(file: &'static str, of: &'static str, code: i32, command: &'static str) -> Run {
    Run::Prints { file, of, code, command }
}

/// Files of a session's folder.
const FILES: [(&str, &str); 10] = [
    ("sm.toml", "base = \"gen3\"\n[financial]\nsm = \"only\"\n"),
    (
        "pass.apdu",
        "case \"names the card\" {\n  reset\n  select SSSE\n  expect sw 9000|61xx\n  verify pin=123456\n  print \"done\"\n}\n",
    ),
    (
        "fail.apdu",
        "case \"outer\" {\n  select SSSE\n  expect sw 6A82\n  case \"inner\" { reset }\n}\ncase \"last\" { reset }\n",
    ),
    ("wrong.apdu", "selekt SSSE\n"),
    ("tries.txt", "select: select SSSE\nwrong: pin wrong\n"),
    ("three.toml", "base = \"gen3\"\npin_tries = 3\n"),
    (
        "again.toml",
        "sscard = \"0.1.0\"\ncard = \"gen3, activated, holder 7\"\noperations = [\"F3 00 00 00 00 00 00 00 00 00 00 00\"]\n",
    ),
    ("challenge.apdu", "get_challenge 8\n"),
    ("select.apdu", "@mode auto\nget_challenge 8\nselect SSSE\nget_challenge 8\n"),
    (
        "wrong.csv",
        "姓名,社会保障号码,手机号,合作银行,照片,儿童,监护人,旧卡,医保余额\n李测甲,999901198001011212,1,XYZ,li.jpg,否,,,1\n",
    ),
];

const CARD: &[Run] = &[
    setup("new --profile gen3 --seed 1 -o card.img"),
    prints("read", "ReadDocument", 0, "read --card card.img --date 2026-11-24 --json"),
    prints(
        "read-all",
        "ReadDocument",
        0,
        "read --card card.img --all --pin 123456 --date 2026-11-24 --json",
    ),
    setup("new --profile gen2 --seed 2 --state produced -o produced.img"),
    prints(
        "read-refused",
        "ReadDocument",
        1,
        "read --card produced.img --all --pin 111111 --date 2046-11-24 --json",
    ),
    setup("new --profile gen1 --seed 1 -o old.img"),
    prints("inspect-gen1-keys", "InspectDocument", 0, "inspect --card old.img --keys --json"),
    setup("pay --card card.img --amount 12.34 --pin 123456 --date 2026-11-24"),
    prints("inspect-gen3-keys", "InspectDocument", 0, "inspect --card card.img --keys --json"),
    prints("inspect-gen2", "InspectDocument", 0, "inspect --card produced.img --json"),
    setup("new --profile psam-3des --seed 1 -o psam.img"),
    prints("inspect-psam-keys", "InspectDocument", 0, "inspect --card psam.img --keys --json"),
];

const PKI: &[Run] = &[
    setup("new --profile gen3 --seed 1 -o card.img"),
    prints(
        "pki-sign",
        "SignatureDocument",
        0,
        "pki sign --card card.img -o signature pass.apdu --json",
    ),
    prints(
        "pki-verify",
        "VerificationDocument",
        0,
        "pki verify --card card.img pass.apdu signature --json",
    ),
    prints(
        "pki-verify-wrong",
        "VerificationDocument",
        1,
        "pki verify --card card.img fail.apdu signature --json",
    ),
    prints(
        "pki-certificate",
        "CertificateDocument",
        0,
        "pki certificate --card card.img --encryption --json",
    ),
];

const PAYMENTS: &[Run] = &[
    prints("pay", "PaymentDocument", 0, "pay --amount 12.34 --pin 123456 --date 2026-11-24 --json"),
    prints(
        "pay-contactless",
        "PaymentDocument",
        0,
        "pay --contactless --amount 12.34 --date 2026-11-24 --json",
    ),
    prints(
        "pay-scripts",
        "PaymentDocument",
        0,
        "pay --amount 12.34 --pin 123456 --script card-block --script pin-unblock --date 2026-11-24 --json",
    ),
    prints(
        "pay-offline",
        "PaymentDocument",
        0,
        "pay --offline --amount 12.34 --authentication none --date 2026-11-24 --json",
    ),
    setup("new --profile sm.toml -o card.img"),
    prints(
        "pay-broken",
        "BrokenPaymentDocument",
        1,
        "pay --card card.img --amount 1 --contactless --date 2026-11-24 --json",
    ),
    prints(
        "emv-decode",
        "ElementsDocument",
        0,
        "emv decode 770E82027C0094080801020010010301 --json",
    ),
    prints("evil-list", "EvilListDocument", 0, "evil list wedge --json"),
    prints("learn", "LearnDocument", 0, "learn --profile three.toml --alphabet tries.txt --json"),
    prints(
        "learn-diff",
        "LearnDiffDocument",
        1,
        "learn --diff gen3 three.toml --alphabet tries.txt --depth 2 --json",
    ),
    prints(
        "learn-diff-same",
        "LearnDiffDocument",
        0,
        "learn --diff gen2 gen3 --alphabet tries.txt --json",
    ),
    prints("emv-ca", "AuthorityDocument", 0, "emv ca --json"),
    prints("emv-decode-value", "ValueDocument", 0, "emv decode 95 0008008000 --json"),
];

const SCRIPTS: &[Run] = &[
    prints("run", "RunDocument", 0, "run pass.apdu --json"),
    prints("run-failed", "RunDocument", 1, "run pass.apdu fail.apdu challenge.apdu --json"),
    prints("run-unusable", "RunDocument", 3, "run pass.apdu wrong.apdu --json"),
    setup("new --seed 1 -o one.img"),
    setup("new --seed 2 -o two.img"),
    setup("new --seed 1 --state produced -o produced.img"),
    prints(
        "compare",
        "CompareDocument",
        0,
        "run challenge.apdu --card one.img --compare two.img --json",
    ),
    prints(
        "compare-differs",
        "CompareDocument",
        1,
        "run select.apdu --card one.img --compare produced.img --json",
    ),
    prints(
        "compare-fails",
        "CompareDocument",
        1,
        "run fail.apdu --card one.img --compare two.img --json",
    ),
];

const TRACES: &[Run] = &[
    setup("new --seed 1 -o one.img"),
    setup("new --seed 1 --state produced -o produced.img"),
    setup(
        "transmit --card one.img --trace one.jsonl 00A404000F7378312E73682EC9E7BBE1B1A3D5CF 00A4000002EF05 00B2010012 0020000003123456",
    ),
    setup("transmit --card one.img --trace short.jsonl 00A404000F7378312E73682EC9E7BBE1B1A3D5CF"),
    setup(
        "transmit --card produced.img --trace produced.jsonl 00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
    ),
    setup("transmit --card one.img --trace public.jsonl 00A404000F7378312E73682EC9E7BBE1B1A3D5CF"),
    prints("trace-show", "TraceDocument", 0, "trace show one.jsonl --json"),
    prints("trace-diff-equal", "DiffDocument", 0, "trace diff short.jsonl public.jsonl --json"),
    prints("trace-diff", "DiffDocument", 1, "trace diff short.jsonl produced.jsonl --json"),
    prints("trace-diff-end", "DiffDocument", 1, "trace diff one.jsonl short.jsonl --json"),
    prints(
        "trace-replay-equal",
        "DiffDocument",
        0,
        "trace replay public.jsonl --card one.img --json",
    ),
    prints(
        "trace-replay",
        "DiffDocument",
        1,
        "trace replay public.jsonl --card produced.img --json",
    ),
];

const LI: &str = "999901198001011211";

const DESK: &[Run] = &[
    prints("desk-init", "RegisterDocument", 0, "desk init --register city.db --seed 7 --json"),
    prints(
        "desk-import-wrong",
        "WrongRowsDocument",
        3,
        "desk import wrong.csv --register city.db --date 2026-11-30 --json",
    ),
    prints(
        "desk-import",
        "ImportDocument",
        0,
        "desk import residents.csv --old-cards old --register city.db --date 2026-11-30 --json",
    ),
    prints(
        "desk-batch",
        "BatchDocument",
        0,
        "desk batch --name 2026-1 --opens 2026-12-01 --closes 2026-12-31 --to village --cards cards --register city.db --date 2026-11-30 --json",
    ),
    prints(
        "desk-refused",
        "RefusalDocument",
        1,
        "desk collect --at village --papers identity-card --holder LI --register city.db --date 2026-11-30 --json",
    ),
    prints(
        "desk-collect",
        "OperationDocument",
        0,
        "desk collect --at village --papers identity-card --holder LI --register city.db --date 2026-12-10 --json",
    ),
    prints(
        "desk-activate",
        "OperationDocument",
        0,
        "desk activate --at bank-branch:ICBC --papers identity-card --card cards/D00000021.img --register city.db --date 2026-12-10 --json",
    ),
    prints(
        "desk-wrong-password",
        "RefusalDocument",
        1,
        "desk pin change --old 000000 --new 654321 --at bank-branch:ICBC --papers identity-card --card cards/D00000021.img --register city.db --date 2026-12-10 --json",
    ),
    prints(
        "desk-replace",
        "OperationDocument",
        0,
        "desk replace --reason lost --holder LI -o new.img --at card-outlet:ICBC --papers identity-card --register city.db --date 2026-12-11 --json",
    ),
    prints("desk-resume", "ResumeDocument", 0, "desk resume --register city.db --json"),
    prints("desk-show", "RegisterContentDocument", 0, "desk show --register city.db --json"),
    prints("desk-events", "EventsDocument", 0, "desk events --register city.db --json"),
    prints("desk-rules", "CapabilitiesDocument", 0, "desk rules --json"),
    prints(
        "desk-simulate",
        "SimulationDocument",
        0,
        "desk simulate --residents 3 --days 40 --seed 1 --json",
    ),
    prints("desk-outbox", "OutboxDocument", 0, "desk outbox --register city.db --json"),
    prints("desk-outbox-shown", "OutboxDocument", 0, "desk outbox --register city.db --json"),
];

const MACHINE: &[Run] = &[
    setup("new -o card.img"),
    prints("repair", "RepairDocument", 0, "repair card.img -o sound.img --json"),
    prints("doctor", "DoctorDocument", 4, "doctor --root bare --json"),
    prints("soak", "SoakDocument", 0, "soak --replay again.toml --json"),
];

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn golden(file: &str) -> PathBuf {
    root().join("crates/cli/tests/json").join(format!("{file}.json"))
}

/// A folder with the files, an empty folder and the residents of the examples.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("folder");
    for (name, text) in FILES {
        fs::write(folder.path().join(name), text).expect("written");
    }
    fs::create_dir(folder.path().join("bare")).expect("a folder");
    let residents = root().join("examples/desk/residents.csv");
    fs::copy(residents, folder.path().join("residents.csv")).expect("residents");
    folder
}

/// Stdout and exit code.
fn run(folder: &TempDir, command: &str) -> (String, i32, String) {
    let words = command.split(' ').map(|word| if word == "LI" { LI } else { word });
    let output = Command::new(env!("CARGO_BIN_EXE_sscard"))
        .args(words)
        .env_remove("SSCARD_READER")
        .envs(command.starts_with("pki").then_some(("SSCARD_PIN", "123456")))
        .current_dir(folder.path())
        .output()
        .expect("runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), output.status.code().expect("exit code"), text(output.stderr))
}

/// Times are what they are, and passwords are drawn: each becomes 0.
fn without_chance(text: &str) -> String {
    let mut text = text.to_owned();
    for field in [
        "\"duration_us\": ",
        "\"t_ns\":",
        "\"us\":",
        "\"start_ms\":",
        "\"body\": \"",
        "\"seconds\": ",
        "\"operations_per_second\": ",
    ] {
        let mut parts = text.split(field);
        let mut plain = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
            let number = match part.len() - rest.len() {
                0 => "",
                length if part[..length].contains('.') => "0.0",
                _ => "0",
            };
            plain.extend([field, number, rest]);
        }
        text = plain;
    }
    text
}

/// Runs a session; each document is the golden one, and of its type.
fn session(runs: &[Run]) {
    let folder = folder();
    let schema = Schema::read(&root().join("docs/json.schema.json"));
    let blesses = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for step in runs {
        let (file, of, code, command) = match *step {
            Run::Setup(command) => {
                let (_, code, stderr) = run(&folder, command);
                assert_eq!(code, 0, "{command}: {stderr}");
                continue;
            }
            Run::Prints { file, of, code, command } => (file, of, code, command),
        };
        let (stdout, found, stderr) = run(&folder, command);
        assert_eq!(found, code, "{command}: {stderr}");
        let stdout = without_chance(&stdout);
        if blesses {
            fs::write(golden(file), &stdout).expect("written");
        }
        let expected = fs::read_to_string(golden(file)).unwrap_or_default();
        // What the doctor finds is about this build and this system.
        let varies = file == "doctor" && (cfg!(feature = "pcsc") || !cfg!(target_os = "linux"));
        if stdout != expected && !varies {
            wrong.push(format!("{command}: not tests/json/{file}.json:\n{stdout}"));
        }
        let document: Value = serde_json::from_str(&stdout).expect("one JSON document");
        let unlike = schema.check(of, &document);
        wrong.extend(unlike.into_iter().map(|what| format!("{command}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn documents_of_a_card() {
    session(CARD);
}

#[test]
fn documents_of_pki() {
    session(PKI);
}

#[test]
fn documents_of_payments() {
    session(PAYMENTS);
}

#[test]
fn documents_of_scripts() {
    session(SCRIPTS);
}

#[test]
fn documents_of_traces() {
    session(TRACES);
}

#[test]
fn documents_of_the_desk() {
    session(DESK);
}

#[test]
fn documents_of_the_machine() {
    session(MACHINE);
}

/// Nothing is printed that nobody looked at: every type of the schema's documents has a golden one.
#[test]
fn every_document_has_a_golden_one() {
    let schema = Schema::read(&root().join("docs/json.schema.json"));
    let sessions = [CARD, PKI, PAYMENTS, SCRIPTS, TRACES, DESK, MACHINE];
    let runs = || sessions.iter().copied().flatten();
    for document in schema.documents() {
        // Readers need pcscd: `documents/reference.rs` and `tests/pcsc.rs` look at theirs.
        let has_own = document.starts_with("Reader");
        let is_printed = |run: &Run| matches!(run, Run::Prints { of, .. } if *of == document);
        assert!(has_own || runs().any(is_printed), "{document}");
    }
}
