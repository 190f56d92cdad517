//! A program's context and its connections, in the process that has the readers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::ScardError;
use crate::reader::Reader;
use crate::resource_manager::ResourceManager;
use crate::session::{
    Connected, ConnectionStatus, PcscConnection, PcscContext, ReaderQuery, ReaderReport,
};
use crate::status_change::report;
use crate::words::{CardDisposition, PLUG_AND_PLAY, ShareMode, state_bits};

/// How long one wait lasts before it is looked whether the program is still there.
const LOOK: Duration = Duration::from_millis(100);

/// Connections of one context, as many as pcsc-lite allows one.
const MOST_CONNECTIONS: usize = 200;

/// What a context shares with its connections.
pub(crate) struct Program {
    waiting: Mutex<Waiting>,
    connections: Mutex<Vec<Arc<LocalConnection>>>,
    is_released: AtomicBool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    No,
    Yes,
    Cancelled,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Program {
    /// Ends the wait that is going on; nothing when there is none.
    pub(crate) fn cancel(&self) {
        let mut waiting = lock(&self.waiting);
        if *waiting == Waiting::Yes {
            *waiting = Waiting::Cancelled;
        }
    }

    /// Ends the wait that is going on, and each that begins later.
    pub(crate) fn dismiss(&self) {
        self.is_released.store(true, Ordering::Release);
    }

    fn is_cancelled(&self) -> bool {
        *lock(&self.waiting) == Waiting::Cancelled
    }
}

/// A program's context in the process that has the readers.
pub struct LocalContext {
    manager: Arc<ResourceManager>,
    number: u32,
    program: Arc<Program>,
}

impl LocalContext {
    pub(crate) fn new(manager: Arc<ResourceManager>, number: u32) -> Self {
        let program = Program {
            waiting: Mutex::new(Waiting::No),
            connections: Mutex::default(),
            is_released: AtomicBool::new(false),
        };
        Self { manager, number, program: Arc::new(program) }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    pub(crate) fn program(&self) -> Weak<Program> {
        Arc::downgrade(&self.program)
    }

    fn reader(&self, name: &str) -> Option<&Arc<Reader>> {
        self.manager.readers().iter().find(|reader| reader.name() == name)
    }

    /// Connects, and gives the connection with its handle.
    pub(crate) fn open(
        &self,
        reader: &str,
        share: ShareMode,
        protocols: u32,
        patience: Duration,
    ) -> Result<Option<(Arc<LocalConnection>, u32)>, ScardError> {
        let reader = self.reader(reader).ok_or(ScardError::UNKNOWN_READER)?;
        let handle = self.manager.number();
        let mut connections = lock(&self.program.connections);
        if self.program.is_released.load(Ordering::Acquire) {
            return Err(ScardError::INVALID_HANDLE);
        }
        connections.retain(|connection| !connection.is_closed());
        if connections.len() >= MOST_CONNECTIONS {
            return Err(ScardError::NO_MEMORY);
        }
        drop(connections);
        let Some(protocol) = reader.connect(handle, share, protocols, patience)? else {
            return Ok(None);
        };
        let reader = Arc::clone(reader);
        let is_closed = AtomicBool::new(false);
        let connection = Arc::new(LocalConnection { reader, handle, is_closed });
        connections = lock(&self.program.connections);
        connections.push(Arc::clone(&connection));
        drop(connections);
        if self.program.is_released.load(Ordering::Acquire) {
            connection.abandon();
            return Err(ScardError::INVALID_HANDLE);
        }
        Ok(Some((connection, protocol)))
    }

    /// [`PcscContext::status_change`] for a program that may go away meanwhile.
    pub(crate) fn wait_for_change(
        &self,
        queries: &[ReaderQuery],
        reports: &mut Vec<ReaderReport>,
        patience: Option<Duration>,
        is_there: &mut dyn FnMut() -> bool,
    ) -> Result<(), ScardError> {
        let begun = Instant::now();
        let is_known = |query: &ReaderQuery| {
            self.reader(&query.name).is_some() || query.name.eq_ignore_ascii_case(PLUG_AND_PLAY)
        };
        if !queries.iter().all(is_known) {
            return Err(ScardError::UNKNOWN_READER);
        }
        *lock(&self.program.waiting) = Waiting::Yes;
        let _waiting = Ended(&self.program);
        loop {
            let known = self.manager.news().count();
            if self.look(queries, reports) {
                return Ok(());
            }
            let left = patience.map(|patience| patience.saturating_sub(begun.elapsed()));
            if self.program.is_cancelled() || self.program.is_released.load(Ordering::Acquire) {
                return Err(ScardError::CANCELLED);
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Err(ScardError::TIMEOUT);
            }
            if !is_there() {
                return Err(ScardError::SERVICE_STOPPED);
            }
            self.manager.news().wait(known, left.map_or(LOOK, |left| left.min(LOOK)));
        }
    }

    /// Fills in the reports; whether there is anything to hear of.
    fn look(&self, queries: &[ReaderQuery], reports: &mut Vec<ReaderReport>) -> bool {
        reports.clear();
        let mut is_changed = false;
        for query in queries {
            let is_ignored = query.current & state_bits::IGNORE != 0;
            let report = match self.reader(&query.name) {
                Some(reader) if !is_ignored => {
                    let (report, is_news) = report(query.current, &reader.seen());
                    is_changed |= is_news;
                    report
                }
                // Readers neither come nor go.
                _ => ReaderReport::default(),
            };
            reports.push(report);
        }
        is_changed
    }
}

/// A wait that is over.
struct Ended<'p>(&'p Program);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        *lock(&self.0.waiting) = Waiting::No;
    }
}

