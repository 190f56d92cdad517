//! One slot: a card, its faults, and what was exchanged with it.
//!
//! What enters: what a driver and the API ask for. What leaves: answers, and events in the order of what happened. The slot owns the
//! rule that what was answered is kept.

mod carry;
mod content;
mod inside;
mod outside;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sscard_core::{Card, Interface, Protocol};
use sscard_faults::{Faults, Fired};
use tokio::sync::watch;

use crate::event::{
    Events, Exchanged, Happening, NoAnswer, Origin, PowerChange, Powered, StandEvent,
};
use crate::problem::Problem;
pub use content::SlotContent;
pub use inside::SlotCard;

/// Events that a slot remembers, and faults that have struck.
const REMEMBERED: usize = 4_096;

/// What comes back from a slot.
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
    /// No answer. A mute card says nothing until it is ejected or reset.
    Nothing(NoAnswer),
}

/// A moment of a slot, to be told from what comes after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ticket(u64);

/// What came of a command, and when that was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotOutcome {
    /// What comes back.
    pub given: Given,
    /// The moment: whoever waits on waits no longer once the card is ejected or reset.
    pub ticket: Ticket,
}

/// What a slot looks like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotView {
    /// The card's name, and whether it is in the slot; none when there is no card.
    pub card: Option<(String, bool)>,
    /// Whether it has power.
    pub powered: bool,
    /// Whether the reader's driver has powered it since it was inserted.
    pub seen: bool,
    /// By its contacts, or in a field.
    pub interface: Option<Interface>,
    /// Its protocol.
    pub protocol: Option<Protocol>,
    /// Its answer to reset as a driver sees it; empty when the slot is.
    pub atr: Vec<u8>,
    /// The names of its snapshots.
    pub snapshots: Vec<String>,
    /// Commands since it was inserted.
    pub commands: u64,
    /// Since it was inserted, by the slot's clock.
    pub clock: Duration,
}

struct State {
    content: Option<SlotContent>,
    /// Whether the content is in the reader.
    is_inserted: bool,
    /// Whether the driver has powered it.
    is_seen: bool,
    /// Changes whenever another card, or a card again, is in the reader.
    generation: u64,
    /// Changes whenever whoever waits for an answer is to wait no longer.
    freed: u64,
    /// Exchanges and changes of power.
    history: VecDeque<Arc<StandEvent>>,
    /// How many there were.
    n: u64,
    /// Commands since insertion.
    commands: u64,
    /// As the card's answer to reset was bent.
    atr: Option<Vec<u8>>,
    inserted: Instant,
    /// How far the slot's clock was set forward.
    ahead: Duration,
    faults: Faults,
    fired: VecDeque<Fired>,
}

/// A reader's slot.
pub struct CardSlot {
    number: usize,
    state: Mutex<State>,
    changed: Condvar,
    freed: watch::Sender<u64>,
    events: Events,
    begun: Instant,
}

