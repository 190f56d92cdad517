//! A card in this process: the shortest transport.

use sscard_core::{AnswerToReset, Card, Protocol};

use crate::{Disposition, Transport, TransportError};

/// A powered card in this process.
pub struct InProcess {
    card: Card,
    atr: AnswerToReset,
}

impl InProcess {
    /// Powers the card.
    ///
    /// # Errors
    /// [`TransportError::Removed`] when its power is cut at once.
    pub fn power_on(mut card: Card) -> Result<Self, TransportError> {
        let atr = card.power_on().map_err(|_| TransportError::Removed)?;
        Ok(Self { card, atr })
    }

    /// Puts the card into the field of a contactless reader.
    ///
    /// # Errors
    /// [`TransportError::Removed`] when its power is cut at once.
    pub fn enter_field(mut card: Card) -> Result<Self, TransportError> {
        let atr = card.enter_field().map_err(|_| TransportError::Removed)?;
        Ok(Self { card, atr })
    }

    /// The card.
    #[must_use]
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The card, to cut its power or take it back to a snapshot.
    pub fn card_mut(&mut self) -> &mut Card {
        &mut self.card
    }

    /// Takes the card out; it loses its power.
    #[must_use]
    pub fn into_card(mut self) -> Card {
        self.card.power_off();
        self.card
    }
}

impl Transport for InProcess {
    fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.card.transmit(command, response);
        if response.is_empty() { Err(TransportError::Removed) } else { Ok(()) }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.atr = self.card.reset().map_err(|_| TransportError::Removed)?;
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
