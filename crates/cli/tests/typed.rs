//! A program on a pseudo-terminal: what is typed, and what is shown.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, open};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program and its terminal.
pub(crate) struct Typed {
    keys: File,
    shown: Receiver<Vec<u8>>,
    /// What was shown and nobody has asked for.
    text: Vec<u8>,
    child: Child,
}

impl Typed {
    /// Starts a program; its terminal echoes nothing by itself.
    pub(crate) fn new(program: &str, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let (terminal, end) = open().expect("a terminal");
        terminal.resize(Size::new(24, 80)).expect("a terminal");
        let mut modes = tcgetattr(&terminal).expect("its modes");
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &modes).expect("its modes");
        let command = Command::new(program).args(args).env_remove("SSCARD_READER");
        let child = command.envs(environment.iter().copied()).spawn(end).expect("starts");
        let file = || File::from(terminal.as_fd().try_clone_to_owned().expect("a terminal"));
        let mut screen = file();
        let (sender, shown) = channel();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            // The end of a terminal is an error on Linux.
            while let Ok(length @ 1..) = screen.read(&mut piece) {
                if sender.send(piece[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { keys: file(), shown, text: Vec::new(), child }
    }

    /// Types these bytes.
    pub(crate) fn keys(&mut self, bytes: impl AsRef<[u8]>) {
        self.keys.write_all(bytes.as_ref()).expect("typed");
    }

    /// Types a line and its end.
    pub(crate) fn line(&mut self, text: &str) {
        self.keys(format!("{text}\n"));
    }

    /// Types a letter with Ctrl.
    pub(crate) fn control(&mut self, letter: u8) {
        self.keys([letter & 0x1F]);
    }

    /// Waits for these words; what was shown before them.
    pub(crate) fn until(&mut self, words: &str) -> String {
        let by = Instant::now() + PATIENCE;
        loop {
            let at =
                (0..=self.text.len()).find(|at| self.text[*at..].starts_with(words.as_bytes()));
            if let Some(at) = at {
                let rest = self.text.split_off(at + words.len());
                let mut before = std::mem::replace(&mut self.text, rest);
                before.truncate(at);
                return String::from_utf8_lossy(&before).into_owned();
            }
            match self.shown.recv_timeout(by.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.text.extend(piece),
                Err(_) => panic!("no '{words}': {:?}", String::from_utf8_lossy(&self.text)),
            }
        }
    }

    /// Waits until the program has ended.
    pub(crate) fn end(&mut self) {
        let by = Instant::now() + PATIENCE;
        loop {
            match self.shown.recv_timeout(by.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it goes on"),
            }
        }
        self.child.wait().expect("its end");
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
