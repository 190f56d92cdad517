//! Lines that were typed, in the state folder of the person: mode 0600, without PINs and keys.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sscard_host::whole_file::{self, Audience};
use sscard_lexicon::is_order;
use sscard_script::holds_secret;

use crate::read_file;

/// The file keeps so many lines.
pub(super) const LONGEST: usize = 2000;

/// What was typed, and where it is kept.
pub(super) struct History {
    lines: Vec<String>,
    path: Option<PathBuf>,
    /// Whether it was said that the file cannot be written.
    is_told: bool,
}

/// `$XDG_STATE_HOME/sscard/history`, else below `~/.local/state`.
pub(super) fn path() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")));
    Some(state?.join("sscard").join("history"))
}

impl History {
    /// What the file holds; a file that is not there holds nothing, one that cannot be read is left alone.
    pub(super) fn open(path: Option<PathBuf>) -> Self {
        let text = path.as_deref().map_or_else(|| Ok(Vec::new()), read_file::read);
        let (lines, is_told) = match text {
            Ok(text) => (lines(text), false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Vec::new(), false),
            Err(error) => {
                complain!("sscard: the history cannot be read: {error}");
                (Vec::new(), true)
            }
        };
        Self { lines, path, is_told }
    }

    /// Lines, the oldest first.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Keeps the lines of what was typed, unless it holds a secret; those that were kept. What is
    /// said again is kept once.
    pub(super) fn add(&mut self, text: &str) -> Vec<String> {
        if holds_secret(text) || text.contains(|c| gives_orders(c) && !matches!(c, '\n' | '\r')) {
            return Vec::new();
        }
        let mut kept: Vec<String> = Vec::new();
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            if kept.last().or(self.lines.last()).is_none_or(|last| last != line) {
                kept.push(line.to_owned());
            }
        }
        self.lines.extend_from_slice(&kept);
        if let Err(error) = self.write(&kept)
            && !self.is_told
        {
            complain!("sscard: the history is not kept: {error}");
            self.is_told = true;
        }
        kept
    }

    fn write(&self, lines: &[String]) -> io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| !lines.is_empty()) else { return Ok(()) };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = private(OpenOptions::new().append(true).create(true), path)?;
        file.write_all((lines.join("\n") + "\n").as_bytes())
    }

    /// Shortens the file, to which others may have written since.
    pub(super) fn close(&self) -> io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| !self.is_told) else { return Ok(()) };
        let text = match read_file::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text?,
        };
        if text.iter().filter(|byte| **byte == b'\n').count() > LONGEST {
            let kept = lines(text);
            let kept = kept.join("\n") + "\n";
            whole_file::write(path, kept.as_bytes(), Audience::Owner)?;
        }
        Ok(())
    }
}

/// Whether a character is none of a line that somebody may have typed.
fn gives_orders(c: char) -> bool {
    is_order(c) && c != '\t'
}

/// The latest lines of a file; those that are no text, or would give a terminal orders, are left out.
fn lines(text: Vec<u8>) -> Vec<String> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let lines = lines.filter_map(|line| String::from_utf8(line.to_vec()).ok());
    // An editor puts a line on the screen as it is.
    let mut lines: Vec<_> = lines.filter(|line| !line.contains(gives_orders)).collect();
    lines.drain(..lines.len().saturating_sub(LONGEST));
    lines
}

/// Opens a file that nobody else may read.
#[cfg(unix)]
fn private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = options.mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_private_and_holds_no_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sscard/history");
        let mut history = History::open(Some(path.clone()));
        assert_eq!(history.add("select SSSE"), ["select SSSE"]);
        for text in [
            "verify pin=123456",
            "verify \\\n123456\n",
            "case \"a\" {\n  verify 123456\n}\n",
            "0020000003123456",
            "let pin = 123456",
            "",
            "select SSSE",
        ] {
            assert!(history.add(text).is_empty(), "{text}");
        }
        assert_eq!(history.add("case \"a\" {\n  verify\n}\n"), ["case \"a\" {", "  verify", "}"]);
        let kept = "select SSSE\ncase \"a\" {\n  verify\n}\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), kept);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            History::open(Some(path.clone())).add("reset");
            assert_eq!(mode(), 0o600);
        }
        assert_eq!(History::open(Some(path)).lines()[3..], ["}", "reset"]);
    }

    #[test]
    fn what_another_shell_wrote_stays_and_a_bad_line_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let many: String = (0..LONGEST).map(|number| format!("print {number}\n")).collect();
        fs::write(&path, many.as_bytes()).unwrap();
        let mut one = History::open(Some(path.clone()));
        let mut other = History::open(Some(path.clone()));
        one.add("print AA");
        other.add("print BB");
        other.close().unwrap();
        one.close().unwrap();
        fs::write(&path, [&fs::read(&path).unwrap()[..], b"\xFF\nprint \x1B[2J\nreset\n"].concat())
            .unwrap();
        let lines = History::open(Some(path)).lines;
        assert_eq!(lines.len(), LONGEST);
        assert_eq!(lines[LONGEST - 3..], ["print AA", "print BB", "reset"]);
    }
}
