//! A progress bar on stderr: only on a terminal, and only for work that takes longer than two seconds.

use std::borrow::Cow;
use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const PATIENCE: Duration = Duration::from_secs(2);
const FRAME: Duration = Duration::from_millis(100);

/// Work that is under way.
pub(crate) struct Progress {
    steps: Arc<AtomicU64>,
    /// What is said beside the number, where it changes.
    note: Arc<Mutex<Option<String>>>,
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins; `total` steps, when that is known.
    pub(crate) fn start(what: &'static str, total: Option<usize>) -> Self {
        let steps = Arc::new(AtomicU64::new(0));
        let note = Arc::new(Mutex::new(None));
        let watcher = stderr().is_terminal().then(|| {
            let (end, ended) = channel();
            let count = Arc::clone(&steps);
            let told = Arc::clone(&note);
            let total = total.and_then(|total| u64::try_from(total).ok());
            let thread = thread::spawn(move || {
                if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let bar = bar(what, total);
                while ended.recv_timeout(FRAME) == Err(RecvTimeoutError::Timeout) {
                    bar.set_position(count.load(Ordering::Relaxed));
                    if let Some(note) = told.lock().unwrap_or_else(PoisonError::into_inner).take() {
                        bar.set_message(Cow::<'static, str>::from(note));
                    }
                    bar.tick();
                }
                bar.finish_and_clear();
            });
            (end, thread)
        });
        Self { steps, note, watcher }
    }

    /// One more is done.
    pub(crate) fn step(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }

    /// So many are done.
    pub(crate) fn set(&self, steps: u64) {
        self.steps.store(steps, Ordering::Relaxed);
    }

    /// What is said beside the number from now on; it is not made where nobody sees it.
    pub(crate) fn note(&self, text: impl FnOnce() -> String) {
        if self.watcher.is_some() {
            *self.note.lock().unwrap_or_else(PoisonError::into_inner) = Some(text());
        }
    }

    /// Nothing of it stays on the screen.
    pub(crate) fn finish(self) {
        if let Some((end, thread)) = self.watcher {
            drop(end);
            // A bar that broke is no reason to stop.
            let _ = thread.join();
        }
    }
}

fn bar(what: &'static str, total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{bar:30} {pos} of {len} {msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {pos} {msg}, {elapsed}"),
    };
    let style = ProgressStyle::with_template(template);
    let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
    bar.with_message(what).with_elapsed(PATIENCE)
}
