//! One powered card, wherever it is.

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

/// A powered card that takes commands.
pub trait Transport {
    /// Its ATR.
    fn atr(&self) -> &[u8];

    /// The protocol in use.
    fn protocol(&self) -> Protocol;

    /// One exchange, raw: `response` is cleared and then holds data and status word, at least two
    /// bytes. Nothing is repeated or followed.
    ///
    /// # Errors
    /// Why there is no response.
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError>;

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

    /// Says good-bye.
    ///
    /// # Errors
    /// Why the card could not be left as asked.
    fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError>;
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn atr(&self) -> &[u8] {
        (**self).atr()
    }

    fn protocol(&self) -> Protocol {
        (**self).protocol()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        (**self).transmit(command, response)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        (**self).reset()
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        (**self).begin()
    }

    fn end(&mut self) -> Result<(), TransportError> {
        (**self).end()
    }

    fn close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        (*self).close(disposition)
    }
}

/// A borrowed transport: its owner decides what becomes of the card, so that closing it does nothing.
impl<T: Transport + ?Sized> Transport for &mut T {
    fn atr(&self) -> &[u8] {
        (**self).atr()
    }

    fn protocol(&self) -> Protocol {
        (**self).protocol()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        (**self).transmit(command, response)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        (**self).reset()
    }

    fn begin(&mut self) -> Result<(), TransportError> {
        (**self).begin()
    }

    fn end(&mut self) -> Result<(), TransportError> {
        (**self).end()
    }

    fn close(self: Box<Self>, _disposition: Disposition) -> Result<(), TransportError> {
        Ok(())
    }
}
