//! What lies in a slot: a card, its file, its snapshots.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sscard_core::Card;
use sscard_host::{CardFile, SmartCard};

use super::SlotCard;
use crate::problem::Problem;

/// A slot that has been quiet for so long is a good moment to write the image anew.
const QUIET: Duration = Duration::from_millis(250);
/// What was answered waits no longer than this to be safe from a crash of the operating system.
const LONGEST: Duration = Duration::from_secs(1);
/// Snapshots of one card.
const SNAPSHOTS: usize = 10_000;

/// A card with what belongs to it, in a slot or beside it.
pub struct SlotContent {
    /// Its name.
    pub name: String,
    /// The card.
    pub card: SlotCard,
    /// The file that keeps it, when one does.
    pub file: Option<CardFile>,
    snapshots: BTreeMap<String, Card>,
    /// When it was last used.
    used: Instant,
}

impl SlotContent {
    /// A card, kept in a file or nowhere.
    #[must_use]
    pub fn new(name: String, card: Card, file: Option<CardFile>) -> Self {
        Self::of(name, SlotCard::Ours(Box::new(card)), file)
    }

    /// A card of anybody's: it is served, and nothing of it is kept, shown or changed here.
    #[must_use]
    pub fn own(name: String, card: Box<dyn SmartCard>) -> Self {
        Self::of(name, SlotCard::Own { card, powered: false }, None)
    }

    fn of(name: String, card: SlotCard, file: Option<CardFile>) -> Self {
        Self { name, card, file, snapshots: BTreeMap::new(), used: Instant::now() }
    }

    /// Another card takes this one's place; the snapshots stay.
    pub(super) fn give_way(&mut self, new: Self) {
        let snapshots = std::mem::take(&mut self.snapshots);
        *self = Self { snapshots, ..new };
    }

    /// Writes the card's file anew, where there is one.
    ///
    /// # Errors
    /// [`Problem::Failed`].
    pub fn settle(&mut self) -> Result<(), Problem> {
        match &mut self.file {
            Some(file) => file.settle(self.card.ours_mut()?).map_err(|error| failed(&error)),
            None => Ok(()),
        }
    }

    /// Keeps what became of the card by a command, or by something else.
    pub(super) fn keep(&mut self, command: Option<&[u8]>) -> Result<(), Problem> {
        match &mut self.file {
            Some(file) => {
                let kept = file.keep(self.card.ours_mut()?, command);
                kept.map_err(|refusal| failed(&refusal))
            }
            None => Ok(()),
        }
    }

    pub(super) fn is_used(&mut self) {
        self.used = Instant::now();
    }

    /// Writes the file anew when the moment is good.
    pub(super) fn settle_when_quiet(&mut self) -> Result<(), Problem> {
        let Some(file) = &mut self.file else { return Ok(()) };
        if file.is_settled() {
            return Ok(());
        }
        if self.used.elapsed() >= QUIET {
            return self.settle();
        }
        // A card that is never quiet.
        file.put_down_after(LONGEST).map_err(|error| failed(&error))
    }

    /// Without power and saved.
    pub(super) fn put_away(&mut self) -> Result<(), Problem> {
        self.card.power_off();
        self.settle()
    }

    pub(super) fn take_snapshot(&mut self, name: &str) -> Result<(), Problem> {
        if self.snapshots.len() >= SNAPSHOTS && !self.snapshots.contains_key(name) {
            let reason = format!("there are {SNAPSHOTS} snapshots of this card: forget one first");
            return Err(Problem::Conflict(reason));
        }
        self.snapshots.insert(name.to_owned(), self.card.ours()?.snapshot());
        Ok(())
    }

    /// Goes back to a snapshot. A card that has power keeps it: a snapshot of a card without is powered. One that has none stays
    /// without. A cut that was armed is armed no more.
    pub(super) fn restore(&mut self, name: &str) -> Result<(), Problem> {
        let snapshot = self.snapshots.get(name).ok_or_else(|| Problem::no_snapshot(name))?;
        let card = self.card.ours_mut()?;
        let had_power = card.is_powered();
        card.restore(snapshot);
        card.disarm_cut();
        if !had_power {
            card.power_off();
        } else if !card.is_powered() {
            // With no cut there is nothing for it to fail of.
            let _ = card.reset();
        }
        self.keep(None)
    }

    pub(super) fn forget(&mut self, name: &str) -> Result<(), Problem> {
        self.snapshots.remove(name).map(drop).ok_or_else(|| Problem::no_snapshot(name))
    }

    /// The names of its snapshots.
    pub fn snapshots(&self) -> impl Iterator<Item = &str> {
        self.snapshots.keys().map(String::as_str)
    }
}

fn failed(error: &dyn std::fmt::Display) -> Problem {
    Problem::Failed(error.to_string())
}
