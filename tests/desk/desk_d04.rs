//! D04: any branch of the selected bank activates both functions in one step.

use sscard_desk::{AccountState, Function, Request, Rule};

use super::acts::{HOLDER, SELECT_PAYMENT};
use super::city::{City, LI, WANG, holder_at, refused};
use crate::harness::SELECT_SSSE;

#[test]
fn desk_d04_any_branch_of_the_selected_bank_activates_both_functions() {
    let mut city = City::collected();
    let number = city.card_row(LI).number;
    assert_eq!(city.answer(&number, &[SELECT_SSSE]), "6283");
    assert_eq!(city.answer(&number, &[SELECT_PAYMENT]), "6283");
    let visit = holder_at("bank-branch:ICBC");
    let done = city
        .with(LI, |desk, counter| desk.perform(Request::Activate, &visit, None, counter))
        .expect("done");
    assert_eq!(done.operation, "activate-both");
    let card = city.card_row(LI);
    assert_eq!((card.social, card.financial), (Function::Active, Function::Active));
    assert_eq!(city.account(LI).state, AccountState::Active);
    assert_eq!(city.answer(&number, &[SELECT_SSSE]), "611E");
    assert!(city.answer(&number, &[SELECT_PAYMENT]).starts_with("61"));
}

#[test]
fn desk_d04_without_the_identity_card_nothing_is_activated() {
    let mut city = City::collected();
    let visit = super::city::visit("bank-branch:BOC", &[]);
    let outcome =
        city.with(WANG, |desk, counter| desk.perform(Request::Activate, &visit, None, counter));
    assert_eq!(refused(outcome), Rule::D04);
    let card = city.card_row(WANG);
    assert_eq!((card.social, card.financial), (Function::Inactive, Function::Inactive));
    assert_eq!(city.answer(&card.number, &[SELECT_SSSE]), "6283");
}

#[test]
fn desk_d04_what_works_already_is_not_activated_again() {
    let mut city = City::active(WANG);
    let before = city.rows(WANG);
    assert_eq!(refused(city.activate(WANG, "bank-branch:BOC", HOLDER)), Rule::D04);
    assert_eq!(refused(city.activate(WANG, "village", HOLDER)), Rule::D05);
    assert_eq!(city.rows(WANG), before);
}

#[test]
fn desk_d04_the_social_security_function_alone_is_not_the_banks_business() {
    let mut city = City::collected();
    let visit = holder_at("bank-branch:ICBC");
    let social = sscard_desk::Operation::ActivateSocial;
    let outcome = city
        .with(LI, |desk, counter| desk.perform(Request::ActivateBy(social), &visit, None, counter));
    assert_eq!(refused(outcome), Rule::D04);
    let financial = sscard_desk::Operation::ActivateFinancial;
    let outcome = city.with(LI, |desk, counter| {
        desk.perform(Request::ActivateBy(financial), &visit, None, counter)
    });
    assert_eq!(refused(outcome), Rule::D04, "the bank activates both in one step");
}
