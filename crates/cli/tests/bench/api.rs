//! Every place of the API.

use std::thread;
use std::time::{Duration, Instant};

use super::*;

const CARD: &str = "/api/v1/slots/0/card";

#[test]
fn slots_are_listed_and_an_unknown_one_is_404() {
    let bench = Bench::start(&[]);
    let slots = bench.ok("GET", "/api/v1/slots", "");
    assert_eq!(slots["slots"].as_array().map(Vec::len), Some(2));
    let first = &slots["slots"][0];
    assert_eq!(first["card"], "built-in gen3");
    assert_eq!(first["powered"], false);
    assert_eq!(first["ready"], true);
    assert_eq!(first["interface"], "contact");
    assert!(first["atr"].as_str().is_some_and(|atr| atr.starts_with("3B")), "{first}");
    assert_eq!(slots["slots"][1]["card"], Value::Null);
    assert_eq!(bench.slot()["atr"], first["atr"]);
    for path in ["/api/v1/slots/2", "/api/v1/slots/2/card", "/api/v1/slots/x", "/api/v1/slots/%30"]
    {
        assert_eq!(bench.refused("GET", path, "").0, 404, "{path}");
    }
    assert_eq!(bench.refused("POST", "/api/v1/slots/9/transmit", "{}").0, 404);
    let cards = bench.ok("GET", "/api/v1/cards", "");
    assert_eq!(cards["cards"], json!(["card.img"]));
    assert!(cards["profiles"].as_array().is_some_and(|names| names.contains(&json!("gen2"))));
}

