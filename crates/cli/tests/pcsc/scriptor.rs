//! Files of `scriptor`, unmodified, in that program and in ours.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::{SSCARD, ok, reader, run, served, text};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts");

/// It waits without end for an answer to a command of one byte: to vpcd that is no command.
fn scriptor(file: &str) -> Output {
    let output = run("timeout", &["60", "scriptor", "-r", reader(), file], "");
    assert!(output.status.success(), "{}", text(&output));
    output
}

/// `> ` and `< ` lines without spaces and meanings; resets are left out.
fn exchanges_of_scriptor(file: &str) -> Vec<String> {
    let said = text(&scriptor(file));
    let mut exchanges = Vec::new();
    let mut answer: Option<String> = None;
    for line in said.lines() {
        // Rows of 16 bytes, the last one with the meaning.
        if let Some(begun) = answer.take().or_else(|| line.strip_prefix("< ").map(|_| "< ".into()))
        {
            let row = line.strip_prefix("< ").unwrap_or(line);
            match row.split_once(" : ") {
                Some((last, _)) => exchanges.push(begun + last),
                None if row.starts_with("OK: ") => {}
                None => answer = Some(begun + row),
            }
        } else if line.starts_with("> ") && line != "> RESET" {
            exchanges.push(line.to_owned());
        }
    }
    let pack =
        |line: String| format!("{} {}", &line[..1], line[1..].replace(" ", "").to_uppercase());
    exchanges.into_iter().map(pack).collect()
}

/// The same of ours, on the file as it is.
fn exchanges_of_ours(file: &str) -> Vec<String> {
    run_ours(&[file, "--dialect", "scriptor-compat"])
}

/// `> ` and `< ` lines of a run.
fn run_ours(script: &[&str]) -> Vec<String> {
    let run = ["run", "--destructive", "--unsafe-show-secrets", "--reader", reader()];
    let said = ok(SSCARD, &[&run, script].concat());
    let is_exchange = |line: &&str| line.starts_with("> ") || line.starts_with("< ");
    said.lines().filter(is_exchange).map(str::to_owned).collect()
}

#[test]
fn scriptor_and_we_exchange_the_same() {
    let mut files: Vec<_> = fs::read_dir(Path::new(FILES))
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| {
            path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("scriptor"))
        })
        .collect();
    files.sort();
    assert!(files.len() >= 3, "{files:?}");
    for profile in ["gen1", "gen3"] {
        for file in &files {
            let file = file.display().to_string();
            // A card of its own for each: scripts use up tries.
            let theirs = {
                let _served = served(&[profile]);
                exchanges_of_scriptor(&file)
            };
            let _served = served(&[profile]);
            let ours = exchanges_of_ours(&file);
            assert!(theirs.len() >= 6, "{file}: {theirs:?}");
            assert_eq!(ours, theirs, "{file} on {profile}");
        }
    }
}

/// What `scriptor` printed is a script that expects it all; the exchanges are the same again.
#[test]
fn a_transcript_is_a_script_of_the_same_exchanges() {
    let file = format!("{FILES}/scriptor.txt");
    let served_card = served(&["gen3"]);
    let output = scriptor(&file);
    drop(served_card);
    let _served = served(&["gen3"]);
    let transcript = tempfile::NamedTempFile::new().expect("file");
    fs::write(transcript.path(), &output.stdout).expect("written");
    let name = transcript.path().display().to_string();
    let script = ok(SSCARD, &["import", &name]);
    let mut expected: Vec<String> = Vec::new();
    for exchange in run_ours(&[&name]).chunks(2) {
        let [command, answer] = exchange else { panic!("{exchange:?}") };
        let (data, status) = answer[2..].split_at(answer.len() - 6);
        expected.push(command.clone());
        expected.push(format!("expect sw {status}"));
        expected.push(match data {
            "" => "expect len 0".to_owned(),
            data => format!("expect data {data}"),
        });
    }
    let said = script.lines().filter(|l| l.starts_with("> ") || l.starts_with("expect "));
    assert_eq!(said.collect::<Vec<_>>(), expected);
    assert!(expected.len() >= 18, "{expected:?}");
}
