//! The way out: what comes from outside reaches a terminal as text, never as an order, and files that
//! may hold secrets are made for their owner.
//!
//! ```text
//! a value from outside ─► shown ─► a line of ours ─► Filter ─► stdout, stderr
//! ```
//! Commands show values in one line where they print them. The filter is the net below: what a
//! command forgot comes out written, as `\u{1b}`.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use sscard_lexicon::{is_order, push_shown};

/// A path in one line.
pub(crate) fn shown_path(path: &Path) -> String {
    sscard_lexicon::shown(&path.to_string_lossy()).into_owned()
}

/// Text on its way to a terminal: ends of lines and tabs pass, what else a terminal obeys or hides is
/// written out.
#[derive(Default)]
pub(crate) struct Filter {
    /// A carriage return that may belong to an end of line, or the beginning of a character.
    held: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Text,
    /// Our own colours pass, too.
    Coloured,
    /// Everything passes: a file that happens to be standard output.
    Bytes,
}

impl Filter {
    /// For what is no text.
    pub(crate) fn bytes() -> Self {
        Self { held: Vec::new(), kind: Kind::Bytes }
    }

    /// For text with colours of our own.
    fn coloured() -> Self {
        Self { held: Vec::new(), kind: Kind::Coloured }
    }

    /// Appends to `out` what becomes of bytes. A character may come in pieces.
    pub(crate) fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.kind == Kind::Bytes {
            return out.extend_from_slice(bytes);
        }
        let is_plain = |byte: &u8| matches!(byte, b'\n' | b'\t' | 0x20..=0x7E);
        if self.held.is_empty() && bytes.iter().all(is_plain) {
            return out.extend_from_slice(bytes);
        }
        let all = [&std::mem::take(&mut self.held)[..], bytes].concat();
        let mut rest = &all[..];
        loop {
            match str::from_utf8(rest) {
                Ok(text) => return self.text(text, true, out),
                Err(error) => {
                    let (text, behind) = rest.split_at(error.valid_up_to());
                    let is_cut = error.error_len().is_none();
                    self.text(str::from_utf8(text).unwrap_or_default(), false, out);
                    if is_cut {
                        self.held.extend_from_slice(behind);
                        return;
                    }
                    let (wrong, behind) = behind.split_at(error.error_len().unwrap_or(1));
                    raw(wrong, out);
                    rest = behind;
                }
            }
        }
    }

    /// What was held back: nothing more comes.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        raw(&std::mem::take(&mut self.held), out);
    }

    /// `is_last`: nothing of this call comes behind it.
    fn text(&mut self, text: &str, is_last: bool, out: &mut Vec<u8>) {
        let mut rest = text;
        while let Some(at) = rest.find(|c| is_order(c) && !matches!(c, '\n' | '\t')) {
            let (plain, order) = rest.split_at(at);
            out.extend_from_slice(plain.as_bytes());
            let colour = if self.kind == Kind::Coloured { colour(order) } else { 0 };
            let passes = if order.starts_with("\r\n") { 2 } else { colour };
            if order == "\r" && is_last {
                self.held.push(b'\r');
                return;
            }
            let (order, behind) = match (passes, order.chars().next()) {
                (0, Some(c)) => order.split_at(c.len_utf8()),
                (passes, _) => order.split_at(passes),
            };
            match order.chars().next() {
                Some(c) if passes == 0 => {
                    let mut written = String::new();
                    push_shown(&mut written, c);
                    out.extend_from_slice(written.as_bytes());
                }
                _ => out.extend_from_slice(order.as_bytes()),
            }
            rest = behind;
        }
        out.extend_from_slice(rest.as_bytes());
    }
}

/// Bytes that are no text, or no text any more.
fn raw(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        match byte {
            b'\r' => out.extend_from_slice(b"\\r"),
            byte => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
        }
    }
}

