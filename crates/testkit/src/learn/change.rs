//! Where two machines differ: the shortest word that shows it, and every transition that is another one.

use std::collections::{BTreeSet, VecDeque};

use super::mealy::MealyMachine;
use super::word::shown_word;

/// A word whose last input two machines answer differently.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MachineDivergence {
    /// The inputs by name.
    pub word: Vec<String>,
    /// What each of the two machines answers to each input.
    pub answers: [Vec<String>; 2],
}

/// A transition that is another one than before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MachineChange {
    /// State of the first machine, and of the second.
    pub states: [usize; 2],
    /// The input.
    pub input: String,
    /// What each answers.
    pub answers: [String; 2],
    /// The shortest word to it, the input included, by name.
    pub word: Vec<String>,
}

impl std::fmt::Display for MachineChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [state, other] = self.states;
        let [was, is] = &self.answers;
        let all: Vec<usize> = (0..self.word.len()).collect();
        let word = shown_word(&self.word, &all);
        write!(
            f,
            "state {state} (now {other}), {}: was {was}, is {is}; shown by: {word}",
            self.input
        )
    }
}

/// Places of the inputs that both machines have, in the first's order.
fn common_inputs(one: &MealyMachine, other: &MealyMachine) -> Vec<[usize; 2]> {
    let place = |name: &String| other.inputs().iter().position(|known| known == name);
    let inputs = one.inputs().iter().enumerate();
    inputs.filter_map(|(at, name)| place(name).map(|there| [at, there])).collect()
}

struct Way {
    states: [usize; 2],
    /// Where it was come from, and by which of the common inputs.
    from: Option<(usize, usize)>,
}

fn word_of(ways: &[Way], mut at: usize, last: usize) -> Vec<usize> {
    let mut word = vec![last];
    while let Some((from, input)) = ways[at].from {
        word.push(input);
        at = from;
    }
    word.reverse();
    word
}

/// Walks both machines side by side, breadth first; `found` hears of each transition with two answers, and says whether
/// that is enough.
fn side_by_side(
    one: &MealyMachine,
    other: &MealyMachine,
    mut found: impl FnMut(&[Way], usize, usize) -> bool,
) {
    let inputs = common_inputs(one, other);
    let mut ways = vec![Way { states: [0, 0], from: None }];
    let mut seen = BTreeSet::from([[0, 0]]);
    let mut queue = VecDeque::from([0]);
    while let Some(at) = queue.pop_front() {
        let [state, there] = ways[at].states;
        for (number, [input, of_other]) in inputs.iter().enumerate() {
            let (first, second) = (one.edge(state, *input), other.edge(there, *of_other));
            if one.answer(first) != other.answer(second) {
                if found(&ways, at, number) {
                    return;
                }
            } else if seen.insert([first.to, second.to]) {
                queue.push_back(ways.len());
                ways.push(Way { states: [first.to, second.to], from: Some((at, number)) });
            }
        }
    }
}

/// The shortest word of inputs that both machines have on which they differ; `None` when they answer alike.
#[must_use]
pub fn shortest_divergence(one: &MealyMachine, other: &MealyMachine) -> Option<MachineDivergence> {
    let inputs = common_inputs(one, other);
    let mut word = None;
    side_by_side(one, other, |ways, at, last| {
        word = Some(word_of(ways, at, last));
        true
    });
    let word = word?;
    let of = |side: usize| word.iter().map(|input| inputs[*input][side]).collect::<Vec<_>>();
    let owned = |answers: Vec<&str>| answers.into_iter().map(str::to_owned).collect();
    Some(MachineDivergence {
        answers: [owned(one.run(&of(0))), owned(other.run(&of(1)))],
        word: of(0).into_iter().map(|input| one.inputs()[input].clone()).collect(),
    })
}

