//! Files that are written whole or not at all: new beside old, then renamed.
//!
//! ```text
//! path ─► WholeFile::create ─► write… ─► finish: its place
//! ```
//! What enters: a path as a person names it, the bytes. What leaves: the new file in the old one's place,
//! or the old one as it was. Invariant owned here: I-24, its half about files: what is reported as
//! unchanged is unchanged.
//!
//! Where the system allows, the new file has no name before it is whole; where it does not, it is called
//! `.NAME.sscard-tmp-NUMBER` and locked. One whose lock is free was left by a program that was killed: the
//! next writer of NAME removes it, and nothing else.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Links that are followed before a name counts as a circle, as the system does it.
const LINKS: usize = 40;

/// Who may read a file that was not there before. One that was keeps its permissions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// As the system's mask says.
    Everybody,
    /// Its owner alone: it may hold keys, PINs or names.
    Owner,
}

/// What could not be kept of the file that was there before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Remark {
    /// It belonged to somebody else and belongs to us now.
    Owner {
        /// Number of the user before.
        user: u32,
        /// Number of the group before.
        group: u32,
    },
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Owner { user, group } => {
                write!(f, "it belonged to user {user}, group {group}, and belongs to you now")
            }
        }
    }
}

/// Where a path leads.
enum Target {
    /// A regular file, there or not yet.
    File(PathBuf),
    /// A pipe, a device, an open file of ours: it is written into.
    Stream(PathBuf),
}

/// A file that is being written; nobody sees it before [`WholeFile::finish`].
pub struct WholeFile(Place);

enum Place {
    New { fresh: Fresh, path: PathBuf, remarks: Vec<Remark> },
    Stream(File),
}

impl WholeFile {
    /// Begins a file, in place of one that may be there. Links are followed; a pipe or a device is written
    /// into and stays what it is.
    ///
    /// # Errors
    /// What the system says; then nothing has happened.
    pub fn create(path: &Path, audience: Audience) -> io::Result<Self> {
        match target(path)? {
            Target::Stream(stream) => {
                Ok(Self(Place::Stream(OpenOptions::new().append(true).open(stream)?)))
            }
            Target::File(real) => Self::at(real, audience),
        }
    }

    fn at(path: PathBuf, audience: Audience) -> io::Result<Self> {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
        remove_left(&path);
        let fresh = Fresh::new(folder(&path), name, audience)?;
        let mut remarks = Vec::new();
        if let Ok(old) = fs::metadata(&path) {
            remarks.extend(take_owner(&fresh.file, &old));
            fresh.file.set_permissions(old.permissions())?;
        }
        Ok(Self(Place::New { fresh, path, remarks }))
    }

    /// Forgets what was written into a file that has no place yet.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin_again(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Place::New { fresh, .. } => {
                fresh.file.set_len(0)?;
                fresh.file.rewind()
            }
            Place::Stream(_) => Err(ErrorKind::NotSeekable.into()),
        }
    }

    /// Puts the file in its place where nothing is, safe from a crash of the operating system; the file,
    /// locked against other sscards as long as it is open.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`], or what the system says; then nothing has happened.
    pub fn finish_new(self) -> io::Result<File> {
        match self.0 {
            Place::New { fresh, path, .. } => fresh.take_free_place(&path),
            Place::Stream(stream) => Ok(stream),
        }
    }

    /// Puts the file in its place, safe from a crash of the operating system.
    ///
    /// # Errors
    /// What the system says; then the old file is as it was.
    pub fn finish(self) -> io::Result<Vec<Remark>> {
        match self.0 {
            Place::Stream(_) => Ok(Vec::new()),
            Place::New { fresh, path, remarks } => fresh.take_place_of(&path).map(|_| remarks),
        }
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Place::New { fresh, .. } => fresh.file.write(bytes),
            Place::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Place::New { fresh, .. } => fresh.file.flush(),
            Place::Stream(stream) => stream.flush(),
        }
    }
}

/// Writes a file whole, as [`WholeFile`] does.
///
/// # Errors
/// What the system says; then the old file is as it was.
pub fn write(path: &Path, bytes: &[u8], audience: Audience) -> io::Result<Vec<Remark>> {
    let mut file = WholeFile::create(path, audience)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Puts a new file in place of `path`, which is no link, when it can belong to whom the old one does; the
/// new file, locked and open for more.
pub(crate) fn replace(path: &Path, bytes: &[u8], audience: Audience) -> io::Result<File> {
    match WholeFile::at(path.to_owned(), audience)?.0 {
        Place::New { remarks, .. } if !remarks.is_empty() => {
            Err(ErrorKind::PermissionDenied.into())
        }
        Place::New { mut fresh, path, .. } => {
            fresh.file.write_all(bytes)?;
            fresh.take_place_of(&path)
        }
        Place::Stream(_) => Err(ErrorKind::InvalidInput.into()),
    }
}

/// The regular file that a path leads to, whether it is there or not; `None` for a pipe or a device.
///
/// # Errors
/// A folder, a circle of links, what the system says.
pub fn regular(path: &Path) -> io::Result<Option<PathBuf>> {
    Ok(match target(path)? {
        Target::File(real) => Some(real),
        Target::Stream(_) => None,
    })
}

fn target(path: &Path) -> io::Result<Target> {
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => return Ok(Target::Stream(path.to_owned())),
        _ => {}
    }
    let mut at = path.to_owned();
    for _ in 0..LINKS {
        // `/dev/stdout`, `/dev/fd/3` and their like are names of an open file, not of a place.
        let lies_in = fs::canonicalize(folder(&at)).unwrap_or_default();
        if lies_in.starts_with("/proc") && fs::metadata(&at).is_ok() {
            return Ok(Target::Stream(path.to_owned()));
        }
        if !fs::symlink_metadata(&at).is_ok_and(|there| there.is_symlink()) {
            return Ok(Target::File(at));
        }
        let link = fs::read_link(&at)?;
        at = folder(&at).join(link);
    }
    Err(io::Error::other("too many links lead from one to the next"))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The file has its name; that the name survives a crash of the system is what a folder that can be opened
/// allows.
fn put_down_name(folder: &Path) {
    let _ = sync_folder(folder);
}

/// The names in a folder survive a crash of the system only when the folder is written too.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The names in a folder are the system's own care.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn take_owner(file: &File, old: &fs::Metadata) -> Option<Remark> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let is_same = |new: &fs::Metadata| (new.uid(), new.gid()) == (old.uid(), old.gid());
    if file.metadata().as_ref().is_ok_and(is_same) {
        return None;
    }
    let taken = fchown(file, Some(old.uid()), Some(old.gid()));
    if taken.is_err() {
        // The group alone may be one of ours.
        let _ = fchown(file, None, Some(old.gid()));
    }
    taken.err().map(|_| Remark::Owner { user: old.uid(), group: old.gid() })
}

