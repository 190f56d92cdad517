//! What a reader remembers between calls; nothing here waits or asks a card.

use std::time::Instant;

use sscard_apdu::atr::Atr;

use crate::ScardError;
use crate::words::{ShareMode, protocols, reader_bits};

/// The card in the slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Power {
    Absent,
    Off,
    On,
    /// It did not answer its reset.
    Mute,
}

impl Power {
    pub(super) fn bits(self) -> u32 {
        match self {
            Self::Absent => reader_bits::ABSENT,
            Self::Off => reader_bits::PRESENT,
            Self::On => reader_bits::PRESENT | reader_bits::POWERED | reader_bits::NEGOTIABLE,
            Self::Mute => reader_bits::PRESENT | reader_bits::SWALLOWED,
        }
    }

    pub(super) fn is_there(self) -> bool {
        self != Self::Absent
    }
}

/// Who is connected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sharing {
    /// So many.
    With(u32),
    /// One, alone.
    Exclusive,
}

/// Whose turn it is: a transaction, or a connection that is alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Turn {
    pub(super) owner: u32,
    /// Transactions inside each other.
    pub(super) depth: u32,
}

/// What a connection has not heard of yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unheard {
    Nothing,
    Reset,
    Removed,
}

/// What whoever waits for a change gets to see of a reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    /// Bits of `reader_bits`.
    pub(crate) bits: u32,
    pub(crate) events: u16,
    pub(crate) is_exclusive: bool,
    pub(crate) is_used: bool,
    pub(crate) atr: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct ReaderState {
    /// The card that is in, by its number.
    pub(super) card: Option<u64>,
    /// How often a card came or went.
    pub(super) events: u16,
    pub(super) power: Power,
    pub(super) atr: Vec<u8>,
    pub(super) protocol: u32,
    pub(super) sharing: Sharing,
    pub(super) turn: Option<Turn>,
    connections: Vec<(u32, Unheard)>,
    /// Since when nobody is connected.
    pub(super) idle: Option<Instant>,
}

impl ReaderState {
    pub(super) fn new() -> Self {
        Self {
            card: None,
            events: 0,
            power: Power::Absent,
            atr: Vec::new(),
            protocol: protocols::UNDEFINED,
            sharing: Sharing::With(0),
            turn: None,
            connections: Vec::new(),
            idle: None,
        }
    }

    pub(super) fn seen(&self) -> Seen {
        Seen {
            bits: self.power.bits(),
            events: self.events,
            is_exclusive: self.sharing == Sharing::Exclusive,
            is_used: matches!(self.sharing, Sharing::With(1..)),
            atr: self.atr.clone(),
        }
    }

    /// Whether a connection may do something now.
    pub(super) fn check_turn(&self, handle: u32) -> Result<(), ScardError> {
        match self.turn {
            Some(turn) if turn.owner != handle => Err(ScardError::SHARING_VIOLATION),
            _ => Ok(()),
        }
    }

    /// Whether a connection has heard of everything.
    pub(super) fn check_event(&self, handle: u32) -> Result<(), ScardError> {
        match self.connections.iter().find(|(known, _)| *known == handle) {
            Some((_, Unheard::Nothing)) => Ok(()),
            Some((_, Unheard::Reset)) => Err(ScardError::RESET_CARD),
            Some((_, Unheard::Removed)) => Err(ScardError::REMOVED_CARD),
            None => Err(ScardError::INVALID_HANDLE),
        }
    }

    pub(super) fn forget_event(&mut self, handle: u32) {
        self.connections
            .iter_mut()
            .filter(|(known, _)| *known == handle)
            .for_each(|(_, unheard)| *unheard = Unheard::Nothing);
    }

    /// Every connection is to hear of a reset.
    pub(super) fn note_reset(&mut self) {
        for (_, unheard) in &mut self.connections {
            *unheard = Unheard::Reset;
        }
    }

    /// The card is gone: every connection is to hear of it, and no transaction is left.
    pub(super) fn note_removal(&mut self) {
        for (_, unheard) in &mut self.connections {
            *unheard = Unheard::Removed;
        }
        self.turn = None;
        self.card = None;
        self.power = Power::Absent;
        self.atr.clear();
        self.protocol = protocols::UNDEFINED;
        self.events = self.events.wrapping_add(1);
    }

    /// A connection comes.
    pub(super) fn enter(&mut self, handle: u32, share: ShareMode) {
        self.idle = None;
        self.connections.push((handle, Unheard::Nothing));
        match (share, self.sharing) {
            (ShareMode::Exclusive, _) => {
                self.sharing = Sharing::Exclusive;
                self.turn = Some(Turn { owner: handle, depth: 1 });
            }
            (_, Sharing::With(others)) => self.sharing = Sharing::With(others.saturating_add(1)),
            (_, Sharing::Exclusive) => {}
        }
    }

    /// A connection goes.
    pub(super) fn leave(&mut self, handle: u32) {
        self.connections.retain(|(known, _)| *known != handle);
        self.sharing = match self.sharing {
            Sharing::Exclusive => Sharing::With(0),
            Sharing::With(others) => Sharing::With(others.saturating_sub(1)),
        };
        if self.connections.is_empty() {
            self.idle = Some(Instant::now());
        }
    }

    /// A connection wants to share otherwise.
    pub(super) fn share_anew(&mut self, handle: u32, share: ShareMode) -> Result<(), ScardError> {
        match (share, self.sharing) {
            (ShareMode::Exclusive, Sharing::With(1)) => {
                self.sharing = Sharing::Exclusive;
                let depth = self.turn.map_or(0, |turn| turn.depth).saturating_add(1);
                self.turn = Some(Turn { owner: handle, depth });
            }
            (ShareMode::Exclusive, Sharing::With(_)) => return Err(ScardError::SHARING_VIOLATION),
            (ShareMode::Shared | ShareMode::Direct, Sharing::Exclusive) => {
                self.sharing = Sharing::With(1);
                self.turn = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// The protocol of a connection: what was agreed upon with the card before, or the first of T=1 and T=0 that both want.
    pub(super) fn agree(&mut self, share: ShareMode, wanted: u32) -> Result<u32, ScardError> {
        if wanted & protocols::RAW != 0 {
            self.protocol = protocols::RAW;
        } else if share != ShareMode::Direct {
            if self.protocol == protocols::UNDEFINED {
                let both = protocols::T0 | protocols::T1;
                let wanted = if wanted & protocols::ANY_OLD == 0 { wanted } else { both };
                let common = wanted & offered(&self.atr);
                self.protocol = [protocols::T1, protocols::T0]
                    .into_iter()
                    .find(|protocol| common & protocol != 0)
                    .ok_or(ScardError::PROTO_MISMATCH)?;
            } else if wanted & self.protocol == 0 {
                return Err(ScardError::PROTO_MISMATCH);
            }
        }
        Ok(self.protocol)
    }
}

/// The protocols that an ATR offers (ISO/IEC 7816-3 §8.2.3): one alone in specific mode.
fn offered(atr: &[u8]) -> u32 {
    let bit = |number: u8| match number {
        0 => protocols::T0,
        1 => protocols::T1,
        _ => protocols::UNDEFINED,
    };
    let Ok(atr) = Atr::parse(atr) else { return protocols::T0 };
    match atr.specific_mode() {
        Some(only) => bit(only),
        None => bit(atr.first_protocol()) | atr.protocols().fold(0, |all, one| all | bit(one)),
    }
}
