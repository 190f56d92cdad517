//! Cards in PC/SC readers, through a library that is loaded at run time.
//!
//! What enters: a reader's name, commands. What leaves: a [`Transport`]. A card is held exclusively while it is used, is
//! reset first, so that nothing is proved yet, and loses its power afterwards.

mod library;

use std::sync::Arc;

use sscard_core::Protocol;
use sscard_host::{Disposition, Transport, TransportError};

pub(crate) use library::{Connection, PcscLibrary};

/// The library's name where the configuration has none.
pub(crate) const LIBRARY: &str = if cfg!(windows) {
    "WinSCard.dll"
} else if cfg!(target_os = "macos") {
    "/System/Library/Frameworks/PCSC.framework/PCSC"
} else {
    "libpcsclite.so.1"
};

/// Codes of PC/SC that say more than that it failed.
mod status {
    pub(super) const NO_SMARTCARD: u32 = 0x8010_000C;
    pub(super) const UNKNOWN_READER: u32 = 0x8010_0009;
    pub(super) const TIMEOUT: u32 = 0x8010_000A;
    pub(super) const SHARING_VIOLATION: u32 = 0x8010_000B;
    pub(super) const PROTOCOL: u32 = 0x8010_000F;
    pub(super) const NOT_TRANSACTED: u32 = 0x8010_0016;
    pub(super) const READER_UNAVAILABLE: u32 = 0x8010_0017;
    pub(super) const NO_SERVICE: u32 = 0x8010_001D;
    pub(super) const SERVICE_STOPPED: u32 = 0x8010_001E;
    pub(super) const NO_READERS: u32 = 0x8010_002E;
    pub(super) const UNRESPONSIVE: u32 = 0x8010_0066;
    pub(super) const UNPOWERED: u32 = 0x8010_0067;
    pub(super) const RESET: u32 = 0x8010_0068;
    pub(super) const REMOVED: u32 = 0x8010_0069;
}

/// A code of PC/SC by what a person can do about it.
fn error_of(function: &str, code: u32, reader: &str) -> TransportError {
    match code {
        status::NO_SERVICE | status::SERVICE_STOPPED => TransportError::NoService {
            service: "PC/SC service",
            reason: format!("{function} answered {code:08X}; is pcscd running?"),
            code: Some(code),
        },
        status::UNKNOWN_READER | status::READER_UNAVAILABLE => {
            TransportError::NoReader { wanted: reader.to_owned(), found: Vec::new() }
        }
        status::NO_SMARTCARD => TransportError::NoCard { reader: reader.to_owned() },
        status::SHARING_VIOLATION => TransportError::Busy { code: Some(code) },
        status::RESET => TransportError::Reset,
        status::REMOVED => TransportError::Removed,
        status::TIMEOUT => TransportError::Timeout { milliseconds: None },
        status::UNPOWERED | status::UNRESPONSIVE | status::PROTOCOL | status::NOT_TRANSACTED => {
            TransportError::Protocol(format!("{function} answered {code:08X}"))
        }
        _ => TransportError::Other { message: format!("{function} failed"), code: Some(code) },
    }
}

/// The names of the readers, in PC/SC's order.
pub(crate) fn readers(library: &PcscLibrary) -> Result<Vec<String>, TransportError> {
    match library.readers() {
        Err(TransportError::Other { code: Some(status::NO_READERS), .. }) => Ok(Vec::new()),
        listed => listed,
    }
}

/// A card in a reader.
pub(crate) struct ReaderLink {
    connection: Connection,
    library: Arc<PcscLibrary>,
    atr: Vec<u8>,
    protocol: Protocol,
}

impl ReaderLink {
    /// Connects to the card in this reader and resets it.
    pub(crate) fn connect(
        library: &Arc<PcscLibrary>,
        reader: &str,
    ) -> Result<Self, TransportError> {
        let connection = library.connect(reader)?;
        let mut link = Self {
            connection,
            library: Arc::clone(library),
            atr: Vec::new(),
            protocol: Protocol::T0,
        };
        link.reset()?;
        Ok(link)
    }

    /// The reader's name.
    pub(crate) fn reader(&self) -> &str {
        self.connection.reader()
    }
}

impl Transport for ReaderLink {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        self.protocol
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.library.transmit(&self.connection, command, response)?;
        if response.len() < 2 {
            response.clear();
            return Err(TransportError::Removed);
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.library.reset(&mut self.connection)?;
        self.atr = self.library.atr(&self.connection)?;
        self.protocol = if self.connection.is_t1() { Protocol::T1 } else { Protocol::T0 };
        Ok(())
    }

    fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        let Self { mut connection, library, .. } = *self;
        library.disconnect(&mut connection, disposition)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Whoever goes without a word leaves no proved key behind.
        drop(self.forsake());
    }
}
