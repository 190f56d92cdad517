//! `sscard readers`: the PC/SC readers of this machine, once or as they come and go.

use std::io::Write;

use crate::args::ReadersArgs;
use crate::failure::Failure;

#[cfg(feature = "pcsc")]
pub(crate) fn run(args: &ReadersArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if args.watch { watch(args.json, out) } else { list(args.json, out) }
}

#[cfg(feature = "pcsc")]
fn list(json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    use super::hex;
    use crate::documents::machine::{ReadersDocument, ShownReader};
    use crate::documents::{self, SCHEMA, unit::Hex};
    let readers = sscard_host::pcsc::readers()?;
    if json {
        let readers = readers.into_iter().map(|reader| ShownReader {
            name: reader.name,
            atr: reader.atr.map(Hex::of),
            exclusive: reader.exclusive,
        });
        documents::print(out, &ReadersDocument { schema: SCHEMA, readers: readers.collect() })?;
        return Ok(());
    }
    for reader in &readers {
        let card = match &reader.atr {
            Some(atr) => format!("card with ATR {}", hex(atr)),
            None => "empty".to_owned(),
        };
        let exclusive = if reader.exclusive { ", in exclusive use" } else { "" };
        writeln!(out, "{}: {card}{exclusive}", sscard_lexicon::shown(&reader.name))?;
    }
    if readers.is_empty() {
        complain!("sscard: pcscd has no reader; connect one, or install vsmartcard-vpcd");
    }
    Ok(())
}

/// A line per event until Ctrl-C, or until nobody reads the output.
#[cfg(feature = "pcsc")]
fn watch(json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    use crate::signals;
    use std::{thread, time::Duration};

    signals::watch(true, || {})?;
    let mut watch = sscard_host::Watch::new();
    loop {
        for event in watch.look(sscard_host::pcsc::readers()) {
            if json {
                out.write_all(&crate::documents::line(&document(event))?)?;
                writeln!(out)?;
            } else {
                writeln!(out, "{}", sscard_lexicon::shown(&as_text(&event)))?;
            }
            out.flush()?;
        }
        thread::sleep(Duration::from_millis(200));
        match signals::caught() {
            None => {}
            // The usual way to end what goes on for ever.
            Some(signal_hook::consts::SIGTERM) => return Ok(()),
            Some(signal) => return Err(Failure::Interrupted { signal, note: "" }),
        }
    }
}

#[cfg(feature = "pcsc")]
fn as_text(event: &sscard_host::ReaderEvent) -> String {
    use sscard_host::ReaderEvent;
    match event {
        ReaderEvent::ReaderAdded { reader } => format!("{reader}: connected"),
        ReaderEvent::ReaderRemoved { reader } => format!("{reader}: disconnected"),
        ReaderEvent::CardInserted { reader, atr } => {
            format!("{reader}: card with ATR {}", super::hex(atr))
        }
        ReaderEvent::CardRemoved { reader } => format!("{reader}: card removed"),
        ReaderEvent::ServiceLost { reason } => format!("service lost: {reason}"),
        ReaderEvent::ServiceBack => "service back".to_owned(),
    }
}

#[cfg(feature = "pcsc")]
fn document(event: sscard_host::ReaderEvent) -> crate::documents::machine::ReaderEventDocument {
    use crate::documents::machine::ReaderEventDocument as Document;
    use crate::documents::unit::Hex;
    use sscard_host::ReaderEvent;
    let of_reader =
        |event, reader| Document { event, reader: Some(reader), atr: None, reason: None };
    match event {
        ReaderEvent::ReaderAdded { reader } => of_reader("reader_added", reader),
        ReaderEvent::ReaderRemoved { reader } => of_reader("reader_removed", reader),
        ReaderEvent::CardInserted { reader, atr } => {
            Document { atr: Some(Hex::of(atr)), ..of_reader("card_inserted", reader) }
        }
        ReaderEvent::CardRemoved { reader } => of_reader("card_removed", reader),
        ReaderEvent::ServiceLost { reason } => {
            let reason = Some(reason.to_string());
            Document { event: "service_lost", reader: None, atr: None, reason }
        }
        ReaderEvent::ServiceBack => {
            Document { event: "service_back", reader: None, atr: None, reason: None }
        }
    }
}

#[cfg(not(feature = "pcsc"))]
pub(crate) fn run(_args: &ReadersArgs, _out: &mut dyn Write) -> Result<(), Failure> {
    Err(Failure::NoPcsc)
}
