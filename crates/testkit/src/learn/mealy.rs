//! Mealy machines: states, and for every input an answer and the next state.
//!
//! Invariant owned here: a machine is complete, and every edge leads to a state that is there.

use std::collections::{BTreeMap, VecDeque};

/// What a state does with one input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MealyEdge {
    /// The answer, by its place among the machine's answers.
    pub output: usize,
    /// The next state.
    pub to: usize,
}

/// Why a table is no machine.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MealyError {
    /// There are no inputs, or no states.
    #[error("a machine has inputs and states")]
    Empty,
    /// A name comes twice.
    #[error("the input {0} is there twice")]
    Twice(String),
    /// A state lacks an input, or has one too many.
    #[error("state {state} does not say what every input does")]
    Incomplete {
        /// The state.
        state: usize,
    },
    /// An edge leads nowhere.
    #[error("state {state} leads to a state or an answer that is not there")]
    Dangling {
        /// The state.
        state: usize,
    },
}

/// A complete deterministic Mealy machine; state 0 is the initial one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MealyMachine {
    inputs: Vec<String>,
    outputs: Vec<String>,
    rows: Vec<Vec<MealyEdge>>,
}

impl MealyMachine {
    /// A machine of these inputs, answers and rows, a row a state with an edge for each input.
    ///
    /// # Errors
    /// [`MealyError`].
    pub fn new(
        inputs: Vec<String>,
        outputs: Vec<String>,
        rows: Vec<Vec<MealyEdge>>,
    ) -> Result<Self, MealyError> {
        if inputs.is_empty() || rows.is_empty() {
            return Err(MealyError::Empty);
        }
        let twice = inputs.iter().enumerate().find(|(at, name)| inputs[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Err(MealyError::Twice(name.clone()));
        }
        for (state, row) in rows.iter().enumerate() {
            if row.len() != inputs.len() {
                return Err(MealyError::Incomplete { state });
            }
            if row.iter().any(|edge| edge.output >= outputs.len() || edge.to >= rows.len()) {
                return Err(MealyError::Dangling { state });
            }
        }
        Ok(Self { inputs, outputs, rows })
    }

    /// A machine of a table that is known to be complete.
    pub(super) const fn of_table(
        inputs: Vec<String>,
        outputs: Vec<String>,
        rows: Vec<Vec<MealyEdge>>,
    ) -> Self {
        Self { inputs, outputs, rows }
    }

    /// How many states.
    #[must_use]
    pub fn states(&self) -> usize {
        self.rows.len()
    }

    /// How many edges.
    #[must_use]
    pub fn transitions(&self) -> usize {
        self.rows.len() * self.inputs.len()
    }

    /// Names of the inputs.
    #[must_use]
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The answers.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.outputs
    }

    /// A state's edges, an input each.
    #[must_use]
    pub fn row(&self, state: usize) -> &[MealyEdge] {
        &self.rows[state]
    }

    /// What a state does with an input.
    #[must_use]
    pub fn edge(&self, state: usize, input: usize) -> MealyEdge {
        self.rows[state][input]
    }

    /// The answer's text.
    #[must_use]
    pub fn answer(&self, edge: MealyEdge) -> &str {
        &self.outputs[edge.output]
    }

    /// Answers to a word, from the initial state.
    #[must_use]
    pub fn run(&self, word: &[usize]) -> Vec<&str> {
        let mut state = 0;
        let step = |input: &usize| {
            let edge = self.edge(state, *input);
            state = edge.to;
            self.answer(edge)
        };
        word.iter().map(step).collect()
    }

    /// The state that a word leads to from `state`.
    #[must_use]
    pub fn after(&self, state: usize, word: &[usize]) -> usize {
        word.iter().fold(state, |state, input| self.edge(state, *input).to)
    }

    /// The shortest word to each state, inputs in their order first; `None` for what cannot be reached.
    #[must_use]
    pub fn access(&self) -> Vec<Option<Vec<usize>>> {
        let mut words = vec![None; self.states()];
        words[0] = Some(Vec::new());
        let mut queue = VecDeque::from([0]);
        while let Some(state) = queue.pop_front() {
            let word: Vec<usize> = words[state].clone().unwrap_or_default();
            for (input, edge) in self.rows[state].iter().enumerate() {
                if words[edge.to].is_none() {
                    words[edge.to] = Some([&word[..], &[input]].concat());
                    queue.push_back(edge.to);
                }
            }
        }
        words
    }

