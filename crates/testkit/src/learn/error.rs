//! Why no machine comes out of learning.

use super::target::LearnTrouble;

/// Why no machine was learnt.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// The same word had two answers: something decides that is not in the word.
    #[error(
        "the same inputs were answered in two ways: after \"{word}\" first {first}, then {then}; something decides that is in no input \
         (a counter, a random number, what earlier words left on the card)"
    )]
    Nondeterministic {
        /// The inputs by name.
        word: String,
        /// What the last of them was answered first.
        first: String,
        /// What it was answered then.
        then: String,
    },
    /// The machine grows and grows.
    #[error(
        "more than {most} states: an answer holds something without end, such as a counter, or the inputs let one grow; the \
         last state's word is \"{word}\""
    )]
    TooManyStates {
        /// How many states were allowed.
        most: usize,
        /// The inputs to the last state that was found.
        word: String,
    },
    /// There are no inputs.
    #[error("an alphabet without inputs has no machine")]
    NoInputs,
    /// The system did not answer.
    #[error("after \"{word}\": {trouble}")]
    Target {
        /// The inputs by name.
        word: String,
        /// Why.
        trouble: LearnTrouble,
    },
}
