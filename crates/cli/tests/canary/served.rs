//! A served card for `ctl`, and what each of its commands is tried with.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use crate::canary::commands::SSCARD;

/// Every command of `ctl` with arguments; `@` stands for something from outside.
pub(crate) const CTL: [(&str, &[&[&str]]); 16] = [
    ("ctl slots", &[&["slots"]]),
    ("ctl cards", &[&["cards"]]),
    ("ctl insert", &[&["insert"], &["insert", "@"], &["insert", "--profile", "@"]]),
    ("ctl eject", &[&["eject"]]),
    ("ctl reset", &[&["reset"]]),
    ("ctl power", &[&["power", "on"], &["power", "@"]]),
    ("ctl reload", &[&["reload"], &["reload", "--all"]]),
    ("ctl card", &[&["card"]]),
    (
        "ctl set",
        &[&["set", "@"], &["set", "@=1"], &["set", "name=@"], &["set", "files.SSSE/EF08=@"]],
    ),
    ("ctl snapshot", &[&["snapshot"], &["snapshot", "@"], &["snapshot", "x"], &["snapshot"]]),
    ("ctl restore", &[&["restore", "@"], &["restore", "x"]]),
    ("ctl faults", &[&["faults"], &["faults", "@"], &["faults", "sw=@@1"], &["faults", "--clear"]]),
    ("ctl transmit", &[&["transmit", "@"], &["transmit", "00840000"]]),
    ("ctl exchanges", &[&["exchanges"]]),
    (
        "ctl wait",
        &[&["wait", "@"], &["wait", "0", "--after", "0"], &["wait", "00", "--after", "0"]],
    ),
    ("ctl events", &[&["events", "--after", "0", "--count", "3"]]),
];

/// A card that is served without a driver.
pub(crate) struct ServedCard {
    program: Child,
    out: BufReader<ChildStdout>,
    err: ChildStderr,
    _folder: TempDir,
    pub(crate) api: String,
}

impl ServedCard {
    pub(crate) fn start(card: &str) -> Self {
        let folder = TempDir::new().expect("folder");
        let api = format!("unix:{}", folder.path().join("api").display());
        let mut program = Command::new(SSCARD)
            .args(["serve", "--no-driver", "--api", &api, card])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("serves");
        let mut out = BufReader::new(program.stdout.take().expect("a pipe"));
        out.read_line(&mut String::new()).expect("its address");
        let err = program.stderr.take().expect("a pipe");
        Self { program, out, err, _folder: folder, api }
    }

    /// What it has said.
    pub(crate) fn end(mut self) -> Vec<u8> {
        let id = self.program.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("runs").success());
        let mut said = Vec::new();
        self.out.read_to_end(&mut said).expect("read");
        self.err.read_to_end(&mut said).expect("read");
        self.program.wait().expect("ends");
        said
    }
}
