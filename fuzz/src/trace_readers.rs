//! Bytes as a trace of each format.

use std::io;

use sscard_host::Secrets;
use sscard_trace::{Export, Sink, TraceError, TraceEvent, TraceFormat, TraceReader, TraceWriter};

/// What is read is written in every format, and in ours it comes back alike; a line that is refused
/// is named.
///
/// # Panics
/// When a trace of ours does not come back, or an error is none of a line.
pub fn trace_readers(bytes: &[u8]) {
    if let Ok(reader) = TraceReader::open(bytes, None) {
        through(reader);
    }
    for (format, ..) in TraceFormat::ALL {
        through(TraceReader::open(bytes, Some(*format)).expect("memory"));
    }
}

fn through(mut reader: TraceReader<&[u8]>) {
    let mut events = Vec::new();
    for next in &mut reader {
        match next {
            Ok(event) => events.push(event),
            Err(TraceError::Line { reason, .. }) => assert!(!reason.is_empty()),
            Err(error) => panic!("{error}"),
        }
    }
    let header = reader.header();
    let written = |export, out: &mut dyn io::Write, secrets| {
        let mut writer = TraceWriter::begin(export, out, header, secrets).expect("memory");
        events.iter().for_each(|event| writer.event(event).expect("memory"));
        writer.finish().expect("memory");
    };
    for (export, ..) in Export::ALL {
        written(export, &mut io::sink(), Secrets::Redacted);
    }
    let mut ours = Vec::new();
    written(Export::Jsonl, &mut ours, Secrets::Shown);
    let again = TraceReader::open(&ours[..], Some(TraceFormat::Jsonl)).expect("memory");
    let again: Vec<TraceEvent> = again.collect::<Result<_, _>>().expect("ours is well formed");
    assert_eq!(again, events, "ours comes back");
}
