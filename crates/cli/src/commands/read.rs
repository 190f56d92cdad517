//! `sscard read`: what a hospital's reader sees.

use std::io::{self, Write};

use sscard_apdu::{StatusWord, bcd};
use sscard_commands::ins;
use sscard_core::catalogue;
use sscard_lexicon::{counted, item_text, shown, status_meaning};
use sscard_terminal::{CardReport, FileReport, Psam, ReadError, ReadOptions, pin_state, read_card};
use sscard_trace::Mode;

use super::hex;
use crate::args::ReadArgs;
use crate::documents;
use crate::documents::read::document;
use crate::failure::Failure;
use crate::secret_input;
use crate::source::{Source, is_in_reader};

/// Seed of the terminal's random numbers: the same card reads the same way twice.
pub(super) const TERMINAL_SEED: u64 = 1;

pub(crate) fn run(args: &ReadArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let pin = secret_input::pin_or_environment("--pin", args.pin.as_deref())?;
    let pin = pin.as_deref().map(pin_bytes).transpose()?;
    let today = day(super::date("--date", args.date.as_deref())?);
    let faults = args.faults.misbehaviour(is_in_reader(&args.card))?;
    let mut module = args.keys.module(TERMINAL_SEED)?;
    let sync = args.card.sync.into();
    let slot = args.psam.as_deref().map(|which| Source::open_module(which, sync, &faults));
    let slot = slot.transpose()?;
    let source = Source::open_for(&args.card, args.contactless, &faults)?;
    let mut source = source.traced(&args.record, Mode::Auto)?;
    let mut slot = slot.map(|slot| slot.traced_beside(&source));
    let options = ReadOptions { applications: args.all, pin: pin.as_deref() };
    let (report, tries) = {
        let mut card = source.recorded();
        let report = match &mut slot {
            Some(slot) => Psam::open(slot)
                .map_err(ReadError::Module)
                .and_then(|mut psam| read_card(&mut card, &mut psam, options)),
            None => read_card(&mut card, &mut module, options),
        };
        // Asked last, so that the reading is the one of readers in the field; it uses no try.
        let asks = report.as_ref().is_ok_and(|report| report.pin.is_none());
        (report, asks.then(|| pin_state(&mut card)))
    };
    // Also a reading that failed has changed the card: its counters and its generator.
    let closed = super::both(slot.map_or(Ok(()), Source::close), source.close());
    super::both(
        report.map_err(Failure::from).and_then(|report| tell(&report, tries, today, args, out)),
        closed,
    )
}

/// What was read, what there is to say of it, and the verdict.
fn tell(
    report: &CardReport,
    tries: Option<Result<StatusWord, ReadError>>,
    today: [u8; 4],
    args: &ReadArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut remarks = report.remarks(today);
    let tries = tries.transpose();
    if let Ok(Some(tries)) = tries
        && (tries.tries_left() == Some(0) || tries == StatusWord::AUTHENTICATION_METHOD_BLOCKED)
    {
        remarks.push(format!("{PIN_NAME} is locked: VERIFY without data answered {tries}"));
    }
    let failed = [pin_refused(report), holder_missing(report)];
    let failed: Vec<String> = failed.into_iter().flatten().collect();
    if args.json {
        let said = [&failed[..], &remarks[..]].concat();
        documents::print(out, &document(report, args.all, said))?;
    } else {
        print_table(out, report, args.all)?;
    }
    out.flush()?;
    for line in remarks.iter().chain(&failed) {
        complain!("sscard: {}", shown(line));
    }
    // A card that went at the last command has been read all the same.
    tries?;
    if failed.is_empty() { Ok(()) } else { Err(Failure::Told { exit_code: 1 }) }
}

/// The PIN that `read` speaks of; a bank's is another one.
const PIN_NAME: &str = "the social security PIN (SSSE)";

/// What the card said to a PIN that it did not take.
fn pin_refused(report: &CardReport) -> Option<String> {
    let status = report.pin.filter(|status| !status.is_success())?;
    let left = match (status.tries_left(), status) {
        // The meaning says how many.
        (Some(1..), _) => "",
        (Some(0), _) | (_, StatusWord::AUTHENTICATION_METHOD_BLOCKED) => ", 0 tries left",
        _ => "",
    };
    let meaning = status_meaning(status, ins::VERIFY);
    Some(format!("{PIN_NAME} was not accepted: VERIFY answered {status}: {meaning}{left}"))
}

fn holder_missing(report: &CardReport) -> Option<String> {
    report.holder_missing().map(|reason| format!("the holder's data could not be read: {reason}"))
}

/// As YYYYMMDD in BCD.
fn day(date: jiff::civil::Date) -> [u8; 4] {
    let mut bytes = [0; 4];
    let digits = date.strftime("%Y%m%d").to_string();
    // A civil date has four digits of a year, two of a month, two of a day.
    bcd::encode(&digits, &mut bytes).map_or([0; 4], |()| bytes)
}

/// Digits as BCD, an odd number of them filled with F.
pub(super) fn pin_bytes(digits: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; digits.len().div_ceil(2)];
    let usable = (4..=16).contains(&digits.len()) && bcd::encode(digits, &mut bytes).is_ok();
    usable
        .then_some(bytes)
        .ok_or_else(|| Failure::Usage("--pin: a PIN is 4 to 16 digits".to_owned()))
}

pub(super) fn print_table(out: &mut dyn Write, report: &CardReport, all: bool) -> io::Result<()> {
    writeln!(out, "ATR        {}", hex(&report.atr))?;
    writeln!(out, "algorithm  {}", report.algorithm.name())?;
    if report.deactivated {
        writeln!(out, "state      deactivated (未启用): the holder's data cannot be read")?;
    }
    for file in &report.files {
        if !all && file.records.is_empty() && file.refused.is_none() {
            continue;
        }
        writeln!(out)?;
        match (file.entry, &file.label) {
            (Some(entry), _) => {
                writeln!(out, "{}  {} ({})", file.path(), entry.name_zh, entry.name_en)?;
            }
            (None, Some(label)) => writeln!(out, "{}  {}", file.path(), shown(label))?,
            (None, None) => writeln!(out, "{}", file.path())?,
        }
        print_file(out, file)?;
    }
    Ok(())
}

fn print_file(out: &mut dyn Write, file: &FileReport) -> io::Result<()> {
    if let Some(status) = file.refused {
        return writeln!(out, "  not read: {status} {}", status_meaning(status, ins::READ_RECORD));
    }
    for record in &file.records {
        match record.item {
            Some(item) if item.coding == catalogue::Coding::Template => {
                writeln!(out, "  {:02X}  {}: {}", record.tag, item.name_zh, hex(&record.value))?;
            }
            Some(item) => {
                let text = item_text(item, &record.value);
                let text = shown(&text);
                writeln!(out, "  {:02X}  {} ({}): {text}", record.tag, item.name_zh, item.name_en)?;
            }
            None => writeln!(out, "  {:02X}  {}", record.tag, hex(&record.value))?,
        }
    }
    if !file.bytes.is_empty() {
        let unset = file.bytes.iter().all(|byte| *byte == 0);
        let state = if unset { "unset" } else { "set" };
        writeln!(out, "  {}, {state}", counted(file.bytes.len(), "byte"))?;
    }
    Ok(())
}