/// Every transition that is another one, once for each state of the first machine, by its shortest word first. What lies
/// behind such a transition is not looked at on that way.
#[must_use]
pub fn changes(one: &MealyMachine, other: &MealyMachine) -> Vec<MachineChange> {
    let inputs = common_inputs(one, other);
    let mut told = BTreeSet::new();
    let mut changes = Vec::new();
    side_by_side(one, other, |ways, at, last| {
        let [state, there] = ways[at].states;
        if told.insert((state, last)) {
            let [input, of_other] = inputs[last];
            let word = word_of(ways, at, last);
            let name = |input: &usize| one.inputs()[inputs[*input][0]].clone();
            let (was, is) = (one.edge(state, input), other.edge(there, of_other));
            changes.push(MachineChange {
                states: [state, there],
                input: one.inputs()[input].clone(),
                answers: [one.answer(was).to_owned(), other.answer(is).to_owned()],
                word: word.iter().map(name).collect(),
            });
        }
        false
    });
    changes
}

/// What is to be said of two machines, the first of which is the known one: nothing when they are the same, else how many
/// states and inputs there were and are, and each changed transition, `most` of them at most.
#[must_use]
pub fn divergence(known: &MealyMachine, new: &MealyMachine, most: usize) -> Option<String> {
    use std::fmt::Write;
    let mut text = String::new();
    let mut line = |what: std::fmt::Arguments<'_>| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{what}");
    };
    let lacking = |one: &MealyMachine, other: &MealyMachine| -> Vec<String> {
        one.inputs().iter().filter(|name| !other.inputs().contains(name)).cloned().collect()
    };
    let (gone, come) = (lacking(known, new), lacking(new, known));
    if !gone.is_empty() {
        line(format_args!("inputs that are gone: {}", gone.join(" ")));
    }
    if !come.is_empty() {
        line(format_args!("inputs that are new: {}", come.join(" ")));
    }
    let changes = changes(known, new);
    if (known.states(), &changes) != (new.states(), &Vec::new()) {
        line(format_args!("{} states, now {}", known.states(), new.states()));
    }
    for change in changes.iter().take(most) {
        line(format_args!("{change}"));
    }
    if changes.len() > most {
        line(format_args!("and {} transitions more", changes.len() - most));
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::mealy::MealyEdge;

    /// A PIN of `tries` tries: `wrong` uses one, `right` gives them back.
    fn pin(tries: usize, input: &str) -> MealyMachine {
        let edge = |output, to| MealyEdge { output, to };
        let row = |used: usize| match tries - used {
            0 => vec![edge(0, used), edge(0, used)],
            left => vec![edge(left, used + 1), edge(tries + 1, 0)],
        };
        let mut outputs = vec!["6983".to_owned()];
        outputs.extend((1..=tries).map(|left| format!("63C{}", left - 1)));
        outputs.push("9000".to_owned());
        let inputs = vec![input.to_owned(), "right".to_owned()];
        MealyMachine::new(inputs, outputs, (0..=tries).map(row).collect()).unwrap()
    }

    #[test]
    fn the_shortest_word_comes_with_the_answers_of_both() {
        assert_eq!(shortest_divergence(&pin(3, "wrong"), &pin(3, "wrong")), None);
        let found = shortest_divergence(&pin(3, "wrong"), &pin(4, "wrong")).unwrap();
        assert_eq!(found.word, ["wrong"]);
        assert_eq!(found.answers, [["63C2"], ["63C3"]]);
    }

    #[test]
    fn inputs_that_one_machine_lacks_are_left_out_of_the_comparison() {
        assert_eq!(shortest_divergence(&pin(3, "wrong"), &pin(4, "bad")), None);
        let text = divergence(&pin(3, "wrong"), &pin(3, "bad"), 9).unwrap();
        assert_eq!(text, "inputs that are gone: wrong\ninputs that are new: bad\n");
    }

    #[test]
    fn a_change_says_what_was_and_what_is_with_a_word_to_it() {
        assert_eq!(divergence(&pin(3, "wrong"), &pin(3, "wrong"), 9), None);
        let known = pin(2, "wrong");
        let mut rows: Vec<Vec<MealyEdge>> = (0..3).map(|state| known.row(state).to_vec()).collect();
        rows[2][1] = MealyEdge { output: 3, to: 0 };
        let new = MealyMachine::new(known.inputs().to_vec(), known.outputs().to_vec(), rows);
        let text = divergence(&known, &new.unwrap(), 9).unwrap();
        assert_eq!(
            text,
            "3 states, now 3\n\
             state 2 (now 2), right: was 6983, is 9000; shown by: wrong wrong right\n"
        );
    }
}
