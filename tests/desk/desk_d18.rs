//! D18: the outlet recycles the old card; a lost one is invalidated in the register.

use sscard_desk::{Counter, Function, InHand, Reason, Request, Rule, Standing};

use super::acts::{HOLDER, facts};
use super::city::{City, LI, WANG, holder_at, refusal, refused};

const BLOCKED: &str = "6A81";

#[test]
fn desk_d18_a_recycled_card_takes_no_command_any_more() {
    let mut city = City::active(LI);
    let old = city.card_row(LI).number;
    city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Damaged).expect("replaced");
    assert_eq!(city.chip(&old), (BLOCKED.to_owned(), BLOCKED.to_owned()));
    let row = &city.rows(LI)[1];
    assert_eq!(facts(row), (Standing::Recycled, Function::Ended, Function::Ended, 12345, false));
    let visit = holder_at("village");
    let outcome = city.with_cards(&old, None, |desk, counter| {
        desk.perform(Request::ResetPin, &visit, None, counter)
    });
    assert_eq!(refused(outcome), Rule::D18);
}

#[test]
fn desk_d18_a_lost_card_is_invalid_at_once_and_blocked_at_its_next_contact() {
    let mut city = City::active(LI);
    let old = city.card_row(LI).number;
    city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Lost).expect("replaced");
    let row = &city.rows(LI)[1];
    assert_eq!(facts(row), (Standing::Invalid, Function::Ended, Function::Ended, 12345, true));
    assert_eq!(city.chip(&old).0, "9000", "nobody has found it yet");
    let visit = holder_at("pharmacy");
    let outcome = city.with_cards(&old, None, |desk, counter| {
        desk.perform(Request::ChangePin { old: "123456", new: "654321" }, &visit, None, counter)
    });
    assert_eq!(refused(outcome), Rule::D09);
    // The account goes on with the card that follows: this one pays no more.
    assert_eq!(city.chip(&old), ("9303".to_owned(), "6283".to_owned()));
    let row = &city.rows(LI)[1];
    assert_eq!(facts(row), (Standing::Invalid, Function::Ended, Function::Ended, 12345, false));
}

#[test]
fn desk_d18_a_damaged_card_has_to_be_there() {
    let mut city = City::active(LI);
    let outcome = city.without_card("card-outlet:ICBC", HOLDER, |desk, visit, counter| {
        let mut nothing = |_: &_, _| panic!("a card was made");
        desk.perform(
            Request::Replace { reason: Reason::Damaged, delivery: &mut InHand::new(&mut nothing) },
            visit,
            Some(LI),
            counter,
        )
    });
    let refusal = refusal(outcome);
    assert_eq!(refusal.rule, Rule::D18);
    assert_eq!(refusal.missing, "the damaged card is missing: the outlet recycles it");
    assert_eq!(city.rows(LI).len(), 2);
}

#[test]
fn desk_d18_a_card_that_was_given_up_is_not_replaced_again() {
    let mut city = City::active(WANG);
    let old = city.card_row(WANG).number;
    city.replace(WANG, "card-outlet:BOC", HOLDER, Reason::Damaged).expect("replaced");
    let visit = holder_at("card-outlet:BOC");
    let outcome = city.issue(Some(&old), |desk, counter, deliver| {
        desk.perform(
            Request::Replace { reason: Reason::Damaged, delivery: &mut InHand::new(deliver) },
            &visit,
            None,
            counter,
        )
    });
    assert_eq!(refused(outcome), Rule::D17);
    assert_eq!(city.rows(WANG).len(), 2);
}

#[test]
fn desk_d18_cards_are_recycled_in_any_state_of_their_functions() {
    // Never activated, only the social security function, locked.
    type Prepare = fn(&mut City);
    let states: [Prepare; 3] = [
        |_| (),
        |city| drop(city.activate(WANG, "village", HOLDER).expect("activated")),
        |city| {
            city.activate(WANG, "village", HOLDER).expect("activated");
            city.lock(WANG);
        },
    ];
    for profile in ["gen2", "gen3"] {
        for prepare in states {
            let mut city = City::collected_of(profile);
            prepare(&mut city);
            let old = city.card_row(WANG).number;
            city.replace(WANG, "card-outlet:BOC", HOLDER, Reason::Damaged).expect("replaced");
            assert_eq!(city.chip(&old), (BLOCKED.to_owned(), BLOCKED.to_owned()));
            assert_eq!(city.rows(WANG)[1].standing, Standing::Recycled);
        }
    }
    let mut city = City::collected();
    let visit = holder_at("village");
    let nothing = &mut Counter::empty();
    assert_eq!(
        refused(city.desk.perform(Request::ResetPin, &visit, Some(WANG), nothing)),
        Rule::D03
    );
}
