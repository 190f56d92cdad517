//! What one logical channel remembers until power-off: the only volatile state of the card.
//!
//! Invariants owned here: I-8 (what a selection clears) and I-15 (channels do not see each other).

mod state;

use alloc::vec::Vec;

use sscard_apdu::{ClassByte, SecureMessaging};

use crate::access::SecurityStatus;
use crate::chaining::Chain;
use crate::profile::Profile;
pub(crate) use state::State;

/// Position of the applet that owns the file system.
pub(crate) const FILE_SYSTEM: u8 = 0;
/// Position of the MF among the DFs.
pub(crate) const MASTER_FILE: u8 = 0;

/// A random number the card has given out; usable once, in the DF it was asked for in.
#[derive(Clone, Copy, Hash)]
pub(crate) struct Challenge {
    pub(crate) bytes: [u8; 16],
    pub(crate) length: usize,
}

impl Challenge {
    /// The bytes that were given out: the process factor of session keys.
    pub(crate) fn given(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

/// Volatile state of one logical channel.
#[derive(Hash)]
pub(crate) struct Channel {
    /// Position of the selected applet.
    pub(crate) applet: u8,
    pub(crate) cursor: Cursor,
    pub(crate) security: SecurityStatus,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) chain: Chain,
    /// What GET RESPONSE still has to fetch.
    pub(crate) pending: Vec<u8>,
    /// Class of the last command, which GET RESPONSE may come in too.
    pub(crate) pending_class: u8,
    /// What the selected applet keeps while it is selected.
    pub(crate) state: State,
    /// What a command left for the very next one on this channel, whichever that is.
    pub(crate) for_next: State,
}

/// Current DF, EF and record.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Cursor {
    pub(crate) df: u8,
    pub(crate) ef: Option<u8>,
    /// Current record number; 0 when there is none.
    pub(crate) record: u8,
}

impl Clone for Channel {
    fn clone(&self) -> Self {
        Self {
            applet: self.applet,
            cursor: self.cursor,
            security: self.security,
            challenge: self.challenge,
            chain: self.chain.clone(),
            pending: self.pending.clone(),
            pending_class: self.pending_class,
            state: self.state.clone(),
            for_next: self.for_next.clone(),
        }
    }

    /// Copies into the buffers that are there: the cheap way back to a snapshot.
    fn clone_from(&mut self, source: &Self) {
        self.applet = source.applet;
        self.cursor = source.cursor;
        self.security = source.security;
        self.challenge = source.challenge;
        self.chain.clone_from(&source.chain);
        self.pending.clone_from(&source.pending);
        self.pending_class = source.pending_class;
        self.state.clone_from(&source.state);
        self.for_next.clone_from(&source.for_next);
    }
}

impl Channel {
    /// A channel as it is opened: the MF is selected, nothing is proved.
    pub(crate) fn new() -> Self {
        Self {
            applet: FILE_SYSTEM,
            cursor: Cursor { df: MASTER_FILE, ef: None, record: 0 },
            security: SecurityStatus::default(),
            challenge: None,
            chain: Chain::default(),
            pending: Vec::new(),
            pending_class: 0x00,
            state: State::default(),
            for_next: State::default(),
        }
    }

    /// Whether GET RESPONSE fetches in this class: in 00, and in that of the command that left the data, as readers'
    /// software repeats it.
    #[inline]
    pub(crate) fn answers_in(&self, class: ClassByte) -> bool {
        let plain = class.secure_messaging() == SecureMessaging::None && !class.is_chained();
        let of_command = !self.pending.is_empty() && class.base() == self.pending_class;
        plain && (class.base() == 0x00 || of_command)
    }

    /// Makes `df` of the file system current. The same DF again keeps every state; another one
    /// drops the challenge and what the old DF's keys proved, and leaving the environment drops
    /// what its keys proved.
    pub(crate) fn enter(&mut self, profile: &Profile, df: u8) {
        if self.applet != FILE_SYSTEM || self.cursor.df != df {
            self.challenge = None;
            self.security.leave_application();
            if !profile.is_in_environment(df) {
                self.security.leave_environment();
            }
        }
        self.applet = FILE_SYSTEM;
        self.state = State::default();
        self.cursor = Cursor { df, ef: None, record: 0 };
    }

    /// Hands the channel to an applet that is not the file system's; whose challenge it has then, the caller says.
    pub(crate) fn leave_file_system(&mut self, applet: u8) {
        self.security.leave_environment();
        self.applet = applet;
        self.cursor = Cursor { df: MASTER_FILE, ef: None, record: 0 };
    }

    /// Makes an EF of the current DF current.
    #[inline]
    pub(crate) fn enter_file(&mut self, ef: u8) {
        if self.cursor.ef != Some(ef) {
            self.cursor.ef = Some(ef);
            self.cursor.record = 0;
        }
    }
}
