//! What a channel has proved to the application, and what it left there; gone when something else is selected.

/// The volatile state of one channel.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Session {
    /// The user's PIN, the administrator's.
    pub(super) verified: [bool; 2],
    /// The pair that GET PUBLIC KEY named.
    pub(super) exported: Option<super::files::Purpose>,
    /// The session key that the private key comes under.
    pub(super) key: Option<[u8; 16]>,
    /// The current EF by its place.
    pub(super) file: Option<u8>,
}

impl Session {
    pub(crate) fn file_pointer(&self) -> Option<u8> {
        self.file
    }

    /// A command that is repeated with another Le has not moved it.
    pub(crate) fn restore_file_pointer(&mut self, file: Option<u8>) {
        self.file = file;
    }
}
