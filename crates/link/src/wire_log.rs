//! What went over a line, as lines of text.
//!
//! What enters: [`LineEvent`]s. What leaves: [`WireEntry`]s, a turn or a block each, with its time and its name. PINs and keys that the
//! reader sends are not in it unless that is asked for: what is no sound block may hold one, and is not shown either.

use core::fmt;

use sscard_apdu::Protocol;
use sscard_commands::secret_part;
use sscard_host::Secrets;

use crate::block::{Block, BlockError, Kind, PROLOGUE};
use crate::character::Etu;
use crate::line::{LineEvent, Sender};
use crate::parameters::LineParameters;
use crate::pps::{self, Pps};

/// CLA INS P1 P2 P3.
const HEADER: usize = 5;
/// Where a block's PCB stands.
const PCB: usize = 1;

/// A character of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shown {
    byte: u8,
    is_sound: bool,
    is_lost: bool,
    /// The receiver asked for it again.
    is_asked_again: bool,
    /// It did not leave its sender so.
    is_altered: bool,
    is_hidden: bool,
}

/// Something that went over the line, in one piece.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WireEntry {
    /// When it began, in etu since the line did.
    pub at: Etu,
    /// Who sent it; none for a reset and for silence.
    pub sender: Option<Sender>,
    /// What it is: `I(0,0) 20 bytes`, `header`, `answer to reset`.
    pub meaning: String,
    characters: Vec<Shown>,
    begins_command: bool,
}

impl WireEntry {
    /// Whether the reader begins a command here, or goes on with one on T=1: a header, an I-block.
    #[must_use]
    pub const fn begins_command(&self) -> bool {
        self.begins_command
    }
}

/// Time, sender, characters, meaning: `(5A)` was lost, `5A!` has a wrong parity bit, `5A^` was asked for again, `**` is not shown.
impl fmt::Display for WireEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sender = match self.sender {
            Some(Sender::Card) => "card",
            Some(Sender::Reader) => "reader",
            None => "line",
        };
        write!(f, "{:>10} {sender:<6}", self.at)?;
        for shown in &self.characters {
            let Shown { byte, is_sound, is_lost, is_asked_again, is_hidden, .. } = *shown;
            let byte = if is_hidden { "**".to_owned() } else { format!("{byte:02X}") };
            let (open, close) = if is_lost { ("(", ")") } else { ("", "") };
            let parity = if is_sound { "" } else { "!" };
            let again = if is_asked_again { "^" } else { "" };
            write!(f, " {open}{byte}{close}{parity}{again}")?;
        }
        write!(f, "  # {}", self.meaning)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// The card answers to reset.
    Atr,
    /// A PPS request or the protocol begins.
    Fresh,
    Pps,
    Protocol,
}

/// Makes entries out of events.
#[derive(Debug)]
pub struct WireLog {
    secrets: Secrets,
    phase: Phase,
    open: Option<(Etu, Sender, Vec<Shown>)>,
    /// The command that the reader sends, as far as it came.
    command: Vec<u8>,
    /// The next character of this sender is altered.
    altered: Option<Sender>,
    /// The reader's characters may be others than the card takes them for: any of them may be a PIN's.
    is_adrift: bool,
    /// Characters of this command came to nothing, or there are more than were sent (T=0).
    has_slipped: bool,
    /// So much of the command that the card gets may be shown, when not all of it.
    doubt: Option<usize>,
}