#[test]
fn a_card_comes_and_goes() {
    let bench = Bench::start(&[]);
    let insert = "/api/v1/slots/0/insert";
    assert_eq!(bench.ok("POST", "/api/v1/slots/0/eject", "")["ejected"], "built-in gen3");
    assert_eq!(bench.refused("POST", "/api/v1/slots/0/eject", "").0, 409);
    assert_eq!(bench.refused("POST", "/api/v1/slots/0/transmit", r#"{"apdu":"00840000"}"#).0, 409);
    assert_eq!(bench.refused("POST", "/api/v1/slots/0/reset", "").0, 409);
    assert_eq!(bench.ok("POST", insert, "")["card"], "built-in gen3");
    assert_eq!(bench.refused("POST", insert, "{}").0, 409, "it is in");
    assert_eq!(bench.ok("POST", insert, r#"{"card":"card.img"}"#)["card"], "card.img");
    assert_eq!(bench.transmit(SELECT), "611E");
    assert_eq!(bench.transmit("0020000003111111"), "63C5");
    // The same card again: taken out and put in.
    assert_eq!(bench.ok("POST", insert, r#"{"card":"card.img"}"#)["powered"], false);
    bench.transmit(SELECT);
    assert_eq!(bench.transmit(TRIES), "63C5");
    assert_eq!(bench.refused("POST", "/api/v1/slots/1/insert", r#"{"card":"card.img"}"#).0, 409);
    let made = r#"{"profile":"gen2","seed":77}"#;
    assert_eq!(bench.ok("POST", "/api/v1/slots/1/insert", made)["card"], "gen2 seed 77");
    // What left its slot is free for others.
    bench.ok("POST", insert, made);
    let image = bench.folder.path().join("cards/card.img").display().to_string();
    let card = crate::sscard::json(&["inspect", "--json", "--card", &image]);
    assert_eq!(card["pins"][0]["tries_left"], 5, "what was answered is kept");
    for (body, status) in [
        (r#"{"profile":"gen9"}"#, 404),
        (r#"{"profile":"/etc/passwd"}"#, 404),
        (r#"{"card":"other.img"}"#, 404),
        (r#"{"card":"card.img","seed":1}"#, 422),
        (r#"{"seed":1}"#, 422),
        (r#"{"profile":"gen3","seed":-1}"#, 422),
        (r#"{"cart":"card.img"}"#, 422),
        ("[", 422),
    ] {
        assert_eq!(bench.refused("POST", insert, body).0, status, "{body}");
    }
}

#[test]
fn a_card_is_the_same_by_whatever_name() {
    let folder = TempDir::new().expect("folder");
    let cards = folder.path().join("cards");
    fs::create_dir(&cards).expect("folder");
    let image = cards.join("one.img");
    new_card(&image, "3");
    let (image, cards) = (image.display().to_string(), cards.display().to_string());
    let mut bench = Bench::start(&["--cards", &cards, &image]);
    assert_eq!(bench.slot()["card"], image);
    bench.transmit(SELECT);
    // The card of the command line is that of the folder.
    let again = bench.ok("POST", "/api/v1/slots/0/insert", r#"{"card":"one.img"}"#);
    assert_eq!((&again["card"], &again["powered"]), (&json!(image), &json!(false)));
    let (status, sentence) =
        bench.refused("POST", "/api/v1/slots/1/insert", r#"{"card":"one.img"}"#);
    assert_eq!((status, sentence.as_str()), (409, "slot 0 has the card 'one.img'"));
    assert_eq!(bench.signal("-TERM"), Some(0));
}

#[test]
fn a_card_is_made_of_a_profile_of_the_folder() {
    let bench = Bench::start(&[]);
    let cards = bench.folder.path().join("cards");
    let own = "base = \"gen2\"\nname = \"own\"\n[state]\npin_tries_left = 2\n";
    fs::write(cards.join("own.toml"), own).expect("written");
    fs::write(cards.join("wrong.toml"), "base = 7\n").expect("written");
    let insert = |body: &str| bench.ask("POST", "/api/v1/slots/0/insert", body);
    assert_eq!(insert(r#"{"profile":"own.toml","seed":4}"#).0, 200);
    let card = bench.ok("GET", CARD, "");
    assert_eq!((&card["profile"], &card["pins"][0]["tries_left"]), (&json!("own"), &json!(2)));
    let (status, answer) = insert(r#"{"profile":"wrong.toml"}"#);
    assert_eq!(status, 422, "{answer}");
    assert!(answer["error"].as_str().is_some_and(|text| text.contains(":1:")), "{answer}");
    assert_eq!(insert(r#"{"profile":"../own.toml"}"#).0, 404);
    assert_eq!(insert(r#"{"profile":"none.toml"}"#).0, 404);
    let profiles = bench.ok("GET", "/api/v1/cards", "")["profiles"].clone();
    assert!(profiles.as_array().is_some_and(|all| all.contains(&json!("own.toml"))), "{profiles}");
}

#[test]
fn no_card_outside_the_folder_is_inserted() {
    let bench = Bench::start(&[]);
    let folder = bench.folder.path();
    new_card(&folder.join("outside.img"), "1");
    std::os::unix::fs::symlink(folder.join("outside.img"), folder.join("cards/link.img"))
        .expect("link");
    std::os::unix::fs::symlink(folder, folder.join("cards/up")).expect("link");
    fs::create_dir(folder.join("cards/more")).expect("folder");
    new_card(&folder.join("cards/more/inside.img"), "1");
    fs::write(folder.join("cards/text"), "SSCARD and no more").expect("written");
    let outside = folder.join("outside.img").display().to_string();
    for name in [
        "../outside.img",
        "more/../../outside.img",
        "./card.img/../../outside.img",
        "link.img",
        "up/outside.img",
        "/etc/passwd",
        &outside,
        "more",
        "",
        ".",
        "..",
        "card.img\0",
        "..\\outside.img",
    ] {
        let body = json!({ "card": name }).to_string();
        let (status, sentence) = bench.refused("POST", "/api/v1/slots/0/insert", &body);
        assert_eq!(status, 404, "{name}: {sentence}");
    }
    assert_eq!(bench.slot()["card"], "built-in gen3", "nothing has changed");
    let (status, _) = bench.refused("POST", "/api/v1/slots/0/insert", r#"{"card":"text"}"#);
    assert_eq!(status, 422, "no image");
    let inside = bench.ok("POST", "/api/v1/slots/0/insert", r#"{"card":"more/inside.img"}"#);
    assert_eq!(inside["card"], "more/inside.img");
    assert_eq!(
        bench.ok("GET", "/api/v1/cards", "")["cards"],
        json!(["card.img", "more/inside.img", "text"])
    );
}

#[test]
fn the_card_is_shown_and_changed() {
    let bench = Bench::start(&[]);
    bench.ok("POST", "/api/v1/slots/0/insert", r#"{"card":"card.img"}"#);
    let patch = |changes: Value| bench.ok("PATCH", CARD, &changes.to_string());
    let before = bench.ok("GET", CARD, "");
    assert_eq!(before["pins"][0]["tries_left"], 6);
    assert_eq!(before["keys"], Value::Null, "no keys without the flag");
    bench.transmit(SELECT);
    let card = patch(json!({ "pin_tries_left": 1 }));
    assert_eq!(card["pins"][0]["tries_left"], 1);
    assert_eq!(bench.transmit(TRIES), "63C1", "session and power stay");
    assert_eq!(patch(json!({})), card, "nothing is asked for");
    // Items of new --set, by name and by tag.
    let card = patch(json!({ "name": "张某", "0C": "110101", "expiry_date": 20301231 }));
    let text = card.to_string();
    assert!(text.contains("张某") && text.contains("20301231"), "{text}");
    let card = patch(json!({ "expired": true }));
    assert!(card.to_string().contains("20191231"));
    // Blocked is exactly what is listed.
    let card = patch(json!({ "blocked": ["SSSE", "A000000333010101"] }));
    assert_eq!(card["life_cycle"], "application_blocked");
    assert_eq!(card["accounts"][0]["blocked"], true);
    assert_eq!(patch(json!({ "blocked": ["card"] }))["life_cycle"], "card_blocked");
    assert_eq!(bench.transmit(SELECT), "6A81");
    let card = patch(json!({ "blocked": [] }));
    assert_eq!(card["life_cycle"], "activated");
    assert_eq!(card["accounts"][0]["blocked"], false);
    assert_eq!(patch(json!({ "life_cycle": "deactivated" }))["life_cycle"], "deactivated");
    patch(json!({ "life_cycle": "activated" }));
    // Files, counters, keys.
    let card = patch(json!({ "files": { "SSSE/EF08": "FFD8FF" }, "keys": { "SSSE/06": 0 } }));
    assert!(card.to_string().contains("FFD8FF"), "{card}");
    let accounts =
        json!([{ "aid": "A000000333010101", "pin_tries_left": 1, "atc": 7, "last_online_atc": 5 }]);
    let card = patch(json!({ "accounts": accounts }));
    assert_eq!(card["pins"][1]["tries_left"], 1, "{}", card["pins"]);
    assert_eq!(card["accounts"][0]["atc"], 7);
    // It is in the card's file.
    bench.ok("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    let image = bench.folder.path().join("cards/card.img").display().to_string();
    let kept = crate::sscard::json(&["inspect", "--json", "--card", &image]);
    assert_eq!(kept["accounts"][0]["atc"], 7);
    assert_eq!(kept["pins"][0]["tries_left"], 1);
}

#[test]
fn a_purse_is_changed() {
    let bench = Bench::start(&[]);
    let purse = json!({ "purse": { "balance": 12_345, "year": "2026", "loads": 3 } }).to_string();
    bench.ok("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen1"}"#);
    let (status, answer) = bench.ask("PATCH", CARD, &purse);
    if status == 200 {
        assert_eq!(answer["medical_purse"]["balance_cents"], 12_345);
    } else {
        assert_eq!(status, 422, "{answer}");
    }
}

#[test]
fn a_change_that_is_wrong_changes_nothing() {
    let bench = Bench::start(&[]);
    let before = bench.ok("GET", CARD, "");
    for (changes, said) in [
        (r#"{"pin_tries_left":99}"#, "6 tries in all"),
        (r#"{"pin_tries_left":-1}"#, "-1"),
        (r#"{"pin_tries_left":1,"moon":2}"#, "moon"),
        (r#"{"name":5,"blocked":["DF99"]}"#, "DF99"),
        (r#"{"name":[]}"#, "name"),
        (r#"{"name":"\ud83d\ude00"}"#, "name"),
        (r#"{"expired":false}"#, "expiry_date"),
        (r#"{"files":{"SSSE/EF08":"0"}}"#, "SSSE/EF08"),
        (r#"{"files":{"SSSE/EF08":"@/etc/passwd"}}"#, "hexadecimal"),
        (r#"{"files":{"SSSE/EF99":"00"}}"#, "EF99"),
        (r#"{"accounts":[{"aid":"00"}]}"#, "00"),
        (r#"{"keys":{"SSSE/06":99}}"#, "tries"),
        (
            r#"{"pin_tries_left":1,"accounts":[{"aid":"A000000333010101","pin_tries_left":9}]}"#,
            "3 tries",
        ),
        ("[]", "object"),
        ("", "body"),
        (r#"{"clock":"x"}"#, "clock"),
        (r#"{"pin_tries_left":1,"clock":0}"#, "clock"),
        (r#"{"pin_tries_left":99,"clock":3600000}"#, "tries"),
    ] {
        let (status, sentence) = bench.refused("PATCH", CARD, changes);
        assert_eq!(status, 422, "{changes}: {sentence}");
        assert!(sentence.contains(said), "{changes}: {sentence}");
    }
    assert_eq!(bench.ok("GET", CARD, ""), before);
    assert!(bench.slot()["clock_ms"].as_u64().is_some_and(|clock| clock < 3_600_000));
}

#[test]
fn keys_are_shown_with_the_flag_alone() {
    let bench = Bench::start(&["--keys"]);
    let card = bench.ok("GET", CARD, "");
    assert!(card["keys"].as_array().is_some_and(|keys| keys.len() > 5));
    bench.transmit(SELECT);
    bench.transmit("0020000003123456");
    let events = bench.ok("GET", "/api/v1/slots/0/exchanges", "")["events"].clone();
    assert_eq!(events[2]["command"], "0020000003123456");
}

#[test]
fn a_snapshot_has_session_and_memory() {
    let bench = Bench::start(&[]);
    let at = |name: &str| format!("/api/v1/slots/0/snapshots/{name}");
    bench.ok("PUT", &at("cold"), "");
    bench.transmit(SELECT);
    assert_eq!(bench.transmit("0020000003123456"), "9000");
    assert_eq!(bench.ok("PUT", &at("verified"), "")["snapshots"], json!(["cold", "verified"]));
    bench.ok("POST", "/api/v1/slots/0/reset", "");
    assert_eq!(bench.transmit(TRIES), "6A88", "the session was lost");
    bench.transmit(SELECT);
    assert_eq!(bench.transmit("0020000003111111"), "63C5");
    assert_eq!(bench.ok("POST", &at("verified/restore"), "")["powered"], true);
    assert_eq!(bench.transmit(TRIES), "63C6", "selected as it was, with its tries");
    // A card that has power keeps it.
    assert_eq!(bench.ok("POST", &at("cold/restore"), "")["powered"], true);
    assert_eq!(bench.refused("POST", &at("warm/restore"), "").0, 404);
    assert_eq!(bench.refused("PUT", &at("a%20b"), "").0, 422);
    assert_eq!(bench.refused("PUT", &at(".."), "").0, 422);
    assert_eq!(bench.ok("DELETE", &at("cold"), "")["snapshots"], json!(["verified"]));
    assert_eq!(bench.ok("POST", &at("again"), "")["snapshots"], json!(["again", "verified"]));
    assert_eq!(
        bench.ok("GET", "/api/v1/slots/0/snapshots", "")["snapshots"],
        json!(["again", "verified"])
    );
    assert_eq!(bench.refused("DELETE", &at("cold"), "").0, 404);
}

#[test]
fn faults_strike_and_commands_are_counted_from_the_insertion() {
    let bench = Bench::start(&[]);
    let faults = "/api/v1/slots/0/faults";
    assert_eq!(bench.ok("GET", faults, ""), json!({ "faults": [], "seed": 0, "fired": [] }));
    bench.transmit(SELECT);
    bench.transmit(SELECT);
    let set = r#"{"faults":["sw=6100@3","data=0102@app=7378312E7368,ins=84"],"seed":9}"#;
    let answer = bench.ok("PUT", faults, set);
    assert_eq!(answer["seed"], 9);
    assert_eq!(bench.transmit(SELECT), "6100", "the third since the card was inserted");
    assert_eq!(bench.transmit("0084000008"), "01029000", "what was selected before counts");
    let fired = bench.ok("GET", faults, "")["fired"].clone();
    assert_eq!(fired[0], json!({ "command": 3, "fault": "sw=6100@3" }));
    assert_eq!(bench.slot()["faults"].as_array().map(Vec::len), Some(2));
    assert_eq!(bench.ok("DELETE", faults, "")["faults"], json!([]));
    assert_eq!(bench.transmit("0084000008").len(), 20);
    for (body, said) in [
        (r#"{"faults":["sw=6"]}"#, "character 4"),
        (r#"{"faults":["sw=6100@"]}"#, "character"),
        (r#"{"faults":"sw=6100"}"#, "body"),
        (r#"{"seed":1}"#, "faults"),
        ("{", "body"),
    ] {
        let (status, sentence) = bench.refused("PUT", faults, body);
        assert_eq!(status, 422, "{body}");
        assert!(sentence.contains(said), "{body}: {sentence}");
    }
}

#[test]
fn a_card_that_gives_no_answer_is_said_at_once() {
    let bench = Bench::start(&[]);
    let send = |bench: &Bench| {
        let (status, sentence) =
            bench.refused("POST", "/api/v1/slots/0/transmit", r#"{"apdu":"0084000008"}"#);
        (status, sentence)
    };
    let begun = Instant::now();
    let set = r#"{"faults":["mute@1","reset@2","remove@3"]}"#;
    bench.ok("PUT", "/api/v1/slots/0/faults", set);
    assert_eq!(send(&bench), (408, "the card does not answer".to_owned()));
    assert_eq!(send(&bench), (409, "the card was reset in the place of an answer".to_owned()));
    assert_eq!(send(&bench), (409, "the card was removed".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(5));
    let slot = bench.slot();
    assert_eq!((&slot["card"], &slot["ejected"]), (&Value::Null, &json!("built-in gen3")));
    bench.ok("POST", "/api/v1/slots/0/insert", "");
    bench.ok("PUT", "/api/v1/slots/0/faults", r#"{"faults":["cut=0@ins=20"]}"#);
    bench.transmit(SELECT);
    let (status, answer) =
        bench.ask("POST", "/api/v1/slots/0/transmit", r#"{"apdu":"0020000003111111"}"#);
    assert_eq!((status, answer["kind"].as_str()), (409, Some("lost")), "{answer}");
    assert_eq!(bench.slot()["powered"], false);
}

#[test]
fn a_slow_answer_is_lost_with_its_card() {
    let bench = Bench::start(&[]);
    bench.ok(
        "PUT",
        "/api/v1/slots/0/faults",
        r#"{"faults":["slow=150ms@1","slow=1h@2"]}"#.replace("1h", "3600s").as_str(),
    );
    let begun = Instant::now();
    assert_eq!(bench.transmit("0084000008").len(), 20);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    thread::scope(|scope| {
        let slow = scope.spawn(|| {
            bench.refused("POST", "/api/v1/slots/0/transmit", r#"{"apdu":"0084000008"}"#)
        });
        while bench.slot()["commands"] != 2 {
            thread::sleep(Duration::from_millis(5));
        }
        bench.ok("POST", "/api/v1/slots/0/eject", "");
        assert_eq!(slow.join().expect("answered").0, 409);
    });
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn commands_in_the_wrong_form_are_refused() {
    let bench = Bench::start(&[]);
    for body in [
        r#"{"apdu":"0"}"#,
        r#"{"apdu":"zz"}"#,
        r#"{"apdu":""}"#,
        r#"{"apdu":"008400"}"#,
        r#"{"apdu":5}"#,
        r#"{"command":"00840000"}"#,
        "",
        "null",
    ] {
        assert_eq!(bench.refused("POST", "/api/v1/slots/0/transmit", body).0, 422, "{body}");
    }
    assert_eq!(bench.slot()["commands"], 0, "nothing was sent");
    assert_eq!(bench.transmit("00 84 00 00 08").len(), 20);
}

#[test]
fn exchanges_are_told_as_a_trace_shows_them() {
    let bench = Bench::start(&[]);
    bench.transmit(SELECT);
    bench.transmit("0020000003123456");
    let exchanges = bench.ok("GET", "/api/v1/slots/0/exchanges", "");
    assert_eq!(exchanges["schema"], 1);
    assert_eq!(exchanges["header"]["protocol"], "T=0");
    let events = exchanges["events"].as_array().expect("events");
    assert_eq!(events.len(), 3);
    assert_eq!((&events[0]["ev"], &events[0]["n"]), (&json!("power_on"), &json!(1)));
    let select = &events[1];
    assert_eq!(select["ev"], "apdu");
    assert_eq!(select["command"], SELECT);
    assert_eq!(select["response"], "611E");
    assert_eq!(select["origin"], "api");
    assert_eq!(select["sw"], "611E");
    assert!(select["meaning"].as_str().is_some_and(|text| text.starts_with("SELECT")));
    let verify = &events[2];
    assert_eq!(verify["command"], "0020000003000000", "the PIN is overwritten");
    assert_eq!(verify["redacted"], true);
    let later = bench.ok("GET", "/api/v1/slots/0/exchanges?after=3", "");
    assert_eq!(later["events"], json!([verify]));
    assert_eq!(verify["number"], 4, "as the live stream counts");
    assert_eq!(bench.refused("GET", "/api/v1/slots/0/exchanges?after=x", "").0, 422);
}

#[test]
fn waiting_ends_with_what_is_waited_for_or_in_time() {
    let bench = Bench::start(&[]);
    let wait = |body: Value| bench.ask("POST", "/api/v1/slots/0/wait", &body.to_string());
    let begun = Instant::now();
    assert_eq!(wait(json!({ "for": "exchange", "timeout_ms": 100 })).0, 408);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    let (status, answer) = wait(json!({ "for": { "idle_ms": 30 }, "timeout_ms": 5_000 }));
    assert_eq!((status, answer), (200, json!({ "kind": "idle", "slot": 0 })));
    assert_eq!(wait(json!({ "for": "ready", "timeout_ms": 0 })).0, 200);
    let latest = bench.ok("GET", "/api/v1/slots", "")["event"].clone();
    bench.transmit(SELECT);
    bench.transmit("0084000008");
    // Nothing is missed between two requests.
    let command = json!({ "for": { "command": "0084" }, "timeout_ms": 0, "after": latest });
    let (status, answer) = wait(command);
    assert_eq!((status, &answer["kind"]), (200, &json!("exchange")), "{answer}");
    assert_eq!(answer["command"], "0084000008");
    let instruction = json!({ "for": { "ins": "84" }, "timeout_ms": 0, "after": latest });
    assert_eq!(wait(instruction).1, answer);
    let any = json!({ "for": { "event": "exchange" }, "timeout_ms": 0, "after": latest });
    assert_eq!(wait(any).1["command"], SELECT);
    for (act, kind) in [("eject", "removed"), ("insert", "inserted"), ("reset", "power")] {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(json!({ "for": kind, "timeout_ms": 10_000 })));
            thread::sleep(Duration::from_millis(200));
            bench.ok("POST", &format!("/api/v1/slots/0/{act}"), "");
            let (status, answer) = waiting.join().expect("answered");
            assert_eq!((status, &answer["kind"]), (200, &json!(kind)), "{answer}");
        });
    }
    for body in [
        json!({}),
        json!({ "for": "moon" }),
        json!({ "for": { "command": "0" } }),
        json!({ "for": "exchange", "timeout_ms": -1 }),
    ] {
        let (status, answer) = wait(body.clone());
        assert_eq!(status, 422, "{body}: {answer}");
    }
}

#[test]
fn the_live_stream_tells_everything_in_its_order() {
    let bench = Bench::start(&[]);
    let mut stream = TcpStream::connect(bench.address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    let request = format!("GET /api/v1/events HTTP/1.1\r\nHost: {}\r\n\r\n", bench.address);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut text = String::new();
    let mut buffer = [0; 4096];
    let mut until = |text: &mut String, wanted: &str| {
        while !text.contains(wanted) {
            let count = stream.read(&mut buffer).expect("more");
            assert!(count > 0, "it ended: {text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    until(&mut text, ": live");
    bench.ok("PUT", "/api/v1/slots/0/faults", r#"{"faults":["sw=6F00@2"]}"#);
    bench.transmit(SELECT);
    bench.transmit("0020000003123456");
    bench.ok("POST", "/api/v1/slots/0/eject", "");
    bench.ok("POST", "/api/v1/slots/0/insert", "");
    until(&mut text, "event: inserted");
    let kinds: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(kinds, ["power", "exchange", "exchange", "fault", "removed", "inserted"]);
    assert!(!text.contains("123456"), "{text}");
    let data: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(data[0]["power"], "on");
    assert_eq!(data[1]["origin"], "api");
    assert!(data[1]["meaning"].as_str().is_some_and(|text| text.starts_with("SELECT")));
    assert_eq!(data[3]["fault"], "sw=6F00@2");
    assert_eq!(data[5]["card"], "built-in gen3");
    assert!(data.iter().all(|event| event["slot"] == 0));
}

#[test]
fn the_clock_goes_forward_and_faults_see_it() {
    let bench = Bench::start(&[]);
    bench.ok("PUT", "/api/v1/slots/0/faults", r#"{"faults":["sw=6F00@after=3600s"]}"#);
    assert_eq!(bench.transmit(SELECT), "611E");
    bench.ok("PATCH", CARD, r#"{"clock":3600000}"#);
    assert!(bench.slot()["clock_ms"].as_u64().is_some_and(|clock| clock >= 3_600_000));
    assert_eq!(bench.transmit(SELECT), "6F00");
    let (status, sentence) = bench.refused("PATCH", CARD, r#"{"clock":10}"#);
    assert_eq!(status, 422);
    assert!(sentence.contains("forward"), "{sentence}");
}

#[test]
fn a_reload_reads_the_file_again() {
    let bench = Bench::start(&[]);
    bench.ok("POST", "/api/v1/slots/0/insert", r#"{"card":"card.img"}"#);
    bench.transmit(SELECT);
    assert_eq!(bench.transmit("0020000003111111"), "63C5");
    assert_eq!(bench.ok("POST", "/api/v1/slots/0/reload", "")["card"], "card.img");
    bench.transmit(SELECT);
    assert_eq!(bench.transmit(TRIES), "63C5");
    // Another card has taken the file's place.
    let image = bench.folder.path().join("cards/card.img");
    let other = bench.folder.path().join("other.img");
    new_card(&other, "6");
    fs::rename(&other, &image).expect("renamed");
    bench.ok("POST", "/api/v1/slots/0/reload", "");
    bench.transmit(SELECT);
    assert_eq!(bench.transmit(TRIES), "63C6");
    // One without a file goes out and in.
    bench.ok("POST", "/api/v1/slots/1/insert", r#"{"profile":"gen3"}"#);
    assert_eq!(bench.ok("POST", "/api/v1/slots/1/reload", "")["card"], "gen3 seed 1");
}

#[test]
fn a_refused_change_names_its_field() {
    let bench = Bench::start(&[]);
    for (change, field) in [
        (r#"{"pin_tries_left":-1}"#, "pin_tries_left: "),
        (r#"{"pin_tries_left":256}"#, "pin_tries_left: "),
        (r#"{"pin_tries_left":1,"blocked":true}"#, "blocked: "),
        (r#"{"purse":7}"#, "purse: "),
        (r#"{"keys":{"SSSE/06":"x"}}"#, "keys: "),
        (r#"{"accounts":{}}"#, "accounts: "),
        (r#"{"pin_trees":1}"#, "unknown field `pin_trees`"),
    ] {
        let (status, sentence) = bench.refused("PATCH", CARD, change);
        assert_eq!(status, 422, "{change}");
        assert!(sentence.starts_with(field), "{change}: {sentence}");
    }
}

#[test]
fn a_reload_that_is_refused_changes_nothing() {
    let bench = Bench::start(&[]);
    let reload = "/api/v1/slots/0/reload";
    bench.ok("POST", "/api/v1/slots/0/insert", r#"{"card":"card.img"}"#);
    bench.transmit(SELECT);
    bench.ok("PUT", "/api/v1/slots/0/snapshots/before", "");
    let image = bench.folder.path().join("cards/card.img");
    let sound = fs::read(&image).expect("image");
    let bad = bench.folder.path().join("bad.img");
    fs::write(&bad, "no card").expect("written");
    fs::rename(&bad, &image).expect("renamed");
    let (status, sentence) = bench.refused("POST", reload, "");
    assert_eq!(status, 422, "{sentence}");
    let slot = bench.slot();
    assert_eq!((&slot["card"], &slot["powered"]), (&json!("card.img"), &json!(true)), "{slot}");
    assert_eq!(slot["snapshots"], json!(["before"]));
    fs::write(&bad, sound).expect("written");
    fs::rename(&bad, &image).expect("renamed");
    let slot = bench.ok("POST", reload, "");
    assert_eq!((&slot["powered"], &slot["snapshots"]), (&json!(false), &json!(["before"])));
    // It is held still, by its new file.
    let held = r#"{"card":"card.img"}"#;
    assert_eq!(bench.refused("POST", "/api/v1/slots/1/insert", held).0, 409);
    bench.ok("POST", reload, "");
    bench.ok("POST", "/api/v1/slots/0/eject", "");
    let slot = bench.ok("POST", reload, "");
    assert_eq!((&slot["card"], &slot["ejected"]), (&Value::Null, &json!("card.img")));
    let (status, _) = bench.refused("PATCH", CARD, r#"{"clock":3600000}"#);
    assert_eq!(status, 409, "a clock runs with a card in the slot");
}

#[test]
fn a_profile_of_the_folder_names_files_of_the_folder_alone() {
    let bench = Bench::start(&[]);
    let cards = bench.folder.path().join("cards");
    fs::create_dir(cards.join("sub")).expect("folder");
    fs::write(bench.folder.path().join("secret"), "secret").expect("written");
    fs::write(cards.join("photo"), "photo").expect("written");
    fs::write(cards.join("sub/photo"), "photo").expect("written");
    #[cfg(unix)]
    std::os::unix::fs::symlink(bench.folder.path(), cards.join("link")).expect("a link");
    #[cfg(unix)]
    std::os::unix::fs::symlink("photo", cards.join("alias")).expect("a link");
    let outside = bench.folder.path().join("secret").display().to_string();
    let insert = |at: &str, name: &str| {
        let text = format!("base = \"gen3\"\n[state.files]\n\"SSSE/EF08\" = \"@{name}\"\n");
        fs::write(cards.join(at), text).expect("written");
        let body = json!({ "profile": at }).to_string();
        bench.ask("POST", "/api/v1/slots/0/insert", &body).0
    };
    for name in ["photo", "./photo", "sub/../photo", "sub/photo"] {
        assert_eq!(insert("own.toml", name), 200, "{name}");
    }
    assert_eq!(insert("sub/own.toml", "photo"), 200);
    assert_eq!(insert("sub/own.toml", "../photo"), 200);
    for name in ["../secret", "sub/../../secret", "link/secret", "alias", "none", &outside] {
        assert_eq!(insert("own.toml", name), 422, "{name}");
    }
    assert_eq!(insert("sub/own.toml", "../../secret"), 422);
}

#[test]
fn power_comes_and_goes() {
    let bench = Bench::start(&[]);
    let power = |on: bool| {
        let body = json!({ "on": on }).to_string();
        bench.ok("POST", "/api/v1/slots/0/power", &body)["powered"].clone()
    };
    assert_eq!(power(true), true);
    bench.transmit(SELECT);
    assert_eq!(power(false), false);
    assert_eq!(bench.transmit(SELECT), "611E", "a command gives it power");
    let atr = bench.slot()["atr"].clone();
    bench.ok("PUT", "/api/v1/slots/0/faults", r#"{"faults":["atr=3B00"]}"#);
    assert_eq!(bench.ok("POST", "/api/v1/slots/0/reset", "")["atr"], "3B00");
    bench.ok("DELETE", "/api/v1/slots/0/faults", "");
    assert_eq!(bench.ok("POST", "/api/v1/slots/0/reset", "")["atr"], atr);
    assert_eq!(bench.refused("POST", "/api/v1/slots/0/power", "{}").0, 422);
}
