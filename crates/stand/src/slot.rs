//! One slot: a card, its faults, its snapshots, and what was exchanged with it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sscard_core::{Card, Interface};
use sscard_faults::{After, Before, Faults};
use sscard_host::CardFile;

use crate::event::{Events, Happening};
use crate::problem::Problem;

/// Exchanges that a slot remembers.
const REMEMBERED: usize = 1_000;

/// Who sent a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A program of the machine, through the reader's driver.
    Driver,
    /// The API.
    Api,
}

/// A command and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchanged {
    /// Its number since the card was inserted.
    pub number: u64,
    /// Since the stand was set up.
    pub at: Duration,
    /// Who sent it.
    pub origin: Origin,
    /// The command, as it was sent.
    pub command: Vec<u8>,
    /// The answer, as it went back; `None` when there was none.
    pub response: Option<Vec<u8>>,
}

/// Happening comes back from a slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Given {
    /// An answer, after a while.
    Answer {
        /// Data and status word.
        response: Vec<u8>,
        /// How long it takes.
        delay: Duration,
        /// Whether the card is gone then.
        removed: bool,
    },
    /// Nothing, until the card is ejected or reset.
    Nothing,
    /// The card is gone.
    Gone,
}

impl Given {
    /// Whether the card is gone with it.
    const fn is_last(&self) -> bool {
        matches!(self, Self::Gone | Self::Answer { removed: true, .. })
    }
}

/// Happening is in a slot.
pub struct SlotContent {
    /// Its name.
    pub name: String,
    /// The card.
    pub card: Card,
    /// The file that keeps it, when one does.
    pub file: Option<CardFile>,
}

#[derive(Default)]
struct State {
    content: Option<SlotContent>,
    /// Whether the content is in the reader.
    is_inserted: bool,
    /// Changes whenever another card, or a card again, is in the reader.
    generation: u64,
    /// Changes whenever whoever waits for a mute card is to wait no longer.
    freed: u64,
    snapshots: BTreeMap<String, Card>,
    exchanges: VecDeque<Arc<Exchanged>>,
    number: u64,
    atr: Vec<u8>,
    inserted: Option<Instant>,
}

/// A reader's slot.
pub struct CardSlot {
    number: usize,
    state: Mutex<State>,
    faults: Mutex<(Faults, u64)>,
    changed: Condvar,
    events: Events,
    begun: Instant,
}

