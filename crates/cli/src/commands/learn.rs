//! `sscard learn`: the state machine of a card, and whether two are the same.

mod compare;
mod file;
mod reader;

use std::io::Write;
use std::path::Path;

use sscard_core::Card;
use sscard_host::CardFile;
use sscard_host::whole_file::Audience;
use sscard_lexicon::{counted, shown};
use sscard_profile::{MasterKeys, holder_of, issue};
use sscard_testkit::learn::{
    Alphabet, BUILT_IN_ALPHABETS, CardUnderLearning, GoldenMachine, LearnAlgorithm, LearnError,
    LearnProgress, LearnSettings, LearnTarget, LearntMachine, MealyMachine, dot, learn,
};

use super::progress::Progress;
use super::{new, profile};
use crate::args::{LearnArgs, Learner};
use crate::documents::learn::{LearnDocument, LearntTransition};
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;
use crate::read_file;
use crate::source::built_in_card;

/// The alphabet that counts where none is named.
const USUAL: &str = "bank";

pub(crate) fn run(args: &LearnArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let [a, b] = &args.diff[..] {
        return compare::run(args, [a, b], out);
    }
    let alphabet = alphabet(args.alphabet.as_deref().unwrap_or(USUAL))?;
    if let Some(path) = &args.dot {
        super::refuse_card(path)?;
    }
    let (card, learnt) = match (&args.reader, &args.card, &args.profile) {
        (Some(reader), ..) => (reader.clone(), reader::learnt(reader, alphabet.clone(), args)?),
        (_, Some(path), _) => {
            let card = CardFile::read(path)?;
            (path.display().to_string(), of_card(&card, alphabet.clone(), args)?)
        }
        (_, _, Some(name)) => (name.clone(), of_card(&made(name)?, alphabet.clone(), args)?),
        (None, None, None) => {
            ("gen3".to_owned(), of_card(&built_in_card()?, alphabet.clone(), args)?)
        }
    };
    if let Some(path) = &args.dot {
        let title = format!("{} of {card}", alphabet.name);
        let graph = dot(&title, &learnt.machine, false);
        super::write_file(path, graph.as_bytes(), Audience::Everybody)?;
    }
    if args.json {
        return Ok(documents::print(out, &document(&card, &alphabet, &learnt))?);
    }
    let remarks = remarks(&card, &alphabet, &learnt);
    let text = GoldenMachine { remarks, machine: learnt.machine }.text();
    Ok(out.write_all(text.as_bytes())?)
}

/// What is said of a machine in front of its text.
fn remarks(card: &str, alphabet: &Alphabet, learnt: &LearntMachine) -> Vec<String> {
    let LearntMachine { machine, settings, .. } = learnt;
    vec![
        format!("alphabet {} on {}", shown(&alphabet.name), shown(card)),
        format!(
            "{}, {}, by {} to depth {}",
            counted(machine.states(), "state"),
            counted(machine.transitions(), "transition"),
            settings.algorithm.name(),
            settings.depth
        ),
        format!(
            "{} queries, {} APDUs, {:.1} s",
            learnt.queries,
            learnt.sent,
            learnt.time.as_secs_f64()
        ),
    ]
}

fn document(card: &str, alphabet: &Alphabet, learnt: &LearntMachine) -> LearnDocument {
    let LearntMachine { machine, settings, .. } = learnt;
    LearnDocument {
        schema: SCHEMA,
        card: card.to_owned(),
        alphabet: alphabet.name.clone(),
        algorithm: settings.algorithm.name(),
        depth: settings.depth,
        states: machine.states(),
        transitions: machine.transitions(),
        inputs: machine.inputs().len(),
        queries: learnt.queries,
        apdus: learnt.sent,
        hypotheses: learnt.hypotheses,
        seconds: learnt.time.as_secs_f64(),
        machine: transitions(machine),
    }
}

fn transitions(machine: &MealyMachine) -> Vec<LearntTransition> {
    let of_state = |from: usize| {
        let edges = machine.row(from).iter().zip(machine.inputs());
        edges.map(move |(edge, input)| LearntTransition {
            from,
            input: input.clone(),
            output: machine.answer(*edge).to_owned(),
            to: edge.to,
        })
    };
    (0..machine.states()).flat_map(of_state).collect()
}

/// The alphabet that is there under this name, or that of a file.
fn alphabet(name: &str) -> Result<Alphabet, Failure> {
    if let Some(alphabet) = Alphabet::built_in(name) {
        return Ok(alphabet);
    }
    let path = Path::new(name);
    if path.extension().is_none() && !path.exists() {
        let known: Vec<&str> = BUILT_IN_ALPHABETS.iter().map(|(known, ..)| *known).collect();
        return Err(Failure::Input {
            place: format!("--alphabet {name}"),
            reason: format!("no such alphabet; use {} or a file", known.join(", ")),
        });
    }
    let text = read_file::text(path)
        .map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    Alphabet::parse(name, &text).map_err(|error| match error.line {
        0 => Failure::Input { place: name.to_owned(), reason: error.reason },
        line => Failure::Placed { file: name.to_owned(), line, column: 1, reason: error.reason },
    })
}

/// A card of a profile.
fn made(name: &str) -> Result<Card, Failure> {
    let made = new::profile(name)?;
    let card = issue(&made, &holder_of(&made, None), &MasterKeys::test());
    card.map_err(|error| profile::refused_by_card(name, error))
}

fn settings(args: &LearnArgs) -> LearnSettings {
    LearnSettings {
        algorithm: match args.algorithm {
            Learner::Lsharp => LearnAlgorithm::Lsharp,
            Learner::Ttt => LearnAlgorithm::Ttt,
        },
        depth: usize::from(args.depth),
        most_states: usize::try_from(args.most_states).unwrap_or(usize::MAX),
    }
}

/// Learns a card that is a value.
fn of_card(card: &Card, alphabet: Alphabet, args: &LearnArgs) -> Result<LearntMachine, Failure> {
    let name = alphabet.name.clone();
    let target = CardUnderLearning::new(card, alphabet);
    let mut target = target.map_err(|trouble| unfit(&name, &trouble.to_string()))?;
    learnt(&mut target, settings(args)).map_err(|error| unfit(&name, &error.to_string()))
}

fn unfit(alphabet: &str, reason: &str) -> Failure {
    Failure::Input { place: format!("alphabet {alphabet}"), reason: reason.to_owned() }
}

/// Learns, with a bar for whoever waits.
fn learnt<T: LearnTarget>(
    target: &mut T,
    settings: LearnSettings,
) -> Result<LearntMachine, LearnError> {
    let progress = Progress::start("commands", None);
    let mut tell = |now: LearnProgress| {
        progress.set(now.sent);
        let states = counted(now.states, "state");
        progress.note(|| match now.tested {
            None => format!("commands; {states} so far"),
            Some((done, known)) => format!("commands; {states}, tested {done} of {known} or more"),
        });
    };
    let learnt = learn(target, settings, &mut tell);
    progress.finish();
    learnt
}
