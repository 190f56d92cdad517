//! `sscard ctl`: its text, its JSON, its exit codes.

use super::*;
use crate::sscard::run;

impl Bench {
    /// The client's stdout, stderr and exit code.
    fn ctl(&self, args: &[&str]) -> (String, String, i32) {
        let address = self.address.to_string();
        run(&[&["ctl", "--api", &address], args].concat())
    }

    fn ctl_ok(&self, args: &[&str]) -> String {
        let (out, err, code) = self.ctl(args);
        assert_eq!((code, err.as_str()), (0, ""), "{args:?}: {out}");
        out
    }

    fn ctl_fails(&self, args: &[&str], code: i32) -> String {
        let (out, err, found) = self.ctl(args);
        assert_eq!(found, code, "{args:?}: {out}{err}");
        assert!(err.starts_with("sscard: ") && err.len() > 20, "{args:?}: {err}");
        err
    }
}

#[test]
fn a_card_is_driven_from_the_command_line() {
    let bench = Bench::start(&[]);
    let slots = bench.ctl_ok(&["slots"]);
    let lines: Vec<&str> = slots.lines().collect();
    assert!(
        lines[0].starts_with("slot 0: built-in gen3, contact, without power, ATR 3B"),
        "{slots}"
    );
    assert_eq!(lines[1], "slot 1: empty");
    assert_eq!(
        bench.ctl_ok(&["cards"]),
        "card.img\nprofiles: gen1, gen2, gen3, psam-3des, psam-sm4\n"
    );
    assert!(bench.ctl_ok(&["insert", "card.img"]).starts_with("slot 0: card.img, "));
    assert_eq!(bench.ctl_ok(&["transmit", SELECT, "00 20 00 00"]), "611E\n63C6\n");
    assert_eq!(bench.ctl_ok(&["snapshot", "before"]), "before\n");
    assert_eq!(bench.ctl_ok(&["transmit", "0020000003111111"]), "63C5\n");
    assert!(bench.ctl_ok(&["restore", "before"]).contains("; snapshots: before"));
    assert_eq!(bench.ctl_ok(&["transmit", TRIES]), "63C6\n", "session and tries");
    assert_eq!(bench.ctl_ok(&["snapshot"]), "before\n");
    assert_eq!(bench.ctl_ok(&["snapshot", "before", "--forget"]), "");
    let card: Value =
        serde_json::from_str(&bench.ctl_ok(&["set", "pin_tries_left=2", "name=张某"]))
            .expect("JSON");
    assert_eq!(card["pins"][0]["tries_left"], 2);
    let shown: Value = serde_json::from_str(&bench.ctl_ok(&["card"])).expect("JSON");
    assert_eq!(shown, card);
    assert_eq!(bench.ctl_ok(&["faults", "sw=6F00@ins=84", "--seed", "7"]), "sw=6F00@ins=84\n");
    assert_eq!(bench.ctl_ok(&["transmit", "0084000008"]).len(), 21);
    let faults = bench.ctl_ok(&["faults"]);
    assert_eq!(faults, "sw=6F00@ins=84\n# command 5: sw=6F00@5\n");
    assert_eq!(bench.ctl_ok(&["faults", "--clear"]), "");
    let exchanges = bench.ctl_ok(&["exchanges", "--after", "4"]);
    assert!(exchanges.starts_with(&format!("5 api > {SELECT} < 611E  # SELECT")), "{exchanges}");
    assert!(!exchanges.contains("111111"));
    let slot = bench.ctl_ok(&["eject"]);
    assert_eq!(slot, "slot 0: empty; card.img lies beside it\n");
    bench.ctl_ok(&["insert"]);
    assert!(bench.ctl_ok(&["reset"]).contains(", powered, "));
    assert!(bench.ctl_ok(&["power", "off"]).contains(", without power, "));
    assert!(bench.ctl_ok(&["reload"]).starts_with("slot 0: card.img"));
    bench.ctl_ok(&["--slot", "1", "insert", "--profile", "gen2", "--seed", "4"]);
    let reloaded = bench.ctl_ok(&["reload", "--all"]);
    assert_eq!(reloaded.lines().count(), 2, "{reloaded}");
    assert_eq!(bench.ctl_ok(&["wait", "ready"]), "slot 0: ready\n");
    assert_eq!(bench.ctl_ok(&["wait", "idle=10"]), "slot 0: idle\n");
}

