//! D20: a change of bank is three steps in a fixed order, at three places.

use sscard_desk::{
    AccountState, Cents, DeskError, Done, Ending, Function, NewPerson, Reason, Request, Rule,
    Standing,
};

use super::acts::{HOLDER, facts};
use super::city::{City, LI, TODAY, refusal, refused};

fn to(bank: &str) -> Reason {
    Reason::NewBank(bank.to_owned())
}

fn cancel(city: &mut City) -> Result<Done, DeskError> {
    city.cancel(LI, "hr-outlet", HOLDER, to("BOC"), Ending::PaidOut)
}

fn close(city: &mut City, place: &str) -> Result<Done, DeskError> {
    city.close(LI, place, HOLDER, Reason::None)
}

fn change(city: &mut City, place: &str, bank: &str) -> Result<Done, DeskError> {
    city.change_card(LI, place, HOLDER, to(bank), NewPerson::default())
}

#[test]
fn desk_d20_the_whole_order() {
    for closing in ["bank-branch:ICBC", "card-outlet:ICBC"] {
        let mut city = City::active(LI);
        let old = city.card_row(LI);
        let done = cancel(&mut city).expect("cancelled");
        assert_eq!((done.operation.as_str(), &done.rules[..]), ("cancel-social", &[Rule::D20][..]));
        assert_eq!(done.moved.value(), 0, "the benefits go on");
        let row = (Standing::Held, Function::Ended, Function::Active, 12345, false);
        assert_eq!(facts(&city.card_row(LI)), row);
        assert_eq!(city.chip(&old.number), ("9303".to_owned(), "9000".to_owned()));

        let done = close(&mut city, closing).expect("closed");
        assert_eq!((done.operation.as_str(), &done.rules[..]), ("close-account", &[Rule::D20][..]));
        let row = (Standing::Held, Function::Ended, Function::Ended, 12345, false);
        assert_eq!(facts(&city.card_row(LI)), row);
        assert_eq!(city.account(LI).state, AccountState::Closed);
        assert_eq!(city.chip(&old.number), ("9303".to_owned(), "6283".to_owned()));

        let done = change(&mut city, "card-outlet:BOC", "BOC").expect("changed");
        assert_eq!(done.rules, [Rule::D19, Rule::D20]);
        assert_eq!(done.card.standing, Standing::Recycled);
        assert_eq!(city.chip(&old.number), ("6A81".to_owned(), "6A81".to_owned()));
        let new = done.new_card.expect("a new card");
        assert_eq!((new.bank.as_deref(), new.follows), (Some("BOC"), Some(old.id)));
        let account = city.account(LI);
        assert_eq!((account.bank.as_str(), account.state), ("BOC", AccountState::Dormant));
        assert_eq!(city.holder_bank(LI), "BOC");

        assert_eq!(refused(city.activate(LI, "bank-branch:ICBC", HOLDER)), Rule::D06);
        let done = city.activate(LI, "bank-branch:BOC", HOLDER).expect("activated");
        assert_eq!(done.moved.value(), 12345);
        let both = (Standing::Held, Function::Active, Function::Active, 12345, false);
        assert_eq!(facts(&city.card_row(LI)), both);
        assert_eq!(city.account(LI).state, AccountState::Active);
        assert_eq!(city.medical(), (12345, 12345));
    }
}

#[test]
fn desk_d20_each_step_out_of_order_says_which_one_is_missing() {
    const FIRST: &str =
        "the first step is missing: the HR outlet cancels the social security function";
    let mut city = City::active(LI);
    let before = city.rows(LI);
    let third = refusal(change(&mut city, "card-outlet:BOC", "BOC"));
    assert_eq!((third.rule, third.missing.as_str()), (Rule::D20, FIRST));
    assert_eq!(third.who_can_help, "hr-outlet");
    let second = refusal(city.close(LI, "bank-branch:ICBC", HOLDER, to("BOC")));
    assert_eq!(second.rule, Rule::D20);
    assert_eq!(
        second.missing,
        "the step before is missing: the HR outlet cancels the social security function"
    );
    assert_eq!(city.rows(LI), before);

    cancel(&mut city).expect("cancelled");
    let third = refusal(change(&mut city, "card-outlet:BOC", "BOC"));
    assert_eq!(third.rule, Rule::D20);
    assert_eq!(third.missing, "the second step is missing: ICBC cancels the financial account");
    assert_eq!(third.who_can_help, "bank-branch:ICBC or card-outlet:ICBC");
    let again = refusal(cancel(&mut city));
    assert_eq!(again.rule, Rule::D20);
    assert_eq!(again.missing, "the social security function is cancelled already");

    close(&mut city, "bank-branch:ICBC").expect("closed");
    let again = refusal(close(&mut city, "bank-branch:ICBC"));
    assert_eq!((again.rule, again.missing.as_str()), (Rule::D20, "the account is closed already"));
    change(&mut city, "card-outlet:BOC", "BOC").expect("changed");
}

