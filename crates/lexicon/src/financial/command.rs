//! Commands of the financial application in words.

use sscard_apdu::hex::encode as hex;
use sscard_apdu::tlv::Tag;
use sscard_apdu::{CommandApdu, Sfi};
use sscard_commands::{Application, ins, instruction};

use sscard_elements::element;

/// A command in words: its name and what it addresses, no data.
///
/// Source: JR/T 0025.5 annex B, .13 §6.
#[must_use]
pub fn describe_command(command: &[u8]) -> String {
    let Ok(apdu) = CommandApdu::parse(command) else { return "malformed command".to_owned() };
    let (p1, p2) = (apdu.p1, apdu.p2);
    // Secure messaging (CLA 84, 04) does not change the name.
    match (apdu.class.base(), apdu.ins) {
        (0x80, ins::PIN_UNBLOCK) => match p2 {
            0x00 => "PIN CHANGE/UNBLOCK the tries".to_owned(),
            0x01 => "PIN CHANGE/UNBLOCK with the old PIN".to_owned(),
            0x02 => "PIN CHANGE/UNBLOCK without the old PIN".to_owned(),
            _ => "PIN CHANGE/UNBLOCK".to_owned(),
        },
        (0x00, ins::VERIFY) => match p2 {
            0x80 => "VERIFY plaintext PIN".to_owned(),
            0x88 => "VERIFY enciphered PIN".to_owned(),
            _ => "VERIFY".to_owned(),
        },
        (0x00, ins::SELECT) => selected(&apdu),
        (0x80, ins::GENERATE_AC) => generated(p1),
        (0x00, ins::READ_RECORD) => format!("READ RECORD {}", record(p1, p2)),
        (0x00, ins::UPDATE_RECORD) => format!("UPDATE RECORD {}", record(p1, p2)),
        (0x80, ins::GET_DATA) => format!("GET DATA {}", object(p1, p2)),
        (0x00, ins::PUT_DATA) => format!("PUT DATA {}", object(p1, p2)),
        (class, ins) => instruction(Application::Financial, class, ins)
            .filter(|known| known.ins != ins::MANAGE_CHANNEL)
            .map_or("unknown command", |known| known.name)
            .to_owned(),
    }
}

fn selected(apdu: &CommandApdu<'_>) -> String {
    let occurrence = if apdu.p2 & 0x03 == 0x02 { " (next)" } else { "" };
    let name = match apdu.data {
        b"1PAY.SYS.DDF01" => "PSE".to_owned(),
        b"2PAY.SYS.DDF01" => "PPSE".to_owned(),
        aid => hex(aid),
    };
    format!("SELECT {name}{occurrence}")
}

fn generated(p1: u8) -> String {
    let kind = match p1 & 0xC0 {
        0x00 => "AAC",
        0x40 => "TC",
        0x80 => "ARQC",
        _ => "reserved type",
    };
    let combined = if p1 & 0x10 == 0 { "" } else { " with CDA" };
    format!("GENERATE AC, {kind}{combined}")
}

fn record(number: u8, p2: u8) -> String {
    match Sfi::from_record_p2(p2) {
        Some(sfi) => format!("{number} of file {}", sfi.number()),
        None => number.to_string(),
    }
}

fn object(p1: u8, p2: u8) -> String {
    let number = if p1 == 0 { u32::from(p2) } else { u32::from(u16::from_be_bytes([p1, p2])) };
    match element(Tag::from_number(number)) {
        Some(element) => format!("{number:02X} {}", element.en),
        None => format!("{number:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_a_transaction_in_words() {
        let words = |command: &[u8]| describe_command(command);
        assert_eq!(words(b"\x00\xA4\x04\x00\x0E1PAY.SYS.DDF01\x00"), "SELECT PSE");
        assert_eq!(words(&[0, 0xA4, 4, 2, 5, 0xA0, 0, 0, 3, 0x33, 0]), "SELECT A000000333 (next)");
        assert_eq!(words(&[0, 0xB2, 1, 0x14, 0]), "READ RECORD 1 of file 2");
        assert_eq!(words(&[0x80, 0xA8, 0, 0, 2, 0x83, 0, 0]), "GET PROCESSING OPTIONS");
        assert_eq!(words(&[0x80, 0xAE, 0x90, 0, 1, 0, 0]), "GENERATE AC, ARQC with CDA");
        assert_eq!(words(&[0x80, 0xAE, 0x00, 0, 1, 0, 0]), "GENERATE AC, AAC");
        assert_eq!(
            words(&[0x80, 0xCA, 0x9F, 0x36, 0]),
            "GET DATA 9F36 application transaction counter"
        );
        assert_eq!(
            words(&[0x80, 0xCA, 0x00, 0x95, 0]),
            "GET DATA 95 terminal verification results"
        );
        assert_eq!(words(&[0x04, 0xDA, 0x9F, 0x79, 1, 0]), "PUT DATA 9F79 e-cash balance");
        assert_eq!(words(&[0x84, 0x24, 0, 2, 1, 0]), "PIN CHANGE/UNBLOCK without the old PIN");
        assert_eq!(words(&[0x84, 0x1E, 0, 0, 4, 0, 0, 0, 0]), "APPLICATION BLOCK");
        assert_eq!(words(&[0, 0x20, 0, 0x80, 1, 0]), "VERIFY plaintext PIN");
        assert_eq!(words(&[0]), "malformed command");
        assert_eq!(words(&[0x80, 0x01, 0, 0]), "unknown command");
    }
}
