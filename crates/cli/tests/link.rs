//! `sscard link`: a reader of ours at the other end of a pipe, a connection and a terminal.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sscard_link::block::{Block, BlockFault, ErrorDetection, Kind, Supervision};
use tempfile::TempDir;

use crate::sscard::{ok, program, run};

/// The built-in card's.
const ATR: [u8; 17] = [
    0x3B, 0x6D, 0x00, 0x00, 0x00, 0x81, 0x53, 0x53, 0x43, 0x86, 0x00, 0x99, 0x99, 0x79, 0x07, 0x76,
    0xA7,
];
const CHALLENGE: [u8; 5] = [0x00, 0x84, 0x00, 0x00, 0x08];
const VERIFY: [u8; 8] = [0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56];

/// A program that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn line(&mut self) -> String {
        let mut out = BufReader::new(self.0.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("runs").success());
        self.0.wait().expect("ends").code()
    }
}

/// A line on pipes.
struct Piped {
    program: Running,
    folder: TempDir,
}

/// A folder with a card that speaks T=1, and one that speaks T=0.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("t1.toml"), "base = \"gen3\"\nprotocol = \"T=1\"\n").expect("file");
    ok(&["new", "--seed", "1", "--profile", &path("t1.toml"), "-o", &path("t1.img")]);
    ok(&["new", "--seed", "1", "-o", &path("t0.img")]);
    folder
}

fn start(folder: &Path, card: &str, options: &[&str]) -> Running {
    let mut command = program();
    command.current_dir(folder);
    command.args(["link", "--card", card]).args(options);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Running(command.spawn().expect("starts"))
}

fn piped(card: &str, options: &[&str]) -> Piped {
    let folder = folder();
    let program = start(folder.path(), card, options);
    Piped { program, folder }
}

impl Piped {
    fn hear(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let out = self.program.0.stdout.as_mut().expect("piped");
        out.read_exact(&mut bytes).expect("bytes of the card");
        bytes
    }

    fn say(&mut self, bytes: &[u8]) {
        let line = self.program.0.stdin.as_mut().expect("piped");
        line.write_all(bytes).expect("sent");
        line.flush().expect("sent");
    }

    /// The next block.
    fn block(&mut self) -> Result<Block, sscard_link::block::BlockError> {
        let mut bytes = self.hear(3);
        let rest = self.hear(usize::from(bytes[2]) + 1);
        bytes.extend(rest);
        Block::parse(&bytes, ErrorDetection::Lrc)
    }

    fn send(&mut self, kind: Kind, information: &[u8]) {
        let block = Block::new(kind, information.to_vec());
        self.say(&block.to_bytes(ErrorDetection::Lrc));
    }

    /// The reader goes; what the program said, and its folder.
    fn end(mut self) -> (Option<i32>, String, TempDir) {
        drop(self.program.0.stdin.take());
        let code = self.program.0.wait().expect("ends").code();
        let mut said = String::new();
        let stderr = self.program.0.stderr.as_mut().expect("piped");
        stderr.read_to_string(&mut said).expect("UTF-8");
        (code, said, self.folder)
    }
}

const FIRST: Kind = Kind::Information { number: 0, more: false };
const SECOND: Kind = Kind::Information { number: 1, more: false };

