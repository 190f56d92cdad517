//! Connections at a time: who idles makes room for who asks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::AbortHandle;

/// Connections at a time.
const MOST: usize = 256;

/// A connection that is open.
struct Open {
    handle: AbortHandle,
    is_busy: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    number: u64,
    open: BTreeMap<u64, Open>,
}

/// All that are open.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<Mutex<State>>);

/// One of them, from inside.
#[derive(Clone)]
pub(super) struct Connection {
    number: u64,
    is_busy: Arc<AtomicBool>,
    all: Connections,
}

impl Connections {
    /// Begins one. The oldest that asks for nothing is ended where there are too many.
    pub(super) fn begin<F>(&self, work: impl FnOnce(Connection) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open.len() >= MOST {
            let idle = |open: &Open| !open.is_busy.load(Ordering::Relaxed);
            let oldest = state.open.iter().find(|(_, open)| idle(open)).map(|(number, _)| *number);
            let Some(oldest) = oldest.and_then(|number| state.open.remove(&number)) else { return };
            oldest.handle.abort();
        }
        state.number = state.number.wrapping_add(1);
        let (number, is_busy) = (state.number, Arc::new(AtomicBool::new(false)));
        let own = Connection { number, is_busy: Arc::clone(&is_busy), all: self.clone() };
        let (work, ended) = (work(own.clone()), own);
        let task = tokio::spawn(async move {
            work.await;
            ended.all.forget(ended.number);
        });
        state.open.insert(number, Open { handle: task.abort_handle(), is_busy });
    }

    fn forget(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&number);
    }
}

impl Connection {
    /// It has asked for something, or has its answer.
    pub(super) fn busy(&self, is_busy: bool) {
        self.is_busy.store(is_busy, Ordering::Relaxed);
    }
}
