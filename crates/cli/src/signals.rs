//! Signals that ask for the end: INT, TERM, HUP and QUIT.
//!
//! A card's state is in its file before each answer leaves, so the end is never a loss. Whoever holds a
//! card looks here before each exchange and ends in order; a program that waits for somebody else (a pipe,
//! a reader) is ended after a moment. A process has one set of signals, hence the one static of the
//! program.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

/// The signal that came; 0 as long as none has.
static CAUGHT: AtomicI32 = AtomicI32::new(0);

/// So long an exchange that is under way may take to end.
const PATIENCE: Duration = Duration::from_secs(1);
/// So long a server may take to put its cards down.
const LONG_PATIENCE: Duration = Duration::from_secs(5);
/// So long somebody who reads what is said may keep the end waiting.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The signal that asked for the end, if one has.
pub(crate) fn caught() -> Option<i32> {
    Some(CAUGHT.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
}

/// The exit code that a signal leads to.
pub(crate) fn exit_code(signal: i32) -> u8 {
    u8::try_from(signal).map_or(u8::MAX, |signal| signal.saturating_add(128))
}

/// A file that grows above its limit is an error of writing, as a full disk is, and not the end.
///
/// # Errors
/// What the system says.
pub(crate) fn survive_file_limits() -> io::Result<()> {
    #[cfg(unix)]
    {
        let nobody_looks = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, nobody_looks)?;
    }
    Ok(())
}

/// Watches for signals from now on: `before_end` is done and the program ends when it has not ended by
/// itself a moment after a signal, a longer one when it `serves`; at a second signal it ends at once.
///
/// # Errors
/// What the system says.
#[cfg(unix)]
pub(crate) fn watch(serves: bool, before_end: impl FnOnce() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    // A terminal whose settings somebody changed gets them back.
    let terminal = rustix::termios::tcgetattr(io::stdin()).ok();
    thread::spawn(move || {
        let mut coming = signals.forever();
        let Some(signal) = coming.next() else { return };
        CAUGHT.store(signal, Ordering::Relaxed);
        let end = move |signal| {
            if let Some(settings) = &terminal {
                let now = rustix::termios::OptionalActions::Now;
                let _ = rustix::termios::tcsetattr(io::stdin(), now, settings);
            }
            std::process::exit(exit_code(signal).into());
        };
        let at_once = end.clone();
        thread::spawn(move || {
            thread::sleep(if serves { LONG_PATIENCE } else { PATIENCE });
            // Whoever does not read does not hear.
            let said = thread::spawn(move || {
                before_end();
                complain!("sscard: interrupted; what was answered is kept");
            });
            thread::sleep(LAST_WORDS);
            drop(said);
            end(signal);
        });
        // A second one does not want to wait.
        if let Some(signal) = coming.next() {
            at_once(signal);
        }
    });
    Ok(())
}

/// Watches for Ctrl-C from now on.
///
/// # Errors
/// What the system says.
#[cfg(not(unix))]
pub(crate) fn watch(_serves: bool, _before_end: impl FnOnce() + Send + 'static) -> io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    let raised = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&raised))?;
    thread::spawn(move || {
        while !raised.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50));
        }
        CAUGHT.store(signal_hook::consts::SIGINT, Ordering::Relaxed);
    });
    Ok(())
}
