//! `--fault` and its like of `serve`: each slot has them, and what they came to replays.

use super::driver::{CHALLENGE, connection, exchange, send, with_driver};
use super::*;
use crate::sscard::run;

/// A driver's session with a card that goes away on its way and comes again: the answers.
fn session(options: &[&str]) -> Vec<String> {
    let (mut bench, listener) = with_driver(options);
    let mut driver = connection(&listener);
    let mut answers = vec![exchange(&mut driver, &[4])];
    answers.push(exchange(&mut driver, &CHALLENGE));
    answers.push(exchange(&mut driver, &CHALLENGE));
    send(&mut driver, &CHALLENGE);
    assert_eq!(driver.read(&mut [0; 1]).expect("read"), 0, "the card is gone");
    bench.ok("POST", "/api/v1/slots/0/insert", "");
    let mut driver = connection(&listener);
    answers.push(exchange(&mut driver, &[4]));
    answers.push(exchange(&mut driver, &CHALLENGE));
    answers.push(exchange(&mut driver, &CHALLENGE));
    assert_eq!(bench.signal("-TERM"), Some(0), "{}", bench.said());
    answers.iter().map(hex::encode_upper).collect()
}

#[test]
fn what_faults_came_to_over_two_insertions_replays_byte_for_byte() {
    let folder = TempDir::new().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (log, again) = (path("log.toml"), path("again.toml"));
    let asked = ["flip@ins=84", "sw=6100@2", "remove@3,insert=1", "atr=3B00@insert=2"];
    let faults: Vec<&str> = asked.iter().flat_map(|fault| ["--fault", fault]).collect();
    let first = session(&[&faults[..], &["--fault-seed", "5", "--fault-log", &log]].concat());
    let plain = session(&["--fault", "remove@3,insert=1"]);
    assert_eq!(first[3], "3B00");
    assert_eq!(first[0], plain[0]);
    for (place, status) in [(1, "9000"), (2, "6100"), (4, "9000"), (5, "6100")] {
        let bits = |text: &str| u64::from_str_radix(&text[..16], 16).expect("eight bytes");
        assert_eq!(first[place][16..], *status);
        assert_eq!((bits(&first[place]) ^ bits(&plain[place])).count_ones(), 1, "{place}");
    }
    let recipe = fs::read_to_string(&log).expect("a recipe");
    let asked: String = asked.iter().map(|fault| format!("    \"{fault}\",\n")).collect();
    assert!(recipe.starts_with(&format!("seed = 5\nfaults = [\n{asked}]\n")), "{recipe}");
    let struck: Vec<&str> = recipe.lines().filter(|line| line.starts_with("fault = ")).collect();
    let kinds: Vec<String> = struck
        .iter()
        .map(|line| {
            let (action, when) = line[9..line.len() - 1].split_once('@').expect("a fault");
            format!("{}@{when}", action.split('=').next().expect("a name"))
        })
        .collect();
    let wanted = [
        "flip@1",
        "flip@2",
        "sw@2",
        "remove@3",
        "atr@power=1,insert=2",
        "flip@1,insert=2",
        "flip@2,insert=2",
        "sw@2,insert=2",
    ];
    assert_eq!(kinds, wanted, "{recipe}");
    assert_eq!(session(&["--faults", &log, "--fault-log", &again]), first);
    assert_eq!(fs::read_to_string(&again).expect("a recipe"), recipe);
}

#[test]
fn each_slot_has_the_faults_of_the_command_line() {
    let faults = ["--fault", "sw=6F01@2", "--fault", "data=@ins=B0", "--fault-seed", "9"];
    let bench = Bench::start(&faults);
    bench.ok("POST", "/api/v1/slots/1/insert", r#"{"profile":"gen2","seed":3}"#);
    for slot in 0..2 {
        let path = format!("/api/v1/slots/{slot}");
        let set = bench.ok("GET", &format!("{path}/faults"), "");
        assert_eq!(
            (&set["faults"], &set["seed"]),
            (&json!(["sw=6F01@2", "data=@ins=B0"]), &json!(9))
        );
        let transmit = |apdu: &str| {
            let body = json!({ "apdu": apdu }).to_string();
            let answer = bench.ok("POST", &format!("{path}/transmit"), &body);
            answer["response"].as_str().expect("hex").to_owned()
        };
        assert!(transmit("0084000008").ends_with("9000"));
        assert!(transmit("0084000008").ends_with("6F01"));
        assert!(transmit("0084000008").ends_with("9000"));
    }
    bench.ok("DELETE", "/api/v1/slots/1/faults", "");
    let set = |slot: usize| bench.ok("GET", &format!("/api/v1/slots/{slot}/faults"), "");
    assert_eq!((&set(0)["faults"][0], &set(1)["faults"]), (&json!("sw=6F01@2"), &json!([])));
}

#[test]
fn a_card_that_is_mute_from_its_beginning_waits_for_a_reset() {
    let (bench, listener) = with_driver(&["--fault", "mute@1"]);
    let mut driver = connection(&listener);
    send(&mut driver, &CHALLENGE);
    driver.set_read_timeout(Some(Duration::from_millis(300))).expect("set");
    assert!(driver.read(&mut [0; 1]).is_err(), "nothing comes");
    driver.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    driver.write_all(&[0, 1, 2]).expect("reset");
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10);
    assert_eq!(bench.slot()["commands"], 2);
}

#[test]
fn a_served_cards_power_is_cut_while_it_writes_and_its_file_is_sound() {
    let folder = TempDir::new().expect("folder");
    let image = folder.path().join("cut.img");
    new_card(&image, "7");
    let image = image.display().to_string();
    let (mut bench, listener) = with_driver(&["--fault", "cut=0@2", &image]);
    let mut driver = connection(&listener);
    exchange(&mut driver, &hex::decode(SELECT).expect("hex"));
    let wrong = hex::decode("0020000003111111").expect("hex");
    send(&mut driver, &wrong);
    assert_eq!(driver.read(&mut [0; 1]).expect("read"), 0, "the driver waits in vain");
    let mut driver = connection(&listener);
    exchange(&mut driver, &hex::decode(SELECT).expect("hex"));
    assert_eq!(
        exchange(&mut driver, &[0x00, 0x20, 0x00, 0x00]),
        [0x63, 0xC6],
        "nothing was written"
    );
    assert_eq!(bench.signal("-TERM"), Some(0));
    let seen = crate::sscard::json(&["inspect", "--card", &image, "--json"]);
    assert_eq!(seen["pins"][0]["tries_left"], 6);
}

#[test]
fn what_cannot_be_meant_is_refused_before_a_card_is_served() {
    let log = std::env::temp_dir().join("sscard-no-such-log.toml").display().to_string();
    for (options, said) in [
        (
            &["--fault-log", &log][..],
            "sscard: --fault-log: one recipe belongs to one slot: add --slots 1\n",
        ),
        (
            &["--fault", "mute@0"],
            "sscard: --fault mute@0, character 6: '0' is not a number from 1 on\n",
        ),
    ] {
        let (stdout, stderr, code) = run(&[&["serve", "/nowhere/card.img"], options].concat());
        assert_eq!((stdout.as_str(), stderr.as_str(), code), ("", said, 2));
    }
}
