//! Telling whoever waits that the readers have seen their cards.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::time::{Duration, Instant};

use sscard_stand::Stand;

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::outside::Lines;

/// Who waits, and how long.
pub(super) struct Announcement {
    descriptor: Option<File>,
    says: bool,
    end: Option<(Instant, u64)>,
    is_done: bool,
}

impl Announcement {
    /// What is asked for.
    pub(super) fn of(args: &ServeArgs) -> Result<Self, Failure> {
        let end = args.wait_ready.map(|seconds| {
            let now = Instant::now();
            (now.checked_add(Duration::from_secs(seconds)).unwrap_or(now), seconds)
        });
        let descriptor = args.ready_fd.map(open).transpose()?;
        Ok(Self { descriptor, says: args.wait_ready.is_some(), end, is_done: false })
    }

    /// Tells it once each slot with a card is seen; too late is the end. Whether nobody waits any more.
    pub(super) fn look(&mut self, stand: &Stand, lines: &Lines) -> Result<bool, Failure> {
        if self.is_done {
            return Ok(true);
        }
        let mut used = stand.slots().iter().filter(|slot| slot.generation().is_some());
        if used.all(|slot| stand.is_ready(slot)) {
            self.is_done = true;
            if self.says {
                lines.tell("ready\n".to_owned());
            }
            if let Some(descriptor) = &mut self.descriptor {
                // Who does not read any more does not wait any more.
                let _ = descriptor.write_all(b"ready\n");
            }
            self.descriptor = None;
            notify_service_manager();
            return Ok(true);
        }
        match self.end {
            Some((end, seconds)) if Instant::now() >= end => Err(Failure::Api {
                text: format!(
                    "--wait-ready: the readers have not seen their cards within {seconds} s; sscard doctor says what is missing"
                ),
                exit_code: 5,
            }),
            _ => Ok(false),
        }
    }
}

/// A descriptor that whoever started us left open.
fn open(number: u32) -> Result<File, Failure> {
    let path = format!("/dev/fd/{number}");
    OpenOptions::new().write(true).open(&path).map_err(|error| {
        Failure::Usage(format!("--ready-fd {number}: {error}; open it before sscard is started"))
    })
}

/// Tells systemd, where it has started us (sd_notify).
#[cfg(target_os = "linux")]
fn notify_service_manager() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let Some(place) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let address = match place.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&place),
    };
    // A manager that does not listen does without.
    let _ = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(b"READY=1", &address));
}

#[cfg(not(target_os = "linux"))]
fn notify_service_manager() {}
