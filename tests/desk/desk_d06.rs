//! D06: another bank's branch activates nothing.

use sscard_desk::{Function, Operation, Request, Rule};

use super::acts::HOLDER;
use super::city::{City, LI, holder_at, refusal, refused};

#[test]
fn desk_d06_another_banks_branch_activates_nothing() {
    let mut city = City::collected();
    for bank in ["ABC", "BOC", "CCB"] {
        let refusal = refusal(city.activate(LI, &format!("bank-branch:{bank}"), HOLDER));
        assert_eq!(refusal.rule, Rule::D06);
        assert_eq!(
            refusal.missing,
            format!(
                "activation only at a branch of the selected bank ICBC; this branch belongs to {bank}"
            )
        );
        assert_eq!(refusal.who_can_help, "bank-branch:ICBC");
    }
    let card = city.card_row(LI);
    assert_eq!((card.social, card.financial), (Function::Inactive, Function::Inactive));
    assert_eq!(city.chip(&card.number), ("6283".to_owned(), "6283".to_owned()));
    city.activate(LI, "bank-branch:ICBC", HOLDER).expect("its own branch");
}

#[test]
fn desk_d06_another_banks_branch_does_not_activate_the_financial_function_later_either() {
    let mut city = City::collected();
    city.activate(LI, "community", HOLDER).expect("activated");
    assert_eq!(refused(city.activate(LI, "bank-branch:BOC", HOLDER)), Rule::D06);
    let visit = holder_at("bank-branch:BOC");
    for operation in [Operation::ActivateBoth, Operation::ActivateFinancial] {
        let outcome = city.with(LI, |desk, counter| {
            desk.perform(Request::ActivateBy(operation), &visit, None, counter)
        });
        assert_eq!(refused(outcome), Rule::D06);
    }
    assert_eq!(city.card_row(LI).financial, Function::Inactive);
}
