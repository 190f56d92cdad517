//! A place for a card: in the slot, beside it, or empty.

use std::time::{Duration, Instant};

use sscard_core::Card;
use sscard_host::TransportError;

use crate::failure::Failure;
use crate::image_file::ImageFile;

/// A slot that has been quiet for so long is a good moment to save.
const QUIET: Duration = Duration::from_millis(50);
/// A change waits no longer than this to be saved.
const LONGEST: Duration = Duration::from_secs(1);

/// A card that is served, and where it is saved.
pub(super) struct Served {
    name: String,
    pub(super) card: Card,
    file: Option<ImageFile>,
    snapshot: Option<Card>,
    /// When it was first changed and not saved, and when it was last used.
    changed: Option<(Instant, Instant)>,
}

impl Served {
    pub(super) fn new(name: String, card: Card, file: Option<ImageFile>) -> Self {
        Self { name, card, file, snapshot: None, changed: None }
    }

    /// The card is in a contactless reader's field from now on, without power yet.
    pub(super) fn lay_into_field(&mut self) -> Result<(), Failure> {
        self.card.enter_field().map_err(|_| TransportError::Removed)?;
        self.card.power_off();
        Ok(())
    }

    /// Notes that the card was used and may differ from its file.
    pub(super) fn touch(&mut self) {
        let now = Instant::now();
        let first = self.changed.map_or(now, |(first, _)| first);
        self.changed = Some((first, now));
    }

    /// Saves when the moment is good.
    pub(super) fn save_when_due(&mut self) -> Result<(), Failure> {
        match self.changed {
            Some((first, last)) if last.elapsed() >= QUIET || first.elapsed() >= LONGEST => {
                self.save()
            }
            _ => Ok(()),
        }
    }

    pub(super) fn save(&mut self) -> Result<(), Failure> {
        if let Some(file) = &mut self.file {
            file.save(&self.card)?;
        }
        self.changed = None;
        Ok(())
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

    pub(super) fn save(&mut self) -> Result<(), Failure> {
        self.card.as_mut().map_or(Ok(()), Served::save)
    }

    pub(super) fn eject(&mut self) -> String {
        let Some(card) = &mut self.card else { return "empty".to_owned() };
        card.card.power_off();
        self.ejected = true;
        self.generation += 1;
        let said = complaint(card.save());
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
        card.touch();
        format!("{} is as at its snapshot", card.name)
    }

    /// Puts another card in and gives the old one out, saved and without power.
    pub(super) fn exchange(&mut self, next: Option<Served>) -> (Option<Served>, String) {
        let mut old = self.card.take();
        let mut said = String::new();
        if let Some(card) = &mut old {
            card.card.power_off();
            said = complaint(card.save());
        }
        self.card = next;
        self.ejected = false;
        self.generation += 1;
        let name = self.card.as_ref().map_or("empty", |card| card.name.as_str());
        (old, format!("{name} inserted{said}"))
    }
}

fn complaint(saved: Result<(), Failure>) -> String {
    saved.map_or_else(|failure| format!("; NOT SAVED: {failure}"), |()| String::new())
}
