//! The program's standard output.
//!
//! A terminal sees each line at once; a pipe or a file gets what has gathered, at the latest a moment
//! later. In a session with a card the card comes first: where nobody reads any more or a disk is full,
//! the session goes on to its end without output, and [`Output::failure`] tells of it then.

use std::io::{self, IsTerminal, Stdout, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::outside::Filter;

/// What gathers before it is written.
const LARGE: usize = 0x8000;
/// What has gathered does not wait longer.
const MOMENT: Duration = Duration::from_millis(50);

/// What becomes of output that cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loss {
    /// The command ends.
    Ends,
    /// The command goes on in silence.
    IsBorne,
}

/// Standard output; a clone is the same one.
#[derive(Clone)]
pub(crate) struct Output(Arc<Mutex<Sink>>);

struct Sink {
    stdout: Stdout,
    /// The net below: what a command forgot to show as text.
    filter: Filter,
    gathered: Vec<u8>,
    by_line: bool,
    loss: Loss,
    failure: Option<io::Error>,
}

impl Output {
    pub(crate) fn new(loss: Loss, filter: Filter) -> Self {
        let stdout = io::stdout();
        let by_line = stdout.is_terminal();
        let sink = Sink { stdout, filter, gathered: Vec::new(), by_line, loss, failure: None };
        let output = Self(Arc::new(Mutex::new(sink)));
        if !by_line && loss == Loss::IsBorne {
            let sink = Arc::downgrade(&output.0);
            thread::spawn(move || {
                while let Some(sink) = sink.upgrade() {
                    // Whoever writes next hears of a failure.
                    let _ = sink.lock().unwrap_or_else(PoisonError::into_inner).flush();
                    drop(sink);
                    thread::sleep(MOMENT);
                }
            });
        }
        output
    }

    /// Writes what has gathered and what was held back: nothing more comes.
    pub(crate) fn end(&self) -> io::Result<()> {
        let mut sink = self.sink();
        let Sink { filter, gathered, .. } = &mut *sink;
        filter.end(gathered);
        sink.flush()
    }

    /// Writes what has gathered, unless somebody is writing right now.
    pub(crate) fn flush_if_free(&self) {
        if let Ok(mut sink) = self.0.try_lock() {
            // The program ends in any case.
            let _ = sink.flush();
        }
    }

    /// Why output was lost, if it was.
    pub(crate) fn failure(&self) -> Option<io::Error> {
        self.sink().failure.take()
    }

    fn sink(&self) -> MutexGuard<'_, Sink> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut sink = self.sink();
        let Sink { filter, gathered, .. } = &mut *sink;
        filter.pass(bytes, gathered);
        let is_due = sink.gathered.len() >= LARGE || (sink.by_line && bytes.contains(&b'\n'));
        if is_due {
            sink.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink().flush()
    }
}

impl Sink {
    fn flush(&mut self) -> io::Result<()> {
        if self.failure.is_some() {
            self.gathered.clear();
            return Ok(());
        }
        let gathered = std::mem::take(&mut self.gathered);
        if gathered.is_empty() {
            return Ok(());
        }
        let written = self.stdout.write_all(&gathered).and_then(|()| self.stdout.flush());
        match (written, self.loss) {
            (Err(error), Loss::IsBorne) => {
                self.failure = Some(error);
                Ok(())
            }
            (written, _) => written,
        }
    }
}
