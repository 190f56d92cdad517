//! The PKI application in words: its commands, its files, its status words.
//!
//! What enters: a command, a file identifier, an answer. What leaves: names and trees. Bytes that are a key or
//! a PIN get their name alone.

use sscard_apdu::hex::encode as hex;
use sscard_apdu::tlv::{Reader, Tag};
use sscard_apdu::{CommandApdu, FileId, Sfi, StatusWord};
use sscard_commands::{Application, ins, instruction};
use sscard_elements::{Content, pki as tag, pki_element, social};

use crate::financial::{Explained, Node};
use crate::{Meaning, Volatility, command, status};

/// DF name of the environment, `PKI.社会保障` in GBK.
pub(crate) const ENVIRONMENT: &[u8] = b"PKI.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
/// DF name of the application.
pub(crate) const APPLICATION: &[u8] = b"SS.CERT.ADF1";
/// File identifier of the application in its environment.
pub(crate) const IDENTIFIER: u16 = 0xDF01;

/// Name of a file of the PKI application.
#[must_use]
pub fn file_name(fid: FileId) -> Option<Meaning> {
    let (zh, en) = match fid.value() {
        0x0012 => ("签名公钥", "signature public key"),
        0x0013 => ("签名私钥", "signature private key"),
        0x0014 => ("加密公钥", "encryption public key"),
        0x0015 => ("加密私钥", "encryption private key"),
        0x0018 => ("签名证书", "signature certificate"),
        0x0019 => ("加密证书", "encryption certificate"),
        _ => return None,
    };
    Some(Meaning::new(zh, en))
}

/// Name of a DF of the PKI application, by its DF name.
pub(crate) fn directory_name(name: &[u8]) -> Option<&'static str> {
    match name {
        ENVIRONMENT => Some("PKI.社会保障"),
        APPLICATION => Some("SS.CERT.ADF1"),
        _ => None,
    }
}

/// A command of the PKI application in words: its name and what it addresses, no data.
#[must_use]
pub fn describe_command(bytes: &[u8]) -> String {
    let Ok(apdu) = CommandApdu::parse(bytes) else { return "malformed command".to_owned() };
    let Some(known) = instruction(Application::Pki, apdu.class.base(), apdu.ins) else {
        return command::describe_command(bytes);
    };
    let (name, p1, p2) = (known.name, apdu.p1, apdu.p2);
    let object = match apdu.ins {
        ins::SELECT => return selected(&apdu),
        ins::READ_BINARY | ins::UPDATE_BINARY => match Sfi::from_binary_p1(p1) {
            Some(sfi) => format!("from {p2} of {}", file(u16::from(sfi.number()))),
            None => format!("from {}", u16::from_be_bytes([p1, p2])),
        },
        ins::GET_CHALLENGE => crate::counted(apdu.ne, "byte"),
        ins::VERIFY if apdu.data.is_empty() => format!("how many tries {} has left", pin(p2)),
        ins::VERIFY | ins::CHANGE_PIN => pin(p2).to_owned(),
        ins::PERFORM_SECURITY_OPERATION => match (p1, p2) {
            (0x9E, 0x9A) => return "COMPUTE DIGITAL SIGNATURE".to_owned(),
            (0x00, 0xA8) => return "VERIFY DIGITAL SIGNATURE".to_owned(),
            (0x80, 0x86) => return "DECIPHER".to_owned(),
            _ => String::new(),
        },
        ins::GENERATE_KEY_PAIR => named_pair(apdu.data),
        ins::GET_PUBLIC_KEY if p2 == 0x80 => "the key".to_owned(),
        ins::GET_PUBLIC_KEY => named_pair(apdu.data),
        ins::IMPORT_KEY if p1 & 0x80 == 0 => "the public key".to_owned(),
        ins::IMPORT_KEY => "the private key".to_owned(),
        ins::HASH => "SM3".to_owned(),
        ins::MANAGE_CHANNEL => return command::describe_command(bytes),
        _ => String::new(),
    };
    if object.is_empty() { name.to_owned() } else { format!("{name} {object}") }
}

