//! D22: at the end the social security function is cancelled, benefits are paid out, the account is
//! closed, the card recycled; in this order.

use sscard_desk::{
    AccountState, Cents, Counter, DeskError, Done, Ending, Function, NewPerson, Operation, Reason,
    Request, Rule, Standing,
};

use super::acts::{HOLDER, facts};
use super::city::{City, LI, TODAY, WANG, holder_at, refusal, refused};

fn cancel(city: &mut City, ending: Ending) -> Result<Done, DeskError> {
    city.cancel(LI, "hr-outlet", HOLDER, Reason::Death, ending)
}

fn close(city: &mut City) -> Result<Done, DeskError> {
    city.close(LI, "bank-branch:ICBC", HOLDER, Reason::Death)
}

#[test]
fn desk_d22_the_whole_order() {
    for (reason, place) in
        [(Reason::Death, "bank-branch:ICBC"), (Reason::Abroad, "card-outlet:ICBC")]
    {
        let mut city = City::active(LI);
        let number = city.card_row(LI).number;
        let done = city
            .cancel(LI, "hr-outlet", HOLDER, reason.clone(), Ending::PaidOut)
            .expect("cancelled");
        assert_eq!((done.rules.as_slice(), done.moved.value()), (&[Rule::D22][..], 12345));
        let row = (Standing::Held, Function::Ended, Function::Active, 0, false);
        assert_eq!(facts(&city.card_row(LI)), row);
        assert_eq!(city.chip(&number), ("9303".to_owned(), "9000".to_owned()));
        let account = city.account(LI);
        assert_eq!((account.state, account.balance.value()), (AccountState::Active, 12345));
        assert_eq!(city.medical(), (12345, 12345));

        let done = city.close(LI, place, HOLDER, reason).expect("closed");
        assert_eq!(done.rules, [Rule::D22]);
        let row = (Standing::Recycled, Function::Ended, Function::Ended, 0, false);
        assert_eq!(facts(&city.rows(LI)[0]), row);
        assert_eq!(city.chip(&number), ("6A81".to_owned(), "6A81".to_owned()));
        let account = city.account(LI);
        assert_eq!(
            (account.state, account.balance.value(), account.paid_out.value()),
            (AccountState::Closed, 0, 12345)
        );
        assert_eq!(city.medical(), (12345, 12345));
    }
}

#[test]
fn desk_d22_closing_before_cancelling_is_refused() {
    let mut city = City::active(LI);
    let before = city.rows(LI);
    for reason in [Reason::Death, Reason::Abroad, Reason::None] {
        let refusal = refusal(city.close(LI, "bank-branch:ICBC", HOLDER, reason));
        assert_eq!(refusal.rule, Rule::D22);
        assert_eq!(
            refusal.missing,
            "the step before is missing: the HR outlet cancels the social security function"
        );
        assert_eq!(refusal.who_can_help, "hr-outlet");
    }
    assert_eq!((city.rows(LI), city.account(LI).state), (before, AccountState::Active));
}

#[test]
fn desk_d22_closing_with_benefits_unpaid_is_refused() {
    let mut city = City::active(LI);
    let done = cancel(&mut city, Ending::PaidOutLater).expect("cancelled");
    assert_eq!(done.moved.value(), 0);
    let unpaid = refusal(close(&mut city));
    assert_eq!(unpaid.rule, Rule::D22);
    assert_eq!(unpaid.missing, "the step before is missing: benefits of 123.45 are to be paid out");
    assert_eq!(unpaid.who_can_help, "hr-outlet");
    let done = cancel(&mut city, Ending::PaidOut).expect("paid out");
    assert_eq!(done.moved.value(), 12345);
    let again = refusal(cancel(&mut city, Ending::PaidOut));
    assert_eq!(again.missing, "the social security function is cancelled already");
    close(&mut city).expect("closed");
    assert_eq!(city.account(LI).paid_out.value(), 12345);
    let again = refusal(close(&mut city));
    assert_eq!((again.rule, again.missing.as_str()), (Rule::D22, "the account is closed already"));
}

#[test]
fn desk_d22_each_step_at_another_place_or_without_papers_is_refused() {
    let mut city = City::active(LI);
    for place in ["bank-branch:ICBC", "card-outlet:ICBC", "village", "website", "kiosk"] {
        let outcome = city.cancel(LI, place, HOLDER, Reason::Death, Ending::PaidOut);
        assert_eq!(refused(outcome), Rule::D22, "{place}");
    }
    let nobody = city.cancel(LI, "hr-outlet", &[], Reason::Death, Ending::PaidOut);
    assert_eq!(refused(nobody), Rule::D22);
    let none = city.cancel(LI, "hr-outlet", HOLDER, Reason::None, Ending::PaidOut);
    assert_eq!(refused(none), Rule::D22, "a reason is needed");
    cancel(&mut city, Ending::PaidOut).expect("cancelled");
    for place in ["bank-branch:BOC", "card-outlet:BOC", "hr-outlet", "village", "pharmacy"] {
        assert_eq!(refused(city.close(LI, place, HOLDER, Reason::Death)), Rule::D22, "{place}");
    }
    assert_eq!(refused(city.close(LI, "bank-branch:ICBC", &[], Reason::Death)), Rule::D22);
    assert_eq!(city.account(LI).state, AccountState::Active);
}

