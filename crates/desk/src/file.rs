//! Files of a register: new ones are made aside for their owner alone, and take their name when they
//! are whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sscard_host::whole_file::{remove_left, sync_folder};
use tempfile::NamedTempFile;

/// A file that has no name yet; it is gone unless it is kept.
pub(crate) struct NewFile(NamedTempFile);

/// A file that lies beside a register: its name with an end.
pub(crate) fn beside(register: &Path, end: &str) -> PathBuf {
    let mut name = register.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A new file that is to be `path`.
pub(crate) fn new_file(path: &Path) -> io::Result<NewFile> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let prefix = format!(".{name}.sscard-tmp-{}-", std::process::id());
    remove_left(path);
    // The library makes it for its owner alone.
    let file = tempfile::Builder::new().prefix(&prefix).tempfile_in(folder_of(path))?;
    // Whoever tidies up leaves alone what somebody holds.
    file.as_file().try_lock().map_err(io::Error::from)?;
    Ok(NewFile(file))
}

impl NewFile {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// It is on the disk and has its name, where nothing was; so is its folder's entry.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`], or what the system says.
    pub(crate) fn keep(self, path: &Path) -> io::Result<()> {
        self.0.as_file().sync_all()?;
        self.0.persist_noclobber(path).map_err(|error| error.error)?;
        sync_folder(folder_of(path)).inspect_err(|_| drop(fs::remove_file(path)))
    }
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Takes reading and writing away from everybody but the owner; whether nobody else has them now.
#[cfg(unix)]
pub(crate) fn owner_only(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    // What is not there needs nothing.
    let Ok(metadata) = fs::metadata(path) else { return true };
    let mode = metadata.permissions().mode();
    mode & 0o077 == 0
        || fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7700)).is_ok()
}

#[cfg(not(unix))]
pub(crate) fn owner_only(_path: &Path) -> bool {
    true
}

/// Files that this program has just made; they are gone again unless they are kept.
pub(crate) struct Made(Vec<PathBuf>);

impl Made {
    pub(crate) fn new(register: &Path, ends: &[&str]) -> Self {
        Self(ends.iter().map(|end| beside(register, end)).collect())
    }

    pub(crate) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            // The error that led here is the one to tell; most of them are not there.
            let _ = fs::remove_file(path);
        }
    }
}
