//! The model and the built-in cards agree.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sscard_core::{Card, Interface, LifeCycle};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};
use sscard_testkit::op::RECORD;
use sscard_testkit::random::Random;
use sscard_testkit::{Bench, CardModel, Model, Op};

fn card(profile: &str, state: LifeCycle) -> Card {
    let mut holder = synthetic_holder(7);
    holder.life_cycle = state;
    issue(&load(profile).expect("profile"), &holder, &MasterKeys::test()).expect("card")
}

fn agrees(profile: &str, state: LifeCycle, seed: u64, operations: usize) {
    let card = card(profile, state);
    let model = CardModel::of(&card);
    let mut bench = Bench::new(card, model);
    let mut random = Random::new(seed);
    let mut log = Vec::new();
    bench.apply(&Op::Reset(Interface::Contact)).expect("power");
    for _ in 0..operations {
        let mut record = [0; RECORD];
        random.fill(&mut record);
        log.push(format!("{:?}", Op::decode(&record, CardModel::decode)));
        if let Err(violation) = bench.step(&record) {
            let tail = log[log.len().saturating_sub(12)..].join("\n");
            panic!("{profile}, {state:?}, seed {seed}: {violation}\n{tail}");
        }
    }
}

#[test]
fn every_answer_of_the_built_in_cards_is_the_models() {
    for profile in ["gen1", "gen2", "gen3"] {
        for protocol in ["T=0", "T=1"] {
            for state in [LifeCycle::Activated, LifeCycle::Deactivated] {
                let text = format!("base = \"{profile}\"\nprotocol = \"{protocol}\"");
                agrees(&text, state, 1, 20_000);
            }
        }
    }
}

#[test]
fn every_answer_of_cards_with_other_settings_and_of_security_modules_is_the_models() {
    for text in [
        "base = \"gen2\"\nlenient_le = true",
        "base = \"gen3\"\nprotocol = \"T=1\"\nextended_length = true",
        "base = \"gen3\"\nalgorithm = \"3DES\"",
        "base = \"psam-3des\"",
        "base = \"psam-sm4\"",
    ] {
        agrees(text, LifeCycle::Activated, 2, 20_000);
    }
}
