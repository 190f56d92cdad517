//! Whether a hypothesis is the system's machine, as far as words to a depth tell.
//!
//! After the shortest word to each state every word of inputs up to the depth, and after each of these the words that
//! tell the state, which the hypothesis says it is, from all others (Wp method with harmonised identifiers). A machine that
//! passes at depth `K` is the system's own unless that one has more than `K - 1` states more. Words that bring the system to
//! the same place in the same state of the hypothesis are one from there on.

use std::collections::HashSet;

use super::error::LearnError;
use super::mealy::MealyMachine;
use super::prober::{Answer, Place, Prober};
use super::separation::separating_words;
use super::target::LearnTarget;

/// Where the system and the hypothesis are after a word.
struct Met {
    place: Place,
    state: usize,
    /// Where it was come from, and by which input; of the first the state's own word counts.
    from: Option<(usize, usize)>,
}

/// A word on which system and hypothesis differ in the last answer; `None` when there is none to the depth.
/// The machine's answers have the prober's numbers. `tell` hears of progress: how much is done, of how much in all.
pub(super) fn counterexample<T: LearnTarget>(
    prober: &mut Prober<'_, T>,
    machine: &MealyMachine,
    depth: usize,
    tell: &mut dyn FnMut(&Prober<'_, T>, usize, usize),
) -> Result<Option<Vec<usize>>, LearnError> {
    let words = separating_words(machine);
    let mut met = Vec::new();
    let mut seen = HashSet::new();
    let access = machine.access();
    for (state, word) in access.iter().enumerate() {
        let Some(word) = word else { continue };
        let mut place = 0;
        let mut at = 0;
        for (length, input) in word.iter().enumerate() {
            let (answer, next) = prober.step(place, *input)?;
            let edge = machine.edge(at, *input);
            if answer as usize != edge.output {
                return Ok(Some(word[..=length].to_vec()));
            }
            (place, at) = (next, edge.to);
        }
        if seen.insert((place, state)) {
            met.push(Met { place, state, from: None });
        }
    }
    let mut layer = 0..met.len();
    for length in 0..=depth {
        // The words that tell states apart.
        for at in layer.clone() {
            tell(prober, at, met.len());
            let Met { place, state, .. } = met[at];
            for word in &words[state] {
                if let Some(differs) = tell_apart(prober, machine, place, state, word)? {
                    let word = [&word_of(&met, &access, at)[..], &word[..differs]].concat();
                    return Ok(Some(word));
                }
            }
        }
        if length == depth {
            break;
        }
        // One input more.
        let end = met.len();
        for at in layer {
            tell(prober, at, met.len());
            let Met { place, state, .. } = met[at];
            for input in 0..prober.inputs() {
                let (answer, place) = prober.step(place, input)?;
                let edge = machine.edge(state, input);
                if answer as usize != edge.output {
                    let word = [&word_of(&met, &access, at)[..], &[input]].concat();
                    return Ok(Some(word));
                }
                if seen.insert((place, edge.to)) {
                    met.push(Met { place, state: edge.to, from: Some((at, input)) });
                }
            }
        }
        layer = end..met.len();
    }
    Ok(None)
}

/// After how many inputs of a word system and hypothesis differ, if they do.
fn tell_apart<T: LearnTarget>(
    prober: &mut Prober<'_, T>,
    machine: &MealyMachine,
    mut place: Place,
    mut state: usize,
    word: &[usize],
) -> Result<Option<usize>, LearnError> {
    for (length, input) in word.iter().enumerate() {
        let (answer, next): (Answer, Place) = prober.step(place, *input)?;
        let edge = machine.edge(state, *input);
        if answer as usize != edge.output {
            return Ok(Some(length + 1));
        }
        (place, state) = (next, edge.to);
    }
    Ok(None)
}

/// The whole word to a meeting.
fn word_of(met: &[Met], access: &[Option<Vec<usize>>], mut at: usize) -> Vec<usize> {
    let mut behind = Vec::new();
    while let Some((from, input)) = met[at].from {
        behind.push(input);
        at = from;
    }
    behind.reverse();
    let word = access[met[at].state].as_deref().unwrap_or_default();
    [word, &behind].concat()
}
