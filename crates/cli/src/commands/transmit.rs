//! `sscard transmit`: raw APDUs, every exchange on its own lines.

use std::io::{self, Write};

use sscard_host::{Exchange, Layer, Redactor, Transport};
use sscard_lexicon::Session;
use sscard_trace::Mode;

use super::exchange;
use crate::args::TransmitArgs;
use crate::failure::Failure;
use crate::source::{Recorded, Source, is_in_reader};

pub(crate) fn run(args: &TransmitArgs, out: &mut dyn Write) -> Result<(), Failure> {
    // All or nothing: a mistake in the last one is found before the first one is sent.
    let commands: Vec<Vec<u8>> =
        (1..).zip(&args.commands).map(|(n, text)| parse(n, text)).collect::<Result<_, _>>()?;
    let mode = if args.raw { Mode::Raw } else { Mode::Auto };
    let faults = args.faults.misbehaviour(is_in_reader(&args.card))?;
    let source = Source::open_for(&args.card, false, &faults)?;
    let mut source = source.traced(&args.record.trace(), mode)?;
    let sent =
        send_all(&mut source.recorded(), &commands, args.raw, args.record.unsafe_show_secrets, out);
    let closed = source.close();
    let verdict =
        sent.and_then(
            |all_succeeded| {
                if args.check && !all_succeeded { Err(Failure::Check) } else { Ok(()) }
            },
        );
    super::both(verdict, closed)
}

fn parse(number: usize, text: &str) -> Result<Vec<u8>, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // It may hold a PIN: errors say where, not what.
    let refuse = |reason: String| Failure::Input { place: format!("APDU {number}"), reason };
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
    shows_secrets: bool,
    out: &mut dyn Write,
) -> Result<bool, Failure> {
    let mut response = Vec::new();
    let mut all_succeeded = true;
    let mut session = Session::default();
    let mut redactor = Redactor::default();
    for command in commands {
        let outcome = if raw {
            card.below_mut().transmit(command, &mut response)
        } else {
            card.transmit(command, &mut response)
        };
        for mut exchange in card.below_mut().take() {
            if !shows_secrets {
                redactor.redact(&mut exchange);
                // Zeros and no stars: what is printed can be sent again.
                (exchange.redacted, exchange.redacted_response) = (None, None);
            }
            print(out, &exchange, &mut session)?;
        }
        outcome?;
        all_succeeded &= response.ends_with(&[0x90, 0x00]);
    }
    Ok(all_succeeded)
}

fn print(out: &mut dyn Write, exchange: &Exchange, session: &mut Session) -> io::Result<()> {
    let annotation = session.annotate(&exchange.command, exchange.response.as_deref().ok());
    exchange::print(out, exchange, &annotation)
}
