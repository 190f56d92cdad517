//! `sscard pki`: a file is signed, the signature checked, certificates shown.

use std::fs;

use crate::sscard::{card, json, ok, path, piped, program, run};

const PIN: &str = "123456";

/// Runs the program with the PIN of the environment; stdout, stderr, exit code.
fn with_pin(pin: &str, args: &[&str]) -> (String, String, i32) {
    let output = piped(program().args(args).env("SSCARD_PIN", pin), "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().expect("exit code"))
}

#[test]
fn a_signature_is_made_and_checked_by_the_card_and_by_the_certificate() {
    let (folder, image) = card(&[]);
    let [message, other, signature, certificate] =
        ["message", "other", "signature", "certificate.pem"].map(|name| path(&folder, name));
    fs::write(&message, "to be signed").expect("written");
    fs::write(&other, "not signed").expect("written");
    let sign = ["pki", "sign", "--card", &image, "-o", &signature, &message];
    let (stdout, stderr, code) = with_pin(PIN, &sign);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("signed by  CN=TEST card"), "{stdout}");
    let hex = stdout.lines().next().and_then(|line| line.split_whitespace().nth(1));
    let hex = hex.expect("a signature");
    assert_eq!(hex.len(), 128);
    ok(&["pki", "certificate", "--card", &image, "-o", &certificate]);
    for signature in [&signature[..], hex] {
        let right = ok(&["pki", "verify", "--card", &image, &message, signature]);
        assert!(right.starts_with("signature  right\n"), "{right}");
        assert!(right.contains("signed by the test authority"), "{right}");
        ok(&["pki", "verify", "--certificate", &certificate, &message, signature]);
        let (stdout, stderr, code) = run(&["pki", "verify", "--card", &image, &other, signature]);
        assert_eq!(code, 1);
        assert!(stdout.starts_with("signature  wrong\n"), "{stdout}");
        assert!(stderr.contains("the signature is wrong"), "{stderr}");
    }
}

#[test]
fn the_pin_comes_by_the_environment_or_a_line_and_never_by_the_command_line() {
    let (folder, image) = card(&[]);
    let message = path(&folder, "message");
    fs::write(&message, "to be signed").expect("written");
    let sign = ["pki", "sign", "--card", &image, &message];
    let output = piped(program().args(sign).args(["--pin", "-"]), "123456\n");
    assert!(output.status.success());
    let (_, stderr, code) = run(&[&sign[..], &["--pin", PIN]].concat());
    assert_eq!(code, 2);
    assert!(stderr.contains("does not stand on the command line"), "{stderr}");
    assert!(!stderr.contains(PIN), "{stderr}");
    let (_, stderr, code) = run(&sign);
    assert_eq!(code, 2, "{stderr}");
    let (_, stderr, code) = with_pin("12x", &sign);
    assert_eq!(code, 2, "{stderr}");
    let (_, stderr, code) = with_pin("111111", &sign);
    assert_eq!(code, 1);
    assert!(stderr.contains("VERIFY the user's PIN answered 63C5"), "{stderr}");
    let pins = json(&["inspect", "--card", &image, "--json"])["pins"].clone();
    let user = pins.as_array().expect("pins").iter().find(|pin| pin["path"] == "PKI/user");
    assert_eq!(user.expect("a counter")["tries_left"], 5, "the try is kept");
}

#[test]
fn what_cannot_be_used_is_named() {
    let (folder, image) = card(&["--profile", "gen2"]);
    let message = path(&folder, "message");
    fs::write(&message, "to be signed").expect("written");
    let (_, stderr, code) = run(&["pki", "certificate", "--card", &image]);
    assert_eq!(code, 1);
    assert!(stderr.contains("the card has no PKI application"), "{stderr}");
    let (_, stderr, code) = run(&["pki", "verify", &message, "00"]);
    assert_eq!(code, 3, "{stderr}");
    let (_, stderr, code) = run(&["pki", "verify", &message, &message]);
    assert_eq!(code, 3);
    assert!(stderr.contains("no SM2 signature"), "{stderr}");
    let (_, stderr, code) =
        run(&["pki", "verify", "--certificate", &message, &message, &"11".repeat(64)]);
    assert_eq!(code, 3);
    assert!(stderr.contains("not an X.509 certificate"), "{stderr}");
    let (_, stderr, code) = run(&["pki", "verify", &path(&folder, "none"), &"11".repeat(64)]);
    assert_eq!(code, 3, "{stderr}");
}

