//! Transactions over contacts: risk management, both cryptograms, the issuer's answer. Card and model agree.
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

/// A card whose payment applications have these settings.
fn card(settings: &str) -> Card {
    let mut holder = synthetic_holder(7);
    holder.life_cycle = LifeCycle::Activated;
    let profile = load(settings).unwrap_or_else(|error| panic!("{settings}: {error}"));
    issue(&profile, &holder, &MasterKeys::test()).expect("card")
}

/// Transactions, step by step; the commands of the file system are tested elsewhere.
fn agrees(settings: &str, seed: u64, operations: usize) {
    let card = card(settings);
    let model = CardModel::of(&card);
    let mut bench = Bench::new(card, model);
    let mut random = Random::new(seed);
    let mut log = Vec::new();
    bench.apply(&Op::Reset(Interface::Contact)).expect("power");
    for count in 0..operations {
        let mut record = [0; RECORD];
        random.fill(&mut record);
        record[2] = 128;
        // Three of four are the next step of a transaction.
        if record[1] & 0x03 != 0 {
            record[3] &= 0x7F;
        }
        let stands = bench.subject().session();
        if stands.channels().iter().any(|channel| channel.df.is_some()) {
            (record[0], record[1], record[3]) = (0, 0, 0);
        }
        log.push(format!("{:?}", Op::decode(&record, CardModel::decode)));
        if let Err(violation) = bench.step(&record) {
            let tail = log[log.len().saturating_sub(12)..].join("\n");
            panic!("{settings}, seed {seed}, operation {count}: {violation}\n{tail}");
        }
    }
}

/// A number that a long run sets.
fn set(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn all(settings: &[String]) {
    let (first, count) = (set("SSCARD_SEED", 0), set("SSCARD_SEEDS", 1));
    let operations = usize::try_from(set("SSCARD_OPERATIONS", 2_000)).expect("a number");
    for text in settings {
        for seed in first..first + count {
            agrees(text, seed, operations);
        }
    }
}

fn bank(settings: &str) -> String {
    format!("base = \"gen2\"\nprotocol = \"T=1\"\n[financial]\n{settings}")
}

/// A card with these data objects.
fn objects(settings: &str, objects: &[(&str, &str)]) -> String {
    let lines = objects.iter().map(|(tag, value)| format!("{tag} = \"{value}\"\n"));
    bank(&format!("{settings}\n[financial.objects]\n{}", lines.collect::<String>()))
}

#[test]
fn built_in_cards_pay_over_contacts_as_the_model_says() {
    let cards = ["gen2", "gen3"].map(|profile| {
        ["T=0", "T=1"].map(|protocol| format!("base = \"{profile}\"\nprotocol = \"{protocol}\""))
    });
    all(cards.as_flattened());
}

#[test]
fn the_default_action_decides_as_the_model_says() {
    // Every bit of the action alone, and all of them.
    let mut actions: Vec<u16> = (2..16).map(|bit| 1 << bit).collect();
    actions.extend([0xFFFF, 0xFF7C, 0x0000, 0x3C94, 0x9338]);
    let low =
        [("9F58", "02"), ("9F59", "04"), ("9F53", "01"), ("9F72", "01"), ("9F6D", "000000000500")];
    let cards: Vec<String> = actions
        .iter()
        .enumerate()
        .map(|(place, action)| {
            let action = format!("{action:04X}");
            let indicator = if place % 2 == 0 { "80" } else { "00" };
            let mut held = vec![("9F52", action.as_str()), ("9F56", indicator)];
            held.extend(low);
            objects("card_key = 0\npin_tries = 1", &held)
        })
        .collect();
    all(&cards);
}

#[test]
fn limits_and_what_is_absent_count_as_the_model_says() {
    let small = "000000003000";
    let none = "000000000000";
    let mut cards = vec![
        objects("", &[("9F54", small), ("9F5C", "000000006000"), ("9F75", "000000020000")]),
        objects("", &[("9F54", none), ("9F5C", none), ("9F75", none)]),
        objects("", &[("9F53", "00"), ("9F72", "00"), ("9F58", "00"), ("9F59", "00")]),
        objects("", &[("9F53", "FF"), ("9F72", "FF"), ("9F58", "FF"), ("9F59", "FF")]),
        objects("", &[("9F76", "0978"), ("9F73", "31234567"), ("9F75", small)]),
        objects("", &[("9F79", small), ("9F78", "000000001000"), ("9F6D", "000000000100")]),
    ];
    let tags = [
        "9F51", "9F52", "9F53", "9F54", "9F56", "9F57", "9F58", "9F59", "9F5C", "9F72", "9F73",
        "9F75", "9F76", "9F6D",
    ];
    cards.extend(tags.map(|tag| objects("card_key = 0", &[(tag, "absent")])));
    all(&cards);
}

#[test]
fn lists_schemes_and_readings_of_the_standard_are_as_the_model_says() {
    all(&[
        bank("sm = \"only\"\ndiscretionary_data = 2"),
        bank("sm = \"no\"\ncard_key = 768\ndiscretionary_data = 3"),
        bank("sm4_fold = \"xor\"\ngenerate_ac_template = \"77\"\ndiscretionary_data = 4"),
        bank("discretionary_data = 5\naip = \"7C00\""),
        bank("discretionary_data = 0\naip = \"7900\""),
        bank("discretionary_data_static = \"0102030405060708\"\ncryptogram_version = \"17\""),
        bank("scheme = \"emv-csk\"\naip = \"7D00\""),
        bank("scheme = \"visa-cvn10\""),
        bank("scheme = \"visa-cvn18\"\ncdol2 = \"8A02 9108 9F0206 9F3704\"\naip = \"7900\""),
        bank("cdol2 = \"8A02 910A 9F0206 5F2A02 9505 9F3704\"\naip = \"7900\""),
        bank("cdol1 = \"9F3704 9F0206\"\ncdol2 = \"8A02 9F3704\"\nddol = \"9F3704 9F0206\""),
        bank("cdol1 = \"\"\npdol = \"\""),
        bank(
            "applications = 2\nstatus_before_initiation = \"6D00\"\nstatus_of_wrong_pdol_data = \"6A80\"",
        ),
    ]);
}
