//! A place for a card: in the slot, beside it, or empty.

use std::time::{Duration, Instant};

use sscard_core::Card;
use sscard_host::vpcd::{self, Slot, SlotRequest};
use sscard_host::{CardFile, TransportError};

use crate::failure::Failure;

/// A slot that has been quiet for so long is a good moment to write the image anew.
const QUIET: Duration = Duration::from_millis(250);

/// What was answered waits no longer than this to be safe from a crash of the operating system.
const LONGEST: Duration = Duration::from_secs(1);

/// A card that is served, and the file that keeps it.
pub(super) struct Served {
    name: String,
    card: Card,
    file: Option<CardFile>,
    snapshot: Option<Card>,
    /// When it was last used.
    used: Instant,
}

impl Served {
    pub(super) fn new(name: String, card: Card, file: Option<CardFile>) -> Self {
        Self { name, card, file, snapshot: None, used: Instant::now() }
    }

    /// The card is in a contactless reader's field from now on, without power yet.
    pub(super) fn lay_into_field(&mut self) -> Result<(), Failure> {
        self.card.enter_field().map_err(|_| TransportError::Removed)?;
        self.card.power_off();
        Ok(())
    }

    /// Carries out what the driver asks for; the card is kept before it answers.
    pub(super) fn serve(
        &mut self,
        slot: &mut Slot,
        request: SlotRequest,
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let Self { card, file, used, .. } = self;
        if matches!(request, SlotRequest::Command | SlotRequest::PowerOn | SlotRequest::Reset) {
            *used = Instant::now();
        }
        let mut keep = |card: &mut Card, command: Option<&[u8]>| keep(file, card, command);
        vpcd::serve(slot, request, card, &mut keep, response)
    }

    /// Whether the card's file takes what becomes of the card: it is powered, kept, and without power
    /// again.
    pub(super) fn try_to_keep(&mut self) -> Result<(), TransportError> {
        // A card whose power fails at once has changed too.
        let _ = self.card.reset();
        keep(&mut self.file, &mut self.card, None)?;
        self.card.power_off();
        Ok(())
    }

    /// Writes the image anew when the moment is good.
    pub(super) fn settle_when_quiet(&mut self) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        if file.is_settled() {
            return Ok(());
        }
        if self.used.elapsed() >= QUIET {
            return self.settle();
        }
        // A card that is never quiet.
        Ok(file.put_down_after(LONGEST)?)
    }

    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        match &mut self.file {
            Some(file) => Ok(file.settle(&mut self.card)?),
            None => Ok(()),
        }
    }
}

fn keep(
    file: &mut Option<CardFile>,
    card: &mut Card,
    command: Option<&[u8]>,
) -> Result<(), TransportError> {
    match file {
        Some(file) => file.keep(card, command).map_err(TransportError::NotKept),
        None => Ok(()),
    }
}

/// A slot's card.
pub(super) struct Bay {
    card: Option<Served>,
    ejected: bool,
    /// Changes whenever another card, or a card again, is in the slot.
    generation: u64,
}

impl Bay {
    pub(super) fn with(card: Served) -> Self {
        Self { card: Some(card), ejected: false, generation: 0 }
    }

    /// The card in the slot and its generation; none when it is ejected.
    pub(super) fn inserted(&mut self) -> Option<(&mut Served, u64)> {
        if self.ejected { None } else { self.card.as_mut().map(|card| (card, self.generation)) }
    }

    pub(super) fn settle(&mut self) -> Result<(), Failure> {
        self.card.as_mut().map_or(Ok(()), Served::settle)
    }

    pub(super) fn eject(&mut self) -> String {
        let Some(card) = &mut self.card else { return "empty".to_owned() };
        card.card.power_off();
        self.ejected = true;
        self.generation += 1;
        let said = complaint(card.settle());
        format!("{} ejected{said}", card.name)
    }

    pub(super) fn insert(&mut self) -> String {
        let Some(card) = &self.card else { return "empty".to_owned() };
        self.ejected = false;
        format!("{} inserted", card.name)
    }

    pub(super) fn snapshot(&mut self) -> String {
        let Some(card) = &mut self.card else { return "empty".to_owned() };
        card.snapshot = Some(card.card.snapshot());
        format!("snapshot of {} taken", card.name)
    }

    pub(super) fn restore(&mut self) -> String {
        let Some(card) = &mut self.card else { return "empty".to_owned() };
        let Some(snapshot) = &card.snapshot else { return "there is no snapshot".to_owned() };
        card.card.restore(snapshot);
        let said = complaint(card.settle());
        format!("{} is as at its snapshot{said}", card.name)
    }

    /// Puts another card in and gives the old one out, saved and without power.
    pub(super) fn exchange(&mut self, next: Option<Served>) -> (Option<Served>, String) {
        let mut old = self.card.take();
        let mut said = String::new();
        if let Some(card) = &mut old {
            card.card.power_off();
            said = complaint(card.settle());
        }
        self.card = next;
        self.ejected = false;
        self.generation += 1;
        let name = self.card.as_ref().map_or("empty", |card| card.name.as_str());
        (old, format!("{name} inserted{said}"))
    }
}

fn complaint(settled: Result<(), Failure>) -> String {
    settled.map_or_else(|failure| format!("; NOT KEPT: {failure}"), |()| String::new())
}
