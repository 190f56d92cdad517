//! What the wire tells of a session: which application and file are selected, how many commands there were.
//!
//! What enters: commands and answers. What leaves: what conditions ask for. It follows SELECT and short file identifiers, and
//! keeps the data object lists that a card gives, so that a command's data can be told apart.

use std::time::Duration;

use sscard_apdu::tlv::Tag;
use sscard_apdu::{Aid, CommandApdu, FileId, StatusWord};
use sscard_commands::ins;
use sscard_elements::tag;

use crate::structure;

/// What some fault asks for; the rest is not worth its time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Interest {
    /// Whether a stale answer is wanted.
    pub(crate) last: bool,
    /// Whether objects in commands are.
    pub(crate) lists: bool,
    /// Whether application or file are.
    pub(crate) selection: bool,
}

impl Interest {
    pub(crate) const fn is_any(self) -> bool {
        self.last || self.lists || self.selection
    }
}

/// Commands and answers so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Situation {
    /// Commands since the card was inserted, this one included.
    pub(crate) number: u64,
    /// How often the card was powered.
    pub(crate) powered: u64,
    /// How often a card was inserted.
    pub(crate) inserted: u64,
    /// Since the card was inserted.
    pub(crate) now: Duration,
    /// The instruction that is being answered; GET RESPONSE goes on with the one before.
    pub(crate) asked: Option<u8>,
    application: Vec<u8>,
    /// Whether the answer to SELECT by name is still to come, which tells the whole name.
    is_selecting: bool,
    file: Option<FileId>,
    /// PDOL, CDOL1, CDOL2 of the application.
    lists: [Vec<u8>; 3],
    /// Whether the first GENERATE AC was answered.
    has_cryptogram: bool,
    /// The answer before this command's; kept when [`Interest::last`].
    pub(crate) last: Vec<u8>,
    pub(crate) interest: Interest,
}

impl Situation {
    /// A card that was just inserted, for the first time.
    pub(crate) fn new(interest: Interest) -> Self {
        Self { interest, inserted: 1, ..Self::default() }
    }

    pub(crate) fn insert(&mut self) {
        let inserted = self.inserted.saturating_add(1);
        *self = Self { interest: self.interest, inserted, ..Self::default() };
    }

    pub(crate) fn power(&mut self) {
        self.powered = self.powered.saturating_add(1);
        *self = Self {
            number: self.number,
            powered: self.powered,
            inserted: self.inserted,
            now: self.now,
            last: std::mem::take(&mut self.last),
            interest: self.interest,
            ..Self::default()
        };
    }

    /// A command goes to the card.
    pub(crate) fn asked(&mut self, command: &[u8]) {
        self.asked = match command.get(1) {
            Some(&ins::GET_RESPONSE) => self.asked,
            other => other.copied(),
        };
    }

    pub(crate) fn is_in(&self, application: &Aid) -> bool {
        self.application.starts_with(application.as_bytes())
    }

    /// Whether the command works on this file: the selected one, or the one of its short identifier.
    pub(crate) fn is_at(&self, command: &[u8], file: FileId) -> bool {
        let short = CommandApdu::parse(command).ok().and_then(|apdu| short_identifier(&apdu));
        match short {
            Some(short) => file.sfi().is_some_and(|sfi| sfi.number() == short),
            None => self.file == Some(file),
        }
    }

    /// Takes the answer to a command into account.
    pub(crate) fn answered(&mut self, command: &[u8], answer: &[u8]) {
        if self.interest.last {
            answer.clone_into(&mut self.last);
        }
        if !self.interest.lists && !self.interest.selection {
            return;
        }
        let Ok(apdu) = CommandApdu::parse(command) else { return };
        let (data, status) = answer.split_last_chunk::<2>().unwrap_or((answer, &[0, 0]));
        let status = StatusWord::from_bytes(*status);
        let is_answered = status.is_success() || status.bytes_available().is_some();
        match apdu.ins {
            ins::SELECT if is_answered || status.sw1() == 0x62 => self.selected(&apdu),
            ins::GENERATE_AC if is_answered => self.has_cryptogram = true,
            ins::GET_PROCESSING_OPTIONS if is_answered => self.has_cryptogram = false,
            _ => {}
        }
        if self.is_selecting && !data.is_empty() {
            self.is_selecting = false;
            let whole = structure::value(data, tag::DF_NAME);
            if let Some(whole) = whole.filter(|whole| whole.starts_with(&self.application)) {
                self.application = whole.to_vec();
            }
        }
        if !self.interest.lists {
            return;
        }
        for (place, list) in self.lists.iter_mut().zip([tag::PDOL, tag::CDOL1, tag::CDOL2]) {
            if let Some(list) = structure::value(data, list) {
                list.clone_into(place);
            }
        }
    }

    fn selected(&mut self, apdu: &CommandApdu<'_>) {
        match (apdu.p1, apdu.data) {
            (0x04, name) => {
                name.clone_into(&mut self.application);
                self.is_selecting = true;
                self.file = None;
                self.lists = Default::default();
            }
            (_, [.., high, low]) => {
                self.file = Some(FileId::new(u16::from_be_bytes([*high, *low])));
            }
            _ => {}
        }
    }

    /// Where an object lies in the data of a command: after the template of GET PROCESSING OPTIONS, or by CDOL1 or CDOL2.
    pub(crate) fn object_in(&self, command: &[u8], object: Tag) -> Option<std::ops::Range<usize>> {
        let apdu = CommandApdu::parse(command).ok()?;
        let [pdol, first, second] = &self.lists;
        let (list, skipped) = match apdu.ins {
            ins::GET_PROCESSING_OPTIONS => (pdol, 2_usize),
            ins::GENERATE_AC if self.has_cryptogram => (second, 0),
            ins::GENERATE_AC => (first, 0),
            _ => return None,
        };
        let mut start = 5_usize.saturating_add(skipped);
        for entry in sscard_apdu::dol::DolReader::new(list) {
            let entry = entry.ok()?;
            let end = start.saturating_add(entry.length.into());
            if entry.tag == object {
                return (end <= command.len()).then_some(start..end);
            }
            start = end;
        }
        None
    }
}

/// The short file identifier in P1 or P2 of a command that works on a file.
fn short_identifier(apdu: &CommandApdu<'_>) -> Option<u8> {
    match apdu.ins {
        ins::READ_RECORD | ins::UPDATE_RECORD => Some(apdu.p2 >> 3).filter(|sfi| *sfi != 0),
        ins::READ_BINARY | ins::UPDATE_BINARY => (apdu.p1 & 0xE0 == 0x80).then_some(apdu.p1 & 0x1F),
        _ => None,
    }
}
