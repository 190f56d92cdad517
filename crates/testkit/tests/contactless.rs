//! Directories, records, data objects, PIN, scripts, e-cash and contactless payments: card and model agree.
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

fn agrees(settings: &str, seed: u64, operations: usize) {
    let card = card(settings);
    let model = CardModel::of(&card);
    let mut bench = Bench::new(card, model);
    let mut random = Random::new(seed);
    let mut log = Vec::new();
    let first = if seed.is_multiple_of(2) { Interface::Contactless } else { Interface::Contact };
    bench.apply(&Op::Reset(first)).expect("power");
    for count in 0..operations {
        let mut record = [0; RECORD];
        random.fill(&mut record);
        // Payments mostly; the tap of another reader more often than elsewhere.
        if record[2] & 0x0F != 0 {
            record[2] = 128;
        }
        if record[1] & 0x1F == 0x1F {
            record[0] = 243;
        }
        log.push(format!("{:?}", Op::decode(&record, CardModel::decode)));
        if let Err(violation) = bench.step(&record) {
            let tail = log[log.len().saturating_sub(12)..].join("\n");
            panic!("{settings}, seed {seed}, operation {count}: {violation}\n{tail}");
        }
    }
}

/// How long; the long runs set it.
fn operations() -> usize {
    let set = std::env::var("SSCARD_OPERATIONS").ok();
    set.and_then(|set| set.parse().ok()).unwrap_or(3_000)
}

fn seeds() -> std::ops::Range<u64> {
    let set = std::env::var("SSCARD_SEEDS").ok();
    0..set.and_then(|set| set.parse().ok()).unwrap_or(2)
}

fn all(settings: &[String]) {
    for text in settings {
        for seed in seeds() {
            agrees(text, seed, operations());
        }
    }
}

#[test]
fn built_in_cards_pay_as_the_model_says() {
    let mut cards = Vec::new();
    for profile in ["gen2", "gen3"] {
        for protocol in ["T=0", "T=1"] {
            cards.push(format!("base = \"{profile}\"\nprotocol = \"{protocol}\""));
        }
    }
    all(&cards);
}

#[test]
fn cards_of_other_settings_pay_as_the_model_says() {
    let bank =
        |settings: &str| format!("base = \"gen2\"\nprotocol = \"T=1\"\n[financial]\n{settings}");
    let objects = |processes: &str| {
        bank(&format!(
            "card_key = 768\n[financial.objects]\n9F68 = \"{processes}\"\n9F54 = \"000000003000\"\n9F5C = \"000000009000\""
        ))
    };
    all(&[
        bank("sm = \"only\""),
        bank("sm = \"no\"\ncard_key = 1024\nemv_enciphered_pin = true"),
        bank("qpboc_cryptogram_version = \"17\"\ndiscretionary_data = 3\ncard_key = 1024"),
        bank("applications = 2\ncard_key = 0\npse = \"blocked\"\nppse = \"blocked\""),
        bank(
            "atc = 65000\ncard_key = 0\npin_tries = 1\nshows_pin_tries = false\n[financial.objects]\n9F52 = \"F8FF\"\n9F56 = \"00\"",
        ),
        bank(
            "pdol_contactless = \"9F66049F02065F2A02DF6901\"\nqpboc_cryptogram_version = \"17\"\ncdol1 = \"9F0206\"\ndiscretionary_data = 5\n[financial.objects]\n9F6B = \"absent\"\n9F78 = \"absent\"\n9F6C = \"3000\"",
        ),
        bank(
            "aip = \"5C00\"\ndiscretionary_data = 4\n[financial.objects]\n9F69 = \"absent\"\n9F5D = \"00\"\n9F77 = \"absent\"\n9F5C = \"absent\"\n9F4F = \"9F02049A039F3602\"\nDF4F = \"9F2104\"",
        ),
        bank(
            "scheme = \"emv-csk\"\nqpboc = true\ne_cash = true\nafl_qpboc = \"1001040018010101\"\nafl_e_cash = \"0801010018010101\"\ncard_key = 768\n[financial.objects]\n9F79 = \"000000020000\"\n9F68 = \"80109000\"\n[financial.fci]\n9F12 = \"4F574E\"\nDF61 = \"82\"\n5F2D = \"\"",
        ),
        bank(
            "scheme = \"visa-cvn10\"\nqpboc = true\nafl_qpboc = \"1001040018010101\"\ncard_key = 0\npriority = 3\n[financial.objects]\n9F68 = \"84009000\"\n9F79 = \"000000020000\"",
        ),
        bank("scheme = \"visa-cvn18\"\ncard_key = 0\n[financial.fci]\nBF0C = \"9F4D020B0A\""),
        bank("read_before_initiation = false\nstatus_before_initiation = \"6D00\"\ncard_key = 768"),
        bank(
            "status_of_wrong_pdol_data = \"6A80\"\nsm4_fold = \"xor\"\npin_change_key = \"unadjusted\"\ngenerate_ac_template = \"77\"\npse = \"absent\"",
        ),
        objects("40001000"),
        objects("20009000"),
        objects("84803000"),
        objects("1C60F000"),
        objects("82109000"),
    ]);
}
