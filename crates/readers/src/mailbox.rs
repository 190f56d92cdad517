//! Messages through memory that both processes have: neither has to be woken while both are awake.
//!
//! ```text
//! client ─► request: words, their count ─► server          "I sleep" ◄─ a byte on the socket, from whoever has written
//! client ◄─ reply: words, their count ◄─── server
//! ```
//! What enters: bytes of one side. What leaves: the same on the other. A side that waits looks for a while whether something has come,
//! says that it sleeps, looks once more, and sleeps at the socket; where looking has not helped, it is done less often.

use std::fs::File;
use std::hint;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use crate::bell::Bell;
use crate::shared_memory::SharedMemory;
use crate::wire::LONGEST_MESSAGE;

/// Words of a message, with room for its length.
const MESSAGE: usize = LONGEST_MESSAGE.div_ceil(WORD) + 1;

const WORD: usize = size_of::<u64>();

/// Words that lie apart, so that a side that waits does not slow down the one that writes.
const APART: usize = 16;

/// Where the client's message begins.
const REQUEST: usize = 4 * APART;

/// Where the server's message begins.
const REPLY: usize = REQUEST + MESSAGE;

const WORDS: usize = REPLY + MESSAGE;

/// So long something is looked for before a side sleeps: a few exchanges.
const AWAKE: Duration = Duration::from_micros(20);

/// How often it is not looked for after it was in vain, at most.
const RESTED: u32 = 512;

/// Looks between two looks at the clock.
const LOOKS: u32 = 64;

/// Which end of the conversation this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Client,
    Server,
}

/// One end of a conversation through memory.
pub(crate) struct Mailbox {
    memory: SharedMemory,
    side: Side,
    /// Messages that were taken.
    taken: u64,
    /// Messages that were written.
    written: u64,
    /// How often it is not looked for something, and how often after the next time in vain.
    rest: u32,
    next_rest: u32,
    is_alone: bool,
}

impl Mailbox {
    /// New memory, and the file that the other side maps.
    pub(crate) fn create() -> io::Result<(Self, OwnedFd)> {
        let file = memfd_create("sscard", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&file, u64::try_from(WORDS * WORD).unwrap_or(u64::MAX))?;
        // Memory that became shorter would be a crash for whoever looks at it.
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        let file = File::from(file);
        let mailbox = Self::on(&file, Side::Server)?;
        Ok((mailbox, file.into()))
    }

    /// The other side's memory.
    pub(crate) fn open(file: OwnedFd) -> io::Result<Self> {
        Self::on(&File::from(file), Side::Client)
    }

    fn on(file: &File, side: Side) -> io::Result<Self> {
        let memory = SharedMemory::map(file, WORDS)?;
        let is_alone = thread::available_parallelism().map_or(1, usize::from) == 1;
        Ok(Self { memory, side, taken: 0, written: 0, rest: 0, next_rest: 1, is_alone })
    }

    fn word(&self, at: usize) -> io::Result<&AtomicU64> {
        self.memory.words().get(at).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    /// How many messages a side has written.
    fn count(&self, by: Side) -> io::Result<&AtomicU64> {
        self.word(if by == Side::Client { 0 } else { APART })
    }

    /// Whether a side sleeps.
    fn asleep(&self, side: Side) -> io::Result<&AtomicU64> {
        self.word(if side == Side::Client { 2 * APART } else { 3 * APART })
    }

    fn message(&self, by: Side) -> &[AtomicU64] {
        let begin = if by == Side::Client { REQUEST } else { REPLY };
        self.memory.words().get(begin..begin.saturating_add(MESSAGE)).unwrap_or_default()
    }

    fn other(&self) -> Side {
        if self.side == Side::Client { Side::Server } else { Side::Client }
    }

    /// Gives the other side a message, and wakes it.
    pub(crate) fn post(&mut self, bytes: &[u8], bell: &Bell) -> io::Result<()> {
        let Some((length, words)) = self.message(self.side).split_first() else {
            return Err(ErrorKind::InvalidData.into());
        };
        length.store(u64::try_from(bytes.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        for (word, bytes) in words.iter().zip(bytes.chunks(WORD)) {
            let mut whole = [0; WORD];
            whole.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            word.store(u64::from_ne_bytes(whole), Ordering::Relaxed);
        }
        self.written = self.written.wrapping_add(1);
        self.count(self.side)?.store(self.written, Ordering::SeqCst);
        if self.asleep(self.other())?.swap(0, Ordering::SeqCst) == 1 {
            ring(bell)?;
        }
        Ok(())
    }

    /// Waits for the other side's next message and copies it.
    pub(crate) fn take(&mut self, bytes: &mut Vec<u8>, bell: &Bell) -> io::Result<()> {
        if !self.look()? {
            self.sleep(bell)?;
        }
        self.taken = self.taken.wrapping_add(1);
        let Some((length, words)) = self.message(self.other()).split_first() else {
            return Err(ErrorKind::InvalidData.into());
        };
        let length = usize::try_from(length.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        if length > LONGEST_MESSAGE {
            return Err(ErrorKind::InvalidData.into());
        }
        bytes.clear();
        for word in words.iter().take(length.div_ceil(WORD)) {
            bytes.extend_from_slice(&word.load(Ordering::Relaxed).to_ne_bytes());
        }
        bytes.truncate(length);
        Ok(())
    }

    fn has_come(&self) -> io::Result<bool> {
        Ok(self.count(self.other())?.load(Ordering::SeqCst) != self.taken)
    }

    /// Looks for a while whether something has come.
    fn look(&mut self) -> io::Result<bool> {
        if self.has_come()? {
            return Ok(true);
        }
        if self.is_alone || self.rest > 0 {
            self.rest = self.rest.saturating_sub(1);
            return Ok(false);
        }
        let begun = Instant::now();
        loop {
            for _ in 0..LOOKS {
                if self.has_come()? {
                    self.next_rest = 1;
                    return Ok(true);
                }
                hint::spin_loop();
            }
            if begun.elapsed() > AWAKE {
                self.rest = self.next_rest;
                self.next_rest = self.next_rest.saturating_mul(2).min(RESTED);
                return Ok(false);
            }
        }
    }

    /// Sleeps until something has come.
    fn sleep(&self, bell: &Bell) -> io::Result<()> {
        loop {
            self.asleep(self.side)?.store(1, Ordering::SeqCst);
            if self.has_come()? {
                self.asleep(self.side)?.store(0, Ordering::SeqCst);
                return Ok(());
            }
            let mut fds = [PollFd::new(bell.stream()?, PollFlags::IN)];
            match poll(&mut fds, None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            hear(bell)?;
        }
    }
}

/// One byte: something has come.
fn ring(bell: &Bell) -> io::Result<()> {
    match send(bell.stream()?, &[1], SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
        // A bell that is full rings.
        Ok(_) | Err(rustix::io::Errno::AGAIN) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Takes what has rung; the end of the other side is an error.
fn hear(bell: &Bell) -> io::Result<()> {
    let mut rung = [0; 64];
    match recv(bell.stream()?, &mut rung, RecvFlags::DONTWAIT) {
        Ok((0, _)) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(_) | Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
