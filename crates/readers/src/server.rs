//! The resource manager behind a Unix socket: a thread for each context, so that one that waits holds up nobody.
//!
//! What enters: connections. What leaves: answers. A program that goes away, by itself or killed, has its context released: a
//! transaction that it held ends with a reset, everything else leaves the card as it is.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::ScardError;
use crate::context::{LocalConnection, LocalContext};
use crate::mailbox::Mailbox;
use crate::resource_manager::ResourceManager;
use crate::session::{PcscConnection, PcscContext, ReaderQuery};
use crate::wire::{Reply, Request, VERSION, Wire, greet, greeting, read};
use crate::words::{CardDisposition, ShareMode};

/// How long a slot is watched before it is looked whether the server is to end.
const WATCH: Duration = Duration::from_millis(200);

/// The longest that a request waits for another's transaction; the program asks again.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// Ends a server when it is dropped: programs that are connected hear that there is no service.
pub struct ReaderServer {
    shared: Arc<Shared>,
    listener: UnixListener,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    clients: Mutex<Vec<(u64, UnixStream)>>,
}

impl Shared {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, Vec<(u64, UnixStream)>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves readers to whoever connects, until what is returned is dropped. Who may connect is who may reach the socket: its folder
/// is to be the owner's alone.
///
/// # Errors
/// When no thread can be had.
pub fn serve(listener: UnixListener, manager: Arc<ResourceManager>) -> io::Result<ReaderServer> {
    let shared = Arc::new(Shared::default());
    let server = ReaderServer { shared: Arc::clone(&shared), listener: listener.try_clone()? };
    for slot in 0..manager.readers().len() {
        let (shared, manager) = (Arc::clone(&shared), Arc::clone(&manager));
        thread::Builder::new()
            .name(format!("slot {slot}"))
            .spawn(move || while !shared.is_over() && manager.watch(slot, WATCH) {})?;
    }
    thread::Builder::new()
        .name("readers".to_owned())
        .spawn(move || accept(&listener, &manager, &shared))?;
    Ok(server)
}

fn accept(listener: &UnixListener, manager: &Arc<ResourceManager>, shared: &Arc<Shared>) {
    let mut number: u64 = 0;
    for stream in listener.incoming() {
        if shared.is_over() {
            return;
        }
        let Ok(stream) = stream else {
            // Too many files are open: some will be closed.
            thread::sleep(LONGEST_WAIT);
            continue;
        };
        number = number.wrapping_add(1);
        let Ok(copy) = stream.try_clone() else { continue };
        shared.clients().push((number, copy));
        let (manager, own) = (Arc::clone(manager), Arc::clone(shared));
        let client = thread::Builder::new().name("context".to_owned()).spawn(move || {
            // However it ended, the program is gone or not to be understood.
            let _ = converse(stream, &manager);
            own.clients().retain(|(known, _)| *known != number);
        });
        if client.is_err() {
            shared.clients().retain(|(known, _)| *known != number);
        }
    }
}

impl Drop for ReaderServer {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        for (_, client) in self.shared.clients().iter() {
            let _ = client.shutdown(std::net::Shutdown::Both);
        }
        // Whoever waits in `accept` hears of it by one more connection.
        if let Ok(address) = self.listener.local_addr() {
            let _ = UnixStream::connect_addr(&address);
        }
    }
}

/// One program's conversation, from the first message to the end.
fn converse(stream: UnixStream, manager: &Arc<ResourceManager>) -> io::Result<()> {
    let (message, _) = greeting(&stream, None)?;
    match read(&message)?.0 {
        Request::Establish { version: VERSION } => {}
        Request::Cancel { context } => return answer_aside(&stream, manager.cancel(context)),
        Request::Dismiss { context } => return answer_aside(&stream, manager.dismiss(context)),
        _ => return greet(&stream, &failed(ScardError::NO_SERVICE), None),
    }
    let (mailbox, file) = Mailbox::create()?;
    let mut client = Client { context: manager.establish(), connections: Vec::new() };
    greet(&stream, &Reply::Number(client.context.number()), Some(&file))?;
    drop(file);
    let mut wire = Wire::new(stream, mailbox);
    let mut scratch = Vec::new();
    loop {
        client.answer(&mut wire, &mut scratch)?;
    }
}

/// Answers what was said of a context, by whether there is one.
fn answer_aside(stream: &UnixStream, is_there: bool) -> io::Result<()> {
    let reply = if is_there { Reply::Done } else { failed(ScardError::INVALID_HANDLE) };
    greet(stream, &reply, None)
}

fn failed(error: ScardError) -> Reply<'static> {
    Reply::Failed(error.code())
}

fn waiting(milliseconds: u32) -> Duration {
    Duration::from_millis(u64::from(milliseconds)).min(LONGEST_WAIT)
}

