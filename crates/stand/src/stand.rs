//! All slots, and what is waited for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::event::{Events, Happening, StandEvent};
use crate::problem::Problem;
use crate::slot::{CardSlot, SlotContent};
use crate::workshop::{Wanted, Workshop};

/// Happening is waited for in a slot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// An event of this kind: `exchange`, `power`, `inserted`, `removed`, `fault`.
    StandEvent(String),
    /// A command that begins with these bytes.
    Command(Vec<u8>),
    /// No command for so long.
    Idle(Duration),
}

/// Slots with cards, and the program's workshop.
pub struct Stand {
    slots: Vec<Arc<CardSlot>>,
    events: Events,
    workshop: Box<dyn Workshop>,
}

impl Stand {
    /// So many empty slots.
    #[must_use]
    pub fn new(slots: usize, workshop: Box<dyn Workshop>) -> Self {
        let events = Events::default();
        let begun = Instant::now();
        let slots = (0..slots)
            .map(|number| Arc::new(CardSlot::new(number, events.clone(), begun)))
            .collect();
        Self { slots, events, workshop }
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

    /// Happening happens.
    #[must_use]
    pub const fn events(&self) -> &Events {
        &self.events
    }

    /// Happening makes and describes cards.
    #[must_use]
    pub fn workshop(&self) -> &dyn Workshop {
        &*self.workshop
    }

    /// Inserts the card that is wanted.
    ///
    /// # Errors
    /// As [`Workshop::card`] and [`CardSlot::insert`].
    pub fn insert(&self, slot: usize, wanted: &Wanted) -> Result<(), Problem> {
        let slot = self.slot(slot)?;
        let (name, card, file) = self.workshop.card(wanted)?;
        slot.insert(SlotContent { name, card, file }).map(drop)
    }

    /// Waits for something in a slot.
    ///
    /// # Errors
    /// [`Problem::Late`] when it has not come in time.
    pub async fn wait(
        &self,
        slot: usize,
        condition: &Condition,
        patience: Duration,
    ) -> Result<Option<Arc<StandEvent>>, Problem> {
        self.slot(slot)?;
        let mut listener = self.events.listen();
        let end = from_now(patience);
        let late = || Problem::Late(format!("it has not come within {} ms", patience.as_millis()));
        loop {
            let rest = match condition {
                Condition::Idle(quiet) => {
                    let quiet_ends = from_now(*quiet);
                    if tokio::time::timeout_at(quiet_ends.min(end), listener.wait()).await.is_err()
                    {
                        return if quiet_ends <= end { Ok(None) } else { Err(late()) };
                    }
                    listener.take();
                    continue;
                }
                Condition::StandEvent(_) | Condition::Command(_) => {
                    tokio::time::timeout_at(end, listener.wait()).await
                }
            };
            rest.map_err(|_| late())?;
            let (events, _) = listener.take();
            let found = events.into_iter().find(|event| event.slot == slot && condition.is(event));
            if found.is_some() {
                return Ok(found);
            }
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
            Self::StandEvent(kind) => event.what.kind() == kind,
            Self::Command(start) => match &event.what {
                Happening::Exchange(exchanged) => exchanged.command.starts_with(start),
                _ => false,
            },
            Self::Idle(_) => false,
        }
    }
}

impl Happening {
    /// The name of its kind, as a live stream has it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Exchange(_) => "exchange",
            Self::Power(_) => "power",
            Self::Inserted(_) => "inserted",
            Self::Removed => "removed",
            Self::Fault { .. } => "fault",
        }
    }
}
