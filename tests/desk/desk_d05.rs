//! D05: village, community and convenience centre activate the social security function only.

use sscard_desk::{AccountState, Function, Operation, Request, Rule, Standing};
use sscard_terminal::payment::Outcome;

use super::acts::{HOLDER, facts};
use super::city::{City, LI, WANG, holder_at, refused, visit};

#[test]
fn desk_d05_only_the_social_security_function_becomes_active_and_the_bank_does_the_rest_later() {
    for place in ["village", "community", "convenience-center"] {
        let mut city = City::collected();
        let done = city.activate(WANG, place, HOLDER).expect("activated");
        assert_eq!(done.operation, "activate-social");
        assert_eq!(done.rules, [Rule::D03, Rule::D05, Rule::D11, Rule::D12]);
        let card = city.card_row(WANG);
        let held = (Standing::Held, Function::Active, Function::Inactive, 0, false);
        assert_eq!(facts(&card), held);
        assert_eq!(city.account(WANG).state, AccountState::Dormant);
        assert_eq!(city.chip(&card.number), ("9000".to_owned(), "6283".to_owned()));
        assert_eq!(city.pay(&card.number), Outcome::Declined);

        let done = city.activate(WANG, "bank-branch:BOC", HOLDER).expect("activated");
        assert_eq!(done.operation, "activate-financial");
        assert_eq!(done.rules, [Rule::D03, Rule::D04]);
        let held = (Standing::Held, Function::Active, Function::Active, 0, false);
        assert_eq!(facts(&city.card_row(WANG)), held);
        assert_eq!(city.account(WANG).state, AccountState::Active);
        assert_eq!(city.chip(&card.number), ("9000".to_owned(), "9000".to_owned()));
        assert_eq!(city.pay(&card.number), Outcome::Approved);
    }
}

#[test]
fn desk_d05_the_financial_function_is_not_activated_at_a_village() {
    let mut city = City::collected();
    city.activate(LI, "village", HOLDER).expect("activated");
    for operation in [Operation::ActivateFinancial, Operation::ActivateBoth] {
        for place in ["village", "community", "convenience-center"] {
            let visit = holder_at(place);
            let outcome = city.with(LI, |desk, counter| {
                desk.perform(Request::ActivateBy(operation), &visit, None, counter)
            });
            assert_eq!(refused(outcome), Rule::D05);
        }
    }
    let card = city.card_row(LI);
    assert_eq!((card.social, card.financial), (Function::Active, Function::Inactive));
    assert_eq!(city.chip(&card.number), ("9000".to_owned(), "6283".to_owned()));
}

#[test]
fn desk_d05_without_the_identity_card_or_elsewhere_nothing_is_activated() {
    let mut city = City::collected();
    assert_eq!(refused(city.activate(LI, "village", &[])), Rule::D05);
    for place in ["pharmacy", "kiosk", "website", "hr-outlet", "card-outlet:ICBC"] {
        let visit = visit(place, HOLDER);
        let outcome =
            city.with(LI, |desk, counter| desk.perform(Request::Activate, &visit, None, counter));
        assert_eq!(refused(outcome), Rule::D05, "{place}");
    }
    let number = city.card_row(LI).number;
    assert_eq!(city.chip(&number), ("6283".to_owned(), "6283".to_owned()));
}