impl CardSlot {
    /// An empty slot.
    #[must_use]
    pub fn new(number: usize, events: Events, begun: Instant) -> Self {
        Self {
            number,
            state: Mutex::default(),
            faults: Mutex::new((Faults::new([], 0), 0)),
            changed: Condvar::new(),
            events,
            begun,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, (Faults, u64)> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, what: Happening) {
        self.events.tell(self.number, self.begun.elapsed(), what);
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// The card's name, its generation and whether it has power; none in an empty slot.
    #[must_use]
    pub fn inserted(&self) -> Option<(String, u64, bool)> {
        let state = self.lock();
        let content = state.content.as_ref().filter(|_| state.is_inserted)?;
        Some((content.name.clone(), state.generation, content.card.is_powered()))
    }

    /// Changes whenever another card, or a card again, is in the reader; none when it is empty.
    #[must_use]
    pub fn generation(&self) -> Option<u64> {
        let state = self.lock();
        state.is_inserted.then_some(state.generation)
    }

    /// Puts a card in, and gives the one that was there out, saved and without power.
    ///
    /// # Errors
    /// [`Problem::Failed`] when the old card could not be kept; the new one is in all the same.
    pub fn insert(&self, content: SlotContent) -> Result<Option<SlotContent>, Problem> {
        let mut state = self.lock();
        let name = content.name.clone();
        let mut old = state.content.replace(content);
        let kept = old.as_mut().map_or(Ok(()), put_away);
        let was_inserted = state.is_inserted;
        *state = State {
            content: state.content.take(),
            is_inserted: true,
            generation: state.generation.saturating_add(1),
            freed: state.freed.saturating_add(1),
            inserted: Some(Instant::now()),
            ..State::default()
        };
        self.faults().0.insert();
        drop(state);
        self.changed.notify_all();
        if was_inserted {
            self.tell(Happening::Removed);
        }
        self.tell(Happening::Inserted(name));
        kept.map(|()| old)
    }

    /// The card that lies beside the reader goes in again.
    ///
    /// # Errors
    /// [`Problem::Conflict`] without a card, or when it is in.
    pub fn insert_again(&self) -> Result<(), Problem> {
        let mut state = self.lock();
        let name = match &state.content {
            Some(content) if !state.is_inserted => content.name.clone(),
            Some(_) => return Err(Problem::Conflict("the card is in the slot".into())),
            None => {
                return Err(Problem::Conflict(
                    "no card lies beside the slot: name one, or a profile".into(),
                ));
            }
        };
        state.is_inserted = true;
        state.inserted = Some(Instant::now());
        state.generation = state.generation.saturating_add(1);
        state.number = 0;
        self.faults().0.insert();
        drop(state);
        self.changed.notify_all();
        self.tell(Happening::Inserted(name));
        Ok(())
    }

    /// Takes the card out; it lies beside the slot. Who waits for a mute card waits no longer.
    ///
    /// # Errors
    /// [`Problem::Conflict`] when the slot is empty, [`Problem::Failed`] when the card could not be kept.
    pub fn eject(&self) -> Result<(), Problem> {
        let mut state = self.lock();
        if !state.is_inserted {
            return Err(empty());
        }
        state.is_inserted = false;
        state.generation = state.generation.saturating_add(1);
        state.freed = state.freed.saturating_add(1);
        let kept = state.content.as_mut().map_or(Ok(()), put_away);
        drop(state);
        self.changed.notify_all();
        self.tell(Happening::Removed);
        kept
    }

    /// Powers or resets the card; gives its ATR, bent or not.
    ///
    /// # Errors
    /// [`Problem::Conflict`] when the slot is empty, [`Problem::Failed`] when what it became could not be kept.
    pub fn power_on(&self) -> Result<Vec<u8>, Problem> {
        let mut state = self.lock();
        let content = state.present()?;
        // A card whose power fails at once stays silent, and has changed too.
        let _ = content.card.reset();
        content.keep(None)?;
        let mut atr = content.card.atr().to_vec();
        let struck = {
            let mut faults = self.faults();
            let before = faults.0.fired().len();
            faults.0.power(&mut atr);
            self.struck(&faults.0, before)
        };
        state.atr.clone_from(&atr);
        state.freed = state.freed.saturating_add(1);
        drop(state);
        self.changed.notify_all();
        self.tell(Happening::Power(true));
        struck.into_iter().for_each(|what| self.tell(what));
        Ok(atr)
    }

    /// Takes the card's power away.
    ///
    /// # Errors
    /// [`Problem::Conflict`] when the slot is empty.
    pub fn power_off(&self) -> Result<(), Problem> {
        let mut state = self.lock();
        state.present()?.card.power_off();
        drop(state);
        self.tell(Happening::Power(false));
        Ok(())
    }

    /// The ATR as a driver sees it.
    ///
    /// # Errors
    /// [`Problem::Conflict`] when the slot is empty.
    pub fn atr(&self) -> Result<Vec<u8>, Problem> {
        let mut state = self.lock();
        let own = state.present()?.card.atr().to_vec();
        Ok(if state.atr.is_empty() { own } else { state.atr.clone() })
    }

    /// One command, whoever sends it. The card is kept before the answer is given.
    ///
    /// # Errors
    /// [`Problem::Conflict`] when the slot is empty, [`Problem::Failed`] when what it became could not be kept: then nothing is
    /// answered.
    pub fn transmit(&self, origin: Origin, command: &[u8]) -> Result<Given, Problem> {
        let mut state = self.lock();
        let now = state.inserted.map_or(Duration::ZERO, |inserted| inserted.elapsed());
        let content = state.present()?;
        if origin == Origin::Api && !content.card.is_powered() {
            let _ = content.card.reset();
            content.keep(None)?;
        }
        let mut faults = self.faults();
        let fired = faults.0.fired().len();
        let mut response = Vec::new();
        let given = if faults.0.is_empty() {
            content.card.transmit(command, &mut response);
            content.keep(Some(command))?;
            answered(response)
        } else {
            with_faults(content, &mut faults.0, command, now)?
        };
        let struck = self.struck(&faults.0, fired);
        drop(faults);
        if given.is_last() {
            state.leave();
        }
        state.number = state.number.saturating_add(1);
        let exchanged = Arc::new(Exchanged {
            number: state.number,
            at: self.begun.elapsed(),
            origin,
            command: command.to_vec(),
            response: match &given {
                Given::Answer { response, .. } => Some(response.clone()),
                Given::Nothing | Given::Gone => None,
            },
        });
        if state.exchanges.len() >= REMEMBERED {
            state.exchanges.pop_front();
        }
        state.exchanges.push_back(Arc::clone(&exchanged));
        drop(state);
        self.changed.notify_all();
        if self.events.are_heard() {
            self.tell(Happening::Exchange(exchanged));
            struck.into_iter().for_each(|what| self.tell(what));
            if given.is_last() {
                self.tell(Happening::Removed);
            }
        }
        Ok(given)
    }

    fn struck(&self, faults: &Faults, before: usize) -> Vec<Happening> {
        let new = faults.fired().get(before..).unwrap_or(&[]);
        let told = |fired: &sscard_faults::Fired| Happening::Fault {
            fault: fired.fault.to_string(),
            command: fired.command,
        };
        new.iter().map(told).collect()
    }

    /// Waits until the card is ejected or reset, at most so long; whether it was.
    #[must_use]
    pub fn wait_until_freed(&self, patience: Duration) -> bool {
        let state = self.lock();
        let freed = state.freed;
        let waited = self.changed.wait_timeout_while(state, patience, |state| state.freed == freed);
        waited.is_ok_and(|(_, waited)| !waited.timed_out())
    }

    /// Uses the card that is in the slot, or beside it.
    ///
    /// # Errors
    /// [`Problem::Conflict`] without a card.
    pub fn look<R>(&self, look: impl FnOnce(&Card) -> R) -> Result<R, Problem> {
        let state = self.lock();
        let content = state.content.as_ref().ok_or_else(empty)?;
        Ok(look(&content.card))
    }

    /// Changes the card from outside, and keeps it.
    ///
    /// # Errors
    /// [`Problem::Conflict`] without a card, what `change` says, [`Problem::Failed`] when it could not be kept.
    pub fn change(
        &self,
        change: impl FnOnce(&mut Card) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut state = self.lock();
        let content = state.content.as_mut().ok_or_else(empty)?;
        let before = content.card.snapshot();
        if let Err(problem) = change(&mut content.card) {
            content.card.restore(&before);
            return Err(problem);
        }
        content.keep(None)
    }

    /// Takes a snapshot, session and power included, in the place of one of the same name.
    ///
    /// # Errors
    /// [`Problem::Conflict`] without a card.
    pub fn take_snapshot(&self, name: &str) -> Result<(), Problem> {
        let mut state = self.lock();
        let card = state.content.as_ref().ok_or_else(empty)?.card.snapshot();
        state.snapshots.insert(name.to_owned(), card);
        Ok(())
    }

    /// Goes back to a snapshot: session and power included.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when there is none of that name, [`Problem::Failed`] when the card could not be kept.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), Problem> {
        let mut state = self.lock();
        let State { content, snapshots, .. } = &mut *state;
        let content = content.as_mut().ok_or_else(empty)?;
        let snapshot = snapshots.get(name).ok_or_else(|| no_snapshot(name))?;
        content.card.restore(snapshot);
        content.keep(None)
    }

    /// Forgets a snapshot.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when there is none of that name.
    pub fn forget_snapshot(&self, name: &str) -> Result<(), Problem> {
        self.lock().snapshots.remove(name).map(drop).ok_or_else(|| no_snapshot(name))
    }

    /// The names of all snapshots.
    #[must_use]
    pub fn snapshots(&self) -> Vec<String> {
        self.lock().snapshots.keys().cloned().collect()
    }

    /// The faults, their seed, and what of them has struck.
    #[must_use]
    pub fn faults_set(&self) -> (Vec<String>, u64, Vec<(u64, String)>) {
        let faults = self.faults();
        let fired = faults.0.fired().iter();
        (
            faults.0.faults().map(ToString::to_string).collect(),
            faults.1,
            fired.map(|fired| (fired.command, fired.fault.to_string())).collect(),
        )
    }

    /// Sets faults in the place of those that were; commands are counted from here.
    pub fn set_faults(&self, faults: Vec<sscard_faults::Fault>, seed: u64) {
        *self.faults() = (Faults::new(faults, seed), seed);
    }

    /// Happening was exchanged, the oldest first, at most the last thousand.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchanged> {
        self.lock().exchanges.iter().map(|exchanged| Exchanged::clone(exchanged)).collect()
    }

