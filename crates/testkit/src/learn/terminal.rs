//! The terminal's side of an input: its command out of the live session, and what its answer leaves there.
//!
//! What enters: an action, what the terminal holds, what it remembers. What leaves: bytes for the card; of its answer
//! what counts.

use std::fmt::Write;

use sscard_apdu::tlv::{Reader, Tag};
use sscard_apdu::{ClassByte, CommandApdu, EmitError, ResponseApdu};
use sscard_apdu::{dol, hex};
use sscard_commands::{Command, Selection};
use sscard_core::{KeyId, ResponseMethod};
use sscard_crypto::financial::{Cipher, arpc_method_1, arpc_method_2, script_mac};
use sscard_elements::{CryptogramInformationData as Cid, tag};

use zeroize::Zeroizing;

use super::alphabet::{AlphabetInput, InputAction};
use super::holdings::{BankHoldings, CardHoldings, SocialHolding};

/// Original information of every proof.
const ORIGINAL: [u8; 8] = *b"LEARNING";
/// The issuer approves.
const APPROVED: [u8; 2] = *b"00";
/// The terminal could not go online, and wants to approve.
const UNABLE: [u8; 2] = *b"Y3";

/// What the terminal knows since the last reset.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(super) struct TerminalMemory {
    /// The latest challenge.
    challenge: Vec<u8>,
    atc: [u8; 2],
    /// The first cryptogram of the payment, which issuer and scripts answer.
    cryptogram: [u8; 8],
    /// An ARQC was given, and no second cryptogram yet.
    is_online: bool,
}

/// Why a command cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum NoCommand {
    #[error("the card has no payment application that could be used")]
    NoBank,
    #[error("there is no key {application} {id:02X} for this card")]
    NoKey { application: String, id: u8 },
    #[error("the command cannot be written: {0:?}")]
    Unwritable(EmitError),
}

/// Writes the command of an action.
pub(super) fn command(
    action: &InputAction,
    holdings: &CardHoldings,
    memory: &TerminalMemory,
    out: &mut Vec<u8>,
) -> Result<(), NoCommand> {
    use InputAction as Do;
    out.clear();
    let bank = || holdings.bank.as_ref().ok_or(NoCommand::NoBank);
    match action {
        Do::Reset => Ok(()),
        Do::Apdu(bytes) => {
            out.extend_from_slice(bytes);
            Ok(())
        }
        Do::Select(name) if name.is_empty() => {
            emit(Command::Select { by: Selection::FileId, next: false, name: &[0x3F, 0x00] }, out)
        }
        Do::Select(name) => emit(Command::Select { by: Selection::Name, next: false, name }, out),
        Do::SelectPayment => {
            let name = &bank()?.aid;
            emit(Command::Select { by: Selection::Name, next: false, name }, out)
        }
        Do::Challenge(length) => emit(Command::GetChallenge { ne: usize::from(*length) }, out),
        Do::PaymentPin { right } => {
            let mut pin = bank()?.pin.clone();
            if !right {
                // The first digit of the block of format 2.
                pin[1] = other_digit(pin[1]);
            }
            emit(Command::Verify { reference: 0x80, pin: &*pin }, out)
        }
        Do::ProcessingOptions => {
            let data = processing_options(bank()?);
            emit(Command::GetProcessingOptions { data: &data, ne: 256 }, out)
        }
        Do::GenerateAc { kind, unable } => {
            let bank = bank()?;
            let list = if memory.is_online { &bank.lists[2] } else { &bank.lists[1] };
            let data = answer(bank, list, if *unable { UNABLE } else { APPROVED });
            let (cryptogram, combined, data) = (*kind, false, &data[..]);
            emit(Command::GenerateAc { cryptogram, combined, data, ne: 256 }, out)
        }
        Do::IssuerAuthenticate { right } => {
            let mut data = response(bank()?, memory);
            if !right {
                data[0] ^= 0x01;
            }
            emit(Command::ExternalAuthenticate { key: 0, data: &data }, out)
        }
        Do::Script { header, data, right } => {
            let bank = bank()?;
            let header = protected(*header, data);
            let keys = bank.plan.scheme.script_keys();
            let TerminalMemory { atc, cryptogram, .. } = memory;
            let key = keys.for_script(bank.cipher, &bank.mac_key, *atc, *cryptogram);
            let mac = script_mac(bank.cipher, &key, header, *atc, cryptogram, data, bank.fold);
            with_mac(header, data, mac, *right, out)
        }
        Do::Pin { right: None } => emit(Command::Verify { reference: 0x00, pin: &[] }, out),
        Do::Pin { right: Some(right) } => {
            let pin = pin(holdings, *right);
            emit(Command::Verify { reference: 0x00, pin: &pin }, out)
        }
        Do::ChangePin { right } => {
            let pins = [&pin(holdings, *right)[..], &[0xFF], &holdings.pin].concat();
            let pins = Zeroizing::new(pins);
            emit(Command::ChangePin { pins: &pins }, out)
        }
        Do::Authenticate { application, key, right } => {
            let held = held(holdings, application, key.0)?;
            let session = held.suite.session_key(&held.key, &memory.challenge);
            let mut data = [session.authentication_data(&ORIGINAL), ORIGINAL].concat();
            if !right {
                data[0] ^= 0x01;
            }
            emit(Command::ExternalAuthenticate { key: key.0, data: &data }, out)
        }
        Do::Protected { header, data, application, key, right } => {
            let held = held(holdings, application, key.0)?;
            let session = held.suite.session_key(&held.key, &memory.challenge);
            let header = protected(*header, data);
            let mac = session.mac_parts(&[&header, data]);
            with_mac(header, data, mac, *right, out)
        }
    }
}

