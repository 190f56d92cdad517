//! The machines of the built-in cards, as they stand in `machines/`, and cards that are learnt in other ways.
//!
//! `BLESS=1 cargo test -p sscard-testkit golden` writes the machines anew; read the difference before you accept it.

use std::path::PathBuf;

use sscard_core::Card;
use sscard_host::InProcess;
use sscard_profile::{BankKeyUse, BankKeys, MasterKeys, built_in, issue, load, synthetic_holder};

use super::*;
use LearnAlgorithm::{Lsharp, Ttt};

fn card(profile: &str) -> Card {
    issue(&built_in(profile).unwrap(), &synthetic_holder(1), &MasterKeys::test()).unwrap()
}

fn own_card(text: &str) -> Card {
    issue(&load(text).unwrap(), &synthetic_holder(1), &MasterKeys::test()).unwrap()
}

fn alphabet(name: &str) -> Alphabet {
    Alphabet::built_in(name).unwrap()
}

/// A built-in alphabet with these of its inputs alone.
fn part_of(name: &str, inputs: &[&str]) -> Alphabet {
    let mut part = alphabet(name);
    part.inputs.retain(|input| inputs.contains(&input.name.as_str()));
    assert_eq!(part.inputs.len(), inputs.len());
    part
}

fn learnt(card: &Card, alphabet: Alphabet, settings: LearnSettings) -> MealyMachine {
    let mut target = CardUnderLearning::new(card, alphabet).unwrap();
    learn(&mut target, settings, &mut |_| {}).unwrap().machine
}

/// Learns a built-in card, and compares with the text, or writes it.
fn golden(profile: &str, name: &str, algorithm: LearnAlgorithm) -> MealyMachine {
    let file = format!("{name}-{profile}.txt");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("machines").join(&file);
    let machine = learnt(&card(profile), alphabet(name), settings(algorithm, 3));
    if std::env::var_os("BLESS").is_some() {
        let remarks = vec![
            format!("alphabet {name} on {profile}"),
            format!("{} states, {} transitions", machine.states(), machine.transitions()),
        ];
        let text = GoldenMachine { remarks, machine: machine.clone() }.text();
        std::fs::write(&path, text).unwrap();
        return machine;
    }
    let known = GoldenMachine::parse(&std::fs::read_to_string(&path).unwrap()).unwrap().machine;
    if let Some(what) = divergence(&known, &machine, 20) {
        panic!("{file}: the machine is another one\n{what}");
    }
    machine
}

#[test]
fn golden_bank() {
    let machine = golden("gen3", "bank", Lsharp);
    assert_eq!(machine.states(), 70);
    let by_ttt = learnt(&card("gen3"), alphabet("bank"), settings(Ttt, 3));
    assert_eq!(by_ttt, machine, "the algorithm does not matter");
    let older = learnt(&card("gen2"), alphabet("bank"), settings(Ttt, 3));
    assert_eq!(older, machine, "the bank's side is the same in both generations");
}

#[test]
fn golden_payment() {
    assert_eq!(golden("gen3", "payment", Lsharp).states(), 11);
}

#[test]
fn golden_issuer() {
    assert_eq!(golden("gen3", "issuer", Lsharp).states(), 101);
}

#[test]
fn golden_social_gen1() {
    let machine = golden("gen1", "social", Lsharp);
    assert_eq!(learnt(&card("gen1"), alphabet("social"), settings(Ttt, 3)), machine);
}

#[test]
fn golden_social_gen2() {
    golden("gen2", "social", Ttt);
}

#[test]
fn golden_social_gen3() {
    golden("gen3", "social", Ttt);
}

/// What [`CardUnderLearning`] is, without a look into the card.
struct Closed(CardUnderLearning);

impl LearnTarget for Closed {
    type Snapshot = <CardUnderLearning as LearnTarget>::Snapshot;

    fn inputs(&self) -> Vec<String> {
        self.0.inputs()
    }

    fn begin(&mut self) -> Result<(), LearnTrouble> {
        self.0.begin()
    }

    fn step(&mut self, input: usize, answer: &mut String) -> Result<(), LearnTrouble> {
        self.0.step(input, answer)
    }

    fn snapshot(&self) -> Option<Self::Snapshot> {
        self.0.snapshot()
    }

    fn restore(&mut self, snapshot: &Self::Snapshot) {
        self.0.restore(snapshot);
    }

    fn sent(&self) -> u64 {
        self.0.sent()
    }
}

#[test]
fn a_look_into_the_card_saves_commands_and_changes_nothing() {
    let inputs = ["select", "gpo", "wrong-pin", "arqc", "arpc", "wrong-mac", "tc", "reset"];
    let target = || CardUnderLearning::new(&card("gen3"), part_of("bank", &inputs)).unwrap();
    let settings = settings(Ttt, 3);
    let open = learn(&mut target(), settings, &mut |_| {}).unwrap();
    let closed = learn(&mut Closed(target()), settings, &mut |_| {}).unwrap();
    assert_eq!(closed.machine, open.machine);
    assert!(open.sent * 3 < closed.sent, "{} {}", open.sent, closed.sent);
}

