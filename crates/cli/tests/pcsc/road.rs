//! The roads from a program to a card: pcscd with its virtual reader, and `sscard with`, where no daemon is.
//!
//! `.ci/pcsc-with` runs these tests under `sscard with`, once for all: they, and whatever they start, ask our library, at a
//! socket whose name is that of `SSCARD_PCSC_ROAD`. Each test's cards are served by a `sscard with` of its own, which takes that name.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;

use super::SSCARD;
use super::browser::http;

/// Where the name of the served socket is, on the road of `sscard with`.
fn socket() -> Option<PathBuf> {
    std::env::var_os("SSCARD_PCSC_ROAD").map(PathBuf::from)
}

pub(crate) fn is_with() -> bool {
    socket().is_some()
}

pub(crate) fn reader() -> &'static str {
    if is_with() { "sscard 00 00" } else { "Virtual PCD 00 00" }
}

pub(crate) fn other_reader() -> &'static str {
    if is_with() { "sscard 01 00" } else { "Virtual PCD 00 01" }
}

/// A program that stays until it is told, with cards in two readers.
pub(crate) struct With {
    pub(crate) program: Child,
    pub(crate) api: u16,
    /// It ends with this.
    _input: ChildStdin,
}

/// The name goes to these cards, and the address is said; TERM is a way to end well.
const STAYS: &str = r#"trap 'exit 0' TERM
ln -s "$SSCARD_PCSC_SOCKET" "$0.new" && mv -T "$0.new" "$0" && echo "$SSCARD_API"
while read -r line; do :; done"#;

impl With {
    pub(crate) fn start(images: &[String], options: &[&str]) -> Self {
        let mut command = Command::new(SSCARD);
        command.args(["with", "--slots", "2"]).args(options);
        if !options.contains(&"--api") {
            command.args(["--api", "127.0.0.1:0"]);
        }
        for image in images {
            command.args(["--card", image]);
        }
        command.args(["--", "sh", "-c", STAYS]).arg(socket().expect("this road"));
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = pipes.spawn().expect("starts");
        let input = program.stdin.take().expect("piped");
        let mut said = String::new();
        BufReader::new(program.stdout.take().expect("piped")).read_line(&mut said).expect("said");
        let (_, port) = said.trim_end().trim_end_matches('/').rsplit_once(':').expect("an address");
        Self { program, api: port.parse().expect("a port"), _input: input }
    }

    fn asks(&self, method: &str, path: &str) -> Value {
        let (status, body) = http(self.api, method, &format!("/api/v1/slots/{path}"), "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    pub(crate) fn eject(&self, slot: usize) {
        self.asks("POST", &format!("{slot}/eject"));
    }

    pub(crate) fn insert(&self, slot: usize) {
        self.asks("POST", &format!("{slot}/insert"));
    }

    /// How many commands the card had since it was inserted.
    pub(crate) fn commands(&self) -> u64 {
        self.asks("GET", "0")["commands"].as_u64().expect("a number")
    }

    /// Commands with their answers, as `> COMMAND < ANSWER`; zeros are in the place of a PIN.
    pub(crate) fn exchanges(&self) -> String {
        let said = self.asks("GET", "0/exchanges");
        let events = said["events"].as_array().expect("a list");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line =
            |one: &Value| format!("> {} < {}\n", text(&one["command"]), text(&one["response"]));
        events.iter().filter(|one| one["ev"] == "apdu").map(line).collect()
    }
}