#[test]
fn desk_d20_each_step_at_another_bank_or_place_is_refused() {
    let mut city = City::active(LI);
    for place in ["bank-branch:ICBC", "card-outlet:ICBC", "village", "website"] {
        let outcome = city.cancel(LI, place, HOLDER, to("BOC"), Ending::PaidOut);
        assert_eq!(refused(outcome), Rule::D20, "{place}");
    }
    cancel(&mut city).expect("cancelled");
    for place in ["bank-branch:BOC", "card-outlet:BOC", "hr-outlet", "village"] {
        assert_eq!(refused(close(&mut city, place)), Rule::D20, "{place}");
    }
    close(&mut city, "card-outlet:ICBC").expect("closed");
    for place in ["card-outlet:ICBC", "card-outlet:CCB", "bank-branch:BOC", "hr-outlet"] {
        assert_eq!(refused(change(&mut city, place, "BOC")), Rule::D20, "{place}");
    }
    let other = refusal(change(&mut city, "card-outlet:CCB", "CCB"));
    assert_eq!(
        (other.rule, other.missing.as_str()),
        (Rule::D20, "the newly selected bank is BOC, not CCB")
    );
    assert_eq!(city.rows(LI).len(), 2);
}

#[test]
fn desk_d20_identity_is_checked_at_each_step() {
    let mut city = City::active(LI);
    let outcome = city.cancel(LI, "hr-outlet", &[], to("BOC"), Ending::PaidOut);
    assert_eq!(refused(outcome), Rule::D20);
    cancel(&mut city).expect("cancelled");
    assert_eq!(refused(city.close(LI, "bank-branch:ICBC", &[], Reason::None)), Rule::D20);
    close(&mut city, "bank-branch:ICBC").expect("closed");
    let outcome = city.change_card(LI, "card-outlet:BOC", &[], to("BOC"), NewPerson::default());
    assert_eq!(refused(outcome), Rule::D20);
}

#[test]
fn desk_d20_a_bank_that_is_none_or_the_same_one_is_refused_before_anything_happens() {
    let mut city = City::active(LI);
    let number = city.card_row(LI).number;
    let same = city.cancel(LI, "hr-outlet", HOLDER, to("ICBC"), Ending::PaidOut);
    assert_eq!(refused(same), Rule::D20);
    let none = city.cancel(LI, "hr-outlet", HOLDER, to("XYZ"), Ending::PaidOut);
    assert!(matches!(none, Err(DeskError::UnknownBank(_))), "{none:?}");
    assert_eq!(city.chip(&number), ("9000".to_owned(), "9000".to_owned()));
    assert_eq!(city.card_row(LI).social, Function::Active);
}

#[test]
fn desk_d20_between_the_steps_nothing_else_is_done_with_the_card() {
    let mut city = City::active(LI);
    cancel(&mut city).expect("cancelled");
    assert_eq!(refused(city.reset_pin(LI, "village", HOLDER)), Rule::D20);
    assert_eq!(refused(city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Lost)), Rule::D20);
    let misprint =
        city.change_card(LI, "card-outlet:ICBC", HOLDER, Reason::Misprint, NewPerson::default());
    assert_eq!(refused(misprint), Rule::D20);
    // The insurance still credits, and nothing gets lost.
    city.desk.credit_medical(LI, Cents::new(5), TODAY).expect("credited");
    close(&mut city, "bank-branch:ICBC").expect("closed");
    change(&mut city, "card-outlet:BOC", "BOC").expect("changed");
    let done = city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(done.moved.value(), 12350);
    assert_eq!(city.medical(), (12350, 12350));
}

#[test]
fn desk_d20_a_card_of_which_only_the_social_function_worked_is_recycled_too() {
    for profile in ["gen2", "gen3"] {
        let mut city = City::collected_of(profile);
        city.activate(LI, "village", HOLDER).expect("activated");
        let old = city.card_row(LI).number;
        cancel(&mut city).expect("cancelled");
        assert_eq!(city.chip(&old), ("9303".to_owned(), "6283".to_owned()));
        close(&mut city, "card-outlet:ICBC").expect("closed");
        change(&mut city, "card-outlet:BOC", "BOC").expect("changed");
        assert_eq!(city.chip(&old), ("6A81".to_owned(), "6A81".to_owned()));
    }
}

#[test]
fn desk_d20_a_waiting_card_is_not_activated_once_the_function_is_cancelled() {
    // LI's old card is in use, the new one is collected and waits.
    let mut city = City::collected();
    let (new, old) = (city.rows(LI)[0].number.clone(), city.rows(LI)[1].number.clone());
    let visit = super::city::holder_at("hr-outlet");
    city.with_cards(&old, None, |desk, counter| {
        desk.perform(
            Request::Cancel { reason: to("BOC"), ending: Ending::PaidOut },
            &visit,
            None,
            counter,
        )
    })
    .expect("cancelled");
    let visit = super::city::holder_at("village");
    let outcome = city.with_cards(&new, None, |desk, counter| {
        desk.perform(Request::Activate, &visit, None, counter)
    });
    assert!([Rule::D09, Rule::D20].contains(&refused(outcome)));
    close(&mut city, "card-outlet:ICBC").expect("closed");
    change(&mut city, "card-outlet:BOC", "BOC").expect("changed");
    let done = city.activate(LI, "village", HOLDER).expect("activated");
    assert_eq!(done.moved.value(), 12345);
    let held: Vec<_> = city
        .rows(LI)
        .iter()
        .filter(|row| row.standing == Standing::Held)
        .map(|row| row.social)
        .collect();
    assert_eq!(held, [Function::Active], "one card in use");
}
