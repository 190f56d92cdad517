//! `sscard shell` on a pseudo-terminal: line editing, completion, and what its history keeps.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::typed::Typed;

const PROMPT: &str = "sscard> ";

struct Terminal {
    session: Typed,
    state: TempDir,
}

fn terminal() -> Terminal {
    let state = TempDir::new().expect("folder");
    let session = opened(&state);
    Terminal { session, state }
}

fn opened(state: &TempDir) -> Typed {
    let state = state.path().display().to_string();
    let environment = [("XDG_STATE_HOME", &*state), ("TERM", "xterm"), ("NO_COLOR", "1")];
    let mut session = Typed::new(env!("CARGO_BIN_EXE_sscard"), &["shell"], &environment);
    session.until(PROMPT);
    session
}

impl Terminal {
    /// Types a line; what is shown up to the next prompt.
    fn line(&mut self, text: &str) -> String {
        self.session.line(text);
        self.session.until(PROMPT)
    }

    /// Types a line; `expected` has to be shown.
    fn shows(&mut self, text: &str, expected: &str) {
        self.session.line(text);
        self.session.until(expected);
        self.session.until(PROMPT);
    }

    /// Types without an end of line.
    fn keys(&mut self, text: &str) {
        self.session.keys(text);
    }

    /// Types a line that goes on.
    fn begins(&mut self, text: &str) {
        self.session.line(text);
        self.session.until("   ...> ");
    }

    fn file(&self) -> PathBuf {
        self.state.path().join("sscard/history")
    }

    /// Ends it with Ctrl-D; the lines of its history.
    fn ends(&mut self) -> Vec<String> {
        self.session.control(b'd');
        self.session.end();
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
    terminal.session.until("}");
    terminal.session.control(b'c');
    terminal.session.until(PROMPT);
    let mode = fs::metadata(terminal.file()).expect("a history").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(terminal.ends(), ["select SSSE", "case \"b\" {", "  verify", "}"]);
}

#[test]
fn tab_completes_the_only_word_that_fits() {
    let mut terminal = terminal();
    terminal.keys("get_ch\t");
    terminal.session.until("sscard> get_challenge");
    terminal.session.control(b'c');
    terminal.session.until(PROMPT);
    // What is typed is shown again with each key.
    terminal.keys("select SS\t");
    terminal.session.until("select SSSE");
    terminal.shows("", "# SELECT SSSE");
    assert_eq!(terminal.ends(), ["select SSSE"]);
}

#[test]
fn an_error_a_cut_and_a_strange_byte_do_not_end_it() {
    let mut terminal = terminal();
    terminal.shows("selekt SSSE", "'selekt' is not a verb");
    terminal.line("select SSSE");
    terminal.shows("cut 0", "");
    terminal.shows("verify 111111", "the card was removed or lost its power");
    terminal.shows("reset", "# ATR 3B6D");
    terminal.session.keys(b"print \"\xE9\"\r");
    terminal.session.until("that is not UTF-8 text");
    terminal.shows("print 0102", "0102");
    // Ctrl-C leaves a block.
    terminal.begins("case \"a\" {");
    terminal.session.control(b'c');
    terminal.session.until(PROMPT);
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
    second.session.until("select SSSE");
    second.shows("", "# SELECT SSSE");
    assert_eq!(second.ends(), ["select SSSE"]);
}
