//! `sscard trace`, and `--trace` of the commands that talk to a card.

use std::fs;
use std::path::Path;

use crate::sscard::{SELECT_SSSE, card, json, ok, run};
use serde_json::Value;
use tempfile::TempDir;

const VERIFY: &str = "0020000003123456";

/// A folder, and a function that gives the paths of files in it.
fn folder() -> (TempDir, impl Fn(&str) -> String) {
    let folder = TempDir::new().expect("folder");
    let root = folder.path().to_owned();
    (folder, move |name: &str| root.join(name).display().to_string())
}

fn text(path: &str) -> String {
    fs::read_to_string(path).expect("text")
}

fn lines(path: &str) -> Vec<Value> {
    text(path).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn transmit_read_and_pay_write_traces() {
    let (_folder, at) = folder();
    let trace = at("t.jsonl");
    ok(&["transmit", "--trace", &trace, SELECT_SSSE, VERIFY]);
    let found = lines(&trace);
    assert_eq!(found[0]["ev"], "trace");
    assert_eq!(found[0]["schema"], 1);
    assert_eq!(found[0]["atr"], "3B6D0000008153534386009999790776A7");
    assert_eq!((&found[0]["protocol"], &found[0]["mode"]), (&"T=0".into(), &"auto".into()));
    assert_eq!(found.len(), 4, "what 61xx takes is in the trace");
    assert_eq!(found[1]["rsp"], "611E");
    assert_eq!(found[2]["cmd"], "00C000001E");
    assert_eq!(
        (&found[3]["cmd"], &found[3]["redacted"]),
        (&"0020000003000000".into(), &true.into())
    );
    ok(&["transmit", "--raw", "--trace", &trace, SELECT_SSSE]);
    assert_eq!(lines(&trace)[0]["mode"], "raw");
    ok(&["read", "--all", "--pin", "123456", "--trace", &trace]);
    assert!(lines(&trace).len() > 100);
    ok(&["pay", "--amount", "1", "--pin", "123456", "--trace", &trace]);
    assert!(lines(&trace).len() > 20);
}

#[test]
fn pins_are_in_a_trace_only_when_asked_for() {
    let (_folder, at) = folder();
    let trace = at("t.jsonl");
    for args in [
        &["transmit", SELECT_SSSE, "0020000003739146"][..],
        &["read", "--all", "--pin", "739146"],
        &["pay", "--amount", "1", "--pin", "739146"],
    ] {
        run(&[args, &["--trace", &trace]].concat());
        assert!(!text(&trace).contains("739146"), "{args:?}");
        run(&[args, &["--trace", &trace, "--unsafe-show-secrets"]].concat());
        assert!(text(&trace).contains("739146"), "{args:?}");
    }
    // A trace with secrets, shown and converted.
    ok(&["transmit", "--trace", &trace, "--unsafe-show-secrets", SELECT_SSSE, "0020000003739146"]);
    let shown = ok(&["trace", "show", &trace]);
    assert!(!shown.contains("739146") && shown.contains("> 0020000003******"), "{shown}");
    assert!(!ok(&["trace", "show", "--json", &trace]).contains("739146"));
    assert!(ok(&["trace", "show", "--unsafe-show-secrets", &trace]).contains("> 0020000003739146"));
    for (to, canary) in [
        ("jsonl", "739146"),
        ("apdu4j", "739146"),
        ("markdown", "739146"),
        ("html", "739146"),
        ("scriptor", "73 91 46"),
    ] {
        let convert = ["trace", "convert", &trace, "-o", "-", "--to", to];
        assert!(!ok(&convert).contains(canary), "{to}");
        assert!(ok(&[&convert[..], &["--unsafe-show-secrets"]].concat()).contains(canary), "{to}");
    }
    let pcapng = at("t.pcapng");
    ok(&["trace", "convert", &trace, "-o", &pcapng]);
    let holds = || fs::read(&pcapng).expect("file").windows(3).any(|w| w == [0x73, 0x91, 0x46]);
    assert!(!holds());
    ok(&["trace", "convert", &trace, "-o", &pcapng, "--unsafe-show-secrets"]);
    assert!(holds());
    // Differences and failed replays show exchanges too.
    let other = at("other.jsonl");
    fs::write(&other, text(&trace).replace("\"rsp\":\"63C5\"", "\"rsp\":\"63C4\""))
        .expect("written");
    for args in [&["trace", "diff", &trace, &other][..], &["trace", "replay", &other]] {
        let (stdout, _, code) = run(args);
        assert_eq!(code, 1, "{args:?}: {stdout}");
        assert!(stdout.contains("VERIFY") && !stdout.contains("73 91 46"), "{stdout}");
        let (stdout, ..) = run(&[args, &["--json"]].concat());
        assert!(!stdout.contains("739146"), "{stdout}");
    }
}

#[test]
fn show_explains_both_functions() {
    let (_folder, at) = folder();
    let (read, pay) = (at("read.jsonl"), at("pay.jsonl"));
    ok(&["read", "--trace", &read]);
    ok(&["pay", "--amount", "12.34", "--pin", "123456", "--date", "2026-11-24", "--trace", &pay]);
    let shown = ok(&["trace", "show", &read]);
    for part in [
        "in SSSE 社会保障系统环境 / EF06 holder data (持卡人基本信息)",
        "#   09 name (姓名): ",
        " = 孙测戊",
        "9F0C issuer's own data (发卡机构自定义数据): 860103 = SM4",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = ok(&["trace", "show", &pay]);
    for part in [
        "9F02 amount, authorised",
        "= 12.34",
        "9F37 UN unpredictable number",
        "B2b4 new card (新卡)",
        "case 4S",
        "# VERIFY plaintext PIN: 9000 success (成功)",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let document = json(&["trace", "show", "--json", &pay]);
    assert_eq!((&document["schema"], &document["format"]), (&1.into(), &"jsonl".into()));
    let events = document["events"].as_array().expect("events");
    let verify = events.iter().find(|event| event["meaning"] == "VERIFY plaintext PIN");
    let verify = verify.expect("VERIFY");
    assert_eq!((&verify["redacted"], &verify["sw"]), (&true.into(), &"9000".into()));
    assert_eq!((&verify["application"], &verify["case"]), (&"financial".into(), &"3S".into()));
}

#[test]
fn convert_and_back_is_the_same_file() {
    let (_folder, at) = folder();
    let trace = at("t.jsonl");
    ok(&["pay", "--amount", "1", "--pin", "123456", "--trace", &trace]);
    for name in ["t.dump", "t.scriptor"] {
        let (there, back) = (at(name), at("back.jsonl"));
        ok(&["trace", "convert", &trace, "-o", &there]);
        ok(&["trace", "convert", &there, "-o", &back]);
        assert_eq!(text(&back), text(&trace), "{name}");
    }
    let (stdout, stderr, code) = run(&["trace", "convert", &trace, "-o", &at("t.xyz")]);
    assert_eq!((stdout.as_str(), code), ("", 2));
    assert!(stderr.contains("its extension names no format; say --to jsonl,"), "{stderr}");
}

#[test]
fn a_malformed_line_is_named_and_the_rest_refused_unless_lenient() {
    let (folder, at) = folder();
    let (trace, out) = (at("t.log"), at("out.jsonl"));
    fs::write(
        &trace,
        "00000001 APDU: 00 A4 00 00 02 3F 00 \n00000009 SW: 90 00 \n00000001 APDU: 00 A\n\
         00000001 APDU: 00 84 00 00 08 \n00000009 SW: 6D 00 \n",
    )
    .expect("written");
    let message = format!("sscard: {trace}: line 3: an odd number of hexadecimal digits in '00 A'");
    let (_, stderr, code) = run(&["trace", "convert", &trace, "-o", &out]);
    assert_eq!((stderr.as_str(), code), (format!("{message}\n").as_str(), 3));
    assert!(!Path::new(&out).exists(), "no half of a file");
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
    assert_eq!(run(&["trace", "show", &trace]).2, 3);
    let (_, stderr, code) = run(&["trace", "convert", "--lenient", &trace, "-o", &out]);
    assert_eq!((stderr.as_str(), code), (format!("{message}; skipped\n").as_str(), 0));
    assert_eq!(lines(&out).len(), 3);
    fs::write(&trace, "hello\n").expect("written");
    let (_, stderr, code) = run(&["trace", "show", &trace]);
    assert_eq!(code, 3);
    assert!(stderr.contains("say which it is with --from"), "{stderr}");
    let missing = run(&["trace", "show", &at("missing")]);
    assert_eq!(missing.2, 3, "{}", missing.1);
}

#[test]
fn diff_passes_over_what_is_random_and_shows_the_rest_side_by_side() {
    let (_folder, at) = folder();
    let (one, other) = (at("a.jsonl"), at("b.jsonl"));
    let pay = |amount, seed, trace: &str| {
        let date = "2026-11-24";
        ok(&["pay", "--amount", amount, "--seed", seed, "--date", date, "--trace", trace]);
    };
    pay("1", "1", &one);
    pay("1", "2", &other);
    assert!(ok(&["trace", "diff", &one, &other]).ends_with("events, no difference\n"));
    assert_eq!(json(&["trace", "diff", "--json", &one, &other])["equal"], true);
    assert_eq!(run(&["trace", "diff", "--exact", &one, &other]).2, 1);
    pay("2", "1", &other);
    let (stdout, stderr, code) = run(&["trace", "diff", &one, &other]);
    assert_eq!((stderr.as_str(), code), ("sscard: the traces differ\n", 1));
    assert!(stdout.contains("command differs, byte "), "{stdout}");
    assert!(stdout.lines().any(|line| line.starts_with("! ")), "{stdout}");
    assert!(stdout.contains(&one) && stdout.contains(&other), "{stdout}");
    assert_eq!(
        run(&["trace", "diff", "--ignore", "9F02", &one, &other]).2,
        0,
        "its only difference"
    );
    let (stdout, ..) = run(&["trace", "diff", "--json", &one, &other]);
    let found: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(found["equal"], false);
    assert_eq!(found["difference"]["what"], "command");
    let shorter = text(&one).lines().take(3).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(&other, shorter).expect("written");
    let (stdout, _, code) = run(&["trace", "diff", &one, &other]);
    assert_eq!(code, 1);
    assert!(stdout.contains("has ended; the other continues"), "{stdout}");
    assert_eq!(run(&["trace", "diff", "--ignore", "wrong", &one, &other]).2, 2);
}

#[test]
fn counters_are_passed_over_when_asked() {
    let (folder, image) = card(&[]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (one, other) = (at("a.jsonl"), at("b.jsonl"));
    // The first payment is that of a new card.
    for trace in [&one, &one, &other] {
        let date = "2026-11-24";
        ok(&["pay", "--card", &image, "--amount", "1", "--date", date, "--trace", trace]);
    }
    let (stdout, _, code) = run(&["trace", "diff", &one, &other]);
    assert_eq!(code, 1, "the transaction counter: {stdout}");
    ok(&["trace", "diff", "--ignore", "counters", &one, &other]);
}

#[test]
fn replay_finds_the_same_card_and_names_what_another_one_answers() {
    let (_folder, at) = folder();
    let trace = at("t.jsonl");
    ok(&["read", "--all", "--trace", &trace]);
    assert!(ok(&["trace", "replay", &trace]).ends_with("events replayed, no difference\n"));
    assert_eq!(json(&["trace", "replay", "--json", &trace])["equal"], true);
    let (_image_folder, image) = card(&["--seed", "9"]);
    let (stdout, stderr, code) = run(&["trace", "replay", &trace, "--card", &image]);
    assert_eq!(code, 1);
    assert_eq!(stderr, "sscard: the card answers differently from the trace\n");
    assert!(
        stdout.contains("nothing was sent after it") && stdout.contains("recorded"),
        "{stdout}"
    );
    // Other formats replay as well.
    let dump = at("t.dump");
    ok(&["trace", "convert", &trace, "-o", &dump]);
    ok(&["trace", "replay", &dump]);
    // Over the antenna.
    ok(&["pay", "--amount", "1", "--contactless", "--date", "2026-11-24", "--trace", &trace]);
    ok(&["trace", "replay", "--contactless", &trace]);
}

#[test]
fn a_redacted_command_is_not_replayed() {
    let (folder, image) = card(&[]);
    let before = fs::read(&image).expect("image");
    let trace = folder.path().join("t.jsonl").display().to_string();
    ok(&["transmit", "--trace", &trace, SELECT_SSSE, VERIFY]);
    let (stdout, stderr, code) = run(&["trace", "replay", &trace, "--card", &image]);
    assert_eq!((stdout.as_str(), code), ("", 3));
    assert!(stderr.contains("event 3 is redacted and cannot be sent"), "{stderr}");
    assert_eq!(fs::read(&image).expect("image"), before, "nothing was sent");
    ok(&["transmit", "--trace", &trace, "--unsafe-show-secrets", SELECT_SSSE, VERIFY]);
    ok(&["trace", "replay", &trace]);
    assert_eq!(run(&["trace", "replay", "-"]).2, 2);
}

/// 100 MB pass through 64 MiB of address space.
#[cfg(target_os = "linux")]
#[test]
fn a_trace_gives_a_terminal_no_orders() {
    let (_folder, path) = folder();
    let text = "\u{FEFF}{\"ev\":\"trace\",\"schema\":1,\"tool\":\"t\\u001b[31m\",\"reader\":\"r\\u0007\"}\n\
                {\"ev\":\"apdu\",\"t_ns\":0,\"cmd\":\"00A40000\",\"rsp\":\"9000\",\"note\":\"x\\n> 00FF\"}\n";
    fs::write(path("esc.jsonl"), text).expect("written");
    let shown = ok(&["trace", "show", &path("esc.jsonl")]);
    assert!(shown.starts_with("# tool t\\u{1b}[31m\n# reader r\\u{7}\n"), "{shown}");
    assert!(shown.contains("# note: x\\n> 00FF\n"), "{shown}");
}

#[test]
fn a_debit_of_the_purse_is_no_secret() {
    let (_folder, path) = folder();
    let script =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/purse_load_and_purchase.apdu");
    ok(&["run", script, "--unsafe-show-secrets", "--trace", &path("purse.jsonl")]);
    let shown = ok(&["trace", "show", &path("purse.jsonl")]);
    assert!(shown.contains("> B02C01000F0000"), "{shown}");
    assert!(!shown.contains("B02C01000F*"), "{shown}");
    ok(&["trace", "replay", &path("purse.jsonl"), "--card", &gen2(&path("gen2.img"))]);
}

/// The card of examples/purse_load_and_purchase.apdu.
fn gen2(path: &str) -> String {
    ok(&["new", "--profile", "gen2", "--seed", "1", "-o", path]);
    path.to_owned()
}

#[test]
fn a_long_trace_is_converted_in_constant_memory() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let program = env!("CARGO_BIN_EXE_sscard");
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -v 65536 && exec \"$0\" trace convert - -o /dev/null --to apdu4j"])
        .arg(program)
        .stdin(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("stdin");
    input.write_all(b"{\"ev\":\"trace\",\"schema\":1}\n").expect("taken");
    let line = format!(r#"{{"ev":"apdu","cmd":"00B2012C00","rsp":"{}9000"}}"#, "AB".repeat(200));
    let block = format!("{line}\n").repeat(1000);
    let blocks = 100_000_000 / block.len();
    for _ in 0..blocks {
        input.write_all(block.as_bytes()).expect("taken");
    }
    drop(input);
    assert!(child.wait().expect("ends").success());
}

#[test]
fn an_answer_without_a_status_word_is_read_again() {
    let (_folder, path) = folder();
    let (trace, other) = (path("t.jsonl"), path("o.jsonl"));
    for (fault, rsp) in [("answer=", ""), ("answer=90", "90"), ("instead:answer=", "")] {
        run(&["transmit", "--raw", "--trace", &trace, "--fault", fault, "0084000008"]);
        let shown = ok(&["trace", "show", &trace]);
        assert!(shown.ends_with(&format!("\n> 0084000008\n< {rsp}\n")), "{shown}");
        let document = json(&["trace", "show", "--json", &trace]);
        assert_eq!(document["events"][0]["response"], rsp, "{document}");
        for format in ["jsonl", "apdu4j", "scriptor"] {
            ok(&["trace", "convert", "--to", format, "-o", &other, &trace]);
            assert_eq!(ok(&["trace", "diff", &trace, &other]), "1 event, no difference\n");
        }
    }
}

#[test]
fn what_was_read_before_a_malformed_line_is_a_whole_document() {
    let (_folder, path) = folder();
    let trace = path("t.jsonl");
    ok(&["transmit", "--raw", "--trace", &trace, "0084000008"]);
    fs::write(&trace, text(&trace) + "{\"ev\":\n").expect("written");
    let (stdout, stderr, code) = run(&["trace", "show", "--json", &trace]);
    assert_eq!(code, 3, "{stderr}");
    let document: Value = serde_json::from_str(&stdout).expect("one JSON document");
    assert_eq!(document["events"].as_array().map(Vec::len), Some(1));
}