#[cfg(not(unix))]
fn take_owner(_file: &File, _old: &fs::Metadata) -> Option<Remark> {
    None
}

/// A file that is not in its place yet.
struct Fresh {
    file: File,
    /// Its name on the way, which goes when this value does; none yet where the system allows that.
    name: Option<PathBuf>,
}

impl Fresh {
    fn new(folder: &Path, name: &OsStr, audience: Audience) -> io::Result<Self> {
        let fresh = match nameless(folder, audience) {
            Some(file) => Self { file, name: None },
            None => {
                let mut options = OpenOptions::new();
                options.read(true).write(true).create_new(true);
                set_mode(&mut options, audience);
                let (file, name) = on_the_way(folder, name, |path| options.open(path))?;
                Self { file, name: Some(name) }
            }
        };
        match fresh.file.try_lock() {
            // A system without locks excludes nobody, and writes all the same.
            Ok(()) | Err(TryLockError::WouldBlock) => Ok(fresh),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(fresh),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Gets the name where nobody has it.
    fn take_free_place(mut self, path: &Path) -> io::Result<File> {
        self.file.sync_all()?;
        match self.name.take() {
            None => give_name(&self.file, path)?,
            Some(name) => {
                self.name = Some(name.clone());
                fs::hard_link(name, path)?;
            }
        }
        put_down_name(folder(path));
        self.file.try_clone()
    }

    /// Gets the name; all of it is safe then.
    fn take_place_of(mut self, path: &Path) -> io::Result<File> {
        self.file.sync_all()?;
        let from = match self.name.take() {
            Some(name) => name,
            None => {
                let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
                on_the_way(folder(path), name, |path| give_name(&self.file, path))?.1
            }
        };
        self.name = Some(from.clone());
        fs::rename(from, path)?;
        self.name = None;
        put_down_name(folder(path));
        self.file.try_clone()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // What cannot be removed is removed by the next writer.
            let _ = fs::remove_file(name);
        }
    }
}

/// Takes the first name on the way that nobody has.
fn on_the_way<T>(
    folder: &Path,
    name: &OsStr,
    take: impl Fn(&Path) -> io::Result<T>,
) -> io::Result<(T, PathBuf)> {
    let mut number = 0_u32;
    loop {
        let mut own = prefix(name);
        own.push(format!("{}-{number}", process::id()));
        let path = folder.join(own);
        match (take(&path), number.checked_add(1)) {
            (Err(error), Some(next)) if error.kind() == ErrorKind::AlreadyExists => number = next,
            (other, _) => return Ok((other?, path)),
        }
    }
}

fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".sscard-tmp-");
    prefix
}

/// Removes what killed writers of a path left: files that nobody holds the lock of.
pub fn remove_left(path: &Path) {
    let Some(name) = path.file_name() else { return };
    let prefix = prefix(name);
    let Ok(entries) = fs::read_dir(folder(path)) else { return };
    for entry in entries.flatten() {
        let left = entry.file_name();
        let number = left.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        if !number.is_some_and(is_number) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        // What cannot be looked at or removed is somebody else's.
        if let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The number of a program and one of its own: what people call their files is none.
fn is_number(text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |byte| *byte == b'-');
    let (program, own) = (parts.next().unwrap_or(&[]), parts.next().unwrap_or(&[]));
    !program.is_empty()
        && program.iter().all(u8::is_ascii_digit)
        && !own.is_empty()
        && own.iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(unix)]
fn set_mode(options: &mut OpenOptions, audience: Audience) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(mode(audience));
}

#[cfg(not(unix))]
fn set_mode(_options: &mut OpenOptions, _audience: Audience) {}

#[cfg(unix)]
const fn mode(audience: Audience) -> u32 {
    match audience {
        Audience::Everybody => 0o666,
        Audience::Owner => 0o600,
    }
}

/// A file without a name, where the system and the file system have such.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path, audience: Audience) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    // Without /proc it could not be given a name later.
    if !Path::new("/proc/self/fd").exists() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    open(folder, flags, Mode::from_raw_mode(mode(audience))).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_folder: &Path, _audience: Audience) -> Option<File> {
    None
}

#[cfg(target_os = "linux")]
fn give_name(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use std::os::fd::AsRawFd;
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, open.as_str(), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
fn give_name(_file: &File, _path: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
