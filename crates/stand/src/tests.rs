//! The API by raw requests, as any client sends them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sscard_core::Card;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::http::{BindError, DESCRIPTION, Pages, Policy, Running, Server, Token};
use crate::{
    Described, Explainer, Happening, Problem, SessionHead, SlotContent, Stand, StandEvent, Wanted,
    Workshop,
};

mod own_card;

struct Plain;

impl Workshop for Plain {
    fn card(&self, wanted: &Wanted) -> Result<SlotContent, Problem> {
        match wanted {
            Wanted::File(name) => Err(Problem::Unknown(format!("there is no card '{name}'"))),
            Wanted::Made { profile, seed } => {
                let made = built_in(profile)
                    .ok_or_else(|| Problem::Unknown(format!("there is no profile '{profile}'")))?;
                let seed = seed.unwrap_or(1);
                let card = issue(&made, &synthetic_holder(seed), &MasterKeys::test());
                let card = card.map_err(|error| Problem::Failed(error.to_string()))?;
                Ok(SlotContent::new(format!("{profile} {seed}"), card, None))
            }
        }
    }

    fn place(&self, name: &str) -> Result<std::path::PathBuf, Problem> {
        Err(Problem::Unknown(format!("there is no card '{name}'")))
    }

    fn again(&self, _: &SlotContent) -> Result<Option<SlotContent>, Problem> {
        Ok(None)
    }

    fn stock(&self) -> (Vec<String>, Vec<String>) {
        (Vec::new(), vec!["gen3".to_owned()])
    }

    fn describe(&self, card: &Card, how: Described) -> Value {
        json!({ "powered": card.is_powered(), "secrets": how == Described::WithSecrets })
    }

    fn change(&self, _: &mut Card, changes: &Value) -> Result<(), Problem> {
        match changes.as_object() {
            Some(fields) if fields.is_empty() => Ok(()),
            _ => Err(Problem::Wrong(format!("no such field: {changes}"))),
        }
    }

    fn head(&self, head: &SessionHead) -> Value {
        json!({ "header": { "atr": hex::encode_upper(&head.atr) } })
    }

    fn explainer(&self, how: Described) -> Box<dyn Explainer> {
        Box::new(Words { how, seen: 0 })
    }
}

/// Counts what it has seen, so that a test sees that nothing was left out.
struct Words {
    how: Described,
    seen: u64,
}

impl Explainer for Words {
    fn explain(&mut self, event: &StandEvent) -> Option<Value> {
        self.seen += 1;
        match &event.what {
            Happening::Exchange(exchanged) => {
                let mut shown =
                    sscard_host::Exchange::new(exchanged.command.clone(), Ok(Vec::new()));
                if self.how == Described::Openly {
                    shown.redact();
                }
                Some(json!({ "n": exchanged.n, "seen": self.seen, "command": shown.command_hex() }))
            }
            Happening::Power(powered) => {
                Some(json!({ "n": powered.n, "seen": self.seen, "ev": powered.change.name() }))
            }
            _ => None,
        }
    }
}

/// A stand that serves until it is dropped.
struct Served {
    address: SocketAddr,
    stand: Arc<Stand>,
    _running: Running,
}

fn stand() -> Arc<Stand> {
    Arc::new(Stand::new(2, false, Box::new(Plain), None))
}

fn serve(policy: Policy) -> Served {
    let stand = stand();
    let here = "127.0.0.1:0".parse().expect("an address");
    let pages = Pages::new("{}", "<!doctype html>");
    let server = Server::bind(here, Arc::clone(&stand), pages, policy).expect("a port");
    let address = server.address().expect("an address");
    Served { address, stand, _running: server.start().expect("a thread") }
}

impl Served {
    fn raw(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, body.to_owned())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let (status, body) = self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    fn transmit(&self, apdu: &str) -> (u16, Value) {
        self.ask("POST", "/api/v1/slots/0/transmit", &json!({ "apdu": apdu }).to_string())
    }
}

const SELECT: &str = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF";

