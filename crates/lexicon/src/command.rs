//! Commands of the social security application in words.

use sscard_apdu::hex::encode as hex;
use sscard_apdu::{CommandApdu, FileId, Sfi};
use sscard_commands::{class, ins};
use sscard_core::KeyId;
use sscard_core::catalogue::{applications, key_name};

use crate::psam;

use crate::{shown, social};

/// The field's name of an instruction of the social security application, in English.
#[must_use]
pub fn command_name(class: u8, ins: u8) -> &'static str {
    sscard_commands::social(class, ins).map_or("unknown command", |known| known.name)
}

/// A command in words: its name and what it addresses. No data field is shown.
#[must_use]
pub fn describe_command(command: &[u8]) -> String {
    let Ok(apdu) = CommandApdu::parse(command) else { return "malformed command".to_owned() };
    let name = command_name(apdu.class.base(), apdu.ins);
    let object = match (apdu.class.base(), apdu.ins) {
        (0x00, ins::SELECT) => selected(&apdu),
        (0x00, ins::READ_RECORD | ins::UPDATE_RECORD) => record(&apdu),
        (0x00, ins::READ_BINARY | ins::UPDATE_BINARY) => bytes(&apdu),
        (0x00, ins::EXTERNAL_AUTHENTICATE) => key(apdu.p2),
        (0x00, ins::INTERNAL_AUTHENTICATE) => key(apdu.p2),
        (0x00, ins::VERIFY) if apdu.data.is_empty() => "how many tries are left".to_owned(),
        (0x00, ins::GET_CHALLENGE) => crate::counted(apdu.ne, "byte"),
        (0x80, ins::PIN_UNBLOCK) if apdu.p2 == 0x01 => "with a new PIN".to_owned(),
        (0xB0, ins::INITIALIZE) if apdu.p1 == 0x00 => "LOAD".to_owned(),
        (0xB0, ins::INITIALIZE) => "PURCHASE".to_owned(),
        (0xB0, ins::GET_BALANCE) => match apdu.p2 {
            0x01 => "of the account".to_owned(),
            0x02 => "paid by the holder".to_owned(),
            0x03 => "paid by the pooled fund".to_owned(),
            _ => String::new(),
        },
        (0xB0, ins::START_DAY) if apdu.p1 == 0x00 => "update".to_owned(),
        (0xB0, ins::START_DAY) => "read".to_owned(),
        (class::PSAM, ins::LOAD_KEY | ins::LOAD_SESSION_KEY) => psam::key(apdu.p1, apdu.p2),
        (0x80, ins::CIPHER) => psam::operation(apdu.p1).to_owned(),
        (0x80, ins::WRITE_KEY) if apdu.p1 == 0x01 => "the master key".to_owned(),
        (0x00, ins::MANAGE_CHANNEL) if apdu.p1 == 0x80 => format!("close {}", apdu.p2),
        (0x00, ins::MANAGE_CHANNEL) => "open".to_owned(),
        _ => String::new(),
    };
    if object.is_empty() { name.to_owned() } else { format!("{name} {object}") }
}

fn selected(apdu: &CommandApdu<'_>) -> String {
    if apdu.p1 == 0x04 {
        let known = applications().find(|application| application.df_name == apdu.data);
        return match known {
            None if psam::name(apdu.data).is_some() => {
                psam::name(apdu.data).unwrap_or_default().to_owned()
            }
            Some(application) => format!("{} {}", application.name, application.label_zh),
            None if apdu.data.is_ascii() => shown(&String::from_utf8_lossy(apdu.data)).into_owned(),
            None => hex(apdu.data),
        };
    }
    match <[u8; 2]>::try_from(apdu.data) {
        Ok(fid) => {
            let fid = FileId::from_bytes(fid);
            let known = applications().find(|application| application.fid == fid.value());
            match known {
                _ if fid == FileId::MASTER_FILE => "MF".to_owned(),
                Some(application) => format!("{} {}", application.name, application.label_zh),
                None => fid.to_string(),
            }
        }
        Err(_) if apdu.data.is_empty() => "MF".to_owned(),
        Err(_) => hex(apdu.data),
    }
}

