//! A conversation's socket, which a program may have closed with everything else that is open.
//!
//! What enters: a socket. What leaves: the same, while it is; a number that is the program's again is neither used nor closed.

use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, IntoRawFd, RawFd};
use std::os::unix::net::UnixStream;

use rustix::fs::{Stat, fstat};

/// A socket that knows whether its number is its own still.
pub(crate) struct Bell {
    /// None at the end.
    stream: Option<UnixStream>,
    at_first: Stat,
}

impl Bell {
    pub(crate) fn new(stream: UnixStream) -> io::Result<Self> {
        let at_first = fstat(&stream)?;
        Ok(Self { stream: Some(stream), at_first })
    }

    /// The socket.
    ///
    /// # Errors
    /// [`ErrorKind::NotConnected`] when it was closed by somebody else.
    pub(crate) fn stream(&self) -> io::Result<&UnixStream> {
        let is_same =
            |now: Stat| (now.st_dev, now.st_ino) == (self.at_first.st_dev, self.at_first.st_ino);
        let stream = self.stream.as_ref();
        let own = stream.filter(|stream| fstat(stream).is_ok_and(is_same));
        own.ok_or_else(|| ErrorKind::NotConnected.into())
    }

    /// Its number.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.stream.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if self.stream().is_err() {
            // It is closed, or somebody else's.
            let _ = self.stream.take().map(IntoRawFd::into_raw_fd);
        }
    }
}
