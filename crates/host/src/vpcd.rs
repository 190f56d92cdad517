//! The card's side of vpcd, pcscd's virtual reader: we connect, the driver asks.
//!
//! Each message is a length (2 bytes, big-endian) and a body. From the driver a body of one byte is
//! control (0 power off, 1 power on, 2 reset, 4 the ATR is wanted), anything else is a command.
//!
//! The driver sends length and body in two segments and waits for our acknowledgement in between:
//! without `TCP_NODELAY` and a `TCP_QUICKACK` armed anew before each read every exchange takes 44 ms.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use sscard_apdu::StatusWord;

use crate::smart_card::checked;
use crate::transport::SHORTEST_COMMAND;
use crate::{SmartCard, TransportError};

/// Port of the first virtual slot; the second is the next one.
pub const PORT: u16 = 35963;

/// What the driver asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SlotRequest {
    /// Take the card's power away.
    PowerOff,
    /// Power the card.
    PowerOn,
    /// Reset the card.
    Reset,
    /// Send the ATR; the driver polls this all the time.
    Atr,
    /// A command: [`Slot::command`] has it.
    Command,
    /// Nothing within the time given.
    Idle,
}

/// A connection to one virtual slot.
pub struct Slot {
    stream: TcpStream,
    /// Bytes received and not yet consumed: messages may come in pieces or together.
    received: Vec<u8>,
    body: Vec<u8>,
    outgoing: Vec<u8>,
}

impl Slot {
    /// Connects to a slot: the driver now sees a card in it.
    ///
    /// # Errors
    /// [`TransportError::NoService`] when nobody listens there.
    pub fn connect(address: impl ToSocketAddrs) -> Result<Self, TransportError> {
        let no_service = |error: io::Error| TransportError::NoService {
            service: "virtual reader (vpcd)",
            reason: error.to_string(),
            code: None,
        };
        let stream = TcpStream::connect(address).map_err(no_service)?;
        stream.set_nodelay(true).map_err(no_service)?;
        Ok(Self { stream, received: Vec::new(), body: Vec::new(), outgoing: Vec::new() })
    }

    /// Waits for the driver's next message, `patience` at most.
    ///
    /// # Errors
    /// [`TransportError::Removed`] when the driver closed the connection.
    pub fn next(&mut self, patience: Duration) -> Result<SlotRequest, TransportError> {
        loop {
            if self.take_message() {
                return match self.body.as_slice() {
                    [] => Err(TransportError::Protocol("vpcd sent an empty message".into())),
                    [0] => Ok(SlotRequest::PowerOff),
                    [1] => Ok(SlotRequest::PowerOn),
                    [2] => Ok(SlotRequest::Reset),
                    [4] => Ok(SlotRequest::Atr),
                    [unknown] => Err(TransportError::Protocol(format!(
                        "vpcd sent an unknown control message {unknown:02X}"
                    ))),
                    _ => Ok(SlotRequest::Command),
                };
            }
            if !self.receive(patience)? {
                return Ok(SlotRequest::Idle);
            }
        }
    }

    /// The command of the latest [`SlotRequest::Command`].
    #[must_use]
    pub fn command(&self) -> &[u8] {
        &self.body
    }

    /// Sends a response or the ATR.
    ///
    /// # Errors
    /// [`TransportError::Removed`] when the connection is gone; [`TransportError::Protocol`] when
    /// the answer is longer than the two bytes of length can say.
    pub fn answer(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        let length = u16::try_from(bytes.len()).map_err(|_| {
            TransportError::Protocol(format!(
                "{} bytes do not fit into a vpcd message",
                bytes.len()
            ))
        })?;
        self.outgoing.clear();
        self.outgoing.extend_from_slice(&length.to_be_bytes());
        self.outgoing.extend_from_slice(bytes);
        self.stream.write_all(&self.outgoing).map_err(|_| TransportError::Removed)
    }

    fn take_message(&mut self) -> bool {
        let Some((length, rest)) = self.received.split_first_chunk::<2>() else { return false };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(body) = rest.get(..length) else { return false };
        self.body.clear();
        self.body.extend_from_slice(body);
        self.received.drain(..2 + length);
        true
    }

    /// Reads what is there; `false` when nothing came in time.
    fn receive(&mut self, patience: Duration) -> Result<bool, TransportError> {
        let other = |error: io::Error| TransportError::Other {
            message: format!("vpcd connection: {error}"),
            code: None,
        };
        self.stream
            .set_read_timeout(Some(patience.max(Duration::from_millis(1))))
            .map_err(other)?;
        self.acknowledge_quickly();
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => Err(TransportError::Removed),
            Ok(count) => {
                self.received.extend(buffer.iter().take(count));
                Ok(true)
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(false),
                ErrorKind::Interrupted => Ok(false),
                ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe => Err(TransportError::Removed),
                _ => Err(other(error)),
            },
        }
    }

    #[cfg(target_os = "linux")]
    fn acknowledge_quickly(&self) {
        use std::os::linux::net::TcpStreamExt;
        // A matter of speed only: a kernel that refuses is slow, not wrong.
        let _ = self.stream.set_quickack(true);
    }

    #[cfg(not(target_os = "linux"))]
    fn acknowledge_quickly(&self) {}
}

/// Lets a card carry out one request; a command's response is left in `response`. One that is kept, as
/// [`KeptCard`](crate::KeptCard) keeps it, is kept before anything leaves; what it refuses is not answered.
///
/// A card that says nothing (its power was cut) answers the driver with an empty message. vpcd waits on for the bytes behind it:
/// whoever wants it freed ends the connection.
///
/// # Errors
/// As [`Slot::answer`], and what the card says but that its power is gone.
pub fn serve(
    slot: &mut Slot,
    request: SlotRequest,
    card: &mut dyn SmartCard,
    response: &mut Vec<u8>,
) -> Result<(), TransportError> {
    // A card whose power fails stays silent; the driver finds out with the next command.
    let unless_silent = |done: Result<(), TransportError>| match done {
        Err(TransportError::Removed) => Ok(()),
        done => done,
    };
    match request {
        SlotRequest::PowerOff => card.power_off(),
        SlotRequest::PowerOn => unless_silent(card.power_on())?,
        SlotRequest::Reset => unless_silent(card.reset())?,
        SlotRequest::Atr => slot.answer(&card.atr())?,
        SlotRequest::Command => {
            response.clear();
            if slot.command().len() < SHORTEST_COMMAND {
                response.extend(StatusWord::WRONG_LENGTH.to_bytes());
            } else {
                unless_silent(checked(card.transmit(slot.command(), response), response))?;
            }
            slot.answer(response)?;
        }
        SlotRequest::Idle => {}
    }
    Ok(())
}
