//! What the files of a machine say about its PC/SC; any folder can stand for `/`.

use std::fs;
use std::path::{Path, PathBuf};

/// A machine, seen through its files.
pub(super) struct Machine {
    root: PathBuf,
}

/// What became of connecting to pcscd's socket.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(not(unix), expect(dead_code, reason = "pcscd is there on Unix only"))]
pub(super) enum Daemon {
    Answers,
    Absent,
    /// The socket is there, but its program has gone.
    Silent,
    Forbidden,
    Unknown(String),
}

/// Who listens on a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Listener {
    Nobody,
    Program { name: String, process: u32 },
    Unknown,
}

impl Machine {
    pub(super) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Whether this program runs as root: the second of four user identifiers is the effective one.
    pub(super) fn is_root(&self) -> bool {
        let status = fs::read_to_string(self.path("proc/self/status")).unwrap_or_default();
        let identifiers = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        identifiers.and_then(|all| all.split_whitespace().nth(1)) == Some("0")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn first_of(&self, paths: &[&str]) -> Option<PathBuf> {
        paths.iter().map(|path| self.path(path)).find(|path| path.exists())
    }

    pub(super) fn pcscd(&self) -> Option<PathBuf> {
        self.first_of(&["usr/sbin/pcscd", "usr/bin/pcscd", "usr/local/sbin/pcscd", "sbin/pcscd"])
    }

    pub(super) fn virtual_reader_driver(&self) -> Option<PathBuf> {
        let folders = ["usr/lib/pcsc/drivers/serial", "usr/lib64/pcsc/drivers/serial"];
        let entries = folders.iter().filter_map(|folder| fs::read_dir(self.path(folder)).ok());
        let mut found: Vec<_> = entries
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("libifdvpcd.so")
            })
            .collect();
        found.sort();
        found.into_iter().next()
    }

    pub(super) fn virtual_reader_configuration(&self) -> bool {
        self.path("etc/reader.conf.d/vpcd").exists()
    }

    pub(super) fn has_headers(&self) -> bool {
        self.path("usr/include/PCSC/winscard.h").exists()
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path("run/pcscd/pcscd.comm")
    }

    #[cfg(unix)]
    pub(super) fn daemon(&self) -> Daemon {
        use std::io::ErrorKind;
        match std::os::unix::net::UnixStream::connect(self.socket()) {
            Ok(_) => Daemon::Answers,
            Err(error) => match error.kind() {
                ErrorKind::NotFound => Daemon::Absent,
                ErrorKind::ConnectionRefused => Daemon::Silent,
                ErrorKind::PermissionDenied => Daemon::Forbidden,
                _ => Daemon::Unknown(error.to_string()),
            },
        }
    }

    #[cfg(not(unix))]
    pub(super) fn daemon(&self) -> Daemon {
        Daemon::Absent
    }

    /// Who listens on a TCP port of this machine, by the kernel's tables.
    pub(super) fn listener(&self, port: u16) -> Listener {
        let tables = ["proc/net/tcp", "proc/net/tcp6"];
        let inode = tables
            .iter()
            .filter_map(|table| fs::read_to_string(self.path(table)).ok())
            .find_map(|table| table.lines().find_map(|line| listening(line, port)));
        match inode {
            None => Listener::Nobody,
            Some(inode) => self.owner(&inode).unwrap_or(Listener::Unknown),
        }
    }

    /// The process that holds a socket; only this user's are seen.
    fn owner(&self, inode: &str) -> Option<Listener> {
        let wanted = PathBuf::from(format!("socket:[{inode}]"));
        let processes = fs::read_dir(self.path("proc")).ok()?;
        processes.flatten().find_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let mut files = fs::read_dir(entry.path().join("fd")).ok()?.flatten();
            files.find(|file| fs::read_link(file.path()).is_ok_and(|link| link == wanted))?;
            let name = fs::read_to_string(entry.path().join("comm")).ok()?;
            Some(Listener::Program { name: name.trim().to_owned(), process })
        })
    }
}

/// The inode of a listening socket (state 0A) on `port` in a line of /proc/net/tcp.
fn listening(line: &str, port: u16) -> Option<String> {
    let mut fields = line.split_whitespace().skip(1);
    let (_, local) = fields.next()?.rsplit_once(':')?;
    let _remote = fields.next()?;
    let state = fields.next()?;
    let matches = u16::from_str_radix(local, 16) == Ok(port) && state == "0A";
    // Queues, timer, retransmissions, user and time-out lie between.
    matches.then(|| fields.nth(5)).flatten().map(str::to_owned)
}