fn selected(apdu: &CommandApdu<'_>) -> String {
    if apdu.p1 == 0x04 {
        return match directory_name(apdu.data) {
            Some(name) => format!("SELECT {name}"),
            None => command::describe_command(&emitted(apdu)),
        };
    }
    match <[u8; 2]>::try_from(apdu.data).map(u16::from_be_bytes) {
        Ok(IDENTIFIER) => "SELECT SS.CERT.ADF1".to_owned(),
        Ok(fid) if file_name(FileId::new(fid)).is_some() => format!("SELECT {}", file(fid)),
        _ => command::describe_command(&emitted(apdu)),
    }
}

fn emitted(apdu: &CommandApdu<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // It was parsed, so it can be written.
    let _ = apdu.emit(&mut bytes);
    bytes
}

fn file(fid: u16) -> String {
    let fid = FileId::new(fid);
    match file_name(fid) {
        Some(name) => format!("{fid} {}", name.zh),
        None => fid.to_string(),
    }
}

fn pin(reference: u8) -> &'static str {
    match reference {
        0x81 => "the user's PIN",
        0x00 => "the administrator's PIN",
        _ => "another PIN",
    }
}

/// The pair whose files a command names.
fn named_pair(data: &[u8]) -> String {
    let first = Reader::new(data).next().and_then(Result::ok);
    let value =
        first.filter(|object| object.tag == tag::PUBLIC_KEY_FILE).map(|object| object.value);
    match value {
        Some([0x00, 0x12]) => "for signatures".to_owned(),
        Some([0x00, 0x14]) => "for encryption".to_owned(),
        Some(other) => hex(other),
        None => String::new(),
    }
}

/// What a status word says after an instruction of the PKI application.
#[must_use]
pub fn status_meaning(word: StatusWord, ins: u8) -> Meaning {
    match (word.value(), ins) {
        (0x6300, ins::PERFORM_SECURITY_OPERATION) => {
            Meaning::new("签名不正确", "signature is wrong")
        }
        (0x6982, _) => Meaning::new("未校验密码或不允许", "PIN not verified, or never allowed"),
        (0x6985, _) => {
            Meaning::new("使用条件不满足", "not here, or what has to come before is missing")
        }
        (0x6A88, ins::VERIFY | ins::CHANGE_PIN | ins::PIN_UNBLOCK) => {
            Meaning::new("没有该密码", "no such PIN")
        }
        (0x6A88, _) => Meaning::new("没有该密钥", "no such key on the card"),
        _ => status::status_meaning(word, ins),
    }
}

/// Objects of a command or of a key's file; empty when the bytes are something else.
fn objects(bytes: &[u8]) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    for object in Reader::new(bytes) {
        let Some((object, known)) =
            object.ok().and_then(|object| Some((object, pki_element(object.tag)?)))
        else {
            return Vec::new();
        };
        let text = match known.content {
            Content::Secret => Some("not shown".to_owned()),
            Content::Number => {
                let fid = <[u8; 2]>::try_from(object.value).ok().map(FileId::from_bytes);
                fid.and_then(file_name).map(|name| name.to_string())
            }
            _ => None,
        };
        nodes.push(node(object.tag, Meaning::from(known), object.value, text, Volatility::Fixed));
    }
    nodes
}

fn node<'a>(
    tag: Tag,
    name: Meaning,
    value: &'a [u8],
    text: Option<String>,
    volatility: Volatility,
) -> Node<'a> {
    let explained = Explained { text, notes: Vec::new() };
    Node { depth: 0, tag, name: Some(name), value, template: false, explained, volatility }
}

fn random<'a>(zh: &str, en: &str, value: &'a [u8]) -> Vec<Node<'a>> {
    vec![node(Tag::from_number(0), Meaning::new(zh, en), value, None, Volatility::Random)]
}

