//! `sscard evil`, and `--evil` in the commands that talk to a card.

use std::fs;

use crate::sscard::{folder, json, ok, path, run};

const PAY: [&str; 7] = ["pay", "--amount", "12.34", "--pin", "123456", "--date", "2026-11-24"];

#[test]
fn every_card_is_listed_in_a_line() {
    let list = ok(&["evil", "list"]);
    assert!(list.lines().count() >= 25);
    let wedge = list.lines().find(|line| line.starts_with("pin-wedge ")).expect("listed");
    let words: Vec<&str> =
        wedge.split("  ").map(str::trim).filter(|word| !word.is_empty()).collect();
    assert_eq!(
        words,
        [
            "pin-wedge",
            "issuer, reader",
            "VERIFY is answered 9000 whatever the PIN; the card never sees one."
        ]
    );
    let some = ok(&["evil", "list", "certificate-"]);
    assert!(some.lines().count() > 3 && some.lines().all(|line| line.starts_with("certificate-")));
    let (stdout, stderr, code) = run(&["evil", "list", "zzz"]);
    let said = "sscard: no evil card has 'zzz' in its name; 'sscard evil list' shows all\n";
    assert_eq!((stdout.as_str(), stderr.as_str(), code), ("", said, 2));
}

#[test]
fn the_list_is_a_document_too() {
    let all = json(&["evil", "list", "--json"]);
    let cards = all["cards"].as_array().expect("a list");
    assert_eq!(cards.len(), ok(&["evil", "list"]).lines().count());
    let wedge = &json(&["evil", "list", "pin-wedge", "--json"])["cards"][0];
    assert_eq!(wedge["name"], "pin-wedge");
    assert_eq!(wedge["attack"], "wedge");
    assert_eq!(wedge["source"], "IEEE S&P 2010");
    assert_eq!(wedge["caught_by"], serde_json::json!(["issuer", "reader"]));
    assert_eq!(wedge["faults"], serde_json::json!(["instead:sw=9000@ins=20"]));
    assert_eq!(wedge["card"], serde_json::Value::Null);
    assert!(wedge["right"].as_array().is_some_and(|right| !right.is_empty()));
}

#[test]
fn a_name_that_is_none_is_refused_with_names_like_it() {
    let near = "near to it: pin-wedge, pin-tries-0, pin-tries-15, pin-tries-ff, pin-state-lost";
    for (args, option) in [
        (vec!["evil", "show", "pin-wedg"], ""),
        (vec!["read", "--evil", "pin-wedg"], "--evil: "),
        ([&PAY[..], &["--evil", "pin-wedg"]].concat(), "--evil: "),
        (vec!["transmit", "--evil", "pin-wedg", "0084000008"], "--evil: "),
    ] {
        let (stdout, stderr, code) = run(&args);
        let said = format!("sscard: {option}there is no evil card 'pin-wedg'; {near}\n");
        assert_eq!((stdout.as_str(), stderr, code), ("", said, 2), "{args:?}");
    }
    let (_, stderr, code) = run(&["read", "--evil", "zzzzzzzz"]);
    let said = "sscard: --evil: there is no evil card 'zzzzzzzz'; 'sscard evil list' shows all\n";
    assert_eq!((stderr.as_str(), code), (said, 2));
}

