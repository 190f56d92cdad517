//! `sscard learn --diff A B`.

use std::io::Write;

use sscard_lexicon::{counted, shown};
use sscard_testkit::learn::{
    MachineChange, MachineDivergence, MealyMachine, changes, shortest_divergence,
};

use super::file::{Origin, origin};
use crate::args::LearnArgs;
use crate::documents::learn::{ChangedTransition, ComparedMachine, LearnDiffDocument};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;

/// Most changed transitions that are printed; JSON has all.
const SHOWN: usize = 20;

pub(super) fn run(args: &LearnArgs, names: [&str; 2], out: &mut dyn Write) -> Result<(), Failure> {
    let origins = [origin(names[0])?, origin(names[1])?];
    let named = origins.iter().find_map(|origin| match origin {
        Origin::Machine(_, alphabet) => alphabet.clone(),
        Origin::Card(_) => None,
    });
    let alphabet = args.alphabet.clone().or(named).unwrap_or_else(|| super::USUAL.to_owned());
    let machine = |origin: Origin| -> Result<MealyMachine, Failure> {
        match origin {
            Origin::Machine(machine, _) => Ok(machine),
            Origin::Card(card) => {
                Ok(super::of_card(&card, super::alphabet(&alphabet)?, args)?.machine)
            }
        }
    };
    let [a, b] = origins;
    let machines = [machine(a)?, machine(b)?];
    let own = [own_inputs(&machines[0], &machines[1]), own_inputs(&machines[1], &machines[0])];
    if own[0].len() == machines[0].inputs().len() {
        let reason = "the two machines have no input in common: learn them with one alphabet";
        return Err(Failure::Input { place: names.join(" and "), reason: reason.to_owned() });
    }
    let word = shortest_divergence(&machines[0], &machines[1]);
    let changes = changes(&machines[0], &machines[1]);
    let same = word.is_none() && own.iter().all(Vec::is_empty);
    if args.json {
        let document = document(names, &machines, own, word, changes, same);
        documents::print(out, &document)?;
    } else {
        tell(names, &machines, own, word, &changes, out)?;
    }
    if same { Ok(()) } else { Err(Failure::Differs("the machines differ")) }
}

fn own_inputs(one: &MealyMachine, other: &MealyMachine) -> Vec<String> {
    one.inputs().iter().filter(|name| !other.inputs().contains(name)).cloned().collect()
}

fn tell(
    names: [&str; 2],
    machines: &[MealyMachine; 2],
    own: [Vec<String>; 2],
    word: Option<MachineDivergence>,
    changes: &[MachineChange],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for ((name, machine), own) in names.iter().zip(machines).zip(&own) {
        writeln!(out, "{}: {}", shown(name), counted(machine.states(), "state"))?;
        if !own.is_empty() {
            writeln!(out, "  inputs of its own: {}", shown(&own.join(" ")))?;
        }
    }
    let Some(MachineDivergence { word, answers: [first, second] }) = word else {
        writeln!(out, "both answer every word of their common inputs alike")?;
        return Ok(());
    };
    writeln!(out, "the shortest word on which they differ:")?;
    let width = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let (inputs, answers) = (width(&word), width(&first));
    for ((input, first), second) in word.iter().zip(&first).zip(&second) {
        let (input, first, second) = (shown(input), shown(first), shown(second));
        let sign = if first == second { ' ' } else { '!' };
        writeln!(out, "{sign} {input:inputs$}  {first:answers$}  {second}")?;
    }
    writeln!(out, "{} of {}:", counted(changes.len(), "changed transition"), shown(names[0]))?;
    for change in changes.iter().take(SHOWN) {
        writeln!(out, "  {}", shown(&change.to_string()))?;
    }
    if changes.len() > SHOWN {
        writeln!(out, "  and {} more", changes.len() - SHOWN)?;
    }
    Ok(())
}

fn document(
    names: [&str; 2],
    machines: &[MealyMachine; 2],
    [own_a, own_b]: [Vec<String>; 2],
    word: Option<MachineDivergence>,
    changes: Vec<MachineChange>,
    same: bool,
) -> LearnDiffDocument {
    let (word, answers) = match word {
        Some(MachineDivergence { word, answers: [a, b] }) => (Some(word), [Some(a), Some(b)]),
        None => (None, [None, None]),
    };
    let [answers_a, answers_b] = answers;
    let compared = |at: usize, own_inputs, answers| ComparedMachine {
        name: names[at].to_owned(),
        states: machines[at].states(),
        own_inputs,
        answers,
    };
    let changed = |change: MachineChange| {
        let ([state_a, state_b], [was, is]) = (change.states, change.answers);
        ChangedTransition { state_a, state_b, input: change.input, was, is, word: change.word }
    };
    LearnDiffDocument {
        schema: SCHEMA,
        same,
        a: compared(0, own_a, answers_a),
        b: compared(1, own_b, answers_b),
        word,
        changes: changes.into_iter().map(changed).collect(),
    }
}
