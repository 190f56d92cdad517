//! Our own format, written.

use std::io::{self, Write};
use std::sync::Arc;

use super::super::read::jsonl::Line;
use super::{Header, Sink, TraceEvent};

pub(super) struct Jsonl<W> {
    out: W,
    reader: Option<Arc<str>>,
}

impl<W: Write> Jsonl<W> {
    pub(super) fn begin(mut out: W, header: &Header) -> io::Result<Self> {
        line(&mut out, &Line::of_header(header))?;
        Ok(Self { out, reader: header.reader.clone() })
    }
}

impl<W: Write> Sink for Jsonl<W> {
    fn event(&mut self, event: &TraceEvent) -> io::Result<()> {
        line(&mut self.out, &Line::of_event(event, self.reader.as_ref()))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(super) fn line(out: &mut dyn Write, line: &Line) -> io::Result<()> {
    // In one piece: a line is written whole or not at all.
    let mut bytes = crate::json::compact(line)?;
    bytes.push(b'\n');
    out.write_all(&bytes)
}