#[test]
fn own_certificates_name_the_holder_and_the_authority_is_shown() {
    let (folder, _) = card(&[]);
    let profile = path(&folder, "own.toml");
    fs::write(&profile, "base = \"gen3\"\n[pki]\nkeys = \"own\"\n").expect("written");
    let (_folder, image) = card(&["--profile", &profile, "--set", "name=李测甲"]);
    let shown = ok(&["pki", "certificate", "--card", &image]);
    assert!(shown.contains("CN=李测甲"), "{shown}");
    let authority = ok(&["pki", "certificate", "--authority"]);
    assert!(
        authority.starts_with("subject    CN=TEST authority,O=sscard TEST,C=CN\n"),
        "{authority}"
    );
    let tree = ok(&["inspect", "--card", &image]);
    assert!(tree.contains("PKI.社会保障/SS.CERT.ADF1"), "{tree}");
    assert!(!tree.contains("  key 0013"), "keys are shown on request");
    assert!(ok(&["inspect", "--card", &image, "--keys"]).contains("  key 0013: "));
}

const SELECT: &str = "00A404000C53532E434552542E41444631";
/// HASH of 123456, and the beginning of what comes of it.
const HASH: &str = "80C4010305C103123456";
const DIGEST: &str = "3DE741F445DD357B";

#[test]
fn a_pin_s_hash_is_hidden_wherever_an_answer_is_shown() {
    let (folder, image) = card(&[]);
    let [hidden, open, script] =
        ["hidden.jsonl", "open.jsonl", "hash.apdu"].map(|name| path(&folder, name));
    let send = ["transmit", "--card", &image, "--raw", SELECT, HASH, "00C0000020"];
    let said = ok(&[&send[..], &["--trace", &hidden]].concat());
    assert!(said.contains(&format!("< {}9000\n", "00".repeat(32))), "{said}");
    let shown = ok(&[&send[..], &["--trace", &open, "--unsafe-show-secrets"]].concat());
    assert!(shown.contains(DIGEST), "{shown}");
    let text = fs::read_to_string(&hidden).expect("a trace");
    assert!(text.contains("\"redacted_rsp\":true"), "{text}");
    fs::write(
        &script,
        format!(
            "@mode auto\n{SELECT}\nexpect sw 9000\n{HASH}\nexpect data 00\nexpect tlv 70 == 00\n"
        ),
    )
    .expect("written");
    let card = ["--card", &image];
    for args in [
        &send[..],
        &["transmit", "--card", &image, SELECT, HASH],
        &["trace", "show", &open],
        &["trace", "show", "--json", &open],
        &["trace", "diff", &open, &hidden],
        &["trace", "diff", "--json", &open, &hidden],
        &["trace", "replay", &open, card[0], card[1]],
        &["trace", "convert", &open, "--to", "jsonl", "-o", "-"],
        &["trace", "convert", &open, "--to", "apdu4j", "-o", "-"],
        &["trace", "convert", &open, "--to", "scriptor", "-o", "-"],
        &["trace", "convert", &open, "--to", "markdown", "-o", "-"],
        &["trace", "convert", &open, "--to", "html", "-o", "-"],
        &["run", card[0], card[1], &script],
        &["run", "--json", card[0], card[1], &script],
    ] {
        let (stdout, stderr, _) = run(args);
        for text in [stdout, stderr] {
            let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            assert!(!packed.contains(DIGEST), "{args:?}: {text}");
        }
    }
    let (stdout, stderr, code) = run(&["run", card[0], card[1], &script]);
    assert_eq!(code, 1);
    assert!(
        format!("{stdout}{stderr}").contains("the answer holds a secret, and is not shown"),
        "{stdout}{stderr}"
    );
    assert!(ok(&["trace", "diff", &open, &hidden]).contains("no difference"));
}
