//! Which answers a card may give at all: I-1 (an answer), I-2 (its shape), I-3 (its status word).

use std::fmt;

use sscard_apdu::{CommandApdu, ResponseApdu, StatusWord};
use sscard_commands::{ALL, Application, GENERAL_STATUS, ins};
use sscard_core::{Card, Protocol};

/// An answer that breaks an invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffShape(String);

impl fmt::Display for OffShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OffShape {}

/// Whether the table of instructions has a status word for the social security function; 63C0 stands for every 63Cx.
fn table_has(ins: u8, status: u16) -> bool {
    let here = |of| !matches!(of, Application::Financial | Application::Foreign);
    ALL.iter()
        .filter(|known| known.ins == ins && here(known.application))
        .any(|known| known.status.contains(&status))
}

fn is_in_table(ins: u8, status: StatusWord) -> bool {
    let value = status.value();
    let masked = if status.tries_left().is_some() { 0x63C0 } else { value };
    status.bytes_available().is_some()
        || status.exact_ne().is_some()
        || GENERAL_STATUS.contains(&value)
        || table_has(ins, masked)
}

fn answer(card: &mut Card, command: &[u8]) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(command, &mut response);
    response
}

/// Sends `command` to a copy of the powered card `before` and holds the answer against I-1, I-2
/// and I-3; returns it.
///
/// 61xx is fetched, and the command repeated with the Le of a 6Cxx, on the copy too.
///
/// # Errors
/// What is wrong with the answer.
pub fn check(before: &Card, command: &[u8]) -> Result<Vec<u8>, OffShape> {
    let mut card = before.clone();
    let bytes = answer(&mut card, command);
    let violation = |what: String| {
        let response = sscard_apdu::hex::encode(&bytes);
        Err(OffShape(format!("{command:02X?} got {response}: {what}")))
    };
    let Ok(response) = ResponseApdu::parse(&bytes) else {
        return violation("no status word".into());
    };
    let status = response.status;
    let Ok(apdu) = CommandApdu::parse(command) else {
        return match status.value() {
            // 6A81: the whole card is blocked.
            0x6700 | 0x6A81 if response.data.is_empty() => Ok(bytes),
            _ => violation("not a command, but not 6700 either".into()),
        };
    };
    if !is_in_table(apdu.ins, status) {
        return violation("not a status word of this instruction".into());
    }
    let ne = match (apdu.ne, card.protocol()) {
        (0, Protocol::T0) => 256,
        // Case 3: what the instruction has to give counts as asked for.
        (0, Protocol::T1) if !apdu.data.is_empty() => 256,
        (ne, _) => ne,
    };
    if response.data.len() > ne {
        return violation("more data than Ne".into());
    }
    if (0x64..=0x6F).contains(&status.sw1()) && !response.data.is_empty() {
        return violation("data with an error".into());
    }
    if let Some(available) = status.bytes_available() {
        let class = apdu.class.channel().number();
        let Some(class) = fetch_class(class) else { return Ok(bytes) };
        let le = available.to_le_bytes()[0];
        let piece = answer(&mut card, &[class, ins::GET_RESPONSE, 0x00, 0x00, le]);
        if piece.len() != available.saturating_add(2) {
            return violation(format!("61xx, but GET RESPONSE gave {piece:02X?}"));
        }
    }
    if let Some(exact) = status.exact_ne() {
        if card.image() != before.image() {
            return violation("6Cxx changed the card".into());
        }
        let mut repeated = Vec::new();
        let again = CommandApdu { ne: exact, ..apdu };
        if again.emit(&mut repeated).is_err() {
            return violation("6Cxx for a command that cannot be written".into());
        }
        let again = answer(&mut card, &repeated);
        // 6283: an application out of force is selected with its data and a warning.
        let ends_well = again.ends_with(&[0x90, 0x00]) || again.ends_with(&[0x62, 0x83]);
        if again.len() != exact.saturating_add(2) || !ends_well {
            return violation(format!("6Cxx, but with that Le {again:02X?}"));
        }
    }
    Ok(bytes)
}

/// Class of GET RESPONSE on a channel: 0…3 in the first interindustry form, 4…19 in the further.
fn fetch_class(channel: u8) -> Option<u8> {
    match channel {
        0..=3 => Some(channel),
        4..=19 => Some(0x40 | channel.saturating_sub(4)),
        _ => None,
    }
}
