//! The program that is run: started, given the signals that are ours, waited for.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::thread;

use rustix::process::{Pid, Signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::Cause;

use super::place;
use crate::failure::Failure;
use crate::signals;

/// As a shell says that a program cannot be run, and that there is none.
const CANNOT_RUN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// A program under way. Signals that ask for the end are its own to follow: they end this one when it has ended.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn start(
        command: &[OsString],
        variables: Vec<(&'static str, OsString)>,
    ) -> Result<Self, Failure> {
        let [program, arguments @ ..] = command else {
            return Err(Failure::Usage("name a program behind --".to_owned()));
        };
        // From here on none ends this program before that one.
        let coming = SignalsInfo::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
        let child = Command::new(program).args(arguments).envs(variables).spawn();
        let child = child.map_err(|error| {
            let missing = error.kind() == ErrorKind::NotFound;
            let exit_code = if missing { NOT_FOUND } else { CANNOT_RUN };
            Failure::Api { text: format!("{}: {error}", place::named(program)), exit_code }
        })?;
        if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            thread::spawn(move || pass_on(coming, pid));
        }
        Ok(Self(child))
    }

    /// Waits for its end.
    pub(super) fn wait(mut self) -> io::Result<u8> {
        self.0.wait().map(exit_code)
    }
}

/// Its own, or that of the signal that ended it.
fn exit_code(status: ExitStatus) -> u8 {
    let own = status.code().and_then(|code| u8::try_from(code).ok());
    own.or_else(|| status.signal().map(signals::exit_code)).unwrap_or(u8::MAX)
}

/// Gives on what somebody sent to this program. What the kernel sends for a terminal goes to all programs in front of it: that one has
/// it already.
fn pass_on(mut coming: SignalsInfo<WithOrigin>, pid: Pid) {
    for origin in coming.forever() {
        let is_sent = matches!(origin.cause, Cause::Sent(_));
        if let Some(signal) = Signal::from_named_raw(origin.signal).filter(|_| is_sent) {
            // One that has ended is waited for already.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}
