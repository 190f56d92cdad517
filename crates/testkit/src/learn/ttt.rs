//! TTT (Isberner, Howar and Steffen, RV 2014): learning with a discrimination tree.
//!
//! ```text
//! word ─► sift through the tree ─► its state         a wrong hypothesis ─► one word that splits one state (Rivest, Schapire)
//! ```
//!
//! A word out of a counterexample is a makeshift: it stands in the tree only until a shorter one is found that is an input
//! in front of a word that stands there for good.
//!
//! What enters: a [`Prober`] and words on which a hypothesis was wrong. What leaves: hypotheses.

mod tree;

use super::error::LearnError;
use super::limit::StateLimit;
use super::mealy::{MealyEdge, MealyMachine};
use super::prober::{Answer, Prober};
use super::target::LearnTarget;
use tree::{DiscriminationTree, Sifted};

/// A state: the word that led to it, and what is known of its edges.
struct State {
    access: Vec<usize>,
    edges: Vec<(Answer, usize)>,
}

/// The learner's state.
pub(super) struct Ttt {
    tree: DiscriminationTree,
    states: Vec<State>,
    limit: StateLimit,
    inputs: usize,
}

impl Ttt {
    pub(super) fn new(inputs: usize, limit: StateLimit) -> Self {
        let initial = State { access: Vec::new(), edges: Vec::new() };
        Self { tree: DiscriminationTree::new(), states: vec![initial], limit, inputs }
    }

    /// The next hypothesis that every word in the tree agrees with.
    pub(super) fn hypothesis<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        tell: &mut dyn FnMut(&Prober<'_, T>, usize),
    ) -> Result<MealyMachine, LearnError> {
        loop {
            tell(prober, self.states.len());
            self.complete(prober)?;
            if let Some(word) = self.contradiction() {
                self.refute(prober, &word)?;
            } else if !self.settle_one() {
                break;
            }
        }
        let row = |state: &State| {
            let edge = |&(answer, to): &(Answer, usize)| MealyEdge { output: answer as usize, to };
            state.edges.iter().map(edge).collect()
        };
        Ok(prober.machine(self.states.iter().map(row).collect()))
    }

