//! All slots, and what is waited for.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::event::{Events, Happening, StandEvent, Witness};
use crate::problem::Problem;
use crate::slot::CardSlot;
use crate::workshop::{SessionHead, Wanted, Workshop};

/// What is waited for in a slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// An event of this kind: `exchange`, `power`, `inserted`, `removed`, `fault`.
    Kind(String),
    /// A command that begins with these bytes.
    Command(Vec<u8>),
    /// A command with this instruction.
    Instruction(u8),
    /// No command for so long.
    Idle(Duration),
    /// The reader's driver has powered the card; without a driver that a card is in the slot.
    Ready,
}

/// Slots with cards, and the program's workshop.
pub struct Stand {
    slots: Vec<Arc<CardSlot>>,
    events: Events,
    workshop: Box<dyn Workshop>,
    has_driver: bool,
    start_ms: u64,
}

impl Stand {
    /// So many empty slots, with a driver or without; `witness` is told of all that happens.
    #[must_use]
    pub fn new(
        slots: usize,
        has_driver: bool,
        workshop: Box<dyn Workshop>,
        witness: Option<Witness>,
    ) -> Self {
        let events = Events::new(witness);
        let begun = Instant::now();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let slots = (0..slots)
            .map(|number| Arc::new(CardSlot::new(number, events.clone(), begun)))
            .collect();
        let start_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        Self { slots, events, workshop, has_driver, start_ms }
    }

    /// All slots.
    #[must_use]
    pub fn slots(&self) -> &[Arc<CardSlot>] {
        &self.slots
    }

    /// The slot of this number.
    ///
    /// # Errors
    /// [`Problem::Unknown`].
    pub fn slot(&self, number: usize) -> Result<&Arc<CardSlot>, Problem> {
        self.slots.get(number).ok_or_else(|| {
            let count = self.slots.len();
            Problem::Unknown(format!("there is no slot {number}: there are {count}, from 0 on"))
        })
    }

    /// What happens.
    #[must_use]
    pub const fn events(&self) -> &Events {
        &self.events
    }

    /// What makes and describes cards.
    #[must_use]
    pub fn workshop(&self) -> &dyn Workshop {
        &*self.workshop
    }

    /// What is known of a slot's session.
    #[must_use]
    pub fn head(&self, slot: &CardSlot) -> SessionHead {
        let view = slot.view();
        SessionHead {
            slot: slot.number(),
            atr: view.atr,
            protocol: view.protocol.map(|protocol| match protocol {
                sscard_core::Protocol::T0 => 0,
                sscard_core::Protocol::T1 => 1,
            }),
            start_ms: self.start_ms,
        }
    }

    /// Inserts the card that is wanted. One that lies beside this slot already goes in again.
    ///
    /// # Errors
    /// As [`Workshop::card`] and [`CardSlot::insert`]; [`Problem::InUse`] for a card that another slot has.
    pub fn insert(&self, slot: usize, wanted: &Wanted) -> Result<(), Problem> {
        let own = self.slot(slot)?;
        if let Wanted::File(name) = wanted {
            let place = self.workshop.place(name)?;
            if own.holds(&place) {
                if own.generation().is_some() {
                    own.eject()?;
                }
                return own.insert_again();
            }
            if let Some(other) = self.slots.iter().find(|other| other.holds(&place)) {
                let other = other.number();
                return Err(Problem::InUse(format!(
                    "slot {other} has the card '{}'",
                    name.escape_debug()
                )));
            }
        }
        own.insert(self.workshop.card(wanted)?).1
    }

    /// Reads the card's file anew where it has one: out and in again; a card that lies beside the slot stays there.
    ///
    /// # Errors
    /// [`Problem::Empty`] without a card; as [`Workshop::again`], and then nothing has changed.
    pub fn reload(&self, slot: usize) -> Result<(), Problem> {
        // What another program has put in the file's place counts: that is what this is for. What was answered was kept before.
        self.slot(slot)?.reload(|content| self.workshop.again(content))
    }

    /// Whether the reader sees the slot's card.
    #[must_use]
    pub fn is_ready(&self, slot: &CardSlot) -> bool {
        let view = slot.view();
        view.seen || (!self.has_driver && view.card.is_some_and(|(_, is_inserted)| is_inserted))
    }

    /// Waits for something in a slot; `after` counts what came after the event of this number, too.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when there is no such slot, [`Problem::Late`] when it has not come in time.
    pub async fn wait(
        &self,
        slot: usize,
        condition: &Condition,
        after: Option<u64>,
        patience: Duration,
    ) -> Result<Option<Arc<StandEvent>>, Problem> {
        let own = self.slot(slot)?;
        let mut listener = match after {
            Some(number) => self.events.listen_after(number),
            None => self.events.listen(),
        };
        let end = from_now(patience);
        let late = || Problem::Late(format!("it has not come within {} ms", patience.as_millis()));
        let mut quiet_since = tokio::time::Instant::now();
        loop {
            if *condition == Condition::Ready && self.is_ready(own) {
                return Ok(None);
            }
            let (events, _) = listener.take();
            let mut mine = events.into_iter().filter(|event| event.slot == slot);
            if let Condition::Idle(quiet) = condition {
                if mine.any(|event| matches!(event.what, Happening::Exchange(_))) {
                    quiet_since = tokio::time::Instant::now();
                }
                let quiet_ends = quiet_since.checked_add(*quiet).unwrap_or(end);
                if tokio::time::timeout_at(quiet_ends.min(end), listener.wait()).await.is_err() {
                    return if quiet_ends <= end { Ok(None) } else { Err(late()) };
                }
                continue;
            }
            if let Some(found) = mine.find(|event| condition.is(event)) {
                return Ok(Some(found));
            }
            tokio::time::timeout_at(end, listener.wait()).await.map_err(|_| late())?;
        }
    }
}

/// A moment; one beyond what a clock can say is now.
fn from_now(time: Duration) -> tokio::time::Instant {
    let now = tokio::time::Instant::now();
    now.checked_add(time).unwrap_or(now)
}

impl Condition {
    fn is(&self, event: &StandEvent) -> bool {
        match self {
            Self::Kind(kind) => event.what.kind() == kind,
            Self::Command(start) => match &event.what {
                Happening::Exchange(exchanged) => exchanged.command.starts_with(start),
                _ => false,
            },
            Self::Instruction(ins) => match &event.what {
                Happening::Exchange(exchanged) => exchanged.command.get(1) == Some(ins),
                _ => false,
            },
            Self::Idle(_) | Self::Ready => false,
        }
    }
}
