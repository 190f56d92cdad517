//! Readers, writers, comparison.

mod compare;
mod in_step;
mod readers;
mod record;
mod redaction;
mod report;
mod round_trip;

use sscard_core::Protocol;
use sscard_host::{Disposition, Secrets, Transport, TransportError};

use super::*;

const SELECT: [u8; 7] = [0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00];

/// Every event, and every error with its line.
fn read(text: &str, format: Option<TraceFormat>) -> (Header, Vec<TraceEvent>, Vec<String>) {
    let mut reader = TraceReader::open(text.as_bytes(), format).expect("a known format");
    let (mut events, mut errors) = (Vec::new(), Vec::new());
    for next in &mut reader {
        match next {
            Ok(event) => events.push(event),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (reader.header().clone(), events, errors)
}

/// The exchanges of a trace that is told by its first lines and has no malformed line.
fn exchanges(text: &str, format: TraceFormat) -> Vec<Exchange> {
    let reader = TraceReader::open(text.as_bytes(), None).expect("a known format");
    assert_eq!(reader.format(), format, "{text}");
    let exchange = |event| match event {
        Ok(TraceEvent::Exchange(exchange)) => exchange,
        other => panic!("{other:?}"),
    };
    reader.map(exchange).collect()
}

fn write(export: Export, header: &Header, events: &[TraceEvent], secrets: Secrets) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = TraceWriter::begin(export, &mut bytes, header, secrets).expect("memory");
    events.iter().for_each(|event| writer.event(event).expect("memory"));
    writer.finish().expect("memory");
    drop(writer);
    bytes
}

fn exchange(command: &[u8], response: &[u8]) -> TraceEvent {
    TraceEvent::Exchange(Exchange::new(command, Ok(response.to_vec())))
}

fn header() -> Header {
    Header {
        tool: "test".to_owned(),
        atr: vec![0x3B, 0x00],
        protocol: Some(Protocol::T0),
        mode: Some(Mode::Raw),
        reader: Some("Reader 一号".into()),
        start_ms: Some(1_790_000_000_123),
    }
}

/// Answers from its list.
struct Canned(Vec<&'static [u8]>);

impl Transport for Canned {
    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }

    fn protocol(&self) -> Protocol {
        Protocol::T1
    }

    fn exchange(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        response.clear();
        if self.0.is_empty() {
            return Err(TransportError::Removed);
        }
        response.extend_from_slice(self.0.remove(0));
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn close(self: Box<Self>, _: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}
