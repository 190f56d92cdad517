//! A card that is kept in its file.

use sscard_core::{Card, Protocol};

use crate::{CardFile, NotKept, SmartCard, TransportError};

/// One of our cards with the file it lives in: what a command or a reset made of it is kept there before the answer leaves (I-22).
pub struct KeptCard {
    card: Card,
    file: CardFile,
}

impl KeptCard {
    /// A card and its file, as [`CardFile::open`] gives them. It is as it was last: by its contacts, or in a field.
    #[must_use]
    pub const fn new(card: Card, file: CardFile) -> Self {
        Self { card, file }
    }

    /// The card.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// Uses a moment in which nobody waits: [`CardFile::settle`].
    ///
    /// # Errors
    /// [`NotKept`].
    pub fn settle(&mut self) -> Result<(), NotKept> {
        self.file.settle(&mut self.card)
    }

    fn keep(&mut self, command: Option<&[u8]>) -> Result<(), TransportError> {
        self.file.keep(&mut self.card, command).map_err(TransportError::NotKept)
    }
}

/// What cannot be kept is not answered: [`TransportError::NotKept`], and the card is as its file has it, without power.
impl SmartCard for KeptCard {
    fn power_on(&mut self) -> Result<(), TransportError> {
        let is_up = self.card.reset().map(drop).map_err(|_| TransportError::Removed);
        // A card whose power fails at once has changed too.
        self.keep(None)?;
        is_up
    }

    fn power_off(&mut self) {
        self.card.power_off();
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.power_on()
    }

    fn atr(&self) -> Vec<u8> {
        self.card.atr().to_vec()
    }

    fn transmit(&mut self, command: &[u8], response: &mut Vec<u8>) -> Result<(), TransportError> {
        self.card.transmit(command, response);
        // A card whose power failed has changed too.
        if let Err(refusal) = self.keep(Some(command)) {
            response.clear();
            return Err(refusal);
        }
        if response.is_empty() { Err(TransportError::Removed) } else { Ok(()) }
    }

    fn protocol(&self) -> Protocol {
        self.card.protocol()
    }
}