impl CardSlot {
    /// An empty slot.
    pub(crate) fn new(number: usize, events: Events, begun: Instant) -> Self {
        let state = State {
            content: None,
            is_inserted: false,
            is_seen: false,
            generation: 0,
            freed: 0,
            history: VecDeque::new(),
            n: 0,
            commands: 0,
            atr: None,
            inserted: begun,
            ahead: Duration::ZERO,
            faults: Faults::default().attentive().awaiting_a_card(),
            fired: VecDeque::new(),
        };
        let freed = watch::Sender::new(0);
        Self { number, state: Mutex::new(state), changed: Condvar::new(), freed, events, begun }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, what: Happening) -> Arc<StandEvent> {
        self.events.tell(self.number, self.begun.elapsed(), what)
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// What it looks like.
    #[must_use]
    pub fn view(&self) -> SlotView {
        let state = self.lock();
        let content = state.content.as_ref();
        let card = content.map(|content| &content.card).filter(|_| state.is_inserted);
        let own = card.map(SlotCard::atr);
        SlotView {
            card: content.map(|content| (content.name.clone(), state.is_inserted)),
            powered: card.is_some_and(SlotCard::is_powered),
            seen: state.is_inserted && state.is_seen,
            interface: card.and_then(SlotCard::interface),
            protocol: card.map(SlotCard::protocol),
            atr: own.map(|own| state.atr.clone().unwrap_or(own)).unwrap_or_default(),
            snapshots: content
                .into_iter()
                .flat_map(SlotContent::snapshots)
                .map(str::to_owned)
                .collect(),
            commands: state.commands,
            clock: state.clock(),
        }
    }

    /// Gives the slot its faults before the first card is inserted.
    pub fn begin_with(&self, faults: Faults) {
        self.lock().faults = faults.attentive().awaiting_a_card();
    }

    /// Whether the card of this file is in the slot, or beside it.
    #[must_use]
    pub fn holds(&self, place: &Path) -> bool {
        let state = self.lock();
        let file = state.content.as_ref().and_then(|content| content.file.as_ref());
        // A file that was moved is held where it was.
        file.is_some_and(|file| {
            file.path()
                .canonicalize()
                .is_ok_and(|real| place.canonicalize().is_ok_and(|it| it == real))
        })
    }

    /// Changes whenever another card, or a card again, is in the reader; none when it is empty.
    #[must_use]
    pub fn generation(&self) -> Option<u64> {
        let state = self.lock();
        state.is_inserted.then_some(state.generation)
    }

    /// Waits until the reader has another card than this one of [`generation`](Self::generation), at most so long; the one it has then.
    #[must_use]
    pub fn wait_for_another(&self, known: Option<u64>, patience: Duration) -> Option<u64> {
        let now = |state: &State| state.is_inserted.then_some(state.generation);
        let state = self.lock();
        let waited = self.changed.wait_timeout_while(state, patience, |state| now(state) == known);
        waited.map_or_else(|poisoned| now(&poisoned.into_inner().0), |(state, _)| now(&state))
    }

    /// Puts a card in, and gives the one that was there out, without power; whether that is saved.
    pub fn insert(&self, content: SlotContent) -> (Option<SlotContent>, Result<(), Problem>) {
        let mut state = self.lock();
        let old = self.take_out(&mut state);
        state.content = Some(content);
        self.put_in(&mut state);
        old
    }

    /// The card that lies beside the slot goes in again.
    ///
    /// # Errors
    /// [`Problem::Empty`] without a card, [`Problem::Conflict`] when it is in.
    pub fn insert_again(&self) -> Result<(), Problem> {
        let mut state = self.lock();
        if state.content.is_none() {
            let reason = "no card lies beside the slot: name one, or a profile";
            return Err(Problem::Empty(reason.into()));
        }
        if state.is_inserted {
            return Err(Problem::Conflict("the card is in the slot already".into()));
        }
        self.put_in(&mut state);
        Ok(())
    }

    /// Takes the card out; it lies beside the slot. Who waits for a mute card waits no longer.
    ///
    /// # Errors
    /// [`Problem::Empty`] when the slot is empty, [`Problem::Failed`] when the card could not be kept.
    pub fn eject(&self) -> Result<(), Problem> {
        let mut state = self.lock();
        let kept = state.present()?.put_away();
        self.leave(&mut state);
        kept
    }

    /// Gives the card out, in the slot or beside it, without power; whether it is saved.
    pub fn take(&self) -> (Option<SlotContent>, Result<(), Problem>) {
        self.take_out(&mut self.lock())
    }

    fn take_out(&self, state: &mut State) -> (Option<SlotContent>, Result<(), Problem>) {
        let mut old = state.content.take();
        let kept = old.as_mut().map_or(Ok(()), SlotContent::put_away);
        if state.is_inserted {
            self.leave(state);
        }
        (old, kept)
    }

    fn put_in(&self, state: &mut State) {
        state.is_inserted = true;
        state.is_seen = false;
        state.generation = state.generation.saturating_add(1);
        state.commands = 0;
        state.atr = None;
        state.inserted = Instant::now();
        state.ahead = Duration::ZERO;
        state.faults.insert();
        if let Some(content) = &mut state.content {
            // A cut belongs to the stay in which it was armed.
            content.card.disarm_cut();
        }
        let name = state.content.as_ref().map_or_else(String::new, |content| content.name.clone());
        self.tell(Happening::Inserted(name));
        self.changed.notify_all();
    }

    /// The card is in the reader no more.
    fn leave(&self, state: &mut State) {
        state.is_inserted = false;
        state.generation = state.generation.saturating_add(1);
        if let Some(content) = &mut state.content {
            content.card.power_off();
        }
        self.free(state);
        self.tell(Happening::Removed);
    }

    fn free(&self, state: &mut State) {
        state.freed = state.freed.saturating_add(1);
        self.freed.send_replace(state.freed);
        self.changed.notify_all();
    }

    /// Powers or resets the card; gives its ATR, bent or not.
    ///
    /// # Errors
    /// [`Problem::Empty`] when the slot is empty, [`Problem::Failed`] when what it became could not be kept, [`Problem::Lost`] when
    /// its power failed before it answered.
    pub fn power_on(&self, origin: Origin, change: PowerChange) -> Result<Vec<u8>, Problem> {
        let mut state = self.lock();
        if origin == Origin::Driver {
            state.present()?;
            state.is_seen = true;
        }
        self.power(&mut state, change)
    }

    fn power(&self, state: &mut State, change: PowerChange) -> Result<Vec<u8>, Problem> {
        let content = state.present()?;
        content.is_used();
        let had_power = content.card.is_powered();
        let is_up = content.card.reset();
        // A card whose power fails at once has changed too.
        content.keep(None)?;
        if !is_up {
            state.atr = None;
            self.free(state);
            self.note_power(state, PowerChange::Off, Vec::new());
            let said = "the card's power failed before its answer to reset";
            return Err(Problem::Lost(said.into()));
        }
        let content = state.present()?;
        let mut atr = content.card.atr();
        state.faults.power(&mut atr);
        state.atr = Some(atr.clone());
        self.free(state);
        let change = if had_power { change } else { PowerChange::On };
        self.note_power(state, change, atr.clone());
        self.note_fired(state);
        Ok(atr)
    }

    /// Takes the card's power away.
    ///
    /// # Errors
    /// [`Problem::Empty`] when the slot is empty.
    pub fn power_off(&self) -> Result<(), Problem> {
        let mut state = self.lock();
        let card = &mut state.present()?.card;
        if card.is_powered() {
            card.power_off();
            self.note_power(&mut state, PowerChange::Off, Vec::new());
        }
        Ok(())
    }

    /// The ATR as a driver sees it.
    ///
    /// # Errors
    /// [`Problem::Empty`] when the slot is empty.
    pub fn atr(&self) -> Result<Vec<u8>, Problem> {
        let mut state = self.lock();
        let own = state.present()?.card.atr();
        Ok(state.atr.clone().unwrap_or(own))
    }

    /// One command, whoever sends it; the API's powers a card that has none. The card is kept before the answer is given.
    ///
    /// # Errors
    /// [`Problem::Empty`] when the slot is empty, [`Problem::Failed`] when what it became could not be kept: then nothing is
    /// answered.
    pub fn transmit(&self, origin: Origin, command: &[u8]) -> Result<SlotOutcome, Problem> {
        let mut state = self.lock();
        if origin == Origin::Api && !state.present()?.card.is_powered() {
            self.power(&mut state, PowerChange::On)?;
        }
        let (begun, now) = (Instant::now(), state.clock());
        let State { content, faults, is_inserted, .. } = &mut *state;
        let content = content.as_mut().filter(|_| *is_inserted).ok_or_else(Problem::empty)?;
        content.is_used();
        let had_power = content.card.is_powered();
        let mut given = carry::carry(content, faults, command, now)?;
        if !had_power {
            given = Given::Nothing(NoAnswer::Unpowered);
        }
        let has_failed = had_power && !content.card.is_powered();
        state.commands = state.commands.saturating_add(1);
        let (response, took) = match &given {
            Given::Answer { response, delay, .. } => {
                (Ok(response.clone()), begun.elapsed().saturating_add(*delay))
            }
            Given::Nothing(why) => (Err(*why), begun.elapsed()),
        };
        state.n = state.n.saturating_add(1);
        let exchanged = Exchanged {
            n: state.n,
            command_number: state.commands,
            origin,
            command: command.to_vec(),
            response,
            took,
        };
        let told = self.tell(Happening::Exchange(exchanged));
        state.remember(told);
        self.note_fired(&mut state);
        match given {
            Given::Nothing(NoAnswer::Removed) | Given::Answer { removed: true, .. } => {
                self.leave(&mut state);
            }
            Given::Nothing(NoAnswer::Reset) => match self.power(&mut state, PowerChange::Reset) {
                // There is no answer either way.
                Ok(_) | Err(Problem::Lost(_)) => {}
                Err(problem) => return Err(problem),
            },
            _ if has_failed => self.note_power(&mut state, PowerChange::Off, Vec::new()),
            _ => {}
        }
        Ok(SlotOutcome { given, ticket: Ticket(state.freed) })
    }

    fn note_power(&self, state: &mut State, change: PowerChange, atr: Vec<u8>) {
        state.n = state.n.saturating_add(1);
        let told = self.tell(Happening::Power(Powered { n: state.n, change, atr }));
        state.remember(told);
    }

    fn note_fired(&self, state: &mut State) {
        for fired in state.faults.take_fired() {
            self.tell(Happening::Fault(fired.clone()));
            if state.fired.len() >= REMEMBERED {
                state.fired.pop_front();
            }
            state.fired.push_back(fired);
        }
    }

    /// Waits until the card is ejected or reset after that moment, at most so long; whether it was.
    #[must_use]
    pub fn wait_until_freed(&self, ticket: Ticket, patience: Duration) -> bool {
        let state = self.lock();
        let waited =
            self.changed.wait_timeout_while(state, patience, |state| state.freed == ticket.0);
        waited.is_ok_and(|(_, waited)| !waited.timed_out())
    }

    /// Is done when the card is ejected or reset after that moment.
    pub async fn freed(&self, ticket: Ticket) {
        let mut freed = self.freed.subscribe();
        // The sender is ours.
        let _ = freed.wait_for(|freed| *freed != ticket.0).await;
    }

    /// Uses the card that is in the slot, or beside it.
    ///
    /// # Errors
    /// [`Problem::Empty`] without a card, [`Problem::Conflict`] for one of anybody's.
    pub fn look<R>(&self, look: impl FnOnce(&Card) -> R) -> Result<R, Problem> {
        let state = self.lock();
        let content = state.content.as_ref().ok_or_else(Problem::empty)?;
        Ok(look(content.card.ours()?))
    }

    /// Exchanges and changes of power, the oldest first, the latest few thousand.
    #[must_use]
    pub fn history(&self) -> Vec<Arc<StandEvent>> {
        self.lock().history.iter().cloned().collect()
    }

    /// Whether the card's file takes what becomes of the card: it is powered, kept, and without power again.
    #[must_use]
    pub fn try_to_keep(&self) -> bool {
        let mut state = self.lock();
        let Ok(content) = state.present() else { return true };
        // A card whose power fails at once has changed too.
        content.card.reset();
        let kept = content.keep(None);
        content.card.power_off();
        kept.is_ok()
    }

    /// Writes the card's file anew, where there is one.
    ///
    /// # Errors
    /// [`Problem::Failed`].
    pub fn settle(&self) -> Result<(), Problem> {
        self.lock().content.as_mut().map_or(Ok(()), SlotContent::settle)
    }

    /// The same when the moment is good.
    ///
    /// # Errors
    /// [`Problem::Failed`].
    pub fn settle_when_quiet(&self) -> Result<(), Problem> {
        self.lock().content.as_mut().map_or(Ok(()), SlotContent::settle_when_quiet)
    }
}

impl State {
    fn present(&mut self) -> Result<&mut SlotContent, Problem> {
        self.content.as_mut().filter(|_| self.is_inserted).ok_or_else(Problem::empty)
    }

    fn clock(&self) -> Duration {
        self.inserted.elapsed().saturating_add(self.ahead)
    }

    /// How far ahead the clock has to be to say this.
    fn ahead_at(&self, clock: Duration) -> Result<Duration, Problem> {
        let ahead = clock.checked_sub(self.inserted.elapsed());
        let now = self.clock().as_millis();
        ahead.filter(|ahead| *ahead >= self.ahead).ok_or_else(|| {
            Problem::Wrong(format!("clock: the slot's clock is at {now} ms and goes forward only"))
        })
    }

    fn remember(&mut self, event: Arc<StandEvent>) {
        if self.history.len() >= REMEMBERED {
            self.history.pop_front();
        }
        self.history.push_back(event);
    }
}
