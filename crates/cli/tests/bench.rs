//! `sscard serve --api`, by raw requests and by `sscard ctl`.

mod api;
mod ctl;
mod driver;
mod faults;
mod guard;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::sscard::program;

/// Selects the social security environment.
const SELECT: &str = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF";
/// How many tries the PIN has.
const TRIES: &str = "00200000";

/// Cards that are served, and their API.
struct Bench {
    program: Child,
    address: SocketAddr,
    folder: TempDir,
    out: BufReader<ChildStdout>,
}

impl Bench {
    /// Served without a driver, with a folder of one card, `card.img`.
    fn start(options: &[&str]) -> Self {
        Self::start_in(&["--no-driver"], options, &[])
    }

    fn start_in(driver: &[&str], options: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("folder");
        let cards = folder.path().join("cards");
        fs::create_dir(&cards).expect("folder");
        new_card(&cards.join("card.img"), "5");
        let api = if options.contains(&"--api") { &[][..] } else { &["--api", "127.0.0.1:0"] };
        let own_cards = !options.contains(&"--cards");
        let folder_of_cards = [std::path::Path::new("--cards"), &cards];
        let mut program = program()
            .arg("serve")
            .args(api)
            .args(driver)
            .args(folder_of_cards.iter().filter(|_| own_cards))
            .args(options)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("err")).expect("file"))
            .spawn()
            .expect("serves");
        let mut out = BufReader::new(program.stdout.take().expect("a pipe"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let address =
            line.trim().strip_prefix("api http://").and_then(|rest| rest.strip_suffix('/'));
        let address = address.and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| {
            let said = fs::read_to_string(folder.path().join("err")).unwrap_or_default();
            panic!("no address: {line}{said}")
        });
        Self { program, address, folder, out }
    }

    /// A raw request and its answer, in a connection of its own.
    fn raw(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut text = Vec::new();
        // A server that refuses what it has not read may reset the connection.
        let _ = stream.read_to_end(&mut text);
        let text = String::from_utf8_lossy(&text).into_owned();
        let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, text.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let (status, body) = self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}",
            self.address
        ));
        (status, serde_json::from_str(&body).unwrap_or(Value::Null))
    }

    /// A request that is carried out.
    fn ok(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, answer) = self.ask(method, path, body);
        assert_eq!(status, 200, "{method} {path} {body}: {answer}");
        answer
    }

    /// A request that is refused, with a sentence.
    fn refused(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let (status, answer) = self.ask(method, path, body);
        let sentence = answer["error"].as_str().unwrap_or_default().to_owned();
        assert!(status >= 400 && sentence.len() > 10, "{method} {path} {body}: {status} {answer}");
        (status, sentence)
    }

    fn transmit(&self, apdu: &str) -> String {
        let body = json!({ "apdu": apdu }).to_string();
        let answer = self.ok("POST", "/api/v1/slots/0/transmit", &body);
        answer["response"].as_str().expect("hex").to_owned()
    }

    fn slot(&self) -> Value {
        self.ok("GET", "/api/v1/slots/0", "")
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let id = self.program.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("runs").success());
        self.program.wait().expect("ends").code()
    }

    /// What standard output has from here to its end.
    fn rest(&mut self) -> String {
        let mut text = String::new();
        self.out.read_to_string(&mut text).expect("UTF-8");
        text
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("err")).expect("UTF-8")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // A test that failed leaves it running.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn new_card(path: &std::path::Path, seed: &str) {
    let made = program().args(["new", "--seed", seed, "-o"]).arg(path).output().expect("runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
