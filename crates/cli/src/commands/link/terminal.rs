//! A pseudo-terminal: for a reader's program that wants a serial port.

use std::fs::File;
use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::wire::{Heard, Quiet, Wire};
use crate::failure::Failure;

/// Whoever opens a serial port sets it up first, and throws away what is there already.
const SET_UP: Duration = Duration::from_millis(150);
/// A terminal that nobody has open is looked at so often.
const PAUSE: Duration = Duration::from_millis(20);

pub(super) struct Terminal {
    end: File,
    is_open: bool,
    quiet: Quiet,
}

impl Terminal {
    /// A terminal that nobody has open, and its name.
    pub(super) fn open(quiet: Quiet) -> Result<(Self, String), Failure> {
        let made = || -> io::Result<(File, String)> {
            let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
            grantpt(&end)?;
            unlockpt(&end)?;
            let name = ptsname(&end, Vec::new())?.to_string_lossy().into_owned();
            // Opened and closed once: from here on the system tells whether somebody has it open.
            let flags = OFlags::RDWR | OFlags::NOCTTY;
            drop(rustix::fs::open(&*name, flags, Mode::empty())?);
            Ok((File::from(end), name))
        };
        let (end, name) = made().map_err(|error| Failure::Input {
            place: "--pty".to_owned(),
            reason: format!("the system gives no pseudo-terminal: {error}"),
        })?;
        Ok((Self { end, is_open: false, quiet }, name))
    }

    fn wait(&self, patience: Duration) -> io::Result<PollFlags> {
        let mut ends = [PollFd::new(&self.end, PollFlags::IN)];
        let patience = Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(0),
            tv_nsec: patience.subsec_nanos().into(),
        };
        match poll(&mut ends, Some(&patience)) {
            Ok(_) => Ok(ends[0].revents()),
            Err(rustix::io::Errno::INTR) => Ok(PollFlags::empty()),
            Err(error) => Err(error.into()),
        }
    }

    /// Bytes as they are, no echo, no lines.
    fn make_raw(&self) -> io::Result<()> {
        let mut settings = tcgetattr(&self.end)?;
        settings.make_raw();
        Ok(tcsetattr(&self.end, OptionalActions::Now, &settings)?)
    }
}

impl Wire for Terminal {
    fn hear(&mut self, piece: &mut [u8]) -> Result<Heard, Failure> {
        let patience = if self.is_open { self.quiet.patience() } else { PAUSE };
        let ready = self.wait(patience)?;
        if !self.is_open {
            if ready.contains(PollFlags::HUP) {
                thread::sleep(PAUSE);
                return Ok(Heard::Nothing);
            }
            self.make_raw()?;
            thread::sleep(SET_UP);
            self.is_open = true;
            return Ok(Heard::Begin);
        }
        if ready.contains(PollFlags::IN) {
            return match self.end.read(piece) {
                Ok(count @ 1..) => Ok(self.quiet.bytes(count)),
                Ok(0) | Err(_) => {
                    self.is_open = false;
                    Ok(self.quiet.end(false))
                }
            };
        }
        if ready.contains(PollFlags::HUP) {
            self.is_open = false;
            return Ok(self.quiet.end(false));
        }
        Ok(self.quiet.nothing())
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A reader that is gone is noticed by the next reading.
        let _ = self.end.write_all(bytes);
        Ok(())
    }
}