#[test]
fn desk_d22_after_the_end_nothing_follows() {
    let mut city = City::active(LI);
    cancel(&mut city, Ending::PaidOut).expect("cancelled");
    assert_eq!(refused(city.reset_pin(LI, "village", HOLDER)), Rule::D22);
    assert_eq!(refused(city.replace(LI, "card-outlet:ICBC", HOLDER, Reason::Lost)), Rule::D22);
    let changed =
        city.change_card(LI, "card-outlet:ICBC", HOLDER, Reason::Misprint, NewPerson::default());
    assert_eq!(refused(changed), Rule::D22);
    let to_boc = Reason::NewBank("BOC".to_owned());
    let changed = city.change_card(LI, "card-outlet:BOC", HOLDER, to_boc, NewPerson::default());
    assert_eq!(refused(changed), Rule::D20, "it was cancelled for good");
    assert_eq!(refused(city.desk.credit_medical(LI, Cents::new(1), TODAY)), Rule::D22);
    assert_eq!(city.medical(), (12345, 12345));
}

#[test]
fn desk_d22_ends_every_card_of_the_holder() {
    // The old card is in use, the new one waits: whichever is brought, neither works afterwards.
    for first in [0, 1] {
        let mut city = City::collected();
        let cards: Vec<_> = city.rows(LI).iter().map(|row| row.number.clone()).collect();
        let visit = holder_at("hr-outlet");
        let done = city
            .with_cards(&cards[first], None, |desk, counter| {
                desk.perform(
                    Request::Cancel { reason: Reason::Death, ending: Ending::PaidOut },
                    &visit,
                    None,
                    counter,
                )
            })
            .expect("cancelled");
        assert_eq!(done.moved.value(), 12345);
        assert_eq!(city.account(LI).balance.value(), 12345);
        for row in city.rows(LI) {
            assert_eq!((row.social, row.medical.value()), (Function::Ended, 0), "{row:?}");
        }
        let other = &cards[1 - first];
        let visit = holder_at("bank-branch:ICBC");
        let outcome = city.with_cards(other, None, |desk, counter| {
            desk.perform(Request::Activate, &visit, None, counter)
        });
        refused(outcome);
        assert_eq!(city.chip(other).0, "9303", "blocked at its next contact");
        city.close(LI, "bank-branch:ICBC", HOLDER, Reason::Death).expect("closed");
    }
}

#[test]
fn desk_d22_a_card_that_waits_at_the_village_is_not_handed_out_any_more() {
    let mut city = City::delivered();
    let visit = holder_at("hr-outlet");
    city.desk
        .perform(
            Request::Cancel { reason: Reason::Death, ending: Ending::PaidOut },
            &visit,
            Some(LI),
            &mut Counter::empty(),
        )
        .expect("cancelled");
    refused(city.desk.perform(
        Request::Collect,
        &holder_at("village"),
        Some(LI),
        &mut Counter::empty(),
    ));
    assert!(city.rows(LI).iter().all(|row| row.social == Function::Ended));
}

#[test]
fn desk_d22_benefits_of_somebody_without_an_account_get_one() {
    // Cards are gone before any batch: the account is opened to be paid into.
    let mut city = City::delivered();
    let visit = holder_at("hr-outlet");
    let counter = &mut Counter::empty();
    city.desk
        .perform(
            Request::Cancel { reason: Reason::Abroad, ending: Ending::PaidOut },
            &visit,
            Some(LI),
            counter,
        )
        .expect("cancelled");
    let account = city.account(LI);
    assert_eq!((account.bank.as_str(), account.balance.value()), ("ICBC", 12345));
    assert_eq!(city.medical(), (12345, 12345));
}

#[test]
fn desk_d22_a_card_that_is_not_brought_is_invalidated() {
    let mut city = City::active(WANG);
    let number = city.card_row(WANG).number;
    for (place, operation) in
        [("hr-outlet", Operation::CancelSocial), ("card-outlet:BOC", Operation::CloseAccount)]
    {
        city.without_card(place, HOLDER, |desk, visit, counter| match operation {
            Operation::CancelSocial => desk.perform(
                Request::Cancel { reason: Reason::Death, ending: Ending::PaidOut },
                visit,
                Some(WANG),
                counter,
            ),
            _ => desk.perform(
                Request::CloseAccount { reason: Reason::Death },
                visit,
                Some(WANG),
                counter,
            ),
        })
        .expect(place);
    }
    let row = (Standing::Invalid, Function::Ended, Function::Ended, 0, true);
    assert_eq!(facts(&city.rows(WANG)[0]), row);
    let visit = holder_at("village");
    let outcome = city.with_cards(&number, None, |desk, counter| {
        desk.perform(Request::ResetPin, &visit, None, counter)
    });
    refused(outcome);
    assert_eq!(city.chip(&number), ("9303".to_owned(), "6283".to_owned()));
    assert!(!city.rows(WANG)[0].block_due);
}

#[test]
fn desk_d22_death_during_a_change_of_bank_ends_it() {
    let mut city = City::active(LI);
    let to_boc = Reason::NewBank("BOC".to_owned());
    city.cancel(LI, "hr-outlet", HOLDER, to_boc.clone(), Ending::PaidOut).expect("cancelled");
    let done = cancel(&mut city, Ending::PaidOut).expect("the benefit business ends");
    assert_eq!(done.moved.value(), 12345);
    close(&mut city).expect("closed");
    assert_eq!(city.rows(LI)[0].standing, Standing::Recycled);
    let changed = city.change_card(LI, "card-outlet:BOC", HOLDER, to_boc, NewPerson::default());
    refused(changed);
    assert_eq!(city.medical(), (12345, 12345));
}

#[test]
fn desk_d22_a_bank_named_at_the_counter_does_not_get_around_the_benefits() {
    let mut city = City::active(LI);
    cancel(&mut city, Ending::PaidOutLater).expect("cancelled");
    let to_boc = Reason::NewBank("BOC".to_owned());
    let unpaid = refusal(city.close(LI, "bank-branch:ICBC", HOLDER, to_boc));
    assert_eq!(unpaid.rule, Rule::D22);
    assert_eq!(city.account(LI).state, AccountState::Active);
}
