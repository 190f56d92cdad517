//! I-16: the same card and the same commands give the same bytes; a snapshot changes nothing.

use proptest::prelude::*;
use sscard_core::Card;

use crate::harness::{Desk, SELECT_SSSE, bytes};

const COMMANDS: [&str; 10] = [
    SELECT_SSSE,
    "0084000008",
    "0084000004",
    "0020000003123456",
    "0020000003111111",
    "00A4000002EF05",
    "00B2000200",
    "00B2010540",
    "00C0000000",
    "0070000001",
];

fn run(card: &mut Card, script: &[usize]) -> Vec<Vec<u8>> {
    let answers = script.iter().map(|number| {
        let mut response = Vec::new();
        card.transmit(&bytes(COMMANDS[*number]), &mut response);
        response
    });
    answers.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn i_16_two_copies_of_one_image_repeat_each_other(script in proptest::collection::vec(0..COMMANDS.len(), 1..30)) {
        let image = Desk::t0("gen3").card.image();
        let mut copies = [0; 2].map(|_| Card::from_image(&image).expect("loads"));
        let [first, second] = copies.each_mut().map(|card| {
            card.power_on().expect("power");
            run(card, &script)
        });
        prop_assert_eq!(first, second);
        prop_assert!(copies[0].image() == copies[1].image());
    }

    #[test]
    fn i_16_a_snapshot_at_any_step_changes_nothing(
        script in proptest::collection::vec(0..COMMANDS.len(), 1..30),
        detour in proptest::collection::vec(0..COMMANDS.len(), 0..10),
        at in 0_usize..30,
    ) {
        let mut straight = Desk::t0("gen3").card;
        let mut detoured = straight.clone();
        let (before, after) = script.split_at(at.min(script.len()));
        prop_assert_eq!(run(&mut straight, before), run(&mut detoured, before));
        let snapshot = detoured.snapshot();
        run(&mut detoured, &detour);
        detoured.restore(&snapshot);
        prop_assert_eq!(run(&mut straight, after), run(&mut detoured, after));
        prop_assert!(straight.image() == detoured.image());
    }
}

#[test]
fn spec_8_14_each_power_on_draws_other_challenges() {
    let mut desk = Desk::t0("gen3");
    let mut seen = Vec::new();
    for _ in 0..50 {
        desk.card.power_on().expect("power");
        for _ in 0..3 {
            let challenge = desk.challenge();
            assert!(!seen.contains(&challenge), "{challenge:02X?}");
            seen.push(challenge);
        }
    }
}

#[test]
fn spec_8_14_the_generator_is_part_of_the_image() {
    let mut desk = Desk::t0("gen3");
    let mut copy = Card::from_image(&desk.card.image()).expect("loads");
    copy.power_on().expect("power");
    desk.card.power_on().expect("power");
    assert!(copy.image() == desk.card.image());
}
