//! Traces of sessions that run.

use std::io::{self, Write};
use std::time::Duration;

use sscard_host::Recorder;

use super::*;

#[test]
fn readers_writers_and_taps_go_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<TraceReader<io::Stdin>>();
    is_send::<TraceWriter<Vec<u8>>>();
    is_send::<Recording<std::fs::File>>();
    is_send::<Tap<sscard_host::InProcess, Vec<u8>>>();
}

#[test]
fn a_tap_writes_exchanges_resets_and_failures() {
    let mut written = Vec::new();
    let card = Canned(vec![&[0x90, 0x00]]);
    let mut card =
        Tap::begin(card, &mut written, Mode::Auto, Some("A"), Secrets::Shown).expect("memory");
    card.transmit(&SELECT, &mut Vec::new()).expect("an answer");
    card.reset().expect("reset");
    card.transmit(&SELECT, &mut Vec::new()).expect_err("no answer");
    Box::new(card).close(Disposition::Leave).expect("closed");
    let text = String::from_utf8(written).expect("text");
    let (header, events, errors) = read(&text, None);
    assert_eq!((header.mode, header.reader.as_deref()), (Some(Mode::Auto), Some("A")));
    assert_eq!((header.atr, header.protocol), (vec![0x3B, 0x00], Some(Protocol::T1)));
    let [TraceEvent::Exchange(first), TraceEvent::Reset(reset), TraceEvent::Exchange(last)] =
        &events[..]
    else {
        panic!("{events:?} {errors:?}")
    };
    assert_eq!(
        (first.status().map(sscard_apdu::StatusWord::value), &reset.atr[..]),
        (Some(0x9000), &[0x3B, 0][..])
    );
    assert_eq!(last.response_hex(), TransportError::Removed.to_string());
    assert!(first.duration.is_some() && last.duration.is_some());
    assert!(first.t_ns <= reset.t_ns && reset.t_ns <= last.t_ns);
}

/// Takes so many bytes and no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_stops_no_session_and_is_told_at_its_end() {
    let card = Canned(vec![&[0x90, 0x00]; 3]);
    let mut card = Tap::begin(card, Full(400), Mode::Raw, None, Secrets::Shown).expect("fits");
    for _ in 0..3 {
        card.transmit(&[0; 200], &mut Vec::new()).expect("an answer");
    }
    let error = card.finish().err().expect("not all was written");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn what_a_recorder_kept_is_a_trace_with_its_durations() {
    let mut recorder = Recorder::new(Canned(vec![&[0x90, 0x00]; 2]), Secrets::Redacted);
    for _ in 0..2 {
        recorder.transmit(&SELECT, &mut Vec::new()).expect("an answer");
    }
    let kept = recorder.take();
    let events: Vec<TraceEvent> = kept.iter().cloned().map(TraceEvent::from).collect();
    let text = write(Export::Jsonl, &header(), &events, Secrets::Redacted);
    let (_, read, _) = read(&String::from_utf8(text).expect("text"), None);
    let micros = |exchange: &Exchange| exchange.duration.as_ref().map(Duration::as_micros);
    for (kept, read) in kept.iter().zip(&read) {
        let TraceEvent::Exchange(read) = read else { panic!("{read:?}") };
        assert_eq!((kept.t_ns, micros(kept)), (read.t_ns, micros(read)));
    }
    assert!(kept[0].t_ns <= kept[1].t_ns);
}
