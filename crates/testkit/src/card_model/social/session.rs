//! What a channel remembers of the file system.

/// Where a channel stands, and what was proved on it.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Session {
    /// Current DF by its place in the plan; 0 is the MF.
    pub(super) df: u8,
    /// Current EF by its place in the DF.
    pub(super) ef: Option<u8>,
    /// Current record, from 1; 0 for none.
    pub(super) record: u8,
    /// The holder's PIN was verified since power-on.
    pub(super) pin: bool,
    /// Keys of the environment, and of the current application, that were proved.
    pub(super) keys: Vec<u8>,
}

impl Session {
    pub(crate) fn df(&self) -> u8 {
        self.df
    }

    pub(crate) fn record_pointer(&self) -> (Option<u8>, u8) {
        (self.ef, self.record)
    }

    /// A command that is repeated with another Le has not moved the pointer.
    pub(crate) fn restore_record_pointer(&mut self, (ef, record): (Option<u8>, u8)) {
        self.ef = ef;
        self.record = record;
    }
}
