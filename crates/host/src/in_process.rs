//! A card in this process: the shortest transport.

use sscard_core::{AnswerToReset, Card, Interface, Protocol};

use crate::{CardFile, Disposition, NotKept, Transport, TransportError};

/// A powered card in this process; where it lives in a file, what it answers is kept there first.
pub struct InProcess {
    card: Card,
    atr: AnswerToReset,
    file: Option<CardFile>,
    /// What the next reset powers it by, where that is to change.
    by: Option<Interface>,
}

impl InProcess {
    /// Powers the card.
    ///
    /// # Errors
    /// [`TransportError::Removed`] when its power is cut at once.
    pub fn power_on(mut card: Card) -> Result<Self, TransportError> {
        let atr = card.power_on().map_err(|_| TransportError::Removed)?;
        Ok(Self { card, atr, file: None, by: None })
    }

    /// Puts the card into the field of a contactless reader.
    ///
    /// # Errors
    /// [`TransportError::Removed`] when its power is cut at once.
    pub fn enter_field(mut card: Card) -> Result<Self, TransportError> {
        let atr = card.enter_field().map_err(|_| TransportError::Removed)?;
        Ok(Self { card, atr, file: None, by: None })
    }

    /// A card as it is, with power or without: [`Transport::reset`] powers it.
    #[must_use]
    pub fn as_it_is(card: Card) -> Self {
        let atr = card.atr();
        Self { card, atr, file: None, by: None }
    }

    /// What resets power the card by from now on: its contacts, or the field of a contactless reader. Without this it is what it was
    /// powered by last.
    pub fn power_by(&mut self, interface: Interface) {
        self.by = Some(interface);
    }

    /// The card is kept in its file from now on, and as it is now.
    ///
    /// # Errors
    /// [`TransportError::NotKept`].
    pub fn keep_in(mut self, file: CardFile) -> Result<Self, TransportError> {
        self.file = Some(file);
        self.keep(None)?;
        Ok(self)
    }

    /// Keeps what became of the card, by a command or otherwise. A card that nobody keeps is kept.
    ///
    /// # Errors
    /// [`TransportError::NotKept`]; then the card is as its file has it, without power.
    pub fn keep(&mut self, command: Option<&[u8]>) -> Result<(), TransportError> {
        match &mut self.file {
            Some(file) => file.keep(&mut self.card, command).map_err(TransportError::NotKept),
            None => Ok(()),
        }
    }

    /// Uses a moment in which nobody waits: [`CardFile::settle`].
    ///
    /// # Errors
    /// [`NotKept`].
    pub fn settle(&mut self) -> Result<(), NotKept> {
        self.file.as_mut().map_or(Ok(()), |file| file.settle(&mut self.card))
    }

    /// Puts the card away: it loses its power, its file is written anew and let go of. What becomes of this value from now on is kept nowhere.
    ///
    /// # Errors
    /// [`NotKept`]; the file is let go of all the same.
    pub fn put_away(&mut self) -> Result<(), NotKept> {
        self.card.power_off();
        let settled = self.settle();
        self.file = None;
        settled
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

    fn exchange(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.card.transmit(command, response);
        // A card whose power failed has changed too.
        if let Err(refusal) = self.keep(Some(command)) {
            response.clear();
            return Err(refusal);
        }
        if response.is_empty() { Err(TransportError::Removed) } else { Ok(()) }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        let answer = match self.by.take() {
            Some(Interface::Contact) => self.card.power_on(),
            Some(Interface::Contactless) => self.card.enter_field(),
            None => self.card.reset(),
        };
        let answer = answer.map_err(|_| TransportError::Removed);
        self.keep(None)?;
        self.atr = answer?;
        Ok(())
    }

    fn close(mut self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        match disposition {
            Disposition::Leave => Ok(()),
            Disposition::Reset => self.reset(),
            Disposition::PowerOff => {
                self.card.power_off();
                self.settle().map_err(TransportError::NotKept)
            }
        }
    }
}
