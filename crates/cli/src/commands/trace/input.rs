//! A trace file that is read event by event, with a bar for those who wait.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressBarIter, ProgressDrawTarget, ProgressStyle};
use sscard_lexicon::shown;
use sscard_trace::{Header, TraceError, TraceEvent, TraceReader};

use crate::args::TraceReading;
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::read_file;

/// Nobody needs a bar for less.
const PATIENCE: Duration = Duration::from_secs(2);
const BUFFER: usize = 0x4_0000;

pub(super) struct Input {
    path: PathBuf,
    reader: TraceReader<BufReader<ProgressBarIter<Box<dyn Read>>>>,
    lenient: bool,
    bar: ProgressBar,
    begun: Instant,
}

impl Input {
    pub(super) fn open(path: &Path, reading: &TraceReading) -> Result<Self, Failure> {
        let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
        let (stream, length): (Box<dyn Read>, _) = if path == Path::new("-") {
            (Box::new(io::stdin()), None)
        } else {
            let file = File::open(path).map_err(unreadable)?;
            read_file::refuse_device(&file).map_err(unreadable)?;
            let metadata = file.metadata().map_err(unreadable)?;
            (Box::new(file), metadata.is_file().then_some(metadata.len()))
        };
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        let stream = BufReader::with_capacity(BUFFER, bar.wrap_read(stream));
        let reader =
            TraceReader::open(stream, reading.from).map_err(|error| failure(path, error))?;
        let (path, lenient) = (path.to_owned(), reading.lenient);
        Ok(Self { path, reader, lenient, bar, begun: Instant::now() })
    }

    pub(super) fn header(&self) -> &Header {
        self.reader.header()
    }

    pub(super) fn format(&self) -> sscard_trace::TraceFormat {
        self.reader.format()
    }

    /// The next event; malformed lines are an error, or are told and skipped.
    pub(super) fn next(&mut self) -> Result<Option<TraceEvent>, Failure> {
        if self.bar.is_hidden() && self.begun.elapsed() > PATIENCE && io::stderr().is_terminal() {
            self.show_bar();
        }
        loop {
            match self.reader.next() {
                None => {
                    self.bar.finish_and_clear();
                    return Ok(None);
                }
                Some(Ok(event)) => return Ok(Some(event)),
                Some(Err(error @ TraceError::Line { .. })) if self.lenient => {
                    let path = shown_path(&self.path);
                    let error = shown(&error.to_string()).into_owned();
                    self.bar.suspend(|| complain!("sscard: {path}: {error}; skipped"));
                }
                Some(Err(error)) => {
                    self.bar.finish_and_clear();
                    return Err(failure(&self.path, error));
                }
            }
        }
    }

    fn show_bar(&mut self) {
        // A stream of unknown length gets a count without a bar.
        let template = match self.bar.length() {
            Some(_) => "{bar:30} {bytes} of {total_bytes}, {eta} left",
            None => "{bytes} read",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
    }
}

fn failure(path: &Path, error: TraceError) -> Failure {
    match error {
        TraceError::Io(source) => Failure::Unreadable { path: path.to_owned(), source },
        TraceError::Unknown => Failure::Input {
            place: path.display().to_string(),
            reason: "it is not a trace in a known format; say which it is with --from".to_owned(),
        },
        error => {
            let reason = shown(&error.to_string()).into_owned();
            Failure::Input { place: path.display().to_string(), reason }
        }
    }
}
