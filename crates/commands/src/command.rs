//! Commands as types: a command APDU to what it asks for, and back.
//!
//! Nothing is judged here: what a card refuses (a wrong length, a key that does not exist) is still a command. The
//! data stay as they are on the wire, enciphered and with their MAC.

use core::fmt;

use sscard_apdu::tlv::Tag;
use sscard_apdu::{ClassByte, CommandApdu};

use crate::{class, ins};

/// How SELECT names what it selects.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Selection {
    /// By file identifier (P1 00).
    FileId,
    /// By DF name (P1 04).
    Name,
}

/// The cryptogram that GENERATE AC asks for, bits 8 and 7 of P1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CryptogramType {
    /// Declined.
    Aac,
    /// Approved.
    Tc,
    /// On-line.
    Arqc,
}

impl CryptogramType {
    /// Its bits of P1.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::Aac => 0x00,
            Self::Tc => 0x40,
            Self::Arqc => 0x80,
        }
    }
}

/// A command, its data borrowed. `protected` says that the class is the one of secure messaging (04, 84).
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are the parameters of the command of that name")]
pub enum Command<'a> {
    Select { by: Selection, next: bool, name: &'a [u8] },
    ManageChannel { close: bool, channel: u8 },
    GetResponse { ne: usize },
    ReadBinary { p1: u8, p2: u8, ne: usize },
    UpdateBinary { protected: bool, p1: u8, p2: u8, data: &'a [u8] },
    ReadRecord { p1: u8, p2: u8, ne: usize },
    UpdateRecord { protected: bool, p1: u8, p2: u8, data: &'a [u8] },
    GetChallenge { ne: usize },
    ExternalAuthenticate { key: u8, data: &'a [u8] },
    InternalAuthenticate { key: u8, data: &'a [u8], ne: usize },
    Verify { reference: u8, pin: &'a [u8] },
    ChangePin { pins: &'a [u8] },
    PinUnblock { p2: u8, data: &'a [u8] },
    ActivateFile,
    DeactivateFile,
    ApplicationBlock { p2: u8, mac: &'a [u8] },
    ApplicationUnblock { mac: &'a [u8] },
    CardBlock { mac: &'a [u8] },
    GetBalance { which: u8, ne: usize },
    Initialize { purchase: bool, data: &'a [u8], ne: usize },
    CreditLoad { data: &'a [u8], ne: usize },
    Debit { data: &'a [u8], ne: usize },
    GetTransactionProof { kind: u8, counter: &'a [u8], ne: usize },
    SetStartDay { day: &'a [u8] },
    ReadStartDay { ne: usize },
    GetProcessingOptions { data: &'a [u8], ne: usize },
    GenerateAc { cryptogram: CryptogramType, combined: bool, data: &'a [u8], ne: usize },
    GetData { tag: Tag, ne: usize },
    PutData { protected: bool, tag: Tag, data: &'a [u8] },
}

impl fmt::Debug for Command<'_> {
    /// Its name and parameters; of its data the length, since they may be a PIN.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apdu = self.apdu();
        let base = apdu.class.base();
        let known = crate::ALL.iter().find(|known| (known.class, known.ins) == (base, apdu.ins));
        let name = known.map_or("command", |known| known.name);
        write!(f, "{name} {:02X}{:02X}, {} bytes", apdu.p1, apdu.p2, apdu.data.len())
    }
}

const fn plain<'a>(cla: u8, ins: u8, p1: u8, p2: u8) -> CommandApdu<'a> {
    CommandApdu::new(ClassByte::new(cla), ins, p1, p2)
}

const fn interindustry<'a>(protected: bool, ins: u8, p1: u8, p2: u8) -> CommandApdu<'a> {
    let cla = if protected { class::INTERINDUSTRY_PROTECTED } else { class::INTERINDUSTRY };
    plain(cla, ins, p1, p2)
}

const fn script<'a>(ins: u8, p2: u8, data: &'a [u8]) -> CommandApdu<'a> {
    plain(class::PROPRIETARY_PROTECTED, ins, 0x00, p2).with_data(data)
}

impl<'a> Command<'a> {
    /// The command APDU, on the basic channel; [`CommandApdu::emit`] writes its bytes.
    #[must_use]
    pub const fn apdu(&self) -> CommandApdu<'a> {
        let (i, p, b) = (class::INTERINDUSTRY, class::PROPRIETARY, class::PURSE);
        match *self {
            Self::Select { by, next, name } => {
                let p1 = if matches!(by, Selection::Name) { 0x04 } else { 0x00 };
                let p2 = if next { 0x02 } else { 0x00 };
                plain(i, ins::SELECT, p1, p2).with_data(name).with_ne(256)
            }
            Self::ManageChannel { close: false, channel } => {
                plain(i, ins::MANAGE_CHANNEL, 0x00, channel).with_ne(if channel == 0 {
                    1
                } else {
                    0
                })
            }
            Self::ManageChannel { close: true, channel } => {
                plain(i, ins::MANAGE_CHANNEL, 0x80, channel)
            }
            Self::GetResponse { ne } => plain(i, ins::GET_RESPONSE, 0x00, 0x00).with_ne(ne),
            Self::ReadBinary { p1, p2, ne } => plain(i, ins::READ_BINARY, p1, p2).with_ne(ne),
            Self::UpdateBinary { protected, p1, p2, data } => {
                interindustry(protected, ins::UPDATE_BINARY, p1, p2).with_data(data)
            }
            Self::ReadRecord { p1, p2, ne } => plain(i, ins::READ_RECORD, p1, p2).with_ne(ne),
            Self::UpdateRecord { protected, p1, p2, data } => {
                interindustry(protected, ins::UPDATE_RECORD, p1, p2).with_data(data)
            }
            Self::GetChallenge { ne } => plain(i, ins::GET_CHALLENGE, 0x00, 0x00).with_ne(ne),
            Self::ExternalAuthenticate { key, data } => {
                plain(i, ins::EXTERNAL_AUTHENTICATE, 0x00, key).with_data(data)
            }
            Self::InternalAuthenticate { key, data, ne } => {
                plain(i, ins::INTERNAL_AUTHENTICATE, 0x00, key).with_data(data).with_ne(ne)
            }
            Self::Verify { reference, pin } => {
                plain(i, ins::VERIFY, 0x00, reference).with_data(pin)
            }
            Self::ChangePin { pins } => plain(p, ins::CHANGE_PIN, 0x01, 0x00).with_data(pins),
            Self::PinUnblock { p2, data } => script(ins::PIN_UNBLOCK, p2, data),
            Self::ActivateFile => plain(i, ins::ACTIVATE_FILE, 0x00, 0x00),
            Self::DeactivateFile => plain(i, ins::DEACTIVATE_FILE, 0x00, 0x00),
            Self::ApplicationBlock { p2, mac } => script(ins::APPLICATION_BLOCK, p2, mac),
            Self::ApplicationUnblock { mac } => script(ins::APPLICATION_UNBLOCK, 0x00, mac),
            Self::CardBlock { mac } => script(ins::CARD_BLOCK, 0x00, mac),
            Self::GetBalance { which, ne } => plain(b, ins::GET_BALANCE, 0x00, which).with_ne(ne),
            Self::Initialize { purchase, data, ne } => {
                let p1 = if purchase { 0x01 } else { 0x00 };
                plain(b, ins::INITIALIZE, p1, 0x01).with_data(data).with_ne(ne)
            }
            Self::CreditLoad { data, ne } => {
                plain(b, ins::CREDIT_LOAD, 0x00, 0x00).with_data(data).with_ne(ne)
            }
            Self::Debit { data, ne } => {
                plain(b, ins::DEBIT, 0x01, 0x00).with_data(data).with_ne(ne)
            }
            Self::GetTransactionProof { kind, counter, ne } => {
                plain(b, ins::GET_TRANSACTION_PROOF, 0x00, kind).with_data(counter).with_ne(ne)
            }
            Self::SetStartDay { day } => plain(b, ins::START_DAY, 0x00, 0x00).with_data(day),
            Self::ReadStartDay { ne } => plain(b, ins::START_DAY, 0x01, 0x00).with_ne(ne),
            Self::GetProcessingOptions { data, ne } => {
                plain(p, ins::GET_PROCESSING_OPTIONS, 0x00, 0x00).with_data(data).with_ne(ne)
            }
            Self::GenerateAc { cryptogram, combined, data, ne } => {
                let p1 = cryptogram.bits() | if combined { 0x10 } else { 0x00 };
                plain(p, ins::GENERATE_AC, p1, 0x00).with_data(data).with_ne(ne)
            }
            Self::GetData { tag, ne } => {
                let [.., p1, p2] = tag.number().to_be_bytes();
                plain(p, ins::GET_DATA, p1, p2).with_ne(ne)
            }
            Self::PutData { protected, tag, data } => {
                let [.., p1, p2] = tag.number().to_be_bytes();
                interindustry(protected, ins::PUT_DATA, p1, p2).with_data(data)
            }
        }
    }

    /// What a command APDU asks for; `None` when it is none of these, or says something they cannot hold (a class or
    /// parameters that the table does not have). The channel is not looked at.
    #[must_use]
    pub fn parse(apdu: &CommandApdu<'a>) -> Option<Self> {
        let (p1, p2, data, ne) = (apdu.p1, apdu.p2, apdu.data, apdu.ne);
        let tag = Tag::from_number(u16::from_be_bytes([p1, p2]).into());
        let protected = apdu.class.secure_messaging() != sscard_apdu::SecureMessaging::None;
        let command = match (apdu.class.base(), apdu.ins) {
            (class::INTERINDUSTRY, ins) => match (ins, p1) {
                (ins::SELECT, 0x00 | 0x04) => {
                    let by = if p1 == 0x04 { Selection::Name } else { Selection::FileId };
                    Self::Select { by, next: p2 == 0x02, name: data }
                }
                (ins::MANAGE_CHANNEL, _) => Self::ManageChannel { close: p1 == 0x80, channel: p2 },
                (ins::GET_RESPONSE, _) => Self::GetResponse { ne },
                (ins::READ_BINARY, _) => Self::ReadBinary { p1, p2, ne },
                (ins::UPDATE_BINARY, _) => Self::UpdateBinary { protected, p1, p2, data },
                (ins::READ_RECORD, _) => Self::ReadRecord { p1, p2, ne },
                (ins::UPDATE_RECORD, _) => Self::UpdateRecord { protected, p1, p2, data },
                (ins::GET_CHALLENGE, _) => Self::GetChallenge { ne },
                (ins::EXTERNAL_AUTHENTICATE, _) => Self::ExternalAuthenticate { key: p2, data },
                (ins::INTERNAL_AUTHENTICATE, _) => Self::InternalAuthenticate { key: p2, data, ne },
                (ins::VERIFY, _) => Self::Verify { reference: p2, pin: data },
                (ins::ACTIVATE_FILE, _) => Self::ActivateFile,
                (ins::DEACTIVATE_FILE, _) => Self::DeactivateFile,
                (ins::PUT_DATA, _) => Self::PutData { protected, tag, data },
                _ => return None,
            },
            (class::PROPRIETARY, ins) => match ins {
                ins::CHANGE_PIN => Self::ChangePin { pins: data },
                ins::PIN_UNBLOCK => Self::PinUnblock { p2, data },
                ins::APPLICATION_BLOCK => Self::ApplicationBlock { p2, mac: data },
                ins::APPLICATION_UNBLOCK => Self::ApplicationUnblock { mac: data },
                ins::CARD_BLOCK => Self::CardBlock { mac: data },
                ins::GET_PROCESSING_OPTIONS => Self::GetProcessingOptions { data, ne },
                ins::GENERATE_AC => {
                    let cryptogram = match p1 & 0xC0 {
                        0x00 => CryptogramType::Aac,
                        0x40 => CryptogramType::Tc,
                        0x80 => CryptogramType::Arqc,
                        _ => return None,
                    };
                    Self::GenerateAc { cryptogram, combined: p1 & 0x10 != 0, data, ne }
                }
                ins::GET_DATA => Self::GetData { tag, ne },
                _ => return None,
            },
            (class::PURSE, ins) => match (ins, p1) {
                (ins::GET_BALANCE, _) => Self::GetBalance { which: p2, ne },
                (ins::INITIALIZE, _) => Self::Initialize { purchase: p1 == 0x01, data, ne },
                (ins::CREDIT_LOAD, _) => Self::CreditLoad { data, ne },
                (ins::DEBIT, _) => Self::Debit { data, ne },
                (ins::GET_TRANSACTION_PROOF, _) => {
                    Self::GetTransactionProof { kind: p2, counter: data, ne }
                }
                (ins::START_DAY, 0x00) => Self::SetStartDay { day: data },
                (ins::START_DAY, _) => Self::ReadStartDay { ne },
                _ => return None,
            },
            _ => return None,
        };
        // What the type does not hold (another parameter, data where none go, an Le it never has) is no such command.
        let channel = apdu.class.channel();
        let again = command.apdu();
        let again = CommandApdu {
            class: again.class.with_channel(channel),
            extended: apdu.extended,
            ..again
        };
        (again == *apdu).then_some(command)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn what_is_parsed_is_emitted() {
        let wire: [&[u8]; 8] = [
            &[0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00, 0x00],
            &[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56],
            &[0x80, 0xAE, 0x90, 0x00, 0x01, 0x05, 0x00],
            &[0x84, 0x24, 0x00, 0x02, 0x04, 1, 2, 3, 4],
            &[0x04, 0xDA, 0x9F, 0x79, 0x01, 0x07],
            &[0xB0, 0x56, 0x01, 0x00, 0x02],
            &[0x01, 0x84, 0x00, 0x00, 0x08],
            &[0x00, 0x70, 0x80, 0x01],
        ];
        for bytes in wire {
            let apdu = CommandApdu::parse(bytes).unwrap();
            let command = Command::parse(&apdu).unwrap();
            let mut emitted = Vec::new();
            command.apdu().emit(&mut emitted).unwrap();
            emitted[0] |= bytes[0] & 0x03;
            assert_eq!(emitted, bytes, "{command:?}");
        }
    }

    #[test]
    fn what_a_type_cannot_hold_is_none() {
        for bytes in [
            &[0x00, 0xA4, 0x08, 0x00, 0x02, 0x3F, 0x00, 0x00][..],
            &[0x80, 0xAE, 0xC0, 0x00, 0x01, 0x05, 0x00],
            &[0x00, 0x84, 0x01, 0x00, 0x08],
            &[0x00, 0x01, 0x00, 0x00],
        ] {
            assert_eq!(Command::parse(&CommandApdu::parse(bytes).unwrap()), None, "{bytes:02X?}");
        }
    }

    #[test]
    fn a_printed_command_hides_its_pin() {
        let verify = Command::Verify { reference: 0, pin: &[0x12, 0x34, 0x56] };
        assert_eq!(alloc::format!("{verify:?}"), "VERIFY 0000, 3 bytes");
    }
}
