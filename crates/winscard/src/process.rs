//! What this process has: contexts, handles, cards; and what a process that was forked off has not.
//!
//! A child of `fork` begins with nothing: the handles of its parent are wrong there, and cards in files stay the parent's.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use sscard_readers::{RemoteContext, ScardError, complain, find_standard_error};

use crate::abi::Long;
use crate::readers::{Cards, Here, Source};
use crate::tables::CardEntry;
use crate::tables::{ContextEntry, Table};

/// Counts the forks that made this process.
static GENERATION: AtomicU64 = AtomicU64::new(0);

static STATE: AtomicPtr<State> = AtomicPtr::new(std::ptr::null_mut());

static WATCH_FORKS: Once = Once::new();

const NO_SOCKET: i32 = -1;

/// The sockets of this process's contexts.
static SOCKETS: [AtomicI32; MOST_CONTEXTS] = [const { AtomicI32::new(NO_SOCKET) }; MOST_CONTEXTS];

/// Contexts that one process may have, as many as pcscd has for all.
const MOST_CONTEXTS: usize = 200;

/// What a process has.
pub(crate) struct State {
    generation: u64,
    /// Whether a process that this one was forked off from holds cards in files.
    is_child_of_holder: bool,
    pub(crate) contexts: Table<ContextEntry>,
    pub(crate) cards: Table<CardEntry>,
    /// Whether a call waits while another has a transaction.
    pub(crate) blocks: bool,
    here: Mutex<Option<Arc<Here>>>,
    /// Contexts that are being released.
    leaving: AtomicUsize,
    holds_files: AtomicBool,
    given: Mutex<HashSet<usize>>,
}

/// So long a call that waits for another's transaction waits at a stretch.
pub(crate) const TURN: Duration = Duration::from_millis(10);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In a child: it has no contexts, and no copies of the sockets by which a server hears that its parent ended.
extern "C" fn forked() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    for socket in &SOCKETS {
        let socket = socket.swap(NO_SOCKET, Ordering::Relaxed);
        if socket != NO_SOCKET {
            // SAFETY: `close` may be called in a child of a process with threads. Whoever owned the socket is leaked with the
            // parent's state and closes it no more.
            unsafe { libc::close(socket) };
        }
    }
}

/// Remembers a context's socket; whether it was.
fn note_socket(socket: i32) -> bool {
    let free = |place: &&AtomicI32| {
        place.compare_exchange(NO_SOCKET, socket, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    };
    SOCKETS.iter().find(free).is_some()
}

/// Forgets it, before it is closed.
fn forget_socket(socket: i32) {
    for place in &SOCKETS {
        let _ = place.compare_exchange(socket, NO_SOCKET, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// What this process has.
pub(crate) fn state() -> &'static State {
    WATCH_FORKS.call_once(|| {
        find_standard_error();
        // SAFETY: the handler only counts, which is safe in a child of a process with threads.
        unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    });
    let generation = GENERATION.load(Ordering::Relaxed);
    let now = STATE.load(Ordering::Acquire);
    // SAFETY: what is there was leaked below, and is never freed.
    let known = unsafe { now.as_ref() };
    if let Some(state) = known.filter(|state| state.generation == generation) {
        return state;
    }
    let is_child_of_holder =
        known.is_some_and(|old| old.is_child_of_holder || old.holds_files.load(Ordering::Acquire));
    let new = Box::into_raw(Box::new(State::new(generation, is_child_of_holder)));
    match STATE.compare_exchange(now, new, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: it is leaked from here on.
        Ok(_) => unsafe { &*new },
        Err(other) => {
            // SAFETY: nobody has seen it; and what another thread put there is leaked.
            unsafe {
                drop(Box::from_raw(new));
                &*other
            }
        }
    }
}

impl State {
    fn new(generation: u64, is_child_of_holder: bool) -> Self {
        Self {
            generation,
            is_child_of_holder,
            contexts: Table::new(),
            cards: Table::new(),
            blocks: std::env::var_os("PCSCLITE_NO_BLOCKING").is_none(),
            here: Mutex::new(None),
            leaving: AtomicUsize::new(0),
            holds_files: AtomicBool::new(false),
            given: Mutex::default(),
        }
    }

    /// A context, at the server that the environment names or at readers of this process.
    pub(crate) fn establish(&self) -> Result<Long, ScardError> {
        if self.contexts.len() >= MOST_CONTEXTS {
            return Err(ScardError::NO_MEMORY);
        }
        match Source::of_environment() {
            Source::Server(path) => self.establish_there(&path),
            Source::Here(cards) => self.establish_here(&cards),
        }
    }

    fn establish_there(&self, path: &Path) -> Result<Long, ScardError> {
        let context = RemoteContext::establish(path).map_err(|error| {
            complain(&format!("SSCARD_PCSC_SOCKET={error}"));
            ScardError::from(error)
        })?;
        let socket = context.descriptor();
        if !note_socket(socket) {
            return Err(ScardError::NO_MEMORY);
        }
        let context = Box::new(context);
        Ok(self.contexts.insert(ContextEntry { context, socket: Some(socket) }))
    }

    fn establish_here(&self, cards: &Cards) -> Result<Long, ScardError> {
        if self.is_child_of_holder && cards.is_in_files() {
            complain(
                "the process that this one was forked off from holds the cards: \
                 run the program under `sscard with`",
            );
            return Err(ScardError::NO_SERVICE);
        }
        let mut here = lock(&self.here);
        let readers = match &*here {
            Some(readers) => Arc::clone(readers),
            None => {
                let opened = cards.open().map_err(|reason| {
                    complain(&reason);
                    ScardError::NO_SERVICE
                })?;
                let opened = Arc::new(opened);
                self.holds_files.store(opened.is_in_files(), Ordering::Release);
                *here = Some(Arc::clone(&opened));
                opened
            }
        };
        let context = Box::new(readers.establish());
        Ok(self.contexts.insert(ContextEntry { context, socket: None }))
    }

    /// Ends a context with its connections. It may take as long as a card takes for an answer, and holds up no other context.
    pub(crate) fn release(&self, context: Long) -> Result<(), ScardError> {
        self.leaving.fetch_add(1, Ordering::AcqRel);
        let entry = self.contexts.remove(context).ok_or(ScardError::INVALID_HANDLE);
        if let Ok(entry) = &entry {
            self.cards.retain(|card| card.context != context);
            entry.socket.into_iter().for_each(forget_socket);
            entry.context.release();
        }
        let released = entry.map(drop);
        let mut here = lock(&self.here);
        let is_last = self.leaving.fetch_sub(1, Ordering::AcqRel) == 1 && self.contexts.len() == 0;
        // Cards in files are free for another process when nobody here uses them.
        if let Some(readers) = here.as_ref().filter(|readers| is_last && readers.is_in_files()) {
            readers.settle();
            *here = None;
            self.holds_files.store(false, Ordering::Release);
        }
        released
    }

    /// Remembers memory that the program is to free.
    pub(crate) fn note_given(&self, address: usize) {
        lock(&self.given).insert(address);
    }

    /// Whether that memory was given, and not freed since.
    pub(crate) fn take_given(&self, address: usize) -> bool {
        lock(&self.given).remove(&address)
    }
}