    /// Writes the card's file anew, where there is one.
    ///
    /// # Errors
    /// [`Problem::Failed`].
    pub fn settle(&self) -> Result<(), Problem> {
        self.lock().content.as_mut().map_or(Ok(()), SlotContent::settle)
    }

    /// By its contacts, or in a field.
    #[must_use]
    pub fn interface(&self) -> Option<Interface> {
        self.lock().content.as_ref().map(|content| content.card.interface())
    }
}

impl State {
    fn present(&mut self) -> Result<&mut SlotContent, Problem> {
        if !self.is_inserted {
            return Err(empty());
        }
        self.content.as_mut().ok_or_else(empty)
    }

    fn leave(&mut self) {
        self.is_inserted = false;
        self.generation = self.generation.saturating_add(1);
        self.freed = self.freed.saturating_add(1);
        if let Some(content) = &mut self.content {
            content.card.power_off();
        }
    }
}

impl SlotContent {
    fn keep(&mut self, command: Option<&[u8]>) -> Result<(), Problem> {
        match &mut self.file {
            Some(file) => file
                .keep(&mut self.card, command)
                .map_err(|refusal| Problem::Failed(refusal.to_string())),
            None => Ok(()),
        }
    }

    fn settle(&mut self) -> Result<(), Problem> {
        match &mut self.file {
            Some(file) => {
                file.settle(&mut self.card).map_err(|error| Problem::Failed(error.to_string()))
            }
            None => Ok(()),
        }
    }
}

