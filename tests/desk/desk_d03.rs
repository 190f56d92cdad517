//! D03: before activation neither function works.

use sscard_desk::{Counter, Request, Rule};
use sscard_terminal::payment::Outcome;

use super::acts::HOLDER;
use super::city::{City, LI, WANG, refusal, refused, visit};
use crate::harness::SELECT_SSSE;

#[test]
fn desk_d03_before_activation_neither_function_works_and_afterwards_both_do() {
    let mut city = City::collected();
    let number = city.card_row(WANG).number;
    assert_eq!(city.chip(&number), ("6283".to_owned(), "6283".to_owned()));
    assert_eq!(city.verify(&number, "123456"), "6985");
    assert_eq!(city.pay(&number), Outcome::Declined);
    city.activate(WANG, "bank-branch:BOC", HOLDER).expect("activated");
    assert_eq!(city.chip(&number), ("9000".to_owned(), "9000".to_owned()));
    assert_eq!(city.verify(&number, "123456"), "9000");
    assert_eq!(city.pay(&number), Outcome::Approved);
}

#[test]
fn desk_d03_no_password_is_changed_before_activation() {
    let mut city = City::collected();
    let refusal = refusal(city.change_pin(WANG, "pharmacy", "123456", "654321"));
    assert_eq!((refusal.rule, refusal.missing.as_str()), (Rule::D03, "the card is not activated"));
    assert_eq!(
        refusal.who_can_help,
        "bank-branch:BOC, or village, community, convenience-center for the social security function"
    );
    assert_eq!(refused(city.reset_pin(WANG, "village", HOLDER)), Rule::D03);
    let query = city.change_query_password(WANG, "village", HOLDER, "12345678");
    assert_eq!(refused(query), Rule::D03);
    let number = city.card_row(WANG).number;
    assert_eq!(city.answer(&number, &[SELECT_SSSE]), "6283");
}

#[test]
fn desk_d03_without_the_card_nothing_is_activated() {
    let mut city = City::collected();
    for (place, rule) in [("bank-branch:ICBC", Rule::D04), ("village", Rule::D05)] {
        let visit = visit(place, HOLDER);
        let outcome = city.desk.perform(Request::Activate, &visit, Some(LI), &mut Counter::empty());
        let refusal = refusal(outcome);
        assert_eq!((refusal.rule, refusal.missing.as_str()), (rule, "the card is missing"));
    }
}
