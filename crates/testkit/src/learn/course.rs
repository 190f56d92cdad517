//! The course of learning: hypotheses and words against them, until none is found.

use std::time::{Duration, Instant};

use super::equivalence::counterexample;
use super::error::LearnError;
use super::limit::StateLimit;
use super::lsharp::Lsharp;
use super::mealy::MealyMachine;
use super::prober::Prober;
use super::target::{DoubtfulWord, LearnTarget};
use super::ttt::Ttt;
use super::word::shown_word;

/// By which algorithm hypotheses are made. The machine is the same.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum LearnAlgorithm {
    /// L#: apartness in the tree of observations.
    #[default]
    Lsharp,
    /// TTT: a discrimination tree.
    Ttt,
}

impl LearnAlgorithm {
    /// `lsharp` or `ttt`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lsharp => "lsharp",
            Self::Ttt => "ttt",
        }
    }
}

/// How thoroughly is learnt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LearnSettings {
    /// The algorithm.
    pub algorithm: LearnAlgorithm,
    /// After each state every word of so many inputs is tried before a machine is believed.
    pub depth: usize,
    /// A machine with more states is given up.
    pub most_states: usize,
}

impl Default for LearnSettings {
    /// L#, depth 3, 2000 states.
    fn default() -> Self {
        Self { algorithm: LearnAlgorithm::default(), depth: 3, most_states: 2000 }
    }
}

/// How far learning is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LearnProgress {
    /// States that are known.
    pub states: usize,
    /// Commands that were sent.
    pub sent: u64,
    /// Words of the test of a hypothesis that are done, and those that are known to be done; `None` while one is
    /// being made.
    pub tested: Option<(usize, usize)>,
}

/// A machine, and what it took.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LearntMachine {
    /// The smallest machine that answers so, numbered from its initial state on.
    pub machine: MealyMachine,
    /// How it was learnt.
    pub settings: LearnSettings,
    /// How often the system was brought to a place, to be asked there.
    pub queries: u64,
    /// Commands that were sent to it.
    pub sent: u64,
    /// Hypotheses that were made.
    pub hypotheses: usize,
    /// How long it took.
    pub time: Duration,
}

/// Learns the machine of a system; `tell` hears of progress, often.
///
/// # Errors
/// [`LearnError`].
pub fn learn<T: LearnTarget>(
    target: &mut T,
    settings: LearnSettings,
    tell: &mut dyn FnMut(LearnProgress),
) -> Result<LearntMachine, LearnError> {
    let began = Instant::now();
    let names = target.inputs();
    let doubt = target.doubtful().map_err(|trouble| {
        let word = shown_word(&names, &[]);
        LearnError::Target { word, trouble }
    })?;
    if let Some(DoubtfulWord { word, answers: [first, then] }) = doubt {
        let word = shown_word(&names, &word);
        return Err(LearnError::Nondeterministic { word, first, then });
    }
    let mut prober = Prober::new(target)?;
    let limit = StateLimit { most: settings.most_states, names };
    let mut learner = match settings.algorithm {
        LearnAlgorithm::Lsharp => Learner::Lsharp(Lsharp::new(prober.inputs(), limit)),
        LearnAlgorithm::Ttt => Learner::Ttt(Ttt::new(prober.inputs(), limit)),
    };
    let mut hypotheses = 0;
    let machine = loop {
        let machine = learner.hypothesis(&mut prober, tell)?;
        hypotheses += 1;
        let states = machine.states();
        let mut told = |prober: &Prober<'_, T>, done, known| {
            tell(LearnProgress { states, sent: prober.sent(), tested: Some((done, known)) });
        };
        match counterexample(&mut prober, &machine, settings.depth, &mut told)? {
            None => break machine,
            Some(word) => learner.refute(&mut prober, &machine, &word)?,
        }
    };
    Ok(LearntMachine {
        machine: machine.canonical(),
        settings,
        queries: prober.queries(),
        sent: prober.sent(),
        hypotheses,
        time: began.elapsed(),
    })
}

enum Learner {
    Lsharp(Lsharp),
    Ttt(Ttt),
}

impl Learner {
    fn hypothesis<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        tell: &mut dyn FnMut(LearnProgress),
    ) -> Result<MealyMachine, LearnError> {
        let mut told = |prober: &Prober<'_, T>, states| {
            tell(LearnProgress { states, sent: prober.sent(), tested: None });
        };
        match self {
            Self::Lsharp(learner) => learner.hypothesis(prober, &mut told),
            Self::Ttt(learner) => learner.hypothesis(prober, &mut told),
        }
    }

    fn refute<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        machine: &MealyMachine,
        word: &[usize],
    ) -> Result<(), LearnError> {
        match self {
            Self::Lsharp(learner) => learner.refute(prober, machine, word),
            Self::Ttt(learner) => learner.refute(prober, word),
        }
    }
}
