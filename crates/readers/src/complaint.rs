//! What a program cannot be told, on standard error for the person who runs it.
//!
//! What enters: sentences. What leaves: lines, or nothing: that nobody can hear them is no reason to fail, still less to end the
//! program.

use std::io::{self, Write};
use std::sync::OnceLock;

/// Whether there was a standard error when it was first asked: what has its number later is some other file.
static IS_THERE: OnceLock<bool> = OnceLock::new();

/// Looks whether there is a standard error; to be called before the first file is opened.
pub fn find_standard_error() {
    IS_THERE.get_or_init(|| is_heard(&io::stderr()));
}

/// Says a sentence on standard error, after the name of this project.
pub fn complain(text: &str) {
    find_standard_error();
    let stderr = io::stderr();
    if IS_THERE.get() == Some(&true) && is_heard(&stderr) {
        let line = format!("sscard: {text}\n");
        // A disk that is full, say.
        let _ = stderr.lock().write_all(line.as_bytes());
    }
}

/// Whether it is open, and no pipe that nobody reads: to write there would be a signal that ends most programs.
#[cfg(target_os = "linux")]
fn is_heard(stderr: &io::Stderr) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let mut fds = [PollFd::new(stderr, PollFlags::OUT)];
    let gone = PollFlags::ERR | PollFlags::NVAL | PollFlags::HUP;
    match poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
        Ok(_) => fds.first().is_some_and(|fd| !fd.revents().intersects(gone)),
        Err(_) => true,
    }
}

#[cfg(not(target_os = "linux"))]
fn is_heard(_: &io::Stderr) -> bool {
    true
}
