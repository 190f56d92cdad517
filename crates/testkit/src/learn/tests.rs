//! Learning as a whole: random machines, systems that are none, and the built-in cards.

mod cards;

use proptest::prelude::*;

use super::*;

/// A machine as a system; whether it can go back, and whether it can be looked into.
struct Simulated {
    machine: MealyMachine,
    state: usize,
    goes_back: bool,
    is_open: bool,
}

impl LearnTarget for Simulated {
    type Snapshot = usize;

    fn inputs(&self) -> Vec<String> {
        self.machine.inputs().to_vec()
    }

    fn begin(&mut self) -> Result<(), LearnTrouble> {
        self.state = 0;
        Ok(())
    }

    fn step(&mut self, input: usize, answer: &mut String) -> Result<(), LearnTrouble> {
        let edge = self.machine.edge(self.state, input);
        answer.push_str(self.machine.answer(edge));
        self.state = edge.to;
        Ok(())
    }

    fn snapshot(&self) -> Option<usize> {
        self.goes_back.then_some(self.state)
    }

    fn restore(&mut self, snapshot: &usize) {
        self.state = *snapshot;
    }

    fn identity(&self) -> Option<u128> {
        self.is_open.then_some(self.state as u128)
    }
}

fn machines() -> impl Strategy<Value = MealyMachine> {
    let sizes = (1_usize..=6, 1_usize..=3, 1_usize..=3);
    sizes.prop_flat_map(|(states, inputs, outputs)| {
        let edge = (0..outputs, 0..states).prop_map(|(output, to)| MealyEdge { output, to });
        let rows = proptest::collection::vec(proptest::collection::vec(edge, inputs), states);
        rows.prop_map(move |rows| {
            let names = |letter: char, count| (0..count).map(|i| format!("{letter}{i}")).collect();
            MealyMachine::new(names('i', inputs), names('o', outputs), rows).unwrap()
        })
    })
}

fn settings(algorithm: LearnAlgorithm, depth: usize) -> LearnSettings {
    LearnSettings { algorithm, depth, ..LearnSettings::default() }
}

const BOTH: [LearnAlgorithm; 2] = [LearnAlgorithm::Lsharp, LearnAlgorithm::Ttt];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Deep enough for a machine of so many states, whatever is known of it.
    #[test]
    fn a_random_machine_is_learnt_as_it_is(
        machine in machines(), goes_back: bool, is_open: bool,
    ) {
        let expected = machine.canonical();
        for algorithm in BOTH {
            let depth = machine.states();
            let mut system = Simulated { machine: machine.clone(), state: 0, goes_back, is_open };
            let learnt = learn(&mut system, settings(algorithm, depth), &mut |_| {}).unwrap();
            prop_assert_eq!(&learnt.machine, &expected, "{:?}", algorithm);
        }
    }

    #[test]
    fn a_golden_text_holds_a_machine_whole(machine in machines()) {
        let golden = GoldenMachine { remarks: vec!["any".to_owned()], machine };
        let read = GoldenMachine::parse(&golden.text()).unwrap();
        prop_assert_eq!(read.machine.canonical(), golden.machine.canonical());
    }

    #[test]
    fn two_machines_differ_exactly_when_a_word_shows_it(one in machines(), other in machines()) {
        prop_assume!(one.inputs() == other.inputs());
        let found = shortest_divergence(&one, &other);
        prop_assert_eq!(found.is_none(), one.canonical() == other.canonical());
        if let Some(MachineDivergence { answers: [first, second], .. }) = found {
            prop_assert_eq!(first.split_last().unwrap().1, second.split_last().unwrap().1);
            prop_assert_ne!(first.last(), second.last());
        }
        prop_assert_eq!(changes(&one, &other).is_empty(), one.canonical() == other.canonical());
    }
}

/// A machine with a lock: only one word of `length` inputs opens it.
fn lock(length: usize) -> MealyMachine {
    let row = |state: usize| {
        let edge = |input| match (state == length, input == state % 2) {
            (true, _) => MealyEdge { output: 1, to: state },
            (false, true) => MealyEdge { output: 0, to: state + 1 },
            (false, false) => MealyEdge { output: 0, to: 0 },
        };
        vec![edge(0), edge(1)]
    };
    let names = |letters: &str| letters.chars().map(String::from).collect();
    MealyMachine::new(names("ab"), names("xy"), (0..=length).map(row).collect()).unwrap()
}

#[test]
fn a_lock_is_found_at_its_depth_and_not_before() {
    for algorithm in BOTH {
        let states = |depth| {
            let mut system =
                Simulated { machine: lock(5), state: 0, goes_back: true, is_open: false };
            let learnt = learn(&mut system, settings(algorithm, depth), &mut |_| {}).unwrap();
            learnt.machine.states()
        };
        assert_eq!(states(5), 1, "five inputs open it, the sixth shows it");
        assert_eq!(states(6), 6);
    }
}

/// Every third word is answered otherwise: a counter that no input resets.
struct Moody(u32);

impl LearnTarget for Moody {
    type Snapshot = ();

    fn inputs(&self) -> Vec<String> {
        vec!["ask".into(), "beg".into()]
    }

    fn begin(&mut self) -> Result<(), LearnTrouble> {
        Ok(())
    }

    fn step(&mut self, input: usize, answer: &mut String) -> Result<(), LearnTrouble> {
        self.0 += 1;
        answer.push_str(if input == 0 && self.0 > 3 { "no" } else { "yes" });
        Ok(())
    }

    fn snapshot(&self) -> Option<()> {
        None
    }

    fn restore(&mut self, (): &()) {}
}

#[test]
fn two_answers_to_one_word_are_an_error_that_names_it() {
    let error = learn(&mut Moody(0), settings(LearnAlgorithm::Lsharp, 2), &mut |_| {});
    let error = error.unwrap_err().to_string();
    let words = "the same inputs were answered in two ways: after \"ask\" first yes, then no";
    assert!(error.starts_with(words), "{error}");
}

/// Counts without an end.
struct Counter(u64);

impl LearnTarget for Counter {
    type Snapshot = u64;

    fn inputs(&self) -> Vec<String> {
        vec!["more".into()]
    }

    fn begin(&mut self) -> Result<(), LearnTrouble> {
        self.0 = 0;
        Ok(())
    }

    fn step(&mut self, _input: usize, answer: &mut String) -> Result<(), LearnTrouble> {
        self.0 += 1;
        answer.push_str(&self.0.to_string());
        Ok(())
    }

    fn snapshot(&self) -> Option<u64> {
        Some(self.0)
    }

    fn restore(&mut self, snapshot: &u64) {
        self.0 = *snapshot;
    }
}

#[test]
fn a_machine_without_an_end_is_given_up() {
    for algorithm in BOTH {
        let settings = LearnSettings { most_states: 5, ..settings(algorithm, 2) };
        let error = learn(&mut Counter(0), settings, &mut |_| {}).unwrap_err();
        let LearnError::TooManyStates { most: 5, word } = error else { panic!("{error}") };
        assert_eq!(word, "more more more more more");
    }
}
