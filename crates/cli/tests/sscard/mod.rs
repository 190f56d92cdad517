//! Runs the built program.

#![allow(dead_code, reason = "pcsc and tshark use a part of it")]

#[cfg(unix)]
pub(crate) mod page;

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Selects the social security environment.
pub(crate) const SELECT_SSSE: &str = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF";

/// The built program, in no particular reader.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sscard"));
    command.env_remove("SSCARD_READER");
    command
}

/// Runs a command that finds these bytes on stdin.
pub(crate) fn piped(command: &mut Command, stdin: impl Into<Vec<u8>>) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("starts");
    let (mut pipe, bytes) = (child.stdin.take().expect("stdin"), stdin.into());
    // What ends early does not read everything.
    let writer = std::thread::spawn(move || drop(pipe.write_all(&bytes)));
    let output = child.wait_with_output().expect("runs");
    writer.join().expect("written");
    output
}

/// Runs the program; stdout, stderr and the exit code.
pub(crate) fn run(args: &[&str]) -> (String, String, i32) {
    let output = piped(program().args(args), "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr), output.status.code().expect("exit code"))
}

/// Runs the program, which must succeed; its stdout.
pub(crate) fn ok(args: &[&str]) -> String {
    let (stdout, stderr, code) = run(args);
    assert_eq!(code, 0, "{args:?}: {stderr}");
    stdout
}

pub(crate) fn json(args: &[&str]) -> Value {
    serde_json::from_str(&ok(args)).expect("one JSON document")
}

/// A folder and the path of a card made in it.
pub(crate) fn card(args: &[&str]) -> (TempDir, String) {
    let folder = TempDir::new().expect("folder");
    let path = folder.path().join("card.img").display().to_string();
    ok(&[&["new"], args, &["-o", &path]].concat());
    (folder, path)
}

/// A folder with files in it.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

pub(crate) fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// Runs a script alone in a folder; the folder's name is taken out of what it says.
pub(crate) fn script(text: &str, more: &[&str]) -> (String, String, i32) {
    let folder = folder(&[("a.apdu", text)]);
    let name = path(&folder, "a.apdu");
    let (stdout, stderr, code) = run(&[&["run", &name], more].concat());
    (stdout.replace(&name, "a.apdu"), stderr.replace(&name, "a.apdu"), code)
}