    /// Splits the state that a word shows to be two.
    pub(super) fn refute<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        word: &[usize],
    ) -> Result<(), LearnError> {
        // The states that the hypothesis takes the word's beginnings for.
        let mut path = vec![0];
        for input in word {
            let last = path.last().copied().unwrap_or(0);
            path.push(self.states[last].edges[*input].1);
        }
        // Before `wrong` the rest of the word is answered otherwise than the hypothesis says, before `right` as it says.
        let (mut wrong, mut right) = (0, word.len());
        if self.answers(prober, path[0], word)? == self.said(path[0], word) {
            return Ok(());
        }
        while right - wrong > 1 {
            let middle = (wrong + right) / 2;
            let rest = &word[middle..];
            if self.answers(prober, path[middle], rest)? == self.said(path[middle], rest) {
                right = middle;
            } else {
                wrong = middle;
            }
        }
        let rest = &word[right..];
        let old = path[right];
        let access = [&self.states[path[wrong]].access[..], &[word[wrong]]].concat();
        // A word that came to stand in the tree later may tell already.
        let found = self.sift(prober, &access)?;
        if found != old {
            self.states[path[wrong]].edges[word[wrong]].1 = found;
            return Ok(());
        }
        let of_old = self.answers(prober, old, rest)?;
        let of_new = answers_behind(prober, &access, rest)?;
        let new = self.add(access)?;
        self.tree.split(old, rest, of_old, (new, of_new));
        self.states[path[wrong]].edges[word[wrong]].1 = new;
        // Whoever led to the old state leads to one of the two, or to a third.
        for state in 0..self.states.len() {
            for input in 0..self.states[state].edges.len() {
                if self.states[state].edges[input].1 == old {
                    let access = [&self.states[state].access[..], &[input]].concat();
                    let to = self.sift(prober, &access)?;
                    self.states[state].edges[input].1 = to;
                }
            }
        }
        Ok(())
    }

    /// Gives every state all its edges.
    fn complete<T: LearnTarget>(&mut self, prober: &mut Prober<'_, T>) -> Result<(), LearnError> {
        let mut state = 0;
        while state < self.states.len() {
            while self.states[state].edges.len() < self.inputs {
                let input = self.states[state].edges.len();
                let access = &self.states[state].access;
                let answers = answers_behind(prober, access, &[input])?;
                let access = [&access[..], &[input]].concat();
                let to = self.sift(prober, &access)?;
                let answer = answers.first().copied().unwrap_or(0);
                self.states[state].edges.push((answer, to));
            }
            state += 1;
        }
        Ok(())
    }

    /// The state that a word leads to; one that is like no other is new.
    fn sift<T: LearnTarget>(
        &mut self,
        prober: &mut Prober<'_, T>,
        access: &[usize],
    ) -> Result<usize, LearnError> {
        let mut node = self.tree.root();
        loop {
            match self.tree.at(node) {
                Sifted::State(state) => return Ok(state),
                Sifted::Word(word) => {
                    let answers = answers_behind(prober, access, word)?;
                    match self.tree.child(node, &answers) {
                        Some(child) => node = child,
                        None => {
                            let new = self.add(access.to_vec())?;
                            self.tree.grow(node, answers, new);
                            return Ok(new);
                        }
                    }
                }
            }
        }
    }

    fn add(&mut self, access: Vec<usize>) -> Result<usize, LearnError> {
        let new = self.states.len();
        self.limit.admits(new + 1, || access.clone())?;
        self.states.push(State { access, edges: Vec::new() });
        Ok(new)
    }

    /// What the system answers to a word in a state.
    fn answers<T: LearnTarget>(
        &self,
        prober: &mut Prober<'_, T>,
        state: usize,
        word: &[usize],
    ) -> Result<Vec<Answer>, LearnError> {
        answers_behind(prober, &self.states[state].access, word)
    }

    /// What the hypothesis says that it answers.
    fn said(&self, mut state: usize, word: &[usize]) -> Vec<Answer> {
        let step = |input: &usize| {
            let (answer, to) = self.states[state].edges[*input];
            state = to;
            answer
        };
        word.iter().map(step).collect()
    }

    /// A word in the tree that the hypothesis answers otherwise than the system did.
    fn contradiction(&self) -> Option<Vec<usize>> {
        (0..self.states.len()).find_map(|state| {
            let mut asked = self.tree.asked(state);
            let (word, _) = asked.find(|(word, answers)| self.said(state, word) != **answers)?;
            Some([&self.states[state].access[..], word].concat())
        })
    }

    /// Puts one word that stands for good in the place of makeshifts, the shortest that there is. Whether there was any
    /// makeshift left.
    fn settle_one(&mut self) -> bool {
        let mut best: Option<(usize, usize, usize, Option<usize>)> = None;
        for block in self.tree.makeshifts() {
            let states = self.tree.states_below(block);
            for input in 0..self.inputs {
                let edges = states.iter().map(|state| self.states[*state].edges[input]);
                let edges: Vec<_> = edges.collect();
                let differ = edges.iter().any(|edge| edge.0 != edges[0].0);
                let behind = match differ {
                    true => None,
                    false => {
                        let targets: Vec<usize> = edges.iter().map(|edge| edge.1).collect();
                        match self.tree.meeting(&targets) {
                            Some(node) if !self.tree.is_makeshift(node) => Some(node),
                            _ => continue,
                        }
                    }
                };
                let length = 1 + behind.map_or(0, |node| self.tree.word(node).len());
                if best.is_none_or(|(known, ..)| length < known) {
                    best = Some((length, block, input, behind));
                }
            }
        }
        let Some((_, block, input, behind)) = best else { return false };
        let word = [&[input][..], behind.map_or(&[], |node| self.tree.word(node))].concat();
        let answers = |state: usize| {
            let (answer, to) = self.states[state].edges[input];
            let rest = behind.and_then(|node| self.tree.answers_at(node, to)).unwrap_or_default();
            [&[answer][..], rest].concat()
        };
        let of_states = self.tree.states_below(block).into_iter();
        let of_states: Vec<_> = of_states.map(|state| (state, answers(state))).collect();
        self.tree.settle(block, word, &of_states);
        true
    }
}

/// The answers to the second word after the first.
fn answers_behind<T: LearnTarget>(
    prober: &mut Prober<'_, T>,
    access: &[usize],
    word: &[usize],
) -> Result<Vec<Answer>, LearnError> {
    let place = prober.word(0, access, &mut Vec::new())?;
    let mut answers = Vec::with_capacity(word.len());
    prober.word(place, word, &mut answers)?;
    Ok(answers)
}
