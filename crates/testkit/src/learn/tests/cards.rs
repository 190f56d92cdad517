//! The machines of the built-in cards, as they stand in `machines/`: `BLESS=1 cargo test -p sscard-testkit golden` writes
//! them anew.

use std::path::PathBuf;

use sscard_core::Card;
use sscard_host::InProcess;
use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};

use super::*;

fn card(profile: &str) -> Card {
    let profile = built_in(profile).unwrap();
    issue(&profile, &synthetic_holder(1), &MasterKeys::test()).unwrap()
}

fn own_card(text: &str) -> Card {
    issue(&load(text).unwrap(), &synthetic_holder(1), &MasterKeys::test()).unwrap()
}

fn learnt(card: &Card, alphabet: Alphabet, settings: LearnSettings) -> MealyMachine {
    let mut target = CardUnderLearning::new(card, alphabet).unwrap();
    learn(&mut target, settings, &mut |_| {}).unwrap().machine
}

fn alphabet(name: &str) -> Alphabet {
    Alphabet::built_in(name).unwrap()
}

/// An alphabet with some inputs of a built-in one.
fn part_of(name: &str, inputs: &[&str]) -> Alphabet {
    let mut part = alphabet(name);
    part.inputs.retain(|input| inputs.contains(&input.name.as_str()));
    assert_eq!(part.inputs.len(), inputs.len());
    part
}

fn golden(profile: &str, name: &str, depth: usize) {
    let file = format!("{name}-{profile}.txt");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("machines").join(&file);
    let machine = learnt(&card(profile), alphabet(name), settings(LearnAlgorithm::Lsharp, depth));
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("BLESS").is_some() {
        let remarks = vec![
            format!("The machine of {profile} with the alphabet {name}:"),
            format!("sscard learn --profile {profile} --alphabet {name}"),
        ];
        std::fs::write(&path, GoldenMachine { remarks, machine }.text()).unwrap();
        return;
    }
    let known = GoldenMachine::parse(&text).unwrap().machine;
    if let Some(what) = divergence(&known, &machine, 20) {
        panic!("{file}: the machine is another one\n{what}");
    }
}

#[test]
fn golden_bank_gen3() {
    golden("gen3", "bank", 1);
}

#[test]
fn golden_social_gen3() {
    golden("gen3", "social", 1);
}