fn emit(command: Command<'_>, out: &mut Vec<u8>) -> Result<(), NoCommand> {
    command.apdu().emit(out).map_err(NoCommand::Unwritable)
}

fn held<'h>(
    holdings: &'h CardHoldings,
    application: &str,
    id: u8,
) -> Result<&'h SocialHolding, NoCommand> {
    let held = holdings.social_key(application, KeyId(id));
    held.ok_or_else(|| NoCommand::NoKey { application: application.to_owned(), id })
}

/// The holder's PIN, or one of its length that differs in a digit.
fn pin(holdings: &CardHoldings, right: bool) -> Zeroizing<Vec<u8>> {
    let mut pin = holdings.pin.clone();
    if !right {
        match pin.first_mut() {
            Some(first) => *first = other_digit(*first),
            None => pin.extend_from_slice(&[0x00, 0x00]),
        }
    }
    pin
}

/// The same byte of two digits with another first one.
const fn other_digit(byte: u8) -> u8 {
    let (first, second) = (byte >> 4, byte & 0x0F);
    let other = if first >= 9 { 0 } else { first + 1 };
    other << 4 | second
}

/// The header as it is protected: its class says so, its length counts the MAC.
fn protected(header: [u8; 4], data: &[u8]) -> [u8; 5] {
    let [cla, ins, p1, p2] = header;
    let length = u8::try_from(data.len() + 4).unwrap_or(u8::MAX);
    [cla | 0x04, ins, p1, p2, length]
}

fn with_mac(
    header: [u8; 5],
    data: &[u8],
    mut mac: [u8; 4],
    right: bool,
    out: &mut Vec<u8>,
) -> Result<(), NoCommand> {
    if !right {
        mac[0] ^= 0x01;
    }
    let data = [data, &mac].concat();
    let [cla, ins, p1, p2, _] = header;
    let apdu = CommandApdu::new(ClassByte::new(cla), ins, p1, p2).with_data(&data);
    apdu.emit(out).map_err(NoCommand::Unwritable)
}

/// The data that answer a list. Amounts and verification results are zero, so that no sum of the card grows and nothing
/// has failed; currency and country are those of the test cards.
fn answer(bank: &BankHoldings, list: &[u8], code: [u8; 2]) -> Vec<u8> {
    let sm: &[u8] = match bank.cipher {
        Cipher::Sm4 => &[0x01],
        _ => &[0x00],
    };
    let lookup = |wanted: Tag| {
        let value: &[u8] = match wanted {
            tag::TERMINAL_COUNTRY | tag::TRANSACTION_CURRENCY => &[0x01, 0x56],
            tag::TRANSACTION_DATE => &[0x26, 0x01, 0x01],
            tag::UNPREDICTABLE_NUMBER => b"LRNT",
            tag::SM_SUPPORT_INDICATOR => sm,
            tag::RESPONSE_CODE => &code,
            _ => return None,
        };
        Some((value, dol::Alignment::Other))
    };
    let mut data = Vec::with_capacity(64);
    // A list that ends in the middle of an entry is answered as far as it can be read: the card judges.
    let _ = dol::fill(list, lookup, &mut data);
    data
}

