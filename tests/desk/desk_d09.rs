//! D09: activation of the new card invalidates the old one.

use sscard_desk::{DeskError, Function, Request, Rule, Standing};

use super::acts::{HOLDER, facts};
use super::city::{City, LI, holder_at, refused};

/// Numbers of LI's new card and of the old one.
fn numbers(city: &City) -> (String, String) {
    let rows = city.rows(LI);
    (rows[0].number.clone(), rows[1].number.clone())
}

#[test]
fn desk_d09_the_old_card_on_the_counter_is_blocked_at_once() {
    let mut city = City::collected();
    let (new, old) = numbers(&city);
    assert_eq!(city.chip(&old).0, "9000");
    let visit = holder_at("village");
    let done = city
        .with_cards(&new, Some(&old), |desk, counter| {
            desk.perform(Request::Activate, &visit, None, counter)
        })
        .expect("activated");
    assert!(done.rules.contains(&Rule::D09));
    assert_eq!(city.chip(&old).0, "9303");
    let invalid = (Standing::Invalid, Function::Ended, Function::Inactive, 0, false);
    assert_eq!(facts(&city.rows(LI)[1]), invalid);
    assert_eq!(city.rows(LI)[0].follows, None);
}

#[test]
fn desk_d09_an_old_card_elsewhere_is_invalid_at_once_and_blocked_at_its_next_contact() {
    let mut city = City::collected();
    let (_, old) = numbers(&city);
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("activated");
    let invalid = (Standing::Invalid, Function::Ended, Function::Inactive, 0, true);
    assert_eq!(facts(&city.rows(LI)[1]), invalid);
    assert_eq!(city.chip(&old).0, "9000", "it has not been at a desk yet");
    let visit = holder_at("village");
    let outcome = city.with_cards(&old, None, |desk, counter| {
        desk.perform(Request::ResetPin, &visit, None, counter)
    });
    assert_eq!(refused(outcome), Rule::D09);
    assert_eq!(city.chip(&old).0, "9303");
    assert!(!city.rows(LI)[1].block_due);
    let events = city.desk.register().look(|ledger| ledger.events(None)).expect("events");
    assert_eq!(events.last().expect("an event").what, "block-at-contact");
}

#[test]
fn desk_d09_an_invalid_old_card_beside_the_new_one_is_blocked_too() {
    let mut city = City::collected();
    let (new, old) = numbers(&city);
    city.activate(LI, "village", HOLDER).expect("activated");
    let visit = holder_at("bank-branch:ICBC");
    city.with_cards(&new, Some(&old), |desk, counter| {
        desk.perform(Request::Activate, &visit, None, counter)
    })
    .expect("the financial function, with the old card beside it");
    assert_eq!(city.chip(&old).0, "9303");
    assert!(!city.rows(LI)[1].block_due);
}

#[test]
fn desk_d09_somebody_elses_card_is_not_taken_for_the_old_one() {
    let mut city = City::collected();
    let (new, old) = numbers(&city);
    let others = city.card_row(super::city::WANG).number;
    let before = city.rows(LI);
    let visit = holder_at("village");
    for (card, beside) in [(&new, &others), (&others, &old), (&old, &new)] {
        let outcome = city.with_cards(card, Some(beside), |desk, counter| {
            desk.perform(Request::Activate, &visit, None, counter)
        });
        assert!(matches!(outcome, Err(DeskError::WrongCard { .. })), "{outcome:?}");
    }
    assert_eq!(city.rows(LI), before);
    assert_eq!(city.chip(&new).0, "6283");
    assert_eq!(city.chip(&others).0, "6283");
    assert_eq!(city.chip(&old).0, "9000");
}

#[test]
fn desk_d09_the_old_card_itself_cannot_be_activated() {
    let mut city = City::collected();
    let (_, old) = numbers(&city);
    let visit = holder_at("village");
    let outcome = city.with_cards(&old, None, |desk, counter| {
        desk.perform(Request::Activate, &visit, None, counter)
    });
    assert_eq!(refused(outcome), Rule::D05);
    assert_eq!(city.rows(LI)[1].social, Function::Active);
}
