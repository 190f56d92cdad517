//! Writers: events in, one at a time; bytes out.

mod jsonl;
mod pcapng;
mod text;

use std::io::{self, Write};

use sscard_host::Secrets;

use super::{Event, Header, report};

/// The formats that are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// Writes what stands at the end.
    ///
    /// # Errors
    /// What the stream reports.
    fn finish(&mut self) -> io::Result<()>;
}

/// A writer of a format; the header is written at once. With [`Secrets::Redacted`] PINs and keys are
/// overwritten before the format sees them, also those of traces that were recorded elsewhere.
///
/// # Errors
/// What the stream reports.
pub fn sink<'w>(
    export: Export,
    out: impl Write + 'w,
    header: &Header,
    secrets: Secrets,
) -> io::Result<Box<dyn Sink + 'w>> {
    let inner: Box<dyn Sink + 'w> = match export {
        Export::Jsonl => Box::new(jsonl::Jsonl::begin(out, header)?),
        Export::Apdu4j => Box::new(text::Apdu4j::begin(out, header)?),
        Export::Scriptor => Box::new(text::Scriptor::begin(out, header)?),
        Export::Pcapng => Box::new(pcapng::Pcapng::begin(out, header)?),
        Export::Markdown => Box::new(report::Report::begin(report::Markdown, out, header)?),
        Export::Html => Box::new(report::Report::begin(report::Html, out, header)?),
    };
    Ok(match secrets {
        Secrets::Redacted => Box::new(Redacting { inner }),
        Secrets::Shown => inner,
    })
}

/// I-9 in one place.
struct Redacting<'w> {
    inner: Box<dyn Sink + 'w>,
}

impl Sink for Redacting<'_> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Exchange(exchange)
                if sscard_commands::secret_part(&exchange.command).is_some() =>
            {
                let mut exchange = exchange.clone();
                exchange.redact();
                self.inner.event(&Event::Exchange(exchange))
            }
            other => self.inner.event(other),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.inner.finish()
    }
}