/// How long the colour is that a text begins with: `ESC [ numbers m`.
fn colour(text: &str) -> usize {
    let Some(behind) = text.strip_prefix("\x1B[") else { return 0 };
    match behind.find(|c: char| !c.is_ascii_digit() && c != ';') {
        Some(end) if behind[end..].starts_with('m') => end + 3,
        _ => 0,
    }
}

/// A whole text, filtered.
fn filtered(text: &str, mut filter: Filter) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    filter.pass(text.as_bytes(), &mut out);
    filter.end(&mut out);
    out
}

/// Writes a text to stderr; that nobody reads it changes no exit code.
pub(crate) fn complain(text: fmt::Arguments<'_>) {
    let _ = io::stderr().write_all(&filtered(&text.to_string(), Filter::default()));
}

/// The same with colours of our own.
pub(crate) fn complain_in_colour(text: &str) {
    let _ = io::stderr().write_all(&filtered(text, Filter::coloured()));
}

/// So many lines wait for somebody who reads slowly; more are left out.
const WAITING: usize = 1024;

/// Lines to stdout that nobody has to read: whoever writes them never waits.
#[derive(Clone)]
pub(crate) struct Lines(SyncSender<String>);

impl Lines {
    /// The lines, and the thread that writes them until nobody has any more.
    pub(crate) fn start() -> (Self, JoinHandle<()>) {
        let (sender, lines) = sync_channel::<String>(WAITING);
        let thread = thread::spawn(move || {
            for line in lines {
                let _ = io::stdout().lock().write_all(&filtered(&line, Filter::default()));
            }
        });
        (Self(sender), thread)
    }

    pub(crate) fn tell(&self, line: String) {
        // A pipe that is full, or closed, stops no card.
        let _ = self.0.try_send(line);
    }
}

/// A file that is written anew, for its owner alone when it was not there; one that is there keeps
/// its mode.
///
/// # Errors
/// What the system reports.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pieces: &[&[u8]]) -> String {
        let (mut filter, mut out) = (Filter::default(), Vec::new());
        pieces.iter().for_each(|piece| filter.pass(piece, &mut out));
        filter.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn orders_are_written_out_and_text_passes() {
        assert_eq!(text(&["张三\ta\r\nb\n".as_bytes()]), "张三\ta\r\nb\n");
        assert_eq!(text(&[b"\x1B[2J\x07\x08\x7F"]), "\\u{1b}[2J\\u{7}\\u{8}\\u{7f}");
        assert_eq!(text(&["\u{9B}2J\u{202E}".as_bytes()]), "\\u{9b}2J\\u{202e}");
        assert_eq!(text(&[b"\x9B2J\xFFa\xC3"]), "\\x9b2J\\xffa\\xc3");
        assert_eq!(text(&[b"a\rb\r"]), "a\\rb\\r");
        assert_eq!(text(&[b"\x1B[31mred\x1B[0m"]), "\\u{1b}[31mred\\u{1b}[0m");
    }

    #[test]
    fn a_character_may_come_in_pieces() {
        let name = "张\u{202E}三\r\n".as_bytes();
        for cut in 0..name.len() {
            let (a, b) = name.split_at(cut);
            assert_eq!(text(&[a, b]), "张\\u{202e}三\r\n", "{cut}");
        }
        let bytes: Vec<&[u8]> = name.chunks(1).collect();
        assert_eq!(text(&bytes), "张\\u{202e}三\r\n");
        assert_eq!(text(&[b"\r", b"x"]), "\\rx");
    }

    #[test]
    fn only_colours_pass_where_we_colour() {
        let out = filtered("\x1B[1;31ma\x1B[0m\x1B[2J\x1B]0;x\x07\x1B[", Filter::coloured());
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\x1B[1;31ma\x1B[0m\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{1b}["
        );
    }

    #[test]
    fn bytes_pass_where_output_is_a_file() {
        let mut out = Vec::new();
        Filter::bytes().pass(b"\n\r\r\n\x1B\xFF", &mut out);
        assert_eq!(out, b"\n\r\r\n\x1B\xFF");
    }
}
