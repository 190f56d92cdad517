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

/// Cards without a bank, a purse and PKI: those have tests of their own.
const CARDS: [&str; 6] = [
    "protocol = \"T=0\"",
    "protocol = \"T=1\"",
    "algorithm = \"SM4\"\nannounce_algorithm = true\nprotocol = \"T=0\"\nlenient_le = true",
    "algorithm = \"SM4\"\nprotocol = \"T=1\"\nextended_length = true\nchannels = 20\nkey_tries = 2\nkey_versions = 1",
    "algorithm = \"SSF33\"\npin_tries = 3\npin_min_digits = 5\npin_max_digits = 7\nchannels = 1",
    r#"
        with = ["DF05", "DF06", "SSSE/EF0D"]
        mf_name = "1PAY.SYS.DDF01"
        [[applications]]
        df = "DF0A"
        aid = "D1560000050A"
        [[applications]]
        df = "DF0B"
        aid = "D1560000050B"
        parent = "DF0A"
        [[files]]
        df = "DF0A"
        id = "EF05"
        structure = "fixed"
        read = "PIN+KEY:84"
        update = "KEY:84"
        records_max = 5
        records = ["E1023132", "E2024142"]
        [[files]]
        df = "MF"
        id = "EF01"
        structure = "transparent"
        read = "free"
        update = "free"
        size = 300
        [[files]]
        df = "DF0B"
        id = "EF03"
        structure = "cyclic"
        read = "free"
        update = "free"
        record_length = 1
        records_max = 255
        [[keys]]
        df = "DF0A"
        id = "84"
        value = "000102030405060708090A0B0C0D0E0F"
        algorithm = "SM4"
        [[keys]]
        df = "DF0A"
        id = "82"
        value = "0001020304050607"
        algorithm = "DES"
        [[keys]]
        df = "DF0A"
        id = "83"
        use = "lock"
    "#,
];

#[test]
fn every_answer_of_the_social_security_function_is_the_models() {
    let of = |name| std::env::var(name).ok().and_then(|text: String| text.parse().ok());
    let (operations, seed) = (of("OPERATIONS").unwrap_or(10_000), of("SEED").unwrap_or(1));
    for card in CARDS {
        for state in [LifeCycle::Activated, LifeCycle::Deactivated] {
            agrees(
                &format!("base = \"gen1\"\n{card}"),
                state,
                seed.try_into().expect("seed"),
                operations,
            );
        }
    }
}
