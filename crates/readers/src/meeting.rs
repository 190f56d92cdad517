//! How a program meets the server of a socket, and why it does not.
//!
//! What enters: a socket's name. What leaves: a conversation that has begun, or a sentence that is true of that socket.

use std::error::Error;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, sockopt};

use crate::ScardError;
use crate::mailbox::Mailbox;
use crate::wire::{Reply, Request, VERSION, greet, greeting, read};

/// How long a server may take to answer a greeting.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why nobody serves readers at a socket.
#[derive(Debug)]
pub struct ServerNotMet {
    socket: PathBuf,
    why: Why,
}

#[derive(Debug)]
enum Why {
    NoFile,
    NoSocket,
    NobodyListens,
    NameTooLong(usize),
    Denied,
    NoDescriptors,
    Silent,
    HungUp,
    OtherVersion,
    NotUnderstood,
    Other(io::Error),
}

impl fmt::Display for ServerNotMet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.socket.display())?;
        match &self.why {
            Why::NoFile => {
                f.write_str("there is no such file: the `sscard with` that made it has ended")
            }
            Why::NoSocket => f.write_str("this is no socket: name the one of a `sscard with`"),
            Why::NobodyListens => {
                f.write_str("nobody serves readers there: the `sscard with` that did has ended")
            }
            Why::NameTooLong(length) => write!(
                f,
                "the name of a socket has {LONGEST_NAME} bytes at most, and this one has {length}"
            ),
            Why::Denied => f.write_str("permission denied: only its owner may use a `sscard with`"),
            Why::NoDescriptors => f.write_str(
                "no file descriptor is left for the conversation: close files, or raise `ulimit -n`",
            ),
            Why::Silent => write!(
                f,
                "whoever listens there has not answered for {} seconds",
                PATIENCE.as_secs()
            ),
            Why::HungUp => f.write_str(
                "whoever listens there hung up: it serves no readers, or is ending, or has no \
                 memory or file descriptor left",
            ),
            Why::OtherVersion => f.write_str(
                "the `sscard with` there is of another version than this library: use both of one \
                 build",
            ),
            Why::NotUnderstood => f.write_str(
                "whoever listens there serves no readers, or is of another version than this \
                 library: use the `sscard with` of the same build",
            ),
            Why::Other(error) => error.fmt(f),
        }
    }
}

impl ServerNotMet {
    #[cfg(test)]
    pub(crate) fn of(socket: &Path, error: io::Error) -> Self {
        Self { socket: socket.to_owned(), why: error.into() }
    }
}

impl Error for ServerNotMet {}

impl From<ServerNotMet> for ScardError {
    fn from(_: ServerNotMet) -> Self {
        Self::NO_SERVICE
    }
}

/// Bytes of the longest name of a socket, without the zero byte at its end.
const LONGEST_NAME: usize = 107;

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        match Errno::from_io_error(&error) {
            Some(Errno::NOENT | Errno::NOTDIR) => return Self::NoFile,
            Some(Errno::ACCESS | Errno::PERM) => return Self::Denied,
            Some(Errno::MFILE | Errno::NFILE) => return Self::NoDescriptors,
            Some(Errno::AGAIN) => return Self::Silent,
            Some(Errno::PROTOTYPE) => return Self::NotUnderstood,
            _ => {}
        }
        match error.kind() {
            ErrorKind::TimedOut => Self::Silent,
            ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => {
                Self::HungUp
            }
            ErrorKind::InvalidData => Self::NotUnderstood,
            _ => Self::Other(error),
        }
    }
}

/// A connection to the socket, which is made in time or not at all.
fn call(socket: &Path) -> Result<UnixStream, Why> {
    let length = socket.as_os_str().as_bytes().len();
    if length > LONGEST_NAME {
        return Err(Why::NameTooLong(length));
    }
    let name = SocketAddrUnix::new(socket).map_err(io::Error::from)?;
    let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
    let stream = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None)
        .map_err(io::Error::from)?;
    // A server that accepts nobody has a queue, and a queue that is full is waited for.
    sockopt::set_socket_timeout(&stream, sockopt::Timeout::Send, Some(PATIENCE))
        .map_err(io::Error::from)?;
    match retry_on_intr(|| rustix::net::connect(&stream, &name)) {
        Ok(()) => Ok(stream.into()),
        Err(Errno::CONNREFUSED) => {
            let is_socket = fs::metadata(socket).map(|file| file.file_type().is_socket());
            Err(if is_socket.unwrap_or(true) { Why::NobodyListens } else { Why::NoSocket })
        }
        Err(error) => Err(io::Error::from(error).into()),
    }
}

/// A deadline for the answer to a greeting.
fn deadline() -> Option<Instant> {
    Instant::now().checked_add(PATIENCE)
}

fn begin(socket: &Path) -> Result<(UnixStream, Mailbox, u32), Why> {
    let stream = call(socket)?;
    greet(&stream, &Request::Establish { version: VERSION }, None)?;
    let (reply, file) = greeting(&stream, deadline())?;
    match read(&reply)?.0 {
        Reply::Number(number) => {
            // It was sent, and has found no place here.
            let file = file.ok_or(Why::NoDescriptors)?;
            Ok((stream, Mailbox::open(file)?, number))
        }
        Reply::Failed(_) => Err(Why::OtherVersion),
        _ => Err(Why::NotUnderstood),
    }
}

/// Begins a context at the server of this socket: the conversation, and the context's number.
pub(crate) fn meet(socket: &Path) -> Result<(UnixStream, Mailbox, u32), ServerNotMet> {
    begin(socket).map_err(|why| ServerNotMet { socket: socket.to_owned(), why })
}

/// Asks one thing by a conversation of its own, which is not held up by another.
pub(crate) fn ask_aside(socket: &Path, request: &Request<'_>) -> Result<(), ScardError> {
    let asked = || {
        let stream = call(socket)?;
        greet(&stream, request, None)?;
        let (message, _) = greeting(&stream, deadline())?;
        Ok::<_, Why>(match read(&message)?.0 {
            Reply::Done => Ok(()),
            Reply::Failed(code) => {
                Err(ScardError::from_code(code).unwrap_or(ScardError::INTERNAL_ERROR))
            }
            _ => Err(ScardError::COMM_ERROR),
        })
    };
    asked().unwrap_or(Err(ScardError::NO_SERVICE))
}
