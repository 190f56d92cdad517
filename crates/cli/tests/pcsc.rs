//! The card in pcscd's virtual reader, read by programs that know nothing of us.
//!
//! These tests start pcscd themselves when it does not run, and fail when it, or a program they
//! use, is missing. `.ci/pcsc-with` runs them a second time, without it: see `road`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "pcsc/browser.rs"]
mod browser;
#[path = "pcsc/examples.rs"]
mod examples;
#[path = "pcsc/hospital.rs"]
mod hospital;
#[path = "pcsc/java.rs"]
mod java;
#[path = "pcsc/page.rs"]
mod page;
#[path = "pcsc/payment.rs"]
mod payment;
#[path = "pcsc/road.rs"]
mod road;
#[path = "pcsc/scriptor.rs"]
mod scriptor;
#[path = "pcsc/shown.rs"]
mod shown;
#[path = "pcsc/soak.rs"]
mod soak;
mod sscard;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sscard_host::pcsc::{ConnectOptions, PcscReader};
use sscard_host::{Disposition, Transport, TransportError};
use tempfile::TempDir;

use road::{With, other_reader, reader};

const SSCARD: &str = env!("CARGO_BIN_EXE_sscard");
/// What a reader makes up for a contactless card without historical bytes (PC/SC part 3).
const CONTACTLESS_ATR: &str = "3B80800101";
const SELECT_SSSE: &str = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF";

/// There is one virtual reader: one test at a time.
static READER_IN_USE: Mutex<()> = Mutex::new(());

/// A served card; ends politely.
struct Served {
    program: Server,
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// Who serves it.
enum Server {
    Serve(Child),
    With(With),
}

impl Server {
    fn process(&mut self) -> &mut Child {
        match self {
            Self::Serve(process) => process,
            Self::With(with) => &mut with.program,
        }
    }
}

fn start_pcscd() {
    if UnixStream::connect("/run/pcscd/pcscd.comm").is_ok() {
        return;
    }
    let mut daemon = Command::new("pcscd");
    daemon.arg("--foreground").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = daemon.spawn().expect("pcscd starts: apt-get install pcscd vsmartcard-vpcd");
    // It outlives the tests; whoever comes next finds it.
    thread::spawn(move || daemon.wait());
    wait_for("pcscd", || UnixStream::connect("/run/pcscd/pcscd.comm").is_ok());
}

fn wait_for(what: &str, mut there: impl FnMut() -> bool) {
    let started = Instant::now();
    while !there() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what} does not come");
        thread::sleep(Duration::from_millis(50));
    }
}

