//! What can be learnt: a system that answers inputs and can be begun anew.

/// What a system under learning cannot do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct LearnTrouble(pub String);

/// A word that a system answers one way and then another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DoubtfulWord {
    /// Its inputs.
    pub word: Vec<usize>,
    /// The two answers to the last of them.
    pub answers: [String; 2],
}

/// A system that takes one input at a time and answers it.
///
/// ```
/// use sscard_testkit::learn::{LearnSettings, LearnTarget, LearnTrouble, learn};
///
/// /// A lamp: `press` turns it on and off, `look` tells.
/// #[derive(Clone, Default)]
/// struct Lamp(bool);
///
/// impl LearnTarget for Lamp {
///     type Snapshot = bool;
///     fn inputs(&self) -> Vec<String> {
///         vec!["press".into(), "look".into()]
///     }
///     fn begin(&mut self) -> Result<(), LearnTrouble> {
///         self.0 = false;
///         Ok(())
///     }
///     fn step(&mut self, input: usize, answer: &mut String) -> Result<(), LearnTrouble> {
///         self.0 ^= input == 0;
///         answer.push_str(if input == 0 { "click" } else if self.0 { "light" } else { "dark" });
///         Ok(())
///     }
///     fn snapshot(&self) -> Option<bool> {
///         Some(self.0)
///     }
///     fn restore(&mut self, snapshot: &bool) {
///         self.0 = *snapshot;
///     }
/// }
///
/// let learnt = learn(&mut Lamp::default(), LearnSettings::default(), &mut |_| {})?;
/// assert_eq!(learnt.machine.states(), 2);
/// # Ok::<(), sscard_testkit::learn::LearnError>(())
/// ```
pub trait LearnTarget {
    /// A state that can be gone back to.
    type Snapshot;

    /// Names of the inputs; their places are what [`step`](Self::step) takes.
    fn inputs(&self) -> Vec<String>;

    /// Goes to the state in which every word begins.
    ///
    /// # Errors
    /// Why it cannot.
    fn begin(&mut self) -> Result<(), LearnTrouble>;

    /// Takes one input and appends its answer to `answer`, which is empty.
    ///
    /// # Errors
    /// Why there is no answer.
    fn step(&mut self, input: usize, answer: &mut String) -> Result<(), LearnTrouble>;

    /// The state as it is; `None` when the system cannot go back to one, but only begin anew.
    fn snapshot(&self) -> Option<Self::Snapshot>;

    /// Goes back to a snapshot.
    fn restore(&mut self, snapshot: &Self::Snapshot);

    /// A number that is the same for the same state: whatever has it answers alike for good. `None` when the system
    /// cannot be looked into. Words that end in the same state are asked on from there once.
    fn identity(&self) -> Option<u128> {
        None
    }

    /// Looks for words that are answered one way and then another, where the system knows a way to find out before it is
    /// learnt: such a word, with both answers.
    ///
    /// # Errors
    /// Why it could not.
    fn doubtful(&mut self) -> Result<Option<DoubtfulWord>, LearnTrouble> {
        Ok(None)
    }

    /// Commands that were sent to the system so far.
    fn sent(&self) -> u64 {
        0
    }
}