impl WireLog {
    /// A log of a line from its answer to reset on.
    #[must_use]
    pub const fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            phase: Phase::Atr,
            open: None,
            command: Vec::new(),
            altered: None,
            is_adrift: false,
            has_slipped: false,
            doubt: None,
        }
    }

    /// Entries of what has happened, with the parameters that hold now. What the reader sends stays open until its block is whole
    /// or the card sends.
    pub fn take(
        &mut self,
        events: impl IntoIterator<Item = (Etu, LineEvent)>,
        parameters: &LineParameters,
    ) -> Vec<WireEntry> {
        let mut entries = Vec::new();
        for (at, event) in events {
            self.event(at, event, parameters, &mut entries);
        }
        if self.open.as_ref().is_some_and(|(_, sender, _)| *sender == Sender::Card) {
            self.close(parameters, &mut entries);
        }
        entries
    }

    /// How many bytes of the command that the card has got may be shown, when it is not what the reader sent: the rest may be a
    /// PIN or a key, whatever the header says. None when the header says it.
    #[must_use]
    pub fn doubt(&self) -> Option<usize> {
        let open = self.open.as_ref().filter(|(_, sender, _)| *sender == Sender::Reader);
        let is_struck = |one: &Shown| one.is_lost || one.is_altered;
        let is_open = open.is_some_and(|(_, _, shown)| shown.iter().any(is_struck));
        if is_open { Some(0) } else { self.doubt }
    }

    /// What is still open: nothing more comes.
    pub fn finish(mut self, parameters: &LineParameters) -> Vec<WireEntry> {
        let mut entries = Vec::new();
        self.close(parameters, &mut entries);
        entries
    }

    fn event(
        &mut self,
        at: Etu,
        event: LineEvent,
        parameters: &LineParameters,
        entries: &mut Vec<WireEntry>,
    ) {
        let (sender, byte, is_sound, is_lost) = match event {
            LineEvent::Character { sender, character } => {
                (sender, character.byte, character.is_sound, false)
            }
            LineEvent::Lost { sender, byte } => (sender, byte, true, true),
            LineEvent::Altered { sender } => {
                self.altered = Some(sender);
                return;
            }
            LineEvent::ErrorSignal { .. } => {
                let last = self.open.as_mut().and_then(|(_, _, shown)| shown.last_mut());
                if let Some(last) = last {
                    last.is_asked_again = true;
                }
                return;
            }
            LineEvent::Silence { lasting } => {
                self.close(parameters, entries);
                // Both have given up the block.
                self.is_adrift &= parameters.protocol == Protocol::T0;
                return entries.push(without_characters(at, format!("silence, {lasting} etu")));
            }
            LineEvent::GivenUp => {
                self.close(parameters, entries);
                self.command.clear();
                // The reader may not know, and go on with the command's data.
                (self.is_adrift, self.has_slipped) = (true, false);
                let meaning = "silence: the card gives up the command".to_owned();
                return entries.push(without_characters(at, meaning));
            }
            LineEvent::Reset => {
                self.close(parameters, entries);
                *self = Self::new(self.secrets);
                return entries.push(without_characters(at, "reset".to_owned()));
            }
        };
        if self.open.as_ref().is_some_and(|(_, other, _)| *other != sender) {
            self.close(parameters, entries);
        }
        let is_altered = self.altered.take_if(|altered| *altered == sender).is_some();
        let (_, _, shown) = self.open.get_or_insert_with(|| (at, sender, Vec::new()));
        shown.push(Shown {
            byte,
            is_sound,
            is_lost,
            is_asked_again: false,
            is_altered,
            is_hidden: false,
        });
        if self.is_whole(parameters) {
            self.close(parameters, entries);
        }
    }

    /// Whether what is open is a whole block.
    fn is_whole(&self, parameters: &LineParameters) -> bool {
        let Some((_, sender, shown)) = &self.open else { return false };
        let is_pps = shown.first().is_some_and(|first| first.byte == pps::INITIAL);
        let is_block = match self.phase {
            Phase::Atr | Phase::Pps => false,
            Phase::Fresh => *sender == Sender::Reader && !is_pps,
            Phase::Protocol => true,
        };
        if !is_block || parameters.protocol == Protocol::T0 {
            return false;
        }
        let bytes: Vec<u8> = shown.iter().map(|shown| shown.byte).collect();
        let whole = bytes
            .first_chunk::<PROLOGUE>()
            .and_then(|prologue| Block::announced(*prologue, parameters.checked));
        whole.is_some_and(|whole| bytes.len() >= whole)
    }

    fn close(&mut self, parameters: &LineParameters, entries: &mut Vec<WireEntry>) {
        let Some((at, sender, mut shown)) = self.open.take() else { return };
        let is_new = self.command.is_empty();
        let meaning = self.meaning(sender, &mut shown, parameters);
        let begins_command = sender == Sender::Reader
            && self.phase == Phase::Protocol
            && match parameters.protocol {
                Protocol::T0 => is_new,
                Protocol::T1 => meaning.starts_with("I("),
            };
        let sender = Some(sender);
        entries.push(WireEntry { at, sender, meaning, characters: shown, begins_command });
    }

    fn meaning(
        &mut self,
        sender: Sender,
        shown: &mut [Shown],
        parameters: &LineParameters,
    ) -> String {
        let is_pps = shown.first().is_some_and(|first| first.byte == pps::INITIAL);
        match (self.phase, sender) {
            (Phase::Atr, Sender::Card) => {
                self.phase = Phase::Fresh;
                return "answer to reset".to_owned();
            }
            (Phase::Fresh, Sender::Reader) if is_pps => {
                self.phase = Phase::Pps;
                let bytes: Vec<u8> = shown.iter().map(|shown| shown.byte).collect();
                let is_struck = shown.iter().any(|one| one.is_lost || one.is_altered);
                if is_struck || Pps::parse(&bytes).is_none() {
                    self.is_adrift = true;
                    self.hide(shown, 0);
                }
                return "PPS request".to_owned();
            }
            (Phase::Pps, Sender::Card) => {
                self.phase = Phase::Protocol;
                return "PPS response".to_owned();
            }
            _ => self.phase = Phase::Protocol,
        }
        match (parameters.protocol, sender) {
            (Protocol::T1, _) => self.block(sender, shown, parameters),
            (Protocol::T0, Sender::Reader) => self.of_reader(shown),
            (Protocol::T0, Sender::Card) => self.of_card(shown),
        }
    }

    fn block(
        &mut self,
        sender: Sender,
        shown: &mut [Shown],
        parameters: &LineParameters,
    ) -> String {
        let bytes: Vec<u8> = shown.iter().map(|shown| shown.byte).collect();
        let is_sound = shown.iter().all(|shown| shown.is_sound);
        let is_lost = shown.iter().any(|shown| shown.is_lost);
        let block = Block::parse(&bytes, parameters.checked);
        let block = if is_sound { block } else { Err(BlockError::Checksum) };
        let name = match &block {
            Ok(block) if is_lost => format!("{block}, lost"),
            Ok(block) => block.to_string(),
            Err(BlockError::Checksum) if !is_sound => "a block with a wrong parity bit".to_owned(),
            Err(error) => format!("no block: {error}"),
        };
        if sender == Sender::Card {
            self.is_adrift = false;
            return name;
        }
        // A block that was lost as a whole is in order, and so is one whose sequence number is another.
        let is_partly_lost = is_lost && !shown.iter().all(|shown| shown.is_lost);
        let end = shown.len().saturating_sub(parameters.checked.length());
        let mut altered = shown.iter().enumerate().filter(|(_, shown)| shown.is_altered);
        let is_other = altered.any(|(place, _)| place != PCB && place < end);
        self.is_adrift |= is_partly_lost || is_other;
        if self.is_adrift {
            self.doubt = Some(0);
            self.hide(shown, 0);
            return name;
        }
        match block {
            Ok(Block { kind: Kind::Information { more, .. }, information, .. }) => {
                self.doubt = None;
                let before = self.command.len();
                self.command.extend_from_slice(&information);
                if let Some(hidden) = secret_part(&self.command) {
                    let first = hidden.start.saturating_sub(before).saturating_add(PROLOGUE);
                    // The checksum would say something about it.
                    self.hide(shown, first);
                }
                if !more && !is_lost {
                    self.command.clear();
                }
            }
            Ok(_) => {}
            Err(_) => self.hide(shown, 0),
        }
        name
    }

    fn of_reader(&mut self, shown: &mut [Shown]) -> String {
        let before = self.command.len();
        if before == 0 && !self.is_adrift {
            self.doubt = None;
        }
        let mut hidden_from = self.is_adrift.then_some(0);
        // Where each character stands in the command.
        let mut places = Vec::with_capacity(shown.len());
        for (index, one) in shown.iter().enumerate() {
            let place = self.command.len();
            places.push(place);
            if one.is_asked_again {
                continue;
            }
            // What comes before the card has asked for it, or is more than was announced, may be anything.
            let announced = self.command.get(HEADER - 1).map_or(0, |p3| usize::from(*p3));
            let is_too_much =
                place >= HEADER && (before < HEADER || place >= HEADER.saturating_add(announced));
            if one.is_lost || is_too_much || (one.is_altered && place == HEADER - 1) {
                self.has_slipped = true;
            }
            self.is_adrift |= self.has_slipped || (one.is_altered && place < HEADER);
            if self.has_slipped || (self.is_adrift && place >= HEADER) {
                hidden_from.get_or_insert(index);
            }
            if !one.is_lost {
                self.command.push(one.byte);
            }
        }
        if let Some(secret) = secret_part(&self.command) {
            let first = places.iter().position(|place| *place >= secret.start);
            hidden_from = hidden_from.into_iter().chain(first).min();
        }
        if self.is_adrift {
            let is_in_place = !self.has_slipped && (before > 0 || hidden_from != Some(0));
            self.doubt =
                Some(self.doubt.unwrap_or(HEADER).min(if is_in_place { HEADER } else { 0 }));
        }
        if let Some(first) = hidden_from {
            self.hide(shown, first);
        }
        match self.command.len() {
            HEADER => "header".to_owned(),
            length if before < HEADER && length < HEADER => "a part of a header".to_owned(),
            length if before < HEADER => {
                let more = length.saturating_sub(HEADER);
                format!("header, and {more} bytes too early")
            }
            length => format!("data, {} bytes", length.saturating_sub(before)),
        }
    }

    /// The command has its status word. What comes next is a header, unless characters came to nothing or more came than was
    /// announced: then the reader may be in the middle of something else.
    fn end_command(&mut self) {
        let announced = self.command.get(HEADER - 1).map_or(0, |p3| usize::from(*p3));
        let is_whole = [HEADER, HEADER.saturating_add(announced)].contains(&self.command.len());
        self.is_adrift &= self.has_slipped || !is_whole;
        self.has_slipped = false;
        self.command.clear();
    }

    /// Procedure bytes, data, status.
    fn of_card(&mut self, shown: &[Shown]) -> String {
        let arrived = shown.iter().filter(|shown| !shown.is_lost && !shown.is_asked_again);
        let bytes: Vec<u8> = arrived.map(|shown| shown.byte).collect();
        let ins = self.command.get(1).copied();
        let nulls = bytes.iter().take_while(|byte| **byte == 0x60).count();
        let mut said = Vec::new();
        if nulls > 0 {
            said.push(format!("{nulls} × NULL"));
        }
        let rest = bytes.get(nulls..).unwrap_or(&[]);
        match rest {
            [] => {}
            [sw1 @ (0x61..=0x6F | 0x90..=0x9F), sw2] => {
                said.push(format!("status {sw1:02X}{sw2:02X}"));
                self.end_command();
            }
            [byte] if Some(*byte) == ins => said.push("procedure byte: all".to_owned()),
            [byte] if Some(!*byte) == ins => said.push("procedure byte: one".to_owned()),
            [byte, .., sw1, sw2] if Some(*byte) == ins || Some(!*byte) == ins => {
                let count = rest.len().saturating_sub(3);
                let data =
                    if Some(*byte) == ins { count } else { rest.len().saturating_sub(2) / 2 };
                said.push(format!("procedure byte, {data} bytes, status {sw1:02X}{sw2:02X}"));
                self.end_command();
            }
            other => {
                self.is_adrift = true;
                said.push(format!("{} bytes that do not fit", other.len()));
            }
        }
        // The reader has not heard all of it.
        self.is_adrift |= shown.iter().any(|shown| shown.is_lost);
        said.join(", ")
    }

    fn hide(&self, shown: &mut [Shown], first: usize) {
        if self.secrets == Secrets::Redacted {
            shown.iter_mut().skip(first).for_each(|shown| shown.is_hidden = true);
        }
    }
}

const fn without_characters(at: Etu, meaning: String) -> WireEntry {
    WireEntry { at, sender: None, meaning, characters: Vec::new(), begins_command: false }
}
