//! Recorded sessions: kept in memory, written and read in the formats of `sscard trace`.

use std::io::BufReader;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::Value;
use sscard_core::Protocol;
use sscard_documents::trace::{exchange_document, header_document, reset_document};
use sscard_host::whole_file::{self, Audience};
use sscard_host::{Redactor, Secrets, TransportError};
use sscard_trace::{
    Exchange, Export, Header, Mode, Reset, ResetKind, Sessions, Sink, TraceError, TraceEvent,
    TraceFormat, TraceReader, TraceWriter,
};

use crate::error::{exception, of_file};
use crate::{json, read_file};

/// What was recorded so far.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<Recorded>>);

struct Recorded {
    header: Header,
    begun: Instant,
    events: Vec<TraceEvent>,
}

impl Log {
    /// A recording of this card.
    pub(crate) fn begin(atr: &[u8], protocol: Option<Protocol>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let mut header = Header::default();
        header.tool = concat!("sscard ", env!("CARGO_PKG_VERSION")).to_owned();
        header.atr = atr.to_vec();
        header.protocol = protocol;
        header.mode = Some(Mode::Raw);
        header.start_ms = now.and_then(|now| u64::try_from(now.as_millis()).ok());
        Self::of(header, Vec::new())
    }

    fn of(header: Header, events: Vec<TraceEvent>) -> Self {
        Self(Arc::new(Mutex::new(Recorded { header, begun: Instant::now(), events })))
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An exchange that began at `sent` and has just ended.
    pub(crate) fn exchange(
        &self,
        sent: Instant,
        command: &[u8],
        outcome: Result<&[u8], &TransportError>,
    ) {
        let mut recorded = self.lock();
        let at = nanoseconds(sent.saturating_duration_since(recorded.begun));
        let kept = outcome.map(<[u8]>::to_vec).map_err(Clone::clone);
        let exchange = Exchange::new(command, kept).at(at).took(sent.elapsed());
        recorded.events.push(TraceEvent::Exchange(exchange));
    }

    /// The card was reset.
    pub(crate) fn reset(&self, atr: &[u8]) {
        self.power(ResetKind::Reset, atr);
    }

    /// The card was reset, got power or lost it.
    pub(crate) fn power(&self, kind: ResetKind, atr: &[u8]) {
        let mut recorded = self.lock();
        let mut reset = Reset::default();
        reset.t_ns = nanoseconds(recorded.begun.elapsed());
        reset.atr = atr.to_vec();
        reset.kind = kind;
        recorded.events.push(TraceEvent::Reset(reset));
    }
}

fn nanoseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A recorded session: that of a card which records, or of a file.
#[pyclass(frozen, module = "sscard", name = "Trace")]
pub(crate) struct PyTrace {
    log: Log,
}

impl PyTrace {
    pub(crate) fn of(log: Log) -> Self {
        Self { log }
    }
}

const fn secrets(shown: bool) -> Secrets {
    if shown { Secrets::Shown } else { Secrets::Redacted }
}

#[pymethods]
impl PyTrace {
    /// Reads a trace: `jsonl`, `apdu4j`, `pcscd`, `pcscspy`, `gp` or `scriptor`, told from its first lines without a format.
    #[staticmethod]
    #[pyo3(signature = (path, *, format = None))]
    fn load(path: PathBuf, format: Option<&str>) -> PyResult<Self> {
        let format = format.map(named_format).transpose()?;
        let input = BufReader::new(read_file::open(&path).map_err(|error| of_file(&path, &error))?);
        let refused = |error: TraceError| match error {
            TraceError::Io(error) => of_file(&path, &error),
            error => exception("InvalidTrace", format!("{}: {error}", path.display())),
        };
        let mut reader = TraceReader::open(input, format).map_err(refused)?;
        let mut events = Vec::new();
        for event in reader.by_ref() {
            events.push(event.map_err(refused)?);
        }
        Ok(Self::of(Log::of(reader.header().clone(), events)))
    }

    /// The trace as bytes: `jsonl`, `apdu4j`, `scriptor`, `pcapng`, `markdown` or `html`. PINs and keys are hidden unless they are asked for.
    #[pyo3(signature = (format = "jsonl", *, show_secrets = false))]
    fn to_bytes<'py>(
        &self,
        py: Python<'py>,
        format: &str,
        show_secrets: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let written = self.written(named_export(format)?, secrets(show_secrets))?;
        Ok(PyBytes::new(py, &written))
    }

