//! A trace of a session while it runs.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sscard_host::{Disposition, Layer, Secrets, Transport, TransportError};

use super::{Exchange, Export, Header, Mode, Reset, Sink, TraceEvent, TraceWriter};

/// Writes JSONL as exchanges pass; every line leaves at once when the stream is unbuffered or
/// line-buffered, so that a session that breaks off keeps its trace. A stream that fails does not stop the session: the
/// rest is not written, and [`finish`](Self::finish) says why.
pub struct Recording<W> {
    writer: TraceWriter<W>,
    begun: Instant,
    failed: Option<io::Error>,
}

impl<W: Write> Recording<W> {
    /// Begins a trace of this card, in this reader: its time 0 is now.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn begin(
        out: W,
        card: &impl Transport,
        mode: Mode,
        reader: Option<&str>,
        secrets: Secrets,
    ) -> io::Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let header = Header {
            tool: concat!("sscard ", env!("CARGO_PKG_VERSION")).to_owned(),
            atr: card.atr().to_vec(),
            protocol: Some(card.protocol()),
            mode: Some(mode),
            reader: reader.map(Into::into),
            start_ms: now.ok().and_then(|now| u64::try_from(now.as_millis()).ok()),
        };
        let writer = TraceWriter::begin(Export::Jsonl, out, &header, secrets)?;
        Ok(Self { writer, begun: Instant::now(), failed: None })
    }

    /// An exchange that began at `sent` and has just ended; `reader`: where it is not that of the trace.
    pub fn exchange(
        &mut self,
        reader: Option<&Arc<str>>,
        sent: Instant,
        command: &[u8],
        outcome: Result<&[u8], &TransportError>,
    ) {
        let kept = outcome.map(<[u8]>::to_vec).map_err(Clone::clone);
        let mut exchange = Exchange::new(command, kept).at(self.since(sent)).took(sent.elapsed());
        exchange.reader = reader.cloned();
        self.event(&TraceEvent::Exchange(exchange));
    }

    /// An exchange that something else recorded, with a time and a remark of its own.
    pub fn add(&mut self, exchange: Exchange) {
        self.event(&TraceEvent::Exchange(exchange));
    }

    /// The card in this reader has been reset, or another one lies in a reader of its own from now on.
    pub fn reset(&mut self, reader: Option<&Arc<str>>, atr: &[u8]) {
        let t_ns = self.since(Instant::now());
        let (reader, atr) = (reader.cloned(), atr.to_vec());
        self.event(&TraceEvent::Reset(Reset { t_ns, reader, atr, ..Reset::default() }));
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// What the stream reported first.
    pub fn finish(mut self) -> io::Result<()> {
        let finished = self.writer.finish();
        self.failed.map_or(finished, Err)
    }

    fn event(&mut self, event: &TraceEvent) {
        if self.failed.is_none() {
            self.failed = self.writer.event(event).err();
        }
    }

    fn since(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.begun);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// A transport whose session is written as it goes; PINs and keys only when that is asked for.
///
/// ```
/// use sscard_host::{InProcess, Secrets, Transport};
/// use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
/// use sscard_trace::{Mode, Tap, TraceEvent, TraceReader};
///
/// let card = issue(&built_in("gen3").ok_or("no gen3")?, &synthetic_holder(1), &MasterKeys::test())?;
/// let mut written = Vec::new();
/// let mut card = Tap::begin(InProcess::power_on(card)?, &mut written, Mode::Raw, None, Secrets::Redacted)?;
/// card.transmit(&[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56], &mut Vec::new())?;
/// card.finish()?;
///
/// let mut trace = TraceReader::open(&written[..], None)?;
/// let Some(Ok(TraceEvent::Exchange(verify))) = trace.next() else { return Err("no exchange".into()) };
/// assert_eq!(verify.command_hex(), "0020000003******");
/// assert!(verify.duration.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Tap<T, W> {
    inner: T,
    recording: Recording<W>,
}

impl<T: Transport, W: Write> Tap<T, W> {
    /// Begins the trace of a card, in this reader.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn begin(
        inner: T,
        out: W,
        mode: Mode,
        reader: Option<&str>,
        secrets: Secrets,
    ) -> io::Result<Self> {
        let recording = Recording::begin(out, &inner, mode, reader, secrets)?;
        Ok(Self { inner, recording })
    }

    /// Ends the trace, and gives the transport back.
    ///
    /// # Errors
    /// What the stream reported first; the transport is dropped then.
    pub fn finish(self) -> io::Result<T> {
        self.recording.finish()?;
        Ok(self.inner)
    }
}

impl<T: Transport, W: Write> Layer for Tap<T, W> {
    type Inner = T;

    fn below(&self) -> &T {
        &self.inner
    }

    fn below_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    fn on_transmit(
        &mut self,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let sent = Instant::now();
        let outcome = self.inner.transmit(command, response);
        self.recording.exchange(None, sent, command, outcome.as_ref().map(|()| &response[..]));
        outcome
    }

    fn on_reset(&mut self) -> Result<(), TransportError> {
        self.inner.reset()?;
        self.recording.reset(None, self.inner.atr());
        Ok(())
    }

    /// Ends the trace, too.
    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        let Self { inner, recording } = *self;
        let finished = recording.finish();
        Box::new(inner).close(disposition)?;
        finished.map_err(|error| TransportError::told(format!("the trace: {error}")))
    }
}
