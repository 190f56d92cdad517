//! `sscard transmit`: raw APDUs, every exchange on its own lines.

use std::io::{self, Write};

use sscard_apdu::simple_tlv;
use sscard_apdu::tlv::{self, Tag};
use sscard_core::catalogue;
use sscard_host::{Exchange, Transport};
use sscard_lexicon::{Application, financial, item_text, tag_name, text};

use super::tree;
use crate::args::TransmitArgs;
use crate::failure::Failure;
use crate::source::{Recorded, Source};

pub(crate) fn run(args: &TransmitArgs, out: &mut dyn Write) -> Result<(), Failure> {
    // All or nothing: a mistake in the last one is found before the first one is sent.
    let commands: Vec<Vec<u8>> =
        (1..).zip(&args.commands).map(|(n, text)| parse(n, text)).collect::<Result<_, _>>()?;
    let mut source = Source::open(&args.card)?;
    let sent = send_all(&mut source.recorded(), &commands, args.raw, out);
    source.close()?;
    let all_succeeded = sent?;
    if args.check && !all_succeeded { Err(Failure::Check) } else { Ok(()) }
}

fn parse(number: usize, text: &str) -> Result<Vec<u8>, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let refuse =
        |reason: String| Failure::Input { place: format!("APDU {number} '{text}'"), reason };
    if let Some(at) = digits.chars().position(|c| !c.is_ascii_hexdigit()) {
        return Err(refuse(format!("character {} is not a hexadecimal digit", at + 1)));
    }
    if digits.is_empty() {
        return Err(refuse("it is empty".to_owned()));
    }
    hex::decode(&digits).map_err(|_| refuse("it has an odd number of digits".to_owned()))
}

/// Sends everything in one power cycle; whether every final status word is 9000.
fn send_all(
    card: &mut Recorded<'_>,
    commands: &[Vec<u8>],
    raw: bool,
    out: &mut dyn Write,
) -> Result<bool, Failure> {
    let mut response = Vec::new();
    let mut all_succeeded = true;
    let mut application = Application::default();
    for command in commands {
        let outcome = if raw {
            card.inner_mut().transmit(command, &mut response)
        } else {
            card.transmit(command, &mut response)
        };
        for exchange in card.inner_mut().take() {
            print(out, &exchange, &mut application)?;
        }
        outcome?;
        all_succeeded &= response.ends_with(&[0x90, 0x00]);
    }
    Ok(all_succeeded)
}

fn print(
    out: &mut dyn Write,
    exchange: &Exchange,
    application: &mut Application,
) -> io::Result<()> {
    writeln!(out, "> {}", exchange.command_hex())?;
    let Ok(response) = &exchange.response else { return Ok(()) };
    writeln!(out, "< {}", exchange.response_hex())?;
    let Some(status) = exchange.status() else { return Ok(()) };
    let ins = exchange.command.get(1).copied().unwrap_or(0);
    let addressed = application.addressed(&exchange.command);
    *application = application.after(&exchange.command, Some(status));
    let words = addressed.describe_command(&exchange.command);
    writeln!(out, "# {words}: {status} {}", addressed.status_meaning(status, ins))?;
    let data = response.strip_suffix(&status.to_bytes()).unwrap_or(&[]);
    print_data(out, &exchange.command, data, addressed)
}

/// What an answer says, as far as it can be told: data elements, objects, items.
pub(super) fn print_data(
    out: &mut dyn Write,
    command: &[u8],
    data: &[u8],
    addressed: Application,
) -> io::Result<()> {
    let ins = command.get(1).copied().unwrap_or(0);
    if addressed == Application::Financial {
        return match financial::of_answer(command, data) {
            Some(nodes) => tree::print(out, "#   ", &nodes, false),
            None => Ok(()),
        };
    }
    match data.first() {
        Some(0x6F | 0x61) if tlv::check(data, tlv::Limits::DEFAULT).is_ok() => {
            print_objects(out, data, 1)
        }
        Some(_) if ins == 0xB2 => print_records(out, data),
        _ => Ok(()),
    }
}

/// A tree of BER-TLV objects, one line each.
fn print_objects(out: &mut dyn Write, bytes: &[u8], depth: usize) -> io::Result<()> {
    for object in tlv::Reader::new(bytes).map_while(Result::ok) {
        let name = tag_name(object.tag).map(|name| format!(" {name}")).unwrap_or_default();
        write!(out, "#{}{}{name}", "  ".repeat(depth), object.tag)?;
        if object.tag.is_constructed() {
            writeln!(out)?;
            print_objects(out, object.value, depth + 1)?;
        } else {
            let shown = if object.tag == Tag::new(0x50) {
                text(object.value)
            } else {
                super::hex(object.value)
            };
            writeln!(out, ": {shown}")?;
        }
    }
    Ok(())
}

fn print_records(out: &mut dyn Write, data: &[u8]) -> io::Result<()> {
    for record in simple_tlv::Reader::new(data).map_while(Result::ok) {
        // A tag that stands in several files says nothing without the file.
        let mut items = catalogue::files().filter_map(|file| file.item(record.tag));
        if let (Some(item), None) = (items.next(), items.next()) {
            let text = item_text(item, record.value);
            writeln!(out, "#   {:02X} {} ({}): {text}", record.tag, item.name_zh, item.name_en)?;
        }
    }
    Ok(())
}
