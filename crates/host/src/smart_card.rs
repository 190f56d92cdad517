//! A card of anybody's: what can be served like one of ours.
//!
//! ```text
//! SmartCard ─► PoweredCard     a Transport: scripts, terminals, faults, traces
//! Transport ─► CardBehind      a SmartCard: a card in a reader, served as our own
//! ```
//! What enters: power and commands. What leaves: an answer to reset and answers. The drivers of `sscard serve`, the PC/SC library and the
//! module for Python know no more of a card than this.

mod kept;

use sscard_apdu::Atr;
use sscard_core::{Card, Protocol};

use crate::transport::check_length;
use crate::{Disposition, Transport, TransportError};
pub use kept::KeptCard;

/// Whatever takes power and commands as a card does. A card of one's own implements it in some ten lines and can be put wherever one of
/// ours can: into pcscd's virtual reader ([`vpcd::serve`](crate::vpcd::serve)), behind a program's PC/SC calls, into a slot of the bench.
///
/// ```
/// use sscard_host::{PoweredCard, SmartCard, Transport, TransportError};
///
/// /// Answers every command with 9000.
/// struct Agreeable;
///
/// impl SmartCard for Agreeable {
///     fn power_on(&mut self) -> Result<(), TransportError> {
///         Ok(())
///     }
///
///     fn power_off(&mut self) {}
///
///     fn atr(&self) -> Vec<u8> {
///         vec![0x3B, 0x00]
///     }
///
///     fn transmit(&mut self, _: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
///         response.extend([0x90, 0x00]);
///         Ok(())
///     }
/// }
///
/// let mut card = PoweredCard::power_on(Agreeable)?;
/// let mut response = Vec::new();
/// card.transmit(&[0x00, 0xA4, 0x00, 0x00], &mut response)?;
/// assert_eq!(response, [0x90, 0x00]);
/// # Ok::<(), TransportError>(())
/// ```
pub trait SmartCard: Send {
    /// Powers the card, which has no power or loses what it had.
    ///
    /// # Errors
    /// Why it gives no answer to reset: [`TransportError::Removed`] when its power fails.
    fn power_on(&mut self) -> Result<(), TransportError>;

    /// Takes the power away: all that is volatile is gone.
    fn power_off(&mut self);

    /// Resets the card with its power staying on; without a method of its own the power goes and comes.
    ///
    /// # Errors
    /// As [`power_on`](Self::power_on).
    fn reset(&mut self) -> Result<(), TransportError> {
        self.power_off();
        self.power_on()
    }

    /// The answer to reset, 2 to 33 bytes (ISO/IEC 7816-3 §8), whether the card has power or not.
    fn atr(&self) -> Vec<u8>;

    /// Carries a command out, `CLA INS P1 P2` at least; `response` is empty when it is called and takes data and status word.
    ///
    /// # Errors
    /// [`TransportError::Removed`] when the card has no power, or has none after this; [`TransportError::Timeout`] for a card that says
    /// nothing. `response` is to be empty then.
    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError>;

    /// The protocol that a reader speaks with it: the first that its answer to reset offers.
    fn protocol(&self) -> Protocol {
        first_protocol(&self.atr())
    }
}

/// The first protocol that an answer to reset offers; T=0 where it says nothing (ISO/IEC 7816-3 §8.2.3).
#[must_use]
pub fn first_protocol(atr: &[u8]) -> Protocol {
    match Atr::parse(atr).map(|atr| atr.first_protocol()) {
        Ok(1) => Protocol::T1,
        _ => Protocol::T0,
    }
}

/// By the contacts, or in the field when it was there last ([`Card::enter_field`]). Nobody keeps what becomes of it: [`KeptCard`] does.
impl SmartCard for Card {
    fn power_on(&mut self) -> Result<(), TransportError> {
        Self::reset(self).map(drop).map_err(|_| TransportError::Removed)
    }

    fn power_off(&mut self) {
        Self::power_off(self);
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Self::reset(self).map(drop).map_err(|_| TransportError::Removed)
    }

    fn atr(&self) -> Vec<u8> {
        Self::atr(self).to_vec()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        Self::transmit(self, command, response);
        if response.is_empty() { Err(TransportError::Removed) } else { Ok(()) }
    }

    fn protocol(&self) -> Protocol {
        Self::protocol(self)
    }
}

impl<C: SmartCard + ?Sized> SmartCard for Box<C> {
    fn power_on(&mut self) -> Result<(), TransportError> {
        (**self).power_on()
    }

    fn power_off(&mut self) {
        (**self).power_off();
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        (**self).reset()
    }

    fn atr(&self) -> Vec<u8> {
        (**self).atr()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        (**self).transmit(command, response)
    }

    fn protocol(&self) -> Protocol {
        (**self).protocol()
    }
}

/// A card of anybody's with power, for whoever wants a [`Transport`].
pub struct PoweredCard<C> {
    card: C,
    atr: Vec<u8>,
}

impl<C: SmartCard> PoweredCard<C> {
    /// Powers the card.
    ///
    /// # Errors
    /// As [`SmartCard::power_on`].
    pub fn power_on(mut card: C) -> Result<Self, TransportError> {
        card.power_on()?;
        let atr = card.atr();
        Ok(Self { card, atr })
    }

    /// Takes the card out; it loses its power.
    #[must_use]
    pub fn into_card(mut self) -> C {
        self.card.power_off();
        self.card
    }
}

impl<C: SmartCard> Transport for PoweredCard<C> {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        checked(self.card.transmit(command, response), response)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.card.reset()?;
        self.atr = self.card.atr();
        Ok(())
    }

    fn close(mut self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        match disposition {
            Disposition::Leave => Ok(()),
            Disposition::Reset => self.reset(),
            Disposition::PowerOff => {
                self.card.power_off();
                Ok(())
            }
        }
    }
}

/// What somebody's card gave: an answer has two bytes at least, and after an error there is none.
pub(crate) fn checked(
    given: Result<(), TransportError>,
    response: &mut Vec<u8>,
) -> Result<(), TransportError> {
    let given = match given {
        Ok(()) if response.len() < 2 => Err(TransportError::short_response()),
        given => given,
    };
    if given.is_err() {
        response.clear();
    }
    given
}

/// A powered card behind a transport, such as a reader's, for whoever wants a [`SmartCard`]. A transport cannot take power away: the
/// card is reset when it is powered again, and says nothing until then.
pub struct CardBehind<T> {
    transport: T,
    powered: bool,
}

impl<T: Transport + Send> CardBehind<T> {
    /// The card of this transport, without power as far as anybody sees.
    pub const fn new(transport: T) -> Self {
        Self { transport, powered: false }
    }
}

impl<T: Transport + Send> SmartCard for CardBehind<T> {
    fn power_on(&mut self) -> Result<(), TransportError> {
        self.powered = false;
        self.transport.reset()?;
        self.powered = true;
        Ok(())
    }

    fn power_off(&mut self) {
        self.powered = false;
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.power_on()
    }

    fn atr(&self) -> Vec<u8> {
        self.transport.atr().to_vec()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        if !self.powered {
            return Err(TransportError::Removed);
        }
        check_length(command)?;
        let sent = self.transport.transmit(command, response);
        self.powered = !matches!(sent, Err(TransportError::Removed));
        sent
    }

    fn protocol(&self) -> Protocol {
        self.transport.protocol()
    }
}

#[cfg(test)]
mod tests;