#[test]
fn its_json_is_the_api_s() {
    let bench = Bench::start(&[]);
    let json = |args: &[&str]| -> Value {
        serde_json::from_str(&bench.ctl_ok(&[&["--json"], args].concat())).expect("one document")
    };
    assert_eq!(json(&["slots"])["slots"][1], bench.ok("GET", "/api/v1/slots/1", ""));
    assert_eq!(json(&["transmit", SELECT]), json!({ "response": "611E" }));
    assert_eq!(json(&["faults"]), json!({ "faults": [], "seed": 0, "fired": [] }));
    assert_eq!(json(&["snapshot", "a"]), json!({ "snapshots": ["a"] }));
    assert_eq!(json(&["exchanges"])["events"][1]["response"], "611E");
    assert_eq!(json(&["wait", "00A4", "--after", "0"])["kind"], "exchange");
    let events = bench.ctl_ok(&["--json", "events", "--after", "0", "--count", "3"]);
    let kinds: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a document a line")["kind"].clone())
        .collect();
    assert_eq!(kinds, ["inserted", "power", "exchange"]);
    let text = bench.ctl_ok(&["events", "--after", "1", "--count", "2"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("slot 0: power on 3B"), "{text}");
    assert!(lines[1].starts_with("slot 0: 3 api > 00A40400"), "{text}");
}

#[test]
fn a_refusal_has_the_exit_code_of_its_kind() {
    let bench = Bench::start(&[]);
    bench.ctl_fails(&["transmit", "0"], 3);
    bench.ctl_fails(&["faults", "sw=6"], 3);
    bench.ctl_fails(&["set", "moon=1"], 3);
    bench.ctl_fails(&["set", "moon"], 2);
    bench.ctl_fails(&["restore", "a/b"], 2);
    bench.ctl_fails(&["wait", "moon"], 2);
    bench.ctl_fails(&["--slot", "5", "eject"], 4);
    bench.ctl_fails(&["--slot", "1", "eject"], 4);
    bench.ctl_fails(&["insert", "nobody.img"], 4);
    bench.ctl_fails(&["restore", "nothing"], 4);
    bench.ctl_fails(&["insert"], 1);
    bench.ctl_fails(&["wait", "exchange", "--timeout-ms", "20"], 5);
    bench.ctl_ok(&["insert", "card.img"]);
    bench.ctl_fails(&["--slot", "1", "insert", "card.img"], 5);
    bench.ctl_ok(&["faults", "mute@1", "remove@2"]);
    bench.ctl_fails(&["transmit", "0084000008"], 5);
    bench.ctl_fails(&["transmit", "0084000008"], 7);
    bench.ctl_ok(&["faults", "--clear"]);
    bench.ctl_ok(&["insert"]);
    let (out, _, code) = bench.ctl(&["transmit", "--check", SELECT]);
    assert_eq!((out.as_str(), code), ("611E\n", 1));
    let (_, err, code) = run(&["ctl", "slots"]);
    assert_eq!(code, 2);
    assert!(err.contains("--api") && err.contains("SSCARD_API"), "{err}");
    let (_, err, code) = run(&["ctl", "--api", "127.0.0.1:1", "slots"]);
    assert_eq!(code, 4);
    assert!(err.contains("sscard serve --api"), "{err}");
    let (_, _, code) = run(&["ctl", "--api", "unix:/no/socket", "slots"]);
    assert_eq!(code, 4);
    let (_, _, code) = run(&["ctl", "--api", "nowhere", "slots"]);
    assert_eq!(code, 2);
}

#[test]
fn the_token_is_shown_from_the_environment_too() {
    let token = "a-token-of-this-test";
    let bench = Bench::start(&["--api-token", token]);
    let address = bench.address.to_string();
    bench.ctl_fails(&["slots"], 2);
    bench.ctl_fails(&["events"], 2);
    bench.ctl_ok(&["--api-token", token, "slots"]);
    let output = program()
        .args(["ctl", "slots"])
        .envs([("SSCARD_API", address.as_str()), ("SSCARD_API_TOKEN", token)])
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(0));
}
