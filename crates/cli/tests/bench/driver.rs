//! The API beside a driver: one session, whoever sends.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::sscard::{ok, run};

/// A driver of our own.
pub(super) fn with_driver(options: &[&str]) -> (Bench, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port().to_string();
    let bench = Bench::start_in(&["--slots", "1", "--port", &port], options, &[]);
    (bench, listener)
}

pub(super) fn connection(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().expect("a card");
    stream.set_nodelay(true).expect("set");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    stream.write_all(&[0, 1, 1]).expect("power on");
    stream
}

pub(super) fn send(stream: &mut TcpStream, command: &[u8]) {
    let length = u16::try_from(command.len()).expect("short").to_be_bytes();
    stream.write_all(&[&length[..], command].concat()).expect("sent");
}

pub(super) fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("length");
    let mut response = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut response).expect("response");
    response
}

pub(super) fn exchange(stream: &mut TcpStream, command: &[u8]) -> Vec<u8> {
    send(stream, command);
    receive(stream)
}

pub(super) const CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];

#[test]
fn driver_and_api_share_a_session_and_a_trace() {
    let folder = TempDir::new().expect("folder");
    let trace = folder.path().join("served.jsonl").display().to_string();
    let (mut bench, listener) = with_driver(&["--trace", &trace]);
    let mut driver = connection(&listener);
    let select = hex::decode(SELECT).expect("hex");
    assert_eq!(exchange(&mut driver, &select), [0x61, 0x1E]);
    assert_eq!(bench.transmit("0020000003111111"), "63C5", "selected by the driver");
    driver.write_all(&[0, 1, 2]).expect("reset");
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10);
    driver.write_all(&[0, 1, 0]).expect("power off");
    let events = loop {
        let answer = bench.ok("GET", "/api/v1/slots/0/exchanges", "");
        let events = answer["events"].as_array().expect("events").clone();
        if events.len() == 6 {
            break events;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["ev"].as_str()).collect();
    assert_eq!(kinds, ["power_on", "apdu", "apdu", "reset", "apdu", "power_off"]);
    let origins: Vec<&str> = events.iter().filter_map(|event| event["origin"].as_str()).collect();
    assert_eq!(origins, ["driver", "api", "driver"]);
    assert_eq!(bench.signal("-TERM"), Some(0));
    let lines = bench.rest();
    assert!(lines.contains("slot 0, api: > 0020000003****** < 63C5"), "{lines}");
    let shown = crate::sscard::json(&["trace", "show", "--json", &trace]);
    let traced = shown["events"].as_array().expect("events");
    assert_eq!(traced.len(), 6, "{traced:?}");
    for (mine, theirs) in events.iter().zip(traced) {
        assert_eq!(mine["ev"], theirs["ev"]);
        assert_eq!(mine["command"], theirs["command"]);
        assert_eq!(mine["response"], theirs["response"]);
        assert_eq!(mine["t_ns"], theirs["t_ns"]);
        assert_eq!(theirs["reader"], "slot 0");
    }
    assert!(!fs::read_to_string(&trace).expect("a trace").contains("111111"));
    // A trace of a served card is one like any other.
    ok(&["trace", "convert", &trace, "-o", &folder.path().join("t.md").display().to_string()]);
}

#[test]
fn a_mute_card_keeps_its_driver_waiting_until_it_is_freed() {
    let (bench, listener) = with_driver(&[]);
    let mut driver = connection(&listener);
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10);
    bench.ok("PUT", "/api/v1/slots/0/faults", r#"{"faults":["mute@2","mute@4"]}"#);
    send(&mut driver, &CHALLENGE);
    driver.set_read_timeout(Some(Duration::from_millis(400))).expect("set");
    assert!(driver.read(&mut [0; 1]).is_err(), "nothing comes");
    // The API goes on meanwhile.
    assert_eq!(bench.transmit("0084000008").len(), 20);
    driver.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
    bench.ok("POST", "/api/v1/slots/0/reset", "");
    // An empty answer would be waited for again: the card goes and comes instead.
    assert_eq!(driver.read(&mut [0; 1]).expect("read"), 0, "there will be no answer");
    let mut driver = connection(&listener);
    send(&mut driver, &CHALLENGE);
    thread::sleep(Duration::from_millis(200));
    bench.ok("POST", "/api/v1/slots/0/eject", "");
    assert_eq!(driver.read(&mut [0; 1]).expect("read"), 0, "the driver sees the card go");
    bench.ok("POST", "/api/v1/slots/0/insert", "");
    let mut driver = connection(&listener);
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10, "commands are counted anew");
}

#[test]
fn a_mute_card_is_freed_by_the_driver_itself() {
    let (bench, listener) = with_driver(&[]);
    let mut driver = connection(&listener);
    bench.ok("PUT", "/api/v1/slots/0/faults", r#"{"faults":["mute@1"]}"#);
    send(&mut driver, &CHALLENGE);
    thread::sleep(Duration::from_millis(150));
    driver.write_all(&[0, 1, 2]).expect("reset");
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10);
}

