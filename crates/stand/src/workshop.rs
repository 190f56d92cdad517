//! Happening a stand asks of the program around it: it knows slots, not what a card holds.

use serde_json::Value;
use sscard_core::Card;
use sscard_host::CardFile;

use crate::problem::Problem;
use crate::slot::Exchanged;

/// Which card is to be inserted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The file of this name in the folder of cards.
    File(String),
    /// A new one that is kept nowhere.
    Made {
        /// Name of a built-in profile.
        profile: String,
        /// Seed of holder, serial and random numbers.
        seed: u64,
    },
}

/// Happening a card looks like, as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Described {
    /// Without keys and PINs.
    Openly,
    /// With them.
    WithSecrets,
}

/// Makes, describes and changes cards.
pub trait Workshop: Send + Sync {
    /// The card that is wanted, with its name and, where it has one, its file.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when there is none, [`Problem::Conflict`] when it is in use, [`Problem::Wrong`] for a name that is none.
    fn card(&self, wanted: &Wanted) -> Result<(String, Card, Option<CardFile>), Problem>;

    /// The card's state.
    fn describe(&self, card: &Card, how: Described) -> Value;

    /// Changes a card's state: the fields of a profile's `[state]` and of `new --set`.
    ///
    /// # Errors
    /// [`Problem::Wrong`] with the field; the card stays as it was.
    fn change(&self, card: &mut Card, changes: &Value) -> Result<(), Problem>;

    /// Exchanges of one slot in their order, with what they mean.
    fn explain(&self, exchanges: &[Exchanged]) -> Value;
}