/// A program.
struct Client {
    context: LocalContext,
    connections: Vec<Arc<LocalConnection>>,
}

impl Client {
    fn connection(&self, handle: u32) -> Result<&LocalConnection, ScardError> {
        let found = self.connections.iter().find(|connection| connection.handle() == handle);
        found.map(AsRef::as_ref).ok_or(ScardError::INVALID_HANDLE)
    }

    /// Answers the next message.
    fn answer(&mut self, wire: &mut Wire, scratch: &mut Vec<u8>) -> io::Result<()> {
        let (request, tail) = read(wire.receive()?)?;
        scratch.clear();
        let done = match request {
            Request::Transmit { handle, protocol } => {
                self.connection(handle).and_then(|connection| {
                    connection
                        .transmit(protocol, tail, &mut |answer| scratch.extend_from_slice(answer))
                })
            }
            Request::Begin { handle } => self.connection(handle).and_then(PcscConnection::begin),
            Request::End { handle, last } => self
                .connection(handle)
                .and_then(|connection| connection.end(CardDisposition::parse(last)?)),
            Request::Wait { handle, patience } => self
                .connection(handle)
                .map(|connection| connection.wait_for_turn(waiting(patience))),
            Request::Disconnect { handle, last } => {
                let done = self
                    .connection(handle)
                    .and_then(|connection| connection.disconnect(CardDisposition::parse(last)?));
                if done.is_ok() {
                    self.connections.retain(|connection| connection.handle() != handle);
                }
                done
            }
            Request::Control { handle, code } => self
                .connection(handle)
                .and_then(|connection| connection.control(code, tail))
                .map(|answer| *scratch = answer),
            Request::Attribute { handle, number } => self
                .connection(handle)
                .and_then(|connection| connection.attribute(number))
                .map(|value| *scratch = value),
            Request::SetAttribute { handle, number } => self
                .connection(handle)
                .and_then(|connection| connection.set_attribute(number, tail)),
            Request::Reconnect { handle, share, protocols, first } => {
                let reconnected = self.connection(handle).and_then(|connection| {
                    let (share, first) = (ShareMode::parse(share)?, CardDisposition::parse(first)?);
                    connection.reconnect(share, protocols, first)
                });
                return match reconnected {
                    Ok(protocol) => wire.send(&Reply::Number(protocol), &[]),
                    Err(error) => wire.send(&failed(error), &[]),
                };
            }
            Request::Connect { reader, share, protocols, patience } => {
                let opened = ShareMode::parse(share).and_then(|share| {
                    self.context.open(reader, share, protocols, waiting(patience))
                });
                let reply = match opened {
                    Ok(Some((connection, protocol))) => {
                        let handle = connection.handle();
                        self.connections.push(connection);
                        Reply::Connected(Some((handle, protocol)))
                    }
                    Ok(None) => Reply::Connected(None),
                    Err(error) => failed(error),
                };
                return wire.send(&reply, &[]);
            }
            // Whoever releases a context finds the reader free when it is answered.
            Request::Release => {
                self.connections.clear();
                self.context.release();
                Ok(())
            }
            Request::Readers => {
                let readers = self.context.readers().unwrap_or_default();
                let readers = readers.iter().map(String::as_str).collect();
                return wire.send(&Reply::Readers(readers), &[]);
            }
            Request::Status { handle } => {
                let status = self.connection(handle).and_then(PcscConnection::status);
                return match status {
                    Ok(status) => {
                        let words = Reply::Status(&status.name, status.state, status.protocol);
                        wire.send(&words, &status.atr)
                    }
                    Err(error) => wire.send(&failed(error), &[]),
                };
            }
            Request::StatusChange { patience, queries } => {
                let queries = queries
                    .into_iter()
                    .map(|(name, current)| ReaderQuery { name: name.to_owned(), current });
                let queries: Vec<ReaderQuery> = queries.collect();
                return self.wait(wire, &queries, patience);
            }
            Request::Establish { .. } | Request::Cancel { .. } | Request::Dismiss { .. } => {
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        match done {
            Ok(()) => wire.send(&Reply::Done, scratch),
            Err(error) => wire.send(&failed(error), &[]),
        }
    }

    fn wait(
        &self,
        wire: &mut Wire,
        queries: &[ReaderQuery],
        patience: Option<u32>,
    ) -> io::Result<()> {
        let patience = patience.map(|wait| Duration::from_millis(u64::from(wait)));
        let mut reports = Vec::new();
        let mut is_there = || wire.is_connected();
        let waited = self.context.wait_for_change(queries, &mut reports, patience, &mut is_there);
        let code = waited.err().map_or(0, ScardError::code);
        let reports = reports.iter().map(|report| (report.event, report.atr.as_deref())).collect();
        wire.send(&Reply::Reports(code, reports), &[])
    }
}
