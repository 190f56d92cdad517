//! A program's context whose readers are behind a server.
//!
//! What enters: calls. What leaves: what the server answered. A server that is gone is no service.

use std::net::Shutdown;
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::Duration;

use crate::ScardError;
use crate::meeting::{ServerNotMet, ask_aside, meet};
use crate::session::{
    Connected, ConnectionStatus, PcscConnection, PcscContext, ReaderQuery, ReaderReport,
};
use crate::wire::{Reply, Request, Wire, read};
use crate::words::{CardDisposition, ShareMode};

/// A program's context in another process than the readers: one connection, one call at a time.
pub struct RemoteContext {
    shared: Arc<Shared>,
    descriptor: RawFd,
}

struct Shared {
    socket: PathBuf,
    /// None once the context is released.
    line: Mutex<Option<Line>>,
    number: u32,
    /// Nothing is asked any more but the release itself.
    is_released: AtomicBool,
    /// The line's socket, for whoever cannot wait for the line.
    stream: Weak<UnixStream>,
}

struct Line {
    wire: Wire,
    /// Whether the server is gone. The socket stays open until the release: its number is to be nobody else's.
    is_over: bool,
}

fn number(disposition: CardDisposition) -> u32 {
    match disposition {
        CardDisposition::Leave => 0,
        CardDisposition::Reset => 1,
        CardDisposition::Unpower => 2,
        CardDisposition::Eject => 3,
    }
}

fn mode(share: ShareMode) -> u32 {
    match share {
        ShareMode::Exclusive => 1,
        ShareMode::Shared => 2,
        ShareMode::Direct => 3,
    }
}

fn milliseconds(patience: Duration) -> u32 {
    u32::try_from(patience.as_millis()).unwrap_or(u32::MAX)
}

fn error(code: u32) -> ScardError {
    ScardError::from_code(code).unwrap_or(ScardError::INTERNAL_ERROR)
}

/// An answer to another question.
const ODD: ScardError = ScardError::COMM_ERROR;

impl RemoteContext {
    /// A context at the server of this socket.
    ///
    /// # Errors
    /// [`ServerNotMet`] when nobody answers there, or somebody of another version: no service, and why.
    pub fn establish(socket: &Path) -> Result<Self, ServerNotMet> {
        let (stream, mailbox, number) = meet(socket)?;
        let stream = Arc::new(stream);
        let weak = Arc::downgrade(&stream);
        let wire = Wire::new(stream, mailbox);
        let descriptor = wire.descriptor();
        let line = Mutex::new(Some(Line { wire, is_over: false }));
        let is_released = AtomicBool::new(false);
        let shared = Shared { socket: socket.to_owned(), line, number, is_released, stream: weak };
        Ok(Self { shared: Arc::new(shared), descriptor })
    }