#[test]
fn what_is_shown_plays_the_same_to_the_byte() {
    let folder = folder(&[]);
    let file = path(&folder, "recipe.toml");
    let read = ["read", "--all", "--pin", "123456", "--date", "2026-11-24"];
    for (name, command) in [
        ("pin-wedge", &PAY[..]),
        ("pin-wedge", &read),
        ("cvm-downgrade", &PAY),
        ("certificate-revoked", &PAY),
        ("6c-for-ever", &read),
        ("name-full", &read),
        ("dates-impossible", &read),
        ("removed-inside", &PAY),
    ] {
        fs::write(&file, ok(&["evil", "show", name])).expect("written");
        let by_name = run(&[command, &["--evil", name]].concat());
        let by_file = run(&[command, &["--faults", &file]].concat());
        assert_eq!(by_name, by_file, "{name}");
        assert_ne!(by_name, run(command), "{name}");
        // And what a run came to, too, with the card that it had.
        let log = path(&folder, "log.toml");
        let logged = run(&[command, &["--evil", name, "--fault-log", &log]].concat());
        assert_eq!(logged, by_name, "{name}");
        assert_eq!(run(&[command, &["--faults", &log]].concat()), by_name, "{name}");
        fs::remove_file(&log).expect("there");
    }
    let text = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../faults/recipes/pin-wedge.toml"
    ));
    assert_eq!(ok(&["evil", "show", "pin-wedge"]), text.expect("the recipe"));
}

#[test]
fn one_recipe_at_a_time_and_more_faults_beside_it() {
    let (_, stderr, code) = run(&["read", "--evil", "pin-wedge", "--faults", "x.toml"]);
    assert!(stderr.contains("'--evil <NAME>' cannot be used with '--faults <FILE>'"), "{stderr}");
    assert_eq!(code, 2);
    let (stdout, ..) = run(&[
        "transmit",
        "--raw",
        "--evil",
        "pin-wedge",
        "--fault",
        "sw=6F01@2",
        "0020000003999999",
        "0084000008",
    ]);
    let answers: Vec<&str> = stdout.lines().filter_map(|line| line.strip_prefix("< ")).collect();
    assert_eq!(answers[0], "9000");
    assert!(answers[1].ends_with("6F01"), "{answers:?}");
}

#[test]
fn a_card_of_ones_own_stays_what_it_is() {
    let folder = folder(&[]);
    let image = path(&folder, "card.img");
    ok(&["new", "--profile", "gen2", "-o", &image]);
    let date = ["--date", "2026-11-24"];
    let plain = run(&[&["read", "--card", &image][..], &date].concat());
    let (stdout, stderr, code) =
        run(&[&["read", "--card", &image, "--evil", "name-full"][..], &date].concat());
    assert_eq!((&stdout, code), (&plain.0, plain.2));
    let said = "sscard: the recipe has a card of its own in the place of the built-in one: this card stays what it is\n";
    assert_eq!(stderr, said);
}

#[test]
fn a_payment_says_why_it_was_declined() {
    let (stdout, stderr, code) = run(&[&PAY[..], &["--evil", "pin-wedge"]].concat());
    let end: Vec<&str> = stdout.lines().rev().take(2).collect();
    let reason = "reason: the issuer declined: the terminal says that the card checked the PIN, and the card saw none";
    assert_eq!(end, ["declined: 12.34 CNY", reason]);
    assert_eq!((stderr.as_str(), code), ("", 0));
    let document = json(&[&PAY[..], &["--evil", "pin-wedge", "--json"]].concat());
    assert_eq!(document["outcome"], "declined");
    assert_eq!(format!("reason: {}", document["reason"].as_str().expect("text")), reason);
}

/// Served, the recipe's card takes the place of the built-in one too.
#[cfg(unix)]
#[test]
fn a_recipes_card_is_served() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let folder = folder(&[]);
    let socket = format!("unix:{}", path(&folder, "api"));
    let mut serving = crate::sscard::program()
        .args(["serve", "--no-driver", "--slots", "1", "--api", &socket, "--evil", "name-full"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(serving.stdout.take().expect("stdout")).lines();
    let said = lines.next().expect("a line").expect("text");
    let slots = run(&["ctl", "--api", &socket, "slots"]);
    serving.kill().expect("ends");
    serving.wait().expect("ended");
    assert!(said.starts_with("api "), "{said}");
    assert_eq!(slots.2, 0, "{}", slots.1);
    assert!(slots.0.contains("the recipe's card"), "{}", slots.0);
}
