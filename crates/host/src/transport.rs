//! One powered card, wherever it is.

use sscard_apdu::{CommandApdu, ResponseBuf};
use sscard_core::Protocol;

use crate::TransportError;

/// What happens to the card when a transport is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// It stays as it is.
    Leave,
    /// It is reset.
    Reset,
    /// It loses its power.
    PowerOff,
}

/// What misbehaves on command, told so in text: the words of docs/faults.md, which nothing here reads.
pub trait TakesFaults {
    /// One more fault, such as `mute@7`.
    ///
    /// # Errors
    /// Why it is none, or cannot be done here.
    fn set_fault(&mut self, text: &str) -> Result<(), String>;

    /// No fault any more. A card that one of them took away comes back with the next reset.
    fn clear_faults(&mut self);

    /// The faults that are set, in their order.
    fn set_faults(&self) -> Vec<String>;
}

/// CLA INS P1 P2 (ISO/IEC 7816-3 §12.1).
pub(crate) const SHORTEST_COMMAND: usize = 4;

/// Whether these bytes may be sent at all: what PC/SC refuses to send, every transport refuses.
pub(crate) const fn check_length(command: &[u8]) -> Result<(), TransportError> {
    let bytes = command.len();
    if bytes < SHORTEST_COMMAND { Err(TransportError::TooShort { bytes }) } else { Ok(()) }
}

/// A powered card that takes commands.
///
/// A transport of one's own implements [`exchange`](Self::exchange), and people call [`transmit`](Self::transmit) or
/// [`send`](Self::send), which come with it. What stands around another transport implements [`Layer`](crate::Layer) instead.
///
/// # What `response` holds
/// After `Ok` the answer, at least two bytes. After an `Err` nothing: it is empty, whatever was in it
/// before. A wrapper that hands an error of its only exchange on leaves `response` as the inner transport left
/// it; one that has had an answer before the error empties it. The one exception is made on purpose:
/// [`FaultInjector::keeping_stale_answers`](crate::FaultInjector::keeping_stale_answers), like the fault `mute=stale`, leaves the
/// caller's bytes in place, as `SCardTransmit` does when it fails, so that a reader who takes them for an
/// answer is found out.
pub trait Transport {
    /// Its ATR.
    fn atr(&self) -> &[u8];

    /// The protocol in use.
    fn protocol(&self) -> Protocol;

    /// Carries a command of at least four bytes to the card and its answer, data and status word, back. Whoever
    /// has a transport calls [`transmit`](Self::transmit), which lets nothing shorter through; `response` is
    /// empty when it calls.
    ///
    /// # Errors
    /// Why there is no response; `response` is to be empty then.
    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError>;

    /// One exchange, raw: `response` is cleared and then holds data and status word, at least two
    /// bytes. Nothing is repeated or followed.
    ///
    /// # Errors
    /// Why there is no response; `response` is empty then. [`TransportError::TooShort`] for fewer than four
    /// bytes, which are not sent.
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        response.clear();
        check_length(command)?;
        self.exchange(command, response)
    }

    /// One exchange in types: writes the command, transmits it and reads the answer. It does what
    /// [`transmit`](Self::transmit) of this transport does; a status word is never an error.
    ///
    /// # Errors
    /// As [`transmit`](Self::transmit); [`TransportError::Unwritable`] when no length field can say the
    /// command's lengths, [`TransportError::Protocol`] when the answer has fewer than two bytes.
    fn send(&mut self, command: &CommandApdu<'_>) -> Result<ResponseBuf, TransportError> {
        send_through(command, |bytes, response| self.transmit(bytes, response))
    }

    /// Resets the card.
    ///
    /// # Errors
    /// Why it could not be reset.
    fn reset(&mut self) -> Result<(), TransportError>;

    /// Keeps other programs away from the card until [`Transport::end`].
    ///
    /// # Errors
    /// Why it could not be locked.
    fn begin(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    /// Lets other programs at the card again.
    ///
    /// # Errors
    /// Why it could not be unlocked.
    fn end(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    /// Where faults are set, if this transport takes any.
    fn faults(&mut self) -> Option<&mut dyn TakesFaults> {
        None
    }

    /// Says good-bye.
    ///
    /// # Errors
    /// Why the card could not be left as asked.
    fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError>;
}

/// A command in types over what transmits bytes.
pub(crate) fn send_through(
    command: &CommandApdu<'_>,
    transmit: impl FnOnce(&[u8], &mut Vec<u8>) -> Result<(), TransportError>,
) -> Result<ResponseBuf, TransportError> {
    let bytes = command.to_vec().map_err(TransportError::Unwritable)?;
    let mut response = Vec::new();
    transmit(&bytes, &mut response)?;
    ResponseBuf::try_from(response).map_err(|_| TransportError::short_response())
}
