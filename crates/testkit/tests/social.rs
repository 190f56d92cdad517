//! The model and the built-in cards agree on the social security function.
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

/// A card lives for so many operations: what blocks it for good ends its use.
const LIFE: usize = 2_000;

fn agrees(profile: &str, state: LifeCycle, seed: u64, operations: usize) {
    let card = card(profile, state);
    let model = CardModel::of(&card);
    let mut random = Random::new(seed);
    for life in 0..operations.div_ceil(LIFE) {
        let mut bench = Bench::new(card.clone(), model.clone());
        bench.apply(&Op::Reset(Interface::Contact)).expect("power");
        let mut records = Vec::new();
        for _ in 0..LIFE {
            let mut record = [0; RECORD];
            random.fill(&mut record);
            if record[2] >= 16 {
                record[2] %= 96;
            } else {
                record[2] |= 0xF0;
            }
            records.push(record);
            if let Err(violation) = bench.step(&record) {
                let tail = records[records.len().saturating_sub(12)..].iter();
                let tail: Vec<String> = tail
                    .map(|record| format!("{:?}", Op::decode(record, CardModel::decode)))
                    .collect();
                let tail = tail.join("\n");
                panic!("{profile}, {state:?}, seed {seed}, life {life}: {violation}\n{tail}");
            }
        }
    }
}

#[test]
fn every_answer_of_the_social_security_function_is_the_models() {
    let operations = std::env::var("OPERATIONS").ok().and_then(|text| text.parse().ok());
    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok());
    for profile in ["gen1", "gen2", "gen3"] {
        for protocol in ["T=0", "T=1"] {
            for state in [LifeCycle::Activated, LifeCycle::Deactivated] {
                let text = format!("base = \"{profile}\"\nprotocol = \"{protocol}\"");
                agrees(&text, state, seed.unwrap_or(1), operations.unwrap_or(10_000));
            }
        }
    }
}