fn run(program: &str, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("output")
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn ok(program: &str, args: &[&str]) -> String {
    let output = run(program, args, "");
    assert!(output.status.success(), "{program} {args:?}: {}", text(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn served(profiles: &[&str]) -> Served {
    served_with(profiles, &[])
}

fn served_with(profiles: &[&str], options: &[&str]) -> Served {
    served_as(profiles, &[], options)
}

/// Cards that `sscard new` makes with options of its own.
fn served_as(profiles: &[&str], made: &[&str], options: &[&str]) -> Served {
    let turn = READER_IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    if !road::is_with() {
        start_pcscd();
        // pcscd looks for cards now and then: the card of the test before may still seem to be there.
        wait_for("the empty reader", || {
            sscard_host::pcsc::readers()
                .is_ok_and(|readers| readers.len() == 2 && readers.iter().all(|r| r.atr.is_none()))
        });
    }
    let folder = TempDir::new().expect("folder");
    let images: Vec<String> = (0..profiles.len())
        .map(|number| folder.path().join(format!("{number}.img")).display().to_string())
        .collect();
    for (number, (profile, image)) in profiles.iter().zip(&images).enumerate() {
        let seed = number.to_string();
        let new = ["new", "--profile", profile, "--seed", &seed, "-o", image];
        ok(SSCARD, &[&new, made].concat());
    }
    if road::is_with() {
        let program = Server::With(With::start(&images, options));
        return Served { program, folder, _turn: turn };
    }
    let log = fs::File::create(folder.path().join("serve.log")).expect("log");
    // Standard input ends at once: that is no reason to stop.
    let program = Command::new(SSCARD)
        .arg("serve")
        .args(options)
        .args(&images)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("log"))
        .stderr(log)
        .spawn()
        .expect("serves");
    let served = Served { program: Server::Serve(program), folder, _turn: turn };
    let atr = match options.contains(&"--contactless") {
        true => CONTACTLESS_ATR.to_owned(),
        false => served.expected_atr(0),
    };
    wait_for("the card", || card_is_in(reader(), atr.clone()));
    served
}

fn card_is_in(reader: &str, atr: String) -> bool {
    sscard_host::pcsc::readers().is_ok_and(|readers| {
        readers
            .iter()
            .any(|found| found.name == reader && found.atr.as_deref().map(hex) == Some(atr.clone()))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hex")
}

impl Served {
    fn image(&self, number: usize) -> String {
        self.folder.path().join(format!("{number}.img")).display().to_string()
    }

    /// What `inspect` says of a copy: the image itself is in use.
    fn inspect(&self, number: usize) -> serde_json::Value {
        let copy = self.folder.path().join("copy.img");
        fs::copy(self.image(number), &copy).expect("copied");
        let copy = copy.display().to_string();
        let json = ok(SSCARD, &["inspect", "--card", &copy, "--json", "--keys"]);
        serde_json::from_str(&json).expect("JSON")
    }

    fn expected_atr(&self, number: usize) -> String {
        self.inspect(number)["atr"].as_str().expect("ATR").to_owned()
    }

    /// What was exchanged: lines with `> COMMAND < ANSWER`, PINs hidden.
    fn log(&self) -> String {
        match &self.program {
            Server::Serve(_) => {
                fs::read_to_string(self.folder.path().join("serve.log")).expect("log")
            }
            Server::With(with) => with.exchanges(),
        }
    }

    /// The port of the API; `serve` says it in its first line.
    fn api_port(&self) -> u16 {
        if let Server::With(with) = &self.program {
            return with.api;
        }
        let log = self.log();
        let (_, port) = log.split_once("http://127.0.0.1:").expect("the API's address");
        port.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a port")
    }

    fn stop(&mut self, signal: &str) -> Option<i32> {
        let program = self.program.process();
        ok("kill", &[signal, &program.id().to_string()]);
        program.wait().expect("ends").code()
    }

    /// The card goes, and the reader stays: to pcscd by the end of `serve`, however that comes.
    fn card_goes(&mut self) {
        match &mut self.program {
            Server::Serve(process) => process.kill().expect("killed"),
            Server::With(with) => with.eject(0),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A test that failed leaves it running.
        let program = self.program.process();
        let _ = program.kill();
        let _ = program.wait();
    }
}

#[test]
fn opensc_tool_reads_the_card() {
    let served = served(&["gen3"]);
    let atr = ok("opensc-tool", &["--reader", "0", "--atr"]).trim().replace(':', "").to_uppercase();
    assert_eq!(atr, served.expected_atr(0));
    let said = ok(
        "opensc-tool",
        &["--reader", "0", "-s", SELECT_SSSE, "-s", "00A4000002EF05", "-s", "00B2072C0B"],
    );
    assert_eq!(said.matches("Received (SW1=0x90, SW2=0x00)").count(), 3, "{said}");
    assert!(said.contains("07 09 54"), "the card number begins with T: {said}");
}

#[test]
fn scriptor_sees_raw_answers() {
    let _served = served(&["gen3"]);
    let script = format!("reset\n{SELECT_SSSE}\n00C000001E\n00B2022C03\n00200000\n");
    let output = run("scriptor", &["-r", reader()], &script);
    let said = text(&output);
    for line in ["< 61 1E", "< 02 01 33 90 00", "< 63 C6"] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let folded = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(folded.contains("A5 09 88 01 1E 9F 0C 03 86 01 03 90 00"), "{said}");
}

#[test]
fn pyscard_reads_locks_and_unblocks_the_card() {
    let mut served = served(&["gen2"]);
    let inspected = served.folder.path().join("inspect.json");
    fs::write(&inspected, served.inspect(0).to_string()).expect("written");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pcsc/read_card.py");
    let inspected = inspected.display().to_string();
    let output = run("/usr/bin/python3", &[script, reader(), &inspected], "");
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).ends_with("all right\n"), "{}", text(&output));
    let log = served.log().replace('*', "0");
    assert!(log.contains("> 0020000003000000 < 63C5"), "{log}");
    assert_eq!(served.stop("-TERM"), Some(0));
    assert_eq!(served.inspect(0)["pins"][0]["tries_left"], 6);
}

#[test]
fn our_own_reader_reads_every_generation() {
    for profile in ["gen1", "gen2", "gen3"] {
        let _served = served(&[profile]);
        let json = ok(SSCARD, &["read", "--reader", reader(), "--json"]);
        let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let version = document["card"]["version"].as_str().expect("version");
        assert_eq!(version.get(..1), profile.get(3..), "{json}");
        assert_eq!(document["holder"]["birthplace"], "999901");
    }
}

#[test]
fn two_slots_hold_two_cards() {
    let served = served(&["gen3", "gen1"]);
    wait_for("the other card", || card_is_in(other_reader(), served.expected_atr(1)));
    let said = ok(SSCARD, &["readers", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let atrs: Vec<_> =
        document["readers"].as_array().expect("list").iter().map(|r| &r["atr"]).collect();
    assert_eq!(atrs, [&served.expected_atr(0)[..], &served.expected_atr(1)]);
    let version = |reader| ok(SSCARD, &["transmit", "--reader", reader, SELECT_SSSE, "00B2032C06"]);
    assert!(version(reader()).contains("< 0304332E30309000"));
    assert!(version(other_reader()).contains("< 0304312E30309000"));
}

#[test]
fn a_watch_sees_cards_come_and_go() {
    let mut served = served(&["gen3"]);
    let mut watch = Command::new(SSCARD)
        .args(["readers", "--watch", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("watches");
    let mut lines = BufReader::new(watch.stdout.take().expect("stdout")).lines();
    let mut until = |event: &str| {
        loop {
            let line = lines.next().expect("a line").expect("text");
            let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            if said["event"] == event && said["reader"] == reader() {
                return said;
            }
        }
    };
    until("reader_added");
    assert_eq!(until("card_inserted")["atr"], served.expected_atr(0));
    served.card_goes();
    until("card_removed");
    ok("kill", &["-INT", &watch.id().to_string()]);
    assert_eq!(watch.wait().expect("ends").code(), Some(130));
}

#[test]
fn doctor_finds_nothing_missing_where_cards_are_read() {
    let _served = served(&["gen3"]);
    let said = ok(SSCARD, &["doctor", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(document["ready"], true, "{said}");
    let checks = document["checks"].as_array().expect("list");
    assert!(checks.iter().all(|check| check["state"] == "ok"), "{said}");
}

#[test]
fn a_killed_server_has_saved_within_a_moment() {
    let mut served = served(&["gen3"]);
    ok(SSCARD, &["transmit", "--reader", reader(), SELECT_SSSE, "0020000003111111"]);
    wait_for("the saved try", || served.inspect(0)["pins"][0]["tries_left"] == 5);
    served.program.process().kill().expect("killed");
    assert_eq!(served.inspect(0)["pins"][0]["tries_left"], 5);
}

#[test]
fn interrupt_saves_and_exits() {
    let mut served = served(&["gen3"]);
    ok(SSCARD, &["transmit", "--reader", reader(), SELECT_SSSE, "0020000003111111"]);
    assert_eq!(served.stop("-INT"), Some(130));
    assert_eq!(served.inspect(0)["pins"][0]["tries_left"], 5);
}

#[test]
fn the_transport_keeps_state_locks_and_reports_a_removed_card() {
    let mut served = served(&["gen3"]);
    let mut card = PcscReader::connect(reader(), ConnectOptions::default()).expect("connects");
    let mut response = Vec::new();
    card.begin().expect("locked");
    card.transmit(&bytes(SELECT_SSSE), &mut response).expect("answer");
    assert_eq!(hex(&response), "611E");
    card.end().expect("unlocked");
    card.transmit(&bytes("0020000003123456"), &mut response).expect("answer");
    assert_eq!(hex(&response), "9000");
    Box::new(card).close(Disposition::Leave).expect("left");
    let mut card = PcscReader::connect("00 00", ConnectOptions::default()).expect("connects");
    card.transmit(&bytes("00A4000002DF01"), &mut response).expect("answer");
    card.transmit(&bytes("00B2012C04"), &mut response).expect("the card was not reset");
    assert_eq!(hex(&response[..2]), "2002".to_owned());
    card.reset().expect("reset");
    card.transmit(&bytes("00B2012C04"), &mut response).expect("answer");
    assert_eq!(hex(&response), "6A82", "the MF is selected again");
    served.card_goes();
    wait_for("the removal", || {
        matches!(
            card.transmit(&bytes(SELECT_SSSE), &mut response),
            Err(TransportError::Removed | TransportError::Reset | TransportError::Other { .. })
        )
    });
}

/// vpcd takes one byte for a word of its own, and pcscd waits for the answer without end.
#[test]
fn a_command_below_four_bytes_is_not_sent() {
    let _served = served(&["gen3"]);
    let mut card = PcscReader::connect(reader(), ConnectOptions::default()).expect("connected");
    let mut response = vec![0x01];
    for command in [&[][..], &[0x00], &[0x00, 0xA4], &[0x00, 0xA4, 0x00]] {
        let bytes = command.len();
        assert_eq!(card.transmit(command, &mut response), Err(TransportError::TooShort { bytes }));
        assert!(response.is_empty(), "{response:?}");
    }
    card.transmit(&[0x00, 0x84, 0x00, 0x00, 0x08], &mut response).expect("the reader goes on");
    assert_eq!(response[8..], [0x90, 0x00]);
    drop(card);
    let script = tempfile::NamedTempFile::new().expect("file");
    fs::write(script.path(), "> 00\n").expect("written");
    let output =
        run(SSCARD, &["run", "--reader", reader(), &script.path().display().to_string()], "");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
}

#[test]
fn errors_of_readers_are_told_apart() {
    let served = served(&["gen3"]);
    let of = |name| PcscReader::connect(name, ConnectOptions::default()).err().expect("refused");
    assert!(
        matches!(of("Nobody's reader"), TransportError::NoReader { found, .. } if found.len() == 2)
    );
    assert!(matches!(of(other_reader()), TransportError::NoCard { .. }));
    let exclusive = ConnectOptions::default().exclusive();
    let holder = PcscReader::connect(reader(), exclusive).expect("connects");
    let output = run(SSCARD, &["read", "--reader", reader()], "");
    assert_eq!(output.status.code(), Some(5), "{}", text(&output));
    drop(holder);
    ok(SSCARD, &["read", "--reader", reader()]);
    drop(served);
}

/// Without `TCP_NODELAY` and `TCP_QUICKACK` it is 20 a second.
#[test]
fn exchanges_are_not_delayed() {
    let _served = served(&["gen3"]);
    let mut card = PcscReader::connect(reader(), ConnectOptions::default()).expect("connects");
    let mut response = Vec::new();
    let started = Instant::now();
    for _ in 0..1000 {
        card.transmit(&bytes("0084000008"), &mut response).expect("answer");
    }
    let rate = 1000.0 / started.elapsed().as_secs_f64();
    println!("{rate:.0} APDU/s through pcscd");
    assert!(rate > 1000.0, "{rate:.0} APDU/s");
}
