//! Terminals' security modules (PSAM) from the program: made, looked at, read with, paid with.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::sscard::{json, ok, program, run};

fn example(name: &str) -> String {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"));
    folder.join(name).display().to_string()
}

/// A card and a module in a folder of their own.
fn made(card: &str, module: &str) -> (TempDir, String, String) {
    let folder = TempDir::new().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (image, psam) = (path("card.img"), path("psam.img"));
    ok(&["new", "--profile", card, "-o", &image]);
    ok(&["new", "--profile", module, "-o", &psam]);
    (folder, image, psam)
}

#[test]
fn read_with_a_module_shows_what_read_shows() {
    for (card, module) in [("gen1", "psam-3des"), ("gen2", "psam-3des"), ("gen3", "psam-sm4")] {
        let (_folder, image, psam) = made(card, module);
        let arguments = ["read", "--card", &image, "--all", "--date", "2026-11-24", "--json"];
        let software = json(&arguments);
        let slot = json(&[&arguments[..], &["--psam", &psam]].concat());
        assert_eq!(software, slot, "{card}");
        assert!(slot["holder"]["name"].is_string(), "{card}");
    }
}

#[test]
fn a_hospital_s_module_reads_a_card() {
    let (_folder, image, psam) = made("gen2", &example("psam.toml"));
    let (stdout, stderr, code) = run(&["read", "--card", &image, "--psam", &psam]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    assert!(stdout.contains("孙测戊") || stdout.contains("姓名"), "{stdout}");
}

#[test]
fn a_module_of_the_other_algorithm_a_card_and_a_file_that_is_not_there() {
    let (folder, image, psam) = made("gen2", "psam-sm4");
    let read = |slot: &str| run(&["read", "--card", &image, "--psam", slot]);
    let (_, stderr, code) = read(&psam);
    assert!(stderr.contains("for cards with SM4, and this card has 3DES"), "{stderr}");
    assert_eq!(code, 1);
    let other = folder.path().join("other.img").display().to_string();
    ok(&["new", "--profile", "gen3", "-o", &other]);
    let (_, stderr, code) = read(&other);
    assert!(stderr.contains("not a security module"), "{stderr}");
    assert_eq!(code, 1);
    let (_, stderr, code) = read("missing.img");
    assert!(stderr.contains("missing.img"), "{stderr}");
    assert_eq!(code, 3);
    // Both slots cannot hold one card.
    let (_, stderr, code) = read(&image);
    assert_ne!(code, 0, "{stderr}");
}

#[test]
fn inspect_shows_a_module_and_its_keys_by_address() {
    let (_folder, image, psam) = made("gen2", "psam-3des");
    let (stdout, stderr, code) = run(&["inspect", "--card", &psam]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    for line in [
        "kind       security module (PSAM)",
        "counter    0 purchases",
        "master key 3 of 3 tries left",
        "keys       149 at 155 addresses",
        "  key 004C usage 67 id 0A v1 RK_SSSE",
        "  key 0094 usage 48 id 12 v1 UK_SSSE",
        "  key 0180 usage 62 id 01 v2 DPK        free",
    ] {
        assert!(stdout.lines().any(|shown| shown == line), "{line}: {stdout}");
    }
    assert!(!stdout.contains("TEST key") && !stdout.contains("PIN"), "{stdout}");
    let document = json(&["inspect", "--card", &psam, "--json", "--keys"]);
    assert_eq!(document["kind"], "psam");
    assert_eq!(document["pins"], Value::Array(Vec::new()));
    assert_eq!(document["security_module"]["keys"][0]["address"], "004C");
    let master = &document["keys"][0];
    assert_eq!((&master["application"], &master["name"]), (&"PSAM".into(), &"MK".into()));
    assert_eq!(document["keys"].as_array().map(Vec::len), Some(1 + 149));
    let card = json(&["inspect", "--card", &image, "--json"]);
    assert_eq!((&card["kind"], &card["security_module"]), (&"card".into(), &Value::Null));
}

#[test]
fn a_purchase_in_two_slots_is_kept_in_both_images() {
    let (_folder, image, psam) = made("gen2", &example("psam.toml"));
    let script = example("psam_purchase.apdu");
    // The script names a card and a module; the command line goes first.
    ok(&["run", "--card", &image, "--psam", &psam, &script]);
    assert_eq!(json(&["inspect", "--card", &psam, "--json"])["security_module"]["counter"], 2);
    let purse = json(&["inspect", "--card", &image, "--json"])["medical_purse"].clone();
    assert_eq!((&purse["balance_cents"], &purse["purchases"]), (&750.into(), &1.into()));
}

#[test]
fn a_second_slot_that_is_empty_is_told() {
    let folder = TempDir::new().expect("folder");
    let script = folder.path().join("s.apdu");
    std::fs::write(&script, "@slot psam\nget_challenge 8\n").expect("script");
    let (_, stderr, code) = run(&["run", &script.display().to_string()]);
    assert!(stderr.contains("there is no security module in a second slot"), "{stderr}");
    assert_eq!(code, 1);
    write(&script, "@psam gen3\nget_challenge 8\n");
    let (_, stderr, code) = run(&["run", &script.display().to_string()]);
    assert!(stderr.contains("it is a holder's card"), "{stderr}");
    assert_eq!(code, 3);
    write(&script, "@psam psam-4des\nget_challenge 8\n");
    let (_, stderr, code) = run(&["run", &script.display().to_string()]);
    assert!(stderr.contains("no such profile"), "{stderr}");
    assert_eq!(code, 3);
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("script");
}

#[test]
fn a_slot_holds_to_the_end_of_its_block() {
    let folder = TempDir::new().expect("folder");
    let script = folder.path().join("s.apdu");
    write(
        &script,
        "@profile gen2\n@psam psam-3des\n@mode auto\ncase \"module\" {\n  @slot psam\n  select D15600000590\n    expect sw 9000\n}\n\
         select DF01\n  expect sw 6A82\nselect SSSE\n  expect sw 9000\nread_record sfi=5 rec=1\n  expect sw 9000\n",
    );
    let (stdout, stderr, code) = run(&["run", &script.display().to_string()]);
    assert_eq!((stderr.as_str(), code), ("", 0), "{stdout}");
    assert!(stdout.contains("# slot psam") && stdout.contains("# slot card"), "{stdout}");
}

#[test]
fn the_desk_takes_no_module_for_a_holder_s_card() {
    let folder = TempDir::new().expect("folder");
    let register = folder.path().join("desk.db").display().to_string();
    let (_, stderr, code) =
        run(&["desk", "--register", &register, "init", "--profile", "psam-sm4"]);
    assert_ne!(code, 0, "{stderr}");
}

/// One exchange with a served card; the card is powered.
fn exchange(stream: &mut TcpStream, command: &[u8]) -> Vec<u8> {
    let length = u16::try_from(command.len()).expect("short").to_be_bytes();
    stream.write_all(&[&length[..], command].concat()).expect("sent");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("length");
    let mut response = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut response).expect("response");
    response
}

#[test]
fn a_card_and_a_module_are_served_in_two_slots() {
    let (_folder, image, psam) = made("gen2", "psam-3des");
    // Two ports in a row that nobody has.
    let (first, second) = (20_000..60_000_u16)
        .step_by(2)
        .find_map(|port| {
            let first = TcpListener::bind(("127.0.0.1", port)).ok()?;
            Some((first, TcpListener::bind(("127.0.0.1", port + 1)).ok()?))
        })
        .expect("two ports");
    let port = first.local_addr().expect("address").port().to_string();
    let mut served = program()
        .args(["serve", "--quiet", "--port", &port, &image, &psam])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("serves");
    let mut slots = [first, second].map(|slot| {
        let (mut stream, _) = slot.accept().expect("a card");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        stream.write_all(&[0, 1, 1]).expect("power on");
        stream
    });
    let [card, module] = &mut slots;
    let application = [0x00, 0xA4, 0x04, 0x00, 0x06, 0xD1, 0x56, 0x00, 0x00, 0x05, 0x90];
    assert_eq!(exchange(card, &application), [0x6A, 0x82]);
    assert_eq!(exchange(module, &application), [0x61, 0x0A]);
    served.kill().expect("ended");
    served.wait().expect("gone");
}

/// Which reader each line of a trace names, in the order of their first lines.
fn readers(trace: &str) -> Vec<String> {
    let text = std::fs::read_to_string(trace).expect("a trace");
    let mut seen = Vec::new();
    for line in text.lines().skip(1) {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let reader = line["reader"].as_str().expect("a reader").to_owned();
        if !seen.contains(&reader) {
            seen.push(reader);
        }
    }
    seen
}

#[test]
fn the_shell_speaks_to_a_module_in_a_second_slot_and_a_trace_has_both() {
    let (folder, image, psam) = made("gen2", "psam-3des");
    let trace = folder.path().join("both.jsonl").display().to_string();
    let both = ["sscard virtual reader 2", "sscard virtual reader"];
    let mut shell = program();
    shell.args(["shell", "--card", &image, "--psam", &psam, "--trace", &trace]);
    let lines = "@mode auto\n@slot psam\nselect D15600000590\nexpect sw 9000\n@slot card\n\
        select SSSE\nexpect sw 9000\n@slot psam\nget_challenge 8\nexpect sw 9000\n";
    let output = crate::sscard::piped(&mut shell, lines);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("# slot psam") && said.contains("# slot card"), "{said}");
    assert_eq!(readers(&trace), both);
    ok(&["read", "--card", &image, "--psam", &psam, "--date", "2026-11-24", "--trace", &trace]);
    assert_eq!(readers(&trace), both);
    let text = std::fs::read_to_string(&trace).expect("a trace");
    assert!(text.contains("\"cmd\":\"BFDE"), "the module's session keys are in it");
    // The module's own image keeps what became of it.
    let script = example("psam_purchase.apdu");
    let hospital = folder.path().join("hospital.img").display().to_string();
    ok(&["new", "--profile", &example("psam.toml"), "-o", &hospital]);
    ok(&["run", "--card", &image, "--psam", &hospital, "--trace", &trace, &script]);
    assert_eq!(readers(&trace), both);
    let module = &json(&["inspect", "--card", &hospital, "--json"])["security_module"];
    assert_eq!(module["counter"], 2);
}
