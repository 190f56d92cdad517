//! The API's answers as text.

use std::io::{self, Write};

use serde_json::Value;
use sscard_lexicon::shown;

use crate::args::CtlCommand;

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn list(value: &Value, field: &str) -> Vec<String> {
    let texts = value.get(field).and_then(Value::as_array).into_iter().flatten();
    texts.filter_map(Value::as_str).map(|text| shown(text).into_owned()).collect()
}

fn objects<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// An answer of whatever a subcommand asks for.
pub(super) fn print(command: &CtlCommand, answer: &Value, out: &mut dyn Write) -> io::Result<()> {
    match command {
        CtlCommand::Slots => objects(answer, "slots").try_for_each(|slot| print_slot(slot, out)),
        CtlCommand::Cards => {
            list(answer, "cards").iter().try_for_each(|card| writeln!(out, "{card}"))?;
            writeln!(out, "profiles: {}", list(answer, "profiles").join(", "))
        }
        CtlCommand::Snapshot { .. } => {
            list(answer, "snapshots").iter().try_for_each(|name| writeln!(out, "{name}"))
        }
        CtlCommand::Faults { .. } => {
            list(answer, "faults").iter().try_for_each(|fault| writeln!(out, "{fault}"))?;
            objects(answer, "fired").try_for_each(|fired| {
                let fault = shown(text(fired, "fault"));
                writeln!(out, "# command {}: {fault}", fired["command"])
            })
        }
        CtlCommand::Exchanges { .. } => {
            objects(answer, "events").try_for_each(|event| writeln!(out, "{}", traced(event)))
        }
        CtlCommand::Wait { .. } => writeln!(out, "{}", event(text(answer, "kind"), answer)),
        _ => print_slot(answer, out),
    }
}

fn print_slot(slot: &Value, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "slot {}: ", slot["slot"])?;
    match (slot["card"].as_str(), slot["ejected"].as_str()) {
        (Some(name), _) => {
            write!(out, "{}", shown(name))?;
            let power = if slot["powered"] == true { "powered" } else { "without power" };
            let seen = if slot["ready"] == true { "" } else { ", not seen by the reader yet" };
            write!(out, ", {}, {power}{seen}, ATR {}", text(slot, "interface"), text(slot, "atr"))?;
        }
        (None, Some(name)) => write!(out, "empty; {} lies beside it", shown(name))?,
        (None, None) => write!(out, "empty")?,
    }
    for (what, field) in [("snapshots", "snapshots"), ("faults", "faults")] {
        let names = list(slot, field);
        if !names.is_empty() {
            write!(out, "; {what}: {}", names.join(", "))?;
        }
    }
    writeln!(out)
}

/// An exchange or a change of power, in a line; its number is that of `--after`.
fn traced(event: &Value) -> String {
    let n = &event["number"];
    if event["ev"] != "apdu" {
        return format!("{n} {} {}", text(event, "ev"), text(event, "atr")).trim_end().to_owned();
    }
    let response = match (event["response"].as_str(), event["error"].as_str()) {
        (Some(response), _) => response.to_owned(),
        (None, error) => shown(error.unwrap_or("no answer")).into_owned(),
    };
    let meaning = shown(text(event, "meaning"));
    let status = event["status"]["en"].as_str().map(|status| format!(": {}", shown(status)));
    let origin = text(event, "origin");
    let status = status.unwrap_or_default();
    format!("{n} {origin} > {} < {response}  # {meaning}{status}", text(event, "command"))
}

/// An event of the live stream, in a line.
pub(super) fn event(kind: &str, event: &Value) -> String {
    let slot = &event["slot"];
    match kind {
        "exchange" => format!("slot {slot}: {}", traced(event)),
        "power" => format!("slot {slot}: power {} {}", text(event, "power"), text(event, "atr"))
            .trim_end()
            .to_owned(),
        "inserted" => format!("slot {slot}: inserted {}", shown(text(event, "card"))),
        "fault" => {
            format!(
                "slot {slot}: fault {} at command {}",
                shown(text(event, "fault")),
                event["command"]
            )
        }
        "lost" => format!("{} events were lost", event["events"]),
        _ => format!("slot {slot}: {}", shown(kind)),
    }
}