    /// The socket's number, open until the context is released: what a process that is forked off closes first of all, because the
    /// server hears of a program's end by the end of all copies.
    #[must_use]
    pub fn descriptor(&self) -> RawFd {
        self.descriptor
    }
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Option<Line>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and makes something of the answer.
    fn ask<R>(
        &self,
        request: &Request<'_>,
        tail: &[u8],
        take: impl FnOnce(Reply<'_>, &[u8]) -> Result<R, ScardError>,
    ) -> Result<R, ScardError> {
        let mut line = self.line();
        // Whoever has waited for the line while the context was released.
        if self.is_released.load(Ordering::Acquire) {
            return Err(ScardError::INVALID_HANDLE);
        }
        line.as_mut().ok_or(ScardError::NO_SERVICE)?.ask(request, tail, take)
    }

    fn ask_to_do(&self, request: &Request<'_>, tail: &[u8]) -> Result<(), ScardError> {
        self.ask(request, tail, |reply, _| if reply == Reply::Done { Ok(()) } else { Err(ODD) })
    }

    fn ask_for_bytes(&self, request: &Request<'_>, tail: &[u8]) -> Result<Vec<u8>, ScardError> {
        self.ask(
            request,
            tail,
            |reply, tail| {
                if reply == Reply::Done { Ok(tail.to_vec()) } else { Err(ODD) }
            },
        )
    }

    /// Ends what another thread waits for with the line in its hand, that it may be released.
    fn dismiss(&self) {
        let dismissed = ask_aside(&self.socket, &Request::Dismiss { context: self.number });
        if dismissed.is_err()
            && let Some(stream) = self.stream.upgrade()
        {
            // The server is gone, or there is no descriptor for a word with it: it hears of the end of the line.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Line {
    fn ask<R>(
        &mut self,
        request: &Request<'_>,
        tail: &[u8],
        take: impl FnOnce(Reply<'_>, &[u8]) -> Result<R, ScardError>,
    ) -> Result<R, ScardError> {
        if self.is_over {
            return Err(ScardError::NO_SERVICE);
        }
        let wire = &mut self.wire;
        let told = wire.send(request, tail).and_then(|()| read::<Reply<'_>>(wire.receive()?));
        match told {
            Ok((Reply::Failed(code), _)) => Err(error(code)),
            Ok((reply, tail)) => take(reply, tail),
            Err(_) => {
                self.is_over = true;
                Err(ScardError::NO_SERVICE)
            }
        }
    }
}

impl PcscContext for RemoteContext {
    fn readers(&self) -> Result<Vec<String>, ScardError> {
        self.shared.ask(&Request::Readers, &[], |reply, _| match reply {
            Reply::Readers(readers) => Ok(readers.into_iter().map(str::to_owned).collect()),
            _ => Err(ODD),
        })
    }

    fn connect(
        &self,
        reader: &str,
        share: ShareMode,
        protocols: u32,
        patience: Duration,
    ) -> Result<Option<Connected>, ScardError> {
        let patience = milliseconds(patience);
        let request = Request::Connect { reader, share: mode(share), protocols, patience };
        self.shared.ask(&request, &[], |reply, _| match reply {
            Reply::Connected(Some((handle, protocol))) => {
                let shared = Arc::clone(&self.shared);
                let connection: Arc<dyn PcscConnection> =
                    Arc::new(RemoteConnection { shared, handle });
                Ok(Some((connection, protocol)))
            }
            Reply::Connected(None) => Ok(None),
            _ => Err(ODD),
        })
    }

    fn status_change(
        &self,
        queries: &[ReaderQuery],
        reports: &mut Vec<ReaderReport>,
        patience: Option<Duration>,
    ) -> Result<(), ScardError> {
        let queries = queries.iter().map(|query| (query.name.as_str(), query.current)).collect();
        let request = Request::StatusChange { patience: patience.map(milliseconds), queries };
        self.shared.ask(&request, &[], |reply, _| match reply {
            Reply::Reports(code, told) => {
                reports.clear();
                let told = told
                    .into_iter()
                    .map(|(event, atr)| ReaderReport { event, atr: atr.map(<[u8]>::to_vec) });
                reports.extend(told);
                ScardError::from_code(code).map_or(Ok(()), Err)
            }
            _ => Err(ODD),
        })
    }

    fn cancel(&self) -> Result<(), ScardError> {
        ask_aside(&self.shared.socket, &Request::Cancel { context: self.shared.number })
    }

    fn release(&self) {
        let shared = &self.shared;
        if shared.is_released.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut line = match shared.line.try_lock() {
            Ok(line) => line,
            Err(TryLockError::Poisoned(line)) => line.into_inner(),
            Err(TryLockError::WouldBlock) => {
                shared.dismiss();
                shared.line()
            }
        };
        if let Some(line) = line.as_mut() {
            // A server that is gone has released it already.
            let _ = line.ask(&Request::Release, &[], |_, _| Ok(()));
        }
        *line = None;
    }
}

impl Drop for RemoteContext {
    fn drop(&mut self) {
        self.release();
    }
}

/// A program's connection in another process than the readers.
struct RemoteConnection {
    shared: Arc<Shared>,
    handle: u32,
}

impl PcscConnection for RemoteConnection {
    fn reconnect(
        &self,
        share: ShareMode,
        protocols: u32,
        first: CardDisposition,
    ) -> Result<u32, ScardError> {
        let (handle, share, first) = (self.handle, mode(share), number(first));
        let request = Request::Reconnect { handle, share, protocols, first };
        self.shared.ask(&request, &[], |reply, _| match reply {
            Reply::Number(protocol) => Ok(protocol),
            _ => Err(ODD),
        })
    }

    fn disconnect(&self, last: CardDisposition) -> Result<(), ScardError> {
        let request = Request::Disconnect { handle: self.handle, last: number(last) };
        self.shared.ask_to_do(&request, &[])
    }

    fn begin(&self) -> Result<(), ScardError> {
        self.shared.ask_to_do(&Request::Begin { handle: self.handle }, &[])
    }

    fn end(&self, last: CardDisposition) -> Result<(), ScardError> {
        let request = Request::End { handle: self.handle, last: number(last) };
        self.shared.ask_to_do(&request, &[])
    }

    fn wait_for_turn(&self, patience: Duration) {
        let request = Request::Wait { handle: self.handle, patience: milliseconds(patience) };
        // What is wrong with the conversation is heard of with the next call.
        let _ = self.shared.ask_to_do(&request, &[]);
    }

    fn status(&self) -> Result<ConnectionStatus, ScardError> {
        self.shared.ask(&Request::Status { handle: self.handle }, &[], |reply, tail| match reply {
            Reply::Status(name, state, protocol) => {
                let (name, atr) = (name.to_owned(), tail.to_vec());
                Ok(ConnectionStatus { name, state, protocol, atr })
            }
            _ => Err(ODD),
        })
    }

    fn transmit(
        &self,
        protocol: u32,
        command: &[u8],
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ScardError> {
        let request = Request::Transmit { handle: self.handle, protocol };
        self.shared.ask(&request, command, |reply, answer| {
            if reply == Reply::Done {
                take(answer);
                Ok(())
            } else {
                Err(ODD)
            }
        })
    }

    fn control(&self, code: u32, input: &[u8]) -> Result<Vec<u8>, ScardError> {
        self.shared.ask_for_bytes(&Request::Control { handle: self.handle, code }, input)
    }

    fn attribute(&self, number: u32) -> Result<Vec<u8>, ScardError> {
        self.shared.ask_for_bytes(&Request::Attribute { handle: self.handle, number }, &[])
    }

    fn set_attribute(&self, number: u32, value: &[u8]) -> Result<(), ScardError> {
        self.shared.ask_to_do(&Request::SetAttribute { handle: self.handle, number }, value)
    }
}
