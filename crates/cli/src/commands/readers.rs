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
    use super::{hex, print_json};
    let readers = sscard_host::pcsc::readers()?;
    if json {
        let list: Vec<_> = readers
            .iter()
            .map(|reader| {
                serde_json::json!({
                    "name": reader.name,
                    "atr": reader.atr.as_deref().map(hex),
                    "exclusive": reader.exclusive,
                })
            })
            .collect();
        print_json(out, &serde_json::json!({ "schema": 1, "readers": list }))?;
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
                out.write_all(&sscard_script::json::compact(&as_json(&event))?)?;
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
fn as_json(event: &sscard_host::ReaderEvent) -> serde_json::Value {
    use serde_json::json;
    use sscard_host::ReaderEvent;
    match event {
        ReaderEvent::ReaderAdded { reader } => json!({ "event": "reader_added", "reader": reader }),
        ReaderEvent::ReaderRemoved { reader } => {
            json!({ "event": "reader_removed", "reader": reader })
        }
        ReaderEvent::CardInserted { reader, atr } => {
            json!({ "event": "card_inserted", "reader": reader, "atr": super::hex(atr) })
        }
        ReaderEvent::CardRemoved { reader } => json!({ "event": "card_removed", "reader": reader }),
        ReaderEvent::ServiceLost { reason } => json!({ "event": "service_lost", "reason": reason }),
        ReaderEvent::ServiceBack => json!({ "event": "service_back" }),
    }
}

#[cfg(not(feature = "pcsc"))]
pub(crate) fn run(_args: &ReadersArgs, _out: &mut dyn Write) -> Result<(), Failure> {
    Err(Failure::NoPcsc)
}