impl PcscContext for LocalContext {
    fn readers(&self) -> Result<Vec<String>, ScardError> {
        Ok(self.manager.readers().iter().map(|reader| reader.name().to_owned()).collect())
    }

    fn connect(
        &self,
        reader: &str,
        share: ShareMode,
        protocols: u32,
        patience: Duration,
    ) -> Result<Option<Connected>, ScardError> {
        let opened = self.open(reader, share, protocols, patience)?;
        Ok(opened.map(|(connection, protocol)| (connection as Arc<dyn PcscConnection>, protocol)))
    }

    fn status_change(
        &self,
        queries: &[ReaderQuery],
        reports: &mut Vec<ReaderReport>,
        patience: Option<Duration>,
    ) -> Result<(), ScardError> {
        self.wait_for_change(queries, reports, patience, &mut || true)
    }

    fn cancel(&self) -> Result<(), ScardError> {
        self.program.cancel();
        self.manager.news().tell();
        Ok(())
    }

    fn release(&self) {
        self.program.dismiss();
        let connections = std::mem::take(&mut *lock(&self.program.connections));
        connections.iter().for_each(|connection| connection.abandon());
        self.manager.news().tell();
    }
}

impl Drop for LocalContext {
    fn drop(&mut self) {
        self.release();
    }
}

/// A program's connection in the process that has the readers.
pub(crate) struct LocalConnection {
    reader: Arc<Reader>,
    handle: u32,
    is_closed: AtomicBool,
}

impl LocalConnection {
    pub(crate) fn handle(&self) -> u32 {
        self.handle
    }

    fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    fn abandon(&self) {
        if !self.is_closed.swap(true, Ordering::AcqRel) {
            self.reader.abandon(self.handle);
        }
    }
}

impl PcscConnection for LocalConnection {
    fn reconnect(
        &self,
        share: ShareMode,
        protocols: u32,
        first: CardDisposition,
    ) -> Result<u32, ScardError> {
        self.reader.reconnect(self.handle, share, protocols, first)
    }

    fn disconnect(&self, last: CardDisposition) -> Result<(), ScardError> {
        if self.is_closed.swap(true, Ordering::AcqRel) {
            return Err(ScardError::INVALID_HANDLE);
        }
        self.reader
            .disconnect(self.handle, last)
            .inspect_err(|_| self.is_closed.store(false, Ordering::Release))
    }

    fn begin(&self) -> Result<(), ScardError> {
        self.reader.begin(self.handle)
    }

    fn end(&self, last: CardDisposition) -> Result<(), ScardError> {
        self.reader.end(self.handle, last)
    }

    fn wait_for_turn(&self, patience: Duration) {
        self.reader.wait_for_turn(self.handle, patience);
    }

    fn status(&self) -> Result<ConnectionStatus, ScardError> {
        self.reader.status(self.handle)
    }

    fn transmit(
        &self,
        protocol: u32,
        command: &[u8],
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ScardError> {
        self.reader.transmit(self.handle, protocol, command, take)
    }

    fn control(&self, code: u32, input: &[u8]) -> Result<Vec<u8>, ScardError> {
        self.reader.control(self.handle, code, input)
    }

    fn attribute(&self, number: u32) -> Result<Vec<u8>, ScardError> {
        self.reader.attribute(self.handle, number)
    }

    fn set_attribute(&self, number: u32, value: &[u8]) -> Result<(), ScardError> {
        self.reader.set_attribute(self.handle, number, value)
    }
}