/// What the data of a command say.
pub(crate) fn of_command<'a>(apdu: &CommandApdu<'a>) -> Vec<Node<'a>> {
    match apdu.ins {
        _ if apdu.data.is_empty() => Vec::new(),
        ins::VERIFY => random("密码证明", "proof of the PIN", apdu.data),
        ins::CHANGE_PIN | ins::PIN_UNBLOCK => {
            random("加密数据和MAC", "enciphered data and MAC", apdu.data)
        }
        ins::GENERATE_KEY_PAIR
        | ins::GET_PUBLIC_KEY
        | ins::OPEN_ENVELOPE
        | ins::IMPORT_SESSION_KEY
        | ins::IMPORT_KEY
        | ins::HASH
        | ins::PERFORM_SECURITY_OPERATION => objects(apdu.data),
        _ => Vec::new(),
    }
}

/// What an answer says.
pub(crate) fn of_answer<'a>(apdu: &CommandApdu<'_>, data: &'a [u8]) -> Vec<Node<'a>> {
    match (apdu.ins, apdu.p1) {
        (ins::GET_CHALLENGE, _) => random("随机数", "challenge", data),
        (ins::PERFORM_SECURITY_OPERATION, 0x9E) => random("数字签名", "digital signature", data),
        (ins::SELECT, _) => {
            let mut nodes = crate::social::of_objects(data).unwrap_or_default();
            for node in &mut nodes {
                if node.tag == social::DF_NAME {
                    node.explained.text = directory_name(node.value).map(str::to_owned);
                }
            }
            nodes
        }
        (ins::GET_PUBLIC_KEY | ins::READ_BINARY, _) => objects(data),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_the_pki_application_in_words() {
        let words = describe_command;
        assert_eq!(words(b"\0\xA4\x04\0\x0CSS.CERT.ADF1"), "SELECT SS.CERT.ADF1");
        assert_eq!(
            words(b"\0\xA4\x04\0\x0CPKI.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF"),
            "SELECT PKI.社会保障"
        );
        assert_eq!(words(&[0, 0xA4, 0, 0, 2, 0xDF, 1]), "SELECT SS.CERT.ADF1");
        assert_eq!(words(&[0, 0xA4, 0, 0, 2, 0, 0x12]), "SELECT 0012 签名公钥");
        assert_eq!(words(&[0, 0xB0, 0, 0xFA, 0xFA]), "READ BINARY from 250");
        assert_eq!(words(&[0, 0xB0, 0x98, 0, 0xFA]), "READ BINARY from 0 of 0018 签名证书");
        assert_eq!(words(&[0, 0x20, 1, 0x81]), "VERIFY how many tries the user's PIN has left");
        assert_eq!(words(&[0, 0x20, 1, 0, 1, 0]), "VERIFY the administrator's PIN");
        assert_eq!(
            words(&[0x80, 0x40, 0, 0, 8, 0xC0, 2, 0, 0x12, 0xC2, 2, 0, 0x13]),
            "GENERATE KEY PAIR for signatures"
        );
        assert_eq!(words(&[0x80, 0xC9, 0x82, 0x80, 0x42]), "GET PUBLIC KEY the key");
        assert_eq!(words(&[0, 0x2A, 0x9E, 0x9A, 1, 0]), "COMPUTE DIGITAL SIGNATURE");
        assert_eq!(words(&[0x80, 0xC4, 1, 3, 2, 0xC1, 0]), "HASH SM3");
        assert_eq!(words(&[0, 0xB2, 1, 4, 0]), "READ RECORD number 1");
    }

    #[test]
    fn a_key_or_a_pin_is_named_and_not_shown() {
        let command = [0x80, 0xC4, 1, 3, 5, 0xC1, 3, 0x12, 0x34, 0x56, 0];
        let apdu = CommandApdu::parse(&command).unwrap();
        let nodes = of_command(&apdu);
        assert_eq!(nodes[0].explained.text.as_deref(), Some("not shown"));
        assert_eq!(objects(&[0xC1, 0x05, 0x00]), [], "no objects");
        assert_eq!(objects(&[0x50, 0x01, 0x00]), [], "none of these");
    }
}