#[test]
fn depth_matters() {
    let states = |depth| learnt(&card("gen3"), alphabet("bank"), settings(Ttt, depth)).states();
    assert_eq!([0, 1, 2].map(states), [1, 1, 41], "and 70 at depth 3, as at any deeper");
}

#[test]
fn a_card_with_other_tries_differs_by_the_word_that_asks_for_them() {
    let other = own_card("base = \"gen3\"\n[financial]\npin_tries = 2\n");
    let inputs = ["select", "gpo", "pin", "wrong-pin", "reset"];
    let machine = |card: &Card| learnt(card, part_of("bank", &inputs), settings(Ttt, 3));
    let found = shortest_divergence(&machine(&card("gen3")), &machine(&other)).unwrap();
    assert_eq!(found.word, ["select", "gpo", "wrong-pin"]);
    assert_eq!(found.answers, [["9000", "9000", "63C2"], ["9000", "9000", "63C1"]]);
}

/// Eleven transactions without the issuer are more than the built-in card's lower limit of ten; no word to depth 3 gets there.
#[test]
fn a_limit_of_offline_transactions_lies_behind_the_depth() {
    let mut target = CardUnderLearning::new(&card("gen3"), alphabet("bank")).unwrap();
    let machine = learnt(&card("gen3"), alphabet("bank"), settings(Ttt, 3));
    let input = |name: &str| machine.inputs().iter().position(|known| known == name).unwrap();
    let last = |target: &mut CardUnderLearning, transactions: usize| {
        let word = [input("select"), input("gpo")].repeat(transactions);
        let word = [&word[..], &[input("tc")]].concat();
        target.begin().unwrap();
        let mut answer = String::new();
        for input in &word {
            answer.clear();
            target.step(*input, &mut answer).unwrap();
        }
        (answer, machine.run(&word).last().map(|answer| (*answer).to_owned()).unwrap())
    };
    let same = ("9000 TC".to_owned(), "9000 TC".to_owned());
    assert_eq!(last(&mut target, 10), same);
    assert_eq!(last(&mut target, 11), ("9000 ARQC".to_owned(), "9000 TC".to_owned()));
}

#[test]
fn a_card_behind_a_transport_is_the_same_machine() {
    let target = CardInReader::new(
        InProcess::power_on(card("gen3")).unwrap(),
        alphabet("look"),
        CardHoldings::of_card(&card("gen3")),
    );
    let found = learn(&mut target.unwrap(), settings(Lsharp, 2), &mut |_| {}).unwrap();
    assert_eq!(found.machine, learnt(&card("gen3"), alphabet("look"), settings(Lsharp, 2)));
    assert!(found.sent > 2 * found.queries, "every word begins anew: {}", found.sent);
}

#[test]
fn what_words_leave_on_a_card_that_cannot_go_back_is_noticed() {
    let inputs = ["select", "gpo", "wrong-pin", "pin-tries"];
    let holdings = CardHoldings::of_card(&card("gen3"));
    let transport = InProcess::power_on(card("gen3")).unwrap();
    let target = CardInReader::new(transport, part_of("bank", &inputs), holdings);
    let error = learn(&mut target.unwrap(), settings(Lsharp, 2), &mut |_| {}).unwrap_err();
    let LearnError::Nondeterministic { word, .. } = error else { panic!("{error}") };
    assert_eq!(word, "select gpo wrong-pin");
}

#[test]
fn a_reader_cuts_no_power() {
    let transport = InProcess::power_on(card("gen3")).unwrap();
    let refused = CardInReader::new(transport, alphabet("bank"), CardHoldings::default());
    let why = "the input cut-pin: a reader cannot cut the power of its card after so many bytes";
    assert_eq!(refused.err().map(|trouble| trouble.0).as_deref(), Some(why));
}

#[test]
fn a_terminal_reads_what_it_has_to_know_off_the_card() {
    let held = CardHoldings::of_card(&card("gen3")).bank.unwrap();
    let keys = |number: &str, sequence: &str| {
        let key = |usage| BankKeys::test().card(held.cipher, usage, number, sequence).ok();
        Some([key(BankKeyUse::Cryptogram)?, key(BankKeyUse::Mac)?])
    };
    let transport = InProcess::power_on(card("gen3")).unwrap();
    let read = BankHoldings::read(transport, held.pin.clone(), &keys).unwrap();
    assert_eq!((&read.aid, &read.lists), (&held.aid, &held.lists));
    assert_eq!(read.cryptogram_key.expose(), held.cryptogram_key.expose());
    assert_eq!(read.mac_key.expose(), held.mac_key.expose());
}
