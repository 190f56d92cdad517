//! Payments over contacts: model and card agree.
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

/// Records of payments, nine of ten; the rest is anything.
fn agrees(profile: &str, seed: u64, operations: usize) {
    let card = card(profile, LifeCycle::Activated);
    let model = CardModel::of(&card);
    let mut bench = Bench::new(card, model);
    let mut random = Random::new(seed);
    let mut log = Vec::new();
    bench.apply(&Op::Reset(Interface::Contact)).expect("power");
    for _ in 0..operations {
        let mut record = [0; RECORD];
        random.fill(&mut record);
        if record[11] % 10 != 0 {
            record[2] = 128 + record[2] % 48;
        }
        log.push(format!("{:?}", Op::decode(&record, CardModel::decode)));
        if let Err(violation) = bench.step(&record) {
            let tail = log[log.len().saturating_sub(12)..].join("\n");
            panic!("{profile}, seed {seed}, {}: {violation}\n{tail}", log.len());
        }
    }
}

/// How many operations a test makes; a long run says another number.
fn operations() -> usize {
    std::env::var("OPERATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

fn seeds() -> std::ops::Range<u64> {
    let first = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let count = std::env::var("SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    first..first + count
}

fn agree(profiles: &[&str]) {
    for profile in profiles {
        for seed in seeds() {
            agrees(profile, seed, operations() / profiles.len());
        }
    }
}

#[test]
fn payments_of_the_built_in_cards() {
    agree(&[
        "base = \"gen2\"\nprotocol = \"T=0\"",
        "base = \"gen2\"\nprotocol = \"T=1\"",
        "base = \"gen3\"\nprotocol = \"T=0\"",
        "base = \"gen3\"\nprotocol = \"T=1\"",
    ]);
}