#[test]
fn t0_over_a_pipe_and_what_is_kept() {
    let mut line = piped("t0.img", &["--null-bytes", "1"]);
    assert_eq!(line.hear(ATR.len()), ATR);
    line.say(&CHALLENGE);
    let answer = line.hear(12);
    assert_eq!((&answer[..2], &answer[10..]), (&[0x60, 0x84][..], &[0x90, 0x00][..]));
    line.say(&[0x00, 0xA4, 0x04, 0x00, 0x0F]);
    assert_eq!(line.hear(2), [0x60, 0xA4]);
    line.say(b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF");
    assert_eq!(line.hear(2), [0x61, 0x1E]);
    // A header in pieces, the data when the card asks for them.
    line.say(&[0x00, 0x20]);
    line.say(&[0x00, 0x00, 0x03]);
    assert_eq!(line.hear(2), [0x60, 0x20]);
    line.say(&[0x99, 0x99, 0x99]);
    assert_eq!(line.hear(2), [0x63, 0xC5]);
    let (code, said, folder) = line.end();
    assert_eq!((code, &*said), (Some(0), ""));
    let card = folder.path().join("t0.img").display().to_string();
    assert!(ok(&["inspect", "--card", &card]).contains("PIN        5 of 6 tries left"));
}

#[test]
fn t1_recovers_on_a_pipe_and_both_logs_say_how() {
    let mut line = piped(
        "t1.img",
        &[
            "--disturb",
            "checksum@card,block=1",
            "--disturb",
            "parity@reader,block=3",
            "--wtx",
            "1",
            "--wtx-multiplier",
            "3",
            "--silence",
            "50",
            "--wire",
            "wire.log",
            "--trace",
            "t.jsonl",
        ],
    );
    let _atr = line.hear(ATR.len() + 5);
    line.send(FIRST, &CHALLENGE);
    assert!(line.block().is_err(), "its checksum is wrong");
    line.send(Kind::Ready { expected: 0, fault: BlockFault::Checksum }, &[]);
    let wait = line.block().expect("a block");
    assert_eq!(wait, Block::new(Kind::Request(Supervision::WaitingTime), vec![3]));
    // The third block is damaged: the card asks again when the line is quiet.
    line.send(Kind::Response(Supervision::WaitingTime), &[3]);
    assert_eq!(line.block().expect("a block"), wait);
    line.send(Kind::Response(Supervision::WaitingTime), &[3]);
    let answer = line.block().expect("a block");
    assert_eq!((answer.kind, answer.information.len()), (FIRST, 10));
    line.send(SECOND, &VERIFY);
    assert_eq!(line.block().expect("a block"), wait);
    line.send(Kind::Response(Supervision::WaitingTime), &[3]);
    assert_eq!(line.block().expect("a block").information, [0x6A, 0x88], "nothing is selected");
    let (code, said, folder) = line.end();
    assert_eq!((code, &*said), (Some(0), ""));

    let log = fs::read_to_string(folder.path().join("wire.log")).expect("a log");
    let meanings: Vec<&str> =
        log.lines().filter_map(|line| line.split_once("  # ")).map(|(_, it)| it).collect();
    assert_eq!(
        meanings,
        [
            "answer to reset",
            "I(0,0) 5 bytes",
            "no block: the checksum of the block is wrong",
            "R(0) checksum or parity",
            "S(WTX request) 3",
            "a block with a wrong parity bit",
            "S(WTX request) 3",
            "S(WTX response) 3",
            "I(0,0) 10 bytes",
            "I(1,0) 8 bytes",
            "S(WTX request) 3",
            "S(WTX response) 3",
            "I(1,0) 2 bytes",
        ],
        "{log}"
    );
    assert!(log.contains(" reader 00 40 08 00 20 00 00 03 ** ** ** **  #"), "{log}");
    let trace = folder.path().join("t.jsonl").display().to_string();
    let shown = ok(&["trace", "show", &trace]);
    for part in [
        "> 0084000008",
        "< 6A88",
        "0020000003******",
        " > I(0,0) 5 bytes; ",
        " < no block: the checksum of the block is wrong; ",
        " < S(WTX request) 3; ",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn a_card_that_misbehaves_lies_behind_the_line() {
    let faults = ["--fault", "sw=6F00@1", "--fault", "mute@2"];
    let mut line = piped("t0.img", &faults);
    assert_eq!(line.hear(ATR.len()), ATR);
    line.say(&CHALLENGE);
    let answer = line.hear(11);
    assert_eq!((answer[0], &answer[9..]), (0x84, &[0x6F, 0x00][..]));
    line.say(&CHALLENGE);
    let (code, said, _) = line.end();
    assert_eq!(code, Some(5), "no answer in time");
    assert!(said.contains("the card is silent from here on: "), "{said}");
}

#[test]
fn each_connection_powers_the_card_and_once_is_once() {
    let folder = folder();
    let options = ["--listen", "127.0.0.1:0", "--disturb", "parity@card,atr=2"];
    let mut program = start(folder.path(), "t0.img", &options);
    let address = program.line();
    let session = || {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set");
        let mut atr = [0; ATR.len()];
        stream.read_exact(&mut atr).expect("an ATR");
        stream.write_all(&CHALLENGE).expect("sent");
        let mut answer = [0; 11];
        stream.read_exact(&mut answer).expect("an answer");
        assert_eq!((answer[0], &answer[9..]), (0x84, &[0x90, 0x00][..]));
        atr
    };
    let damaged = session();
    assert_eq!((damaged[1], &damaged[2..]), (ATR[1] ^ 0x01, &ATR[2..]));
    assert_eq!(session(), ATR, "an error happens once");
    assert_eq!(program.signal("-TERM"), Some(0));

    let options = ["--listen", "127.0.0.1:0", "--once"];
    let mut program = start(folder.path(), "t0.img", &options);
    let address = program.line();
    drop(TcpStream::connect(&address).expect("a connection"));
    assert_eq!(program.0.wait().expect("ends").code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_is_opened_again_is_a_reset() {
    use rustix::termios::LocalModes;

    let folder = folder();
    let mut program = start(folder.path(), "t0.img", &["--pty"]);
    let name = program.line();
    for _ in 0..2 {
        let mut port = fs::OpenOptions::new().read(true).write(true).open(&name).expect("opens");
        let mut atr = [0; ATR.len()];
        port.read_exact(&mut atr).expect("an ATR");
        assert_eq!(atr, ATR);
        let settings = rustix::termios::tcgetattr(&port).expect("settings");
        assert!(!settings.local_modes.contains(LocalModes::ECHO), "bytes as they are");
        // 0A and 0D are bytes like others.
        port.write_all(&[0x00, 0xA4, 0x00, 0x0D, 0x0A]).expect("sent");
        let mut byte = [0];
        port.read_exact(&mut byte).expect("a procedure byte");
        assert_eq!(byte, [0xA4]);
        drop(port);
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(program.signal("-INT"), Some(130));
}

#[test]
fn an_etu_takes_its_time() {
    let begun = std::time::Instant::now();
    let mut line = piped("t0.img", &["--etu", "300", "--disturb", "late=400@card,char=1"]);
    assert_eq!(line.hear(ATR.len()), ATR);
    // 17 characters of 12 etu.
    assert!(begun.elapsed() >= Duration::from_micros(17 * 12 * 300));
    let begun = std::time::Instant::now();
    line.say(&CHALLENGE);
    line.hear(1);
    assert!(begun.elapsed() >= Duration::from_micros(400 * 300));
    line.hear(10);
    assert_eq!(line.end().0, Some(0));
}

#[test]
fn what_cannot_be_meant_is_said() {
    let refused = |options: &[&str], text: &str| {
        let (_, said, code) = run(&[&["link"], options].concat());
        assert_eq!(code, 2, "{options:?}: {said}");
        assert!(said.contains(text), "{options:?}: {said}");
    };
    refused(&["--disturb", "gone@card,char=1"], "'gone' is no damage: parity, bits=XX, lost");
    refused(&["--disturb", "lost@card,bit=1"], "'bit' is no place: char=N, block=N");
    refused(&["--listen", "0.0.0.0:0"], "--listen 0.0.0.0:0: others could reach the card there");
    refused(&["--listen", "127.0.0.1:0", "--pty"], "cannot be used with '--pty'");
    refused(&["--wtx-multiplier", "0"], "0 is not in 1..=255");
    refused(&["--ifs", "255"], "255 is not in 1..=254");
    let folder = folder();
    let card = folder.path().join("t0.img").display().to_string();
    refused(&["--wire", &card], "it holds a card, which would be overwritten");
    assert_eq!(run(&["link", "--card", "nobody.img"]).2, 3);
}
