//! Asks the system: every word once.
//!
//! What enters: a place that is known and an input. What leaves: the answer's number and the next place. A place is what
//! the system is after a word; words after which the system says it is in the same state share one, so what was asked
//! after one of them is known after all. Each input extends a known place: nothing is said twice to a system that
//! can go back to a snapshot, and a snapshot is kept only where it may be asked on from.
//!
//! Invariant owned here: a word has one answer; a second one is [`LearnError::Nondeterministic`].

use std::collections::HashMap;
use std::collections::VecDeque;

use super::error::LearnError;
use super::mealy::{MealyEdge, MealyMachine};
use super::target::{LearnTarget, LearnTrouble};
use super::word::shown_word;

/// A place by its number; 0 is where every word begins.
pub(super) type Place = u32;
/// An answer by its number.
pub(super) type Answer = u32;

const BEGINNING: Place = 0;
/// Most snapshots that are kept, the one of the beginning beside them.
const MOST_SNAPSHOTS: usize = 20_000;

struct Known<S> {
    /// How the place was come to first.
    from: Option<(Place, usize)>,
    next: Vec<Option<(Answer, Place)>>,
    snapshot: Option<S>,
}

/// A system with everything that it has answered.
pub(super) struct Prober<'t, T: LearnTarget> {
    target: &'t mut T,
    names: Vec<String>,
    places: Vec<Known<T::Snapshot>>,
    by_identity: HashMap<u128, Place>,
    /// Places with a snapshot, the oldest first.
    kept: VecDeque<Place>,
    answers: Vec<String>,
    by_text: HashMap<String, Answer>,
    /// Where the system stands, if that is a place.
    at: Option<Place>,
    queries: u64,
    text: String,
}

impl<'t, T: LearnTarget> Prober<'t, T> {
    pub(super) fn new(target: &'t mut T) -> Result<Self, LearnError> {
        let names = target.inputs();
        if names.is_empty() {
            return Err(LearnError::NoInputs);
        }
        let beginning = Known { from: None, next: vec![None; names.len()], snapshot: None };
        let mut prober = Self {
            target,
            names,
            places: vec![beginning],
            by_identity: HashMap::new(),
            kept: VecDeque::new(),
            answers: Vec::new(),
            by_text: HashMap::new(),
            at: None,
            queries: 0,
            text: String::new(),
        };
        prober.begin()?;
        prober.places[0].snapshot = prober.target.snapshot();
        if let Some(identity) = prober.target.identity() {
            prober.by_identity.insert(identity, BEGINNING);
        }
        Ok(prober)
    }

    pub(super) fn inputs(&self) -> usize {
        self.names.len()
    }

    /// How many times the system was begun anew or taken back to go on with a word.
    pub(super) fn queries(&self) -> u64 {
        self.queries
    }

    /// Commands that were sent to the system.
    pub(super) fn sent(&self) -> u64 {
        self.target.sent()
    }

    /// A machine of these rows, whose answers have the numbers that they have here.
    pub(super) fn machine(&self, rows: Vec<Vec<MealyEdge>>) -> MealyMachine {
        MealyMachine::of_table(self.names.clone(), self.answers.clone(), rows)
    }

    fn begin(&mut self) -> Result<(), LearnError> {
        self.target.begin().map_err(|trouble| self.trouble(&[], trouble))?;
        self.at = Some(BEGINNING);
        Ok(())
    }

    fn trouble(&self, word: &[usize], trouble: LearnTrouble) -> LearnError {
        LearnError::Target { word: shown_word(&self.names, word), trouble }
    }

    /// The word that a place was come to by first.
    fn word_to(&self, mut place: Place) -> Vec<usize> {
        let mut word = Vec::new();
        while let Some((from, input)) = self.known(place).from {
            word.push(input);
            place = from;
        }
        word.reverse();
        word
    }

    fn known(&self, place: Place) -> &Known<T::Snapshot> {
        &self.places[place as usize]
    }

    /// One input at a place.
    pub(super) fn step(
        &mut self,
        place: Place,
        input: usize,
    ) -> Result<(Answer, Place), LearnError> {
        if let Some(known) = self.known(place).next[input] {
            return Ok(known);
        }
        self.go_to(place)?;
        let answer = self.say(place, input)?;
        let next = self.arrive(place, input);
        self.places[place as usize].next[input] = Some((answer, next));
        Ok((answer, next))
    }

    /// A whole word from a place: its answers are appended; the place where it ends.
    pub(super) fn word(
        &mut self,
        mut place: Place,
        word: &[usize],
        answers: &mut Vec<Answer>,
    ) -> Result<Place, LearnError> {
        for input in word {
            let (answer, next) = self.step(place, *input)?;
            answers.push(answer);
            place = next;
        }
        Ok(place)
    }

    /// Brings the system to a place: by its snapshot, or along the word from the nearest place that has one.
    fn go_to(&mut self, place: Place) -> Result<(), LearnError> {
        if self.at == Some(place) {
            return Ok(());
        }
        self.queries += 1;
        let mut along = Vec::new();
        let mut start = place;
        let found = loop {
            let known = &self.places[start as usize];
            if let Some(snapshot) = &known.snapshot {
                self.target.restore(snapshot);
                break true;
            }
            match known.from {
                Some((from, input)) => {
                    along.push((from, input));
                    start = from;
                }
                None => break false,
            }
        };
        if !found {
            self.begin()?;
        }
        for (from, input) in along.into_iter().rev() {
            let answer = self.say(from, input)?;
            if let Some((before, _)) = self.known(from).next[input]
                && before != answer
            {
                let word = [&self.word_to(from)[..], &[input]].concat();
                return Err(LearnError::Nondeterministic {
                    word: shown_word(&self.names, &word),
                    first: self.answers[before as usize].clone(),
                    then: self.answers[answer as usize].clone(),
                });
            }
        }
        self.at = Some(place);
        Ok(())
    }

    /// Gives the system an input.
    fn say(&mut self, place: Place, input: usize) -> Result<Answer, LearnError> {
        self.at = None;
        self.text.clear();
        if let Err(trouble) = self.target.step(input, &mut self.text) {
            let word = [&self.word_to(place)[..], &[input]].concat();
            return Err(self.trouble(&word, trouble));
        }
        if let Some(known) = self.by_text.get(&self.text) {
            return Ok(*known);
        }
        let number = count(self.answers.len());
        self.answers.push(self.text.clone());
        self.by_text.insert(self.text.clone(), number);
        Ok(number)
    }

    /// The place where the system is after an input.
    fn arrive(&mut self, from: Place, input: usize) -> Place {
        let identity = self.target.identity();
        let known = identity.and_then(|identity| self.by_identity.get(&identity)).copied();
        let place = known.unwrap_or_else(|| {
            let place = count(self.places.len());
            let snapshot = self.target.snapshot();
            if snapshot.is_some() {
                self.kept.push_back(place);
            }
            let next = vec![None; self.names.len()];
            self.places.push(Known { from: Some((from, input)), next, snapshot });
            if let Some(identity) = identity {
                self.by_identity.insert(identity, place);
            }
            place
        });
        if self.kept.len() > MOST_SNAPSHOTS
            && let Some(oldest) = self.kept.pop_front()
        {
            self.places[oldest as usize].snapshot = None;
        }
        self.at = Some(place);
        place
    }
}

/// More places than a number of 32 bits has would not fit into the memory of a machine.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
