//! Output that nobody reads, or that a full disk does not take: the session goes on, the verdict is the
//! exit code, the card is kept (I-24).

use std::fs::{self, File};
use std::process::{Command, Stdio};

use crate::kept::operations::{all, image_of};
use crate::kept::road::{SSCARD, limited};
use crate::sscard::{SELECT_SSSE, path};

/// Runs a script with its output where nobody takes it; the exit code, what was said, the card.
fn run(lines: &str, to: Stdio) -> (Option<i32>, String, Vec<u8>) {
    let folder = tempfile::TempDir::new().expect("folder");
    let (card, script) = (path(&folder, "card.img"), path(&folder, "a.apdu"));
    fs::write(&card, &all()[0].start).expect("written");
    fs::write(&script, format!("@mode raw\n@destructive\n{SELECT_SSSE}\n{lines}"))
        .expect("written");
    let output = Command::new(SSCARD)
        .args(["run", &script, "--card", &card])
        .stdout(to)
        .stderr(Stdio::piped())
        .output()
        .expect("runs");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code(), said, image_of(card.as_ref()))
}

/// A pipe whose other end is closed.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").expect("opens").into()
}

#[test]
fn i_24_a_closed_pipe_stops_no_session() {
    let (code, said, card) = run("0020000003111111\n0020000003111111\n", closed());
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert_eq!(card, all()[0].states[3]);
    let (code, said, card) = run("0020000003111111\n  expect sw 9000\n", closed());
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(card, all()[0].states[2]);
}

#[test]
fn i_24_full_output_is_6_unless_a_check_failed() {
    let (code, said, card) = run("0020000003111111\n0020000003111111\n", full());
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    assert_eq!(card, all()[0].states[3]);
    let (code, said, card) = run("0020000003111111\n  expect sw 9000\n", full());
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(card, all()[0].states[2]);
}

#[test]
fn i_24_transmit_goes_on_without_output() {
    for (to, code) in [(closed(), 1), (full(), 1)] {
        let folder = tempfile::TempDir::new().expect("folder");
        let card = path(&folder, "card.img");
        fs::write(&card, &all()[0].start).expect("written");
        let status = Command::new(SSCARD)
            .args(["transmit", "--raw", "--check", "--card", &card, SELECT_SSSE])
            .args(["0020000003111111"; 2])
            .stdout(to)
            .stderr(Stdio::null())
            .status()
            .expect("runs");
        assert_eq!(status.code(), Some(code));
        assert_eq!(image_of(card.as_ref()), all()[0].states[3]);
    }
}

#[test]
fn i_22_a_full_trace_takes_no_answer_back() {
    // The trace reaches the limit by what is only read, long before the card's file does.
    let challenges = ["0084000008"; 400];
    for command in ["transmit", "run"] {
        let folder = tempfile::TempDir::new().expect("folder");
        let (card, script) = (path(&folder, "card.img"), path(&folder, "a.apdu"));
        let trace = path(&folder, "trace.jsonl");
        fs::write(&card, &all()[0].start).expect("written");
        let lines = [&[SELECT_SSSE][..], &challenges, &["0020000003111111"]].concat();
        fs::write(&script, format!("@mode raw\n@destructive\n{}\n", lines.join("\n")))
            .expect("written");
        let args = match command {
            "run" => vec!["run", script.as_str()],
            _ => [&["transmit", "--raw"], &lines[..]].concat(),
        };
        let output = limited(Some(40 * 1024))
            .args(args)
            .args(["--card", &card, "--trace", &trace])
            .output()
            .expect("runs");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(6), "{said}");
        assert!(said.contains("trace.jsonl: File too large"), "{said}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("63C5"), "{command}: {said}");
        assert_eq!(image_of(card.as_ref()), all()[0].states[2], "{command}");
    }
}
