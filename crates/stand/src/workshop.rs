//! What a stand asks of the program around it: it knows slots, not what a card holds.

use std::path::PathBuf;

use serde_json::Value;
use sscard_core::Card;

use crate::event::StandEvent;
use crate::problem::Problem;
use crate::slot::SlotContent;

/// Which card is to be inserted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The file of this name in the folder of cards.
    File(String),
    /// A new one that is kept nowhere.
    Made {
        /// Name of a profile.
        profile: String,
        /// Seed of holder, serial and random numbers.
        seed: Option<u64>,
    },
}

/// Whether keys and PINs are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Described {
    /// Without them.
    Openly,
    /// With them.
    WithSecrets,
}

/// What is known of a slot's whole session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SessionHead {
    /// The slot.
    pub slot: usize,
    /// Answer to reset; empty without a card.
    pub atr: Vec<u8>,
    /// Transmission protocol, 0 or 1; none without a card.
    pub protocol: Option<u8>,
    /// When the stand was set up: milliseconds since 1970 in UTC.
    pub start_ms: u64,
}

/// Makes, describes and changes cards.
pub trait Workshop: Send + Sync {
    /// The card that is wanted.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when there is none, [`Problem::InUse`], [`Problem::Wrong`] for a name that is none.
    fn card(&self, wanted: &Wanted) -> Result<SlotContent, Problem>;

    /// The file of a card of this name.
    ///
    /// # Errors
    /// As [`Workshop::card`].
    fn place(&self, name: &str) -> Result<PathBuf, Problem>;

    /// The same card as its file has it now; none without a file.
    ///
    /// # Errors
    /// As [`Workshop::card`].
    fn again(&self, content: &SlotContent) -> Result<Option<SlotContent>, Problem>;

    /// Names of the cards and of the profiles that can be inserted.
    fn stock(&self) -> (Vec<String>, Vec<String>);

    /// The card's state.
    fn describe(&self, card: &Card, how: Described) -> Value;

    /// Changes a card's state: the fields of a profile's `[state]` and of `new --set`.
    ///
    /// # Errors
    /// [`Problem::Wrong`] with the field.
    fn change(&self, card: &mut Card, changes: &Value) -> Result<(), Problem>;

    /// An object with what is known of a session; its events go beside it as `events`.
    fn head(&self, head: &SessionHead) -> Value;

    /// Somebody who says what a slot's events mean.
    fn explainer(&self, how: Described) -> Box<dyn Explainer>;
}

/// Says what the events of one slot mean, in their order.
pub trait Explainer: Send {
    /// An exchange, or a change of power, as JSON; each has to pass here, wanted or not, since one gives meaning to the next.
    fn explain(&mut self, event: &StandEvent) -> Option<Value>;
}
