//! The model and the cards agree on what stands beside the social security function: medical purse, PKI application, security module.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sscard_core::{Card, DeliveryState, Interface, LifeCycle, PsamState, PurseState};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};
use sscard_testkit::op::RECORD;
use sscard_testkit::random::Random;
use sscard_testkit::{Bench, CardModel, Model, Op};

/// Third bytes of a record that mean the purse, the PKI application, a security module.
const PURSE: u8 = 0xB0;
const PKI: u8 = 0xC0;
const MODULE: u8 = 0xD0;

/// A card lives for so many operations: what locks it for good ends its use.
const LIFE: usize = 2_000;

fn card(profile: &str, state: LifeCycle) -> Card {
    let mut holder = synthetic_holder(7);
    holder.life_cycle = state;
    issue(&load(profile).expect("profile"), &holder, &MasterKeys::test()).expect("card")
}

fn agrees(profile: &str, state: LifeCycle, part: u8, operations: usize) {
    lives_agree(&card(profile, state), profile, part, operations);
}

/// Most operations are of the part, the rest is the file system's and of what is common to all.
fn lives_agree(card: &Card, profile: &str, part: u8, operations: usize) {
    let model = CardModel::of(card);
    let mut random = Random::new(u64::from(part));
    for life in 0..operations.div_ceil(LIFE) {
        let mut bench = Bench::new(card.clone(), model.clone());
        bench.apply(&Op::Reset(Interface::Contact)).expect("power");
        let mut records = Vec::new();
        for _ in 0..LIFE {
            let mut record = [0; RECORD];
            random.fill(&mut record);
            record[2] = match record[2] {
                0..=7 => 0xF0 | record[2],
                8..=15 => record[2] * 4,
                _ => part,
            };
            records.push(record);
            if let Err(violation) = bench.step(&record) {
                let tail = records[records.len().saturating_sub(12)..].iter();
                let tail: Vec<String> = tail
                    .map(|record| format!("{:?}", Op::decode(record, CardModel::decode)))
                    .collect();
                let tail = tail.join("\n");
                panic!("{profile}, life {life}: {violation}\n{tail}");
            }
        }
    }
}

#[test]
fn the_medical_purse_answers_as_the_model_says() {
    for (profile, state) in [
        ("[purse]\nbalance_limit = 20000", LifeCycle::Activated),
        ("protocol = \"T=1\"\n[purse]\nstart_day = \"0701\"", LifeCycle::Activated),
        (
            "algorithm = \"SM4\"\n[purse]\npin_for_purchase = false\npin_for_balance = false",
            LifeCycle::Activated,
        ),
        ("algorithm = \"SSF33\"\n[purse]", LifeCycle::Activated),
        ("lenient_le = true\n[purse]", LifeCycle::Deactivated),
        (
            "[purse]\n[[keys]]\ndf = \"DF04\"\nid = \"87\"\nversion = 2\nalgorithm = \"SM4\"\n\
             [[keys]]\ndf = \"DF04\"\nid = \"89\"\nalgorithm = \"SM4\"",
            LifeCycle::Activated,
        ),
    ] {
        agrees(profile, state, PURSE, 20_000);
    }
}

#[test]
fn the_pki_application_answers_as_the_model_says() {
    for (profile, state) in [
        ("protocol = \"T=0\"\n[pki]", LifeCycle::Activated),
        ("protocol = \"T=1\"\nextended_length = true\n[pki]", LifeCycle::Activated),
        ("protocol = \"T=0\"\nlenient_le = true\n[pki]", LifeCycle::Deactivated),
    ] {
        agrees(profile, state, PKI, 20_000);
    }
}

#[test]
fn a_security_module_answers_as_the_model_says() {
    for profile in [
        "base = \"psam-3des\"",
        "base = \"psam-sm4\"",
        "base = \"psam-3des\"\nprotocol = \"T=1\"\n[psam]\nmaster_tries = 15\nwithout = [\"DPK/2\"]",
        "base = \"psam-sm4\"\nprotocol = \"T=1\"\nextended_length = true\n[psam]\npurse_levels = 2\nministry_levels = 1",
        "base = \"psam-sm4\"\nalgorithm = \"SSF33\"",
    ] {
        agrees(profile, LifeCycle::Activated, MODULE, 20_000);
    }
}

#[test]
fn a_worn_out_purse_answers_as_the_model_says() {
    let profile = "[purse]\nbalance_limit = 20000";
    let mut worn = card(profile, LifeCycle::Activated);
    let purse = PurseState {
        balance: Some(15_000),
        self_paid: Some(u32::MAX - 900),
        pooled: Some(1),
        year: Some([0x20, 0x25]),
        loads: Some(u16::MAX - 2),
        purchases: Some(u16::MAX - 3),
        load_proof: Some([0xFF, 0xFC, 1, 2, 3, 4, 5, 6, 7, 8]),
        ..PurseState::default()
    };
    worn.set_state(&DeliveryState { purse, ..DeliveryState::default() }).expect("state");
    lives_agree(&worn, profile, PURSE, 20_000);
}

#[test]
fn a_worn_out_security_module_answers_as_the_model_says() {
    let profile = "base = \"psam-sm4\"";
    let mut worn = card(profile, LifeCycle::Activated);
    let psam = PsamState { counter: Some(u32::MAX - 5), master_tries_left: Some(1) };
    worn.set_state(&DeliveryState { psam, ..DeliveryState::default() }).expect("state");
    lives_agree(&worn, profile, MODULE, 20_000);
}
