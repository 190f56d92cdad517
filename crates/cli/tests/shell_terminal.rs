//! `sscard shell` on a pseudo-terminal: line editing, completion, and what its history keeps.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use tempfile::TempDir;

const PROMPT: &str = "sscard> ";
const MILLISECONDS: u64 = 20_000;

struct Terminal {
    session: PtySession,
    state: TempDir,
}

fn terminal() -> Terminal {
    let state = TempDir::new().expect("folder");
    let session = opened(&state);
    Terminal { session, state }
}

fn opened(state: &TempDir) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sscard"));
    command.arg("shell").env_remove("SSCARD_READER").env("XDG_STATE_HOME", state.path());
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = spawn_command(command, Some(MILLISECONDS)).expect("a terminal");
    session.exp_string(PROMPT).expect("a prompt");
    session
}

impl Terminal {
    /// Types a line; what is shown up to the next prompt.
    fn line(&mut self, text: &str) -> String {
        self.session.send_line(text).expect("typed");
        self.session.exp_string(PROMPT).expect(text)
    }

    /// Types a line; `expected` has to be shown.
    fn shows(&mut self, text: &str, expected: &str) {
        self.session.send_line(text).expect("typed");
        self.session.exp_string(expected).expect(expected);
        self.session.exp_string(PROMPT).expect(text);
    }

    /// Types without an end of line.
    fn keys(&mut self, text: &str) {
        self.session.send(text).expect("typed");
        self.session.flush().expect("typed");
    }

    /// Types a line that goes on.
    fn begins(&mut self, text: &str) {
        self.session.send_line(text).expect("typed");
        self.session.exp_string("   ...> ").expect(text);
    }

    fn file(&self) -> PathBuf {
        self.state.path().join("sscard/history")
    }

    /// Ends it with Ctrl-D; the lines of its history.
    fn ends(&mut self) -> Vec<String> {
        self.session.send_control('d').expect("typed");
        self.session.exp_eof().expect("its end");
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_history_keeps_lines_and_no_pins() {
    let mut terminal = terminal();
    terminal.shows("select SSSE", "611E");
    terminal.shows("verify pin=123456", "9000");
    terminal.begins("verify \\");
    terminal.shows("123456", "9000");
    terminal.begins("case \"a\" {");
    terminal.begins("  verify 123456");
    terminal.shows("}", "ok");
    terminal.line("verfy 123456");
    terminal.line("let p = bcd(123456)");
    terminal.begins("case \"b\" {");
    terminal.begins("  verify");
    terminal.shows("}", "63C6");
    // Up: the latest line that was kept.
    terminal.keys("\x1B[A");
    terminal.session.exp_string("}").expect("the latest line");
    terminal.session.send_control('c').expect("typed");
    terminal.session.exp_string(PROMPT).expect("a prompt");
    let mode = fs::metadata(terminal.file()).expect("a history").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(terminal.ends(), ["select SSSE", "case \"b\" {", "  verify", "}"]);
}

#[test]
fn tab_completes_the_only_word_that_fits() {
    let mut terminal = terminal();
    terminal.keys("get_ch\t");
    terminal.session.exp_string("sscard> get_challenge").expect("completed");
    terminal.session.send_control('c').expect("typed");
    terminal.session.exp_string(PROMPT).expect("a prompt");
    // What is typed is shown again with each key.
    terminal.keys("select SS\t");
    terminal.session.exp_string("select SSSE").expect("completed");
    terminal.shows("", "# SELECT SSSE");
    assert_eq!(terminal.ends(), ["select SSSE"]);
}

#[test]
fn an_error_a_cut_and_a_strange_byte_do_not_end_it() {
    let mut terminal = terminal();
    terminal.shows("selekt SSSE", "'selekt' is no verb");
    terminal.line("select SSSE");
    terminal.shows("cut 0", "");
    terminal.shows("verify 111111", "the card was removed or lost its power");
    terminal.shows("reset", "# ATR 3B6D");
    let mut raw = terminal.session.process().get_file_handle().expect("the terminal");
    raw.write_all(b"print \"\xE9\"\r").expect("typed");
    terminal.session.exp_string("that is no UTF-8 text").expect("an error");
    terminal.shows("print 0102", "0102");
    // Ctrl-C leaves a block.
    terminal.begins("case \"a\" {");
    terminal.session.send_control('c').expect("typed");
    terminal.session.exp_string(PROMPT).expect("a prompt");
    // An empty line behind a backslash ends the statement.
    terminal.begins("print 01 \\");
    terminal.shows("", "01");
    terminal.ends();
}

#[test]
fn the_next_shell_knows_what_was_typed() {
    let mut first = terminal();
    first.line("select SSSE");
    first.ends();
    let session = opened(&first.state);
    let mut second = Terminal { session, state: first.state };
    second.keys("\x1B[A");
    second.session.exp_string("select SSSE").expect("the line of before");
    second.shows("", "# SELECT SSSE");
    assert_eq!(second.ends(), ["select SSSE"]);
}
