//! `learn --json`, `learn --diff --json`.

use serde::Serialize;

/// The state machine of a card.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LearnDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// The card: a profile's name, a file, a reader.
    pub(crate) card: String,
    /// The alphabet.
    pub(crate) alphabet: String,
    /// `lsharp` or `ttt`.
    pub(crate) algorithm: &'static str,
    /// After each state every word of up to so many inputs was tried.
    pub(crate) depth: usize,
    /// How many states.
    pub(crate) states: usize,
    /// How many transitions: an input each of every state.
    pub(crate) transitions: usize,
    /// How many inputs.
    pub(crate) inputs: usize,
    /// How often the card was brought to a place, to be asked there.
    pub(crate) queries: u64,
    /// Commands that were sent to the card.
    pub(crate) apdus: u64,
    /// Hypotheses, the last of which is the machine.
    pub(crate) hypotheses: usize,
    /// How long it took.
    pub(crate) seconds: f64,
    /// The transitions: by state, and of each state in the order of the inputs. Words begin in state 0.
    pub(crate) machine: Vec<LearntTransition>,
}

/// A transition.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LearntTransition {
    /// The state.
    pub(crate) from: usize,
    /// The input's name.
    pub(crate) input: String,
    /// What is answered.
    pub(crate) output: String,
    /// The next state.
    pub(crate) to: usize,
}

/// Whether two machines answer alike.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LearnDiffDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Whether they answer every word alike.
    pub(crate) same: bool,
    /// The first machine.
    pub(crate) a: ComparedMachine,
    /// The second machine.
    pub(crate) b: ComparedMachine,
    /// The shortest word on which they differ, in its last input; `null` when there is none of the inputs that both have.
    pub(crate) word: Option<Vec<String>>,
    /// Transitions that differ, each state of the first machine and input once, shortest word first.
    pub(crate) changes: Vec<ChangedTransition>,
}

/// A machine that is compared.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ComparedMachine {
    /// As it was named.
    pub(crate) name: String,
    /// How many states.
    pub(crate) states: usize,
    /// Inputs that the other one lacks.
    pub(crate) own_inputs: Vec<String>,
    /// What it answers to each input of the word; `null` without a word.
    pub(crate) answers: Option<Vec<String>>,
}

/// A transition that two machines have otherwise.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ChangedTransition {
    /// State of the first machine.
    pub(crate) state_a: usize,
    /// State of the second machine.
    pub(crate) state_b: usize,
    /// The input.
    pub(crate) input: String,
    /// What the first machine answers.
    pub(crate) was: String,
    /// What the second machine answers.
    pub(crate) is: String,
    /// The shortest word to it, the input included.
    pub(crate) word: Vec<String>,
}
