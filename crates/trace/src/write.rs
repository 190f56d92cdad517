//! Writers: events in, one at a time; bytes out.

mod jsonl;
mod pcapng;
mod text;

use std::io::{self, Write};

use sscard_host::{Redactor, Secrets};

use super::{Header, TraceEvent, report};

/// The formats that are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Export {
    /// Our own.
    Jsonl,
    /// Dump of apdu4j.
    Apdu4j,
    /// What scriptor prints.
    Scriptor,
    /// For Wireshark.
    Pcapng,
    /// A report as text.
    Markdown,
    /// A report for a browser.
    Html,
}

impl Export {
    /// All, with their names and the extensions of their files.
    pub const ALL: [(Self, &'static str, &'static [&'static str]); 6] = [
        (Self::Jsonl, "jsonl", &["jsonl", "ndjson"]),
        (Self::Apdu4j, "apdu4j", &["dump", "apdu4j"]),
        (Self::Scriptor, "scriptor", &["scriptor", "txt"]),
        (Self::Pcapng, "pcapng", &["pcapng"]),
        (Self::Markdown, "markdown", &["md", "markdown"]),
        (Self::Html, "html", &["html", "htm"]),
    ];

    /// The format that a file's extension names.
    #[must_use]
    pub fn by_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        let mut all = Self::ALL.into_iter();
        all.find(|(.., known)| known.contains(&extension.as_str())).map(|(export, ..)| export)
    }
}

/// Takes events one at a time.
pub trait Sink {
    /// Writes an event.
    ///
    /// # Errors
    /// What the stream reports.
    fn event(&mut self, event: &TraceEvent) -> io::Result<()>;

    /// Writes what stands at the end.
    ///
    /// # Errors
    /// What the stream reports.
    fn finish(&mut self) -> io::Result<()>;
}

/// A trace that is written event by event. With [`Secrets::Redacted`] PINs and keys are overwritten before the format
/// sees them, also those of traces that were recorded elsewhere.
pub struct TraceWriter<W> {
    format: Written<W>,
    secrets: Secrets,
    redactor: Redactor,
}

enum Written<W> {
    Jsonl(jsonl::Jsonl<W>),
    Apdu4j(text::Apdu4j<W>),
    Scriptor(text::Scriptor<W>),
    Pcapng(Box<pcapng::Pcapng<W>>),
    Markdown(Box<report::Report<W, report::Markdown>>),
    Html(Box<report::Report<W, report::Html>>),
}

impl<W: Write> TraceWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// What the stream reports.
    pub fn begin(export: Export, out: W, header: &Header, secrets: Secrets) -> io::Result<Self> {
        use report::{Html, Markdown, Report};
        let format = match export {
            Export::Jsonl => Written::Jsonl(jsonl::Jsonl::begin(out, header)?),
            Export::Apdu4j => Written::Apdu4j(text::Apdu4j::begin(out, header)?),
            Export::Scriptor => Written::Scriptor(text::Scriptor::begin(out, header)?),
            Export::Pcapng => Written::Pcapng(Box::new(pcapng::Pcapng::begin(out, header)?)),
            Export::Markdown => Written::Markdown(Box::new(Report::begin(Markdown, out, header)?)),
            Export::Html => Written::Html(Box::new(Report::begin(Html, out, header)?)),
        };
        Ok(Self { format, secrets, redactor: Redactor::default() })
    }

    fn format(&mut self) -> &mut dyn Sink {
        match &mut self.format {
            Written::Jsonl(format) => format,
            Written::Apdu4j(format) => format,
            Written::Scriptor(format) => format,
            Written::Pcapng(format) => format.as_mut(),
            Written::Markdown(format) => format.as_mut(),
            Written::Html(format) => format.as_mut(),
        }
    }
}

/// I-9 in one place.
impl<W: Write> Sink for TraceWriter<W> {
    fn event(&mut self, event: &TraceEvent) -> io::Result<()> {
        match event {
            TraceEvent::Exchange(exchange) if self.secrets == Secrets::Redacted => {
                let mut exchange = exchange.clone();
                self.redactor.redact(&mut exchange);
                self.format().event(&TraceEvent::Exchange(exchange))
            }
            other => self.format().event(other),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.format().finish()
    }
}
