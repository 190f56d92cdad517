//! Lines that were typed, in the state folder of the person: mode 0600, without PINs and keys.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use sscard_script::holds_secret;

/// The file keeps so many lines.
const LONGEST: usize = 2000;

/// What was typed, and where it is kept.
pub(super) struct History {
    lines: Vec<String>,
    path: Option<PathBuf>,
}

/// `$XDG_STATE_HOME/sscard/history`, else below `~/.local/state`.
pub(super) fn path() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")));
    Some(state?.join("sscard").join("history"))
}

impl History {
    /// What the file holds; a file that is not there holds nothing.
    pub(super) fn open(path: Option<PathBuf>) -> Self {
        let text = path.as_deref().and_then(|path| fs::read_to_string(path).ok());
        let mut lines: Vec<_> = text.unwrap_or_default().lines().map(str::to_owned).collect();
        lines.drain(..lines.len().saturating_sub(LONGEST));
        Self { lines, path }
    }

    /// Lines, the oldest first.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Keeps a line, unless it is empty, said again, or holds a secret; whether it was kept.
    pub(super) fn add(&mut self, line: &str) -> io::Result<bool> {
        let line = line.trim_end();
        if line.is_empty() || self.lines.last().is_some_and(|last| last == line) {
            return Ok(false);
        }
        if holds_secret(line) {
            return Ok(false);
        }
        self.lines.push(line.to_owned());
        if let Some(path) = &self.path {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = private(OpenOptions::new().append(true).create(true), path)?;
            writeln!(file, "{line}")?;
        }
        Ok(true)
    }

    /// Shortens the file to what is kept.
    pub(super) fn close(&self) -> io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| self.lines.len() > LONGEST) else {
            return Ok(());
        };
        let mut file = private(OpenOptions::new().write(true).truncate(true).create(true), path)?;
        let kept = self.lines.get(self.lines.len() - LONGEST..).unwrap_or(&self.lines);
        file.write_all((kept.join("\n") + "\n").as_bytes())
    }
}

/// Opens a file that nobody else may read.
#[cfg(unix)]
fn private(options: &mut OpenOptions, path: &std::path::Path) -> io::Result<File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = options.mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions, path: &std::path::Path) -> io::Result<File> {
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
        assert!(history.add("select SSSE").unwrap());
        for line in ["verify pin=123456", "0020000003123456", "let pin = 123456", "", "select SSSE"]
        {
            assert!(!history.add(line).unwrap(), "{line}");
        }
        assert!(history.add("verify").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "select SSSE\nverify\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            History::open(Some(path.clone())).add("reset").unwrap();
            assert_eq!(mode(), 0o600);
        }
        assert_eq!(History::open(Some(path)).lines(), ["select SSSE", "verify", "reset"]);
    }
}