/// Template 83 with what answers the card's PDOL.
pub(super) fn processing_options(bank: &BankHoldings) -> Vec<u8> {
    let values = answer(bank, &bank.lists[0], APPROVED);
    let mut data = Vec::with_capacity(values.len() + 3);
    tag::COMMAND_TEMPLATE.emit(&mut data);
    match u8::try_from(values.len()).unwrap_or(u8::MAX) {
        short @ 0..=0x7F => data.push(short),
        long => data.extend_from_slice(&[0x81, long]),
    }
    data.extend_from_slice(&values);
    data
}

/// The issuer's response to the latest cryptogram, as EXTERNAL AUTHENTICATE takes it.
fn response(bank: &BankHoldings, memory: &TerminalMemory) -> Vec<u8> {
    let TerminalMemory { atc, cryptogram, .. } = memory;
    let key = bank.plan.scheme.session_key(bank.cipher, &bank.cryptogram_key, *atc);
    match bank.plan.response {
        ResponseMethod::One => {
            let arpc = arpc_method_1(bank.cipher, &key, cryptogram, APPROVED);
            [&arpc[..], &APPROVED].concat()
        }
        ResponseMethod::Two => {
            let update = [0x00, 0x80, 0x00, 0x00];
            let arpc = arpc_method_2(bank.cipher, &key, cryptogram, update, &[]);
            [arpc, update].concat()
        }
    }
}

/// Takes an answer in: what counts of it is appended to `told`.
pub(super) fn take(
    input: &AlphabetInput,
    answer: &[u8],
    memory: &mut TerminalMemory,
    told: &mut String,
) {
    let Ok(response) = ResponseApdu::parse(answer) else {
        told.push_str("no status word");
        return;
    };
    let is_done = response.status.is_success();
    // Writing to a text cannot fail.
    let _ = write!(told, "{:04X}", response.status.value());
    match &input.action {
        InputAction::Challenge(_) if is_done => {
            memory.challenge.clear();
            memory.challenge.extend_from_slice(response.data);
        }
        InputAction::Select(_) | InputAction::SelectPayment | InputAction::ProcessingOptions
            if is_done =>
        {
            let challenge = std::mem::take(&mut memory.challenge);
            *memory = TerminalMemory { challenge, ..TerminalMemory::default() };
        }
        InputAction::GenerateAc { .. } if is_done => cryptogram(response.data, memory, told),
        _ => {}
    }
    if input.shows_data && !response.data.is_empty() {
        let _ = write!(told, " {}", hex::encode(response.data));
    }
}

/// Of a cryptogram its kind counts, and the advice that comes with it.
fn cryptogram(data: &[u8], memory: &mut TerminalMemory, told: &mut String) {
    let Some((cid, atc, cryptogram)) = parts(data) else {
        told.push_str(" without a cryptogram");
        return;
    };
    let cid = Cid::new([cid]);
    let kind = match cid.kind() {
        Cid::TC => "TC",
        Cid::ARQC => "ARQC",
        Cid::AAC => "AAC",
        _ => "AAR",
    };
    let _ = write!(told, " {kind}");
    let advice = cid.byte() & !cid.kind().byte();
    if advice != 0 {
        let _ = write!(told, " advice {advice:02X}");
    }
    memory.atc = atc;
    if !memory.is_online {
        memory.cryptogram = cryptogram;
    }
    memory.is_online = !memory.is_online && kind == "ARQC";
}

/// Information data, counter and cryptogram in an answer of format 1 or 2.
fn parts(data: &[u8]) -> Option<(u8, [u8; 2], [u8; 8])> {
    let template = Reader::new(data).next()?.ok()?;
    if template.tag == tag::RESPONSE_FORMAT_1 {
        let (cid, rest) = template.value.split_first()?;
        let (atc, rest) = rest.split_first_chunk::<2>()?;
        return Some((*cid, *atc, *rest.first_chunk::<8>()?));
    }
    let value = |wanted: Tag| {
        let objects = Reader::new(template.value).map_while(Result::ok);
        objects.filter(|object| object.tag == wanted).map(|object| object.value).next()
    };
    let cid = *value(tag::CRYPTOGRAM_INFORMATION)?.first()?;
    let atc = value(tag::TRANSACTION_COUNTER)?.try_into().ok()?;
    Some((cid, atc, value(tag::CRYPTOGRAM)?.try_into().ok()?))
}
