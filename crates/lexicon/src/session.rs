//! A session as it goes by: what each command and each answer means to the application that is
//! selected on its channel.
//!
//! ```text
//! command, answer ─► Session::annotate ─► Annotation {words, tree of the command, status, tree of the answer, place}
//! ```
//! What a session has to remember is the selection of each channel, the data object lists that the
//! card gave, and the pieces of an answer that GET RESPONSE fetches.

mod channel;

use std::borrow::Cow;

use sscard_apdu::{Case, CommandApdu, StatusWord, simple_tlv};
use sscard_commands::ins;
use sscard_core::catalogue::{Edition, FileEntry};

use crate::financial::Node;
use crate::{Meaning, Vocabulary};
use channel::Channel;

/// Identifier of the specification version in the issuer data.
const VERSION: u8 = 0x03;
/// An answer that comes in pieces is put together up to this length.
const LONGEST_ANSWER: usize = 0x1_0000;

/// What a session knows about the card so far.
#[derive(Clone, Debug, Default)]
pub struct Session {
    channels: Vec<Channel>,
    pieces: Vec<u8>,
    /// Which meanings the card's items have, once its specification version was read.
    edition: Edition,
}

/// Where on the card a command reads or writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The directory: `SSSE 社会保障系统环境`, `PPSE`, an AID in hexadecimal; empty when no selection
    /// was seen.
    pub directory: String,
    /// The file: `EF06`, in the financial application `file 2`; `None` for the directory itself.
    pub file: Option<String>,
    /// The file's name.
    pub name: Option<Meaning>,
    /// The record, the offset or the data object: `record 3`, `tag 09`, `from 0`, `9F36`.
    pub part: Option<String>,
}

/// One exchange explained.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annotation<'s> {
    /// The application that the command speaks to.
    pub application: Vocabulary,
    /// ISO/IEC 7816-3 case and length form, `1`, `2S`…`4E`; `None` for a malformed command.
    pub case: Option<&'static str>,
    /// The command in words.
    pub command: String,
    /// Data elements of the command.
    pub asked: Vec<Node<'s>>,
    /// The status word and what it says; `None` without a response.
    pub status: Option<(StatusWord, Meaning)>,
    /// The answer without its status word; the whole of it at its last piece, empty at the others.
    pub data: &'s [u8],
    /// Data elements of the answer; those of a whole answer at its last piece.
    pub answer: Vec<Node<'s>>,
    /// Where the answer's data stand on the card, or where the command's go.
    pub place: Option<Place>,
}

impl Session {
    /// Explains one exchange and remembers what it changes.
    pub fn annotate<'s>(
        &'s mut self,
        command: &'s [u8],
        response: Option<&'s [u8]>,
    ) -> Annotation<'s> {
        let status_bytes = response.and_then(<[u8]>::last_chunk::<2>);
        let status = status_bytes.map(|bytes| StatusWord::from_bytes(*bytes));
        let data =
            response.and_then(<[u8]>::split_last_chunk::<2>).map_or(&[][..], |(data, _)| data);
        let Ok(apdu) = CommandApdu::parse(command) else {
            let application =
                self.channels.first().map_or_else(Vocabulary::default, |c| c.application);
            let ins = command.get(1).copied().unwrap_or(0);
            return Annotation {
                application,
                case: None,
                command: "malformed command".to_owned(),
                asked: Vec::new(),
                status: status.map(|status| (status, application.status_meaning(status, ins))),
                data,
                answer: Vec::new(),
                place: None,
            };
        };
        let number = usize::from(apdu.class.channel().number());
        if self.channels.len() <= number {
            self.channels.resize_with(number.saturating_add(1), Channel::default);
        }
        let Self { channels, pieces, edition } = self;
        let Some(channel) = channels.get_mut(number) else { unreachable!("resized above") };

        // An answer in pieces is that of the command that it began with.
        let fetches =
            apdu.class.base() == 0x00 && apdu.ins == ins::GET_RESPONSE && channel.waiting.is_some();
        let asked_by: Cow<'_, [u8]> = match channel.waiting.take() {
            Some(waiting) if fetches => Cow::Owned(waiting),
            _ => {
                pieces.clear();
                Cow::Borrowed(command)
            }
        };
        let more = status.is_some_and(|status| status.bytes_available().is_some());
        let repeats = status.is_some_and(|status| status.exact_ne().is_some());
        let data: &[u8] = if more || (fetches && !pieces.is_empty()) {
            if pieces.len().saturating_add(data.len()) <= LONGEST_ANSWER {
                pieces.extend_from_slice(data);
            }
            if more { &[] } else { pieces }
        } else {
            data
        };
        if more || (fetches && repeats) {
            channel.waiting = Some(asked_by.clone().into_owned());
        }

        let application = channel.application.addressed(&asked_by);
        let selected = match CommandApdu::parse(&asked_by) {
            Ok(original) => channel.select(&original, command, status),
            Err(_) => false,
        };
        let original = CommandApdu::parse(&asked_by).unwrap_or(apdu);
        let place = channel.place(&original, selected);
        let file = channel.entry(&original);
        if status.is_some_and(|status| status.bytes_available().is_some() || status.is_success()) {
            channel.file = channel.number(&original);
        }
        if file.is_some_and(|file| file.is_at("SSSE/EF05"))
            && let Some(version) = version(&original, data)
        {
            *edition = Edition::of(version);
        }
        let answer = channel.answer(*edition, application, &original, file, data);
        let asked =
            if fetches { Vec::new() } else { channel.asked(*edition, application, &apdu, file) };
        channel.remember(&answer, &apdu, status);
        let mut words = application.describe_command(command);
        if let Some(name) = item_name(*edition, &apdu, application, file, &words) {
            words.push_str(&name);
        }
        Annotation {
            application,
            case: Some(case(&apdu)),
            command: words,
            asked,
            status: status.map(|status| (status, application.status_meaning(status, apdu.ins))),
            data,
            answer,
            place,
        }
    }

    /// The card was reset: nothing is selected.
    pub fn reset(&mut self) {
        self.channels.clear();
        self.edition = Edition::default();
        self.pieces.clear();
    }
}

/// The specification version in records of the issuer data that were read.
fn version<'d>(original: &CommandApdu<'_>, data: &'d [u8]) -> Option<&'d [u8]> {
    let mut records = simple_tlv::SimpleTlvReader::new(data).map_while(Result::ok);
    let found = records.find(|record| record.tag == VERSION)?;
    (original.ins == ins::READ_RECORD).then_some(found.value)
}

/// The name of a record's item, where the words do not have it yet.
fn item_name(
    edition: Edition,
    apdu: &CommandApdu<'_>,
    application: Vocabulary,
    file: Option<&FileEntry>,
    words: &str,
) -> Option<String> {
    let by_tag = matches!(apdu.ins, ins::READ_RECORD | ins::UPDATE_RECORD)
        && apdu.p2 & 0x07 <= 3
        && apdu.p1 != 0;
    if application == Vocabulary::Financial || !by_tag {
        return None;
    }
    let item = edition.item(file?, apdu.p1)?;
    (!words.contains(item.name_zh)).then(|| format!(" {}", item.name_zh))
}

const fn case(apdu: &CommandApdu<'_>) -> &'static str {
    match (apdu.case(), apdu.extended) {
        (Case::One, _) => "1",
        (Case::Two, false) => "2S",
        (Case::Two, true) => "2E",
        (Case::Three, false) => "3S",
        (Case::Three, true) => "3E",
        (Case::Four, false) => "4S",
        (Case::Four, true) => "4E",
    }
}

#[cfg(test)]
mod tests;
