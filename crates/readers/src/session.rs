//! What a program does with readers, wherever they are: in this process, or behind a server.

use std::sync::Arc;
use std::time::Duration;

use crate::ScardError;
use crate::words::{CardDisposition, ShareMode};

/// A reader, and what the program believes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReaderQuery {
    /// Its name.
    pub name: String,
    /// Bits of [`state_bits`](crate::state_bits), events in the upper half.
    pub current: u32,
}

/// What became of a reader that was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReaderReport {
    /// Bits of [`state_bits`](crate::state_bits), events in the upper half.
    pub event: u32,
    /// The ATR; none where the program's copy stays as it is.
    pub atr: Option<Vec<u8>>,
}

/// What a connected reader is like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionStatus {
    /// Its name.
    pub name: String,
    /// Bits of [`reader_bits`](crate::reader_bits), events in the upper half.
    pub state: u32,
    /// The protocol.
    pub protocol: u32,
    /// The ATR.
    pub atr: Vec<u8>,
}

/// A connection, by its handle, and the protocol that it has.
pub type Connected = (Arc<dyn PcscConnection>, u32);

/// A program's context. It is released when it is dropped.
pub trait PcscContext: Send + Sync {
    /// The names of the readers.
    ///
    /// # Errors
    /// [`ScardError`].
    fn readers(&self) -> Result<Vec<String>, ScardError>;

    /// Connects to a reader; none when another's transaction was in the way for `patience`.
    ///
    /// # Errors
    /// [`ScardError`].
    fn connect(
        &self,
        reader: &str,
        share: ShareMode,
        protocols: u32,
        patience: Duration,
    ) -> Result<Option<Connected>, ScardError>;

    /// Waits until a reader is not as the program believes, without end where there is no `patience`. The reports are those of
    /// the queries, also where nothing has changed in time.
    ///
    /// # Errors
    /// [`ScardError`].
    fn status_change(
        &self,
        queries: &[ReaderQuery],
        reports: &mut Vec<ReaderReport>,
        patience: Option<Duration>,
    ) -> Result<(), ScardError>;

    /// Ends the wait that is going on.
    ///
    /// # Errors
    /// [`ScardError`].
    fn cancel(&self) -> Result<(), ScardError>;

    /// Ends the context with all its connections.
    fn release(&self);
}

/// A program's connection to a card or a reader.
pub trait PcscConnection: Send + Sync {
    /// Connects anew; the protocol.
    ///
    /// # Errors
    /// [`ScardError`].
    fn reconnect(
        &self,
        share: ShareMode,
        protocols: u32,
        first: CardDisposition,
    ) -> Result<u32, ScardError>;

    /// Ends the connection.
    ///
    /// # Errors
    /// [`ScardError`].
    fn disconnect(&self, last: CardDisposition) -> Result<(), ScardError>;

    /// Begins a transaction, or one more inside it.
    ///
    /// # Errors
    /// [`ScardError`]; [`ScardError::SHARING_VIOLATION`] while another has one.
    fn begin(&self) -> Result<(), ScardError>;

    /// Ends one.
    ///
    /// # Errors
    /// [`ScardError`].
    fn end(&self, last: CardDisposition) -> Result<(), ScardError>;

    /// Waits until no other connection has a transaction, at most so long.
    fn wait_for_turn(&self, patience: Duration);

    /// What the reader is like.
    ///
    /// # Errors
    /// [`ScardError`].
    fn status(&self) -> Result<ConnectionStatus, ScardError>;

    /// Carries a command over; `take` is shown the answer. Returns the protocol that it came by.
    ///
    /// # Errors
    /// [`ScardError`].
    fn transmit(
        &self,
        protocol: u32,
        command: &[u8],
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ScardError>;

    /// Asks something of the reader itself.
    ///
    /// # Errors
    /// [`ScardError`].
    fn control(&self, code: u32, input: &[u8]) -> Result<Vec<u8>, ScardError>;

    /// An attribute.
    ///
    /// # Errors
    /// [`ScardError`].
    fn attribute(&self, number: u32) -> Result<Vec<u8>, ScardError>;

    /// Sets an attribute.
    ///
    /// # Errors
    /// [`ScardError`].
    fn set_attribute(&self, number: u32, value: &[u8]) -> Result<(), ScardError>;
}