    /// The smallest machine that answers alike, its states numbered as they are met from the initial one, breadth first
    /// and inputs in their order, its answers as they are met. Two machines with the same inputs answer alike exactly
    /// when these are equal.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let classes = self.classes();
        let mut number: BTreeMap<usize, usize> = BTreeMap::from([(classes[0], 0)]);
        let mut representatives = vec![0];
        let mut outputs: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        let mut next = 0;
        while let Some(state) = representatives.get(next).copied() {
            next += 1;
            let row = self.rows[state].iter().map(|edge| {
                let to = *number.entry(classes[edge.to]).or_insert_with(|| {
                    representatives.push(edge.to);
                    representatives.len() - 1
                });
                let text = self.answer(*edge);
                let known = outputs.iter().position(|output| output == text);
                let output = known.unwrap_or_else(|| {
                    outputs.push(text.to_owned());
                    outputs.len() - 1
                });
                MealyEdge { output, to }
            });
            let row = row.collect();
            rows.push(row);
        }
        Self { inputs: self.inputs.clone(), outputs, rows }
    }

    /// For each state its class of states that answer alike.
    pub(super) fn classes(&self) -> Vec<usize> {
        let mut classes = vec![0; self.states()];
        let mut count = 1;
        loop {
            let mut known = BTreeMap::new();
            let refined = self.rows.iter().zip(&classes).map(|(row, class)| {
                let row: Vec<_> =
                    row.iter().map(|edge| (self.answer(*edge), classes[edge.to])).collect();
                let number = known.len();
                *known.entry((*class, row)).or_insert(number)
            });
            let refined: Vec<usize> = refined.collect();
            let found = known.len();
            classes = refined;
            if found == count {
                return classes;
            }
            count = found;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(output: usize, to: usize) -> MealyEdge {
        MealyEdge { output, to }
    }

    fn machine(rows: &[&[MealyEdge]]) -> MealyMachine {
        let names = |letters: &str| letters.chars().map(String::from).collect();
        let rows = rows.iter().map(|row| row.to_vec()).collect();
        MealyMachine::new(names("ab"), names("xyz"), rows).unwrap()
    }

    #[test]
    fn a_machine_is_complete_and_leads_to_states_that_are_there() {
        let names = |letters: &str| -> Vec<String> { letters.chars().map(String::from).collect() };
        let make = |rows: Vec<Vec<MealyEdge>>| MealyMachine::new(names("ab"), names("x"), rows);
        assert_eq!(make(vec![]), Err(MealyError::Empty));
        assert_eq!(make(vec![vec![edge(0, 0)]]), Err(MealyError::Incomplete { state: 0 }));
        assert_eq!(
            make(vec![vec![edge(0, 0), edge(0, 1)]]),
            Err(MealyError::Dangling { state: 0 })
        );
        assert_eq!(
            make(vec![vec![edge(1, 0), edge(0, 0)]]),
            Err(MealyError::Dangling { state: 0 })
        );
        assert_eq!(
            MealyMachine::new(names("aa"), names("x"), vec![vec![edge(0, 0); 2]]),
            Err(MealyError::Twice("a".to_owned()))
        );
    }

    #[test]
    fn states_that_answer_alike_are_one_and_what_cannot_be_reached_is_none() {
        let long = machine(&[
            &[edge(0, 2), edge(1, 0)],
            &[edge(2, 1), edge(2, 1)],
            &[edge(0, 3), edge(1, 2)],
            &[edge(0, 0), edge(1, 0)],
        ]);
        let short = long.canonical();
        assert_eq!(short.states(), 1);
        assert_eq!(short.outputs(), ["x", "y"]);
        assert_eq!(short.canonical(), short);
        assert_eq!(long.run(&[0, 1, 0, 0]), short.run(&[0, 1, 0, 0]));
    }

    #[test]
    fn the_numbers_of_states_and_answers_do_not_matter() {
        let one = machine(&[
            &[edge(2, 1), edge(0, 0)],
            &[edge(2, 2), edge(0, 0)],
            &[edge(1, 2), edge(1, 1)],
        ]);
        let other = machine(&[
            &[edge(2, 2), edge(0, 0)],
            &[edge(1, 1), edge(1, 2)],
            &[edge(2, 1), edge(0, 0)],
        ]);
        assert_ne!(one, other);
        assert_eq!(one.canonical(), other.canonical());
        assert_eq!(one.canonical().access(), [Some(vec![]), Some(vec![0]), Some(vec![0, 0])]);
    }
}
