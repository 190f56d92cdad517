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

/// Tests of pcscd's driver, or of what an example does with pcscd: they have nothing to say of the other road.
const OF_PCSCD_ALONE: [(&str, &str); 3] = [
    (
        "doctor_finds_nothing_missing_where_cards_are_read",
        "doctor looks for pcscd and its virtual reader",
    ),
    (
        "hospital::a_pyscard_program_meets_slow_mute_removed_garbage_and_6100",
        "the example starts pcscd and serves by itself, as docs/ci.md shows it",
    ),
    (
        "soak::a_hundred_thousand_exchanges_lose_nothing_and_leave_memory_flat",
        "it plays the card's side of vpcd",
    ),
];

/// Where the name of the served socket is, on the road of `sscard with`.
fn socket() -> Option<PathBuf> {
    std::env::var_os("SSCARD_PCSC_ROAD").map(PathBuf::from)
}

pub(crate) fn is_with() -> bool {
    socket().is_some()
}

/// Whether this test, one of [`OF_PCSCD_ALONE`], has something to say on this road.
pub(crate) fn is_of_this_road(test: &str) -> bool {
    let (name, reason) =
        OF_PCSCD_ALONE.iter().find(|(name, _)| *name == test).expect("in the list");
    if is_with() {
        println!("{name}: not on this road: {reason}");
    }
    !is_with()
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

    pub(crate) fn eject(&self, slot: usize) {
        let path = format!("/api/v1/slots/{slot}/eject");
        let (status, body) = http(self.api, "POST", &path, "");
        assert_eq!(status, 200, "{body}");
    }

    /// Commands with their answers, as `> COMMAND < ANSWER`.
    pub(crate) fn exchanges(&self) -> String {
        let (status, body) = http(self.api, "GET", "/api/v1/slots/0/exchanges", "");
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let exchanges = body["exchanges"].as_array().expect("a list");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line =
            |one: &Value| format!("> {} < {}\n", text(&one["command"]), text(&one["response"]));
        exchanges.iter().map(line).collect()
    }
}
