//! D08: a child's card is activated at the bank, by the guardian with the household register.

use sscard_desk::{Function, Paper, Rule, Standing};
use sscard_terminal::payment::Outcome;

use super::acts::{GUARDIAN, HOLDER, WITH_CHILD, facts};
use super::city::{CHILD, City, OTHER_CHILD, refusal, refused};

const BOTH: (Standing, Function, Function, i64, bool) =
    (Standing::Held, Function::Active, Function::Active, 0, false);

#[test]
fn desk_d08_the_guardian_activates_at_the_bank() {
    let mut city = City::collected();
    let done = city.activate(CHILD, "bank-branch:ICBC", WITH_CHILD).expect("activated");
    assert_eq!(done.rules, [Rule::D03, Rule::D04, Rule::D08, Rule::D11, Rule::D12]);
    let card = city.card_row(CHILD);
    assert_eq!(facts(&card), BOTH);
    assert_eq!(city.pay(&card.number), Outcome::Approved);
}

#[test]
fn desk_d08_icbc_wants_to_see_the_child() {
    let mut city = City::collected();
    let refusal = refusal(city.activate(CHILD, "bank-branch:ICBC", GUARDIAN));
    assert_eq!(refusal.rule, Rule::D08);
    assert_eq!(
        refusal.missing,
        "the presence of the child is missing: ICBC wants to see the child"
    );
    assert_eq!(city.card_row(CHILD).social, Function::Inactive);
}

#[test]
fn desk_d08_at_boc_the_child_may_stay_at_home() {
    let mut city = City::collected();
    city.activate(OTHER_CHILD, "bank-branch:BOC", GUARDIAN).expect("activated");
    assert_eq!(facts(&city.card_row(OTHER_CHILD)), BOTH);
}

#[test]
fn desk_d08_not_at_a_village_even_with_everything() {
    let mut city = City::collected();
    for place in ["village", "community", "convenience-center"] {
        let refusal = refusal(city.activate(CHILD, place, WITH_CHILD));
        assert_eq!((refusal.rule, refusal.who_can_help.as_str()), (Rule::D08, "bank-branch:ICBC"));
        assert_eq!(
            refusal.missing,
            format!("a child's card is activated at a branch of ICBC, not at a {place}")
        );
    }
    let number = city.card_row(CHILD).number;
    assert_eq!(city.chip(&number), ("6283".to_owned(), "6283".to_owned()));
}

#[test]
fn desk_d08_each_paper_is_needed() {
    let mut city = City::collected();
    for (paper, missing) in [
        (Paper::HouseholdRegister, "the household register is missing"),
        (Paper::GuardianRelation, "the guardian's relation in the household register is missing"),
        (Paper::GuardianIdentityCard, "the guardian's identity card is missing"),
    ] {
        let papers: Vec<_> = WITH_CHILD.iter().copied().filter(|held| *held != paper).collect();
        let refusal = refusal(city.activate(CHILD, "bank-branch:ICBC", &papers));
        assert_eq!((refusal.rule, refusal.missing.as_str()), (Rule::D08, missing));
    }
    assert_eq!(refused(city.activate(CHILD, "bank-branch:ICBC", HOLDER)), Rule::D08);
    let other_bank = city.activate(CHILD, "bank-branch:BOC", WITH_CHILD);
    assert_eq!(refused(other_bank), Rule::D06, "another bank");
    assert_eq!(city.card_row(CHILD).social, Function::Inactive);
}