#[test]
fn a_card_is_inserted_used_ejected_and_inserted_again() {
    let served = serve(Policy::open());
    let (status, slots) = served.ask("GET", "/api/v1/slots", "");
    assert_eq!((status, slots["slots"][1]["card"].clone()), (200, Value::Null));
    assert_eq!(served.transmit(SELECT).0, 409, "nothing is in the slot");
    let insert = r#"{"profile":"gen3","seed":7}"#;
    let (status, slot) = served.ask("POST", "/api/v1/slots/0/insert", insert);
    assert_eq!((status, slot["card"].as_str()), (200, Some("gen3 7")));
    let (status, answer) = served.transmit(SELECT);
    assert_eq!(status, 200);
    assert!(answer["response"].as_str().is_some_and(|response| response.starts_with("61")));
    assert_eq!(served.ask("POST", "/api/v1/slots/0/eject", "").0, 200);
    assert_eq!(served.ask("POST", "/api/v1/slots/0/eject", "").0, 409);
    assert_eq!(served.ask("POST", "/api/v1/slots/0/insert", "").0, 200);
    let (_, exchanges) = served.ask("GET", "/api/v1/slots/0/exchanges", "");
    let events = json!([
        { "n": 1, "seen": 1, "ev": "on", "number": 2 },
        { "n": 2, "seen": 2, "command": SELECT, "origin": "api", "command_number": 1, "number": 3 },
    ]);
    assert_eq!(exchanges["events"], events);
    let (_, later) = served.ask("GET", "/api/v1/slots/0/exchanges?after=2", "");
    assert_eq!(later["events"], json!([events[1]]), "what went before has given its meaning");
}

