//! Words that tell states of a machine apart, harmonised: whichever two states are taken, one and the same word that
//! tells them apart is among the words of both.
//!
//! What enters: a machine without two states that answer alike. What leaves: for each state its words, none the
//! beginning of another.

use std::collections::{BTreeMap, VecDeque};

use super::mealy::MealyMachine;

/// Most words that are looked at before the next split is chosen.
const CANDIDATES: usize = 400;

/// For each state the words that tell it from every other one.
pub(super) fn separating_words(machine: &MealyMachine) -> Vec<Vec<Vec<usize>>> {
    let mut words = vec![Vec::new(); machine.states()];
    let mut blocks = vec![(0..machine.states()).collect::<Vec<usize>>()];
    while let Some(block) = blocks.pop() {
        if block.len() < 2 {
            continue;
        }
        let Some(word) = best_split(machine, &block) else { continue };
        let mut parts: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for state in block {
            let own: &mut Vec<Vec<usize>> = &mut words[state];
            if !own.iter().any(|known| known.starts_with(&word)) {
                own.retain(|known| !word.starts_with(known));
                own.push(word.clone());
            }
            parts.entry(answers(machine, state, &word)).or_default().push(state);
        }
        blocks.extend(parts.into_values());
    }
    words
}

fn answers(machine: &MealyMachine, mut state: usize, word: &[usize]) -> Vec<usize> {
    let step = |input: &usize| {
        let edge = machine.edge(state, *input);
        state = edge.to;
        edge.output
    };
    word.iter().map(step).collect()
}

/// The shortest word that splits a block; among those of its length the one whose largest part is smallest.
fn best_split(machine: &MealyMachine, block: &[usize]) -> Option<Vec<usize>> {
    let mut best: Option<(usize, Vec<usize>)> = None;
    // A word with the states that the block's have come to; none of these words has split it so far.
    let mut queue: VecDeque<(Vec<usize>, Vec<usize>)> =
        VecDeque::from([(Vec::new(), block.to_vec())]);
    let mut seen = std::collections::BTreeSet::from([block.to_vec()]);
    let mut looked_at = 0;
    while let Some((word, states)) = queue.pop_front() {
        if best.as_ref().is_some_and(|(_, found)| found.len() <= word.len())
            || looked_at > CANDIDATES && best.is_some()
        {
            break;
        }
        for input in 0..machine.inputs().len() {
            looked_at += 1;
            let edges: Vec<_> = states.iter().map(|state| machine.edge(*state, input)).collect();
            let mut parts: BTreeMap<usize, usize> = BTreeMap::new();
            for edge in &edges {
                *parts.entry(edge.output).or_default() += 1;
            }
            let longer = [&word[..], &[input]].concat();
            if parts.len() > 1 {
                let largest = parts.values().max().copied().unwrap_or(0);
                if best.as_ref().is_none_or(|(size, _)| largest < *size) {
                    best = Some((largest, longer));
                }
                continue;
            }
            let next: Vec<usize> = edges.iter().map(|edge| edge.to).collect();
            if seen.insert(next.clone()) {
                queue.push_back((longer, next));
            }
        }
    }
    best.map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::mealy::MealyEdge;

    /// A counter to `n` that only says when it is full.
    fn counter(n: usize) -> MealyMachine {
        let row = |state: usize| {
            let full = usize::from(state + 1 == n);
            vec![
                MealyEdge { output: full, to: (state + 1) % n },
                MealyEdge { output: 0, to: state },
            ]
        };
        let names = |letters: &str| letters.chars().map(String::from).collect();
        MealyMachine::new(names("ab"), names("xy"), (0..n).map(row).collect()).unwrap()
    }

    #[test]
    fn any_two_states_share_a_word_that_tells_them_apart() {
        let machine = counter(7);
        let words = separating_words(&machine);
        for one in 0..7 {
            for other in 0..one {
                let shared = words[one].iter().any(|word| {
                    words[other].iter().any(|known| {
                        let common = word.iter().zip(known).take_while(|(one, other)| one == other);
                        let common = &word[..common.count()];
                        answers(&machine, one, common) != answers(&machine, other, common)
                    })
                });
                assert!(shared, "{one} {other}");
            }
        }
    }

    #[test]
    fn no_word_is_the_beginning_of_another_of_its_state() {
        for words in separating_words(&counter(7)) {
            for (at, word) in words.iter().enumerate() {
                let mut others = words.iter().enumerate().filter(|(place, _)| *place != at);
                assert!(!others.any(|(_, other)| other.starts_with(word)), "{words:?}");
            }
        }
    }
}
