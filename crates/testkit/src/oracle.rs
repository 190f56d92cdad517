//! Which answers a card may give at all: I-1 (an answer), I-2 (its shape), I-3 (its status word).

use std::fmt;

use sscard_apdu::{CommandApdu, ResponseApdu, StatusWord};
use sscard_core::{Card, Protocol};

/// An answer that breaks an invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation(String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

/// Status words that any command may get: transport, class, life cycle, memory.
const GENERAL: [u16; 11] =
    [0x9000, 0x6700, 0x6881, 0x6882, 0x6884, 0x6985, 0x6A81, 0x6A86, 0x6D00, 0x6E00, 0x9303];

/// Status words of an instruction beyond the general ones; 63C0 stands for every 63Cx.
fn table(ins: u8) -> &'static [u16] {
    match ins {
        0xA4 => &[0x6283, 0x6A82],
        0xB2 => &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6A83],
        0xB0 => &[0x6981, 0x6982, 0x6986, 0x6A82, 0x6B00],
        0xDC => &[0x6981, 0x6982, 0x6984, 0x6986, 0x6988, 0x6A80, 0x6A82, 0x6A83, 0x6A84, 0x6A85],
        0xD6 => &[0x6981, 0x6982, 0x6984, 0x6986, 0x6988, 0x6A82, 0x6A84, 0x6B00],
        0x82 => &[0x63C0, 0x6983, 0x6984, 0x6A88],
        0x88 => &[0x6A88],
        0x20 => &[0x63C0, 0x6983, 0x6984, 0x6A88],
        0x5E => &[0x63C0, 0x6983, 0x6A80],
        0x24 | 0x1E | 0x16 => &[0x6982, 0x6984, 0x6988, 0x6A80],
        0x44 | 0x04 => &[0x6982],
        _ => &[],
    }
}

fn is_in_table(ins: u8, status: StatusWord) -> bool {
    let value = status.value();
    let masked = if status.tries_left().is_some() { 0x63C0 } else { value };
    status.bytes_available().is_some()
        || status.exact_ne().is_some()
        || GENERAL.contains(&value)
        || table(ins).contains(&masked)
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
pub fn check(before: &Card, command: &[u8]) -> Result<Vec<u8>, Violation> {
    let mut card = before.clone();
    let bytes = answer(&mut card, command);
    let violation = |what: String| {
        let response: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        Err(Violation(format!("{command:02X?} got {response}: {what}")))
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
        let piece = answer(&mut card, &[class, 0xC0, 0x00, 0x00, le]);
        if piece.len() != available + 2 {
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
        if again.len() != exact + 2 || !ends_well {
            return violation(format!("6Cxx, but with that Le {again:02X?}"));
        }
    }
    Ok(bytes)
}

/// Class of GET RESPONSE on a channel: 0…3 in the first interindustry form, 4…19 in the further.
fn fetch_class(channel: u8) -> Option<u8> {
    match channel {
        0..=3 => Some(channel),
        4..=19 => Some(0x40 | (channel - 4)),
        _ => None,
    }
}
