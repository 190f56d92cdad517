//! What a client and the server say to each other.
//!
//! A message is its length as four bytes, the lowest first, what it says (postcard), and bytes that belong to it: a command, an
//! answer, a value. Both sides are of one build or of none: the first message says which.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::{Deserialize, Serialize};

/// Which words are spoken here.
pub(crate) const VERSION: u32 = 1;

/// The longest message: the longest exchange with what goes before it, and no more.
const LONGEST_MESSAGE: usize = crate::LONGEST_EXCHANGE + 0x1000;

/// So long a message is waited for before a process falls asleep, which costs more than the wait.
const AWAKE: Duration = Duration::from_micros(50);

/// What a client asks. Dispositions and share modes are the numbers of PC/SC, waits are in milliseconds.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) enum Request<'m> {
    Transmit { handle: u32, protocol: u32 },
    Establish { version: u32 },
    Cancel { context: u32 },
    Readers,
    Connect { reader: &'m str, share: u32, protocols: u32, patience: u32 },
    StatusChange { patience: Option<u32>, queries: Vec<(&'m str, u32)> },
    Reconnect { handle: u32, share: u32, protocols: u32, first: u32 },
    Disconnect { handle: u32, last: u32 },
    Begin { handle: u32 },
    End { handle: u32, last: u32 },
    Wait { handle: u32, patience: u32 },
    Status { handle: u32 },
    Control { handle: u32, code: u32 },
    Attribute { handle: u32, number: u32 },
    SetAttribute { handle: u32, number: u32 },
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

/// One end of a conversation.
pub(crate) struct Wire {
    stream: UnixStream,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    /// Bytes of `incoming` that have arrived.
    arrived: usize,
    /// Bytes of the message that was handed out last.
    taken: usize,
    is_alone: bool,
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

impl Wire {
    pub(crate) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let is_alone = thread::available_parallelism().map_or(1, usize::from) == 1;
        let incoming = vec![0; 0x400];
        let outgoing = Vec::with_capacity(0x400);
        Ok(Self { stream, outgoing, incoming, arrived: 0, taken: 0, is_alone })
    }

    /// Sends a message and the bytes that belong to it.
    pub(crate) fn send(&mut self, message: &impl Serialize, tail: &[u8]) -> io::Result<()> {
        let mut outgoing = std::mem::take(&mut self.outgoing);
        outgoing.clear();
        outgoing.extend([0; 4]);
        outgoing = postcard::to_extend(message, outgoing).map_err(|_| damaged("a message"))?;
        outgoing.extend_from_slice(tail);
        let length = outgoing.len().saturating_sub(4);
        if length > LONGEST_MESSAGE {
            return Err(damaged("a message that is too long"));
        }
        let length = u32::try_from(length).unwrap_or_default().to_le_bytes();
        outgoing.iter_mut().zip(length).for_each(|(place, byte)| *place = byte);
        let sent = self.write(&outgoing);
        self.outgoing = outgoing;
        sent
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    sleep(&self.stream, PollFlags::OUT)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for the next message; what it says is read by [`read`].
    pub(crate) fn receive(&mut self) -> io::Result<&[u8]> {
        self.incoming.copy_within(self.taken.min(self.arrived)..self.arrived, 0);
        self.arrived = self.arrived.saturating_sub(self.taken);
        self.taken = 0;
        self.fill(4)?;
        let length = self.incoming.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > LONGEST_MESSAGE {
            return Err(damaged("a message that is too long"));
        }
        let end = length.saturating_add(4);
        self.fill(end)?;
        self.taken = end;
        Ok(self.incoming.get(4..end).unwrap_or_default())
    }

    /// Waits until so many bytes have arrived.
    fn fill(&mut self, wanted: usize) -> io::Result<()> {
        if self.incoming.len() < wanted {
            self.incoming.resize(wanted.next_power_of_two(), 0);
        }
        let mut begun = None;
        let mut tries: u32 = 0;
        while self.arrived < wanted {
            let place = self.incoming.get_mut(self.arrived..).unwrap_or_default();
            match self.stream.read(place) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.arrived = self.arrived.saturating_add(read),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let begun = *begun.get_or_insert_with(Instant::now);
                    tries = tries.wrapping_add(1);
                    if self.is_alone || (tries.is_multiple_of(8) && begun.elapsed() > AWAKE) {
                        sleep(&self.stream, PollFlags::IN)?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
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

/// Sleeps until the stream can be read or written.
fn sleep(stream: &UnixStream, until: PollFlags) -> io::Result<()> {
    let mut fds = [PollFd::new(stream, until)];
    match poll(&mut fds, None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What a message says, and the bytes that belong to it.
pub(crate) fn read<'m, T: Deserialize<'m>>(message: &'m [u8]) -> io::Result<(T, &'m [u8])> {
    postcard::take_from_bytes(message).map_err(|_| damaged("a message"))
}
