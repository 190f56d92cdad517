//! The model's PKI application and the card's agree.
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

/// Place of the PKI application in the third byte of a record.
const PKI: u8 = 192;

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
        record[2] = PKI;
        let session = bench.subject().session();
        let here = session.channel(0).and_then(|channel| channel.application);
        if here.is_none_or(|name| !matches!(name.as_bytes().len(), 12)) && record[0] < 240 {
            record[..5].copy_from_slice(&[0, 0, PKI, 12, 1]);
        }
        log.push(format!("{:?}", Op::decode(&record, CardModel::decode)));
        if let Err(violation) = bench.step(&record) {
            let tail = log[log.len().saturating_sub(12)..].join("\n");
            panic!("{profile}, {state:?}, seed {seed}: {violation}\n{tail}");
        }
    }
}

#[test]
fn the_pki_application_answers_as_the_model_says() {
    for (protocol, state) in [
        ("T=0", LifeCycle::Activated),
        ("T=1", LifeCycle::Activated),
        ("T=0", LifeCycle::Deactivated),
    ] {
        agrees(&format!("base = \"gen3\"\nprotocol = \"{protocol}\""), state, 1, 20_000);
    }
}
