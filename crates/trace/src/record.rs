//! A trace of a session while it runs.

use std::io::{self, Write};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sscard_core::Protocol;
use sscard_host::{Secrets, TransportError};

use super::{Event, Exchange, Export, Header, Mode, Reset, Sink, sink};

/// Writes JSONL as exchanges pass; every line leaves at once when the stream is unbuffered or
/// line-buffered, so that a session that breaks off keeps its trace.
pub struct Recording {
    sink: Box<dyn Sink>,
    begun: Instant,
}

impl Recording {
    /// Begins a trace: its time 0 is now.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn begin(
        out: impl Write + 'static,
        atr: &[u8],
        protocol: Protocol,
        mode: Mode,
        reader: Option<&str>,
        secrets: Secrets,
    ) -> io::Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let header = Header {
            tool: concat!("sscard ", env!("CARGO_PKG_VERSION")).to_owned(),
            atr: atr.to_vec(),
            protocol: Some(protocol),
            mode: Some(mode),
            reader: reader.map(Into::into),
            start_ms: now.ok().and_then(|now| u64::try_from(now.as_millis()).ok()),
        };
        Ok(Self { sink: sink(Export::Jsonl, out, &header, secrets)?, begun: Instant::now() })
    }

    /// An exchange that began at `sent` and has just ended.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn exchange(
        &mut self,
        sent: Instant,
        command: &[u8],
        outcome: Result<&[u8], &TransportError>,
    ) -> io::Result<()> {
        let kept = outcome.map(<[u8]>::to_vec).map_err(Clone::clone);
        let exchange = Exchange::new(command, kept).at(self.since(sent)).took(sent.elapsed());
        self.sink.event(&Event::Exchange(exchange))
    }

    /// The card has been reset.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn reset(&mut self, atr: &[u8]) -> io::Result<()> {
        let t_ns = self.since(Instant::now());
        self.sink.event(&Event::Reset(Reset { t_ns, reader: None, atr: atr.to_vec() }))
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn finish(mut self) -> io::Result<()> {
        self.sink.finish()
    }

    fn since(&self, instant: Instant) -> u64 {
        let since = instant.saturating_duration_since(self.begun);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}
