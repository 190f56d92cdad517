//! What a client and the server say to each other.
//!
//! A message is what it says (postcard) and bytes that belong to it: a command, an answer, a value. Both sides are of one build or of
//! none: the first message says which. It and its answer go over the socket, each with its length as four bytes, the lowest first;
//! what follows goes through the mailbox that came with the answer.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};

use crate::mailbox::Mailbox;

/// Which words are spoken here.
pub(crate) const VERSION: u32 = 4;

/// The longest message: the longest exchange with what goes before it, and no more.
pub(crate) const LONGEST_MESSAGE: usize = crate::LONGEST_EXCHANGE + 0x1000;

/// The longest message over the socket.
const LONGEST_GREETING: usize = 0x100;

/// What a client asks. Dispositions and share modes are the numbers of PC/SC, waits are in milliseconds.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) enum Request<'m> {
    Transmit {
        handle: u32,
        protocol: u32,
    },
    Establish {
        version: u32,
    },
    Cancel {
        context: u32,
    },
    /// Ends the wait of a context that is to be released, or the one that it is about to begin.
    Dismiss {
        context: u32,
    },
    Release,
    Readers,
    Connect {
        reader: &'m str,
        share: u32,
        protocols: u32,
        patience: u32,
    },
    StatusChange {
        patience: Option<u32>,
        queries: Vec<(&'m str, u32)>,
    },
    Reconnect {
        handle: u32,
        share: u32,
        protocols: u32,
        first: u32,
    },
    Disconnect {
        handle: u32,
        last: u32,
    },
    Begin {
        handle: u32,
    },
    End {
        handle: u32,
        last: u32,
    },
    Wait {
        handle: u32,
        patience: u32,
    },
    Status {
        handle: u32,
    },
    Control {
        handle: u32,
        code: u32,
    },
    Attribute {
        handle: u32,
        number: u32,
    },
    SetAttribute {
        handle: u32,
        number: u32,
    },
}

/// What the server answers.
#[derive(Serialize, Deserialize, Debug, PartialEq, Eq)]
pub(crate) enum Reply<'m> {
    /// It is done; what came of it follows.
    Done,
    /// The error's number.
    Failed(u32),
    /// A number: of a context.
    Number(u32),
    /// Handle and protocol; none while another's transaction is in the way.
    Connected(Option<(u32, u32)>),
    Readers(Vec<&'m str>),
    /// The error's number or 0, and events with their ATRs.
    Reports(u32, Vec<(u32, Option<&'m [u8]>)>),
    /// Name, state, protocol; the ATR follows.
    Status(&'m str, u32, u32),
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

/// What a message says, and the bytes that belong to it.
pub(crate) fn read<'m, T: Deserialize<'m>>(message: &'m [u8]) -> io::Result<(T, &'m [u8])> {
    postcard::take_from_bytes(message).map_err(|_| damaged("a message"))
}

fn append(mut place: Vec<u8>, message: &impl Serialize, tail: &[u8]) -> io::Result<Vec<u8>> {
    place = postcard::to_extend(message, place).map_err(|_| damaged("a message"))?;
    place.extend_from_slice(tail);
    Ok(place)
}

/// Sends a greeting, or its answer, over the socket, with the file of a mailbox or without.
pub(crate) fn greet(
    stream: &UnixStream,
    message: &impl Serialize,
    mailbox: Option<&OwnedFd>,
) -> io::Result<()> {
    let message = append(Vec::new(), message, &[])?;
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX).to_le_bytes();
    let whole = [&length[..], &message].concat();
    let files: Vec<_> = mailbox.into_iter().map(AsFd::as_fd).collect();
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(&files));
    }
    // So few bytes go as one, or the socket is of no use.
    let sent = sendmsg(stream, &[IoSlice::new(&whole)], &mut ancillary, SendFlags::NOSIGNAL)?;
    if sent == whole.len() { Ok(()) } else { Err(ErrorKind::WriteZero.into()) }
}

/// Waits for a greeting or its answer, up to a deadline or without; the message, and the file that came with it.
pub(crate) fn greeting(
    stream: &UnixStream,
    deadline: Option<Instant>,
) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut incoming = Vec::new();
    let mut file = None;
    loop {
        if let Some((length, message)) = incoming.split_first_chunk() {
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            if length > LONGEST_GREETING || message.len() > length {
                return Err(damaged("a greeting"));
            }
            if message.len() == length {
                return Ok((message.to_vec(), file));
            }
        }
        if let Some(deadline) = deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            stream.set_read_timeout(Some(left))?;
        }
        let mut place = [0; LONGEST_GREETING];
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [IoSliceMut::new(&mut place)];
        let received = match recvmsg(stream, &mut slices, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Ok(received) => received.bytes,
            Err(rustix::io::Errno::INTR) => continue,
            Err(rustix::io::Errno::AGAIN) => return Err(ErrorKind::TimedOut.into()),
            Err(error) => return Err(error.into()),
        };
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(files) = message {
                file = files.last().or(file);
            }
        }
        if received == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        incoming.extend_from_slice(place.get(..received).unwrap_or_default());
    }
}

/// One end of a conversation.
pub(crate) struct Wire {
    stream: Arc<UnixStream>,
    mailbox: Mailbox,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: impl Into<Arc<UnixStream>>, mailbox: Mailbox) -> Self {
        Self { stream: stream.into(), mailbox, outgoing: Vec::new(), incoming: Vec::new() }
    }

    /// The socket's number.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.stream.as_raw_fd()
    }

    /// Sends a message and the bytes that belong to it.
    pub(crate) fn send(&mut self, message: &impl Serialize, tail: &[u8]) -> io::Result<()> {
        let mut outgoing = std::mem::take(&mut self.outgoing);
        outgoing.clear();
        self.outgoing = append(outgoing, message, tail)?;
        if self.outgoing.len() > LONGEST_MESSAGE {
            return Err(damaged("a message that is too long"));
        }
        self.mailbox.post(&self.outgoing, &self.stream)
    }

    /// Waits for the next message; what it says is read by [`read`].
    pub(crate) fn receive(&mut self) -> io::Result<&[u8]> {
        self.mailbox.take(&mut self.incoming, &self.stream)?;
        Ok(&self.incoming)
    }

    /// Whether the other side is there still.
    pub(crate) fn is_connected(&self) -> bool {
        let mut fds = [PollFd::new(&self.stream, PollFlags::RDHUP)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let gone = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
        match poll(&mut fds, Some(&now)) {
            Ok(_) => fds.first().is_some_and(|fd| !fd.revents().intersects(gone)),
            Err(_) => true,
        }
    }
}