#[test]
fn a_snapshot_has_the_session() {
    let served = serve(Policy::open());
    served.ask("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    served.transmit(SELECT);
    let tries = |expected: &str| {
        assert_eq!(served.transmit("00200000").1, json!({ "response": expected }));
    };
    assert_eq!(served.ask("PUT", "/api/v1/slots/0/snapshots/fresh", "").0, 200);
    served.transmit("0020000003999999");
    tries("63C5");
    assert_eq!(served.ask("POST", "/api/v1/slots/0/snapshots/fresh/restore", "").0, 200);
    tries("63C6");
    assert_eq!(served.ask("POST", "/api/v1/slots/0/snapshots/other/restore", "").0, 404);
    assert_eq!(served.ask("PUT", "/api/v1/slots/0/snapshots/..%2f", "").0, 422);
    let (_, left) = served.ask("DELETE", "/api/v1/slots/0/snapshots/fresh", "");
    assert_eq!(left, json!({ "snapshots": [] }));
}

#[test]
fn faults_are_set_strike_and_are_cleared() {
    let served = serve(Policy::open());
    served.ask("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    let set = r#"{"faults":["sw=6F00@ins=A4","mute@3"],"seed":5}"#;
    let (status, faults) = served.ask("PUT", "/api/v1/slots/0/faults", set);
    assert_eq!((status, faults["seed"].as_u64()), (200, Some(5)));
    assert_eq!(served.transmit(SELECT).1, json!({ "response": "6F00" }));
    assert_eq!(served.transmit("00840000").0, 200);
    assert_eq!(served.transmit("0084000008").0, 408, "the card does not answer");
    let (_, faults) = served.ask("GET", "/api/v1/slots/0/faults", "");
    let fired =
        json!([{ "command": 1, "fault": "sw=6F00@1" }, { "command": 3, "fault": "mute@3" }]);
    assert_eq!(faults["fired"], fired);
    assert_eq!(served.ask("DELETE", "/api/v1/slots/0/faults", "").0, 200);
    assert_ne!(served.transmit(SELECT).1, json!({ "response": "6F00" }));
    let (status, refused) = served.ask("PUT", "/api/v1/slots/0/faults", r#"{"faults":["sw=6"]}"#);
    assert_eq!(status, 422);
    assert!(refused["error"].as_str().is_some_and(|text| text.contains("character 4")));
}

#[test]
fn a_cut_that_waits_is_gone_with_the_faults_the_stay_and_a_restore() {
    let served = serve(Policy::open());
    let put = |faults: &str| {
        assert_eq!(served.ask("PUT", "/api/v1/slots/0/faults", faults).0, 200);
    };
    let post = |what: &str| served.ask("POST", &format!("/api/v1/slots/0/{what}"), "").0;
    let verify = || {
        served.transmit(SELECT);
        served.transmit("0020000003999999").1["response"].clone()
    };
    let arm = || {
        put(r#"{"faults":["cut=2@ins=84"]}"#);
        served.transmit(SELECT);
        assert_eq!(served.transmit("0084000008").0, 200, "no byte was written yet");
    };
    served.ask("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    arm();
    assert_eq!(served.ask("PUT", "/api/v1/slots/0/snapshots/armed", "").0, 200);
    assert_eq!(served.ask("PATCH", "/api/v1/slots/0/card", "{}").0, 200);
    let (status, refused) = served.ask("POST", "/api/v1/slots/0/reset", "");
    assert_eq!((status, refused["kind"].as_str()), (409, Some("lost")), "it writes at a reset");
    assert_eq!(served.ask("GET", "/api/v1/slots/0", "").1["powered"], false);
    let (_, exchanges) = served.ask("GET", "/api/v1/slots/0/exchanges", "");
    let last = exchanges["events"].as_array().and_then(|events| events.last()).cloned();
    assert_eq!(last.map(|event| event["ev"].clone()), Some(json!("off")));
    assert_eq!(post("reset"), 200);
    arm();
    assert_eq!(served.ask("DELETE", "/api/v1/slots/0/faults", "").0, 200);
    assert_eq!(verify(), "63C5");
    arm();
    put(r#"{"faults":[]}"#);
    assert_eq!(verify(), "63C4");
    arm();
    assert_eq!((post("eject"), post("insert")), (200, 200));
    put(r#"{"faults":[]}"#);
    assert_eq!(verify(), "63C3");
    assert_eq!(post("snapshots/armed/restore"), 200);
    assert_eq!(verify(), "63C5");
}

#[test]
fn a_restore_leaves_the_power_as_it_is() {
    let served = serve(Policy::open());
    served.ask("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    served.transmit(SELECT);
    served.ask("PUT", "/api/v1/slots/0/snapshots/on", "");
    served.ask("POST", "/api/v1/slots/0/power", r#"{"on":false}"#);
    let restored = served.ask("POST", "/api/v1/slots/0/snapshots/on/restore", "");
    assert_eq!((restored.0, restored.1["powered"].clone()), (200, json!(false)));
    served.transmit(SELECT);
    let restored = served.ask("POST", "/api/v1/slots/0/snapshots/on/restore", "");
    assert_eq!((restored.0, restored.1["powered"].clone()), (200, json!(true)));
}

#[test]
fn who_does_not_finish_a_request_makes_room() {
    let served = serve(Policy::open());
    let slow: Vec<TcpStream> = (0..300)
        .map(|_| {
            let mut stream = TcpStream::connect(served.address).expect("a connection");
            let head = "POST /api/v1/slots/0/insert HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{";
            stream.write_all(head.as_bytes()).expect("sent");
            stream
        })
        .collect();
    assert_eq!(served.ask("GET", "/api/v1/slots", "").0, 200);
    drop(slow);
}

#[test]
fn who_waits_leaves_room_for_others() {
    let served = serve(Policy::open());
    let wait = r#"{"for":"exchange","timeout_ms":60000}"#;
    let length = wait.len();
    let waiting: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(served.address).expect("a connection");
            let request = format!(
                "POST /api/v1/slots/0/wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{wait}"
            );
            stream.write_all(request.as_bytes()).expect("sent");
            stream
        })
        .collect();
    let (status, refused) = served.ask("POST", "/api/v1/slots/0/wait", wait);
    assert_eq!((status, refused["kind"].as_str()), (429, Some("busy")));
    drop(waiting);
    let short = r#"{"for":{"idle_ms":1}}"#;
    let ended = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        served.ask("POST", "/api/v1/slots/0/wait", short).0 == 200
    });
    assert!(ended, "who is gone waits no longer");
}

#[test]
fn what_is_waited_for_comes_or_is_late() {
    let served = serve(Policy::open());
    served.ask("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    let wait = |what: Value, timeout: u64| {
        let body = json!({ "for": what, "timeout_ms": timeout }).to_string();
        served.ask("POST", "/api/v1/slots/0/wait", &body)
    };
    assert_eq!(wait(json!("exchange"), 50).0, 408);
    assert_eq!(wait(json!({ "idle_ms": 20 }), 1_000), (200, json!({ "kind": "idle", "slot": 0 })));
    assert_eq!(wait(json!("moon"), 50).0, 422);
    let slot = Arc::clone(&served.stand.slots()[0]);
    let other = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        let _ = slot.transmit(crate::Origin::Driver, &[0x00, 0x84, 0x00, 0x00]);
        let _ = slot.transmit(crate::Origin::Driver, &[0x00, 0xA4, 0x00, 0x00]);
    });
    let (status, event) = wait(json!({ "command": "00A4" }), 5_000);
    assert_eq!((status, event["origin"].as_str()), (200, Some("driver")));
    other.join().expect("sent");
}

#[test]
fn there_are_no_more_faults_than_a_thousand_and_no_longer_commands_than_there_can_be() {
    let served = serve(Policy::open());
    served.ask("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    let put = |count: usize, seed: u64| {
        let body = json!({ "faults": vec!["mute@9"; count], "seed": seed }).to_string();
        served.ask("PUT", "/api/v1/slots/0/faults", &body)
    };
    assert_eq!(put(1_000, 9_223_372_036_854_775_807).0, 200);
    assert_eq!(
        put(1_001, 0),
        (422, json!({ "kind": "wrong", "error": "faults: there are 1001, at most 1000" }))
    );
    let error = "seed: a whole number from 0 to 9223372036854775807 is wanted";
    let refused = put(1, 9_223_372_036_854_775_808);
    assert_eq!(refused, (422, json!({ "kind": "wrong", "error": error })));
    let error = "apdu: 70000 bytes are no command; it has 4 to 65544";
    let refused = served.transmit(&"00".repeat(70_000));
    assert_eq!(refused, (422, json!({ "kind": "wrong", "error": error })));
    let twice = r#"{"faults":[],"faults":["mute@1"]}"#;
    let (_, refused) = served.ask("PUT", "/api/v1/slots/0/faults", twice);
    let error = "the request's body: 'faults' is there twice";
    assert!(refused["error"].as_str().is_some_and(|text| text.starts_with(error)), "{refused}");
}

#[test]
fn what_is_wrong_gets_a_sentence() {
    let served = serve(Policy::open());
    for (method, path, body, status) in [
        ("GET", "/api/v1/slots/2", "", 404),
        ("GET", "/api/v1/slots/-1", "", 404),
        ("GET", "/api/v1/slots/0/../1", "", 404),
        ("GET", "/api/v2/slots", "", 404),
        ("GET", "/etc/passwd", "", 404),
        ("DELETE", "/api/v1/slots/0/eject", "", 405),
        ("POST", "/", "", 405),
        ("BREW", "/api/v1/slots", "", 405),
        ("POST", "/api/v1/slots/0/transmit", "{\"apdu\":\"0\"}", 422),
        ("POST", "/api/v1/slots/0/transmit", "{\"apdu\":\"00\"}", 422),
        ("POST", "/api/v1/slots/0/transmit", "[\"00840000\"]", 422),
        ("POST", "/api/v1/slots/0/transmit", "{\"apdu\":\"00840000\",\"apdu\":\"00840000\"}", 422),
        ("POST", "/api/v1/slots/0/insert", "[null,\"gen3\",7]", 422),
        ("PATCH", "/api/v1/slots/0/card", "{\"a\":[{\"b\":1,\"b\":2}]}", 422),
        ("PUT", "/api/v1/slots/0/faults", "{\"faults\":[],\"seed\":9223372036854775808}", 422),
        ("POST", "/api/v1/slots/0/transmit", "no json", 422),
        ("POST", "/api/v1/slots/0/transmit", "", 422),
        ("POST", "/api/v1/slots/0/insert", "{\"card\":\"../x\"}", 404),
        ("POST", "/api/v1/slots/0/insert", "{\"card\":\"x\",\"seed\":1}", 422),
        ("POST", "/api/v1/slots/0/insert", "{\"profile\":\"gen9\"}", 404),
        ("GET", "/api/v1/slots/0/card", "", 409),
    ] {
        let (got, answer) = served.ask(method, path, body);
        assert_eq!(got, status, "{method} {path} {body}: {answer}");
        assert!(answer["error"].as_str().is_some_and(|text| text.len() > 10), "{answer}");
    }
}

#[test]
fn pages_of_other_sites_and_other_hosts_are_refused() {
    let served = serve(Policy::open());
    let with = |headers: &str| {
        served.raw(&format!("GET /api/v1/slots HTTP/1.1\r\nConnection: close\r\n{headers}\r\n")).0
    };
    assert_eq!(with("Host: localhost:1\r\n"), 200);
    assert_eq!(with("Host: [::1]\r\n"), 200);
    assert_eq!(with("Host: evil.example\r\n"), 421);
    assert_eq!(with("Host: 127.0.0.1.evil.example\r\n"), 421);
    assert_eq!(with("Host: localhost\r\nOrigin: http://localhost\r\n"), 200);
    assert_eq!(with("Host: localhost\r\nOrigin: http://evil.example\r\n"), 403);
    assert_eq!(with("Host: localhost\r\nOrigin: null\r\n"), 403);
    assert_eq!(with("Host: localhost\r\nOrigin: https://localhost\r\n"), 403);
}

#[test]
fn a_token_is_asked_for() {
    let token = Token::new("a-token-of-a-test").expect("visible characters");
    assert!(Token::new("").is_none() && Token::new("a b").is_none() && Token::new("é").is_none());
    let served = serve(Policy::open().with_token(token));
    let with = |headers: &str| {
        served
            .raw(&format!(
                "GET /api/v1/slots HTTP/1.1\r\nHost: any\r\nConnection: close\r\n{headers}\r\n"
            ))
            .0
    };
    assert_eq!(with(""), 401);
    assert_eq!(with("Authorization: Bearer a-token-of-a-tesu\r\n"), 401);
    assert_eq!(with("Authorization: Bearer a-token-of-a-test\r\n"), 200);
}

#[test]
fn nobody_from_outside_without_a_token() {
    let stand = stand();
    let anywhere = "0.0.0.0:0".parse().expect("an address");
    let refused = Server::bind(anywhere, stand, Pages::default(), Policy::open());
    assert!(matches!(refused, Err(BindError::Outside(_))));
}

#[test]
fn too_much_and_too_little_is_refused_and_the_others_go_on() {
    let served = serve(Policy::open());
    let mut slow = TcpStream::connect(served.address).expect("a connection");
    slow.write_all(b"GET / HT").expect("sent");
    let (status, _) = served.raw(
        "POST /api/v1/slots/0/transmit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2000000\r\n\r\n",
    );
    assert_eq!(status, 413);
    let long = "x".repeat(100_000);
    let (status, _) = served.raw(&format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert!((400..500).contains(&status), "{status}");
    assert_eq!(served.raw("\x16\x03\x01\r\n\r\n").0, 400);
    assert_eq!(served.ask("GET", "/api/v1/slots", "").0, 200);
}

#[test]
fn the_live_stream_has_each_event_and_hides_pins() {
    let served = serve(Policy::open());
    let mut stream = TcpStream::connect(served.address).expect("a connection");
    stream.write_all(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("set");
    let mut text = String::new();
    let mut buffer = [0; 4096];
    let mut until = |text: &mut String, wanted: &str| {
        while !text.contains(wanted) {
            let count = stream.read(&mut buffer).expect("more");
            assert!(count > 0, "the stream ended: {text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    until(&mut text, "text/event-stream");
    served.ask("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen3"}"#);
    served.transmit("0020000003123456");
    served.ask("POST", "/api/v1/slots/0/eject", "");
    until(&mut text, "event: removed");
    assert!(text.contains("event: inserted"), "{text}");
    assert!(text.contains("event: exchange"), "{text}");
    assert!(text.contains("0020000003******") && !text.contains("123456"), "{text}");
    assert!(text.contains("event: power"), "{text}");
}

#[test]
fn every_place_of_the_description_is_there_and_takes_its_methods() {
    let served = serve(Policy::open());
    let description: Value = serde_json::from_str(DESCRIPTION).expect("JSON");
    let paths = description["paths"].as_object().expect("paths");
    assert!(paths.len() >= 15, "{}", paths.len());
    for (path, methods) in paths {
        let path = path.replace("{slot}", "0").replace("{name}", "x");
        for method in ["get", "post", "put", "patch", "delete"] {
            if path.ends_with("/events") && method == "get" {
                continue;
            }
            let (status, answer) = served.ask(&method.to_uppercase(), &path, "");
            let said = answer["error"].as_str().unwrap_or_default();
            assert!(!said.starts_with("there is nothing here"), "{method} {path}: {said}");
            let described = &methods[method];
            assert_eq!(status == 405, described.is_null(), "{method} {path}: {status}");
            let statuses = &described["responses"];
            assert!(
                status == 405 || !statuses[status.to_string()].is_null(),
                "{method} {path}: {status}"
            );
        }
    }
}