fn put_away(content: &mut SlotContent) -> Result<(), Problem> {
    content.card.power_off();
    content.settle()
}

/// A card without an answer has no power any more: a driver takes an empty message for a mute card.
fn answered(response: Vec<u8>) -> Given {
    Given::Answer { response, delay: Duration::ZERO, removed: false }
}

fn with_faults(
    content: &mut SlotContent,
    faults: &mut Faults,
    command: &[u8],
    now: Duration,
) -> Result<Given, Problem> {
    let mut sent = command.to_vec();
    match faults.command(&mut sent, now) {
        Before::Removed => return Ok(Given::Gone),
        Before::Mute(_) => return Ok(Given::Nothing),
        Before::Answer { answer, delay } => {
            return Ok(Given::Answer { response: answer, delay, removed: false });
        }
        Before::Reset => {
            let _ = content.card.reset();
            content.keep(None)?;
            return Ok(Given::Nothing);
        }
        Before::Send { cut } => {
            if let Some(written) = cut {
                content.card.cut_power_after(written);
            }
        }
    }
    let mut response = Vec::new();
    content.card.transmit(&sent, &mut response);
    content.keep(Some(&sent))?;
    Ok(match faults.answer(&sent, &mut response) {
        After::Answer { delay, removed } => Given::Answer { response, delay, removed },
        After::Removed => Given::Gone,
        After::Mute { .. } => Given::Nothing,
    })
}

fn empty() -> Problem {
    Problem::Conflict("there is no card in the slot".into())
}

fn no_snapshot(name: &str) -> Problem {
    Problem::Unknown(format!("there is no snapshot '{}'", name.escape_debug()))
}