    /// Writes the trace to a file; without a format the file's extension says which: `.jsonl`, `.pcapng`, `.md`, `.html`…
    #[pyo3(signature = (path, *, format = None, show_secrets = false))]
    fn save(&self, path: PathBuf, format: Option<&str>, show_secrets: bool) -> PyResult<()> {
        let export = match format {
            Some(format) => named_export(format)?,
            None => {
                let extension = path.extension().map(|extension| extension.to_string_lossy());
                let known = extension.as_deref().and_then(Export::by_extension);
                known.ok_or_else(|| {
                    let words =
                        format!("{}: its extension names no format: give one", path.display());
                    PyValueError::new_err(words)
                })?
            }
        };
        let written = self.written(export, secrets(show_secrets))?;
        let done = whole_file::write(&path, &written, Audience::Owner);
        done.map(drop).map_err(|error| of_file(&path, &error))
    }

    /// What happened, each event explained as `sscard trace show --json` says it.
    #[pyo3(signature = (*, show_secrets = false))]
    fn explain<'py>(&self, py: Python<'py>, show_secrets: bool) -> PyResult<Bound<'py, PyAny>> {
        let mut events = self.log.lock().events.clone();
        let (mut sessions, mut redactor) = (Sessions::default(), Redactor::default());
        let mut told = Vec::new();
        for (number, event) in (1..).zip(&mut events) {
            sessions.note(event);
            if let (TraceEvent::Exchange(exchange), false) = (&mut *event, show_secrets) {
                redactor.redact(exchange);
            }
            let document = match event {
                TraceEvent::Exchange(exchange) => {
                    let annotation = sessions.annotate(exchange);
                    serde_json::to_value(exchange_document(number, exchange, &annotation))
                }
                TraceEvent::Reset(reset) => serde_json::to_value(reset_document(number, reset)),
            };
            told.push(document.unwrap_or(Value::Null));
        }
        json::document(py, &told)
    }

    /// What is known of the whole session.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::document(py, &header_document(&self.log.lock().header))
    }

    /// Commands and what came of them, as bytes as they were: `(command, response)`, `None` where there was no answer.
    #[getter]
    fn exchanges<'py>(
        &self,
        py: Python<'py>,
    ) -> Vec<(Bound<'py, PyBytes>, Option<Bound<'py, PyBytes>>)> {
        let recorded = self.log.lock();
        let exchange = |event: &TraceEvent| {
            let TraceEvent::Exchange(exchange) = event else { return None };
            let response = exchange.response.as_ref().ok();
            Some((
                PyBytes::new(py, &exchange.command),
                response.map(|response| PyBytes::new(py, response)),
            ))
        };
        recorded.events.iter().filter_map(exchange).collect()
    }

    fn __len__(&self) -> usize {
        self.log.lock().events.len()
    }

    fn __repr__(&self) -> String {
        format!("<Trace of {} events>", self.log.lock().events.len())
    }
}

impl PyTrace {
    fn written(&self, export: Export, secrets: Secrets) -> PyResult<Vec<u8>> {
        let recorded = self.log.lock();
        let mut out = Vec::new();
        let refused = |error: std::io::Error| exception("InvalidTrace", error);
        let mut writer =
            TraceWriter::begin(export, &mut out, &recorded.header, secrets).map_err(refused)?;
        recorded.events.iter().try_for_each(|event| writer.event(event)).map_err(refused)?;
        writer.finish().map_err(refused)?;
        drop(writer);
        Ok(out)
    }
}

fn named_format(name: &str) -> PyResult<TraceFormat> {
    let found = TraceFormat::ALL.iter().find(|(_, known, _)| *known == name);
    found.map(|(format, ..)| *format).ok_or_else(|| {
        let known: Vec<&str> = TraceFormat::ALL.iter().map(|(_, name, _)| *name).collect();
        PyValueError::new_err(format!("{name}: a trace's format is one of {}", known.join(", ")))
    })
}

fn named_export(name: &str) -> PyResult<Export> {
    let found = Export::ALL.iter().find(|(_, known, _)| *known == name);
    found.map(|(export, ..)| *export).ok_or_else(|| {
        let known: Vec<&str> = Export::ALL.iter().map(|(_, name, _)| *name).collect();
        PyValueError::new_err(format!("{name}: a trace is written as one of {}", known.join(", ")))
    })
}