#[test]
fn what_happens_to_the_card_is_seen_by_the_driver() {
    let (bench, listener) = with_driver(&[]);
    let mut driver = connection(&listener);
    let set = r#"{"faults":["slow=300ms@1","sw=6100@2","remove@3"]}"#;
    bench.ok("PUT", "/api/v1/slots/0/faults", set);
    let begun = Instant::now();
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    let answer = exchange(&mut driver, &CHALLENGE);
    assert_eq!(answer[8..], [0x61, 0x00], "the data stay");
    send(&mut driver, &CHALLENGE);
    assert_eq!(driver.read(&mut [0; 1]).expect("read"), 0, "the card is gone");
    assert_eq!(bench.slot()["card"], Value::Null);
    bench.ok("POST", "/api/v1/slots/0/insert", r#"{"profile":"gen2","seed":3}"#);
    let mut driver = connection(&listener);
    bench.ok("PUT", "/api/v1/slots/0/faults", r#"{"faults":["slow=3600s@1","atr=3B00"]}"#);
    send(&mut driver, &CHALLENGE);
    thread::sleep(Duration::from_millis(150));
    bench.ok("POST", "/api/v1/slots/0/reset", "");
    assert_eq!(driver.read(&mut [0; 1]).expect("read"), 0, "a slow answer is lost with a reset");
    let mut driver = connection(&listener);
    assert_eq!(exchange(&mut driver, &[4]), [0x3B, 0x00]);
    // A swapped card is another card to the driver.
    bench.ok("POST", "/api/v1/slots/0/insert", r#"{"card":"card.img"}"#);
    assert_eq!(driver.read(&mut [0; 1]).expect("read"), 0);
    drop(connection(&listener));
}

#[test]
fn whoever_waits_hears_that_the_reader_sees_the_card() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port().to_string();
    let driver = ["--slots", "1", "--port", &port, "--wait-ready"];
    let mut bench = Bench::start_in(&driver, &[], &[]);
    assert_eq!(bench.slot()["ready"], false);
    let late = r#"{"for":"ready","timeout_ms":50}"#;
    assert_eq!(bench.ask("POST", "/api/v1/slots/0/wait", late).0, 408);
    let waiting = program()
        .args(["ctl", "--api", &bench.address.to_string(), "wait", "ready"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    let driver = connection(&listener);
    let waited = waiting.wait_with_output().expect("ends");
    assert_eq!(waited.status.code(), Some(0));
    let mut line = String::new();
    bench.out.read_line(&mut line).expect("a line");
    assert_eq!(line, "ready\n");
    assert_eq!(bench.slot()["ready"], true);
    drop(driver);
}

#[test]
fn a_reader_that_does_not_see_its_card_ends_who_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port().to_string();
    let (_, err, code) = run(&["serve", "--port", &port, "--wait-ready=1"]);
    assert_eq!(code, 5, "{err}");
    assert!(err.contains("--wait-ready"), "{err}");
}

#[test]
fn a_descriptor_gets_a_line_once_the_reader_sees_the_card() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port();
    let sscard = env!("CARGO_BIN_EXE_sscard");
    let folder = TempDir::new().expect("folder");
    let file = folder.path().join("ready").display().to_string();
    let script =
        format!("exec 7>'{file}'; exec '{sscard}' serve --slots 1 --port {port} --ready-fd 7");
    let mut program = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("serves");
    let (mut driver, _) = listener.accept().expect("a card");
    thread::sleep(Duration::from_millis(100));
    assert_eq!(fs::read_to_string(&file).expect("a file"), "", "not powered yet");
    driver.write_all(&[0, 1, 1]).expect("power on");
    let begun = Instant::now();
    while fs::read_to_string(&file).expect("a file") != "ready\n" {
        assert!(begun.elapsed() < Duration::from_secs(10), "it does not come");
        thread::sleep(Duration::from_millis(10));
    }
    program.kill().expect("killed");
    program.wait().expect("ended");
}

#[test]
fn more_slots_use_more_ports() {
    // Ports that follow one another.
    let (first, rest) = loop {
        let first = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = first.local_addr().expect("address").port();
        let next = |step: u16| TcpListener::bind(("127.0.0.1", port.checked_add(step)?)).ok();
        let rest: Vec<TcpListener> = (1..4).filter_map(next).collect();
        if rest.len() == 3 {
            break (first, rest);
        }
    };
    let port = first.local_addr().expect("address").port().to_string();
    let bench = Bench::start_in(&["--slots", "4", "--port", &port], &[], &[]);
    let last = rest.last().expect("four");
    bench.ok("POST", "/api/v1/slots/3/insert", r#"{"profile":"gen3","seed":9}"#);
    let mut driver = connection(last);
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10);
    assert_eq!(bench.ok("GET", "/api/v1/slots/3", "")["commands"], 1);
    let mut driver = connection(&first);
    assert_eq!(exchange(&mut driver, &CHALLENGE).len(), 10);
}