fn record(apdu: &CommandApdu<'_>) -> String {
    let file = match Sfi::from_record_p2(apdu.p2) {
        Some(sfi) => format!(" of EF{:02X}", sfi.number()),
        None => String::new(),
    };
    let which = match apdu.p2 & 0x07 {
        0..=3 if apdu.p1 != 0 => {
            let order = ["", " (last)", " (next)", " (previous)"];
            let order = order.get(usize::from(apdu.p2 & 0x03)).copied().unwrap_or("");
            format!("tag {:02X}{}{order}", apdu.p1, item_name(apdu.p1))
        }
        0 => "first".to_owned(),
        1 => "last".to_owned(),
        2 => "next".to_owned(),
        3 => "previous".to_owned(),
        4 => format!("number {}", apdu.p1),
        5 => format!("all from number {}", apdu.p1),
        6 => format!("all down to number {}", apdu.p1),
        _ => String::new(),
    };
    format!("{which}{file}")
}

/// The name of an item, when its tag stands in one file only.
fn item_name(tag: u8) -> String {
    social::only_item(tag).map(|item| format!(" {}", item.name_zh)).unwrap_or_default()
}

fn bytes(apdu: &CommandApdu<'_>) -> String {
    match Sfi::from_binary_p1(apdu.p1) {
        Some(sfi) => format!("from {} of EF{:02X}", apdu.p2, sfi.number()),
        None => format!("from {}", u16::from_be_bytes([apdu.p1, apdu.p2])),
    }
}

fn key(p2: u8) -> String {
    let id = KeyId(p2);
    match key_name("SSSE", id) {
        Some(name) if id.is_global() => format!("with key {p2:02X} {name}"),
        _ => format!("with key {p2:02X}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_the_field_in_words() {
        let words = |command: &[u8]| describe_command(command);
        assert_eq!(
            words(b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF"),
            "SELECT SSSE 社会保障系统环境"
        );
        assert_eq!(words(&[0, 0xA4, 0, 0, 2, 0x3F, 0]), "SELECT MF");
        assert_eq!(words(&[0, 0xA4, 0, 0, 2, 0xEF, 5]), "SELECT EF05");
        assert_eq!(words(&[0, 0xB2, 9, 0, 0x20]), "READ RECORD tag 09 姓名");
        assert_eq!(words(&[0, 0xB2, 7, 0x2C, 0x0B]), "READ RECORD number 7 of EF05");
        assert_eq!(words(&[0, 0x84, 0, 0, 8]), "GET CHALLENGE 8 bytes");
        assert_eq!(words(&[0, 0x20, 0, 0, 3, 0x12, 0x34, 0x56]), "VERIFY");
        assert_eq!(words(&[0xB0, 0x26, 0, 2, 6]), "GET BALANCE paid by the holder");
        assert_eq!(words(&[0xB0, 0x28, 1, 1, 1, 1]), "INITIALIZE PURCHASE");
        assert_eq!(words(&[0xB0, 0x56, 1, 0, 2]), "START DAY read");
        assert_eq!(
            words(&[0xBF, 0xDE, 0x48, 0x12, 0]),
            "LOAD SESSION KEY UK_SSSE from its province's"
        );
        assert_eq!(words(&[0xBF, 0xEC, 0x22, 0x03, 0]), "LOAD KEY DPK v3 from its city's");
        assert_eq!(words(&[0xBF, 0xEC, 0x69, 0x03, 0]), "LOAD KEY 03 of usage 69");
        assert_eq!(words(&[0x80, 0xFA, 5, 0, 0]), "CIPHER MAC");
        assert_eq!(words(&[0x80, 0x70, 0, 0, 0]), "INIT SAM FOR PURCHASE");
        assert_eq!(words(&[0x84, 0xD4, 1, 0, 0]), "WRITE KEY the master key");
        assert_eq!(
            words(b"\x00\xA4\x04\x00\x06\xD1\x56\x00\x00\x05\x90"),
            "SELECT PSAM 终端安全模块"
        );
        assert_eq!(words(&[0, 0]), "malformed command");
        assert_eq!(words(b"\x00\xA4\x04\x00\x04a\x1B[J"), "SELECT a\\u{1b}[J");
        assert_eq!(words(b"\x00\xA4\x04\x00\x02a\n"), "SELECT a\\n");
    }
}
