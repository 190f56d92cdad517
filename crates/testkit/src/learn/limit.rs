//! How many states a machine may have before learning gives up.

use super::error::LearnError;
use super::word::shown_word;

/// Most inputs of a word that are shown.
const SHOWN: usize = 12;

/// Most states, and the names of the inputs for the word that is shown then.
#[derive(Clone)]
pub(super) struct StateLimit {
    pub(super) most: usize,
    pub(super) names: Vec<String>,
}

impl StateLimit {
    /// # Errors
    /// [`LearnError::TooManyStates`] with the word to the last state, or its beginning.
    pub(super) fn admits(
        &self,
        states: usize,
        word: impl Fn() -> Vec<usize>,
    ) -> Result<(), LearnError> {
        if states <= self.most {
            return Ok(());
        }
        let word = word();
        let mut shown = shown_word(&self.names, &word[..word.len().min(SHOWN)]);
        if word.len() > SHOWN {
            shown = format!("{shown} … and {} inputs more", word.len() - SHOWN);
        }
        Err(LearnError::TooManyStates { most: self.most, word: shown })
    }
}
