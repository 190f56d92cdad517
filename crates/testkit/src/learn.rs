//! Model learning: the state machine of a card, inferred from what it answers.
//!
//! ```text
//! alphabet ─► CardUnderLearning ─► Prober (every word is asked once) ─► L# or TTT ─► hypothesis
//!                                      ▲                                               │
//!                                      └──── words to depth K, then words that tell states apart
//! ```
//!
//! What enters: an [`Alphabet`] and a card (a value that is cloned, or one behind a transport). What leaves: a
//! [`MealyMachine`], its text, its graph, the shortest word on which two of them differ. Nothing here is about one card
//! in particular: whoever implements [`LearnTarget`] for an own system learns that one.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "indices are those of tables that are made here, and counted up to their lengths"
)]

mod alphabet;
mod change;
mod course;
mod dot;
mod equivalence;
mod error;
mod golden;
mod holdings;
mod limit;
mod lsharp;
mod mealy;
mod observation;
mod prober;
mod reading;
mod separation;
mod target;
mod terminal;
mod ttt;
mod under_learning;
mod word;

pub use alphabet::{
    Alphabet, AlphabetError, AlphabetInput, BUILT_IN_ALPHABETS, InputAction, InputWear,
};
pub use change::{MachineChange, MachineDivergence, changes, divergence, shortest_divergence};
pub use course::{LearnAlgorithm, LearnProgress, LearnSettings, LearntMachine, learn};
pub use dot::dot;
pub use error::LearnError;
pub use golden::{GoldenMachine, GoldenMachineError};
pub use holdings::{BankHoldings, CardHoldings, SocialHolding};
pub use mealy::{MealyEdge, MealyError, MealyMachine};
pub use target::{DoubtfulWord, LearnTarget, LearnTrouble};
pub use under_learning::{CardInReader, CardUnderLearning};
pub use word::{EMPTY_WORD, shown_word};

#[cfg(test)]
mod tests;
